"""Pictures with named objects, composed while training: glyphs and solids on drawn backgrounds.

`Scenes(bank, part, size).compose(generator)` gives one picture [size, size, 3] (RGB bytes), its boxes [n, 4]
(left, top, right, bottom in pixels) and the places of their names in the vocabulary [n].
"""
import json
import pathlib
from dataclasses import dataclass

import cv2
import numpy as np
import solids

WORK = pathlib.Path(__file__).resolve().parents[1] / ".work" / "objects"
FILL = 114  # beside the picture, as the adapter has it
OVERLAP_MAX = 0.3  # of the smaller of two objects
SOLIDS_EACH = 40
OFTEN = ("noto", "fluent-emoji-flat", "twemoji", "fluent-emoji")
WORDS = "the of and to in for on with menu open close save settings home file price total news today sale hello".split()


@dataclass(frozen=True)
class Glyph:
    name: int
    plain: bool
    rgba: np.ndarray  # cropped to what is drawn
    solid: bool


class Bank:
    """All glyphs by part (`train`, `develop`, `heldOut`) and set; names in the order of the vocabulary."""

    def __init__(self, work: pathlib.Path = WORK):
        self.vocabulary = json.loads((work / "vocabulary.json").read_text())
        self.names = [entry["name"] for entry in self.vocabulary]
        place = {name: index for index, name in enumerate(self.names)}
        table = json.loads((work / "glyphs.json").read_text())
        side = table["side"]
        pixels = np.memmap(work / "glyphs.raw", np.uint8, "r").reshape(-1, side, side, 4)
        self.glyphs: dict[tuple[str, str], dict[int, list[Glyph]]] = {}
        boxes = _extents(work, pixels)
        for index, row in enumerate(table["glyphs"]):
            if row["name"] not in place:
                continue
            left, top, right, bottom = boxes[index]
            glyph = Glyph(place[row["name"]], row["plain"], pixels[index, top:bottom, left:right], False)
            names = self.glyphs.setdefault((row["part"], row["set"]), {})
            names.setdefault(glyph.name, []).append(glyph)
        self.solids = {place[name]: [Glyph(place[name], False, _cropped(one), True) for one in drawn] for name, drawn in _solids(work).items() if name in place}

    def of(self, part: str, sets: list[str] | None = None) -> dict[int, dict[str, list[Glyph]]]:
        """Name -> set -> glyphs."""
        found: dict[int, dict[str, list[Glyph]]] = {}
        for (its, name_of_set), names in self.glyphs.items():
            if its == part and (sets is None or name_of_set in sets):
                for name, glyphs in names.items():
                    found.setdefault(name, {})[name_of_set] = glyphs
        return found


def _extents(work: pathlib.Path, pixels: np.ndarray) -> np.ndarray:
    file = work / f"extents-{len(pixels)}.npy"
    if not file.exists():
        np.save(file, np.array([_extent(glyph[..., 3]) for glyph in pixels]))
    return np.load(file)


