"""Rays against analytic bodies: which body each pixel sees, how far away, and how it is lit.

A body is one of the kinds below in a local space of its own, under an affine map. Its row in `bodies`
(float32) is laid out by the constants; angles are radians, lengths metres. Ray directions have a length of
1 along the camera's axis, so the parameter of a hit is its depth.
"""
import math

import numpy as np
from numba import njit

BOX, SPHERE, CYLINDER, FRUSTUM, SHEET, RELIEF, LATHE = range(7)
# Columns of a body.
KIND, INSIDE, PARAM, SHAPE = 0, 1, 2, 3  # PARAM: top radius, mask or table; INSIDE: seen from within
INVERSE = 4  # 12: world to local, row by row
BOUND = 16  # 4: centre and radius of a sphere around it, in the world
EXTENT = 20  # 3: half sides in metres, so that a texture has a size
TEXTURE, TILE, SOLID, SEED = 23, 24, 25, 26  # atlas index or -1; metres a tile; world-space lookup; mask seed
FIRST, SECOND = 27, 30  # colours between which the texture's brightness blends
TINT, GLOSS, GLOW = 33, 34, 35  # share of the two colours against the texture's own; highlight; light of its own
COLUMNS = 36
# Masks of a sheet.
WHOLE, DISC, BLOBS, BARS, LATTICE, LEAF, RAGGED = range(7)
NEAR = 0.02
FAR = 1e6


@njit(fastmath=True, cache=True)
def hash01(x, y, seed):
    value = (x * 374761393 + y * 668265263 + seed * 974634777) & 0xFFFFFFFF
    value = ((value ^ (value >> 13)) * 1274126177) & 0xFFFFFFFF
    return ((value ^ (value >> 16)) & 0xFFFF) / 65535.0


@njit(fastmath=True, cache=True)
def value_noise(x, y, seed):
    x0, y0 = math.floor(x), math.floor(y)
    fx, fy = x - x0, y - y0
    fx, fy = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)
    i, j = int(x0), int(y0)
    a = hash01(i, j, seed) * (1 - fx) + hash01(i + 1, j, seed) * fx
    b = hash01(i, j + 1, seed) * (1 - fx) + hash01(i + 1, j + 1, seed) * fx
    return a * (1 - fy) + b * fy


@njit(fastmath=True, cache=True)
def masked(kind, x, y, seed):
    """Whether a sheet has matter at x, y in -1..1."""
    if kind == 0:
        return True
    if kind == 1:
        return x * x + y * y < 1
    if kind == 2:
        return value_noise(x * 4 + 50, y * 4 + 50, seed) + 0.5 * value_noise(x * 9 + 50, y * 9 + 50, seed) > 0.75
    if kind == 3:
        n = 3 + seed % 9
        return abs(y) > 0.9 or (x + 1) * n % 1.0 < 0.25 + 0.3 * hash01(seed, 1, 2)
    if kind == 4:
        n = 2 + seed % 6
        return (x + 1) * n % 1.0 < 0.2 or (y + 1) * n % 1.0 < 0.2
    if kind == 5:
        return abs(x) < (1 - y * y) * (0.4 + 0.5 * value_noise(y * 6 + 50, 3.0, seed))
    angle = math.atan2(y, x)
    return math.sqrt(x * x + y * y) < 0.45 + 0.55 * value_noise(angle * 2.2 + 50, 7.0, seed)


@njit(fastmath=True, cache=True)
def relief_at(table, x, y):
    n = table.shape[0] - 1
    u = min(max((x + 1) * 0.5, 0.0), 0.99999) * n
    v = min(max((y + 1) * 0.5, 0.0), 0.99999) * n
    i, j = int(u), int(v)
    fu, fv = u - i, v - j
    a = table[j, i] * (1 - fu) + table[j, i + 1] * fu
    b = table[j + 1, i] * (1 - fu) + table[j + 1, i + 1] * fu
    return a * (1 - fv) + b * fv


@njit(fastmath=True, cache=True)
def lathe_at(profile, z):
    n = profile.shape[0] - 1
    u = min(max((z + 1) * 0.5, 0.0), 0.99999) * n
    i = int(u)
    return profile[i] * (1 - u + i) + profile[i + 1] * (u - i)


@njit(fastmath=True, cache=True)
def slab(ox, oy, oz, dx, dy, dz):
    low, high = -FAR, FAR
    for axis in range(3):
        o = ox if axis == 0 else (oy if axis == 1 else oz)
        d = dx if axis == 0 else (dy if axis == 1 else dz)
        if abs(d) < 1e-12:
            d = 1e-12
        a, b = (-1 - o) / d, (1 - o) / d
        low, high = max(low, min(a, b)), min(high, max(a, b))
    return low, high


