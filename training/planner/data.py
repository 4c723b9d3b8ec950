"""What the planner learns from: lines of `cota mix --format planner` or `write-readings.ts`, and thumbnails."""
import hashlib
import json
import pathlib
import random

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

IMAGE_TOKENS = 16
SPECIALS = ("<|pad|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>", "<image>")
# Share of conversations with pictures of another kind, half of them clouds: what to do must follow from the question, too,
# not from the look of the drawings alone, or a photo, which none of them is like, would be taken for some page.
STRANGE = 0.25
# One of this many conversations is held back, by its id.
HELD_BACK = 200


def is_held_back(record) -> bool:
    return int(hashlib.sha256(record["id"].encode()).hexdigest()[:8], 16) % HELD_BACK == 0


class Conversations:
    """Tokenised conversations: ids, and which of them are learnt (what the assistant says)."""

    def __init__(self, tokenizer: Tokenizer, files: list[pathlib.Path], length: int = 900):
        self.tokenizer, self.files, self.length = tokenizer, files, length
        self.ids = {name: tokenizer.token_to_id(name) for name in SPECIALS}

    def encode(self, messages):
        ids, learnt = [], []
        for role, content in messages:
            body = self.tokenizer.encode(content).ids
            body = [other for one in body for other in ([one] * IMAGE_TOKENS if one == self.ids["<image>"] else [one])]
            mine = role == "assistant"
            ids += [self.ids[f"<|{role}|>"], *body, self.ids["<|end|>"]]
            learnt += [False] + [mine] * (len(body) + 1)
        return ids, learnt

    def lines(self) -> list[str]:
        return [line for file in self.files for line in file.read_text().splitlines()]

    def examples(self, lines):
        for line in lines:
            record = json.loads(line)
            ids, learnt = self.encode(record["messages"])
            if len(ids) <= self.length:
                yield ids, learnt, record

    def held_back(self, count: int):
        """Groups of like length, with where each message ends: for `evaluate`."""
        chosen = [line for line in self.lines() if is_held_back(json.loads(line))][:count]
        held = []
        for ids, learnt, record in self.examples(chosen):
            record["lengths"] = [len(self.encode([message])[0]) for message in record["messages"]]
            held.append((ids, learnt, record))
        held.sort(key=lambda one: len(one[0]))
        return [held[index : index + 12] for index in range(0, len(held), 12)]

    def endless(self, seed: int, skip: int, rank: int, workers: int):
        """Epoch after epoch in an order of its own each, without the first `skip` lines and what is held back."""
        lines = [line for line in self.lines() if not is_held_back(json.loads(line))]
        epoch = skip // len(lines)
        while True:
            order = list(range(len(lines)))
            random.Random(seed * 1_000_003 + epoch).shuffle(order)
            start = skip % len(lines) if epoch == skip // len(lines) else 0
            yield from self.examples(lines[index] for index in order[start + rank :: workers])
            epoch += 1


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
    """Thumbnails as `thumbnails.ts` left them: a trace's own, else those of another trace of its source."""

    def __init__(self, folder: pathlib.Path):
        pixels = torch.frombuffer(bytearray((folder / "thumbnails.rgb").read_bytes()), dtype=torch.uint8)
        self.pixels = pixels.view(-1, 64, 64, 3).permute(0, 3, 1, 2)
        self.own, self.of_source = {}, {}
        for line in (folder / "thumbnails.jsonl").open():
            one = json.loads(line)
            place = (one["first"], one["count"])
            self.own[one["id"]] = place
            self.of_source.setdefault(one["source"], []).append(place)
        self.all = [place for places in self.of_source.values() for place in places]

    def of(self, record) -> list[torch.Tensor]:
        """One [3, 64, 64] in -1..1 for each image of the conversation."""
        count = sum(content.count("<image>") for _, content in record["messages"])
        # A twin of a trace, such as its direct form, has the pictures of the trace.
        own = self.own.get("-".join(record["id"].split("-")[:2]))
        strange = random.random() < STRANGE
        if strange and own is None and random.random() < 0.5:
            return [clouds() for _ in range(count)]
        others = self.all if strange else self.of_source.get(record["source"], self.all)
        first, known = own or random.choice(others)
        flip = own is None and random.random() < 0.3
        return [varied(self.pixels[first + min(index, known - 1)], flip) for index in range(count)]


def clouds() -> torch.Tensor:
    """Coloured noise with the spectrum of photographs, amplitude as 1/f (Field 1987): [3, 64, 64] in -1..1."""
    picture = torch.zeros(3, 64, 64)
    for side in (2, 4, 8, 16, 32, 64):
        # Colours of a photograph mostly go together.
        grid = torch.randn(1, 1, side, side) + 0.4 * torch.randn(1, 3, side, side)
        picture += F.interpolate(grid, size=64, mode="bilinear", align_corners=True)[0] * (2 / side) ** random.uniform(0.5, 1)
    return (picture * random.uniform(0.2, 0.5) + random.uniform(-0.3, 0.3)).clamp(-1, 1)


def varied(picture: torch.Tensor, flip: bool) -> torch.Tensor:
    """Light differs more in the world than in some thousand renderings."""
    one = picture.float() / 127.5 - 1
    one = one.flip(-1) if flip else one
    return (one * random.uniform(0.7, 1.2) + random.uniform(-0.15, 0.15)).clamp(-1, 1)


def tensors(group, pad: int, pictures: Pictures):
    """ids [b, t], learnt [b, t], pixels [n, 3, 64, 64] of all images in reading order."""
    length = max(len(ids) for ids, _, _ in group)
    ids = torch.full((len(group), length), pad)
    learnt = torch.zeros(len(group), length, dtype=torch.bool)
    for row, (one, mask, _) in enumerate(group):
        ids[row, : len(one)] = torch.tensor(one)
        learnt[row, : len(mask)] = torch.tensor(mask)
    return ids, learnt, torch.stack([pixels for _, _, record in group for pixels in pictures.of(record)])
