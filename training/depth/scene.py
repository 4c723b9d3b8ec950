"""What a generator of scenes builds with: bodies with materials, lights, a sky, a camera. z is up, metres."""
import dataclasses
import math

import numpy as np
import rays
from shade import HAZE_COLUMNS, SKY_COLUMNS
from textures import FLAT, Random, colour, near, noise

GRID = 96  # side of a table: a relief's heights, or (first row) a lathe's radii


def turn(axis: int, angle: float) -> np.ndarray:
    """Rotation about x, y or z."""
    c, s = math.cos(angle), math.sin(angle)
    i, j = [(1, 2), (2, 0), (0, 1)][axis]
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = c
    matrix[i, j], matrix[j, i] = -s, s
    return matrix


@dataclasses.dataclass(frozen=True)
class Palette:
    """The textures that a split may use: an atlas and the family of each, by function."""

    atlas: np.ndarray
    families: tuple
    kinds: list[int]

    def pick(self, r: Random, flat: bool = False) -> int:
        if flat:
            pool = [n for n, kind in enumerate(self.kinds) if self.families[kind] in FLAT]
            if pool:
                return int(r.choice(pool))
        return int(r.integers(len(self.kinds)))


@dataclasses.dataclass
class Material:
    texture: int
    tile: float
    solid: bool
    first: np.ndarray
    second: np.ndarray
    tint: float
    gloss: float
    glow: float = 0.0


