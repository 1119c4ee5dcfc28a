"""The gradient of a model's loss, for users: arrays are checked, the loss is chosen, a program is emitted and run."""

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netspec.gradients.heads import ending
from netspec.gradients.obvious import SUM_TOLERANCE, class_shape, obvious_loss, target_word
from netspec.gradients.program import GradientProgram, plain_flow
from netspec.gradients.shapes import fitted_shape
from netspec.gradients.words import is_text, numbered
from netspec.graph import tensors
from netspec.model.sizes import output_shapes
from netspec.model.vocabularies import vocabularies
from netspec.runtime.feeds import narrowed
from netspec.runtime.ports import Port
from netspec.spec.recipe import Loss, LossKind, class_axis

if TYPE_CHECKING:
    from netspec.model.model import Model

Array = NDArray[Any]
Given = ArrayLike | Mapping[str, ArrayLike]
Programs = MutableMapping[object, GradientProgram]
LossGiven = LossKind | Loss | Mapping[str, LossKind | Loss] | None


class Gradient(NamedTuple):
    """The mean loss of a batch, and its gradient: by learned tensor, in the spec's layout, and by input."""

    loss: float
    parameters: dict[str, Array]
    inputs: dict[str, Array]


def gradient(
    model: "Model",
    programs: Programs,
    x: Given,
    y: Given,
    loss: LossGiven,
    weights: ArrayLike | None,
    inputs: bool,
) -> Gradient:
    """Return the gradient of the mean loss; `programs` are kept between calls.

    Raises ValueError for arrays that do not fit, and TypeError for names.
    """
    arrays = [_array(port, each) for port, each in zip(model.inputs, _arranged(model.inputs, x, "inputs"), strict=True)]
    batch = len(arrays[0])
    for port, array in zip(model.inputs, arrays, strict=True):
        if len(array) != batch or not batch:
            raise ValueError(f"{port.label} has {len(array)} examples; expected {batch or 'one at least'}")
    given = _arranged(model.outputs, y, "outputs")
    targets = [_target(model, port, each) for port, each in zip(model.outputs, given, strict=True)]
    _check_integers(model, arrays)
    shapes = output_shapes(model, [array.shape[1:] for array in arrays])
    program, losses = _program(model, programs, loss, targets, inputs)
    fitted = [
        target_array(port, losses[port.name], shape, target, batch, model.dtype)
        for port, shape, target in zip(model.outputs, shapes, targets, strict=True)
    ]
    share = None if weights is None else _weights(weights, batch, model.dtype)
    value, found, seen = program.gradients(arrays, fitted, share)
    names = {"x" if port.name == "in" else port.name: port.name for port in model.inputs}
    idle = {
        tensor.name: np.zeros(tensor.shape, model.dtype)
        for tensor in tensors(model.graph)
        if tensor.parameter.learned and tensor.name not in found
    }
    return Gradient(value, {**found, **idle}, {names.get(name, name): array for name, array in seen.items()})


def _program(
    model: "Model",
    programs: Programs,
    loss: LossGiven,
    targets: list[Array],
    inputs: bool,
) -> tuple[GradientProgram, dict[str, Loss]]:
    """Return the program of the losses that are asked for or obvious, one for each output."""
    flow = plain_flow(model.graph)
    losses: dict[str, Loss] = {}
    for port, target, value in zip(model.outputs, targets, flow.left, strict=True):
        name = port.name
        given = loss.get(name) if isinstance(loss, Mapping) else loss
        if given is None:
            losses[name] = Loss(obvious_loss(ending(flow, value), target_word(port.shape, target)))
        else:
            losses[name] = given if isinstance(given, Loss) else Loss(given)
    key = (tuple(losses.items()), inputs)
    known = programs.get(key)
    if known is None:
        known = programs[key] = GradientProgram(
            model.graph, model.name, model.dtype, losses, model.parameters, input_gradients=inputs
        )
    return known, losses


