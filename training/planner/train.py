"""Trains the nano planner on conversations that `write-traces.ts` streams; resumes from its checkpoint.

    python training/planner/train.py --minutes 60
    torchrun --nproc-per-node 2 training/planner/train.py --minutes 60     (one worker a core)
    ... --warm FOLDER      goes on from a checkpoint such as models/nano/planner, with a schedule of its own

The run's seed, data recipe, time and metrics go into `training.json` beside the weights.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import subprocess
import time

import torch
import torch.distributed as dist
import torch.nn.functional as F
from model import Planner, load_state, save_config
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

IMAGE_TOKENS = 16
ROOT = pathlib.Path(__file__).resolve().parents[2]


class Conversations:
    """An endless stream of tokenised conversations: ids, and which of them are learnt."""

    def __init__(self, tokenizer: Tokenizer, seed: int, problems: int, count: int, extra: list[str]):
        self.tokenizer = tokenizer
        self.ids = {name: tokenizer.token_to_id(name) for name in ("<|pad|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>", "<image>")}
        command = f"node training/planner/write-traces.ts --seed {seed} --problems {problems} --count {count} {' '.join(extra)}"
        self.process = subprocess.Popen(["npx", "-c", command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def encode(self, record):
        ids, learnt = [], []
        for role, content in record["messages"]:
            body = self.tokenizer.encode(content).ids
            body = [other for one in body for other in ([one] * IMAGE_TOKENS if one == self.ids["<image>"] else [one])]
            mine = role == "assistant"
            ids += [self.ids[f"<|{role}|>"], *body, self.ids["<|end|>"]]
            learnt += [False] + [mine] * (len(body) + 1)
        return ids, learnt

    def __iter__(self):
        for line in self.process.stdout:
            record = json.loads(line)
            ids, learnt = self.encode(record)
            if len(ids) <= 900:
                yield ids, learnt, record
        if self.process.wait() > 0:
            raise RuntimeError("write-traces.ts failed; run it by hand to see why")


def batches(stream, budget: int, shuffle: random.Random):
    """Batches of about `budget` padded tokens, of conversations of like length."""
    pool = []
    for item in stream:
        pool.append(item)
        if len(pool) < 384:
            continue
        pool.sort(key=lambda one: len(one[0]))
        group, groups = [], []
        for one in pool:
            if group and (len(group) + 1) * len(one[0]) > budget:
                groups.append(group)
                group = []
            group.append(one)
        pool = group
        shuffle.shuffle(groups)
        yield from groups


class Pictures:
    """Thumbnails by kind of scene, as `write-pictures.ts` left them; noise where there are none."""

    def __init__(self, folder: pathlib.Path):
        self.pools = {}
        for file in folder.glob("*.rgb"):
            pixels = torch.frombuffer(bytearray(file.read_bytes()), dtype=torch.uint8)
            self.pools[file.stem] = pixels.view(-1, 64, 64, 3).permute(0, 3, 1, 2)

    def of(self, kind: str) -> torch.Tensor:
        pool = self.pools.get(kind)
        if pool is None:
            return torch.rand(3, 64, 64) * 2 - 1
        one = pool[random.randrange(len(pool))].float() / 127.5 - 1
        # Light and side differ more in the world than in a thousand renderings.
        one = one.flip(-1) if random.random() < 0.3 else one
        return (one * random.uniform(0.7, 1.2) + random.uniform(-0.15, 0.15)).clamp(-1, 1)


def tensors(group, pad: int, pictures: Pictures):
    length = max(len(ids) for ids, _, _ in group)
    ids = torch.full((len(group), length), pad)
    learnt = torch.zeros(len(group), length, dtype=torch.bool)
    for row, (one, mask, _) in enumerate(group):
        ids[row, : len(one)] = torch.tensor(one)
        learnt[row, : len(mask)] = torch.tensor(mask)
    return ids, learnt, torch.stack([pictures.of(record["kind"]) for _, _, record in group])


class Muon:
    """Muon (Jordan et al. 2024) for the decoder's matrices, AdamW for all else."""

    def __init__(self, model: Planner, rate: float):
        matrices = [p for n, p in model.named_parameters() if n.startswith("layers.") and p.dim() == 2]
        chosen = {id(p) for p in matrices}
        rest = [p for p in model.parameters() if id(p) not in chosen]
        self.matrices, self.momentum = matrices, [torch.zeros_like(p) for p in matrices]
        self.rest = torch.optim.AdamW(rest, lr=rate * 0.15, betas=(0.9, 0.98), weight_decay=0.0)
        self.rate = rate

    @torch.no_grad()
    def step(self, scale: float):
        for group in self.rest.param_groups:
            group["lr"] = self.rate * 0.15 * scale
        self.rest.step()
        for parameter, momentum in zip(self.matrices, self.momentum):
            momentum.lerp_(parameter.grad, 0.05)
            update = orthogonal(parameter.grad.lerp(momentum, 0.95))
            parameter.mul_(1 - self.rate * scale * 0.02)
            parameter.add_(update, alpha=-self.rate * scale * max(1, parameter.shape[0] / parameter.shape[1]) ** 0.5)

    def state_dict(self):
        return {"momentum": self.momentum, "rest": self.rest.state_dict()}

    def load_state_dict(self, state):
        self.momentum = state["momentum"]
        self.rest.load_state_dict(state["rest"])


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """Five Newton-Schulz steps towards the nearest orthogonal matrix."""
    x = matrix / (matrix.norm() + 1e-7)
    flip = x.shape[0] > x.shape[1]
    x = x.T if flip else x
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.T if flip else x


