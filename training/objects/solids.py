"""Parametric solids of common nouns, lit and seen from chance directions: what glyphs never show.

`draw(name, generator)` gives one picture as [160, 160, 4] RGBA; `NOUNS` says which names there are. A solid is a
list of faces (corners in 3-D and a colour), painted from the back to the front.
"""
import colorsys
from collections.abc import Callable

import cv2
import numpy as np

SIDE = 160
SCALE = 2  # drawn larger and averaged down, against stairs at edges

Colour = tuple[float, float, float]
Faces = list[tuple[np.ndarray, Colour]]


def paint(g: np.random.Generator, hue: float | None = None, vivid: float | None = None) -> Colour:
    """A colour in 0..1; any hue, or one near `hue`."""
    h = g.uniform() if hue is None else (hue + g.normal() * 0.02) % 1
    s = g.uniform(0.1, 0.95) if vivid is None else np.clip(vivid + g.normal() * 0.1, 0, 1)
    return colorsys.hsv_to_rgb(h, s, g.uniform(0.45, 1.0))


def wood(g: np.random.Generator) -> Colour:
    return colorsys.hsv_to_rgb(g.uniform(0.05, 0.1), g.uniform(0.3, 0.75), g.uniform(0.3, 0.9))


def grey(g: np.random.Generator, low: float = 0.1, high: float = 0.95) -> Colour:
    value = g.uniform(low, high)
    return (value, value, value)


def box(x: tuple[float, float], y: tuple[float, float], z: tuple[float, float], colour: Colour) -> Faces:
    corners = np.array([[a, b, c] for a in x for b in y for c in z], float)
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return [(corners[list(side)], colour) for side in sides]


def turned(profile: list[tuple[float, float]], colour: Colour | list[Colour], around: int = 28) -> Faces:
    """A surface of revolution about the y axis; `profile` is (radius, height) from below, a colour a ring or one."""
    angles = np.linspace(0, 2 * np.pi, around, endpoint=False)
    rings = [np.stack([r * np.cos(angles), np.full(around, h), r * np.sin(angles)], 1) for r, h in profile]
    faces: Faces = []
    for index, (low, high) in enumerate(zip(rings, rings[1:], strict=False)):
        shade = colour[index] if isinstance(colour, list) else colour
        for k in range(around):
            n = (k + 1) % around
            faces.append((np.array([low[k], high[k], high[n], low[n]]), shade))
    ends = (colour[0], colour[-1]) if isinstance(colour, list) else (colour, colour)
    return [*faces, (rings[0], ends[0]), (rings[-1][::-1], ends[1])]


def ball(radius: float, colour: Colour | Callable[[float], Colour], squash: float = 1.0, lift: float = 0.0) -> Faces:
    steps = np.linspace(-np.pi / 2, np.pi / 2, 14)
    profile = [(max(1e-3, radius * np.cos(t)), lift + squash * radius * np.sin(t)) for t in steps]
    if callable(colour):
        return turned(profile, [colour(k / 12) for k in range(13)])
    return turned(profile, colour)


def slab(outline: list[tuple[float, float]], depth: float, colour: Colour) -> Faces:
    """A flat shape with thickness along z; the outline is counter-clockwise."""
    front = np.array([(x, y, depth / 2) for x, y in outline])
    back = front * [1, 1, -1]
    count = len(outline)
    sides = [(np.array([front[k], back[k], back[(k + 1) % count], front[(k + 1) % count]]), colour) for k in range(count)]
    return [(front, colour), (back[::-1], colour), *sides]


def circle(radius: float, at: tuple[float, float] = (0, 0), corners: int = 24) -> list[tuple[float, float]]:
    return [(at[0] + radius * np.cos(a), at[1] + radius * np.sin(a)) for a in np.linspace(0, 2 * np.pi, corners, endpoint=False)]


def moved(faces: Faces, x: float = 0, y: float = 0, z: float = 0, tilt: float = 0) -> Faces:
    """`tilt` turns about the z axis, in radians, before the move."""
    c, s = np.cos(tilt), np.sin(tilt)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    return [(corners @ turn.T + [x, y, z], colour) for corners, colour in faces]


