"""Writes tests/training/torch_steps.json: where PyTorch's optimizers go along a fixed sequence of gradients, and the
learning rates of its schedulers. `tests/training/test_optimizers.py` and `test_schedules.py` read it.
"""

import json
from pathlib import Path
from typing import Any, Final

import torch

from netspec.spec.recipe import Clip, Recipe, Schedule
from tests.training.sequence import CLIPS, KEPT, RECIPES, SCHEDULES, SIZE, STEPS, gradient, start

TARGET: Final = Path(__file__).parents[1] / "training" / "torch_steps.json"


def main() -> None:
    """Write the file, the same each time."""
    torch.set_num_threads(1)
    lines: list[dict[str, Any]] = [
        {"optimizer": name, "dtype": dtype, "parameters": _walk(recipe, dtype)}
        for name, recipe in RECIPES.items()
        for dtype in ("float64", "float32")
    ]
    lines += [{"clip": name, "gradients": _clipped(clip)} for name, clip in CLIPS.items()]
    lines += [{"schedule": name, "rates": _rates(*asked)} for name, asked in SCHEDULES.items()]
    TARGET.write_text("[\n" + ",\n".join(json.dumps(line) for line in lines) + "\n]\n", encoding="utf-8")


def optimizer_of(recipe: Recipe, parameters: list[torch.Tensor], **how: bool) -> Any:
    """Return PyTorch's optimizer for a recipe."""
    said = recipe.optimizer
    common = {"lr": recipe.rate, "weight_decay": recipe.weight_decay, **how}
    if said.kind == "sgd":
        return torch.optim.SGD(parameters, momentum=said.momentum, nesterov=said.nesterov, **common)
    if said.kind == "rmsprop":
        rest = {"alpha": said.beta_2, "momentum": said.momentum, "centered": said.centered}
        return torch.optim.RMSprop(parameters, eps=said.epsilon, **rest, **common)
    kind = torch.optim.Adam if said.kind == "adam" else torch.optim.AdamW
    return kind(parameters, betas=(said.beta_1, said.beta_2), eps=said.epsilon, **common)


def _walk(recipe: Recipe, dtype: str) -> dict[int, list[float]]:
    """Return the parameters after some of the steps."""
    p = torch.nn.Parameter(torch.from_numpy(start(SIZE).astype(dtype)))
    chosen = optimizer_of(recipe, [p], foreach=False)
    kept = {}
    for step in range(STEPS):
        p.grad = torch.from_numpy(gradient(SIZE, step).astype(dtype))
        chosen.step()
        if step + 1 in KEPT:
            kept[step + 1] = p.detach().tolist()
    return kept


def _clipped(clip: Clip) -> list[list[float]]:
    """Return some gradients, clipped."""
    found = []
    for step in range(3):
        p = torch.nn.Parameter(torch.zeros(SIZE, dtype=torch.float64))
        p.grad = torch.from_numpy(gradient(SIZE, step))
        if clip.kind == "norm":
            torch.nn.utils.clip_grad_norm_([p], clip.limit)
        else:
            torch.nn.utils.clip_grad_value_([p], clip.limit)
        found.append(p.grad.tolist())
    return found


def _rates(schedule: Schedule, rate: float, steps: int, epochs: int) -> list[float]:
    """Return the learning rate of each step; epochs with `step` and `exponential`, steps with the others."""
    lr = torch.optim.lr_scheduler
    chosen = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
    warm = round(schedule.warm_up * steps)
    rest: Any
    if schedule.kind == "cosine":
        rest = lr.CosineAnnealingLR(chosen, epochs * steps - warm, eta_min=schedule.minimum * rate)
    elif schedule.kind == "step":
        rest = lr.StepLR(chosen, schedule.every * steps, schedule.factor)
    elif schedule.kind == "exponential":
        rest = lr.StepLR(chosen, steps, schedule.factor)  # ExponentialLR, moved once an epoch
    else:
        rest = lr.ConstantLR(chosen, 1.0)
    if warm:
        climb = lr.LinearLR(chosen, 1 / warm, total_iters=warm - 1)
        rest = lr.SequentialLR(chosen, [climb, rest], [warm])
    found = []
    for _ in range(steps * epochs):
        found.append(chosen.param_groups[0]["lr"])
        chosen.step()
        rest.step()
    return found


if __name__ == "__main__":
    main()