@torch.no_grad()
def evaluate(model: Planner, groups, pad: int, image_id: int, pictures: Pictures):
    """Share of problems whose turns are all right when each token is given the true past."""
    right, total = collections.Counter(), collections.Counter()
    for group in groups:
        ids, learnt, pixels = tensors(group, pad, pictures)
        guess = model.logits(model.hidden(ids, pixels, image_id)).argmax(-1)
        wrong = (guess[:, :-1] != ids[:, 1:]) & learnt[:, 1:]
        for row, (one, _, record) in enumerate(group):
            # Problems end where Terminate's message ends; the first also holds the OCR turn.
            ends, position = [], 0
            for index, (role, content) in enumerate(record["messages"]):
                position += record["lengths"][index]
                if role == "assistant" and '"Terminate"' in content:
                    ends.append(position)
            start = 0
            for kind, end in zip(record["types"], ends):
                total[kind] += 1
                right[kind] += int(not wrong[row, start : end - 1].any())
                start = end - 1
    return {kind: (right[kind], total[kind]) for kind in sorted(total)}


def average(model: Planner, seconds: float, workers: int) -> float:
    """Averages the gradients over all workers, and their clocks with them; returns the common clock."""
    if workers == 1:
        return seconds
    flat = torch.cat([parameter.grad.flatten() for parameter in model.parameters()] + [torch.tensor([seconds])])
    dist.all_reduce(flat)
    flat /= workers
    start = 0
    for parameter in model.parameters():
        parameter.grad.copy_(flat[start : start + parameter.numel()].view_as(parameter))
        start += parameter.numel()
    return flat[-1].item()


