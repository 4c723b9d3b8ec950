"""Two nets: where something stands, whatever it is, and what a cut-out shows.

The detector has no anchors and three strides. The namer sees each box at one size, so that it need not learn a name
anew at every scale; names are vectors beside the picture. Both are of the same plain encoder.
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
SINGLE = 48  # side of a cut-out


class Encoder(nn.Module):
    """[N, 3, H, W] in 0..1 -> maps at 1/8, 1/16 and 1/32. One wide step to 1/4: blocks there cost most and gave least."""

    def __init__(self):
        super().__init__()
        self.stem = conv(3, STEM, 8, 4)
        self.stem[0].padding = (2, 2)
        self.stages = nn.ModuleList(Stage(a, b, DEPTH) for a, b in zip((STEM, *CHANNELS[:-1]), CHANNELS, strict=True))
        for block in self.modules():
            if isinstance(block, Residual):
                nn.init.zeros_(block.second[1].weight)  # a block begins as the identity

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        x, maps = self.stem(x * 2 - 1), []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.lateral = nn.ModuleList(conv(c, NECK, 1) for c in CHANNELS)
        self.smooth = nn.ModuleList(conv(NECK, NECK) for _ in STRIDES)
        self.down = nn.ModuleList(conv(NECK, NECK, stride=2) for _ in STRIDES[1:])
        self.tower = nn.ModuleList(conv(NECK, NECK) for _ in STRIDES)
        self.place = nn.ModuleList(nn.Conv2d(NECK, 5, 1) for _ in STRIDES)
        for layer in self.place:
            nn.init.zeros_(layer.weight)
            layer.bias.data = torch.tensor([-4.0, 0.5, 0.5, 0.5, 0.5])

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """[N, A] logits of an object, [N, A, 4] distances to the sides in pixels; A: cells of all strides."""
        maps = [lateral(x) for lateral, x in zip(self.lateral, self.encoder(image), strict=True)]
        for level in (1, 0):
            maps[level] = maps[level] + F.interpolate(maps[level + 1], scale_factor=2.0, mode="nearest")
        maps = [smooth(x) for smooth, x in zip(self.smooth, maps, strict=True)]
        for level in (1, 2):
            maps[level] = maps[level] + self.down[level - 1](maps[level - 1])
        logits, far = [], []
        for level, x in enumerate(maps):
            place = self.place[level](self.tower[level](x)).float().flatten(2).transpose(1, 2)
            logits.append(place[..., 0])
            far.append(torch.exp(place[..., 1:].clamp(-4, 4)) * STRIDES[level])
        return torch.cat(logits, 1), torch.cat(far, 1)


class Namer(nn.Module):
    def __init__(self, names: int):
        super().__init__()
        self.encoder = Encoder()
        self.mix = nn.Sequential(nn.Linear(sum(CHANNELS), VECTOR, bias=False), nn.BatchNorm1d(VECTOR))
        self.names = nn.Parameter(torch.randn(names, VECTOR) * 0.1)

    def forward(self, image: torch.Tensor, names: torch.Tensor | None = None) -> torch.Tensor:
        """([N, 3, 48, 48] in 0..1, [K, 64]) -> logits [N, K]; its own names where none are given."""
        means = torch.cat([x.mean((2, 3)) for x in self.encoder(image)], 1)
        return self.mix(means).float() @ (self.names if names is None else names).T


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


class ExportedDetector(nn.Module):
    """image [1, 3, S, S] -> boxes [A, 4] in pixels, objectness [A] in 0..1."""

    def __init__(self, detector: Detector, size: int):
        super().__init__()
        self.detector = detector
        self.register_buffer("cells", centres(size))

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        logits, far = self.detector(image)
        return corners(self.cells, far[0]), torch.sigmoid(logits[0])
