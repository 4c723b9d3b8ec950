"""What a camera and a file format do to a picture; the depth knows nothing of it."""
import cv2
import numpy as np


def sensed(r: np.random.Generator, image: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """uint8 [h, w, 3] RGB -> the same; inverse [h, w] for a blur that grows with the distance to the focus."""
    x = image.astype(np.float32) / 255
    if r.random() < 0.12:
        x = defocused(r, x, inverse)
    x = x ** np.float32(np.exp(r.normal(0, 0.25)))
    x *= np.exp(r.normal(0, [0.2 if r.random() < 0.3 else 0.08] * 3)).astype(np.float32)  # white balance
    x = (x - 0.5) * np.float32(np.exp(r.normal(0, 0.2))) + np.float32(0.5 + r.normal(0, 0.08))
    grey = x.mean(2, keepdims=True)
    x = grey + (x - grey) * np.float32(0 if r.random() < 0.1 else r.uniform(0.3, 1.25))
    if r.random() < 0.25:
        x = vignetted(r, x)
    x = softened(r, x)
    if r.random() < 0.5:
        h, w = x.shape[:2]
        noise = r.standard_normal((h, w, 1 if r.random() < 0.3 else 3), dtype=np.float32)
        x = x + noise * np.float32(r.uniform(0.003, 0.06))
    out = (np.clip(x, 0, 1) * 255).astype(np.uint8)
    if r.random() < 0.35:
        _, packed = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(r.integers(30, 96))])
        out = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    return out


def defocused(r, x: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    focus = inverse.flat[r.integers(inverse.size)]
    spread = np.abs(inverse - focus) / max(float(np.percentile(np.abs(inverse - focus), 95)), 1e-6)
    share = cv2.GaussianBlur(np.clip(spread, 0, 1), (0, 0), 2)[..., None]
    return x * (1 - share) + cv2.GaussianBlur(x, (0, 0), r.uniform(1, 4)) * share


def vignetted(r, x: np.ndarray) -> np.ndarray:
    h, w = x.shape[:2]
    v, u = np.ogrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    return x * (1 - r.uniform(0.1, 0.5) * (u * u + v * v) / 2)[..., None].astype(np.float32)


def softened(r, x: np.ndarray) -> np.ndarray:
    h, w = x.shape[:2]
    kind = r.random()
    if kind < 0.25:
        return cv2.GaussianBlur(x, (0, 0), r.uniform(0.4, 1.6))
    if kind < 0.32:
        length, angle = int(r.integers(3, 9)), r.uniform(0, np.pi)
        kernel = np.zeros((9, 9), np.float32)
        d = np.array([np.cos(angle), np.sin(angle)]) * length / 2
        cv2.line(kernel, (4 - d).round().astype(int).tolist(), (4 + d).round().astype(int).tolist(), 1)
        return cv2.filter2D(x, -1, kernel / kernel.sum())
    if kind < 0.5:
        k = r.uniform(0.35, 0.9)
        small = cv2.resize(x, (int(w * k), int(h * k)), interpolation=cv2.INTER_AREA)
        return cv2.resize(small, (w, h), interpolation=int(r.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST], p=[0.5, 0.4, 0.1])))
    if kind < 0.6:  # sharpened, as phones do
        return x + (x - cv2.GaussianBlur(x, (0, 0), 1.2)) * r.uniform(0.2, 1.0)
    return x
