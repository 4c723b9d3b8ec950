"""Renders scenes into shards: uint8 pictures and float16 inverse depth (1/m along the camera's axis, 0: sky).

    python training/depth/render.py --out training/.work/depth --scenes 20000 --worker 0 --of 1

A scene is a function of its number and the seed alone, so any part of the set can be made again.
"""
import argparse
import pathlib
import time

import cv2
import numpy as np
import rays
import shade
import textures
import worlds
from scene import Palette, Scene

SHAPES = ((224, 288), (288, 224), (256, 256), (192, 320), (320, 192))
SHAPE_WEIGHTS = (0.4, 0.22, 0.14, 0.16, 0.08)
SHARD = 100
SEED = 20_260_611
WORLDS = {"first": worlds.TRAIN, "later": worlds.LATER}


def palette_of(families, weights, count: int, seed: int, cache: pathlib.Path | None = None) -> Palette:
    file = cache / f"atlas-{seed}-{count}.npz" if cache else None
    if file and file.exists():
        stored = np.load(file)
        return Palette(stored["atlas"], families, stored["kinds"].tolist())
    atlas, kinds = textures.atlas_of(families, weights, count, seed)
    if file:
        np.savez(file, atlas=atlas, kinds=np.array(kinds))
    return Palette(atlas, families, kinds)


def picture(scene: Scene, height: int, width: int, exposure: float = 0.55) -> tuple[np.ndarray, np.ndarray]:
    """uint8 [h, w, 3] RGB, float32 [h, w] inverse depth."""
    bodies, tables = np.stack(scene.bodies), np.stack(scene.tables)
    lights = np.array(scene.lights, np.float64).reshape(-1, shade.LIGHT_COLUMNS)
    focal = max(height, width) / 2 / np.tan(scene.fov / 2)
    view = (scene.eye, scene.axes)
    depth, body_of = rays.see(bodies, tables, *view, width, height, focal, width / 2, height / 2)
    image = shade.shade(
        bodies, tables, scene.palette.atlas, lights, scene.ambient, scene.sky, scene.haze, *view, focal, width / 2, height / 2, depth, body_of
    )
    inverse = np.where(body_of < 0, 0, 1 / np.maximum(depth, rays.NEAR)).astype(np.float32)
    image *= occlusion(inverse)[..., None]
    image = smooth_edges(image, body_of)
    image = np.clip(image, 0, None)
    bright = float(np.percentile(image.mean(2), 75))
    image *= min(exposure / max(bright, 1e-3), 6.0)
    image = image * (1 + image * 0.1) / (1 + image * 0.35)  # lamps burn out softly
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8), inverse


def occlusion(inverse: np.ndarray) -> np.ndarray:
    """A cheap stand-in for ambient occlusion: corners are darker; far behind a thing there is none."""
    around = cv2.GaussianBlur(inverse, (0, 0), 6)
    gap = around / np.maximum(inverse, 1e-4) - 1
    return 1 - 0.22 * np.clip(gap / 0.1, 0, 1) * np.clip(1 - (gap - 0.1) / 0.3, 0, 1) * (inverse > 0)


def smooth_edges(image: np.ndarray, body_of: np.ndarray) -> np.ndarray:
    """Means over the pixels where bodies meet: jagged edges would tell outlines of things from drawn ones."""
    edge = np.zeros(body_of.shape, bool)
    across, along = body_of[:, 1:] != body_of[:, :-1], body_of[1:] != body_of[:-1]
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    edge[1:] |= along
    edge[:-1] |= along
    return np.where(edge[..., None], cv2.GaussianBlur(np.clip(image, 0, 1.2), (3, 3), 0.7), image)


def usable(image: np.ndarray, inverse: np.ndarray) -> bool:
    """Something is to be seen and told apart, and no thing is before the lens."""
    if image.std(axis=(0, 1)).max() < 8:
        return False
    seen = inverse[inverse > 0]
    if seen.size < 0.3 * inverse.size or (inverse > 8).mean() > 0.05:
        return False
    low, high = np.percentile(seen, [5, 95])
    return high / low > 1.12


def scene_of(number: int, palette: Palette, table: dict, seed: int = SEED) -> tuple[np.ndarray, np.ndarray, str]:
    """Tries until the camera stands free. Gives picture, inverse depth, generator."""
    names = list(table)
    weights = np.array([weight for _, weight in table.values()], float)
    for attempt in range(50):
        r = np.random.default_rng([seed, number, attempt])
        name = names[r.choice(len(names), p=weights / weights.sum())]
        height, width = SHAPES[np.random.default_rng([seed, number // SHARD]).choice(len(SHAPES), p=SHAPE_WEIGHTS)]
        scene = Scene(r, palette)
        table[name][0](scene)
        image, inverse = picture(scene, height, width, r.uniform(0.35, 0.75))
        if usable(image, inverse):
            return image, inverse, name
    raise RuntimeError(f"no picture for scene {number}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--first", type=int, default=0, help="number of the first scene")
    parser.add_argument("--scenes", type=int, default=20_000, help="number after the last scene")
    parser.add_argument("--worlds", choices=WORLDS, default="first")
    parser.add_argument("--worker", type=int, default=0)
    parser.add_argument("--of", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    palette = palette_of(textures.TRAIN, textures.WEIGHTS, 500, 1, options.out)
    for shard in range(options.first // SHARD + options.worker, options.scenes // SHARD, options.of):
        file = options.out / f"{shard:05d}.npz"
        if file.exists():
            continue
        started = time.monotonic()
        made = [scene_of(number, palette, WORLDS[options.worlds]) for number in range(shard * SHARD, (shard + 1) * SHARD)]
        part = file.with_suffix(".part")
        with part.open("wb") as out:
            np.savez(out, images=np.stack([one[0] for one in made]), inverse=np.stack([one[1] for one in made]).astype(np.float16))
        part.replace(file)
        print(f"{file.name} {SHARD / (time.monotonic() - started):.1f} pictures/s", flush=True)


if __name__ == "__main__":
    main()