def wheels(g: np.random.Generator, places: list[tuple[float, float]], radius: float, half: float) -> Faces:
    rubber, hub = grey(g, 0.05, 0.2), grey(g, 0.4, 0.9)
    faces: Faces = []
    for x, z in [(x, side * half) for x, _ in places for side in (-1, 1)]:
        faces += moved(slab(circle(radius), 0.08, rubber), x, radius, z)
        faces += moved(slab(circle(radius * 0.5), 0.1, hub), x, radius, z)
    return faces


def car(g):
    body, glass, length = paint(g), colorsys.hsv_to_rgb(0.55, 0.3, g.uniform(0.3, 0.9)), g.uniform(0.8, 1.1)
    cabin = [(-0.5 * length, 0.5), (0.45 * length, 0.5), (0.2 * length, 0.85), (-0.35 * length, 0.85)]
    faces = box((-length, length), (0.18, 0.52), (-0.4, 0.4), body)
    faces += slab(cabin, 0.7, body) + slab([(0.85 * x, 0.5 + 0.85 * (y - 0.5)) for x, y in cabin], 0.74, glass)
    return faces + wheels(g, [(-0.6 * length, 0), (0.6 * length, 0)], 0.2, 0.4)


def truck(g):
    load, cab, glass = paint(g), paint(g), colorsys.hsv_to_rgb(0.55, 0.3, 0.8)
    faces = box((-1.2, 0.35), (0.25, g.uniform(0.9, 1.2)), (-0.42, 0.42), load)
    faces += box((0.4, 0.95), (0.2, 0.8), (-0.4, 0.4), cab) + box((0.6, 0.96), (0.5, 0.75), (-0.41, 0.41), glass)
    return faces + wheels(g, [(-0.9, 0), (-0.5, 0), (0.65, 0)], 0.2, 0.42)


def bus(g):
    body, glass = paint(g), colorsys.hsv_to_rgb(0.55, 0.3, g.uniform(0.5, 0.9))
    faces = box((-1.3, 1.3), (0.15, 0.95), (-0.4, 0.4), body)
    for k in range(6):
        faces += box((-1.2 + 0.41 * k, -0.87 + 0.41 * k), (0.5, 0.82), (-0.41, 0.41), glass)
    faces += box((1.25, 1.31), (0.45, 0.85), (-0.35, 0.35), glass)
    return faces + wheels(g, [(-0.85, 0), (0.85, 0)], 0.2, 0.4)


def legs(top: float, x: float, z: float, colour: Colour, thick: float = 0.06) -> Faces:
    faces: Faces = []
    for a in (-x, x):
        for b in (-z, z):
            faces += box((a - thick, a + thick), (0, top), (b - thick, b + thick), colour)
    return faces


def table(g):
    colour, half, deep = wood(g), g.uniform(0.7, 1.2), g.uniform(0.4, 0.7)
    return legs(0.8, half - 0.1, deep - 0.1, colour) + box((-half, half), (0.8, 0.9), (-deep, deep), wood(g) if g.uniform() < 0.4 else colour)


def chair(g):
    colour = wood(g) if g.uniform() < 0.6 else paint(g)
    seat = box((-0.45, 0.45), (0.5, 0.6), (-0.45, 0.45), colour)
    back = box((-0.45, 0.45), (0.6, g.uniform(1.1, 1.5)), (-0.45, -0.35), colour)
    return legs(0.5, 0.38, 0.38, colour, 0.05) + seat + back


def bed(g):
    frame, sheet, pillow = wood(g), paint(g, vivid=0.4), grey(g, 0.8, 1)
    faces = box((-1.1, 1.1), (0.1, 0.35), (-0.7, 0.7), frame) + box((-1.15, -1.05), (0, 0.9), (-0.7, 0.7), frame)
    return faces + box((-1.0, 1.05), (0.36, 0.55), (-0.66, 0.66), sheet) + box((-0.95, -0.6), (0.56, 0.68), (-0.45, 0.45), pillow)


def sofa(g):
    colour = paint(g)
    faces = box((-1, 1), (0.1, 0.45), (-0.4, 0.45), colour) + box((-1, 1), (0.45, 0.95), (-0.45, -0.2), colour)
    return faces + box((-1.15, -0.95), (0.1, 0.65), (-0.45, 0.45), colour) + box((0.95, 1.15), (0.1, 0.65), (-0.45, 0.45), colour)