def _extent(alpha: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero((alpha > 48).any(1)), np.flatnonzero((alpha > 48).any(0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def _cropped(rgba: np.ndarray) -> np.ndarray:
    left, top, right, bottom = _extent(rgba[..., 3])
    return rgba[top:bottom, left:right]


def _solids(work: pathlib.Path) -> dict[str, np.ndarray]:
    file = work / f"solids-{SOLIDS_EACH}.npy"
    if not file.exists():
        g = np.random.default_rng(11)
        np.save(file, np.array([[solids.draw(name, g) for _ in range(SOLIDS_EACH)] for name in solids.NOUNS]))
    drawn = np.load(file, mmap_mode="r")
    return dict(zip(solids.NOUNS, drawn, strict=True))


# ---- backgrounds ----------------------------------------------------------------------------------------------


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


# ---- one object -----------------------------------------------------------------------------------------------


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


# ---- a whole picture ------------------------------------------------------------------------------------------


@dataclass
class Page:
    canvas: np.ndarray
    boxes: list[tuple[float, float, float, float]]
    names: list[int]


class Scenes:
    def __init__(self, bank: Bank, part: str, size: int, sets: list[str] | None = None, with_solids: bool = True, most: int = 12, least: float = 18.0, changed: float = 0.4, crowd: float = 0.0):
        self.choices = bank.of(part, sets)
        self.solids = bank.solids if with_solids else {}
        self.known = sorted(self.choices)
        self.size = size
        self.most = most
        self.changed = changed  # share of objects whose colours are not their own
        self.crowd = crowd  # share of pictures with many objects, of which more is learned
        self.least = least  # side of an object, in pixels

    def compose(self, g: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        picture, page = self.draw(g)
        high, wide = picture.shape[:2]
        whole = np.full((self.size, self.size, 3), FILL, np.uint8)
        whole[:high, :wide] = picture
        return whole, np.array(page.boxes, np.float32).reshape(-1, 4), np.array(page.names, np.int64)

    def draw(self, g: np.random.Generator, empty: bool | None = None) -> tuple[np.ndarray, Page]:
        """The picture without what fills it up to a square, and what is in it; `empty`: no object, or one at least."""
        size = self.size
        page = Page(background(g, size), [], [])
        wide, high = self._extent(g)
        none = g.uniform() < 0.07 if empty is None else empty
        clutter(g, page.canvas, int(g.integers(0, 5)) + (6 if none else 0))
        if not none:
            if g.uniform() < 0.3:
                self._interface(g, page, wide, high)
            else:
                for _ in range(18 if g.uniform() < self.crowd else int(g.integers(1, self.most + 1))):
                    self._scatter(g, page, wide, high)
        if g.uniform() < 0.25:
            self._cover(g, page)
        return finished(g, page.canvas)[:high, :wide], page

    def singles(self, g: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """16 objects in a square of 4 x 4, each filling its tile about as a cut-out would, and their names row by row."""
        page, step = Page(background(g, self.size), [], []), self.size // 4
        clutter(g, page.canvas, int(g.integers(0, 6)))
        names = []
        for y in range(4):
            for x in range(4):
                side = step * g.uniform(0.72, 0.98)
                left, top = (step * at + int((step - side) / 2 + step * g.normal() * 0.04) for at in (x, y))
                glyph = self.pick(g)
                names.append(glyph.name)
                page.boxes.clear()
                self._place(g, page, glyph, side, left, top, self.size, self.size, upright=g.uniform() < 0.4)
                if g.uniform() < 0.05:  # cut off by the border of the picture
                    edge = int(step * g.uniform(0.05, 0.3))
                    page.canvas[step * y : step * y + edge, step * x : step * (x + 1)] = FILL
        picture = finished(g, page.canvas)
        if g.uniform() < 0.35:  # seen small
            few = int(self.size * g.uniform(0.35, 0.8))
            picture = cv2.resize(cv2.resize(picture, (few, few), interpolation=cv2.INTER_AREA), (self.size, self.size), interpolation=cv2.INTER_LINEAR)
        return picture, np.array(names, np.int64)

    def _extent(self, g: np.random.Generator) -> tuple[int, int]:
        """Width and height of the picture inside the square."""
        if g.uniform() < 0.5:
            return self.size, self.size
        short = int(self.size * g.uniform(0.5, 0.95))
        return (self.size, short) if g.uniform() < 0.5 else (short, self.size)

    def pick(self, g: np.random.Generator) -> Glyph:
        name = self.known[g.integers(len(self.known))]
        if name in self.solids and g.uniform() < 0.15:
            drawn = self.solids[name]
            return drawn[g.integers(len(drawn))]
        own = self.choices[name]
        # Half of all are of the sets that people meet most.
        sets = [own[one] for one in OFTEN if one in own] if g.uniform() < 0.5 else []
        sets = sets or list(own.values())
        glyphs = sets[g.integers(len(sets))]
        return glyphs[min(int(g.exponential(0.8)), len(glyphs) - 1)]

    def _scatter(self, g: np.random.Generator, page: Page, wide: int, high: int) -> None:
        longest = min(wide, high) * 0.9
        side = float(np.exp(g.uniform(np.log(self.least), np.log(longest * 0.75)))) if g.uniform() < 0.9 else g.uniform(0.4, 1.0) * longest
        for _ in range(5):
            x, y = int(g.uniform(-0.05 * side, wide - 0.95 * side)), int(g.uniform(-0.05 * side, high - 0.95 * side))
            if self._place(g, page, self.pick(g), side, x, y, wide, high, upright=False):
                return
            side = max(self.least, side * 0.75)

    def _place(self, g: np.random.Generator, page: Page, glyph: Glyph, side: float, x: int, y: int, wide: int, high: int, upright: bool) -> bool:
        box = (max(0, x), max(0, y), min(wide, x + side), min(high, y + side))
        if any(covered(box, other) > OVERLAP_MAX for other in page.boxes):
            return False
        rgba = shaped(g, glyph, side, upright)
        ground = page.canvas[max(0, y) : max(1, y + rgba.shape[0]), max(0, x) : max(1, x + rgba.shape[1])]
        if ground.size == 0:
            return False
        rgba = tinted(g, glyph, rgba, ground.reshape(-1, 3).mean(0), self.changed)
        if not upright and g.uniform() < 0.2:
            shadow = np.zeros_like(rgba)
            shadow[..., 3] = cv2.blur(rgba[..., 3], (5, 5)) // 2
            paste(page.canvas, shadow, x + int(g.integers(-4, 9)), y + int(g.integers(1, 9)))
        paste(page.canvas, rgba, x, y)
        seen = rgba[max(0, -y) : max(0, high - y), max(0, -x) : max(0, wide - x), 3] > 48
        if seen.sum() < 20:
            return True  # a trace that has no box
        left, top, right, bottom = _extent(seen * np.uint8(255))
        x, y = max(0, x), max(0, y)
        page.boxes.append((x + left, y + top, x + right, y + bottom))
        page.names.append(glyph.name)
        return True

    def _interface(self, g: np.random.Generator, page: Page, wide: int, high: int) -> None:
        """Rows of icons with words, as screens, chats and menus have them."""
        dark = g.uniform() < 0.35
        page.canvas[:] = g.integers(10, 60) if dark else g.integers(225, 256)
        side = float(np.exp(g.uniform(np.log(self.least), np.log(90))))
        gap = side * g.uniform(1.15, 2.2)
        ink = (230, 230, 230) if dark else (40, 40, 40)
        as_list = g.uniform() < 0.4
        y = g.uniform(4, 20)
        while y + side < high and len(page.boxes) < 16:
            x = g.uniform(4, 16)
            if g.uniform() < 0.3:
                tile = tuple(int(c) for c in colour(g))
                cv2.rectangle(page.canvas, (int(x) - 3, int(y) - 3), (int(wide - 6), int(y + side) + 3), tile, -1)
            while x + side < wide and len(page.boxes) < 16:
                if g.uniform() < 0.75:
                    self._place(g, page, self.pick(g), side, int(x), int(y), wide, high, upright=True)
                elif g.uniform() < 0.5:
                    words(g, page.canvas, int(x), int(y + side / 2), ink)
                if as_list:
                    words(g, page.canvas, int(x + side * 1.2), int(y + side * 0.6), ink)
                    break
                x += gap
            y += gap

    def _cover(self, g: np.random.Generator, page: Page) -> None:
        """Something thin in front of an object."""
        for left, top, right, bottom in page.boxes:
            if right - left > 30 and g.uniform() < 0.4:
                ink = tuple(int(c) for c in colour(g))
                thick = max(1, int((right - left) * g.uniform(0.03, 0.15)))
                ends = g.uniform((left, top, left, top), (right, bottom, right, bottom)).astype(int)
                cv2.line(page.canvas, (int(ends[0]), int(ends[1])), (int(ends[2]), int(ends[3])), ink, thick, cv2.LINE_AA)


def covered(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Shared area over that of the smaller."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return wide * high / max(1.0, smaller)


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
