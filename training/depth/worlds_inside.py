"""Scenes with walls: rooms, corridors, shelves, walls without a floor."""
import math

import numpy as np
import things
from scene import Scene, bumps, turn
from views import hand_held


def shell(s: Scene, w: float, d: float, h: float) -> None:
    """Walls, floor and ceiling as six sheets, each with a material of its own; windows and posters on them."""
    r = s.r
    wall = s.material(1.0, plain=0.4)
    sides = [((0, d), w, 0.0), ((0, -d), w, math.pi), ((w, 0), d, -math.pi / 2), ((-w, 0), d, math.pi / 2)]
    s.sheet([0, 0, 0], w, d, np.eye(3), s.material(0.8))
    s.sheet([0, 0, h], w, d, turn(0, math.pi), s.material(1.0, plain=0.6))
    for (x, y), half, yaw in sides:
        upright = turn(2, yaw) @ turn(0, math.pi / 2)
        s.sheet([x, y, h / 2], half, h / 2, upright, wall if r.random() < 0.7 else s.material(1.0, plain=0.4))
        inward = -np.array([x, y, 0]) / max(w, d) * 0.02
        for _ in range(int(r.integers(0, 4))):
            along = turn(2, yaw) @ [r.uniform(-0.85, 0.85) * half, 0, 0]
            a, b = r.uniform(0.15, 0.6, 2)
            window = r.random() < 0.3
            material = s.material(1, glow=1.2) if window else s.poster(2 * a)
            s.sheet(np.array([x, y, r.uniform(0.35, 0.75) * h]) + along + inward * r.uniform(0.5, 1.5), a, b, upright, material)
        if r.random() < 0.25:
            along = turn(2, yaw) @ [r.uniform(-0.7, 0.7) * half, 0, 0]
            s.relief(np.array([x, y, h * 0.45]) + along + inward * 4, [r.uniform(0.3, 0.8), h * 0.42, 0.06], bumps(r, 2, 16), upright, s.material(0.6))
    if r.random() < 0.3:
        s.box([0, d - 0.05, h / 2], [0.05, 0.05, h / 2])


def room(s: Scene) -> None:
    r = s.r
    w, d, h = r.uniform(1.3, 5), r.uniform(1.5, 6), r.uniform(2.2, 3.6)
    shell(s, w, d, h)
    for _ in range(int(r.integers(3, 11))):
        kind = things.FURNITURE[r.integers(len(things.FURNITURE))]
        if r.random() < 0.6:  # against a wall
            side = r.integers(0, 4)
            t = r.uniform(-0.8, 0.8)
            at = [[t * w, d - 0.5], [t * w, -d + 0.5], [w - 0.5, t * d], [-w + 0.5, t * d]][side]
            yaw = [0, math.pi, -math.pi / 2, math.pi / 2][side] + r.normal(0, 0.05)
        else:
            at, yaw = r.uniform([-w, -d], [w, d]) * 0.75, r.uniform(0, 2 * math.pi)
        kind(s, [*at, 0], yaw)
    if r.random() < 0.3:
        things.person(s, [*(r.uniform([-w, -d], [w, d]) * 0.7), 0], r.uniform(0, 6.3))
    for _ in range(int(r.integers(0, 3))):
        at = [*(r.uniform([-w, -d], [w, d]) * 0.7), h]
        s.rod(at, np.subtract(at, [0, 0, 0.5]), 0.01)
        s.ball(np.subtract(at, [0, 0, 0.6]), 0.15, s.material(0.2, glow=1.3))
    s.lamps([-w * 0.7, -d * 0.7, h * 0.6], [w * 0.7, d * 0.7, h * 0.95])
    eye = [*(r.uniform([-w, -d], [w, d]) * 0.85), r.uniform(0.5, 1.9)]
    hand_held(s, eye, [*(r.uniform([-w, -d], [w, d]) * 0.6), r.uniform(0.4, 1.5)], 10)


def corridor(s: Scene) -> None:
    r = s.r
    w, h, length = r.uniform(0.7, 2.5), r.uniform(2.1, 4), r.uniform(6, 40)
    shell(s, w, length, h)
    for y in np.arange(-length, length, r.uniform(1.5, 5)):
        kind = r.integers(0, 5)
        side = r.choice([-1, 1])
        if kind == 0:
            s.box([side * w, y, 1.0], [0.06, 0.5, 1.0])
        elif kind == 1:
            s.box([side * w, y, h / 2], [r.uniform(0.05, 0.4), 0.15, h / 2])
        elif kind == 2:
            s.sheet([0, y, h - 0.02], 0.3, 0.6, turn(0, math.pi), s.material(1, glow=1.4))
        elif kind == 3:
            things.FURNITURE[r.integers(8)](s, [side * (w - 0.3), y, 0], -side * math.pi / 2)
    if r.random() < 0.5:
        s.rod([w * 0.8, -length, h - 0.2], [w * 0.8, length, h - 0.2], r.uniform(0.03, 0.15))
    if r.random() < 0.4:
        things.person(s, [r.uniform(-0.6, 0.6) * w, r.uniform(-length, length) * 0.5, 0], r.uniform(0, 6.3))
    s.lamps([-w * 0.5, -length * 0.8, h * 0.7], [w * 0.5, length * 0.8, h * 0.95], 3)
    hand_held(s, [r.uniform(-0.6, 0.6) * w, -length * r.uniform(0.2, 0.9), r.uniform(0.5, 1.9)], [r.uniform(-1, 1) * w, length * 0.6, r.uniform(0.5, 1.8)], 6)


