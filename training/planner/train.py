"""Trains the nano planner on lines of `cota mix --format planner`; resumes from its checkpoint.

    python training/planner/train.py --data training/.work/planner.jsonl --questions 100000
    torchrun --nproc-per-node 2 training/planner/train.py ...     (one worker a core, or a GPU with --device cuda)
    ... --warm FOLDER      goes on from a checkpoint such as models/nano/planner, with a schedule of its own

The run's seed, data, command, time and metrics go into `training.json` beside the weights.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import time

import torch
import torch.distributed as dist
import torch.nn.functional as F
from data import Conversations, Pictures, batches, tensors
from model import Planner, load_state, save_config
from muon import Muon
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

ROOT = pathlib.Path(__file__).resolve().parents[2]


@torch.no_grad()
def evaluate(model: Planner, groups, pad: int, image_id: int, pictures: Pictures, device: str):
    """Share of questions whose turns are all right when each token is given the true past."""
    right, total = collections.Counter(), collections.Counter()
    for group in groups:
        ids, learnt, pixels = (one.to(device) for one in tensors(group, pad, pictures))
        guess = model.logits(model.hidden(ids, pixels, image_id)).argmax(-1)
        wrong = (guess[:, :-1] != ids[:, 1:]) & learnt[:, 1:]
        for row, (_, _, record) in enumerate(group):
            # A question ends where Terminate's message ends; the first also holds the first look.
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


def average(model: Planner, counts: torch.Tensor, workers: int) -> list[int]:
    """Averages the gradients over all workers; gives the sum of their counts, so that all end at one step."""
    if workers == 1:
        return counts.tolist()
    flat = torch.cat([parameter.grad.flatten() for parameter in model.parameters()])
    dist.all_reduce(flat)
    dist.all_reduce(counts)
    flat /= workers
    start = 0
    for parameter in model.parameters():
        parameter.grad.copy_(flat[start : start + parameter.numel()].view_as(parameter))
        start += parameter.numel()
    return counts.tolist()


def tokens_of(tokenizer: Tokenizer) -> list[str]:
    return [tokenizer.id_to_token(index) for index in range(tokenizer.get_vocab_size())]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--pictures", type=pathlib.Path, default=ROOT / "training/.work/thumbnails")
    parser.add_argument("--questions", type=int, default=100_000, help="to be seen in all, over resumes; the schedule goes by them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget", type=int, default=5000, help="padded tokens of a batch of one worker")
    parser.add_argument("--rate", type=float, default=0.015)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--warm", type=pathlib.Path, help="start a new schedule from the weights in this folder; its vocabulary may be another")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "training/.work/planner")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "models/nano/planner", help="has the tokenizer, gets the weights")
    return parser.parse_args()


def started(arguments, model: Planner, optimiser: Muon, tokens: list[str]) -> dict:
    """Takes up the checkpoint, or the weights to start from; gives the state of the run."""
    state = {"seconds": 0.0, "steps": 0, "lines": 0, "questions": 0, "tokens": 0, "resumes": 0}
    checkpoint = arguments.work / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        return {**saved["state"], "resumes": saved["state"]["resumes"] + 1}
    if arguments.warm:
        load_state(model, load_file(arguments.warm / "model.safetensors"), tokens_of(Tokenizer.from_file(str(arguments.warm / "tokenizer.json"))))
    return state


def main():
    arguments = options()
    # More threads wait for each other on shared cores; run more workers instead.
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    workers, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    torch.manual_seed(arguments.seed)
    if workers > 1:
        dist.init_process_group("nccl" if arguments.device == "cuda" else "gloo")
    device = f"cuda:{rank}" if arguments.device == "cuda" else arguments.device
    arguments.work.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(arguments.out / "tokenizer.json"))
    tokens = tokens_of(tokenizer)
    model = Planner(tokens).to(device)
    optimiser = Muon(model, arguments.rate)
    state = started(arguments, model, optimiser, tokens)
    random.seed(arguments.seed * 7919 + state["steps"] * workers + rank)
    conversations, pictures = Conversations(tokenizer, arguments.data), Pictures(arguments.pictures)
    pad, image_id = conversations.ids["<|pad|>"], conversations.ids["<image>"]
    held = conversations.held_back(240)
    began, spent, last_report, last_check = time.time(), state["seconds"], 0.0, state["seconds"]
    losses = collections.deque(maxlen=50)

    def save(scores):
        whole = sum(r for r, _ in scores.values()) / max(1, sum(t for _, t in scores.values()))
        print(json.dumps({"minute": round(state["seconds"] / 60, 1), "exact": round(whole, 3), **{kind: f"{r}/{t}" for kind, (r, t) in scores.items()}}), flush=True)
        saved = arguments.work / "checkpoint.tmp"
        torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "state": state}, saved)
        saved.rename(arguments.work / "checkpoint.pt")
        save_file({name: value.half() for name, value in model.state().items()}, arguments.out / "model.safetensors")
        save_config(arguments.out, len(tokens), image_id)
        named = {name: [str(one.name) for one in value] if name == "data" else getattr(value, "name", value) for name, value in vars(arguments).items()}
        record = {"command": named, "state": state, "loss": sum(losses) / len(losses), "exact_teacher_forced": whole, "by_type": scores}
        (arguments.out / "training.json").write_text(json.dumps(record, indent=1) + "\n")

    stream = conversations.endless(arguments.seed, state["lines"], rank, workers)
    for group in batches(stream, arguments.budget, random.Random(arguments.seed + state["steps"] + rank)):
        ids, learnt, pixels = (one.to(device) for one in tensors(group, pad, pictures))
        target = learnt[:, 1:]
        with torch.autocast(arguments.device, torch.bfloat16):
            hidden = model.hidden(ids, pixels, image_id)
            logits = model.logits(hidden[:, :-1][target])
        loss = F.cross_entropy(logits.float(), ids[:, 1:][target])
        for parameter in model.parameters():
            parameter.grad = None
        loss.backward()
        seen = torch.tensor([len(group), sum(len(record["types"]) for _, _, record in group), int((ids != pad).sum())], device=device)
        lines, questions, counted = average(model, seen, workers)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        progress = state["questions"] / arguments.questions
        optimiser.step(min(1.0, (state["steps"] + 1) / 40) * max(0.0, min(1.0, (1 - progress) / 0.55)))
        state["seconds"] = spent + time.time() - began
        state["steps"] += 1
        state["lines"] += lines
        state["questions"] += questions
        state["tokens"] += counted
        losses.append(loss.item())
        if rank == 0 and state["seconds"] - last_report > 20:
            last_report = state["seconds"]
            print(json.dumps({"minute": round(state["seconds"] / 60, 1), "loss": round(sum(losses) / len(losses), 4), **{k: state[k] for k in ("steps", "questions", "tokens")}}), flush=True)
        done = state["questions"] >= arguments.questions
        if rank == 0 and (state["seconds"] - last_check > 600 or done):
            last_check = state["seconds"]
            model.eval()
            save(evaluate(model, held, pad, image_id, pictures, device))
            model.train()
        if done:
            break


if __name__ == "__main__":
    main()
