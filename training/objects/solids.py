"""Parametric solids of common nouns, lit and seen from chance directions: what glyphs never show.

`draw(name, generator)` gives one picture as [160, 160, 4] RGBA; `NOUNS` says which names there are. A solid is a
list of faces (corners in 3-D and a colour), painted from the back to the front.
"""
from collections.abc import Callable

import cv2
import numpy as np
from solid_parts import SCALE, SIDE, Faces
from solids_built import (
    bed,
    book,
    brick,
    bus,
    car,
    chair,
    crate,
    die,
    door,
    gift,
    house,
    ladder,
    laptop,
    office,
    phone,
    screen,
    sofa,
    suitcase,
    table,
    toy_block,
    train,
    truck,
    window,
)
from solids_round import (
    air_balloon,
    balloon,
    basketball,
    battery,
    bell,
    bin_,
    bottle,
    bowl,
    bucket,
    bulb,
    can,
    candle,
    clock,
    cup,
    drum,
    frame,
    fruit,
    glass,
    hat,
    heart,
    jar,
    key,
    lamp,
    mushroom,
    pencil,
    pine,
    plate,
    star,
    tree,
    wine,
)

# Name in the vocabulary: its solid, and how far it may turn about the upright axis, in degrees.
NOUNS: dict[str, tuple[Callable[[np.random.Generator], Faces], float]] = {
    "car": (car, 180), "truck": (truck, 180), "bus": (bus, 180), "train": (train, 60), "table": (table, 80),
    "chair": (chair, 70), "bed": (bed, 70), "sofa": (sofa, 50), "book": (book, 50), "house": (house, 50),
    "office building": (office, 180), "door": (door, 45), "window": (window, 45), "television": (screen, 40),
    "computer": (screen, 40), "laptop": (laptop, 40), "phone": (phone, 45), "die": (die, 60), "box": (crate, 180),
    "gift": (gift, 180), "suitcase": (suitcase, 45), "block": (toy_block, 180), "brick": (brick, 60),
    "ladder": (ladder, 40), "bottle": (bottle, 180), "cup": (cup, 75), "plate": (plate, 180), "bowl": (bowl, 180),
    "drinking glass": (glass, 180), "jar": (jar, 180), "lamp": (lamp, 180), "light bulb": (bulb, 180),
    "candle": (candle, 180), "bucket": (bucket, 180), "trash can": (bin_, 180), "canned food": (can, 180),
    "battery": (battery, 180), "drum": (drum, 180), "bell": (bell, 180), "hat": (hat, 180), "wine": (wine, 180),
    "tree": (tree, 180), "pine tree": (pine, 180), "balloon": (balloon, 180), "hot air balloon": (air_balloon, 180),
    "apple": (fruit(0.99, 0.9, True), 180), "orange": (fruit(0.08, 1, False), 180), "tomato": (fruit(0.01, 0.8, True), 180),
    "lemon": (fruit(0.15, 0.8, False), 180), "mushroom": (mushroom, 180), "clock": (clock, 40), "key": (key, 40),
    "star": (star, 40), "heart": (heart, 40), "pencil": (pencil, 180), "picture frame": (frame, 40),
    "basketball": (basketball, 180),
}  # fmt: skip


def draw(name: str, g: np.random.Generator) -> np.ndarray:
    make, yaw = NOUNS[name]
    return render(make(g), g, np.deg2rad(g.uniform(-yaw, yaw)), np.deg2rad(g.uniform(2, 38)))


def render(faces: Faces, g: np.random.Generator, yaw: float, pitch: float) -> np.ndarray:
    """[SIDE, SIDE, 4] RGBA of the solid, centred and filling the square."""
    c, s, d, e = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    view = np.array([[1, 0, 0], [0, d, -e], [0, e, d]]) @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    seen = [(corners @ view.T, colour) for corners, colour in faces]
    seen = [(p * (1 + 0.06 * p[:, 2:]), colour) for p, colour in seen]  # what is near is larger
    points = np.concatenate([p for p, _ in seen])[:, :2]
    low, high = points.min(0), points.max(0)
    size = SIDE * SCALE
    scale = (size - 8) / (high - low).max()
    light = np.array([g.uniform(-1, 1), g.uniform(0.2, 1.2), g.uniform(0.4, 1.2)])
    light /= np.linalg.norm(light)
    ambient, outline = g.uniform(0.35, 0.65), g.uniform() < 0.25
    canvas = np.zeros((size, size, 4), np.uint8)
    for p, colour in sorted(seen, key=lambda face: face[0][:, 2].mean()):
        normal = np.cross(p[1] - p[0], p[2] - p[1])
        normal = normal / (np.linalg.norm(normal) + 1e-9)
        if normal[2] < 0:
            normal = -normal  # both sides of a face are solid
        shade = min(1.15, ambient + (1 - ambient) * 1.15 * max(0.0, float(normal @ light)))
        flat = (p[:, :2] - (low + high) / 2) * [scale, -scale] + size / 2
        corners = np.round(flat * 16).astype(np.int32)
        value = tuple(min(255, int(255 * channel * shade)) for channel in colour)
        cv2.fillPoly(canvas, [corners], (*value, 255), shift=4)
        if outline and len(faces) < 150:
            cv2.polylines(canvas, [corners], True, (20, 20, 20, 255), 2, shift=4)
    return cv2.resize(canvas, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