@njit(fastmath=True, cache=True)
def cone_hit(ox, oy, oz, dx, dy, dz, top, inside, near):
    """A frustum along z in -1..1, radius 1 below and `top` above, with its caps; a cylinder has top 1."""
    k, m = (top - 1) * 0.5, (top + 1) * 0.5  # radius = m + k z
    r = m + k * oz
    a = dx * dx + dy * dy - k * k * dz * dz
    b = ox * dx + oy * dy - k * dz * r
    c = ox * ox + oy * oy - r * r
    best = FAR
    if abs(a) > 1e-12:
        disc = b * b - a * c
        if disc > 0:
            root = math.sqrt(disc)
            for sign in (-1.0, 1.0):
                t = (-b + sign * root) / a
                z = oz + t * dz
                if near < t < best and -1 <= z <= 1 and m + k * z >= 0:
                    best = t
    if abs(dz) > 1e-12 and not inside:
        for side in (-1.0, 1.0):
            t = (side - oz) / dz
            x, y = ox + t * dx, oy + t * dy
            radius = m + k * side
            if near < t < best and x * x + y * y <= radius * radius:
                best = t
    return best


@njit(fastmath=True, cache=True)
def march(ox, oy, oz, dx, dy, dz, table, lathe, near, steps):
    low, high = slab(ox, oy, oz, dx, dy, dz)
    low = max(low, near)
    if high <= low:
        return FAR
    step = (high - low) / steps
    before = 0.0
    for i in range(steps + 1):
        t = low + i * step
        x, y, z = ox + t * dx, oy + t * dy, oz + t * dz
        gap = math.sqrt(x * x + y * y) - lathe_at(table[0], z) if lathe else z - relief_at(table, x, y)
        if gap <= 0:
            if i == 0:
                return t if not lathe or abs(z) > 0.999 else FAR
            a, b = t - step, t
            for _ in range(7):
                t = 0.5 * (a + b)
                x, y, z = ox + t * dx, oy + t * dy, oz + t * dz
                gap = math.sqrt(x * x + y * y) - lathe_at(table[0], z) if lathe else z - relief_at(table, x, y)
                if gap <= 0:
                    b = t
                else:
                    a = t
            return 0.5 * (a + b)
        before = gap
    return FAR


@njit(fastmath=True, cache=True)
def hit(body, tables, ox, oy, oz, dx, dy, dz, near):
    """Parameter of the first hit beyond `near`, or FAR."""
    m = body[4:16]
    lx = m[0] * ox + m[1] * oy + m[2] * oz + m[3]
    ly = m[4] * ox + m[5] * oy + m[6] * oz + m[7]
    lz = m[8] * ox + m[9] * oy + m[10] * oz + m[11]
    ex = m[0] * dx + m[1] * dy + m[2] * dz
    ey = m[4] * dx + m[5] * dy + m[6] * dz
    ez = m[8] * dx + m[9] * dy + m[10] * dz
    kind = int(body[0])
    inside = body[1] > 0
    if kind == 0:
        low, high = slab(lx, ly, lz, ex, ey, ez)
        if high <= low:
            return FAR
        if inside:
            return high if high > near else FAR
        return low if low > near else FAR
    if kind == 1:
        a = ex * ex + ey * ey + ez * ez
        b = lx * ex + ly * ey + lz * ez
        c = lx * lx + ly * ly + lz * lz - 1
        disc = b * b - a * c
        if disc <= 0:
            return FAR
        t = (-b + math.sqrt(disc)) / a if inside else (-b - math.sqrt(disc)) / a
        return t if t > near else FAR
    if kind == 2:
        return cone_hit(lx, ly, lz, ex, ey, ez, 1.0, inside, near)
    if kind == 3:
        return cone_hit(lx, ly, lz, ex, ey, ez, body[2], inside, near)
    if kind == 4:
        if abs(ez) < 1e-12:
            return FAR
        t = -lz / ez
        x, y = lx + t * ex, ly + t * ey
        if t <= near or abs(x) > 1 or abs(y) > 1 or not masked(int(body[2]), x, y, int(body[26])):
            return FAR
        return t
    if kind == 5:
        return march(lx, ly, lz, ex, ey, ez, tables[int(body[2])], False, near, 56)
    return march(lx, ly, lz, ex, ey, ez, tables[int(body[2])], True, near, 20)


