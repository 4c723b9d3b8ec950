"""The scenes that training sees. `TRAIN`: name -> (generator, weight); `UP`, `FREE` and others have no floor to rest on."""
import math

import numpy as np
import things
from scene import Scene, bumps, turn
from worlds_inside import corridor, room, shell, shelves, wall_only
from worlds_outside import street, terrain, yard


def table_top(s: Scene) -> None:
    """Close to a table or the ground, looking down on things."""
    r = s.r
    w = r.uniform(0.3, 1.0)
    s.box([0, 0, -0.03], [w, w * r.uniform(0.5, 1), 0.03], material=s.material(0.4))
    if r.random() < 0.8:
        s.sheet([0, 0, -0.75], 5, 5, np.eye(3), s.material(1))
        s.sheet([0, r.uniform(0.8, 3), 0], 5, 3, turn(0, math.pi / 2), s.material(0.8))
    size = r.uniform(0.03, 0.12)
    for _ in range(int(r.integers(3, 16))):
        at = [*r.uniform(-0.8, 0.8, 2) * [w, w * 0.6], 0]
        things.clutter(s, at, size * r.uniform(0.5, 1.6))
    for _ in range(int(r.integers(0, 4))):
        s.sheet([*r.uniform(-0.6, 0.6, 2) * w, 0.002], *r.uniform(0.05, 0.2, 2), turn(2, r.uniform(0, 6.3)), s.poster(0.3))
    s.lamps([-1, -1, 0.5], [1, 1, 2])
    distance, down = r.uniform(0.3, 1.2), math.radians(r.uniform(8, 75))
    eye = [r.normal(0, 0.1), -distance * math.cos(down), distance * math.sin(down)]
    s.look(eye, [r.normal(0, 0.1), r.normal(0, 0.1), r.uniform(0, 0.1)], r.normal(0, 6), r.uniform(35, 75))


def up(s: Scene) -> None:
    """Ceilings, facades and crowns of trees from below: here the higher is often the nearer."""
    r = s.r
    kind = r.integers(0, 3)
    if kind == 0:
        w, d, h = r.uniform(2, 8), r.uniform(2, 12), r.uniform(2.4, 6)
        shell(s, w, d, h)
        for _ in range(int(r.integers(2, 9))):
            x, y = r.uniform(-0.8, 0.8, 2) * [w, d]
            c = r.integers(0, 4)
            if c == 0:
                s.box([0, y, h - 0.15], [w, 0.12, 0.15])
            elif c == 1:
                drop = r.uniform(0.2, 1.2)
                s.rod([x, y, h], [x, y, h - drop], 0.015)
                s.lathe([x, y, h - drop], 0.25, 0.15, s.material(0.3, glow=r.choice([0, 1.2])))
            elif c == 2:
                s.rod([x, -d, h - 0.3], [x, d, h - 0.3], r.uniform(0.04, 0.25))
            else:
                things.cupboard(s, [x, y, 0], r.uniform(0, 6))
        s.lamps([-w * 0.6, -d * 0.6, h * 0.3], [w * 0.6, d * 0.6, h * 0.8])
        eye = [*(r.uniform(-0.7, 0.7, 2) * [w, d]), r.uniform(0.6, 1.6)]
    else:
        for _ in range(int(r.integers(3, 12))):
            angle, distance = r.uniform(-0.8, 0.8), r.uniform(2, 25)
            at = [distance * math.sin(angle), distance * math.cos(angle), 0]
            if kind == 1:
                things.house(s, at, r.uniform(0, 6.3), r.uniform(2, 8))
            else:
                things.tree(s, at, r.uniform(3, 12))
        s.daylight()
        eye = [0, -1, 1.5]
    s.aim(eye, r.uniform(60, 120) if kind else r.uniform(0, 360), r.uniform(18, 65), r.normal(0, 8), r.uniform(45, 88))


def afloat(s: Scene, at: np.ndarray, size: float) -> None:
    """A body of any kind, turned in any way."""
    r = s.r
    facing = turn(0, r.uniform(0, 6.3)) @ turn(1, r.uniform(0, 6.3)) @ turn(2, r.uniform(0, 6.3))
    kind = r.integers(0, 7)
    if kind <= 1:
        s.box(at, size * r.uniform(0.2, 1.2, 3), rotation=facing)
    elif kind == 2:
        s.ball(at, size * r.uniform(0.3, 1, 3), rotation=facing)
    elif kind == 3:
        s.rod(at, at + r.normal(0, size * 1.5, 3), size * 0.3, top=r.uniform(0, 1))
    elif kind == 4:
        s.sheet(at, size, size * r.uniform(0.4, 1), facing, None if r.random() < 0.5 else s.poster(size * 2), int(r.integers(0, 7)))
    elif kind == 5:
        s.lathe(at, size * 0.6, size, rotation=facing)
    else:
        s.relief(at, size * np.array([1.5, 1.5, 0.4]), bumps(r, 1, 8), facing)


