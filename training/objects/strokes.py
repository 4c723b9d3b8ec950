"""What is drawn on a canvas: grounds, clutter, words, a glyph in another form or ink, and what a file format does."""
import cv2
import numpy as np
from bank import Glyph

WORDS = "the of and to in for on with menu open close save settings home file price total news today sale hello".split()


def colour(g: np.random.Generator) -> np.ndarray:
    return g.integers(0, 256, 3) if g.uniform() < 0.6 else np.full(3, g.integers(0, 256))


def background(g: np.random.Generator, size: int) -> np.ndarray:
    kind = g.uniform()
    if kind < 0.3:
        return _flat(g, size)
    if kind < 0.5:
        ramp = np.linspace(0, 1, size)[:, None] if g.uniform() < 0.5 else np.linspace(0, 1, size)[None]
        ramp = np.broadcast_to(ramp, (size, size))[..., None]
        return (colour(g) * ramp + colour(g) * (1 - ramp)).astype(np.uint8)
    cloth = _clouds(g, size)
    if kind < 0.75:
        return cloth
    if kind < 0.87:  # ground and sky
        line = int(size * g.uniform(0.3, 0.8))
        cloth[line:] = cv2.addWeighted(cloth[line:], 0.4, np.broadcast_to(colour(g).astype(np.uint8), cloth[line:].shape).copy(), 0.6, 0)
        return cloth
    step, turn = int(g.integers(6, 60)), g.integers(0, 3)
    y, x = np.mgrid[:size, :size] // step
    mask = ((x + y) % 2 if turn == 0 else x % 2 if turn == 1 else y % 2).astype(np.uint8)[..., None]
    base = _flat(g, size).astype(np.int16)
    return np.clip(base + mask * g.integers(-60, 60), 0, 255).astype(np.uint8)


def _flat(g: np.random.Generator, size: int) -> np.ndarray:
    value = np.full(3, g.choice([255, 250, 245, 30, 20, 0])) if g.uniform() < 0.5 else colour(g)
    return np.broadcast_to(value.astype(np.uint8), (size, size, 3)).copy()