def book(g):
    cover, wide, high, thick = paint(g), g.uniform(0.5, 0.8), 1.0, g.uniform(0.06, 0.2)
    faces = box((-wide, wide - 0.03), (-high + 0.04, high - 0.04), (-thick, thick), (0.95, 0.93, 0.85))
    faces += box((-wide, wide), (-high, high), (thick, thick + 0.03), cover) + box((-wide, wide), (-high, high), (-thick - 0.03, -thick), cover)
    faces += box((-wide - 0.03, -wide), (-high, high), (-thick - 0.03, thick + 0.03), cover)
    return faces + box((-wide * 0.6, wide * 0.6), (high * 0.3, high * 0.55), (thick + 0.03, thick + 0.035), paint(g))


def house(g):
    wall, roof = paint(g, vivid=0.3), paint(g, g.choice([0.0, 0.05, 0.6]))
    faces = box((-0.8, 0.8), (0, 0.9), (-0.6, 0.6), wall)
    faces += slab([(-0.95, 0.9), (0.95, 0.9), (0, g.uniform(1.4, 1.8))], 1.35, roof)
    faces += box((-0.15, 0.15), (0, 0.55), (0.6, 0.62), wood(g))
    return faces + box((-0.6, -0.3), (0.4, 0.7), (0.6, 0.62), (0.6, 0.8, 0.95)) + box((0.3, 0.6), (0.4, 0.7), (0.6, 0.62), (0.6, 0.8, 0.95))


def office(g):
    wall, glass, high = grey(g, 0.4, 0.9) if g.uniform() < 0.5 else paint(g, vivid=0.3), paint(g, 0.57), g.uniform(1.6, 2.6)
    faces = box((-0.5, 0.5), (0, high), (-0.5, 0.5), wall)
    for y in np.arange(0.2, high - 0.2, 0.32):
        for x in (-0.38, -0.1, 0.18):
            faces += box((x, x + 0.2), (y, y + 0.2), (-0.51, 0.51), glass) + box((-0.51, 0.51), (y, y + 0.2), (x, x + 0.2), glass)
    return faces


def door(g):
    leaf = wood(g) if g.uniform() < 0.7 else paint(g)
    dark = tuple(0.75 * c for c in leaf)
    faces = box((-0.55, 0.55), (0, 2.05), (-0.06, 0.0), grey(g, 0.5, 1)) + box((-0.47, 0.47), (0, 1.97), (0, 0.06), leaf)
    for y in (0.2, 1.1):
        faces += box((-0.33, 0.33), (y, y + 0.7), (0.06, 0.07), dark)
    return faces + moved(ball(0.05, (0.85, 0.7, 0.3)), 0.38, 0.95, 0.1)


def window(g):
    frame, glass, bar = (grey(g, 0.7, 1) if g.uniform() < 0.6 else wood(g)), colorsys.hsv_to_rgb(0.57, g.uniform(0.1, 0.5), g.uniform(0.6, 1)), 0.07
    faces = box((-0.8, 0.8), (-0.9, 0.9), (-0.05, 0.0), glass)
    for x in (-0.8, 0, 0.8):
        faces += box((x - bar, x + bar), (-0.95, 0.95), (0, 0.06), frame)
    for y in (-0.9, 0, 0.9):
        faces += box((-0.87, 0.87), (y - bar, y + bar), (0, 0.07), frame)
    return faces


def screen(g, stand=True):
    shell, picture = grey(g, 0.05, 0.3), paint(g, 0.58)
    faces = box((-1, 1), (0.25, 1.4), (-0.06, 0.0), shell) + box((-0.93, 0.93), (0.32, 1.33), (0, 0.01), picture)
    return faces + (box((-0.1, 0.1), (0.05, 0.3), (-0.05, 0.0), shell) + box((-0.4, 0.4), (0, 0.05), (-0.25, 0.25), shell) if stand else [])