def tokens_of(tokenizer: Tokenizer) -> list[str]:
    return [tokenizer.id_to_token(index) for index in range(tokenizer.get_vocab_size())]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60, help="of training in all, over resumes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--problems", type=int, default=5)
    parser.add_argument("--budget", type=int, default=5000, help="padded tokens of a batch")
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--warm", type=pathlib.Path, help="start a new schedule from the weights in this folder; its vocabulary may be another")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "training/.work/planner")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "models/nano/planner")
    parser.add_argument("--data", default="", help="further options of write-traces.ts")
    arguments = parser.parse_args()
    # More threads wait for each other on shared cores; run more workers instead.
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(arguments.seed)
    random.seed(arguments.seed)
    workers, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
    if workers > 1:
        dist.init_process_group("gloo")
    arguments.work.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(arguments.out / "tokenizer.json"))
    tokens = tokens_of(tokenizer)
    model = Planner(tokens)
    optimiser = Muon(model, arguments.rate)
    state = {"seconds": 0.0, "steps": 0, "problems": 0, "tokens": 0, "resumes": 0}
    checkpoint = arguments.work / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        state = {**saved["state"], "resumes": saved["state"]["resumes"] + 1}
    elif arguments.warm:
        load_state(model, load_file(arguments.warm / "model.safetensors"), tokens_of(Tokenizer.from_file(str(arguments.warm / "tokenizer.json"))))
        earlier = json.loads((arguments.warm / "training.json").read_text())["state"]
        state = {**earlier, "seconds": 0.0, "resumes": earlier["resumes"] + 1}
    extra = arguments.data.split()
    stream = Conversations(tokenizer, arguments.seed * 1_000_003 + state["resumes"] * 7919 + rank * 104_729, arguments.problems, 10**9, extra)
    pad, image_id = stream.ids["<|pad|>"], stream.ids["<image>"]
    pictures = Pictures(ROOT / "training/.work/pictures")
    held = []
    for ids, learnt, record in Conversations(tokenizer, 987_654_321, arguments.problems, 240, extra):
        record["lengths"] = [len(stream.encode({"messages": [message]})[0]) for message in record["messages"]]
        held.append((ids, learnt, record))
    held.sort(key=lambda one: len(one[0]))
    held = [held[index : index + 12] for index in range(0, len(held), 12)]
    started, spent, last_report, last_check = time.time(), state["seconds"], 0.0, 0.0
    losses = collections.deque(maxlen=50)

    def save():
        torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "state": state}, checkpoint.with_suffix(".tmp"))
        checkpoint.with_suffix(".tmp").rename(checkpoint)
        save_file({name: value.half() for name, value in model.state().items()}, arguments.out / "model.safetensors")
        save_config(arguments.out, len(tokens), image_id)

    for group in batches(stream, arguments.budget, random.Random(arguments.seed + state["resumes"] + rank)):
        ids, learnt, pixels = tensors(group, pad, pictures)
        hidden = model.hidden(ids, pixels, image_id)
        target = learnt[:, 1:]
        loss = F.cross_entropy(model.logits(hidden[:, :-1][target]), ids[:, 1:][target])
        model.zero_grad(set_to_none=True)
        loss.backward()
        state["seconds"] = average(model, spent + time.time() - started, workers)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        progress = state["seconds"] / (arguments.minutes * 60)
        optimiser.step(min(1.0, (state["steps"] + 1) / 40) * max(0.0, min(1.0, (1 - progress) / 0.55)))
        state["steps"] += 1
        state["problems"] += sum(len(record["types"]) for _, _, record in group) * workers
        state["tokens"] += int((ids != pad).sum()) * workers
        losses.append(loss.item())
        if rank == 0 and state["seconds"] - last_report > 20:
            last_report = state["seconds"]
            print(json.dumps({"minute": round(state["seconds"] / 60, 1), "loss": round(sum(losses) / len(losses), 4), **{k: state[k] for k in ("steps", "problems", "tokens")}}), flush=True)
        if rank == 0 and (state["seconds"] - last_check > 300 or progress >= 1):
            last_check = state["seconds"]
            model.eval()
            scores = evaluate(model, held, pad, image_id, pictures)
            model.train()
            whole = sum(r for r, _ in scores.values()) / sum(t for _, t in scores.values())
            print(json.dumps({"minute": round(state["seconds"] / 60, 1), "exact": round(whole, 3), **{kind: f"{r}/{t}" for kind, (r, t) in scores.items()}}), flush=True)
            save()
            (arguments.out / "training.json").write_text(json.dumps({"command": vars(arguments) | {"work": "training/.work/planner", "out": "models/nano/planner", "warm": arguments.warm and arguments.warm.name}, "state": state, "loss": sum(losses) / len(losses), "exact_teacher_forced": whole, "by_type": scores}, indent=1, default=str) + "\n")
        if progress >= 1:
            break
    stream.process.kill()


if __name__ == "__main__":
    main()
