"""Nouns that are turned, cut out or grown: vessels, lamps, plants, signs."""
import colorsys

import numpy as np
from solid_parts import Faces, ball, box, circle, grey, moved, paint, slab, turned, wood


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
