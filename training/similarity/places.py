"""Simple landscapes."""
import cv2
import numpy as np

SIDE = 128
Noises = list[np.ndarray]


def _sky(r: np.random.Generator, top: tuple[float, ...], bottom: tuple[float, ...]) -> np.ndarray:
    t = np.linspace(0, 1, SIDE, dtype=np.float32)[:, None, None]
    colours = [np.float32(colour) + r.normal(0, 8, 3).astype(np.float32) for colour in (top, bottom)]
    return np.repeat(colours[0] * (1 - t) + colours[1] * t, SIDE, 1)


def _below(canvas: np.ndarray, line: np.ndarray, colour: tuple[float, ...], r: np.random.Generator, noise: np.ndarray | None = None) -> None:
    mask = np.arange(SIDE)[:, None] >= line[None]
    ink = np.float32(colour) + r.normal(0, 8, 3).astype(np.float32)
    fill = ink if noise is None else (ink + 9 * noise[..., None])[mask]
    canvas[mask] = fill


def _ridge(r: np.random.Generator, level: float, height: float, rough: float) -> np.ndarray:
    """A line over the columns, in pixels from the top."""
    out = np.zeros(SIDE, np.float32)
    for points in (4, 8, 16, 32):
        heights = r.uniform(-1, 1, points) * (points / 4) ** -rough
        out += np.interp(np.arange(SIDE), np.linspace(0, SIDE, points), heights)
    return SIDE * level + SIDE * height * out


def _day(r: np.random.Generator) -> np.ndarray:
    canvas = _sky(r, (90, 150, 225), (190, 215, 240))
    for _ in range(int(r.integers(0, 4))):
        at = (int(r.uniform(0, SIDE)), int(r.uniform(5, 45)))
        cv2.ellipse(canvas, at, (int(r.uniform(8, 22)), int(r.uniform(3, 7))), 0, 0, 360, (245, 247, 250), -1, cv2.LINE_AA)
    return canvas


def _beach(noise: np.ndarray, r: np.random.Generator) -> np.ndarray:
    canvas = _day(r)
    line = r.uniform(0.35, 0.55)
    _below(canvas, np.full(SIDE, SIDE * line), (40, 120, 190), r, noise)
    _below(canvas, _ridge(r, line + r.uniform(0.15, 0.25), 0.03, 2), (226, 202, 150), r, noise)
    return canvas


def _sea(noise: np.ndarray, r: np.random.Generator) -> np.ndarray:
    canvas = _day(r)
    line = int(SIDE * r.uniform(0.3, 0.6))
    _below(canvas, np.full(SIDE, float(line)), (30, 95, 165), r, noise)
    for _ in range(25):
        x, y = int(r.uniform(0, SIDE)), int(r.uniform(line + 2, SIDE))
        cv2.line(canvas, (x, y), (x + int(r.uniform(4, 14)), y), (120, 175, 220), 1, cv2.LINE_AA)
    return canvas


def _mountains(noise: np.ndarray, r: np.random.Generator) -> np.ndarray:
    canvas = _day(r)
    for step in range(3):
        ridge = _ridge(r, 0.42 + 0.13 * step, 0.13, 0.7)
        _below(canvas, ridge, (125 - 25 * step, 130 - 22 * step, 150 - 30 * step), r, noise)
        if step == 0:
            caps = (np.arange(SIDE)[:, None] >= ridge[None]) & (np.arange(SIDE)[:, None] < SIDE * 0.36)
            canvas[caps] = (240, 243, 248)
    return canvas


def _fir(canvas: np.ndarray, x: float, y: float, high: float, ink: np.ndarray) -> None:
    for level in range(3):
        top, wide = y - high * (1 - 0.22 * level), high * (0.16 + 0.09 * level)
        points = np.int32([[x, top], [x - wide, top + high * 0.42], [x + wide, top + high * 0.42]])
        cv2.fillPoly(canvas, [points], ink.tolist(), cv2.LINE_AA)


