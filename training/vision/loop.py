"""The training loop of the small vision nets: bfloat16 where the processor has it, resumable, with an
exponential mean of the weights, which is what is evaluated and exported.

A run ends by its number of samples, never by the clock, so that it can be repeated; a start finds the last
checkpoint and goes on from there with the same schedule.
"""
import copy
import json
import math
import pathlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import torch
import torch.nn as nn


@dataclass(frozen=True)
class Plan:
    samples: int
    batch: int
    rate: float
    seed: int = 7
    warmup: float = 0.02  # share of the steps in which the rate rises
    decay: float = 0.02  # weight decay of AdamW
    mean: float = 0.999  # of the weights, a step
    checkpoint_s: float = 120.0

    @property
    def steps(self) -> int:
        return self.samples // self.batch

    def scale(self, step: int) -> float:
        """Of the learning rate: a linear rise, then half a cosine down to 1 %."""
        rise = max(1, int(self.warmup * self.steps))
        if step < rise:
            return (step + 1) / rise
        done = (step - rise) / max(1, self.steps - rise)
        return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


class MeanWeights:
    """An exponential moving mean of the weights; young means forget faster."""

    def __init__(self, model: nn.Module, rate: float):
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self.rate = rate

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        rate = min(self.rate, (1 + step) / (10 + step))
        for mine, theirs in zip(self.model.state_dict().values(), model.state_dict().values(), strict=True):
            if mine.dtype.is_floating_point:
                mine.lerp_(theirs, 1 - rate)
            else:
                mine.copy_(theirs)


def train(
    model: nn.Module,
    batches: Callable[[int], Iterator[object]],
    loss_of: Callable[[nn.Module, object], tuple[torch.Tensor, dict[str, float]]],
    plan: Plan,
    folder: pathlib.Path,
    watch: Callable[[nn.Module, int], dict[str, float]] | None = None,
    watch_every: int = 1000,
    compiled: bool = False,
) -> nn.Module:
    """Trains `model`; gives its mean weights.

    batches(step): batches from this step on, so that a resumed run does not see the first ones again.
    loss_of(model, batch): a scalar, and numbers to print. watch: measures the mean weights now and then.
    compiled: fuses what stands between the convolutions, a minute for each shape of input; twice as fast where
    those, not the convolutions, take the time. Writes checkpoint.pt and log.jsonl into `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(plan.seed)
    model = model.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=plan.decay)
    mean = MeanWeights(model, plan.mean)
    file = folder / "checkpoint.pt"
    first, spent = _resume(file, model, mean, optimiser)
    started = saved = time.monotonic()
    forward = torch.compile(model, dynamic=False) if compiled else model
    stream = batches(first)
    for step in range(first, plan.steps):
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * plan.scale(step)
        model.train()
        with torch.autocast("cpu", torch.bfloat16):
            loss, numbers = loss_of(forward, next(stream))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        # One batch without a finite gradient must not cost the run.
        if nn.utils.clip_grad_norm_(model.parameters(), 1.0).isfinite():
            optimiser.step()
            mean.update(model, step)
        last = step + 1 == plan.steps
        if step % 50 == 0 or last:
            watched = watch(mean.model, step) if watch and (step % watch_every == 0 or last) else {}
            seconds = spent + time.monotonic() - started
            _log(folder, {"step": step, "loss": float(loss.detach()), **numbers, **watched, "seconds": round(seconds)})
        if time.monotonic() - saved > plan.checkpoint_s or last:
            seconds = spent + time.monotonic() - started
            _save(file, model, mean, optimiser, step + 1, seconds)
            saved = time.monotonic()
    return mean.model


def _resume(file: pathlib.Path, model: nn.Module, mean: MeanWeights, optimiser: torch.optim.Optimizer) -> tuple[int, float]:
    if not file.exists():
        return 0, 0.0
    state = torch.load(file, weights_only=True)
    model.load_state_dict(state["model"])
    mean.model.load_state_dict(state["mean"])
    optimiser.load_state_dict(state["optimiser"])
    print(f"goes on at step {state['step']}", file=sys.stderr)
    return state["step"], state["seconds"]


def _save(file: pathlib.Path, model: nn.Module, mean: MeanWeights, optimiser, step: int, seconds: float) -> None:
    state = {"model": model.state_dict(), "mean": mean.model.state_dict(), "optimiser": optimiser.state_dict()}
    part = file.with_suffix(".part")
    torch.save({**state, "step": step, "seconds": seconds}, part)
    part.replace(file)  # a crash leaves the old one or the new one


def _log(folder: pathlib.Path, row: dict[str, float]) -> None:
    row = {key: round(value, 5) if isinstance(value, float) else value for key, value in row.items()}
    with (folder / "log.jsonl").open("a") as log:
        log.write(json.dumps(row) + "\n")
    print(" ".join(f"{key} {value}" for key, value in row.items()), file=sys.stderr, flush=True)


def write_card(folder: pathlib.Path, plan: Plan, parameters: int, recipe: str, metrics: dict[str, float]) -> None:
    """`training.json` beside the weights: what a later reader needs to repeat the run."""
    card = {
        "command": " ".join(["python", *sys.argv]),
        "plan": asdict(plan),
        "parameters": parameters,
        "recipe": recipe,
        "metrics": {key: round(value, 4) for key, value in metrics.items()},
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }
    (folder / "training.json").write_text(json.dumps(card, indent=2) + "\n")
