"""Colours of the pixels that `rays.see` found: texture, lights, shadows, highlights, haze and sky."""
import math

import numpy as np
from numba import njit
from rays import FAR, local_normal, shadowed, value_noise

# Columns of a light: position or direction (3), colour (3), whether it is a lamp, whether it casts shadows.
LIGHT_COLUMNS = 8
LEVELS = 6
# The sky: colour above and at the horizon, cloud share, cloud seed; haze: colour, density a metre.
SKY_COLUMNS, HAZE_COLUMNS = 8, 4


@njit(fastmath=True, cache=True)
def sample(atlas, index, u, v, level):
    """A texture of the atlas (see textures.py), repeated, at a mip level, bilinear. 0..1 each."""
    whole = atlas.shape[1]
    size = whole >> level
    left = 0 if level == 0 else whole
    top = 0 if level == 0 else whole - 2 * size
    x, y = (u - math.floor(u)) * size - 0.5, (v - math.floor(v)) * size - 0.5
    x0, y0 = int(math.floor(x)), int(math.floor(y))
    fx, fy = x - x0, y - y0
    xa, xb = left + x0 % size, left + (x0 + 1) % size
    ya, yb = top + y0 % size, top + (y0 + 1) % size
    t = atlas[index]
    w00, w10, w01, w11 = (1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy
    r = t[ya, xa, 0] * w00 + t[ya, xb, 0] * w10 + t[yb, xa, 0] * w01 + t[yb, xb, 0] * w11
    g = t[ya, xa, 1] * w00 + t[ya, xb, 1] * w10 + t[yb, xa, 1] * w01 + t[yb, xb, 1] * w11
    b = t[ya, xa, 2] * w00 + t[ya, xb, 2] * w10 + t[yb, xa, 2] * w01 + t[yb, xb, 2] * w11
    return r / 255.0, g / 255.0, b / 255.0


@njit(fastmath=True, cache=True)
def colour_of(body, atlas, x, y, z, px, py, pz, nx, ny, nz, footprint):
    """Of a point: local x, y, z, world p, local normal n; footprint: metres that a pixel covers."""
    index = int(body[23])
    r, g, b = body[27], body[28], body[29]
    if index < 0:
        return r, g, b
    tile = body[24]
    ax, ay, az = abs(nx), abs(ny), abs(nz)
    if body[25] > 0:
        lx, ly, lz = px, py, pz
    else:
        lx, ly, lz = x * body[20], y * body[21], z * body[22]
    kind = int(body[0])
    if (kind == 1 or kind == 2 or kind == 3 or kind == 6) and body[25] == 0 and az < 0.95:
        u = math.atan2(ly, lx) * body[20]
        v = lz
    elif ax > ay and ax > az:
        u, v = ly, lz
    elif ay > az:
        u, v = lx, lz
    else:
        u, v = lx, ly
    size = atlas.shape[1]
    detail = footprint / tile * size
    level = 0
    while detail > 1.4 and level < LEVELS - 1:
        detail *= 0.5
        level += 1
    tr, tg, tb = sample(atlas, index, u / tile + body[26] * 0.37, -v / tile + body[26] * 0.73, level)
    grey = 0.299 * tr + 0.587 * tg + 0.114 * tb
    tint = body[33]
    return (
        (1 - tint) * tr + tint * (r * (1 - grey) + body[30] * grey),
        (1 - tint) * tg + tint * (g * (1 - grey) + body[31] * grey),
        (1 - tint) * tb + tint * (b * (1 - grey) + body[32] * grey),
    )


@njit(fastmath=True, cache=True)
def sky_colour(sky, dx, dy, dz):
    length = math.sqrt(dx * dx + dy * dy + dz * dz)
    up = max(dz / length, 0.0)
    share = up**0.6
    cloud = 0.0
    if sky[6] > 0 and up > 0.01:
        u, v = dx / (dz + 0.15 * length), dy / (dz + 0.15 * length)
        seed = int(sky[7])
        n = value_noise(u * 1.5 + 99, v * 1.5 + 99, seed) * 0.6 + value_noise(u * 4 + 99, v * 4 + 99, seed) * 0.3
        n += value_noise(u * 9 + 99, v * 9 + 99, seed) * 0.15
        cloud = min(max((n - 1 + sky[6]) * 3, 0.0), 1.0)
    r = sky[3] + (sky[0] - sky[3]) * share
    g = sky[4] + (sky[1] - sky[4]) * share
    b = sky[5] + (sky[2] - sky[5]) * share
    return r + (0.95 - r) * cloud, g + (0.95 - g) * cloud, b + (0.96 - b) * cloud


@njit(fastmath=True, cache=True)
def shade(bodies, tables, atlas, lights, ambient, sky, haze, eye, axes, focal, cx, cy, depth, body_of):
    """Linear RGB [h, w, 3] float32, about 0..1."""
    height, width = depth.shape
    image = np.empty((height, width, 3), np.float32)
    for v in range(height):
        b = (v + 0.5 - cy) / focal
        for u in range(width):
            a = (u + 0.5 - cx) / focal
            dx = axes[0, 0] * a + axes[1, 0] * b + axes[2, 0]
            dy = axes[0, 1] * a + axes[1, 1] * b + axes[2, 1]
            dz = axes[0, 2] * a + axes[1, 2] * b + axes[2, 2]
            n = body_of[v, u]
            if n < 0:
                image[v, u, 0], image[v, u, 1], image[v, u, 2] = sky_colour(sky, dx, dy, dz)
                continue
            body = bodies[n]
            t = depth[v, u]
            px, py, pz = eye[0] + t * dx, eye[1] + t * dy, eye[2] + t * dz
            m = body[4:16]
            x = m[0] * px + m[1] * py + m[2] * pz + m[3]
            y = m[4] * px + m[5] * py + m[6] * pz + m[7]
            z = m[8] * px + m[9] * py + m[10] * pz + m[11]
            lx, ly, lz = local_normal(body, tables, x, y, z)
            nx = m[0] * lx + m[4] * ly + m[8] * lz
            ny = m[1] * lx + m[5] * ly + m[9] * lz
            nz = m[2] * lx + m[6] * ly + m[10] * lz
            norm = 1.0 / max(math.sqrt(nx * nx + ny * ny + nz * nz), 1e-12)
            if nx * dx + ny * dy + nz * dz > 0:
                norm = -norm
            nx, ny, nz = nx * norm, ny * norm, nz * norm
            reach = math.sqrt(dx * dx + dy * dy + dz * dz)
            facing = max(-(nx * dx + ny * dy + nz * dz) / reach, 0.15)
            r, g, bl = colour_of(body, atlas, x, y, z, px, py, pz, lx * body[20], ly * body[21], lz * body[22], t / focal / facing)
            glow = body[35]
            if glow > 0:
                image[v, u, 0], image[v, u, 1], image[v, u, 2] = r * glow, g * glow, bl * glow
            else:
                hemi = 0.75 + 0.25 * nz
                er, eg, eb = ambient[0] * hemi, ambient[1] * hemi, ambient[2] * hemi
                shine = 0.0
                off = 1e-3 * (1 + t)
                qx, qy, qz = px + nx * off, py + ny * off, pz + nz * off
                for k in range(lights.shape[0]):
                    light = lights[k]
                    sx, sy, sz = light[0], light[1], light[2]
                    fall = 1.0
                    limit = FAR
                    if light[6] > 0:
                        sx, sy, sz = sx - px, sy - py, sz - pz
                        fall = light[6] * light[6] / (light[6] * light[6] + sx * sx + sy * sy + sz * sz)
                        limit = 1.0
                    inverse = 1.0 / max(math.sqrt(sx * sx + sy * sy + sz * sz), 1e-9)
                    lit = (nx * sx + ny * sy + nz * sz) * inverse
                    if lit <= 0:
                        continue
                    if light[7] > 0 and shadowed(bodies, tables, qx, qy, qz, sx, sy, sz, limit):
                        continue
                    er += light[3] * lit * fall
                    eg += light[4] * lit * fall
                    eb += light[5] * lit * fall
                    if body[34] > 0:
                        hx, hy, hz = sx * inverse - dx / reach, sy * inverse - dy / reach, sz * inverse - dz / reach
                        half = math.sqrt(hx * hx + hy * hy + hz * hz)
                        shine += body[34] * fall * max((nx * hx + ny * hy + nz * hz) / half, 0.0) ** 40
                image[v, u, 0], image[v, u, 1], image[v, u, 2] = r * er + shine, g * eg + shine, bl * eb + shine
            if haze[3] > 0:
                keep = math.exp(-haze[3] * t)
                for c in range(3):
                    image[v, u, c] = image[v, u, c] * keep + haze[c] * (1 - keep)
    return image
