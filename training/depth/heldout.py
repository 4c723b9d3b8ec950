"""Scenes that training never sees: generators, texture families and ways to hold the camera of their own.

    python training/depth/heldout.py              writes training/eval/depth/heldout (the set of the evaluation)
    python training/depth/heldout.py --dev FILE   writes development scenes for train.py; other generators again

Nothing of the held-out set may be looked at to choose or tune anything.
"""
import argparse
import json
import math
import pathlib

import cv2
import numpy as np
import things
from render import palette_of, picture, usable
from scene import Scene, turn
from textures import HELDOUT

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEED = 777_001
EACH = 20
SHAPES = ((224, 288), (288, 224), (256, 256))
JPEG_QUALITY = 88
FULL = 65_535


def staircase(s: Scene) -> None:
    """Steps that rise away from or towards the camera, with a rail, between two walls."""
    r = s.r
    rise, tread, width = r.uniform(0.14, 0.2), r.uniform(0.25, 0.34), r.uniform(0.7, 1.6)
    count = int(r.integers(8, 22))
    stone = s.material(0.5)
    for n in range(count):
        s.box([0, (n + 0.5) * tread, (n + 0.5) * rise], [width, tread / 2, rise / 2 + 0.01], material=stone)
    s.sheet([0, -4, 0], 20, 4, np.eye(3), s.material(1))
    top = count * rise
    s.box([0, count * tread + 2, top - 0.1], [width * 3, 2, 0.1])
    for side in (-1, 1):
        if r.random() < 0.6:
            s.box([side * (width + 0.1), count * tread / 2, top / 2 + 1], [0.08, count * tread / 2 + 1, top / 2 + 1])
        else:
            for n in range(0, count, 2):
                s.rod([side * width, n * tread, n * rise], [side * width, n * tread, n * rise + 1], 0.02)
            s.rod([side * width, 0, 1], [side * width, count * tread, top + 1], 0.04)
    s.box([0, count * tread + 4, top + 1.5], [width * 3, 0.1, 1.8])
    s.lamps([-width, 0, top + 1], [width, count * tread, top + 3])
    if r.random() < 0.5:
        s.look([r.uniform(-0.4, 0.4) * width, -r.uniform(0.6, 2.5), r.uniform(1, 1.8)], [0, count * tread * 0.6, top * 0.6], r.normal(0, 5), r.uniform(50, 80))
    else:  # down from the landing
        s.look([r.uniform(-0.4, 0.4) * width, count * tread + 0.6, top + r.uniform(1.3, 1.8)], [0, count * tread * 0.4, top * 0.3], r.normal(0, 5), r.uniform(50, 80))


def trunks(s: Scene) -> None:
    """A wood without leaves: many uprights of all widths over a floor that is often not in the picture."""
    r = s.r
    s.sheet([0, 0, 0], 200, 200, np.eye(3), s.material(1.5))
    for _ in range(int(r.integers(15, 50))):
        x, y = r.uniform(-12, 12), math.exp(r.uniform(math.log(1.2), math.log(30)))
        lean = r.normal(0, 0.6, 2)
        s.rod([x, y, -0.2], [x + lean[0], y + lean[1], r.uniform(5, 14)], r.uniform(0.05, 0.4), s.material(0.4, plain=0.1), top=r.uniform(0.4, 1))
    for _ in range(int(r.integers(0, 4))):
        s.rod([*r.uniform([-4, 2], [4, 9]), 0.2], [*r.uniform([-4, 2], [4, 9]), 0.3], r.uniform(0.1, 0.3))
    s.daylight()
    s.aim([r.normal(0, 1), 0, r.uniform(0.4, 2.2)], 90 + r.normal(0, 15), r.uniform(-15, 30), r.normal(0, 8), r.uniform(45, 80))


def warehouse(s: Scene) -> None:
    """Stacked crates left and right of an aisle that need not run straight on."""
    r = s.r
    s.sheet([0, 0, 0], 60, 60, np.eye(3), s.material(2))
    s.sheet([0, 0, 7], 60, 60, turn(0, math.pi), s.material(2))
    for _ in range(int(r.integers(12, 40))):
        x, y = r.choice([-1, 1]) * r.uniform(1.2, 8), r.uniform(1, 25)
        size, z = r.uniform(0.3, 1.1, 3), 0.0
        for _ in range(int(r.integers(1, 5))):
            s.box([x + r.normal(0, 0.08), y + r.normal(0, 0.08), z + size[2]], size, r.normal(0, 0.1), s.material(float(size[0])))
            z += 2 * size[2]
            if z > 5:
                break
    for y in range(3, 28, 6):
        s.box([0, y, 6.7], [10, 0.15, 0.2])
    s.lamps([-4, 2, 5], [4, 20, 6.5], 3)
    s.aim([r.uniform(-1, 1), r.uniform(-2, 1), r.uniform(0.3, 3.5)], 90 + r.normal(0, 25), r.normal(0, 10), r.normal(0, 5), r.uniform(45, 85))


