"""Compounds that the training scenes place: furniture, people, trees, vehicles, clutter. All stand at z of `at`."""
import math

import numpy as np
import rays
from scene import Scene, bumps, turn


def placed(at, yaw: float, x: float, y: float, z: float) -> np.ndarray:
    """A point of a thing's own frame in the world."""
    return np.asarray(at) + turn(2, yaw) @ np.array([x, y, z])


def table(s: Scene, at, yaw: float) -> None:
    r = s.r
    w, d, h = r.uniform(0.3, 1.0), r.uniform(0.25, 0.6), r.uniform(0.35, 0.95)
    top, leg = s.material(0.8), s.material(0.3)
    if r.random() < 0.3:
        s.rod(placed(at, yaw, 0, 0, h - 0.04), placed(at, yaw, 0, 0, h), w * 0.7, top)
        s.rod(at, placed(at, yaw, 0, 0, h), 0.04, leg)
        return
    s.box(placed(at, yaw, 0, 0, h), [w, d, 0.02], yaw, top)
    for x in (-0.9, 0.9):
        for y in (-0.9, 0.9):
            s.box(placed(at, yaw, x * w, y * d, h / 2), [0.025, 0.025, h / 2], yaw, leg)
    for _ in range(int(r.integers(0, 4))):
        clutter(s, placed(at, yaw, r.uniform(-0.7, 0.7) * w, r.uniform(-0.7, 0.7) * d, h + 0.02), r.uniform(0.04, 0.14))


def chair(s: Scene, at, yaw: float) -> None:
    r = s.r
    w, h, back = r.uniform(0.18, 0.28), r.uniform(0.35, 0.5), r.uniform(0.2, 0.35)
    seat, leg = s.material(0.3), s.material(0.2)
    s.box(placed(at, yaw, 0, 0, h), [w, w, 0.025], yaw, seat)
    s.box(placed(at, yaw, 0, w, h + back), [w, 0.02, back], yaw, seat)
    for x in (-1, 1):
        for y in (-1, 1):
            s.rod(placed(at, yaw, x * w, y * w, 0), placed(at, yaw, x * w, y * w, h), 0.018, leg)


def sofa(s: Scene, at, yaw: float) -> None:
    r = s.r
    w, d = r.uniform(0.4, 1.2), r.uniform(0.35, 0.5)
    cloth = s.material(0.6)
    s.box(placed(at, yaw, 0, 0, 0.22), [w, d, 0.2], yaw, cloth)
    s.box(placed(at, yaw, 0, d, 0.45), [w, 0.12, 0.4], yaw, cloth)
    for x in (-w, w):
        s.box(placed(at, yaw, x, 0, 0.3), [0.1, d, 0.3], yaw, cloth)
    for _ in range(int(r.integers(0, 3))):
        s.ball(placed(at, yaw, r.uniform(-w, w) * 0.8, d * 0.6, 0.55), np.array([0.2, 0.08, 0.2]), s.material(0.3), turn(2, yaw + r.normal(0, 0.3)))


def cupboard(s: Scene, at, yaw: float) -> None:
    r = s.r
    w, d, h = r.uniform(0.2, 0.9), r.uniform(0.15, 0.4), r.uniform(0.3, 1.1)
    s.box(placed(at, yaw, 0, 0, h), [w, d, h], yaw, s.material(0.8))
    if r.random() < 0.5:
        clutter(s, placed(at, yaw, r.uniform(-0.6, 0.6) * w, 0, 2 * h), r.uniform(0.06, 0.2))
    if r.random() < 0.5:
        knob = s.material(0.1)
        for z in r.uniform(0.3, 1.7, int(r.integers(1, 5))) * h:
            s.ball(placed(at, yaw, r.uniform(-0.5, 0.5) * w, -d, z), 0.02, knob)


def bed(s: Scene, at, yaw: float) -> None:
    r = s.r
    s.box(placed(at, yaw, 0, 0, 0.2), [0.8, 1.0, 0.2], yaw, s.material(1))
    s.relief(placed(at, yaw, 0, 0, 0.5), [0.82, 1.02, 0.13], bumps(r, 2, 8) * 0.6, turn(2, yaw), s.material(0.6))
    s.box(placed(at, yaw, 0, 1.0, 0.5), [0.85, 0.04, 0.5], yaw)


def floor_lamp(s: Scene, at, yaw: float) -> None:
    r = s.r
    h, metal = r.uniform(1.0, 1.8), s.material(0.2, plain=0.7)
    s.rod(at, placed(at, yaw, 0, 0, 0.03), 0.15, metal)
    s.rod(at, placed(at, yaw, 0, 0, h), 0.015, metal)
    s.rod(placed(at, yaw, 0, 0, h - 0.1), placed(at, yaw, 0, 0, h + 0.2), r.uniform(0.12, 0.25), s.material(0.3, glow=1.1 if r.random() < 0.5 else 0), top=r.uniform(0.3, 0.9))


