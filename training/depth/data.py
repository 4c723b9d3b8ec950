"""Batches from the rendered shards: crops, flips and the camera's faults, drawn anew each time."""
import pathlib
import time
from collections.abc import Iterator

import cv2
import numpy as np
import torch
from sensor import sensed

# Size of a shard's pictures -> size in training, about 49,000 pixels. Few shapes: each is compiled by itself.
SIZES = {(224, 288): (192, 256), (288, 224): (256, 192), (256, 256): (224, 224), (192, 320): (192, 256), (320, 192): (256, 192)}
POOL = 8  # shards in memory
TAKEN = 48  # pictures of a shard before another comes
MULTIPLE = 32
FAULTS = 0.4  # share of examples with the camera's faults


def crop(r: np.random.Generator, shape: tuple[int, int], out: tuple[int, int]) -> tuple[int, int, int, int]:
    """Top, left, height, width: of the output's aspect, from half of the picture's sides to all."""
    (h, w), (oh, ow) = shape, out
    whole = min(h / oh, w / ow)
    k = whole * (1 if r.random() < 0.35 else r.uniform(0.55, 1))
    ch, cw = int(oh * k), int(ow * k)
    return int(r.integers(h - ch + 1)), int(r.integers(w - cw + 1)), ch, cw


def example(r: np.random.Generator, image: np.ndarray, inverse: np.ndarray, out: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """uint8 [h, w, 3] and float32 [h / 2, w / 2]."""
    top, left, h, w = crop(r, image.shape[:2], out)
    image, inverse = image[top : top + h, left : left + w], inverse[top : top + h, left : left + w].astype(np.float32)
    image = cv2.resize(image, out[::-1], interpolation=cv2.INTER_AREA if h > out[0] else cv2.INTER_LINEAR)
    inverse = cv2.resize(inverse, (out[1] // 2, out[0] // 2), interpolation=cv2.INTER_NEAREST)
    if r.random() < FAULTS:
        image = sensed(r, image, cv2.resize(inverse, out[::-1]))
    if r.random() < 0.5:
        image, inverse = image[:, ::-1], inverse[:, ::-1]
    if r.random() < 0.04:  # gravity is no law of pictures
        image, inverse = image[::-1], inverse[::-1]
    return image, inverse


class Shards(torch.utils.data.IterableDataset):
    """Endless batches. Shards that are still being written join when they are whole."""

    def __init__(self, folder: pathlib.Path, batch: int, seed: int, scale: float = 1.0):
        self.folder, self.batch, self.seed = folder, batch, seed
        self.sizes = {size: tuple(round(side * scale / MULTIPLE + 1e-6) * MULTIPLE for side in out) for size, out in SIZES.items()}

    def files(self) -> list[pathlib.Path]:
        while True:
            found = sorted(self.folder.glob("[0-9]*.npz"))
            if found:
                return found
            time.sleep(2)

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        cv2.setNumThreads(0)
        r = np.random.default_rng(self.seed)
        uses: dict[pathlib.Path, float] = {}
        pool: list[tuple[np.ndarray, np.ndarray, list[int]]] = []
        while True:
            while len(pool) < POOL:
                files = self.files()
                # The least used one, by lot among equals.
                file = min(files, key=lambda one: (uses.get(one, 0), r.random()))
                uses[file] = uses.get(file, 0) + 1
                shard = np.load(file)
                images = shard["images"]
                pool.append((images, shard["inverse"], r.permutation(len(images)).tolist()))
            at = int(r.integers(POOL))
            images, inverse, left = pool[at]
            size = images.shape[1:3]
            out = self.sizes[size]
            chosen = [example(r, images[n], inverse[n], out) for n in left[: self.batch]]
            del left[: self.batch]
            if len(images) - len(left) >= TAKEN:
                pool.pop(at)
            yield (
                torch.from_numpy(np.stack([image for image, _ in chosen])).permute(0, 3, 1, 2),
                torch.from_numpy(np.stack([depth for _, depth in chosen])),
            )
