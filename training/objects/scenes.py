"""Pictures with named objects, composed while training: glyphs and solids on drawn backgrounds.

`Scenes(bank, part, size).compose(generator)` gives one picture [size, size, 3] (RGB bytes), its boxes [n, 4]
(left, top, right, bottom in pixels) and the places of their names in the vocabulary [n].
"""
from dataclasses import dataclass

import cv2
import numpy as np
from bank import Bank, Glyph, extent
from strokes import background, clutter, colour, finished, paste, shaped, tinted, words

FILL = 114  # beside the picture, as the adapter has it
OVERLAP_MAX = 0.3  # of the smaller of two objects
OFTEN = ("noto", "fluent-emoji-flat", "twemoji", "fluent-emoji")


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
        left, top, right, bottom = extent(seen * np.uint8(255))
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