def person(s: Scene, at, yaw: float, size: float | None = None) -> None:
    """Capsules; standing, walking, reaching or sitting."""
    r = s.r
    k = size or r.uniform(0.6, 1.1)
    legs, shirt, skin = s.material(0.4), s.material(0.4), s.material(0.3, plain=0.8)
    hip, shoulder = 0.9 * k, 1.4 * k
    if r.random() < 0.2:
        hip, shoulder = 0.45 * k, 0.95 * k
    for side in (-1, 1):
        swing = r.normal(0, 0.25) * k
        knee = placed(at, yaw, side * 0.1 * k, swing * 0.6 - (0.4 * k if hip < 0.5 * k else 0), hip * 0.52)
        foot = placed(at, yaw, side * 0.11 * k, swing - (0.4 * k if hip < 0.5 * k else 0), 0.06 * k)
        s.capsule(placed(at, yaw, side * 0.09 * k, 0, hip), knee, 0.085 * k, legs)
        s.capsule(knee, foot, 0.065 * k, legs)
        elbow = placed(at, yaw, side * r.uniform(0.22, 0.4) * k, r.normal(0, 0.15) * k, shoulder - r.uniform(-0.1, 0.3) * k)
        hand = elbow + turn(2, yaw) @ (r.normal(0, 0.14, 3) * k + [0, -0.05 * k, -0.08 * k])
        s.capsule(placed(at, yaw, side * 0.2 * k, 0, shoulder), elbow, 0.055 * k, shirt)
        s.capsule(elbow, hand, 0.045 * k, skin)
    lean = placed(at, yaw, 0, r.normal(0, 0.06) * k, (hip + shoulder) / 2 + 0.03 * k)
    s.ball(lean, np.array([0.2, 0.13, (shoulder - hip) * 0.62]) * [k, k, 1], shirt, turn(2, yaw))
    head = placed(at, yaw, 0, r.normal(0, 0.03) * k, shoulder + 0.24 * k)
    s.ball(head, np.array([0.095, 0.11, 0.13]) * k, skin, turn(2, yaw))
    if r.random() < 0.7:
        s.ball(head + [0, 0, 0.03 * k], np.array([0.105, 0.12, 0.12]) * k, s.material(0.1), turn(2, yaw))


def animal(s: Scene, at, yaw: float) -> None:
    r = s.r
    k, fur = r.uniform(0.2, 0.9), s.material(0.3)
    for x in (-0.12, 0.12):
        for y in (-0.35, 0.35):
            s.capsule(placed(at, yaw, x * k, y * k, 0.05 * k), placed(at, yaw, x * k, y * k, 0.45 * k), 0.05 * k, fur)
    s.ball(placed(at, yaw, 0, 0, 0.55 * k), np.array([0.2, 0.5, 0.22]) * k, fur, turn(2, yaw))
    s.ball(placed(at, yaw, 0, -0.55 * k, r.uniform(0.6, 0.95) * k), np.array([0.14, 0.2, 0.15]) * k, fur, turn(2, yaw))


def bush(s: Scene, at, size: float, green=None) -> None:
    r = s.r
    green = green or s.material(size * 0.6, plain=0.1)
    for _ in range(int(r.integers(2, 6))):
        s.ball(np.asarray(at) + r.uniform(-0.6, 0.6, 3) * size + [0, 0, size * 0.5], r.uniform(0.4, 0.8, 3) * size, green)


def tree(s: Scene, at, height: float) -> None:
    r = s.r
    bark, green = s.material(0.5), s.material(height * 0.2, plain=0.1)
    trunk, top = height * r.uniform(0.015, 0.04), np.asarray(at) + [r.normal(0, 0.04) * height, r.normal(0, 0.04) * height, height * 0.65]
    s.rod(at, top, trunk, bark, top=0.6)
    kind = r.integers(0, 4)
    if kind == 0:
        for k in range(int(r.integers(1, 4))):
            s.rod(np.asarray(at) + [0, 0, height * (0.25 + 0.22 * k)], np.asarray(at) + [0, 0, height * (0.6 + 0.2 * k)], height * (0.25 - 0.06 * k), green, top=0.03)
    elif kind == 1:
        for _ in range(int(r.integers(4, 12))):
            s.rod(top - [0, 0, height * r.uniform(0, 0.3)], top + r.normal(0, 0.2, 3) * height + [0, 0, 0.15 * height], trunk * 0.4, bark, top=0.3)
        if r.random() < 0.6:
            for _ in range(int(r.integers(3, 10))):
                facing = turn(2, r.uniform(0, 6.3)) @ turn(0, r.uniform(0, 3))
                s.sheet(top + r.normal(0, 0.15, 3) * height, 0.15 * height, 0.15 * height, facing, green, rays.BLOBS)
    else:
        bush(s, top - [0, 0, height * 0.1], height * r.uniform(0.18, 0.35), green)