def books(s: Scene) -> None:
    """A desk from near: piles and rows of books, cups and balls between them."""
    r = s.r
    s.box([0, 0, -0.02], [1.2, 0.7, 0.02])
    if r.random() < 0.7:
        s.box([0, 0.75, 0.6], [2.5, 0.04, 1.5])
    for _ in range(int(r.integers(3, 9))):
        x, y, z = *r.uniform([-0.8, -0.4], [0.8, 0.55]), 0.0
        yaw = r.uniform(0, 6.3)
        if r.random() < 0.5:
            for _ in range(int(r.integers(1, 9))):
                half = [r.uniform(0.07, 0.13), r.uniform(0.1, 0.17), r.uniform(0.008, 0.03)]
                s.box([x, y, z + half[2]], half, yaw + r.normal(0, 0.2), s.material(0.2))
                z += 2 * half[2]
        else:
            along = turn(2, yaw)
            for n in range(int(r.integers(2, 8))):
                half = [0.02, r.uniform(0.07, 0.1), r.uniform(0.1, 0.14)]
                s.box(along @ [0.042 * n, 0, 0] + [x, y, half[2]], half, yaw, s.material(0.2))
    for _ in range(int(r.integers(0, 5))):
        at, k = [*r.uniform([-0.7, -0.5], [0.7, 0.3])], r.uniform(0.03, 0.07)
        s.ball([*at, k], k) if r.random() < 0.4 else s.rod([*at, 0], [*at, 2.4 * k], k)
    s.lamps([-1, -0.8, 0.6], [1, 0.3, 1.5])
    s.look([r.normal(0, 0.4), -r.uniform(0.6, 1.3), r.uniform(0.1, 0.9)], [r.normal(0, 0.2), 0.1, r.uniform(0, 0.15)], r.normal(0, 8), r.uniform(40, 75))


def vault(s: Scene) -> None:
    """Inside a round tunnel, level or on its side: walls that bend, and no line between floor and wall."""
    r = s.r
    radius, length = r.uniform(1.2, 4), r.uniform(8, 40)
    rings(s, radius, length)
    for _ in range(int(r.integers(1, 8))):
        k, y = radius * r.uniform(0.08, 0.3), r.uniform(1.5, length * 0.8)
        turned = r.uniform(0, 2 * math.pi)
        at = [math.cos(turned) * (radius - k), y, math.sin(turned) * (radius - k)]
        s.ball(at, k) if r.random() < 0.5 else s.box(at, [k, k, k], r.uniform(0, 6))
    s.lamps([-radius * 0.5, 1, 0], [radius * 0.5, length * 0.7, radius * 0.6], 3)
    s.aim([*(r.uniform(-0.4, 0.4, 2) * radius)[[0]], 0, r.uniform(-0.4, 0.4) * radius], 90 + r.normal(0, 12), r.normal(0, 12), r.uniform(-90, 90), r.uniform(55, 90))


def rings(s: Scene, radius: float, length: float) -> None:
    """Staves around an axis: a tunnel of many flat sides, closed at its far end."""
    r = s.r
    staves = int(r.integers(9, 18))
    skin = [s.material(1.2) for _ in range(int(r.integers(1, 4)))]
    for n in range(staves):
        angle = 2 * math.pi * n / staves
        half = radius * math.tan(math.pi / staves) * 1.05
        rotation = turn(1, -angle) @ turn(1, math.pi / 2)
        s.sheet([math.cos(angle) * radius, length / 2, math.sin(angle) * radius], half, length / 2 + 1, rotation, skin[n % len(skin)])
    s.box([0, length + 0.5, 0], [radius * 1.1, 0.1, radius * 1.1])


def pillars(s: Scene) -> None:
    """For development: a hall of columns."""
    r = s.r
    w, d, h = r.uniform(4, 9), r.uniform(8, 20), r.uniform(3, 7)
    s.sheet([0, 0, 0], 60, 60, np.eye(3), s.material(1))
    s.sheet([0, 0, h], 60, 60, turn(0, math.pi), s.material(1))
    column, k = s.material(0.6), r.uniform(0.15, 0.5)
    for x in np.arange(-w, w + 0.1, r.uniform(1.5, 4)):
        for y in np.arange(0, d, r.uniform(1.5, 4)):
            s.rod([x, y, 0], [x, y, h], k, column)
    for _ in range(int(r.integers(0, 6))):
        things.clutter(s, [*r.uniform([-3, 1], [3, d]), 0], r.uniform(0.2, 0.6))
    s.lamps([-w, 0, h * 0.5], [w, d, h * 0.9], 3)
    s.aim([r.uniform(-1, 1), -1, r.uniform(0.4, 2)], 90 + r.normal(0, 20), r.normal(3, 12), r.normal(0, 8), r.uniform(45, 85))