def laptop(g):
    shell, keys, lean = grey(g, 0.3, 0.9), grey(g, 0.05, 0.3), g.uniform(0.1, 0.4)
    faces = box((-0.9, 0.9), (0, 0.06), (-0.5, 0.6), shell) + box((-0.75, 0.75), (0.06, 0.065), (-0.35, 0.15), keys)
    for inset, back, colour in ((0, 0, shell), (0.08, 0.015, paint(g, 0.58))):
        low, high = 0.07 + inset, 1.1 - inset
        corners = [(-0.9 + inset, low, -0.5 - lean * low + back), (0.9 - inset, low, -0.5 - lean * low + back), (0.9 - inset, high, -0.5 - lean * high + back), (-0.9 + inset, high, -0.5 - lean * high + back)]
        faces.append((np.array(corners), colour))
    return faces


def phone(g):
    return box((-0.45, 0.45), (-0.95, 0.95), (-0.05, 0.05), grey(g, 0.02, 0.3)) + box((-0.4, 0.4), (-0.85, 0.85), (0.05, 0.06), paint(g))


def die(g):
    body = grey(g, 0.8, 1) if g.uniform() < 0.6 else paint(g)
    dot = (0.05, 0.05, 0.05) if sum(body) > 1.5 else (1, 1, 1)
    faces = box((-0.7, 0.7), (-0.7, 0.7), (-0.7, 0.7), body)
    for x, y in ((-0.4, -0.4), (0, 0), (0.4, 0.4), (-0.4, 0.4), (0.4, -0.4))[: g.integers(1, 6)]:
        pip = np.array([(px, py, 0.71) for px, py in circle(0.12, (x, y), 12)])
        faces += [(pip, dot), (pip[:, [2, 1, 0]][::-1], dot), (pip[:, [0, 2, 1]][::-1], dot)]
    return faces


def crate(g):
    colour, tape = (wood(g) if g.uniform() < 0.7 else paint(g)), (0.85, 0.75, 0.55)
    x, y, z = g.uniform(0.5, 1, 3)
    return box((-x, x), (-y, y), (-z, z), colour) + box((-0.12, 0.12), (-y * 0.3, y + 0.01), (-z - 0.01, z + 0.01), tape)


def gift(g):
    colour, band = paint(g, vivid=0.8), paint(g, vivid=0.8)
    x, y, z = g.uniform(0.6, 0.9, 3)
    faces = box((-x, x), (-y, y), (-z, z), colour) + box((-0.12, 0.12), (-y - 0.01, y + 0.01), (-z - 0.01, z + 0.01), band)
    faces += box((-x - 0.01, x + 0.01), (-y - 0.01, y + 0.01), (-0.12, 0.12), band)
    return faces + moved(ball(0.2, band, 0.7), -0.18, y + 0.12, 0) + moved(ball(0.2, band, 0.7), 0.18, y + 0.12, 0)


def suitcase(g):
    colour, metal = paint(g), grey(g, 0.2, 0.7)
    faces = box((-0.75, 0.75), (-0.6, 0.6), (-0.22, 0.22), colour)
    for x in (-0.45, 0.45):
        faces += box((x - 0.06, x + 0.06), (-0.61, 0.61), (-0.23, 0.23), tuple(0.6 * c for c in colour))
    return faces + box((-0.25, 0.25), (0.72, 0.8), (-0.05, 0.05), metal) + box((-0.25, -0.18), (0.6, 0.75), (-0.05, 0.05), metal) + box((0.18, 0.25), (0.6, 0.75), (-0.05, 0.05), metal)


def toy_block(g):
    x, y, z = (0.8, 0.8, 0.8) if g.uniform() < 0.6 else g.uniform(0.5, 0.9, 3)
    return box((-x, x), (-y, y), (-z, z), paint(g, vivid=0.85))


def brick(g):
    return box((-1, 1), (-0.35, 0.35), (-0.5, 0.5), paint(g, 0.03, 0.7))


def train(g):
    body, glass, dark = paint(g), colorsys.hsv_to_rgb(0.55, 0.3, 0.8), grey(g, 0.1, 0.4)
    faces = box((-1.4, 0.9), (0.2, 0.9), (-0.35, 0.35), body) + slab([(0.9, 0.2), (1.35, 0.2), (1.3, 0.45), (0.9, 0.9)], 0.68, body)
    for x in np.arange(-1.25, 0.7, 0.4):
        faces += box((x, x + 0.25), (0.52, 0.78), (-0.36, 0.36), glass)
    return faces + box((-1.3, 1.2), (0.0, 0.2), (-0.3, 0.3), dark)