def free(s: Scene) -> None:
    """Things afloat, no gravity: only size, overlap, shading and haze tell."""
    r = s.r
    near_, far = r.uniform(0.6, 2), r.uniform(3, 30)
    if r.random() < 0.6:
        tilt = turn(2, r.uniform(0, 6.3)) @ turn(0, r.uniform(0, 3.1))
        s.sheet([0, far, 0], 300, 300, tilt if r.random() < 0.3 else turn(0, math.pi / 2 + r.normal(0, 0.3)), s.material(far * 0.3))
    for _ in range(int(r.integers(5, 35))):
        distance = math.exp(r.uniform(math.log(near_), math.log(far)))
        at = np.array([r.uniform(-0.8, 0.8) * distance, distance, r.uniform(-0.8, 0.8) * distance])
        afloat(s, at, r.uniform(0.03, 0.25) * distance if r.random() < 0.5 else r.uniform(0.1, 0.6))
    s.daylight()
    s.look([0, 0, 0], [0, 1, 0], r.uniform(-180, 180), r.uniform(40, 85))


def cut_outs(s: Scene) -> None:
    """Thin sheets, gratings and leaves one behind the other, before anything."""
    r = s.r
    [yard, room, wall_only][r.choice(3, p=[0.5, 0.2, 0.3])](s)
    forward, right, down = s.axes[2], s.axes[0], s.axes[1]
    for _ in range(int(r.integers(1, 8))):
        distance = math.exp(r.uniform(math.log(0.5), math.log(4)))
        at = s.eye + forward * distance + (right * r.uniform(-0.6, 0.6) + down * r.uniform(-0.6, 0.6)) * distance
        facing = np.column_stack([right, -down, -forward]) @ turn(0, r.normal(0, 0.5)) @ turn(1, r.normal(0, 0.5)) @ turn(2, r.uniform(0, 6.3))
        s.sheet(at, r.uniform(0.08, 0.5) * distance, r.uniform(0.08, 0.5) * distance, facing, mask=int(r.integers(1, 7)))


def portrait(s: Scene) -> None:
    """Somebody or a group, near; a wall, a room or open ground behind."""
    r = s.r
    if r.random() < 0.5:
        shell(s, r.uniform(2, 5), r.uniform(3, 7), 2.8)
        s.lamps([-1.5, -2, 1.5], [1.5, 2, 2.6])
    else:
        s.sheet([0, 0, 0], 300, 300, np.eye(3), s.material(2))
        for _ in range(int(r.integers(0, 8))):
            [lambda p: things.tree(s, p, r.uniform(2, 8)), lambda p: things.house(s, p, r.uniform(0, 6), r.uniform(2, 5)), lambda p: things.vehicle(s, p, r.uniform(0, 6))][r.integers(3)]([r.uniform(-10, 10), r.uniform(4, 25), 0])
        s.daylight()
    for _ in range(int(r.integers(1, 7))):
        things.person(s, [r.uniform(-1.5, 1.5), r.uniform(-0.3, 2.5), 0], r.normal(0, 0.7))
    if r.random() < 0.3:
        things.table(s, [r.uniform(-0.5, 0.5), -0.9, 0], 0)
    s.look([r.normal(0, 0.5), -r.uniform(1.2, 2.9), r.uniform(0.8, 1.7)], [r.normal(0, 0.3), 0, r.uniform(0.8, 1.4)], r.normal(0, 4), r.uniform(40, 75))


def above(s: Scene) -> None:
    """From a balcony, a ladder or a drone."""
    r = s.r
    high = math.exp(r.uniform(math.log(2.5), math.log(40)))
    s.sheet([0, 0, 0], 400, 400, np.eye(3), s.material(high * 0.3, plain=0.1))
    for _ in range(int(r.integers(5, 25))):
        at = [*r.uniform(-1.2, 1.2, 2) * high, 0]
        k = high * r.uniform(0.03, 0.2)
        [lambda: things.house(s, at, r.uniform(0, 6), k), lambda: things.tree(s, at, 2 * k), lambda: things.clutter(s, at, k), lambda: things.vehicle(s, at, r.uniform(0, 6)), lambda: things.person(s, at, r.uniform(0, 6))][r.integers(5)]()
    s.daylight()
    s.aim([r.normal(0, 1), -high * r.uniform(0.2, 0.8), high], 90 + r.normal(0, 10), -r.uniform(25, 80), r.normal(0, 8), r.uniform(40, 80))


def crowded(s: Scene) -> None:
    """Any world with bodies afloat in the camera's view, so that what a place looks like tells less of its depths."""
    r = s.r
    kinds = [world for world, _ in TRAIN.values()]
    kinds[int(r.integers(len(kinds)))](s)
    right, down, forward = s.axes
    wide = math.tan(s.fov / 2)
    far = math.exp(r.uniform(math.log(2), math.log(25)))
    near_ = far * r.uniform(0.08, 0.4)
    for _ in range(int(r.integers(2, 25))):
        distance = math.exp(r.uniform(math.log(near_), math.log(far)))
        at = s.eye + distance * (forward + wide * (right * r.uniform(-1, 1) + down * r.uniform(-0.8, 0.8)))
        afloat(s, at, distance * wide * r.uniform(0.03, 0.3))


TRAIN = {
    "room": (room, 16),
    "street": (street, 9),
    "yard": (yard, 11),
    "table-top": (table_top, 9),
    "corridor": (corridor, 6),
    "shelves": (shelves, 7),
    "terrain": (terrain, 5),
    "wall-only": (wall_only, 11),
    "up": (up, 9),
    "free": (free, 9),
    "cut-outs": (cut_outs, 6),
    "portrait": (portrait, 8),
    "above": (above, 4),
}

# What the later scenes are made of, in which a net that knows the worlds above goes on training.
LATER = {**TRAIN, "crowded": (crowded, 30)}
