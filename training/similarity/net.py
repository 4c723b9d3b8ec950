"""Two towers that end in one space of 128 dimensions."""
import pathlib
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F
from facts import LABELS
from text import BUCKETS, WORDS_MAX

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from vision.blocks import Stage, conv  # noqa: E402

SPACE = 128


class Block(nn.Module):
    """A pre-norm transformer block, written out so that it exports as plain matrix products."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 3 * width), nn.Linear(3 * width, width)

    def forward(self, x: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
        """[N, T, width]; bias [N, 1, 1, T] is added to the attention."""
        n, t, width = x.shape
        qkv = self.qkv(self.before(x)).reshape(n, t, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        scores = q @ k.transpose(2, 3) * (width // self.heads) ** -0.5
        if bias is not None:
            scores = scores + bias
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(n, t, width)
        x = x + self.out(mixed)
        return x + self.narrow(F.relu(self.wide(self.between(x))))


class ImageTower(nn.Module):
    """[N, 3, S, S] in 0..1 -> [N, 128] of length 1; S is 128, or a smaller multiple of 16 in training. Convolutions to
    8 x 8 places, then attention among them: counts and relations are matters of several places."""

    def __init__(self, width: int = 176, layers: int = 2):
        super().__init__()
        # As far as 1/16 the same as the namer of training/objects, from whose weights it may start.
        self.stem = conv(3, 48, 8, stride=4)
        self.stem[0].padding = (2, 2)
        self.stages = nn.Sequential(Stage(48, 64, 2), Stage(64, 128, 2))
        self.widen = nn.Conv2d(128, width, 1)
        self.place = nn.Parameter(0.02 * torch.randn(1, width, 8, 8))
        self.token = nn.Parameter(0.02 * torch.randn(1, 1, width))
        self.blocks = nn.ModuleList(Block(width, 4) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, SPACE)

    def features(self, image: torch.Tensor) -> torch.Tensor:
        """[N, width]: what is seen, before it is turned into the common space."""
        x = self.widen(self.stages(self.stem(image * 2 - 1)))
        place = self.place
        if x.shape[-1] != place.shape[-1]:
            place = F.interpolate(place, x.shape[-2:], mode="bilinear")
        x = (x + place).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1).to(x.dtype), x], 1)
        for block in self.blocks:
            x = block(x)
        return self.norm(x[:, 0])

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return F.normalize(self.out(self.features(image)).float(), dim=-1)

    def start_from(self, namer: dict[str, torch.Tensor]) -> None:
        """Takes the convolutions of a namer's weights."""
        part = {name.removeprefix("encoder."): value for name, value in namer.items() if name.startswith("encoder.")}
        mine = {name: part[name] for name in self.state_dict() if name.startswith(("stem.", "stages."))}
        self.load_state_dict(mine, strict=False)


class TextTower(nn.Module):
    """Sums of hashed n-grams a word, then two blocks that see the order of the words."""

    def __init__(self, width: int = 128, layers: int = 2):
        super().__init__()
        self.grams = nn.Embedding(BUCKETS, width, padding_idx=0)
        nn.init.normal_(self.grams.weight, std=0.3)
        self.place = nn.Parameter(0.02 * torch.randn(1, WORDS_MAX + 1, width))
        self.token = nn.Parameter(0.02 * torch.randn(1, 1, width))
        self.word = nn.Linear(width, width)
        self.blocks = nn.ModuleList(Block(width, 4) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, SPACE)

    def words(self, grams: torch.Tensor) -> torch.Tensor:
        """[..., 24] buckets -> [..., width]: the mean over those that are not 0."""
        known = (grams > 0).float()
        total = (self.grams(grams) * known[..., None]).sum(-2)
        return total / known.sum(-1, keepdim=True).clamp(min=1).sqrt()

    def mixed(self, words: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """Word vectors [N, T, width] and 1 or 0 for each [N, T] -> [N, 128] of length 1."""
        x = torch.cat([self.token.expand(words.shape[0], -1, -1), self.word(words)], 1)
        x = x + self.place[:, : x.shape[1]]
        there = F.pad(present, (1, 0), value=1.0)
        bias = ((there - 1) * 1e4)[:, None, None]
        for block in self.blocks:
            x = block(x, bias)
        return F.normalize(self.out(self.norm(x[:, 0])).float(), dim=-1)

    def packed(self, grams: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
        """As text.packed gives them: each word is embedded once."""
        return self.mixed(self.words(grams)[order], (order > 0).float())

    def forward(self, grams: torch.Tensor) -> torch.Tensor:
        """[N, T, 24] -> [N, 128]."""
        return self.mixed(self.words(grams), (grams[..., 0] > 0).float())


class Towers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.image = ImageTower()
        self.text = TextTower()
        self.told = nn.Linear(self.image.out.in_features, LABELS)
        nn.init.constant_(self.told.bias, -5.0)
        self.scale = nn.Parameter(torch.tensor(2.66))  # log of the factor before the softmax: 14

    def factor(self) -> torch.Tensor:
        return self.scale.clamp(max=4.0).exp()
