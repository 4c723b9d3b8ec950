"""The depth net: a U-Net over the shared encoder, with attention over the whole picture at 1/32 of its size."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from vision.blocks import Encoder, Residual, conv

CHANNELS = (16, 32, 64, 128, 192)
DEPTHS = (0, 1, 2, 3, 2)
# A run-time input has sides that are multiples of this.
MULTIPLE = 32


class Attention(nn.Module):
    """A transformer block over all places of a map: what is near is often told by what stands elsewhere.

    No positions are added; the zero borders of the convolutions before it tell them.
    """

    def __init__(self, channels: int, heads: int = 6):
        super().__init__()
        self.heads = heads
        self.before, self.after = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.qkv, self.out = nn.Linear(channels, 3 * channels), nn.Linear(channels, channels)
        self.wide, self.narrow = nn.Linear(channels, 3 * channels), nn.Linear(3 * channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[N, T, C] -> [N, T, C]"""
        n, t, c = x.shape
        q, k, v = self.qkv(self.before(x)).view(n, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        weights = (q * (c // self.heads) ** -0.5 @ k.transpose(-1, -2)).softmax(-1)
        x = x + self.out((weights @ v).transpose(1, 2).reshape(n, t, c))
        return x + self.narrow(F.relu(self.wide(self.after(x))))


class Up(nn.Module):
    """The coarser map at twice its size, with the finer one's detail."""

    def __init__(self, coarse: int, fine: int, mix: bool):
        super().__init__()
        self.squeeze, self.lateral = conv(coarse, fine, 1, relu=False), conv(fine, fine, 1, relu=False)
        self.mix = Residual(fine) if mix else nn.Identity()

    def forward(self, coarse: torch.Tensor, fine: torch.Tensor) -> torch.Tensor:
        wide = F.interpolate(self.squeeze(coarse), scale_factor=2.0, mode="bilinear", align_corners=False)
        return self.mix(torch.relu(wide + self.lateral(fine)))


class DepthNet(nn.Module):
    """[N, 3, H, W], RGB in 0..1 -> [N, 1, H/2, W/2] inverse depth > 0 up to a factor; H and W multiples of 32."""

    def __init__(self):
        super().__init__()
        self.encoder = Encoder(CHANNELS, DEPTHS)
        self.context = nn.ModuleList(Attention(CHANNELS[-1]) for _ in range(2))
        self.ups = nn.ModuleList(Up(CHANNELS[i + 1], CHANNELS[i], mix=i > 0) for i in reversed(range(len(CHANNELS) - 1)))
        self.head = nn.Sequential(conv(CHANNELS[0], 16), nn.Conv2d(16, 1, 1))
        nn.init.constant_(self.head[1].bias, 0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        maps = self.encoder((x - 0.45) * 4)
        top = maps[-1]
        n, c, h, w = top.shape
        tokens = top.flatten(2).transpose(1, 2)
        for block in self.context:
            tokens = block(tokens)
        x = tokens.transpose(1, 2).reshape(n, c, h, w)
        for up, fine in zip(self.ups, reversed(maps[:-1]), strict=True):
            x = up(x, fine)
        return F.softplus(self.head(x).float())