def _clouds(g: np.random.Generator, size: int) -> np.ndarray:
    base, total = np.zeros((size, size, 3), np.float32), 0.0
    for grid in g.choice([2, 3, 5, 9, 17, 40], 3, replace=False):
        weight = 1 / grid ** g.uniform(0.2, 0.8)
        base += weight * cv2.resize(g.uniform(0, 255, (grid, grid, 3)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
        total += weight
    mixed = base / total
    spread = g.uniform(0.3, 1.2)
    return np.clip((mixed - 128) * spread + colour(g) * 0.6 + 51, 0, 255).astype(np.uint8)


def clutter(g: np.random.Generator, canvas: np.ndarray, count: int) -> None:
    """Shapes, lines and words that are nothing of the vocabulary."""
    size = canvas.shape[0]
    for _ in range(count):
        ink, kind = tuple(int(c) for c in colour(g)), g.integers(0, 6)
        x, y = (int(v) for v in g.integers(0, size, 2))
        w, h = (int(v) for v in g.integers(4, size // 3, 2))
        thick = int(g.choice([-1, 1, 2, 4]))
        if kind == 0:
            cv2.rectangle(canvas, (x, y), (x + w, y + h), ink, thick)
        elif kind == 1:
            cv2.line(canvas, (x, y), tuple(int(v) for v in g.integers(0, size, 2)), ink, abs(thick), cv2.LINE_AA)
        elif kind == 2:
            cv2.fillPoly(canvas, [(g.normal(size=(int(g.integers(3, 7)), 2)) * w / 2 + (x, y)).astype(np.int32)], ink, cv2.LINE_AA)
        elif kind == 3:
            cv2.ellipse(canvas, (x, y), (w, max(2, h // 3)), float(g.uniform(0, 180)), 0, float(g.uniform(90, 360)), ink, thick if thick > 0 else 2, cv2.LINE_AA)
        else:
            words(g, canvas, x, y, ink)


def words(g: np.random.Generator, canvas: np.ndarray, x: int, y: int, ink: tuple[int, ...]) -> None:
    text = " ".join(g.choice(WORDS, int(g.integers(1, 5)))) if g.uniform() < 0.8 else str(g.integers(0, 100000) / 100)
    font = int(g.choice([0, 1, 2, 3, 4, 5]))
    cv2.putText(canvas, text, (x, y), font, float(g.uniform(0.3, 0.9)), ink, int(g.integers(1, 3)), cv2.LINE_AA)


def shaped(g: np.random.Generator, glyph: Glyph, side: float, upright: bool) -> np.ndarray:
    """The glyph as RGBA whose longer side is about `side` pixels, turned, stretched and mirrored."""
    rgba = glyph.rgba
    high, wide = rgba.shape[:2]
    scale = side / max(high, wide)
    if scale < 0.6:
        small = (max(2, round(wide * scale)), max(2, round(high * scale)))
        rgba, scale = cv2.resize(rgba, small, interpolation=cv2.INTER_AREA), 1.0
        high, wide = rgba.shape[:2]
    turn = 0.0 if upright or g.uniform() < 0.35 else float(g.uniform(-30, 30))
    stretch = 1.0 if upright else float(np.exp(g.normal() * 0.08))
    c, s = np.cos(np.deg2rad(turn)) * scale, np.sin(np.deg2rad(turn)) * scale
    matrix = np.array([[c * stretch, s], [-s * stretch, c]])
    if g.uniform() < 0.5:
        matrix[:, 0] *= -1
    corners = np.array([[0, 0], [wide, 0], [0, high], [wide, high]]) @ matrix.T
    low, far = corners.min(0), corners.max(0)
    extent = np.maximum(2, np.ceil(far - low).astype(int) + 2)
    whole = np.concatenate([matrix, (1 - low)[:, None]], 1)
    return cv2.warpAffine(rgba, whole, (int(extent[0]), int(extent[1])), flags=cv2.INTER_LINEAR, borderValue=(0, 0, 0, 0))


def tinted(g: np.random.Generator, glyph: Glyph, rgba: np.ndarray, ground: np.ndarray, changed: float) -> np.ndarray:
    """Colours changed or lost now and then, so that form counts; `ground` is the mean colour below."""
    rgb, alpha = rgba[..., :3], rgba[..., 3]
    if glyph.plain:
        return np.dstack([np.broadcast_to(inked(g, ground), rgb.shape), alpha])
    if g.uniform() >= changed:
        return rgba
    kind = g.uniform(0.5, 1)
    if kind < 0.62:
        hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV).astype(np.int16)
        hsv[..., 0] = (hsv[..., 0] + g.integers(0, 180)) % 180
        hsv[..., 1:] = np.clip(hsv[..., 1:] * g.uniform(0.5, 1.3, 2), 0, 255)
        return np.dstack([cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB), alpha])
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    if kind < 0.7:  # one hue
        share = grey.astype(np.float32)[..., None] / 255
        return np.dstack([(colour(g) * (1 - share) + colour(g) * share).astype(np.uint8), alpha])
    if kind < 0.77:  # few tones
        levels = int(g.integers(2, 5))
        flat = (rgb.astype(np.float32) / 256 * levels).astype(np.int32)
        return np.dstack([(flat * 255 // max(1, levels - 1)).clip(0, 255).astype(np.uint8), alpha])
    if kind < 0.81:
        return np.dstack([np.broadcast_to(inked(g, ground), rgb.shape), alpha])
    line = outlines(g, grey, alpha)
    if kind < 0.92:  # a drawing in lines, filled with paper or not
        ink = inked(g, ground)
        if g.uniform() < 0.4:
            return np.dstack([np.broadcast_to(ink, rgb.shape), line])
        paper = 255 - ink if g.uniform() < 0.3 else np.full(3, 255 if ink.mean() < 128 else 0)
        return over(np.dstack([np.broadcast_to(paper.astype(np.uint8), rgb.shape), alpha]), ink, line)
    flat = cv2.medianBlur(rgb, 3) if g.uniform() < 0.5 else (rgb // 64 * 64 + 32).astype(np.uint8)
    return over(np.dstack([flat, alpha]), np.full(3, g.integers(0, 60)), line)  # a cartoon


def over(rgba: np.ndarray, ink: np.ndarray, line: np.ndarray) -> np.ndarray:
    share = line.astype(np.float32)[..., None] / 255
    rgb = (rgba[..., :3] * (1 - share) + ink * share).astype(np.uint8)
    return np.dstack([rgb, np.maximum(rgba[..., 3], line)])


def outlines(g: np.random.Generator, grey: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Edges of tone and of the shape, as alpha of the lines."""
    kernel = np.ones((2, 2), np.uint8) if min(grey.shape) < 70 or g.uniform() < 0.5 else np.ones((3, 3), np.uint8)
    tone = cv2.morphologyEx(np.where(alpha > 40, grey, 128).astype(np.uint8), cv2.MORPH_GRADIENT, kernel)
    inside = np.clip((tone.astype(np.int16) - g.integers(12, 40)) * g.integers(3, 8), 0, 255)
    rim = cv2.morphologyEx(alpha, cv2.MORPH_GRADIENT, kernel)
    return np.maximum(np.where(alpha > 0, inside, 0), rim).astype(np.uint8)


def inked(g: np.random.Generator, ground: np.ndarray) -> np.ndarray:
    """A colour that shows on the ground."""
    if g.uniform() < 0.4:
        return np.full(3, 255 if ground.mean() < 128 else 0, np.uint8)
    ink = colour(g)
    for _ in range(6):
        if abs(float(ink.mean() - ground.mean())) > 60:
            break
        ink = colour(g)
    return ink.astype(np.uint8)


def paste(canvas: np.ndarray, rgba: np.ndarray, x: int, y: int) -> None:
    high, wide = canvas.shape[:2]
    left, top, right, bottom = max(0, x), max(0, y), min(wide, x + rgba.shape[1]), min(high, y + rgba.shape[0])
    if left >= right or top >= bottom:
        return
    part = rgba[top - y : bottom - y, left - x : right - x]
    share = part[..., 3:].astype(np.uint16)
    below = canvas[top:bottom, left:right]
    below[:] = ((part[..., :3] * share + below * (255 - share) + 127) // 255).astype(np.uint8)


def finished(g: np.random.Generator, canvas: np.ndarray) -> np.ndarray:
    """Light, blur, noise and JPEG."""
    if g.uniform() < 0.35:
        table = np.clip((np.arange(256) - 128) * g.uniform(0.6, 1.2) + 128 + g.uniform(-35, 35), 0, 255).astype(np.uint8)
        canvas = cv2.LUT(canvas, table)
    if g.uniform() < 0.12:
        canvas = cv2.GaussianBlur(canvas, (3, 3), float(g.uniform(0.5, 1.2)))
    if g.uniform() < 0.15:
        noise = g.integers(-20, 21, canvas.shape[:2], np.int16)[..., None]
        canvas = np.clip(canvas + noise, 0, 255).astype(np.uint8)
    if g.uniform() < 0.3:
        packed = cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, int(g.integers(30, 95))])[1]
        canvas = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    return canvas