def target_array(port: Port, loss: Loss, shape: tuple[int, ...], target: Array, batch: int, dtype: str) -> Array:
    """Return targets as the program takes them: classes as integers, anything else as numbers of the dtype.

    Raises ValueError where they do not fit the output.
    """
    label = f"the target of {port.label}"
    if target.dtype.kind not in "biuf":
        raise ValueError(f"{label} has dtype {target.dtype}; expected real numbers")
    places, sizes = class_shape(shape), None
    if loss.kind == "cross_entropy" and len(target) == batch:
        sizes = fitted_shape(places, target.shape[1:])
    if sizes is not None:
        return _classes(label, target.reshape(batch, *sizes), shape[class_axis(shape)])
    sizes = fitted_shape(shape, target.shape[1:]) if len(target) == batch else None
    if sizes is None:
        ways = f"classes of shape {(batch, *places)} or " if loss.kind == "cross_entropy" else ""
        raise ValueError(f"{label} has shape {target.shape}; expected {ways}{(batch, *shape)}")
    whole = target.reshape(batch, *sizes)
    kept = _finite(label, whole, dtype)
    if loss.kind in ("cross_entropy", "binary_cross_entropy") and not 0 <= kept.min() <= kept.max() <= 1:
        raise ValueError(f"{label} has {kept.min():g} … {kept.max():g}; expected probabilities, 0 … 1")
    if loss.kind == "cross_entropy":
        sums = kept.sum(axis=1 + class_axis(shape), dtype=np.float64)
        wrong = sums[np.abs(sums - 1) > SUM_TOLERANCE]
        if wrong.size:
            raise ValueError(f"{label} has probabilities that sum to {wrong[0]:g} over the classes; expected 1")
    return kept


def _target(model: "Model", port: Port, y: ArrayLike) -> Array:
    """Return the target of an output as an array; words become the classes that the model has them for.

    Raises ValueError for words that it does not know.
    """
    target, label = np.asarray(y), f"the target of {port.label}"
    if not target.ndim:
        raise ValueError(f"{label} is one number; expected one for each example")
    if not is_text(target):
        return target
    known = model.labels.get(port.name, ())
    if not known:
        raise ValueError(f"{label} is of words, and {model.name} has no labels: a training learns them")
    return numbered(label, target, known)[1]


def _classes(label: str, target: Array, classes: int) -> Array:
    """Return classes as integers. Raises ValueError for other numbers, and for classes that there are not."""
    if target.dtype.kind == "f" and not (target == np.floor(target)).all():
        raise ValueError(f"{label} has numbers that are no integers, and a class is an integer")
    if not 0 <= target.min() <= target.max() < classes:
        raise ValueError(f"{label} has classes {target.min()} … {target.max()}; expected 0 … {classes - 1}")
    return np.ascontiguousarray(target, np.int64)


def _array(port: Port, x: ArrayLike) -> Array:
    array = np.asarray(x)
    fits = array.ndim == len(port.shape) + 1 and all(
        not isinstance(size, int) or size == n for size, n in zip(port.shape, array.shape[1:], strict=True)
    )
    if not fits or array.dtype.kind not in ("biu" if port.dtype == "int64" else "biuf"):
        raise ValueError(f"{port.label} is {array.dtype} {array.shape}; expected {port.dtype} {port.expected}")
    return np.ascontiguousarray(array, np.int64) if port.dtype == "int64" else _finite(port.label, array, port.dtype)


def _finite(label: str, array: Array, dtype: str) -> Array:
    """Return numbers in a dtype of floats, contiguous. Raises ValueError where one is not finite in it."""
    kept = np.ascontiguousarray(narrowed(array, dtype))
    if not np.isfinite(kept).all():
        raise ValueError(f"{label} has {array[~np.isfinite(kept)][0]!s}; expected finite numbers of {dtype}")
    return kept


def _weights(given: ArrayLike, batch: int, dtype: str) -> Array:
    """Return the weights of a batch's examples. Raises ValueError for what are none."""
    share = np.asarray(given)
    if share.shape != (batch,):
        raise ValueError(f"weights have shape {share.shape}; expected ({batch},)")
    if share.dtype.kind not in "biuf":
        raise ValueError(f"weights have dtype {share.dtype}; expected real numbers")
    kept = _finite("the array `weights`", share, dtype)
    if kept.min() < 0:
        raise ValueError(f"weights have {kept.min()!s}; expected numbers of 0 or more")
    return kept


def _check_integers(model: "Model", arrays: list[Array]) -> None:
    """Refuse integers that number no row of an embedding. Raises ValueError."""
    rows = vocabularies(model)
    for port, array in zip(model.inputs, arrays, strict=True):
        most = rows.get(port.name)
        if most is not None and array.size and not 0 <= int(array.min()) <= int(array.max()) < most:
            raise ValueError(f"{port.label} has {array.min()} … {array.max()}; expected 0 … {most - 1:,}")


def _arranged(ports: tuple[Port, ...], given: Given, noun: str) -> list[ArrayLike]:
    """Return arrays in the order of the ports. Raises TypeError."""
    names = [port.name for port in ports]
    if not isinstance(given, Mapping):
        if len(ports) > 1:
            raise TypeError(f"there are {len(ports)} {noun}; expected arrays by their names: {', '.join(names)}")
        return [given]
    if given.keys() != set(names):
        raise TypeError(f"{noun} are given as {', '.join(map(str, given))}; expected {', '.join(names)}")
    return [given[name] for name in names]
