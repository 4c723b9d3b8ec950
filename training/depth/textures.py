"""Pictures for surfaces, drawn once and shared by all scenes: what a surface shows says nothing of its shape.

An atlas is uint8 [n, 256, 384, 3]: a texture at the left, its smaller copies (128, 64 ... 8) stacked at the
right. The families of `heldout` are for the evaluation alone.
"""
import cv2
import numpy as np

SIZE = 256
Random = np.random.Generator


def colour(r: Random) -> np.ndarray:
    """0..255; surfaces are mostly dull, some are loud."""
    hue, saturation, value = r.random(), r.random() ** 1.8, r.random() ** 0.8
    k = (np.array([5, 3, 1]) + hue * 6) % 6
    return 255 * value * (1 - saturation * np.clip(np.minimum(k, 4 - k), 0, 1))


def noise(r: Random, low: int = 2, high: int = 64, fall: float | None = None, aspect: float = 1.0) -> np.ndarray:
    """Octaves of smooth noise, 0..1, [SIZE, SIZE]."""
    total = np.zeros((SIZE, SIZE), np.float32)
    fall = r.uniform(0.35, 0.8) if fall is None else fall
    weight, cells = 1.0, low
    while cells <= high:
        grid = r.random((max(2, int(cells * aspect)) + 3, cells + 3)).astype(np.float32)
        total += weight * cv2.resize(grid, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
        weight, cells = weight * fall, cells * 2
    low_value, high_value = np.percentile(total, [1, 99])
    return np.clip((total - low_value) / max(high_value - low_value, 1e-6), 0, 1)


def blend(share: np.ndarray, *colours: np.ndarray) -> np.ndarray:
    """A ramp over the colours."""
    at = np.clip(share, 0, 1) * (len(colours) - 1)
    table = np.stack(colours)
    low = np.minimum(at.astype(int), len(colours) - 2)
    part = (at - low)[..., None]
    return table[low] * (1 - part) + table[low + 1] * part


def near(r: Random, base: np.ndarray, spread: float = 30) -> np.ndarray:
    return np.clip(base + r.normal(0, spread) + r.normal(0, spread * 0.4, 3), 0, 255)


def grain(r: Random, image: np.ndarray, most: float = 0.5) -> np.ndarray:
    """Wear: brightness varies a little over most real surfaces."""
    return image * (1 + r.uniform(0, most) * (noise(r)[..., None] - 0.5))


def fbm(r: Random) -> np.ndarray:
    return blend(noise(r, int(r.integers(1, 6))), *(colour(r) for _ in range(r.integers(2, 5))))


def marble(r: Random) -> np.ndarray:
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    angle = r.uniform(0, np.pi)
    wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * r.uniform(10, 60) + noise(r) * r.uniform(3, 14))
    return blend(np.abs(wave) ** r.uniform(0.3, 2), *(colour(r) for _ in range(r.integers(2, 4))))


def wood(r: Random) -> np.ndarray:
    base = np.array([r.uniform(80, 220), r.uniform(50, 160), r.uniform(20, 110)])
    share = noise(r, 2, 128, 0.8, aspect=r.uniform(0.05, 0.2)).T
    rings = 0.5 + 0.5 * np.sin(noise(r, 1, 4, 0.4, 0.3).T * r.uniform(20, 90))
    image = blend(0.6 * share + 0.4 * rings, base * r.uniform(0.4, 0.7), base)
    planks = int(r.integers(1, 9))
    for i in range(planks if planks > 2 else 0):
        a, b = i * SIZE // planks, (i + 1) * SIZE // planks
        image[a:b] *= r.uniform(0.75, 1.15)
        image[a : a + 2] *= 0.4
    return np.rot90(image) if r.random() < 0.4 else image