def ladder(g):
    colour, half = wood(g) if g.uniform() < 0.6 else grey(g), 0.35
    faces = box((-half, -half + 0.1), (-1.2, 1.2), (-0.05, 0.05), colour) + box((half - 0.1, half), (-1.2, 1.2), (-0.05, 0.05), colour)
    for y in np.linspace(-1, 1, 7):
        faces += box((-half, half), (y - 0.05, y + 0.05), (-0.03, 0.03), colour)
    return faces


def bottle(g):
    glass = paint(g) if g.uniform() < 0.5 else paint(g, g.choice([0.3, 0.08]))
    neck, label = g.uniform(0.09, 0.15), paint(g, vivid=0.4)
    profile = [(0.38, -1), (0.4, -0.95), (0.4, -0.5), (0.405, -0.5), (0.405, 0.0), (0.4, 0.0), (0.4, 0.25), (0.3, 0.5), (neck, 0.65), (neck, 1), (neck + 0.03, 1), (neck + 0.03, 1.1)]
    return turned(profile, [glass, glass, label, label, label, glass, glass, glass, glass, paint(g), paint(g)])


def cup(g):
    colour, inside = paint(g), grey(g, 0.1, 0.9)
    low, high = g.uniform(0.35, 0.6), 0.6
    faces = turned([(low, -0.55), (high, 0.55), (high - 0.07, 0.55), (high - 0.1, 0.4)], [colour, colour, inside])
    handle = [(0.28 * np.cos(a), 0.32 * np.sin(a)) for a in np.linspace(-1.7, 1.7, 14)]
    inner = [(0.17 * np.cos(a), 0.2 * np.sin(a)) for a in np.linspace(1.7, -1.7, 14)]
    for k in range(13):
        faces += moved(slab([inner[13 - k], handle[k], handle[k + 1], inner[12 - k]], 0.12, colour), 0.55)
    return faces


def plate(g):
    colour, rim = grey(g, 0.75, 1) if g.uniform() < 0.6 else paint(g), paint(g)
    return turned([(0.55, -0.06), (1, 0.06), (0.97, 0.07), (0.9, 0.05), (0.6, -0.03), (0.01, -0.03)], [colour, rim, rim, colour, colour])


def bowl(g):
    colour = paint(g)
    return turned([(0.35, -0.45), (0.6, -0.35), (0.85, 0.0), (0.95, 0.35), (0.9, 0.35), (0.75, 0.1), (0.01, 0.05)], [colour] * 4 + [tuple(0.7 * c for c in colour)] * 2)


def glass(g):
    tint = colorsys.hsv_to_rgb(0.55, g.uniform(0.05, 0.25), g.uniform(0.8, 1))
    drink = paint(g)
    return turned([(0.35, -0.8), (0.4, -0.7), (0.46, 0.35), (0.5, 0.8), (0.46, 0.8), (0.43, 0.4), (0.01, 0.4)], [tint, drink, tint, tint, tint, drink])


def jar(g):
    body, lid = paint(g), paint(g)
    return turned([(0.45, -0.8), (0.5, -0.7), (0.5, 0.35), (0.38, 0.5), (0.42, 0.5), (0.42, 0.75)], [body, body, body, lid, lid])


def lamp(g):
    metal, shade = paint(g), paint(g, 0.12, 0.35)
    return turned([(0.45, -1), (0.4, -0.93), (0.06, -0.88), (0.06, 0.2), (0.7, 0.2), (0.35, 1)], [metal, metal, metal, shade, shade])


def bulb(g):
    glow, metal = paint(g, 0.14, 0.3), grey(g, 0.4, 0.7)
    return turned([(0.12, -1), (0.2, -0.9), (0.2, -0.5), (0.32, -0.35), (0.55, 0.1), (0.55, 0.4), (0.4, 0.7), (0.15, 0.85), (0.01, 0.88)], [metal] * 3 + [glow] * 5)


