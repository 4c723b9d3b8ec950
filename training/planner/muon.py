"""Muon (Jordan et al. 2024) for the decoder's matrices, AdamW for all else."""
import torch
from model import Planner

# AdamW moves what is rarely seen as far as the rest: at the full rate the tokens' own vectors had grown to a sixth of the
# shared ones after half an hour, though little of one spelling differs from another.
OWN_RATE = 0.05


class Muon:
    def __init__(self, model: Planner, rate: float):
        matrices = [p for n, p in model.named_parameters() if n.startswith("layers.") and p.dim() == 2]
        chosen = {id(p) for p in matrices}
        own = model.embedding.own
        rest = [p for p in model.parameters() if id(p) not in chosen and p is not own]
        self.matrices, self.momentum = matrices, [torch.zeros_like(p) for p in matrices]
        groups = [{"params": rest, "share": 1.0}, {"params": [own], "share": OWN_RATE}]
        self.rest = torch.optim.AdamW(groups, lr=rate * 0.15, betas=(0.9, 0.98), weight_decay=0.0)
        self.rate = rate

    @torch.no_grad()
    def step(self, scale: float):
        for group in self.rest.param_groups:
            group["lr"] = self.rate * 0.15 * scale * group["share"]
        self.rest.step()
        for parameter, momentum in zip(self.matrices, self.momentum):
            momentum.lerp_(parameter.grad, 0.05)
            update = orthogonal(parameter.grad.lerp(momentum, 0.95))
            parameter.mul_(1 - self.rate * scale * 0.02)
            parameter.add_(update, alpha=-self.rate * scale * max(1, parameter.shape[0] / parameter.shape[1]) ** 0.5)

    def state_dict(self):
        return {"momentum": self.momentum, "rest": self.rest.state_dict()}

    def load_state_dict(self, state):
        self.momentum = state["momentum"]
        self.rest.load_state_dict(state["rest"])


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """Five Newton-Schulz steps towards the nearest orthogonal matrix, in bfloat16 as published."""
    x = (matrix / (matrix.norm() + 1e-7)).bfloat16()
    flip = x.shape[0] > x.shape[1]
    x = x.T if flip else x
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.T if flip else x