def vehicle(s: Scene, at, yaw: float) -> None:
    r = s.r
    w, l, h = r.uniform(0.7, 1.0), r.uniform(1.6, 2.6), r.uniform(0.3, 0.5)
    paint, dark = s.material(1.5, plain=0.7), s.material(0.3, plain=0.9)
    if r.random() < 0.25:
        w, l, h = 1.1, r.uniform(2.5, 5), r.uniform(1.0, 1.6)
    s.box(placed(at, yaw, 0, 0, 0.3 + h), [w, l, h], yaw, paint)
    if h < 0.6:
        s.box(placed(at, yaw, 0, l * r.uniform(-0.2, 0.2), 0.3 + 2 * h + 0.25), [w * 0.88, l * r.uniform(0.4, 0.6), 0.27], yaw, dark if r.random() < 0.6 else paint)
    for x in (-1, 1):
        for y in (-0.62, 0.62):
            s.rod(placed(at, yaw, x * (w - 0.12), y * l, 0.32), placed(at, yaw, x * (w + 0.04), y * l, 0.32), 0.32, dark)


def pole(s: Scene, at, yaw: float) -> None:
    r = s.r
    h, metal = r.uniform(1.5, 7), s.material(0.4, plain=0.7)
    s.rod(at, placed(at, yaw, 0, 0, h), r.uniform(0.03, 0.12), metal)
    kind = r.integers(0, 3)
    if kind == 0:
        s.sheet(placed(at, yaw, 0, -0.06, h), r.uniform(0.2, 0.8), r.uniform(0.2, 0.6), turn(2, yaw) @ turn(0, math.pi / 2), s.poster(1.0), rays.DISC if r.random() < 0.4 else rays.WHOLE)
    elif kind == 1:
        s.rod(placed(at, yaw, 0, 0, h), placed(at, yaw, 0, -1.2, h + 0.2), 0.05, metal)
        s.ball(placed(at, yaw, 0, -1.2, h + 0.15), 0.15)


def house(s: Scene, at, yaw: float, size: float) -> None:
    r = s.r
    w, d, h = size * r.uniform(0.5, 1), size * r.uniform(0.5, 1), size * r.uniform(0.3, 1.8)
    wall = s.material(size * 0.5, plain=0.15)
    s.box(placed(at, yaw, 0, 0, h), [w, d, h], yaw, wall)
    if r.random() < 0.5:
        roof, lean = s.material(size * 0.3), r.uniform(0.4, 0.9)
        for side in (-1, 1):
            s.box(placed(at, yaw, side * w * 0.5, 0, 2 * h + w * 0.5 * math.tan(lean)), [w * 0.55 / math.cos(lean), d * 1.1, 0.06], rotation=turn(2, yaw) @ turn(1, side * lean), material=roof)


def clutter(s: Scene, at, size: float) -> None:
    """Any small thing, its foot at `at`."""
    r = s.r
    at = np.asarray(at, float)
    yaw, kind = r.uniform(0, 2 * np.pi), r.integers(0, 9)
    skin = s.material(size * 1.2, plain=0.3)
    if kind == 0:
        half = size * r.uniform(0.25, 1, 3)
        s.box(at + [0, 0, half[2]], half, yaw, skin)
    elif kind == 1:
        s.ball(at + [0, 0, size * 0.6], size * 0.6, skin)
    elif kind == 2:
        s.rod(at, at + [0, 0, size * r.uniform(0.4, 2)], size * r.uniform(0.25, 0.6), skin, top=1.0 if r.random() < 0.5 else r.uniform(0.3, 1.3))
    elif kind == 3:
        s.lathe(at + [0, 0, size], size * r.uniform(0.3, 0.7), size, skin)
    elif kind == 4:
        half = size * r.uniform(0.3, 0.8, 3)
        s.ball(at + [0, 0, half[2]], half, skin, turn(2, yaw))
    elif kind == 5:
        s.rod(at, at + [0, 0, size * 1.5], size * 0.6, skin, top=r.uniform(0.02, 0.4))
    elif kind == 6:
        s.sheet(at + [0, 0, size * 0.7], size * 0.6, size * 0.7, turn(2, yaw) @ turn(0, math.pi / 2 - r.uniform(0, 0.3)), s.poster(size) if r.random() < 0.5 else skin, int(r.choice([rays.WHOLE, rays.DISC, rays.RAGGED, rays.LEAF])))
    elif kind == 7:
        mug = size * 0.5
        s.rod(at, at + [0, 0, mug * 2], mug * 0.8, skin)
        s.ball(at + [mug * 0.8, 0, mug], np.array([mug * 0.5, mug * 0.12, mug * 0.6]), skin)
    else:
        for _ in range(int(r.integers(2, 6))):
            s.rod(at, at + r.normal(0, 0.5, 3) * size + [0, 0, size * 1.5], size * 0.06, skin)


FURNITURE = (table, chair, sofa, cupboard, bed, floor_lamp, table, chair)
