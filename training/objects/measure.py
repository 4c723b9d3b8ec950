"""What the trained detector finds, as the adapter would decide it, and how much of it is right."""
import cv2
import numpy as np
import torch
from model import SINGLE, Detector, Namer, centres, corners
from scenes import FILL, Scenes

# As in the adapter.
SUPPRESS = 0.5
OBJECTNESS_MIN = 0.1
PLACES_MAX = 32
MARGIN = 1.15
ABSENT = 10  # names that a picture is asked for beside its own
SEED = 90_000  # no training seed reaches these


@torch.no_grad()
def found_in(detector: Detector, namer: Namer, picture: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes [n, 4] in pixels, names [n] and scores [n], as gpu-backend/tools/adapters/nano-objects.ts finds what it is
    asked for: places of names in the vocabulary."""
    logits, far = detector(torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255)
    score = torch.sigmoid(logits[0]).numpy()
    boxes = corners(centres(picture.shape[0]), far[0]).numpy()
    kept: list[int] = []
    for index in np.argsort(-score)[:300].tolist():
        if score[index] < OBJECTNESS_MIN or len(kept) == PLACES_MAX:
            break
        if all(overlap(boxes[index], boxes[other]) <= SUPPRESS for other in kept):
            kept.append(index)
    if not kept:
        return np.zeros((0, 4)), np.zeros(0, int), np.zeros(0)
    cuts = np.stack([cut_out(picture, boxes[index]) for index in kept])
    chance, at = torch.softmax(namer(torch.from_numpy(cuts).permute(0, 3, 1, 2).float() / 255), 1)[:, torch.from_numpy(asked)].max(1)
    return boxes[kept], asked[at.numpy()], score[kept] * chance.numpy()


def cut_out(picture: np.ndarray, box: np.ndarray) -> np.ndarray:
    side = max(1, round(float(max(box[2] - box[0], box[3] - box[1])) * MARGIN))
    left, top = (round(float(box[at] + box[at + 2] - side) / 2) for at in (0, 1))
    whole = np.full((side, side, 3), FILL, np.uint8)
    high, wide = picture.shape[:2]
    part = picture[max(0, top) : min(high, top + side), max(0, left) : min(wide, left + side)]
    y, x = max(0, -top), max(0, -left)
    whole[y : y + part.shape[0], x : x + part.shape[1]] = part
    return cv2.resize(whole, (SINGLE, SINGLE), interpolation=cv2.INTER_AREA if side > SINGLE else cv2.INTER_LINEAR)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - wide * high)


def judged(detector: Detector, namer: Namer, scenes: Scenes, count: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Scores and rightness of what was found in `count` pictures, each asked for its own names and ABSENT others, and
    how many objects there were."""
    scores, right, total = [], [], 0
    for index in range(count):
        g = np.random.default_rng((SEED, index))
        picture, boxes, names = scenes.compose(g)
        absent = np.setdiff1d(scenes.known, names)
        asked = np.concatenate([np.unique(names), g.choice(absent, ABSENT, replace=False)])
        total += len(names)
        free = set(range(len(names)))
        for box, name, score in zip(*found_in(detector, namer, picture, asked), strict=True):
            hit = max((k for k in free if names[k] == name), key=lambda k: overlap(box, boxes[k]), default=None)
            good = hit is not None and overlap(box, boxes[hit]) >= 0.5
            if good:
                free.discard(hit)
            scores.append(score)
            right.append(good)
    return np.array(scores), np.array(right, bool), total


def threshold_for(scores: np.ndarray, right: np.ndarray, pictures: int, alarms: float) -> float:
    """The lowest score at which no more than `alarms` finds a picture are wrong."""
    order = np.argsort(-scores)
    allowed = np.flatnonzero(np.cumsum(~right[order]) <= alarms * pictures)
    return float(scores[order][allowed[-1]]) if len(allowed) else 1.0


def measured(scores: np.ndarray, right: np.ndarray, total: int, threshold: float, pictures: int) -> dict[str, float]:
    """Average precision over all names at once; recall and false alarms a picture at the threshold."""
    order = np.argsort(-scores)
    hits, wrong = np.cumsum(right[order]), np.cumsum(~right[order])
    precision = np.maximum.accumulate((hits / np.maximum(1, hits + wrong))[::-1])[::-1]
    told = scores >= threshold
    return {
        "ap": float((precision * right[order]).sum() / max(1, total)),
        "recall": float(right[told].sum() / max(1, total)),
        "alarms": float((~right[told]).sum() / pictures),
    }