def candle(g):
    wax = paint(g, vivid=0.3)
    return turned([(0.25, -1), (0.25, 0.45), (0.02, 0.45), (0.02, 0.55)], [wax, wax, (0.1, 0.1, 0.1)]) + moved(turned([(0.01, 0), (0.11, 0.15), (0.08, 0.3), (0.01, 0.5)], [(1, 0.7, 0.1), (1, 0.8, 0.2), (1, 0.9, 0.4)]), 0, 0.55)


def bucket(g):
    colour = paint(g)
    return turned([(0.5, -0.7), (0.75, 0.65), (0.8, 0.65), (0.8, 0.72), (0.7, 0.72), (0.6, 0.1), (0.01, 0.1)], [colour] * 4 + [tuple(0.5 * c for c in colour)] * 2)


def bin_(g):
    colour = grey(g, 0.2, 0.8) if g.uniform() < 0.5 else paint(g)
    return turned([(0.45, -0.9), (0.55, 0.6), (0.62, 0.6), (0.62, 0.72), (0.3, 0.85), (0.01, 0.87)], colour)


def can(g):
    metal, label = grey(g, 0.6, 0.9), paint(g)
    return turned([(0.5, -0.7), (0.5, -0.55), (0.49, -0.55), (0.49, 0.55), (0.5, 0.55), (0.5, 0.7)], [metal, metal, label, metal, metal])


def battery(g):
    body, top = paint(g), paint(g, 0.1, 0.7)
    return turned([(0.35, -0.9), (0.35, 0.4), (0.35, 0.8), (0.12, 0.8), (0.12, 0.92)], [body, top, top, grey(g, 0.6, 0.9)])


def drum(g):
    shell, rim, skin = paint(g), grey(g, 0.5, 1), (0.95, 0.92, 0.85)
    return turned([(0.85, -0.5), (0.85, -0.4), (0.8, -0.4), (0.8, 0.4), (0.85, 0.4), (0.85, 0.5), (0.01, 0.5)], [rim, rim, shell, rim, rim, skin])


def bell(g):
    metal = paint(g, 0.12, 0.7)
    return turned([(0.85, -0.6), (0.7, -0.45), (0.5, 0.1), (0.42, 0.5), (0.2, 0.75), (0.08, 0.8), (0.08, 1)], metal) + moved(ball(0.16, tuple(0.6 * c for c in metal)), 0, -0.68)


def hat(g):
    felt, band = paint(g), paint(g)
    return turned([(1, -0.5), (1, -0.44), (0.55, -0.42), (0.55, -0.2), (0.52, g.uniform(0.3, 0.7)), (0.01, 0.72)], [felt, felt, band, felt, felt])


def wine(g):
    tint, drink = (0.85, 0.9, 0.95), paint(g, g.choice([0.97, 0.13]))
    return turned([(0.4, -1), (0.06, -0.93), (0.06, -0.2), (0.35, 0), (0.48, 0.35), (0.4, 0.9), (0.36, 0.9), (0.42, 0.4), (0.01, 0.38)], [tint, tint, tint, drink, tint, tint, tint, drink])


def tree(g):
    leaves = paint(g, g.uniform(0.2, 0.4), 0.7)
    faces = turned([(0.14, -1), (0.1, -0.1)], wood(g))
    for _ in range(g.integers(1, 5)):
        x, y = g.uniform(-0.3, 0.3), g.uniform(0.1, 0.5)
        faces += moved(ball(g.uniform(0.4, 0.65), leaves, 0.9), x, y, g.uniform(-0.2, 0.2))
    return faces


def pine(g):
    leaves, count = paint(g, 0.36, 0.7), g.integers(2, 5)
    faces = turned([(0.1, -1), (0.1, -0.7)], wood(g))
    for k in range(count):
        faces += moved(turned([(0.75 - 0.45 * k / count, 0), (0.02, 0.85)], leaves), 0, -0.75 + 1.2 * k / count)
    return faces


def balloon(g):
    return moved(ball(0.7, paint(g, vivid=0.85), 1.2), 0, 0.2) + box((-0.015, 0.015), (-1.4, -0.6), (-0.015, 0.015), grey(g))