def market(s: Scene) -> None:
    """For development: stalls with roofs on poles, wares on them."""
    r = s.r
    s.sheet([0, 0, 0], 100, 100, np.eye(3), s.material(1))
    for _ in range(int(r.integers(3, 9))):
        x, y, w = *r.uniform([-5, 1.5], [5, 14]), r.uniform(0.7, 1.5)
        s.box([x, y, 0.45], [w, 0.4, 0.45])
        s.box([x, y, 2.2], [w * 1.2, 0.7, 0.05], rotation=turn(0, r.normal(0, 0.2)))
        for side in (-1, 1):
            s.rod([x + side * w, y - 0.4, 0], [x + side * w, y - 0.4, 2.2], 0.03)
        for _ in range(int(r.integers(2, 8))):
            k = r.uniform(0.05, 0.2)
            s.ball([x + r.uniform(-w, w), y + r.uniform(-0.3, 0.3), 0.9 + k], k)
    for _ in range(int(r.integers(0, 4))):
        things.person(s, [*r.uniform([-4, 1], [4, 9]), 0], r.uniform(0, 6))
    s.daylight()
    s.aim([r.normal(0, 1), 0, r.uniform(0.8, 1.9)], 90 + r.normal(0, 15), r.normal(-2, 8), r.normal(0, 6), r.uniform(45, 80))


GENERATORS = {"staircase": staircase, "trunks": trunks, "warehouse": warehouse, "books": books, "vault": vault}
DEV = {"pillars": pillars, "market": market}


def made(generators: dict, each: int, seed: int):
    """Pictures as they come from a camera that nobody told the rules of training: name, uint8 RGB, inverse depth."""
    palette = palette_of(HELDOUT, np.ones(len(HELDOUT)), 120, seed)
    for g, (name, generator) in enumerate(generators.items()):
        for n in range(each):
            for attempt in range(50):
                r = np.random.default_rng([seed, g, n, attempt])
                scene = Scene(r, palette)
                generator(scene)
                image, inverse = picture(scene, *SHAPES[n % len(SHAPES)], r.uniform(0.4, 0.7))
                if usable(image, inverse):
                    break
            else:
                raise RuntimeError(f"no picture for {name} {n}")
            yield name, faults(r, image), inverse


def faults(r: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """A plain camera: some noise, some blur."""
    x = image.astype(np.float32) + r.normal(0, r.uniform(0.5, 6), image.shape)
    if r.random() < 0.4:
        x = cv2.GaussianBlur(x, (0, 0), r.uniform(0.4, 1.0))
    return np.clip(x, 0, 255).astype(np.uint8)


def write(folder: pathlib.Path) -> None:
    """`NAME-NN.jpg`, `NAME-NN.png` (16 bits, half size, largest inverse depth = 65,535, 0 = sky), and items.json."""
    folder.mkdir(parents=True, exist_ok=True)
    items = []
    counts: dict[str, int] = {}
    for name, image, inverse in made(GENERATORS, EACH, SEED):
        number = counts.get(name, 0)
        counts[name] = number + 1
        key = f"{name}-{number:02d}"
        half = cv2.resize(inverse, (inverse.shape[1] // 2, inverse.shape[0] // 2), interpolation=cv2.INTER_NEAREST)
        cv2.imwrite(str(folder / f"{key}.jpg"), image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        cv2.imwrite(str(folder / f"{key}.png"), np.rint(half / half.max() * FULL).astype(np.uint16), [cv2.IMWRITE_PNG_COMPRESSION, 9])
        items.append({"id": key, "generator": name})
    (folder / "items.json").write_text(json.dumps({"command": "python training/depth/heldout.py", "seed": SEED, "items": items}, indent=2) + "\n")


def write_dev(file: pathlib.Path) -> None:
    # One size, so that one compiled net measures them all.
    pictures = [(cv2.resize(image, (256, 192)), cv2.resize(inverse, (128, 96), interpolation=cv2.INTER_NEAREST)) for _, image, inverse in made(DEV, 30, SEED + 1)]
    np.savez(file, images=np.stack([one[0] for one in pictures]), inverse=np.stack([one[1] for one in pictures]).astype(np.float16))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", type=pathlib.Path)
    options = parser.parse_args()
    write_dev(options.dev) if options.dev else write(ROOT / "training/eval/depth/heldout")
