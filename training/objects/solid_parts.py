"""Parts of solids: boxes, turned profiles, slabs, with the colours that things have. Lengths in half a picture."""
import colorsys
from collections.abc import Callable

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
