"""Trains the two towers of nano similarity and exports them; resumes from its checkpoint.

    npx -c 'node training/similarity/write-icons.ts FOLDER/node_modules'
    python training/similarity/train.py
"""
import argparse
import pathlib
import sys
from collections.abc import Iterator

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from captions import Speaker
from data import Batch, Pairs, Truth
from draw import Painter
from net import Towers
from scene import Sampler
from text import packed
from vocabulary import WORK, read_icons

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from vision.export import export  # noqa: E402
from vision.loop import Plan, train, write_card  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOLD = 0.1  # weight of the labels of facts.py
# Smaller pictures cost less: the side from that share of the steps on. The last is that of the exported tower.
SIDES = ((0.0, 64), (0.75, 96))
RECIPE = (
    "Scenes of shapes, icons, signs and landscapes drawn at 128 x 128 (training/similarity/{scene,draw,places}.py) with captions "
    "of a grammar (captions.py). InfoNCE both ways in which a caption that may be true of another picture is no wrong answer; "
    "captions that are wrong by one thing and twins of a picture with one thing changed; facts of the scene as a second task."
)


def loss_of(towers: Towers, batch: Batch) -> tuple[torch.Tensor, dict[str, float]]:
    pictures = batch.images.permute(0, 3, 1, 2).float().div(255).contiguous(memory_format=torch.channels_last)
    seen = towers.image.features(pictures)
    told = towers.told(seen).float()
    image = F.normalize(towers.image.out(seen).float(), dim=-1)
    text = towers.text.packed(batch.grams, batch.order)
    with torch.autocast("cpu", enabled=False):
        logits = towers.factor() * image @ text.T
        wrong = logits.masked_fill(batch.allowed, -1e4)
        at = (batch.own >= 0).nonzero()[:, 0]
        own = batch.own[at]
        right = logits[own, at]
        which_text = F.softplus(wrong.logsumexp(1)[own] - right).mean()
        which_image = F.softplus(wrong.logsumexp(0)[at] - right).mean()
        facts = F.binary_cross_entropy_with_logits(told, batch.labels, batch.known, reduction="sum") / len(told)
        loss = which_text + which_image + TOLD * facts
        hit = (right > wrong.amax(0)[at]).float().mean()
    numbers = {"text": which_text, "image": which_image, "facts": facts, "hit": hit, "factor": towers.factor()}
    return loss, {name: round(float(value.detach()), 4) for name, value in numbers.items()}


class Examination:
    """Scenes and wordings of the development set: 200 pictures, captions in the wordings of training."""

    def __init__(self, sides: tuple[tuple[int, int], ...]) -> None:
        self.sides = sides
        r = np.random.default_rng(99)
        icons = read_icons()
        sampler, painter, speaker = Sampler(icons), Painter(icons), Speaker()
        scenes = [sampler.scene(r) for _ in range(200)]
        self.images = torch.from_numpy(np.stack([painter.paint(scene, r) for scene in scenes]))
        captions = [speaker.caption(scene, r, full=True) for scene in scenes]
        twins = [(at, twin) for at, scene in enumerate(scenes) if (twin := sampler.swapped(r, scene))]
        self.kinds = [what for _, (what, _) in twins]
        self.rows = [at for at, _ in twins]
        wrong = [speaker.caption(twin, r, full=True) for _, (_, twin) in twins]
        self.allowed = torch.from_numpy(Truth(scenes).table(captions))
        self.words = packed([caption.text for caption in captions + wrong])

    @torch.no_grad()
    def __call__(self, towers: Towers, step: int) -> dict[str, float]:
        pictures = self.images.permute(0, 3, 1, 2).float().div(255).contiguous(memory_format=torch.channels_last)
        side = next(side for start, side in reversed(self.sides) if step >= start)
        if side != 128:
            pictures = F.interpolate(pictures, (side, side), mode="area")
        with torch.autocast("cpu", torch.bfloat16):
            image = towers.image(pictures)
            text = towers.text.packed(*map(torch.from_numpy, self.words))
        scores = image @ text.T
        n = len(image)
        own = scores.diagonal()
        wrong = scores[:, :n].masked_fill(self.allowed, -1)
        result = {"right_text": (own > wrong.amax(1)).float().mean(), "right_image": (own > wrong.amax(0)).float().mean()}
        rows = torch.tensor(self.rows)
        better = own[rows] > scores[rows, n + torch.arange(len(rows))]
        for kind in ("colour", "count", "relation"):
            result[kind] = better[torch.tensor([found == kind for found in self.kinds])].float().mean()
        return {name: float(value) for name, value in result.items()}


def write(towers: Towers, out: pathlib.Path) -> int:
    towers = towers.eval()
    side = SIDES[-1][1]
    size = export(towers.image, (torch.zeros(1, 3, side, side),), out / "image.onnx", ["image"], ["vector"], {})
    grams = torch.ones(1, 5, 24, dtype=torch.int64)
    return size + export(towers.text, (grams,), out / "text.onnx", ["grams"], ["vector"], {"grams": {1: "words"}})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=128_000)
    parser.add_argument("--work", type=pathlib.Path, default=WORK / "run")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "models/nano/similarity")
    parser.add_argument("--warm", type=pathlib.Path, help="namer of training/objects to take convolutions from")
    options = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)  # before the worker is forked: its threads would not come along
    plan = Plan(samples=options.samples, batch=128, rate=1.2e-3, mean=0.985, decay=0.05)
    sides = tuple((int(share * plan.steps), side) for share, side in SIDES)

    def batches(first: int) -> Iterator[Batch]:
        pairs = Pairs(plan.batch, plan.steps, first, plan.seed, sides)
        return iter(torch.utils.data.DataLoader(pairs, batch_size=None, num_workers=1, prefetch_factor=4))

    torch.manual_seed(plan.seed)
    examine = Examination(sides)
    towers = Towers()
    if options.warm:
        towers.image.start_from(torch.load(options.warm, weights_only=True)["mean"])
    towers = train(towers, batches, loss_of, plan, options.work, examine, 200)
    print(f"{write(towers, options.out)} bytes", file=sys.stderr)
    parameters = sum(p.numel() for tower in (towers.image, towers.text) for p in tower.parameters())
    write_card(options.out, plan, parameters, RECIPE, {f"dev_{name}": value for name, value in examine(towers, plan.steps).items()})


if __name__ == "__main__":
    main()
