"""The baseline without tools: the same model, of the same size, that answers from the pixels at once.

    python training/planner/direct.py train --minutes 10
    node training/eval/render-set.ts text-math FOLDER
    python training/planner/direct.py predict FOLDER OUT.jsonl      (npm run eval -- text-math --direct OUT.jsonl)

It is trained on the rendered pictures of `write-pictures.ts` with their questions and answers.
"""
import argparse
import json
import pathlib
import random
import re
import time

import torch
import torch.nn.functional as F
from model import Planner
from PIL import Image
from tokenizers import Tokenizer
from train import IMAGE_TOKENS, ROOT, Muon, Pictures

FOLDER = ROOT / "models/nano/planner"
PICTURES = ROOT / "training/.work/pictures"
CHECKPOINT = ROOT / "training/.work/direct.pt"
SYSTEM = "Answer the question about the image. Actions: Terminate"


def tokenizer_and_model():
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    return tokenizer, Planner([tokenizer.id_to_token(index) for index in range(tokenizer.get_vocab_size())])


def encode(tokenizer, question: str, turn: str | None):
    prompt = f"<|system|>{SYSTEM}<|end|><|user|>image-0: <image>\n{question}<|end|><|assistant|>"
    image = tokenizer.token_to_id("<image>")
    ids = [other for one in tokenizer.encode(prompt).ids for other in ([one] * IMAGE_TOKENS if one == image else [one])]
    answer = [] if turn is None else tokenizer.encode(turn + "<|end|>").ids
    return ids, answer


def turn_of(answer: str) -> str:
    return json.dumps({"thought": "", "actions": [{"name": "Terminate", "arguments": {"answer": answer}}]}, separators=(",", ":"), ensure_ascii=False)


def train(minutes: float, seed: int) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    random.seed(seed)
    tokenizer, model = tokenizer_and_model()
    optimiser, pictures = Muon(model, 0.012), Pictures(PICTURES)
    image, pad = tokenizer.token_to_id("<image>"), tokenizer.token_to_id("<|pad|>")
    records = [json.loads(line) for line in (PICTURES / "answers.jsonl").open()]
    examples = [(record, *problem) for record in records for problem in record["problems"]]
    started, step = time.time(), 0
    while (progress := (time.time() - started) / (minutes * 60)) < 1:
        batch = [examples[random.randrange(len(examples))] for _ in range(48)]
        rows = [encode(tokenizer, question, turn_of(answer)) for _, question, answer in batch]
        length = max(len(prompt) + len(answer) for prompt, answer in rows)
        ids, learnt = torch.full((len(rows), length), pad), torch.zeros(len(rows), length, dtype=torch.bool)
        for row, (prompt, answer) in enumerate(rows):
            ids[row, : len(prompt) + len(answer)] = torch.tensor(prompt + answer)
            learnt[row, len(prompt) : len(prompt) + len(answer)] = True
        pixels = torch.stack([pictures.pools[record["kind"]][record["picture"]].float() / 127.5 - 1 for record, _, _ in batch])
        hidden, target = model.hidden(ids, pixels, image), learnt[:, 1:]
        loss = F.cross_entropy(model.logits(hidden[:, :-1][target]), ids[:, 1:][target])
        model.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step(min(1.0, (step + 1) / 40, (1 - progress) / 0.5))
        step += 1
        if step % 25 == 0:
            print(json.dumps({"step": step, "minute": round((time.time() - started) / 60, 1), "loss": round(loss.item(), 3), "examples": len(examples)}), flush=True)
    torch.save(model.state_dict(), CHECKPOINT)


@torch.no_grad()
def predict(folder: pathlib.Path, out: pathlib.Path) -> None:
    torch.set_num_threads(1)
    tokenizer, model = tokenizer_and_model()
    model.load_state_dict(torch.load(CHECKPOINT))
    model.eval()
    image, end = tokenizer.token_to_id("<image>"), tokenizer.token_to_id("<|end|>")
    with out.open("w") as lines:
        for line in (folder / "items.jsonl").open():
            item = json.loads(line)
            picture = Image.open(folder / item["image"]).convert("RGB").resize((64, 64), Image.Resampling.BICUBIC)
            pixels = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8).view(1, 64, 64, 3).permute(0, 3, 1, 2).float() / 127.5 - 1
            ids, _ = encode(tokenizer, item["question"], None)
            start = len(ids)
            while len(ids) < start + 60:
                best = model.logits(model.hidden(torch.tensor([ids]), pixels, image)[:, -1]).argmax().item()
                if best == end:
                    break
                ids.append(best)
            text = tokenizer.decode(ids[start:], skip_special_tokens=False)
            answer = re.search(r'"answer":"(.*)"\}\}\]\}', text)
            lines.write(json.dumps({"id": item["id"], "answer": answer.group(1) if answer else ""}) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train")
    training.add_argument("--minutes", type=float, default=10)
    training.add_argument("--seed", type=int, default=1)
    predicting = commands.add_parser("predict")
    predicting.add_argument("folder", type=pathlib.Path)
    predicting.add_argument("out", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.command == "train":
        train(arguments.minutes, arguments.seed)
    else:
        predict(arguments.folder, arguments.out)