class Scene:
    def __init__(self, r: Random, palette: Palette):
        self.r, self.palette = r, palette
        self.bodies: list[np.ndarray] = []
        self.tables: list[np.ndarray] = [np.zeros((GRID, GRID), np.float32)]
        self.lights: list[list[float]] = []
        self.ambient = np.full(3, 0.4)
        self.sky = np.zeros(SKY_COLUMNS)
        self.haze = np.zeros(HAZE_COLUMNS)
        self.eye, self.axes = np.zeros(3), np.eye(3)
        self.fov = math.radians(60)

    # Materials.

    def material(self, tile: float = 1.0, plain: float = 0.22, glow: float = 0.0) -> Material:
        """Any texture on any thing; `plain` of them without one. tile: metres, about."""
        r = self.r
        first = colour(r) / 255
        second = near(r, first * 255, 60) / 255 if r.random() < 0.5 else colour(r) / 255
        texture = -1 if r.random() < plain else self.palette.pick(r)
        size = tile * math.exp(r.normal(0, 0.7))
        gloss = r.random() * 0.6 if r.random() < 0.25 else 0.0
        tint = 1.0 if r.random() < 0.35 else 0.0 if r.random() < 0.6 else r.random()
        return Material(texture, size, r.random() < 0.25, first, second, tint, gloss, glow)

    def poster(self, width: float) -> Material:
        """One picture over the whole of a sheet of this width."""
        made = self.material(plain=0)
        return dataclasses.replace(made, texture=self.palette.pick(self.r, True), tile=width, solid=False, tint=0.0)

    # Bodies.

    def add(self, kind: int, centre, half, rotation=None, material: Material | None = None, param: float = 0.0, inside: bool = False) -> None:
        """half: half sides, or radii and half height, along the body's own axes."""
        rotation = np.eye(3) if rotation is None else rotation
        half, centre = np.maximum(np.asarray(half, float), 1e-4), np.asarray(centre, float)
        material = material or self.material(tile=float(np.median(half)) * 2)
        row = np.zeros(rays.COLUMNS, np.float32)
        inverse = (rotation / half).T
        row[rays.KIND], row[rays.INSIDE], row[rays.PARAM] = kind, inside, param
        row[rays.INVERSE : rays.BOUND] = np.column_stack([inverse, -inverse @ centre]).ravel()
        reach = {rays.BOX: np.linalg.norm(half), rays.SPHERE: half.max()}.get(kind, 0.0)
        round_reach = math.hypot(max(half[0], half[1]) * max(1.0, param if kind == rays.FRUSTUM else 1.0), half[2])
        sheet = math.hypot(half[0], half[1]) if kind == rays.SHEET else np.linalg.norm(half)
        reach = reach or (round_reach if kind in (rays.CYLINDER, rays.FRUSTUM) else sheet)
        row[rays.BOUND : rays.EXTENT] = [*centre, reach * 1.001]
        row[rays.EXTENT : rays.TEXTURE] = half
        row[rays.TEXTURE : rays.FIRST] = material.texture, material.tile, material.solid, self.r.integers(1, 4000)
        row[rays.FIRST : rays.SECOND], row[rays.SECOND : rays.TINT] = material.first, material.second
        row[rays.TINT :] = material.tint, material.gloss, material.glow
        self.bodies.append(row)

    def box(self, centre, half, yaw: float = 0.0, material: Material | None = None, rotation=None, inside: bool = False) -> None:
        self.add(rays.BOX, centre, half, turn(2, yaw) if rotation is None else rotation, material, inside=inside)

    def ball(self, centre, radius, material: Material | None = None, rotation=None) -> None:
        half = np.full(3, radius) if np.isscalar(radius) else radius
        self.add(rays.SPHERE, centre, half, rotation, material)

    def rod(self, start, end, radius: float, material: Material | None = None, top: float = 1.0, kind: int | None = None) -> None:
        """A cylinder from point to point, or a frustum whose far radius is `top` of the near one."""
        start, end = np.asarray(start, float), np.asarray(end, float)
        axis = end - start
        length = max(float(np.linalg.norm(axis)), 1e-4)
        z = axis / length
        x = np.cross([0, 0, 1] if abs(z[2]) < 0.9 else [1, 0, 0], z)
        x /= np.linalg.norm(x)
        rotation = np.column_stack([x, np.cross(z, x), z])
        chosen = kind if kind is not None else rays.CYLINDER if top == 1.0 else rays.FRUSTUM
        self.add(chosen, (start + end) / 2, [radius, radius, length / 2], rotation, material, param=top)

    def capsule(self, start, end, radius: float, material: Material) -> None:
        self.rod(start, end, radius, material)
        self.ball(start, radius, material)
        self.ball(end, radius, material)

    def sheet(self, centre, half_width: float, half_height: float, rotation, material: Material | None = None, mask: int = rays.WHOLE) -> None:
        """Flat and thin, its normal along the rotation's z."""
        self.add(rays.SHEET, centre, [half_width, half_height, 1.0], rotation, material, param=mask)

    def relief(self, centre, half, heights: np.ndarray, rotation=None, material: Material | None = None) -> None:
        """A height field over x, y; heights -1..1 of half[2]."""
        import cv2

        self.tables.append(np.ascontiguousarray(cv2.resize(heights.astype(np.float32), (GRID, GRID), interpolation=cv2.INTER_AREA).clip(-0.999, 0.999)))
        self.add(rays.RELIEF, centre, half, rotation, material, param=len(self.tables) - 1)

    def lathe(self, centre, radius: float, half_height: float, material: Material | None = None, rotation=None, profile: np.ndarray | None = None) -> None:
        """A turned thing: vase, bottle, lamp, pawn."""
        r = self.r
        if profile is None:
            knots = r.uniform(0.12, 1.0, int(r.integers(4, 9)))
            if r.random() < 0.3:
                knots[-2:] = knots[-2:].min() * 0.5
            profile = np.interp(np.linspace(0, len(knots) - 1, GRID), np.arange(len(knots)), knots)
            profile = np.convolve(np.pad(profile, 5, mode="edge"), np.ones(11) / 11, "valid")
        table = np.zeros((GRID, GRID), np.float32)
        table[0] = profile / profile.max()
        self.tables.append(table)
        self.add(rays.LATHE, centre, [radius, radius, half_height], rotation, material, param=len(self.tables) - 1)

    # Light, air and camera.

    def daylight(self, haze: float | None = None, sun: bool | None = None) -> None:
        r = self.r
        warm = np.array([1.0, r.uniform(0.8, 1), r.uniform(0.6, 1)])
        level = r.uniform(0.25, 0.55)
        self.ambient = level * np.array([r.uniform(0.85, 1), r.uniform(0.9, 1), 1])
        if r.random() < 0.75 if sun is None else sun:
            high, round_ = math.radians(r.uniform(12, 80)), r.uniform(0, 2 * np.pi)
            direction = [math.cos(high) * math.cos(round_), math.cos(high) * math.sin(round_), math.sin(high)]
            self.lights.append([*direction, *(warm * r.uniform(0.5, 1.1)), 0, 1])
        else:
            self.ambient = self.ambient * 1.6
        zenith = np.array([[0.25, 0.45, 0.8], [0.6, 0.65, 0.7], [0.85, 0.87, 0.9], [0.08, 0.1, 0.2], [0.5, 0.3, 0.4]][r.choice(5, p=[0.4, 0.2, 0.25, 0.08, 0.07])])
        horizon = zenith + (np.array([0.9, 0.9, 0.92]) - zenith) * r.uniform(0, 0.9)
        self.sky = np.array([*(zenith * r.uniform(0.7, 1.2)), *(horizon * r.uniform(0.7, 1.1)), r.uniform(0.2, 0.8) if r.random() < 0.6 else 0, r.integers(1, 1000)])
        density = math.exp(r.uniform(math.log(0.002), math.log(0.05))) if r.random() < 0.45 else 0.0
        self.haze = np.array([*horizon, density if haze is None else haze])

    def lamps(self, low, high, count: int | None = None) -> None:
        """Lamps somewhere between two corners."""
        r = self.r
        self.ambient = r.uniform(0.15, 0.5) * np.array([1, r.uniform(0.85, 1), r.uniform(0.7, 1)])
        count = int(r.integers(1, 4)) if count is None else count
        size = float(np.linalg.norm(np.subtract(high, low)))
        for n in range(count):
            colour_ = np.array([1, r.uniform(0.75, 1), r.uniform(0.5, 1)])[:: 1 if r.random() < 0.8 else -1]
            self.lights.append([*r.uniform(low, high), *(colour_ * r.uniform(0.4, 1.2) / count**0.5), r.uniform(0.3, 1.2) * size, n == 0 or (n == 1 and r.random() < 0.4)])
        if r.random() < 0.15:
            self.haze = np.array([*r.uniform(0.3, 0.8, 3), 0.3 / size])

    def look(self, eye, target, roll: float = 0.0, fov: float = 60.0) -> None:
        """fov: degrees over the longer side."""
        self.eye = np.asarray(eye, float)
        forward = np.asarray(target, float) - self.eye
        forward /= max(np.linalg.norm(forward), 1e-9)
        side = np.cross(forward, [0, 0, 1] if abs(forward[2]) < 0.995 else [0, 1, 0])
        right = side / np.linalg.norm(side)
        down = np.cross(forward, right)
        c, s = math.cos(math.radians(roll)), math.sin(math.radians(roll))
        self.axes = np.stack([c * right + s * down, c * down - s * right, forward])
        self.fov = math.radians(fov)

    def aim(self, eye, yaw: float, pitch: float, roll: float, fov: float) -> None:
        """Degrees; yaw from +x, pitch up."""
        y, p = math.radians(yaw), math.radians(pitch)
        self.look(eye, np.asarray(eye) + [math.cos(p) * math.cos(y), math.cos(p) * math.sin(y), math.sin(p)], roll, fov)


def bumps(r: Random, low: int = 1, high: int = 16) -> np.ndarray:
    """Heights of a relief, -1..1."""
    kind = r.integers(0, 5)
    base = noise(r, low, high, r.uniform(0.3, 0.6)) * 2 - 1
    if kind == 1:
        base = 1 - 2 * np.abs(base)  # ridges
    elif kind == 2:
        steps = int(r.integers(3, 9))
        base = np.floor(base * steps) / steps  # terraces
    elif kind == 3:
        wave = np.sin(np.linspace(0, r.uniform(6, 40), base.shape[1]) + base * r.uniform(0, 3))
        base = 0.7 * wave + 0.3 * base  # folds
    return base
