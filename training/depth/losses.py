"""Losses on inverse depth that is known up to a factor (and, for some, a shift). All take [N, h, w] >= 0; 0 is sky.

Nothing is trimmed or clamped: rendered depth has no errors to be spared, and what a loss does not see, such as
the last row of a picture, runs away.
"""
import torch
import torch.nn.functional as F

SEEN_MIN = 1e-4


def normalised(x: torch.Tensor) -> torch.Tensor:
    """Minus the median, over the mean absolute deviation: MiDaS's invariance to scale and shift."""
    flat = x.flatten(1)
    centred = flat - flat.median(1, keepdim=True).values
    return (centred / centred.abs().mean(1, keepdim=True).clamp_min(1e-6)).view_as(x)


def gradients(residual: torch.Tensor, scales: int = 4) -> torch.Tensor:
    """Differences of the residual between neighbours, at several spacings: edges stand where they are."""
    total = residual.new_zeros(())
    for scale in range(scales):
        r = residual[:, :: 2**scale, :: 2**scale]
        total = total + (r[:, :, 1:] - r[:, :, :-1]).abs().mean() + (r[:, 1:] - r[:, :-1]).abs().mean()
    return total / scales


def logarithmic(p: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """Relative errors after the best factor: a shift, which the data knows, is not given away."""
    seen = (t > SEEN_MIN).flatten(1)
    error = (p.clamp_min(1e-4).log() - t.clamp_min(SEEN_MIN).log()).flatten(1)
    marked = torch.where(seen, error.detach(), torch.full_like(error, float("nan")))
    # A crop of nothing but sky has no median.
    error = (error - marked.nanmedian(1, keepdim=True).values.nan_to_num(0.0)).abs()
    return (error * seen).sum() / seen.sum().clamp_min(1)


def ranking(p: torch.Tensor, t: torch.Tensor, pairs: int, generator: torch.Generator) -> torch.Tensor:
    """Logistic loss on which of two points in one row is closer, where their depths differ by over 10 %."""
    n, h, w = p.shape
    y = torch.randint(h, (n, pairs), generator=generator)
    a, b = (torch.randint(w, (n, pairs), generator=generator) for _ in range(2))
    row = torch.arange(n)[:, None]
    ta, tb = t[row, y, a], t[row, y, b]
    told = torch.maximum(ta, tb) > 1.1 * torch.minimum(ta, tb)
    lead = p[row, y, a].clamp_min(1e-4).log() - p[row, y, b].clamp_min(1e-4).log()
    loss = F.softplus(-3 * lead * torch.sign(ta - tb))
    return (loss * told).sum() / told.sum().clamp_min(1)


def depth_loss(p: torch.Tensor, t: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, dict[str, float]]:
    residual = normalised(p) - normalised(t)
    parts = {
        "affine": residual.abs().mean(),
        "edges": gradients(residual),
        "log": logarithmic(p, t),
        "rank": ranking(p, t, 400, generator),
    }
    drift = p.clamp_min(1e-4).log().mean() ** 2  # the factor is free, so it is kept near one
    loss = 0.7 * parts["affine"] + 0.7 * parts["edges"] + 1.5 * parts["log"] + parts["rank"] + 0.001 * drift
    return loss, {name: float(part.detach()) for name, part in parts.items()}
