"""The scenes that training sees. `TRAIN`: name -> (generator, weight); `UP`, `FREE` and others have no floor to rest on."""
import math

import numpy as np
import rays
import things
from scene import Scene, bumps, turn


def hand_held(s: Scene, eye, target, pitch: float = 6) -> None:
    """As people hold phones: roughly level, some tilt, most fields of view."""
    r = s.r
    target = np.asarray(target, float) + [0, 0, np.linalg.norm(np.subtract(target, eye)) * math.tan(math.radians(r.normal(0, pitch)))]
    s.look(eye, target, r.normal(0, 4) if r.random() < 0.8 else r.uniform(-15, 15), r.uniform(42, 88))


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
        size = r.uniform(0.03, 0.25) * distance if r.random() < 0.5 else r.uniform(0.1, 0.6)
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