def _forest(noise: np.ndarray, r: np.random.Generator) -> np.ndarray:
    canvas = _day(r)
    _below(canvas, np.full(SIDE, SIDE * 0.55), (60, 105, 50), r, noise)
    fir = r.random() < 0.5
    for y in np.sort(r.uniform(0.55, 1.0, int(r.integers(18, 36)))) * SIDE:
        x, high, ink = r.uniform(0, SIDE), r.uniform(30, 60), np.array([35, 95, 40]) + r.normal(0, 12, 3)
        cv2.line(canvas, (int(x), int(y)), (int(x), int(y - high * 0.5)), (90, 65, 40), 3)
        if fir:
            _fir(canvas, x, y - 3, high, ink)
        else:
            cv2.circle(canvas, (int(x), int(y - high * 0.65)), int(high * 0.3), ink.tolist(), -1, cv2.LINE_AA)
    return canvas


def _desert(noise: np.ndarray, r: np.random.Generator) -> np.ndarray:
    canvas = _sky(r, (120, 175, 230), (235, 220, 190))
    for step in range(3):
        _below(canvas, _ridge(r, 0.5 + 0.15 * step, 0.05, 2), (225 - 12 * step, 180 - 15 * step, 110 - 12 * step), r, noise)
    return canvas


def _city(noise: np.ndarray, r: np.random.Generator) -> np.ndarray:
    night = r.random() < 0.5
    canvas = _sky(r, (15, 18, 45), (50, 45, 80)) if night else _day(r)
    for depth in range(2):
        x = -5.0
        while x < SIDE:
            wide, high = r.uniform(10, 24), r.uniform(0.25, 0.75 - 0.2 * depth) * SIDE
            ink = np.array([28, 28, 40]) * (1.3 - 0.4 * depth) if night else np.full(3, r.uniform(90, 170) - 25 * depth)
            cv2.rectangle(canvas, (int(x), int(SIDE - high)), (int(x + wide), SIDE), ink.tolist(), -1)
            lit = (250, 215, 120) if night else (60, 75, 95)
            for wy in np.arange(SIDE - high + 4, SIDE - 3, 7):
                for wx in np.arange(x + 3, x + wide - 3, 5):
                    if r.random() < 0.6:
                        cv2.rectangle(canvas, (int(wx), int(wy)), (int(wx) + 1, int(wy) + 2), lit, -1)
            x += wide + r.uniform(-1, 3)
    return canvas


def _snow(noise: np.ndarray, r: np.random.Generator) -> np.ndarray:
    canvas = _sky(r, (150, 175, 205), (215, 222, 232))
    for step in range(2):
        _below(canvas, _ridge(r, 0.5 + 0.18 * step, 0.06, 1.6), (238, 242, 248), r, noise * 0.4)
        for _ in range(int(r.integers(1, 5))):
            _fir(canvas, r.uniform(0, SIDE), SIDE * (0.58 + 0.2 * step), r.uniform(18, 36), np.array([50, 80, 70]))
    for _ in range(int(r.integers(0, 60))):
        cv2.circle(canvas, (int(r.uniform(0, SIDE)), int(r.uniform(0, SIDE))), 1, (255, 255, 255), -1)
    return canvas


def _night(noise: np.ndarray, r: np.random.Generator) -> np.ndarray:
    canvas = _sky(r, (6, 8, 28), (28, 30, 70))
    for _ in range(int(r.integers(30, 90))):
        at = (int(r.uniform(0, SIDE)), int(r.uniform(0, SIDE)))
        cv2.circle(canvas, at, int(r.random() < 0.15), (r.uniform(180, 255),) * 3, -1)
    if r.random() < 0.5:
        cv2.circle(canvas, (int(r.uniform(20, 108)), int(r.uniform(15, 50))), int(r.uniform(7, 14)), (245, 240, 215), -1, cv2.LINE_AA)
    _below(canvas, _ridge(r, 0.9, 0.04, 1.5), (8, 10, 16), r)
    return canvas


def _sunset(noise: np.ndarray, r: np.random.Generator) -> np.ndarray:
    canvas = _sky(r, (90, 60, 120), (255, 150, 60))
    x, y = r.uniform(25, 103), r.uniform(0.45, 0.65) * SIDE
    cv2.circle(canvas, (int(x), int(y)), int(r.uniform(9, 17)), (255, 225, 120), -1, cv2.LINE_AA)
    line = np.full(SIDE, y + 3) if r.random() < 0.5 else _ridge(r, 0.68, 0.06, 1)
    _below(canvas, line, (60, 40, 60), r, noise)
    return canvas