def air_balloon(g):
    first, second = paint(g, vivid=0.85), paint(g, vivid=0.85)
    return ball(0.85, lambda t: first if int(t * 8) % 2 else second, 1.1, 0.3) + box((-0.2, 0.2), (-1.2, -0.95), (-0.2, 0.2), wood(g)) + box((-0.16, -0.13), (-1, -0.4), (0.1, 0.13), grey(g, 0, 0.3)) + box((0.13, 0.16), (-1, -0.4), (0.1, 0.13), grey(g, 0, 0.3))


def fruit(hue: float, squash: float, stem: bool):
    def make(g):
        faces = ball(0.8, paint(g, hue, 0.85), squash)
        return faces + box((-0.03, 0.03), (0.75 * squash, 0.75 * squash + 0.25), (-0.03, 0.03), wood(g)) if stem else faces
    return make


def mushroom(g):
    return turned([(0.2, -0.8), (0.17, 0.05)], (0.93, 0.88, 0.78)) + turned([(0.7, 0.0), (0.68, 0.1), (0.5, 0.4), (0.2, 0.56), (0.01, 0.58)], paint(g, g.choice([0.0, 0.07])))


def clock(g):
    rim, face = paint(g), grey(g, 0.85, 1)
    faces = slab(circle(1), 0.2, rim) + [(np.array([(x, y, 0.11) for x, y in circle(0.86)]), face)]
    for hour in range(12):
        faces += moved(box((-0.025, 0.025), (0.65, 0.8), (0.11, 0.115), (0.1, 0.1, 0.1)), tilt=hour * np.pi / 6)
    for long, wide in ((0.45, 0.05), (0.68, 0.035)):
        faces += moved(box((-wide, wide), (-0.05, long), (0.12, 0.13), (0.1, 0.1, 0.1)), tilt=g.uniform(0, 2 * np.pi))
    return faces


def key(g):
    metal = paint(g, 0.12, 0.6) if g.uniform() < 0.6 else grey(g, 0.5, 0.8)
    faces: Faces = []
    outer, inner = circle(0.4, (-0.8, 0)), circle(0.2, (-0.8, 0))
    for k in range(24):
        n = (k + 1) % 24
        faces += slab([inner[k], outer[k], outer[n], inner[n]], 0.1, metal)
    faces += box((-0.42, 1), (-0.08, 0.08), (-0.05, 0.05), metal)
    return faces + box((0.8, 0.95), (-0.32, -0.05), (-0.05, 0.05), metal) + box((0.5, 0.65), (-0.26, -0.05), (-0.05, 0.05), metal)


def star(g):
    outline = [(r * np.sin(a), r * np.cos(a)) for a, r in zip(np.linspace(0, -2 * np.pi, 10, endpoint=False), [1, 0.42] * 5, strict=True)]
    return slab(outline, 0.3, paint(g, 0.13, 0.8) if g.uniform() < 0.6 else paint(g))


def heart(g):
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    outline = [(np.sin(a) ** 3, (13 * np.cos(a) - 5 * np.cos(2 * a) - 2 * np.cos(3 * a) - np.cos(4 * a)) / 16) for a in -angles]
    return slab(outline, 0.35, paint(g, 0.98, 0.85) if g.uniform() < 0.7 else paint(g))


def pencil(g):
    body = paint(g, 0.14, 0.8) if g.uniform() < 0.5 else paint(g)
    return turned([(0.12, -1.1), (0.12, -0.9), (0.12, -0.8), (0.12, 0.7), (0.03, 1.02), (0.005, 1.1)], [(0.9, 0.5, 0.55), grey(g, 0.6, 0.9), body, (0.9, 0.75, 0.55), (0.1, 0.1, 0.1)], 6)


def frame(g):
    edge, picture = wood(g), paint(g)
    faces = box((-1, 1), (-0.75, 0.75), (-0.05, 0.05), edge) + box((-0.82, 0.82), (-0.57, 0.57), (0.05, 0.06), picture)
    return faces + [(np.array([(-0.8, -0.55, 0.07), (0.1, -0.55, 0.07), (-0.35, 0.2, 0.07)]), paint(g)), (np.array([(-0.2, -0.55, 0.07), (0.8, -0.55, 0.07), (0.35, 0.35, 0.07)]), paint(g))]


def basketball(g):
    skin = paint(g, 0.07, 0.8)
    return ball(0.85, lambda t: (0.1, 0.1, 0.1) if abs(t - 0.5) < 0.05 else skin)


