"""What the trained detector finds, as the adapter would decide it, and how much of it is right."""
import numpy as np
import torch
from model import Detector, centres, corners
from scenes import Scenes

SUPPRESS = 0.5  # overlap above which two boxes are one object
SEED = 90_000  # no training seed reaches these


@torch.no_grad()
def found_in(model: Detector, picture: np.ndarray, floor: float = 0.02) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes [n, 4], names [n] and scores [n], best first."""
    image = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255
    place, far, vectors = model(image)
    chance, name = torch.softmax(vectors[0] @ model.names.T, 1).max(1)
    score = torch.sigmoid(place[0, :, 0]) * chance
    boxes = corners(centres(picture.shape[0]), far[0])
    order = torch.argsort(score, descending=True)[:200]
    order = order[score[order] > floor]
    kept: list[int] = []
    for index in order.tolist():
        if all(overlap(boxes[index].numpy(), boxes[other].numpy()) <= SUPPRESS for other in kept):
            kept.append(index)
    return boxes[kept].numpy(), name[kept].numpy(), score[kept].numpy()


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - wide * high)


def judged(model: Detector, scenes: Scenes, count: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Scores and rightness of all that was found in `count` pictures, and how many objects there were."""
    model = model.eval()
    scores, right, total = [], [], 0
    for index in range(count):
        picture, boxes, names = scenes.compose(np.random.default_rng((SEED, index)))
        total += len(names)
        free = set(range(len(names)))
        for box, name, score in zip(*found_in(model, picture), strict=True):
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
