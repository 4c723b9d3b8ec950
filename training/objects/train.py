"""Trains one of the two nets of named objects; export.py writes models/nano/objects.

    python training/objects/train.py names --samples 900000
    python training/objects/train.py names --samples 1900000 --seed 8 --warm models/nano/objects/names.onnx

Needs the glyphs that render-glyphs.ts writes. `--samples`: single objects for the names, whole scenes for the places,
which begin with the encoder of the names. `--warm`: a checkpoint, or the shipped graph of the names to go on from. A
second start goes on from the last checkpoint.
"""
import argparse
import json
import pathlib
import sys
from collections.abc import Iterator

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from bank import WORK, Bank
from model import SINGLE, STRIDES, Detector, Namer, centres, corners
from scenes import Scenes

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vision"))
from loop import Plan, train
from restore import restore

# Most of the run sees smaller pictures, which cost a third; the last part sees what is shipped.
SIDES = (192, 320)
SMALL_SHARE = 0.9
# The stride of an object by its longer side, in pixels.
LIMITS = (44, 104)
RUN = WORK / "run"
MEASURED = 4  # batches that show a restored net its own statistics

Scene = tuple[np.ndarray, np.ndarray, np.ndarray]


def targets_of(boxes: np.ndarray, names: np.ndarray, size: int, cells: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Name or -1 [A], and box [A, 4], of every cell: those near the middle of an object are its own."""
    all_names = [np.full(len(c), -1) for c in cells]
    all_boxes = [np.zeros((len(c), 4), np.float32) for c in cells]
    order = np.argsort([-(r - l) * (b - t) for l, t, r, b in boxes])  # smaller ones win
    for index in order:
        left, top, right, bottom = boxes[index]
        level = int(np.searchsorted(LIMITS, max(right - left, bottom - top)))
        stride, x, y = STRIDES[level], (left + right) / 2, (top + bottom) / 2
        across = size // stride
        reach_x, reach_y = (min(1.5 * stride, 0.3 * side) for side in (right - left, bottom - top))
        columns = _span(x, reach_x, stride, across)
        rows = _span(y, reach_y, stride, across)
        at = (rows[:, None] * across + columns[None]).ravel()
        all_names[level][at], all_boxes[level][at] = names[index], boxes[index]
    return np.concatenate(all_names), np.concatenate(all_boxes)


def _span(middle: float, reach: float, stride: int, across: int) -> np.ndarray:
    """Cells whose middle is within reach; at least the one that holds the point."""
    near = np.arange(np.ceil((middle - reach) / stride - 0.5), np.floor((middle + reach) / stride - 0.5) + 1)
    found = near if len(near) > 0 else np.array([middle // stride])
    return np.unique(found.clip(0, across - 1)).astype(int)


class Pictures(torch.utils.data.IterableDataset):
    """Batches from a step on; each is a function of the seed and its step alone. Every scene comes twice, the second
    time mirrored and in other colours: composing costs as much as learning."""

    def __init__(self, plan: Plan, first: int):
        super().__init__()
        self.plan, self.first = plan, first

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        cv2.setNumThreads(1)
        bank = Bank()
        scenes = {size: Scenes(bank, "train", size, crowd=0.5) for size in SIDES}
        for four in range(self.first // 4 * 4, self.plan.steps, 4):
            size = SIDES[0] if four < SMALL_SHARE * self.plan.steps else SIDES[1]
            drawn = [self._compose(scenes[size], four + step) for step in (0, 1)]
            again = [[_mirrored(*one, np.random.default_rng((self.plan.seed, four, 2))) for one in rows] for rows in drawn]
            for step, rows in enumerate([*drawn, *again], four):
                if self.first <= step < self.plan.steps:
                    yield _batch(rows, size)

    def _compose(self, scenes: Scenes, step: int) -> list[Scene]:
        return [scenes.compose(np.random.default_rng((self.plan.seed, step, index))) for index in range(self.plan.batch)]


def _mirrored(picture: np.ndarray, boxes: np.ndarray, names: np.ndarray, g: np.random.Generator) -> Scene:
    wide = picture.shape[1]
    turned = np.stack([wide - boxes[:, 2], boxes[:, 1], wide - boxes[:, 0], boxes[:, 3]], 1)
    order = g.permutation(3) if g.uniform() < 0.3 else np.arange(3)
    return np.ascontiguousarray(picture[:, ::-1, order]), turned, names


def _batch(rows: list[Scene], size: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    cells = [np.arange((size // stride) ** 2) for stride in STRIDES]
    whole = [(picture, *targets_of(boxes, names, size, cells)) for picture, boxes, names in rows]
    pictures, names, boxes = (torch.from_numpy(np.stack(column)) for column in zip(*whole, strict=True))
    return pictures, names, boxes


class Singles(torch.utils.data.IterableDataset):
    """Batches of single objects, cut from scenes of 16: pictures [N, 48, 48, 3] and names [N]."""

    def __init__(self, plan: Plan, first: int):
        super().__init__()
        self.plan, self.first = plan, first

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        cv2.setNumThreads(1)
        scenes = Scenes(Bank(), "train", 4 * SINGLE, changed=0.2)
        for step in range(self.first, self.plan.steps):
            pictures, names = [], []
            for index in range(self.plan.batch // 16):
                picture, found = scenes.singles(np.random.default_rng((self.plan.seed, step, index, 1)))
                tiles = picture.reshape(4, SINGLE, 4, SINGLE, 3).swapaxes(1, 2).reshape(16, SINGLE, SINGLE, 3)
                pictures.append(tiles)
                names.append(found)
            yield torch.from_numpy(np.concatenate(pictures)), torch.from_numpy(np.concatenate(names))


def naming_loss(model: Namer, batch: object) -> tuple[torch.Tensor, dict[str, float]]:
    pictures, names = batch  # type: ignore[misc]
    logits = model(input_of(pictures))
    right = (logits.argmax(1) == names).float().mean()
    return F.cross_entropy(logits, names, label_smoothing=0.03), {"right": float(right)}


def input_of(pictures: torch.Tensor) -> torch.Tensor:
    """[N, S, S, 3] bytes -> [N, 3, S, S] in 0..1."""
    return pictures.permute(0, 3, 1, 2).float().div(255).contiguous(memory_format=torch.channels_last)


def placing_loss(model: Detector, batch: object) -> tuple[torch.Tensor, dict[str, float]]:
    pictures, names, boxes = batch  # type: ignore[misc]
    logits, far = model(input_of(pictures))
    with torch.autocast("cpu", enabled=False):
        own = names >= 0
        cells = centres(pictures.shape[1])
        found = corners(cells.expand(len(pictures), -1, -1)[own], far[own])
        overlap, wide = overlaps(found, boxes[own])
        quality = torch.zeros_like(logits)
        quality[own] = overlap.detach().clamp(0, 1)
        # Quality focal loss (Li et al., 2020): how well the box fits is what the score should say.
        weight = (torch.sigmoid(logits) - quality).abs().pow(2).detach()
        seen = (weight * F.binary_cross_entropy_with_logits(logits, quality, reduction="none")).sum() / max(1, int(own.sum()))
        fit = (1 - wide).mean()
    numbers = {"seen": seen, "fit": fit}
    return 2.0 * seen + 1.5 * fit, {key: float(value.detach()) for key, value in numbers.items()}


def overlaps(a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Intersection over union, and GIoU (Rezatofighi et al., 2019), pair by pair."""
    inner = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(0).prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - inner
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(1)
    overlap = inner / union.clamp(1e-6)
    return overlap, overlap - (hull - union) / hull.clamp(1e-6)


def loader(pictures: torch.utils.data.IterableDataset) -> Iterator[object]:
    return iter(torch.utils.data.DataLoader(pictures, batch_size=None, num_workers=1, prefetch_factor=4))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("net", choices=("names", "places"))
    parser.add_argument("--samples", type=int, required=True)
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--seed", type=int, default=7, help="another one for a run that goes on from an earlier one")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--warm", type=pathlib.Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    folder = RUN / options.net
    if options.net == "names":
        plan = Plan(samples=options.samples, batch=256, rate=options.rate, seed=options.seed, mean=0.995)
        namer = Namer(len(Bank().names))
        if options.warm and options.warm.suffix == ".onnx":
            _restore(namer, options.warm, plan)
        else:
            _warm(namer, options.warm)
        train(namer, lambda first: loader(Singles(plan, first)), naming_loss, plan, folder, compiled=True)
    else:
        plan = Plan(samples=options.samples, batch=32, rate=options.rate, seed=options.seed, mean=0.99)
        detector = Detector()
        _warm(detector, options.warm or RUN / "names" / "checkpoint.pt")
        train(detector, lambda first: loader(Pictures(plan, first)), placing_loss, plan, folder)
    _tell(folder, options)


def _warm(model: torch.nn.Module, file: pathlib.Path | None) -> None:
    """Takes over the weights that both have."""
    if file is not None:
        theirs = torch.load(file, weights_only=True)["mean"]
        mine = model.state_dict()
        model.load_state_dict({**mine, **{key: value for key, value in theirs.items() if key in mine and mine[key].shape == value.shape}})


def _restore(namer: Namer, graph: pathlib.Path, plan: Plan) -> None:
    """Takes over the shipped graph, and the vectors of the names from the vocabulary beside it."""
    batches = Singles(plan, 0).__iter__()
    restore(namer, graph, [input_of(next(batches)[0]) for _ in range(MEASURED)])
    words = json.loads((graph.parent / "vocabulary.json").read_text())["names"]
    vectors = {word["name"]: word["vector"] for word in words}
    for index, name in enumerate(Bank().names):
        if name in vectors:
            namer.names.data[index] = torch.tensor(vectors[name])


def _tell(folder: pathlib.Path, options: argparse.Namespace) -> None:
    words = {key: str(value) for key, value in vars(options).items() if value is not None}
    (folder / "options.json").write_text(json.dumps(words))


if __name__ == "__main__":
    main()
