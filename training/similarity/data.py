"""Batches of pictures, captions and what is true of whom."""
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from captions import Caption, Speaker
from draw import Painter
from facts import labels_of
from scene import Fact, Sampler, Scene, may_hold
from text import packed
from vocabulary import NOUNS, read_icons

TWINS = 0.2  # of the units are a scene and its twin with one thing changed
FRESH = 0.36  # of a batch is drawn for it; the rest was drawn for an earlier one and gets new captions
POOL = 5000


@dataclass
class Batch:
    images: torch.Tensor  # [B, S, S, 3] bytes
    grams: torch.Tensor
    order: torch.Tensor
    own: torch.Tensor  # [T] the picture that a caption was made for; -1: it is wrong by one thing
    allowed: torch.Tensor  # [B, T] it may be true
    labels: torch.Tensor  # [B, K] facts.py
    known: torch.Tensor  # [B, K] 1 where a label is certain


class Truth:
    """Which captions may be true of which scenes."""

    def __init__(self, scenes: list[Scene]):
        self.scenes = scenes
        self.with_noun: dict[str, list[int]] = {}
        for at, scene in enumerate(scenes):
            names = {name for group in scene.groups for name in (group.noun, *NOUNS[group.noun].kinds)}
            for name in names:
                self.with_noun.setdefault(name, []).append(at)
        self.known: dict[Fact, np.ndarray] = {}

    def of(self, fact: Fact) -> np.ndarray:
        if fact not in self.known:
            found = np.zeros(len(self.scenes), bool)
            candidates = self.with_noun.get(fact.a.noun, []) if fact.a is not None else range(len(self.scenes))
            for at in candidates:
                found[at] = may_hold(self.scenes[at], fact)
            self.known[fact] = found
        return self.known[fact]

    def table(self, captions: list[Caption]) -> np.ndarray:
        """[scenes, captions]."""
        everything = np.ones(len(self.scenes), bool)
        columns = [np.logical_and.reduce([everything, *(self.of(fact) for fact in caption.facts)]) for caption in captions]
        return np.stack(columns, 1)


def with_noise(text: str, r: np.random.Generator) -> str:
    """A word that nobody knows, now and then: what is not understood should not matter."""
    if r.random() > 0.06:
        return text
    words = text.split()
    letters = "".join(chr(97 + int(n)) for n in r.integers(0, 26, int(r.integers(2, 9))))
    words.insert(int(r.integers(len(words) + 1)), letters)
    return " ".join(words)


class Pairs(torch.utils.data.IterableDataset):
    """sides: (from step, side of the pictures), rising."""

    def __init__(self, batch: int, steps: int, first: int, seed: int, sides: tuple[tuple[int, int], ...]):
        super().__init__()
        self.batch, self.steps, self.first, self.seed, self.sides = batch, steps, first, seed, sides

    def __iter__(self) -> Iterator[Batch]:
        cv2.setNumThreads(1)
        r = np.random.default_rng((self.seed, self.first))
        icons = read_icons()
        self.sampler, self.painter, self.speaker = Sampler(icons), Painter(icons), Speaker()
        pool: list[list[tuple[Scene, np.ndarray]]] = []
        for step in range(self.first, self.steps):
            side = next(side for start, side in reversed(self.sides) if step >= start)
            units: list[list[tuple[Scene, np.ndarray]]] = []
            while sum(map(len, units)) < self.batch:
                if len(pool) < 1500 or r.random() < FRESH:
                    unit = self.unit(r)
                    if len(pool) < POOL:
                        pool.append(unit)
                    else:
                        pool[int(r.integers(POOL))] = unit
                else:
                    unit = pool[int(r.integers(len(pool)))]
                units.append(unit)
            yield self.batch_of([pair for unit in units for pair in unit][: self.batch], side, r)

    def unit(self, r: np.random.Generator) -> list[tuple[Scene, np.ndarray]]:
        scene = self.sampler.scene(r)
        scenes = [scene]
        if r.random() < 2 * TWINS:  # about half of the scenes have something to change
            other = self.sampler.swapped(r, scene)
            scenes += [other[1]] if other else []
        return [(scene, self.painter.paint(scene, r)) for scene in scenes]

    def batch_of(self, pairs: list[tuple[Scene, np.ndarray]], side: int, r: np.random.Generator) -> Batch:
        scenes = [scene for scene, _ in pairs]
        captions, own = [], []
        for at, scene in enumerate(scenes):
            for _ in range(1 + (r.random() < 0.5)):
                captions.append(self.speaker.caption(scene, r))
                own.append(at)
            if r.random() < 0.5 and (other := self.sampler.swapped(r, scene)):
                captions.append(self.speaker.caption(other[1], r, full=r.random() < 0.5))
                own.append(-1)
        grams, order = packed([with_noise(caption.text, r) for caption in captions])
        images = np.stack([image if side == image.shape[0] else cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA) for _, image in pairs])
        labels, known = (np.stack(rows) for rows in zip(*map(labels_of, scenes), strict=True))
        table = Truth(scenes).table(captions)
        arrays = (images, grams, order, np.array(own), table, labels, known)
        return Batch(*map(torch.from_numpy, arrays))
