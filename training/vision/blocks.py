"""Blocks that the small vision nets share: plain residual 3x3 convolutions, which onnxruntime runs as fast
as depthwise ones (measured), with batch norms that the exporter folds away."""
import torch
import torch.nn as nn


def conv(inputs: int, outputs: int, size: int = 3, stride: int = 1, relu: bool = True) -> nn.Sequential:
    """Convolution, batch norm and, unless told otherwise, ReLU; keeps height and width over the stride."""
    layers = [nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, nn.ReLU()) if relu else nn.Sequential(*layers)


class Residual(nn.Module):
    """x + two 3x3 convolutions of it."""

    def __init__(self, channels: int):
        super().__init__()
        self.first = conv(channels, channels)
        self.second = conv(channels, channels, relu=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.second(self.first(x)))


class Stage(nn.Sequential):
    """Halves height and width, then `depth` residual blocks."""

    def __init__(self, inputs: int, outputs: int, depth: int):
        super().__init__(conv(inputs, outputs, stride=2), *(Residual(outputs) for _ in range(depth)))


class Encoder(nn.Module):
    """[N, 3, H, W] -> one map a stage, at 1/2, 1/4, 1/8 ... of the size; H and W are multiples of 2**stages."""

    def __init__(self, channels: tuple[int, ...], depths: tuple[int, ...]):
        super().__init__()
        inputs = (3, *channels[:-1])
        self.stages = nn.ModuleList(Stage(a, b, d) for a, b, d in zip(inputs, channels, depths, strict=True))

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps
