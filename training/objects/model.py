"""The detector: no anchors, three strides, and names as vectors beside the picture.

`Detector(image [N, 3, H, W] in 0..1, names [K, 64])` gives raw maps flattened over all strides; `Exported` gives
what the adapter reads: boxes in pixels of the input, objectness, and how likely each name is at each place.
"""
import pathlib
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vision"))
from blocks import Residual, Stage, conv  # noqa: E402

STRIDES = (8, 16, 32)
VECTOR = 64
STEM = 48
CHANNELS = (64, 128, 224)
DEPTH = 2
NECK = 88


class Encoder(nn.Module):
    """[N, 3, H, W] -> maps at 1/8, 1/16 and 1/32. One wide step to 1/4: blocks there cost most and gave least."""

    def __init__(self):
        super().__init__()
        self.stem = conv(3, STEM, 8, 4)
        self.stem[0].padding = (2, 2)
        self.stages = nn.ModuleList(Stage(a, b, DEPTH) for a, b in zip((STEM, *CHANNELS[:-1]), CHANNELS, strict=True))

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        x, maps = self.stem(x), []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps


class Detector(nn.Module):
    def __init__(self, names: int):
        super().__init__()
        self.encoder = Encoder()
        self.lateral = nn.ModuleList(conv(c, NECK, 1) for c in CHANNELS)
        self.smooth = nn.ModuleList(conv(NECK, NECK) for _ in STRIDES)
        self.down = nn.ModuleList(conv(NECK, NECK, stride=2) for _ in STRIDES[1:])
        self.tower = nn.ModuleList(conv(NECK, NECK) for _ in STRIDES)
        self.place = nn.ModuleList(nn.Conv2d(NECK, 5, 1) for _ in STRIDES)
        self.embed = nn.ModuleList(nn.Conv2d(NECK, VECTOR, 1) for _ in STRIDES)
        for block in self.encoder.modules():
            if isinstance(block, Residual):
                nn.init.zeros_(block.second[1].weight)  # a block begins as the identity
        for layer in self.place:
            nn.init.zeros_(layer.weight)
            layer.bias.data = torch.tensor([-4.0, 0.5, 0.5, 0.5, 0.5])
        self.names = nn.Parameter(torch.randn(names, VECTOR) * 0.1)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """[N, A, 1] logits of an object, [N, A, 4] distances in pixels, [N, A, 64] vectors."""
        maps = [lateral(x) for lateral, x in zip(self.lateral, self.encoder(image * 2 - 1), strict=True)]
        for level in (1, 0):
            up = F.interpolate(maps[level + 1], scale_factor=2.0, mode="nearest")
            maps[level] = maps[level] + up
        maps = [smooth(x) for smooth, x in zip(self.smooth, maps, strict=True)]
        for level in (1, 2):
            maps[level] = maps[level] + self.down[level - 1](maps[level - 1])
        places, vectors = [], []
        for level, x in enumerate(maps):
            x = self.tower[level](x)
            place = self.place[level](x).float().flatten(2).transpose(1, 2)
            far = torch.exp(place[..., 1:].clamp(-4, 4)) * STRIDES[level]
            places.append(torch.cat([place[..., :1], far], 2))
            vectors.append(self.embed[level](x).float().flatten(2).transpose(1, 2))
        place = torch.cat(places, 1)
        return place[..., :1], place[..., 1:], torch.cat(vectors, 1)


class Namer(nn.Module):
    """The encoder alone with one name a picture: what the detector starts from. [N, 3, 48, 48] -> logits [N, K]."""

    def __init__(self, detector: Detector):
        super().__init__()
        self.detector = detector
        self.mix = nn.Sequential(nn.Linear(sum(CHANNELS), VECTOR, bias=False), nn.BatchNorm1d(VECTOR))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        maps = self.detector.encoder(image * 2 - 1)
        means = torch.cat([x.mean((2, 3)) for x in maps], 1)
        return self.mix(means).float() @ self.detector.names.T


def centres(size: int) -> torch.Tensor:
    """[A, 2] x and y of the cells, in pixels, in the order of the maps."""
    found = []
    for stride in STRIDES:
        steps = torch.arange(size // stride).float() * stride + stride / 2
        y, x = torch.meshgrid(steps, steps, indexing="ij")
        found.append(torch.stack([x, y], 2).reshape(-1, 2))
    return torch.cat(found)


def corners(cells: torch.Tensor, far: torch.Tensor) -> torch.Tensor:
    """Left, top, right, bottom from cells and the distances to the four sides."""
    return torch.cat([cells - far[..., :2], cells + far[..., 2:]], -1)


class Exported(nn.Module):
    """(image [1, 3, S, S], names [K, 64]) -> boxes [A, 4], objectness [A] in 0..1, logits [A, K]."""

    def __init__(self, detector: Detector, size: int):
        super().__init__()
        self.detector = detector
        self.register_buffer("cells", centres(size))

    def forward(self, image: torch.Tensor, names: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        place, far, vectors = self.detector(image)
        return corners(self.cells, far[0]), torch.sigmoid(place[0, :, 0]), vectors[0] @ names.T
