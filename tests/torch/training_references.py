"""Gradients and whole trainings beside PyTorch's, in float64; what PyTorch gives is stored for the tests.

    python -m tests.torch.training_references [--write]

Every row of the table of layers, every activation, every loss with its options, and networks whose parts are shared,
repeated, tied or several: loss, gradients of all parameters and inputs, and what batch norms keep. Then trainings,
whose parameters are followed. The exit code is 1 where a difference is beyond 1e-9 of the largest element. With
`--write` the files of tests/gradients/references that `tests/gradients/test_references.py` reads are written anew.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812 - its usual name

from netspec.spec.recipe import Loss
from tests.gradients.cases import Array, Case, Run, cases, digest, runs, trained
from tests.gradients.test_references import BOUND, error
from tests.torch.graphs import run
from tests.torch.optimizers import optimizer_of

REFERENCES: Final = Path(__file__).parents[1] / "gradients" / "references"


def main(*arguments: str) -> int:
    """Print the largest differences; return 1 where one is beyond the bound."""
    torch.set_num_threads(1)
    print(f"PyTorch {torch.__version__}, NumPy {np.__version__}; gradients and trainings in float64")
    failed = False
    stored: dict[str, dict[str, Any]] = {"gradients": {}, "trainings": {}}
    worst = (0.0, "")
    for case in cases():
        loss, arrays = case_by_torch(case)
        ours, found = case.found()
        differences = {"loss": error(np.array([ours]), np.array([loss]), 0.0)}
        scale = max((float(np.abs(array).max(initial=0.0)) for array in arrays.values()), default=0.0)
        assert set(found) == set(arrays), (case.name, set(found) ^ set(arrays))
        differences |= {name: error(found[name], array, scale) for name, array in arrays.items()}
        name, most = max(differences.items(), key=lambda item: item[1])
        worst = max(worst, (most, case.name))
        if not most <= BOUND:
            failed = True
            print(f"  {case.name}: {name} differs by {most:.1e}")
        assert case.name not in stored["gradients"], case.name
        stored["gradients"][case.name] = {"loss": loss, "arrays": {name: digest(a) for name, a in arrays.items()}}
    print(f"gradients   {len(stored['gradients'])} cases   float64 {worst[0]:.1e} ({worst[1]})")
    for training in runs():
        losses, arrays = training_by_torch(training)
        ours_of, found = trained(training)
        most = max(
            error(np.array(ours_of), np.array(losses), 0.0), *(error(found[name], arrays[name], 0.0) for name in arrays)
        )
        failed |= not most <= BOUND
        print(
            f"{training.name}: {training.steps} steps   float64 {most:.1e}   loss {losses[0]:.3f} to {losses[-1]:.3f}"
        )
        kept = {name: digest(a) for name, a in arrays.items()}
        stored["trainings"][training.name] = {"losses": losses[:: training.steps // 10], "arrays": kept}
    if "--write" in arguments and not failed:
        for name, entries in stored.items():
            body = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in entries.items())
            path = REFERENCES / f"{name}.json"
            path.write_text(f"{{\n{body}\n}}\n", encoding="utf-8")
            print(f"{path.name}: {path.stat().st_size} bytes")
    return int(failed)


def case_by_torch(case: Case) -> tuple[float, dict[str, Array]]:
    """Return PyTorch's loss of a case, and all that `Case.found` gives, by the same names."""
    own = {name: torch.from_numpy(array.copy()) for name, array in case.parameters.items()}
    kept = {name for name in own if name.rpartition(".")[2] in ("mean", "variance")}
    inputs = [torch.from_numpy(x.copy()) for x in case.inputs]
    leaves = {name: tensor.requires_grad_() for name, tensor in own.items() if name not in kept}
    names = case.graph.input_names or ("x",)
    if not case.trains:
        given = {f"input {name}": x for name, x in zip(names, inputs, strict=True) if x.is_floating_point()}
        leaves |= {name: tensor.requires_grad_() for name, tensor in given.items()}
    outputs = run(case.graph, own, inputs, trains=case.trains)
    total = torch.zeros((), dtype=torch.float64)
    for y, (name, loss) in zip(outputs, case.losses.items(), strict=True):
        if name in case.probabilities:
            y = y.log() if loss.kind == "cross_entropy" else torch.logit(y)
        total = total + loss_by_torch(loss, y, case.targets[name], case.weights, case.class_weights.get(name))
    if total.requires_grad:
        total.backward()
    found = {
        name: (torch.zeros_like(leaf) if leaf.grad is None else leaf.grad).numpy() for name, leaf in leaves.items()
    }
    if case.trains:
        found |= {name: own[name].numpy() for name in own if name in kept}
    return float(total.detach()), found


def loss_by_torch(
    loss: Loss, y: torch.Tensor, target: Array, weights: Array | None, class_weights: Array | None
) -> torch.Tensor:
    """Return a loss by PyTorch's functions: the mean of those of the examples, by their weights."""
    t = torch.from_numpy(target)
    w = torch.ones(len(y), dtype=y.dtype) if weights is None else torch.from_numpy(weights)
    own = None if class_weights is None else torch.from_numpy(class_weights)
    each: torch.Tensor
    if loss.kind == "cross_entropy":
        if y.ndim == 3:  # a sequence, whose classes PyTorch wants first
            y = y.movedim(-1, 1)
            t = t.movedim(-1, 1) if t.is_floating_point() else t
        each = F.cross_entropy(y, t, own, reduction="none", label_smoothing=loss.smoothing)
        by_class = torch.ones_like(each) if own is None or t.is_floating_point() else own[t]
        w = w.reshape(-1, *(1,) * (each.ndim - 1))
        return loss.weight * (w * each).sum() / (w * by_class).sum()
    if loss.kind == "binary_cross_entropy":
        w = w.reshape(-1, *(1,) * (y.ndim - 1)) * (torch.ones_like(t) if own is None else own[t.long()])
        return loss.weight * F.binary_cross_entropy_with_logits(y, t, w, reduction="sum") / w.sum()
    functions: dict[str, Callable[..., torch.Tensor]] = {
        "squared_error": F.mse_loss,
        "absolute_error": F.l1_loss,
        "huber": lambda y, t, reduction: F.huber_loss(y, t, reduction=reduction, delta=loss.delta),
    }
    each = functions[loss.kind](y, t, reduction="none").flatten(1).mean(1)
    return loss.weight * (w * each).sum() / w.sum()


def training_by_torch(training: Run) -> tuple[list[float], dict[str, Array]]:
    """Return PyTorch's losses of all steps, and its parameters behind them."""
    own = {name: torch.from_numpy(array.copy()).requires_grad_() for name, array in training.parameters().items()}
    chosen = optimizer_of(training.recipe, list(own.values()), foreach=False)
    x, labels = map(torch.from_numpy, training.examples())
    losses = []
    for step in range(training.steps):
        rows = slice(step % 5 * training.batch, (step % 5 + 1) * training.batch)
        chosen.zero_grad()
        (y,) = run(training.graph, own, [x[rows]], trains=True)
        loss = F.cross_entropy(y, labels[rows])
        loss.backward()
        chosen.step()
        losses.append(float(loss.detach()))
    return losses, {name: tensor.detach().numpy() for name, tensor in own.items()}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