@njit(fastmath=True, cache=True)
def local_normal(body, tables, x, y, z):
    kind = int(body[0])
    if kind == 0:
        if abs(x) > abs(y) and abs(x) > abs(z):
            return math.copysign(1.0, x), 0.0, 0.0
        if abs(y) > abs(z):
            return 0.0, math.copysign(1.0, y), 0.0
        return 0.0, 0.0, math.copysign(1.0, z)
    if kind == 1:
        return x, y, z
    if kind == 2 or kind == 3:
        if abs(z) > 0.9995:
            return 0.0, 0.0, math.copysign(1.0, z)
        top = 1.0 if kind == 2 else body[2]
        k, m = (top - 1) * 0.5, (top + 1) * 0.5
        return x, y, -k * (m + k * z)
    if kind == 4:
        return 0.0, 0.0, 1.0
    table = tables[int(body[2])]
    if kind == 5:
        e = 0.01
        return (
            (relief_at(table, x - e, y) - relief_at(table, x + e, y)) / (2 * e),
            (relief_at(table, x, y - e) - relief_at(table, x, y + e)) / (2 * e),
            1.0,
        )
    if abs(z) > 0.9995:
        return 0.0, 0.0, math.copysign(1.0, z)
    e = 0.03
    slope = (lathe_at(table[0], z + e) - lathe_at(table[0], z - e)) / (2 * e)
    r = max(math.sqrt(x * x + y * y), 1e-6)
    return x / r, y / r, -slope


@njit(fastmath=True, cache=True)
def see(bodies, tables, eye, axes, width, height, focal, cx, cy):
    """Depth [h, w] (FAR where nothing is) and body [h, w] (-1) of each pixel, body by body over its screen box."""
    depth = np.full((height, width), FAR, np.float32)
    body_of = np.full((height, width), -1, np.int32)
    for n in range(bodies.shape[0]):
        body = bodies[n]
        rx, ry, rz = body[16] - eye[0], body[17] - eye[1], body[18] - eye[2]
        radius = body[19]
        x = axes[0, 0] * rx + axes[0, 1] * ry + axes[0, 2] * rz
        y = axes[1, 0] * rx + axes[1, 1] * ry + axes[1, 2] * rz
        z = axes[2, 0] * rx + axes[2, 1] * ry + axes[2, 2] * rz
        left, right, top, bottom = 0, width, 0, height
        if z + radius < NEAR:
            continue
        if z - radius > 0.05:
            # A box that holds the sphere's outline: its sides touch a cube of that radius.
            zn, zf = z - radius, z + radius
            left = int(max(0.0, cx + focal * min((x - radius) / zn, (x - radius) / zf)))
            right = int(min(float(width), cx + focal * max((x + radius) / zn, (x + radius) / zf) + 2))
            top = int(max(0.0, cy + focal * min((y - radius) / zn, (y - radius) / zf)))
            bottom = int(min(float(height), cy + focal * max((y + radius) / zn, (y + radius) / zf) + 2))
        for v in range(top, bottom):
            b = (v + 0.5 - cy) / focal
            for u in range(left, right):
                a = (u + 0.5 - cx) / focal
                dx = axes[0, 0] * a + axes[1, 0] * b + axes[2, 0]
                dy = axes[0, 1] * a + axes[1, 1] * b + axes[2, 1]
                dz = axes[0, 2] * a + axes[1, 2] * b + axes[2, 2]
                t = hit(body, tables, eye[0], eye[1], eye[2], dx, dy, dz, NEAR)
                if t < depth[v, u]:
                    depth[v, u] = t
                    body_of[v, u] = n
    return depth, body_of


@njit(fastmath=True, cache=True)
def shadowed(bodies, tables, px, py, pz, dx, dy, dz, limit):
    """Whether a body stands between a point and a light `limit` directions away."""
    dd = dx * dx + dy * dy + dz * dz
    for n in range(bodies.shape[0]):
        body = bodies[n]
        if body[1] > 0 or body[35] > 0:
            continue
        rx, ry, rz = body[16] - px, body[17] - py, body[18] - pz
        along = (rx * dx + ry * dy + rz * dz) / dd
        r2 = body[19] * body[19]
        rr = rx * rx + ry * ry + rz * rz
        if rr > r2 and (along < 0 or rr - along * along * dd > r2):
            continue
        if hit(body, tables, px, py, pz, dx, dy, dz, 1e-4) < limit:
            return True
    return False