def shelves(s: Scene) -> None:
    """A wall of compartments, near and from the front: depth follows the boards, not the rows of pixels."""
    r = s.r
    w, h, d = r.uniform(0.5, 2), r.uniform(0.6, 2.2), r.uniform(0.1, 0.4)
    wood = s.material(0.6)
    rows, columns = int(r.integers(2, 6)), int(r.integers(1, 5))
    if r.random() < 0.7:
        s.sheet([0, 0, h], w, h, turn(0, math.pi / 2), s.material(1))
    for i in range(rows + 1):
        s.box([0, -d, 2 * h * i / rows], [w, d, 0.015], material=wood)
    for j in range(columns + 1):
        s.box([w * (2 * j / columns - 1), -d, h], [0.015, d, h], material=wood)
    for i in range(rows):
        for j in range(columns):
            for _ in range(int(r.integers(0, 4))):
                x = w * (2 * (j + r.uniform(0.15, 0.85)) / columns - 1)
                things.clutter(s, [x, -r.uniform(0.2, 1.8) * d, 2 * h * i / rows + 0.015], min(h / rows * 0.5, w / columns * 0.4) * r.uniform(0.4, 1))
    s.sheet([0, r.uniform(0.02, 4), h], 8, 5, turn(0, math.pi / 2), s.material(1))
    if r.random() < 0.5:
        s.sheet([0, 0, 0], 8, 8, np.eye(3), s.material(1))
    s.lamps([-2, -3, 1], [2, -1.5, 3])
    s.look([r.uniform(-1, 1), -r.uniform(0.7, 3), r.uniform(0.2, 2) * h], [r.uniform(-0.5, 0.5) * w, 0, r.uniform(0.5, 1.5) * h], r.normal(0, 4), r.uniform(40, 80))


def wall_only(s: Scene) -> None:
    """A wall, oblique, with flat and raised things on it; gravity may point anywhere."""
    r = s.r
    if r.random() < 0.4:
        s.relief([0, 0.2, 0], [6, 5, r.uniform(0.05, 0.5)], bumps(r, 2, 32), turn(0, math.pi / 2), s.material(1.2))
    else:
        s.sheet([0, 0, 0], 40, 40, turn(0, math.pi / 2), s.material(1.2, plain=0.15))
    for _ in range(int(r.integers(0, 14))):
        x, z = r.uniform(-2.5, 2.5, 2)
        kind = r.integers(0, 6)
        if kind <= 1:
            a, b = r.uniform(0.1, 0.7, 2)
            s.sheet([x, -0.22 * r.random() - 0.01, z], a, b, turn(1, r.normal(0, 0.05)) @ turn(0, math.pi / 2), s.poster(2 * a))
        elif kind == 2:
            s.box([x, 0, z], r.uniform(0.05, 0.6, 3))
        elif kind == 3:
            s.rod([x, -0.2, -6], [x, -0.2, 6], r.uniform(0.02, 0.15)) if r.random() < 0.5 else s.rod([-6, -0.3, z], [6, -0.3, z], r.uniform(0.02, 0.15))
        elif kind == 4:
            s.ball([x, -0.1, z], r.uniform(0.05, 0.5, 3))
        else:
            s.rod([x, 0, z], [x, -r.uniform(0.1, 0.8), z], r.uniform(0.03, 0.3), top=r.uniform(0.2, 1))
    s.daylight(haze=0)
    if r.random() < 0.6:
        s.lights.append([*r.uniform([-4, -4, -2], [4, -1.5, 4]), *r.uniform(0.3, 0.9, 3), 3, 1])
    angle, rise, distance = math.radians(r.uniform(-65, 65)), math.radians(r.uniform(-35, 35)), r.uniform(0.8, 4)
    direction = np.array([math.sin(angle) * math.cos(rise), -math.cos(angle) * math.cos(rise), math.sin(rise)])
    target = np.array([r.uniform(-1, 1), 0, r.uniform(-1, 1)])
    s.look(target + distance * direction, target, r.normal(0, 10) if r.random() < 0.7 else r.uniform(-180, 180), r.uniform(38, 80))