def _meadow(noise: np.ndarray, r: np.random.Generator) -> np.ndarray:
    canvas = _day(r)
    line = _ridge(r, r.uniform(0.4, 0.6), 0.04, 2)
    _below(canvas, line, (95, 165, 65), r, noise)
    for _ in range(int(r.integers(0, 50))):
        at = (int(r.uniform(0, SIDE)), int(r.uniform(0.65 * SIDE, SIDE)))
        cv2.circle(canvas, at, 1, [(250, 240, 90), (250, 250, 250), (230, 90, 120)][int(r.integers(3))], -1)
    return canvas


def _road(noise: np.ndarray, r: np.random.Generator) -> np.ndarray:
    canvas = _day(r)
    line = r.uniform(0.4, 0.55) * SIDE
    _below(canvas, np.full(SIDE, line), (105, 140, 75), r, noise)
    x, wide = r.uniform(45, 83), r.uniform(35, 60)
    cv2.fillPoly(canvas, [np.int32([[x - 3, line], [x + 3, line], [64 + wide, SIDE], [64 - wide, SIDE]])], (85, 85, 90), cv2.LINE_AA)
    for t in np.arange(0.1, 1, 0.2):
        a, b = (np.array([x + (64 - x) * u, line + (SIDE - line) * u]) for u in (t, t + 0.1))
        cv2.line(canvas, tuple(a.astype(int)), tuple(b.astype(int)), (240, 240, 235), 1 + int(3 * t), cv2.LINE_AA)
    return canvas


def _room(noise: np.ndarray, r: np.random.Generator) -> np.ndarray:
    wall, floor = r.uniform(150, 235, 3), np.array([150, 105, 70]) * r.uniform(0.7, 1.3)
    canvas = np.empty((SIDE, SIDE, 3), np.float32)
    canvas[:] = wall
    l, right, top, bottom = r.uniform(15, 30), SIDE - r.uniform(15, 30), r.uniform(10, 22), SIDE - r.uniform(30, 42)
    cv2.fillPoly(canvas, [np.int32([[0, SIDE], [SIDE, SIDE], [right, bottom], [l, bottom]])], floor.tolist())
    cv2.fillPoly(canvas, [np.int32([[0, 0], [l, top], [l, bottom], [0, SIDE]])], (wall * 0.85).tolist())
    cv2.fillPoly(canvas, [np.int32([[SIDE, 0], [right, top], [right, bottom], [SIDE, SIDE]])], (wall * 0.9).tolist())
    cv2.fillPoly(canvas, [np.int32([[0, 0], [SIDE, 0], [right, top], [l, top]])], np.clip(wall * 1.1, 0, 250).tolist())
    x, y = r.uniform(l + 5, right - 30), r.uniform(top + 5, top + 15)
    cv2.rectangle(canvas, (int(x), int(y)), (int(x + 25), int(y + 28)), (170, 205, 235), -1)
    cv2.rectangle(canvas, (int(x), int(y)), (int(x + 25), int(y + 28)), (245, 245, 245), 2)
    cv2.line(canvas, (int(x + 12), int(y)), (int(x + 12), int(y + 28)), (245, 245, 245), 2)
    return canvas


PLACES = {
    "beach": _beach, "sea": _sea, "mountains": _mountains, "forest": _forest, "desert": _desert, "city": _city,
    "snow": _snow, "night sky": _night, "sunset": _sunset, "meadow": _meadow, "road": _road, "room": _room,
}  # fmt: skip


def draw_place(place: str, noises: Noises, r: np.random.Generator) -> np.ndarray:
    """[128, 128, 3] floats in 0..255."""
    canvas = PLACES[place](noises[int(r.integers(len(noises)))], r)
    if place not in ("road", "room") or r.random() < 0.5:
        canvas = canvas[:, :: int(r.choice([-1, 1]))]
    return np.ascontiguousarray(canvas)
