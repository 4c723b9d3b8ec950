"""Draws a scene as 128 x 128 bytes; the same facts look different each time."""
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from places import draw_place
from scene import Group, Scene
from vocabulary import NOUNS, Icon, rgb_of

SIDE = 128
SHIFT = 4  # sub-pixel bits of OpenCV's drawing
FONTS = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSansMono-Bold", "DejaVuSansCondensed-Bold",
)  # fmt: skip


def fill_pattern(pattern: str | None, one: np.ndarray, two: np.ndarray, size: int, r: np.random.Generator) -> np.ndarray:
    """[size, size, 3] floats."""
    out = np.empty((size, size, 3), np.float32)
    out[:] = one.astype(np.float32)
    if pattern is None:
        return out
    y, x = np.mgrid[:size, :size].astype(np.float32)
    step = max(5.0, size / r.uniform(3, 7))
    if pattern == "striped":
        turn = r.choice([0, np.pi / 2, np.pi / 4, -np.pi / 4])
        mask = ((x * np.cos(turn) + y * np.sin(turn)) / step + r.random()) % 1 < r.uniform(0.4, 0.55)
    elif pattern == "checked":
        mask = (x // step + y // step) % 2 == 0
    else:
        row = y // step
        mask = ((x / step + 0.5 * (row % 2)) % 1 - 0.5) ** 2 + ((y / step) % 1 - 0.5) ** 2 < r.uniform(0.28, 0.38) ** 2
    out[mask] = two
    return out


def _polygon(corners: int, inner: float = 1.0, turn: float = -np.pi / 2) -> np.ndarray:
    angles = turn + np.arange(corners) * 2 * np.pi / corners
    radii = np.where(np.arange(corners) % 2 == 0, 1.0, inner)
    return np.stack([np.cos(angles) * radii, np.sin(angles) * radii], 1)


_T = np.linspace(0, 2 * np.pi, 40, endpoint=False)
OUTLINES = {
    "circle": np.stack([np.cos(_T), np.sin(_T)], 1),
    "sphere": np.stack([np.cos(_T), np.sin(_T)], 1),
    "square": np.float64([[-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]]),
    "rectangle": np.float64([[-1, -0.55], [1, -0.55], [1, 0.55], [-1, 0.55]]),
    "triangle": _polygon(3),
    "star": _polygon(10, 0.42),
    "heart": np.stack([16 * np.sin(_T) ** 3, -(13 * np.cos(_T) - 5 * np.cos(2 * _T) - 2 * np.cos(3 * _T) - np.cos(4 * _T))], 1) / 17,
    "diamond": np.float64([[0, -1], [0.7, 0], [0, 1], [-0.7, 0]]),
    "pentagon": _polygon(5),
    "hexagon": _polygon(6),
    "cross": np.float64([[-1, -0.3], [-0.3, -0.3], [-0.3, -1], [0.3, -1], [0.3, -0.3], [1, -0.3], [1, 0.3], [0.3, 0.3], [0.3, 1], [-0.3, 1], [-0.3, 0.3], [-1, 0.3]]),
    "oval": np.stack([np.cos(_T), 0.6 * np.sin(_T)], 1),
    "arrow": np.float64([[-1, -0.25], [0.2, -0.25], [0.2, -0.7], [1, 0], [0.2, 0.7], [0.2, 0.25], [-1, 0.25]]),
    "cone": np.concatenate([[[0, -1.0]], np.stack([0.75 * np.cos(_T[:20]), 0.7 + 0.25 * np.sin(_T[:20])], 1)]),
    "cylinder": np.concatenate([np.stack([0.65 * np.cos(_T[20:]), -0.75 + 0.22 * np.sin(_T[20:])], 1), np.stack([0.65 * np.cos(_T[:20]), 0.75 + 0.22 * np.sin(_T[:20])], 1)]),
}  # fmt: skip
_CUBE = np.float64([[0, -1], [0.87, -0.5], [0.87, 0.5], [0, 1], [-0.87, 0.5], [-0.87, -0.5], [0, 0]])


def _mask(points: np.ndarray, size: int) -> np.ndarray:
    mask = np.zeros((size, size), np.uint8)
    at = ((points * 0.48 + 0.5) * size * (1 << SHIFT)).astype(np.int32)
    cv2.fillPoly(mask, [at], 255, cv2.LINE_AA, SHIFT)
    return mask


def _shape(group: Group, size: int, r: np.random.Generator) -> np.ndarray:
    one = rgb_of(group.colour or "gray", r)
    # The second colour of a pattern is a lighter or darker one of the same, white or black: it has no name of its own.
    other = np.float32([255, 255, 255]) if one.mean() < 150 else np.float32([20, 20, 20])
    rgb = fill_pattern(group.pattern, one, other, size, r)
    if group.noun == "cube":
        faces = [([5, 0, 1, 6], 1.15), ([5, 6, 3, 4], 0.85), ([6, 1, 2, 3], 0.65)]
        shade, mask = np.ones((size, size), np.float32), _mask(_CUBE[:6], size)
        for corners, light in faces:
            shade[_mask(_CUBE[corners], size) > 127] = light
        rgb = rgb * shade[..., None]
    else:
        points = OUTLINES[group.noun]
        turn = 0.0 if group.noun in ("cone", "cylinder", "square", "diamond") else r.uniform(-0.3, 0.3) * (r.random() < 0.5)
        if group.noun == "arrow":
            turn = r.choice([0, np.pi / 2, np.pi, -np.pi / 2])
        points = points @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        mask = _mask(points, size)
    if group.noun in ("sphere", "cone", "cylinder"):
        x = np.linspace(-1, 1, size, dtype=np.float32)
        far = (x[None] + 0.35) ** 2 + ((x[:, None] + 0.4) ** 2 if group.noun == "sphere" else 0)
        rgb = rgb * np.clip(1.15 - 0.45 * far, 0.35, 1.2)[..., None] + 50 * np.clip(0.25 - far, 0, 1)[..., None]
    elif group.noun != "cube" and r.random() < 0.35:
        inner = cv2.erode(mask, np.ones((3, 3), np.uint8), iterations=max(1, size // 30))
        edge = (mask > inner) & (inner < 128)
        rgb[edge] = rgb[edge] * r.uniform(0.0, 0.5)
    return np.dstack([np.clip(rgb, 0, 255), mask]).astype(np.uint8)


def _glyph(group: Group, icons: dict[str, list[Icon]], which: int, size: int, r: np.random.Generator) -> np.ndarray:
    pixels = icons[group.noun][which].pixels
    patch = cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA if size < pixels.shape[0] else cv2.INTER_LINEAR)
    if group.natural is None:
        grey = patch[..., :3].astype(np.float32).mean(2)
        inside = grey[patch[..., 3] > 128]
        low, high = (np.percentile(inside, (5, 95)) if len(inside) else (0, 255))
        light = np.clip((grey - low) / max(30.0, high - low), 0, 1)[..., None]
        one = rgb_of(group.colour or "gray", r)
        floor, reach = r.uniform(0.45, 0.7), r.uniform(0, 35)
        rgb = one * (floor + (1 - floor) * light) + reach * (light - 0.3)
        patch = np.dstack([np.clip(rgb, 0, 255).astype(np.uint8), patch[..., 3]])
    if r.random() < 0.4:
        turn = cv2.getRotationMatrix2D((size / 2, size / 2), r.uniform(-20, 20), 0.88)
        patch = cv2.warpAffine(patch, turn, (size, size), flags=cv2.INTER_LINEAR)
    return patch


def paste(canvas: np.ndarray, patch: np.ndarray, x: float, y: float) -> None:
    """Lays an RGBA patch over float canvas with its middle at x, y; what sticks out is cut."""
    size = patch.shape[0]
    left, top = int(round(x - size / 2)), int(round(y - size / 2))
    l, t, right, bottom = max(0, left), max(0, top), min(SIDE, left + size), min(SIDE, top + size)
    if right <= l or bottom <= t:
        return
    part = patch[t - top : bottom - top, l - left : right - left]
    alpha = part[..., 3:].astype(np.float32) / 255
    region = canvas[t:bottom, l:right]
    region += (part[..., :3] - region) * alpha


def _scattered(count: int, r: np.random.Generator) -> list[tuple[float, float, float]]:
    """Middles and sizes of things that do not touch: in a row, a grid, or anywhere."""
    if count == 1:
        size = r.uniform(0.35, 0.75) * SIDE
        slack = (SIDE - size) / 2
        return [(SIDE / 2 + r.uniform(-1, 1) * slack * 0.8, SIDE / 2 + r.uniform(-1, 1) * slack * 0.8, size)]
    if r.random() < 0.35:
        columns = count if count < 5 and r.random() < 0.6 else int(np.ceil(np.sqrt(count)))
        rows = -(-count // columns)
        cell = SIDE * r.uniform(0.8, 0.95) / max(columns, rows)
        upright = columns == count and r.random() < 0.3
        at = []
        for n in range(count):
            dx, dy = (n % columns - (columns - 1) / 2) * cell, (n // columns - (rows - 1) / 2) * cell
            at.append((SIDE / 2 + (dy if upright else dx), SIDE / 2 + (dx if upright else dy), cell * 0.85))
        return at
    size = SIDE * min(0.5, r.uniform(0.6, 0.95) / np.sqrt(count * 1.5))
    for _ in range(200):
        at: list[tuple[float, float, float]] = []
        for _ in range(30 * count):
            x, y = r.uniform(size / 2, SIDE - size / 2, 2)
            if all((x - a) ** 2 + (y - b) ** 2 > (1.05 * size) ** 2 for a, b, _ in at):
                at.append((x, y, size * r.uniform(0.8, 1)))
                if len(at) == count:
                    return at
        size *= 0.92
    return at


def _related(relation: str, r: np.random.Generator) -> list[tuple[float, float, float]]:
    if relation == "inside":
        size = r.uniform(0.75, 0.98) * SIDE
        x, y = (SIDE / 2 + r.uniform(-1, 1) * (SIDE - size) / 2 for _ in range(2))
        return [(x, y + 0.04 * size, size * r.uniform(0.25, 0.38)), (x, y, size)]
    sizes = r.uniform(0.26, 0.46, 2) * SIDE
    along = [sizes[0] / 2 + r.uniform(2, 12), SIDE - sizes[1] / 2 - r.uniform(2, 12)]
    middle = r.uniform(0.4, 0.6) * SIDE
    across = [middle + r.uniform(-0.09, 0.09) * SIDE for _ in range(2)]
    if relation in ("right", "below"):
        along = [SIDE - value for value in along]
    pairs = zip(along, across, strict=True) if relation in ("left", "right") else zip(across, along, strict=True)
    return [(x, y, size) for (x, y), size in zip(pairs, sizes, strict=True)]


def layout(scene: Scene, r: np.random.Generator) -> list[tuple[Group, float, float, float]]:
    groups = scene.groups
    if scene.relation is not None:
        at = list(zip(groups, _related(scene.relation, r), strict=True))
        return [(group, *place) for group, place in reversed(at)]
    if scene.place is not None:
        return [(g, SIDE * r.uniform(0.25, 0.75), SIDE * r.uniform(0.6, 0.75), SIDE * r.uniform(0.25, 0.45)) for g in groups]
    things = [group for group in groups for _ in range(group.count)]
    places = _scattered(len(things), r) if things else []
    if len(things) == 2 and groups[0].size is not None:
        big, small = r.uniform(0.5, 0.6) * SIDE, r.uniform(0.17, 0.24) * SIDE
        left = [(SIDE * r.uniform(0.29, 0.33), SIDE * r.uniform(0.35, 0.65), big), (SIDE * r.uniform(0.76, 0.86), SIDE * r.uniform(0.2, 0.8), small)]
        places = left if groups[0].size == "big" else left[::-1]
        if r.random() < 0.5:
            places = [(SIDE - x, y, size) for x, y, size in places]
        return [(group, *place) for group, place in zip(things, places, strict=True)]
    if len(things) == 1 and groups[0].size is not None:
        size = SIDE * (r.uniform(0.8, 0.95) if groups[0].size == "big" else r.uniform(0.14, 0.22))
        slack = (SIDE - size) / 2
        return [(things[0], SIDE / 2 + r.uniform(-1, 1) * slack, SIDE / 2 + r.uniform(-1, 1) * slack, size)]
    if r.random() < 0.5 and len(groups) > 1:
        places = [places[n] for n in r.permutation(len(places))]
    return [(group, *place) for group, place in zip(things, places, strict=True)]


class Painter:
    def __init__(self, icons: dict[str, list[Icon]]):
        self.icons = icons
        self.words: dict[tuple[str, int], np.ndarray] = {}
        r = np.random.default_rng(3)
        self.noises = [_fractal(r) for _ in range(24)]

    def paint(self, scene: Scene, r: np.random.Generator) -> np.ndarray:
        """[128, 128, 3] bytes."""
        canvas = self._ground(scene, r)
        which: dict[int, int] = {}
        shadow = r.random() < 0.2
        for group, x, y, size in layout(scene, r):
            if NOUNS[group.noun].shape:
                patch = _shape(group, max(8, int(size)), r)
            else:
                pick = which.setdefault(id(group), group.natural if group.natural is not None else int(r.integers(len(self.icons[group.noun]))))
                patch = _glyph(group, self.icons, pick, max(8, int(size)), r)
            if shadow and scene.relation != "inside":
                dark = patch.copy()
                dark[..., :3], dark[..., 3] = 0, patch[..., 3] // 3
                paste(canvas, dark, x + 2, y + 3)
            paste(canvas, patch, x, y)
        if scene.sign is not None:
            self._sign(canvas, scene, r)
        return camera(canvas, scene.look, r)

    def _ground(self, scene: Scene, r: np.random.Generator) -> np.ndarray:
        if scene.place is not None:
            return draw_place(scene.place, self.noises, r)
        if scene.ground is not None:
            one = rgb_of(scene.ground, r)
            two = rgb_of(scene.ground2, r) if scene.ground2 else one
            return fill_pattern(scene.ground_pattern, one, two, SIDE, r)
        noise = self.noises[int(r.integers(len(self.noises)))]
        noise = np.rot90(noise, int(r.integers(4)))[..., None]
        base, change = r.uniform(40, 235, 3), r.uniform(-90, 90, 3) * r.uniform(0.2, 1)
        base = np.float32(base.mean() + (base - base.mean()) * r.uniform(0, 0.8))
        change = change.astype(np.float32)
        return np.ascontiguousarray(np.clip(base + change * noise, 0, 255), np.float32)

    def _word(self, word: str, font: int) -> np.ndarray:
        if (word, font) not in self.words:
            face = ImageFont.truetype(f"/usr/share/fonts/truetype/dejavu/{FONTS[font]}.ttf", 40)
            left, top, right, bottom = face.getbbox(word)
            image = Image.new("L", (right - left + 4, bottom - top + 4))
            ImageDraw.Draw(image).text((2 - left, 2 - top), word, font=face, fill=255)
            self.words[word, font] = np.asarray(image)
        return self.words[word, font]

    def _sign(self, canvas: np.ndarray, scene: Scene, r: np.random.Generator) -> None:
        word = (str.upper, str.lower, str.title)[int(r.choice(3, p=[0.6, 0.15, 0.25]))](scene.sign)
        mask = self._word(word, int(r.integers(len(FONTS))))
        width = r.uniform(0.6, 0.88) * SIDE
        scale = min(width / mask.shape[1], 0.4 * SIDE / mask.shape[0])
        mask = cv2.resize(mask, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        high, wide = mask.shape
        pad = r.uniform(4, 9)
        x, y = (SIDE / 2 + r.uniform(-1, 1) * (SIDE / 2 - side / 2 - pad) for side in (wide, high))
        panel = rgb_of(scene.sign_colour, r)
        ink = np.float32([250, 250, 250]) if panel @ (0.3, 0.6, 0.1) < 140 else np.float32([15, 15, 15])
        left, top = int(x - wide / 2), int(y - high / 2)
        corners = [int(left - pad), int(top - pad), int(left + wide + pad), int(top + high + pad)]
        l, t, right, bottom = np.clip(corners, 0, SIDE)
        canvas[t:bottom, l:right] = panel
        if r.random() < 0.5:
            cv2.rectangle(canvas, (int(l), int(t)), (int(right) - 1, int(bottom) - 1), ink.tolist(), int(r.integers(1, 3)))
        region = canvas[top : top + high, left : left + wide]
        region += (ink - region) * (mask[: region.shape[0], : region.shape[1], None] / np.float32(255))


def _fractal(r: np.random.Generator) -> np.ndarray:
    """Smooth noise of mean 0 and deviation 1."""
    out = np.zeros((SIDE, SIDE), np.float32)
    for size in (2, 4, 8, 16, 32, 64):
        out += cv2.resize(r.normal(size=(size, size)).astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) * size ** -r.uniform(0.2, 1.2)
    return (out - out.mean()) / out.std()


_GRAIN = np.random.default_rng(4).standard_normal((3 * SIDE, 3 * SIDE, 3)).astype(np.float32)


def camera(canvas: np.ndarray, look: str | None, r: np.random.Generator) -> np.ndarray:
    """What a camera or a file does to it; `look` is done so that one sees it."""
    if look == "black and white":
        canvas = np.repeat(canvas @ np.float32([0.3, 0.59, 0.11])[:, None], 3, 2)
    gain = r.uniform(0.14, 0.32) if look == "dark" else r.uniform(0.85, 1.1)
    cast = 1 if look == "black and white" else r.uniform(0.95, 1.05, 3).astype(np.float32)
    canvas = canvas * np.float32(gain) * cast
    if look == "blurred":
        canvas = cv2.GaussianBlur(canvas, (0, 0), r.uniform(2.6, 4.5))
    elif r.random() < 0.3:
        canvas = cv2.GaussianBlur(canvas, (0, 0), r.uniform(0.3, 0.9))
    strength = r.uniform(28, 50) if look == "noisy" else r.uniform(0, 6) if r.random() < 0.4 else 0
    if strength:
        x, y = r.integers(0, _GRAIN.shape[0] - SIDE, 2)
        grain = _GRAIN[y : y + SIDE, x : x + SIDE]
        canvas = canvas + (grain[..., :1] if look == "black and white" else grain) * np.float32(strength)
    out = np.clip(canvas, 0, 255).astype(np.uint8)  # colour channels in RGB order all along
    if r.random() < 0.25:
        out = cv2.imdecode(cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(r.integers(35, 92))])[1], cv2.IMREAD_COLOR)
    return out