# Name in the vocabulary: its solid, and how far it may turn about the upright axis, in degrees.
NOUNS: dict[str, tuple[Callable[[np.random.Generator], Faces], float]] = {
    "car": (car, 180), "truck": (truck, 180), "bus": (bus, 180), "train": (train, 60), "table": (table, 80),
    "chair": (chair, 70), "bed": (bed, 70), "sofa": (sofa, 50), "book": (book, 50), "house": (house, 50),
    "office building": (office, 180), "door": (door, 45), "window": (window, 45), "television": (screen, 40),
    "computer": (screen, 40), "laptop": (laptop, 40), "phone": (phone, 45), "die": (die, 60), "box": (crate, 180),
    "gift": (gift, 180), "suitcase": (suitcase, 45), "block": (toy_block, 180), "brick": (brick, 60),
    "ladder": (ladder, 40), "bottle": (bottle, 180), "cup": (cup, 75), "plate": (plate, 180), "bowl": (bowl, 180),
    "drinking glass": (glass, 180), "jar": (jar, 180), "lamp": (lamp, 180), "light bulb": (bulb, 180),
    "candle": (candle, 180), "bucket": (bucket, 180), "trash can": (bin_, 180), "canned food": (can, 180),
    "battery": (battery, 180), "drum": (drum, 180), "bell": (bell, 180), "hat": (hat, 180), "wine": (wine, 180),
    "tree": (tree, 180), "pine tree": (pine, 180), "balloon": (balloon, 180), "hot air balloon": (air_balloon, 180),
    "apple": (fruit(0.99, 0.9, True), 180), "orange": (fruit(0.08, 1, False), 180), "tomato": (fruit(0.01, 0.8, True), 180),
    "lemon": (fruit(0.15, 0.8, False), 180), "mushroom": (mushroom, 180), "clock": (clock, 40), "key": (key, 40),
    "star": (star, 40), "heart": (heart, 40), "pencil": (pencil, 180), "picture frame": (frame, 40),
    "basketball": (basketball, 180),
}  # fmt: skip


def draw(name: str, g: np.random.Generator) -> np.ndarray:
    make, yaw = NOUNS[name]
    return render(make(g), g, np.deg2rad(g.uniform(-yaw, yaw)), np.deg2rad(g.uniform(2, 38)))


def render(faces: Faces, g: np.random.Generator, yaw: float, pitch: float) -> np.ndarray:
    """[SIDE, SIDE, 4] RGBA of the solid, centred and filling the square."""
    c, s, d, e = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    view = np.array([[1, 0, 0], [0, d, -e], [0, e, d]]) @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    seen = [(corners @ view.T, colour) for corners, colour in faces]
    seen = [(p * (1 + 0.06 * p[:, 2:]), colour) for p, colour in seen]  # what is near is larger
    points = np.concatenate([p for p, _ in seen])[:, :2]
    low, high = points.min(0), points.max(0)
    size = SIDE * SCALE
    scale = (size - 8) / (high - low).max()
    light = np.array([g.uniform(-1, 1), g.uniform(0.2, 1.2), g.uniform(0.4, 1.2)])
    light /= np.linalg.norm(light)
    ambient, outline = g.uniform(0.35, 0.65), g.uniform() < 0.25
    canvas = np.zeros((size, size, 4), np.uint8)
    for p, colour in sorted(seen, key=lambda face: face[0][:, 2].mean()):
        normal = np.cross(p[1] - p[0], p[2] - p[1])
        normal = normal / (np.linalg.norm(normal) + 1e-9)
        if normal[2] < 0:
            normal = -normal  # both sides of a face are solid
        shade = min(1.15, ambient + (1 - ambient) * 1.15 * max(0.0, float(normal @ light)))
        flat = (p[:, :2] - (low + high) / 2) * [scale, -scale] + size / 2
        corners = np.round(flat * 16).astype(np.int32)
        value = tuple(min(255, int(255 * channel * shade)) for channel in colour)
        cv2.fillPoly(canvas, [corners], (*value, 255), shift=4)
        if outline and len(faces) < 150:
            cv2.polylines(canvas, [corners], True, (20, 20, 20, 255), 2, shift=4)
    return cv2.resize(canvas, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
