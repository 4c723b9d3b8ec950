"""The measures of training/eval/depth in Python, for the development set during training."""
import numpy as np

FAR_RATIO = 1.1
SAME_ROW = 0.02


def aligned(p: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Least-squares scale and shift of p to t, in inverse depth."""
    a = np.stack([p, np.ones_like(p)], 1)
    (scale, shift), *_ = np.linalg.lstsq(a, t, rcond=None)
    return scale * p + shift


def scores(p: np.ndarray, t: np.ndarray, r: np.random.Generator, pairs: int = 4000) -> dict[str, float]:
    """p and t: [h, w] inverse depth; 0 in t is sky, which has an order but no depth."""
    h, w = t.shape
    seen = t > 0
    z = 1 / t[seen]
    fitted = 1 / np.maximum(aligned(p[seen], t[seen]), 1e-3 * t.max())
    out = {"delta1": float((np.maximum(fitted / z, z / fitted) < 1.25).mean()), "abs_rel": float((np.abs(fitted - z) / z).mean())}
    for name, spread in (("same_row", SAME_ROW * h), ("all_pairs", None)):
        y, x, x2 = r.integers(h, size=pairs), r.integers(w, size=pairs), r.integers(w, size=pairs)
        y2 = r.integers(h, size=pairs) if spread is None else np.clip(y + np.rint(r.uniform(-spread, spread, pairs)).astype(int), 0, h - 1)
        ta, tb = t[y, x], t[y2, x2]
        told = np.maximum(ta, tb) > FAR_RATIO * np.minimum(ta, tb)
        if told.sum() >= 20:
            lead = np.sign(p[y, x] - p[y2, x2]) * np.sign(ta - tb)
            out[name] = float((lead[told].mean() + 1) / 2)  # an undecided pair counts half
    return out


def mean_scores(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([row[name] for row in rows if name in row])) for name in ("same_row", "all_pairs", "delta1", "abs_rel")}