def laid(r: Random, rows: int, columns: int, shift: float) -> np.ndarray:
    """Tiles or bricks with joints."""
    joint, base = near(r, colour(r)), colour(r)
    image = np.tile(joint, (SIZE, SIZE, 1)).astype(np.float64)
    gap = int(r.integers(1, 6))
    spread = r.uniform(0, 30)
    h = SIZE / rows
    for row in range(rows):
        w = SIZE / columns
        for column in range(-1, columns + 1):
            x = int((column + (row % 2) * shift) * w)
            image[int(row * h) + gap : int((row + 1) * h), max(0, x + gap) : max(0, int(x + w))] = near(r, base, spread)
    return grain(r, image)


def bricks(r: Random) -> np.ndarray:
    return laid(r, int(r.integers(4, 20)), int(r.integers(2, 9)), r.choice([0.5, 0.5, 0.33]))


def tiles(r: Random) -> np.ndarray:
    n = int(r.integers(1, 12))
    return laid(r, n, n if r.random() < 0.7 else max(1, n // 2), 0)


def checker(r: Random) -> np.ndarray:
    n = int(r.choice([2, 4, 6, 8, 12, 16]))
    y, x = np.mgrid[0:SIZE, 0:SIZE] * n // SIZE
    return grain(r, blend(((x + y) % 2).astype(float), colour(r), colour(r)), 0.3)


def stripes(r: Random) -> np.ndarray:
    edges = np.sort(r.random(int(r.integers(2, 24))))
    band = np.searchsorted(edges, np.arange(SIZE) / SIZE)
    colours = np.stack([colour(r) for _ in range(r.integers(2, 6))])
    image = np.tile(colours[band % len(colours)][None], (SIZE, 1, 1))
    image = np.rot90(image) if r.random() < 0.5 else image
    return grain(r, image, 0.3)


def leaves(r: Random) -> np.ndarray:
    """Dead leaves: the statistics of occlusion, on a flat thing."""
    image = np.tile(colour(r), (SIZE, SIZE, 1)).astype(np.uint8)
    kind = r.integers(0, 4)
    palette = [colour(r) for _ in range(r.integers(2, 12))]
    for _ in range(int(r.integers(40, 400))):
        radius = min(90, 3 / (r.random() + 0.03))
        at = (int(r.integers(0, SIZE)), int(r.integers(0, SIZE)))
        ink = near(r, palette[r.integers(len(palette))], 20).tolist()
        if kind == 0:
            cv2.circle(image, at, int(radius), ink, -1, cv2.LINE_AA)
        elif kind == 1:
            cv2.ellipse(image, at, (int(radius), int(radius * r.uniform(0.2, 0.9)) + 1), r.uniform(0, 360), 0, 360, ink, -1, cv2.LINE_AA)
        else:
            corners = int(r.integers(3, 7))
            angles = np.sort(r.uniform(0, 2 * np.pi, corners))
            points = np.stack([np.cos(angles), np.sin(angles)], 1) * radius * r.uniform(0.5, 1, (corners, 1)) + at
            cv2.fillPoly(image, [points.astype(np.int32)], ink, cv2.LINE_AA)
    return grain(r, image.astype(float), 0.3)


def words(r: Random, image: np.ndarray, lines: int) -> None:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIKLMNOPRST0123456789"
    ink = colour(r).tolist()
    size = r.uniform(0.25, 1.6)
    y = r.uniform(0, 40)
    for _ in range(lines):
        y += 30 * size * r.uniform(0.9, 1.3)
        text = " ".join("".join(r.choice(list(letters), r.integers(2, 9))) for _ in range(r.integers(1, 7)))
        cv2.putText(image, text, (int(r.uniform(-20, 60)), int(y)), int(r.choice([0, 1, 2, 3, 4, 6])), size, ink, int(r.integers(1, 1 + int(3 * size) + 1)), cv2.LINE_AA)


def print_(r: Random) -> np.ndarray:
    """A poster, a page or a sign."""
    a, b = colour(r), colour(r)
    paper = blend(noise(r, 1, 2), a, near(r, a, 20) if r.random() < 0.6 else b)
    image = np.ascontiguousarray(paper.clip(0, 255).astype(np.uint8))
    for _ in range(int(r.integers(0, 6))):
        ink = colour(r).tolist()
        x, y, w, h = (int(value) for value in r.uniform([-30, -30, 20, 20], [200, 200, 200, 160]))
        shape = r.integers(0, 4)
        if shape == 0:
            cv2.rectangle(image, (x, y), (x + w, y + h), ink, -1 if r.random() < 0.6 else 3)
        elif shape == 1:
            cv2.circle(image, (x + w // 2, y + h // 2), w // 2, ink, -1 if r.random() < 0.6 else 4, cv2.LINE_AA)
        elif shape == 2:
            cv2.line(image, (x, y), (x + w, y + h), ink, int(r.integers(2, 20)), cv2.LINE_AA)
        else:
            cv2.fillPoly(image, [r.uniform(0, SIZE, (3, 2)).astype(np.int32)], ink, cv2.LINE_AA)
    if r.random() < 0.8:
        words(r, image, int(r.integers(1, 14)))
    return image.astype(float)


def picture(r: Random) -> np.ndarray:
    """A painted view: sky, hills one behind the other, things; on a wall it stays flat."""
    image = np.ascontiguousarray(blend(np.tile(np.linspace(0, 1, SIZE)[:, None], (1, SIZE)), colour(r), colour(r)))
    for layer in range(int(r.integers(1, 5))):
        line = SIZE * (0.35 + 0.15 * layer) + (noise(r, 2, 16)[0] - 0.5) * r.uniform(10, 120)
        mask = np.arange(SIZE)[:, None] > line[None]
        image[mask] = grain(r, np.tile(colour(r), (SIZE, SIZE, 1)))[mask]
    for _ in range(int(r.integers(0, 8))):
        at, half = r.uniform(20, 236, 2), r.uniform(6, 50, 2)
        a, b = (at - half).astype(int).tolist(), (at + half).astype(int).tolist()
        cv2.rectangle(image, a, b, colour(r).tolist(), -1)
    return image


def gravel(r: Random) -> np.ndarray:
    share = noise(r, int(r.integers(16, 64)), 128, 0.9)
    return blend(share ** r.uniform(0.5, 2), *(near(r, colour(r), 20) for _ in range(3)))


def strokes(r: Random) -> np.ndarray:
    """Grass, fur, straw, scratches."""
    base = colour(r)
    image = np.ascontiguousarray(np.tile(base, (SIZE, SIZE, 1)).astype(np.uint8))
    angle, spread, length = r.uniform(0, np.pi), r.uniform(0.05, 1.5), r.uniform(5, 60)
    for _ in range(int(r.integers(200, 1500))):
        at = r.uniform(-10, SIZE + 10, 2)
        turn = angle + r.normal(0, spread)
        to = at + length * np.array([np.cos(turn), np.sin(turn)])
        cv2.line(image, at.astype(int).tolist(), to.astype(int).tolist(), near(r, base, 45).tolist(), int(r.integers(1, 3)), cv2.LINE_AA)
    return image.astype(float)


def dots(r: Random) -> np.ndarray:
    image = np.ascontiguousarray(np.tile(colour(r), (SIZE, SIZE, 1)).astype(np.uint8))
    n, ink = int(r.integers(2, 14)), colour(r).tolist()
    step = SIZE / n
    for i in range(n):
        for j in range(n):
            at = (int((i + 0.5 * (j % 2) + 0.25) * step), int((j + 0.5) * step))
            cv2.circle(image, at, int(step * 0.28), ink, -1, cv2.LINE_AA)
    return grain(r, image.astype(float), 0.3)


def panels(r: Random) -> np.ndarray:
    """Doors, windows, drawers, facades: drawn relief without any depth."""
    base = colour(r)
    image = np.ascontiguousarray(grain(r, np.tile(base, (SIZE, SIZE, 1)), 0.2))
    rows, columns = r.integers(1, 6, 2)
    pane = colour(r) * 0.6 if r.random() < 0.6 else near(r, base, 12)
    for i in range(rows):
        for j in range(columns):
            a = (int((j + 0.15) * SIZE / columns), int((i + 0.15) * SIZE / rows))
            b = (int((j + 0.85) * SIZE / columns), int((i + 0.85) * SIZE / rows))
            cv2.rectangle(image, a, b, near(r, pane, 12).tolist(), -1)
            cv2.rectangle(image, a, b, near(r, base, 40).tolist(), int(r.integers(1, 5)))
    return image


def rust(r: Random) -> np.ndarray:
    mask = noise(r, 2, 64, 0.7) > r.uniform(0.4, 0.8)
    return np.where(mask[..., None], grain(r, fbm(r)), grain(r, np.tile(colour(r), (SIZE, SIZE, 1)), 0.3))


# Below: only in the evaluation.
def cells(r: Random) -> np.ndarray:
    """Voronoi cells: cracked earth, stained glass, scales."""
    points = r.uniform(0, SIZE, (int(r.integers(8, 120)), 2))
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    distance = np.stack([np.hypot(x - px, y - py) for px, py in points])
    order = np.partition(distance, 1, axis=0)
    base = colour(r)
    inks = np.stack([near(r, base, r.uniform(0, 50)) for _ in points])
    image = inks[distance.argmin(0)]
    return np.where(((order[1] - order[0]) < r.uniform(1, 6))[..., None], near(r, base * 0.5), grain(r, image, 0.4))


def plaid(r: Random) -> np.ndarray:
    image = np.tile(colour(r), (SIZE, SIZE, 1))
    for axis in (0, 1):
        for _ in range(int(r.integers(1, 6))):
            period, width = r.integers(16, 128), r.uniform(0.05, 0.5)
            band = (np.arange(SIZE) % period < period * width)[:, None, None]
            image = np.where(band if axis else band.transpose(1, 0, 2), 0.5 * image + 0.5 * colour(r), image)
    return image


def parquet(r: Random) -> np.ndarray:
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE * r.integers(3, 14)
    a, b = x, x / 2 + y * np.sqrt(3) / 2
    q, s = np.floor(a + b), np.floor(a - b)
    base = colour(r)
    table = np.stack([near(r, base, 25) for _ in range(17)])
    return grain(r, table[((q * 5 + s * 3) % 17).astype(int)], 0.3)


def camouflage(r: Random) -> np.ndarray:
    steps = int(r.integers(3, 6))
    share = np.floor(noise(r, 2, 16, 0.5) * steps) / steps
    return np.stack([colour(r) for _ in range(steps + 1)])[(share * steps).astype(int)]


TRAIN = (fbm, marble, wood, bricks, tiles, checker, stripes, leaves, print_, picture, gravel, strokes, dots, panels, rust)
WEIGHTS = np.array([3, 1, 2, 2, 2, 1, 1.5, 2.5, 3, 2, 2, 2, 1, 2, 1.5])
HELDOUT = (cells, plaid, parquet, camouflage)
FLAT = (print_, picture, panels)  # families that hang on walls


def atlas_of(families, weights, count: int, seed: int) -> tuple[np.ndarray, list[int]]:
    """The atlas and, for each texture, the number of its family."""
    r = np.random.default_rng(seed)
    atlas = np.zeros((count, SIZE, SIZE * 3 // 2, 3), np.uint8)
    kinds = []
    for n in range(count):
        kind = int(r.choice(len(families), p=weights / weights.sum()))
        image = np.ascontiguousarray(np.clip(families[kind](r), 0, 255).astype(np.uint8))
        atlas[n, :, :SIZE] = image
        side, top = SIZE // 2, 0
        while side >= 8:
            image = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
            atlas[n, top : top + side, SIZE : SIZE + side] = image
            top, side = top + side, side // 2
        kinds.append(kind)
    return atlas, kinds
