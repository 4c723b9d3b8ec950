"""Scenes under the sky: streets, yards, hills."""
import math

import numpy as np
import rays
import things
from scene import Scene, bumps, turn
from views import hand_held


def street(s: Scene) -> None:
    r = s.r
    reach = math.exp(r.uniform(math.log(30), math.log(150)))
    s.sheet([0, 0, 0], 400, 400, np.eye(3), s.material(3, plain=0.15))
    road = r.uniform(2.5, 7)
    if r.random() < 0.7:
        s.sheet([0, 0, 0.01], road, 400, np.eye(3), s.material(4, plain=0.4))
    for side in (-1, 1):
        y = r.uniform(-5, 5)
        while y < reach and r.random() < 0.97:
            size = r.uniform(3, 9)
            if r.random() < 0.75:
                things.house(s, [side * (road + 3 + size + r.uniform(0, 6)), y + size, 0], r.choice([0, math.pi / 2]) + r.normal(0, 0.05), size)
            y += 2 * size + r.uniform(0, 10)
        if r.random() < 0.4:
            s.box([side * (road + 1.5), 20, r.uniform(0.3, 0.9)], [0.08, r.uniform(8, 40), 0.5])
    for _ in range(int(r.integers(0, 8))):
        things.vehicle(s, [r.choice([-1, 1]) * road * r.uniform(0.2, 0.9), r.uniform(3, reach * 0.6), 0], r.choice([0, math.pi]) + r.normal(0, 0.1))
    for _ in range(int(r.integers(0, 6))):
        things.pole(s, [r.choice([-1, 1]) * (road + r.uniform(0, 1.5)), r.uniform(2, reach * 0.5), 0], r.uniform(0, 6.3))
    for _ in range(int(r.integers(0, 5))):
        things.person(s, [r.uniform(-1, 1) * (road + 2), r.uniform(2, 25), 0], r.uniform(0, 6.3))
    for _ in range(int(r.integers(0, 5))):
        things.tree(s, [r.choice([-1, 1]) * (road + r.uniform(0.5, 3)), r.uniform(3, reach * 0.7), 0], r.uniform(3, 9))
    s.daylight()
    hand_held(s, [r.uniform(-1, 1) * road, r.uniform(-4, 0), math.exp(r.uniform(-0.9, 1.1))], [r.uniform(-8, 8), 25, r.uniform(0.5, 3.5)])


def yard(s: Scene) -> None:
    """Open ground with anything on it."""
    r = s.r
    s.sheet([0, 0, 0], 300, 300, np.eye(3), s.material(2, plain=0.15))
    reach = math.exp(r.uniform(math.log(4), math.log(40)))
    makers = [
        lambda at: things.person(s, at, r.uniform(0, 6.3)),
        lambda at: things.tree(s, at, r.uniform(1.5, 8)),
        lambda at: things.bush(s, at, r.uniform(0.2, 1.2)),
        lambda at: things.vehicle(s, at, r.uniform(0, 6.3)),
        lambda at: things.animal(s, at, r.uniform(0, 6.3)),
        lambda at: things.clutter(s, at, r.uniform(0.1, 1.5)),
        lambda at: things.pole(s, at, r.uniform(0, 6.3)),
        lambda at: things.FURNITURE[r.integers(8)](s, at, r.uniform(0, 6.3)),
        lambda at: things.house(s, at, r.uniform(0, 6.3), r.uniform(1, 5)),
    ]
    liked = r.choice(len(makers), 3)
    for _ in range(int(r.integers(4, 22))):
        distance = r.uniform(1, 1 + reach)
        angle = r.uniform(-0.6, 0.6)
        makers[r.choice(liked)]([distance * math.sin(angle), distance * math.cos(angle), 0])
    if r.random() < 0.35:
        facing = turn(2, r.normal(0, 0.4)) @ turn(0, math.pi / 2)
        s.sheet([0, reach + 2, 1.2], 40, 1.2, facing, s.material(1), int(r.choice([rays.WHOLE, rays.BARS, rays.LATTICE])))
    s.daylight()
    hand_held(s, [0, -r.uniform(0.3, 2), math.exp(r.uniform(-1.6, 1.1))], [0, reach * 0.5 + 2, r.uniform(0.2, 1.2)], 7)


def terrain(s: Scene) -> None:
    r = s.r
    size = math.exp(r.uniform(math.log(15), math.log(200)))
    lift = size * r.uniform(0.03, 0.25)
    heights = bumps(r, 1, int(r.choice([4, 8, 32])))
    s.relief([0, 0, 0], [size, size, lift], heights, material=s.material(size * 0.1, plain=0.05))
    if r.random() < 0.4:
        s.sheet([0, 0, lift * r.uniform(-0.6, 0)], 500, 500, np.eye(3), s.material(20, plain=0.5))
    at = r.uniform(-0.6, 0.6, 2) * size
    ground = max(rays.relief_at(s.tables[-1], at[0] / size, at[1] / size) * lift, -lift * 0.5)
    yaw = r.uniform(0, 360)
    for _ in range(int(r.integers(0, 10))):
        angle, distance = math.radians(yaw + r.uniform(-35, 35)), r.uniform(2, 25)
        spot = at + distance * np.array([math.cos(angle), math.sin(angle)])
        foot = rays.relief_at(s.tables[-1], spot[0] / size, spot[1] / size) * lift
        [lambda p: things.tree(s, p, r.uniform(1, 6)), lambda p: things.bush(s, p, r.uniform(0.2, 1)), lambda p: s.ball(p, r.uniform(0.1, 1, 3)), lambda p: things.person(s, p, r.uniform(0, 6))][r.integers(4)]([*spot, foot])
    s.daylight()
    s.aim([*at, ground + r.uniform(0.4, 4)], yaw, r.normal(-5, 7), r.normal(0, 5), r.uniform(40, 85))
