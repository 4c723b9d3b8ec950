"""Nouns that are built of boxes: vehicles, furniture, houses, cases."""
import colorsys

import numpy as np
from solid_parts import Colour, Faces, ball, box, circle, grey, moved, paint, slab, wood


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
