"""Training on arrays, for `network.train`."""

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

from netspec.model import Model
from netspec.model.vocabularies import vocabularies
from netspec.runtime.ports import Port
from netspec.spec.recipe import Recipe
from netspec.training.data.examples import Examples
from netspec.training.data.kinds import TargetKind
from netspec.training.data.reading import examples_of
from netspec.training.interruption import Interruption
from netspec.training.loop import Watch
from netspec.training.settings import check_type, with_settings
from netspec.training.training import Keeping, Trained, Training, trained_outputs, wanted_kinds


@np.errstate(all="ignore")  # what becomes infinite in the model's dtype is refused in words
def train_on_arrays(
    model: Model,
    x: Any,
    y: Any,
    recipe: Recipe,
    validation: Sequence[Any] | float | None = None,
    weights: Any = None,
    watch: Watch | None = None,
    keeping: Keeping | None = None,
) -> Trained:
    """Return what `Network.train` does."""
    check_type("watch", watch, Watch, "an object with the methods `step` and `epoch`")
    check_type("keeping", keeping, Keeping, "a Keeping")
    pair = None
    if isinstance(validation, tuple | list):
        pair = validation
        if len(pair) != 2:
            raise TypeError(f"validation has {len(pair)} parts; expected a pair, of inputs and of targets")
    elif isinstance(validation, Real) and not isinstance(validation, bool):
        recipe = with_settings(recipe, {"validation": float(validation)})
    elif validation is not None:
        kind = type(validation).__name__
        raise TypeError(f"validation is of type {kind}; expected a share of the rows, or a pair of inputs and targets")
    outputs = trained_outputs(model, recipe)
    known = [model.labels.get(port.name, ()) for port in outputs]
    examples = _examples(model, outputs, x, y, wanted_kinds(model, recipe), known)
    held = None
    if pair is not None:
        called = ("validation[0]", "validation[1]")
        held = _examples(model, outputs, pair[0], pair[1], examples.kinds, examples.labels, called)
    shares = None if weights is None else np.asarray(weights, model.dtype)
    if shares is not None and (shares.shape != (len(examples),) or not np.isfinite(shares).all() or shares.min() < 0):
        raise ValueError(f"weights are one number of 0 or more for each of {len(examples):,} rows")
    training = Training(model, examples, recipe, validation=held, weights=shares)
    with Interruption() as stop:
        return training.run(watch=watch, stop=stop, keeping=keeping or Keeping())


def _examples(
    model: Model,
    outputs: Sequence[Port],
    x: Any,
    y: Any,
    kinds: "Sequence[TargetKind | None]",
    labels: Sequence[Sequence[str]],
    called: tuple[str, str] = ("x", "y"),
) -> Examples:
    rows = vocabularies(model)
    return examples_of(x, y, model.inputs, outputs, kinds, labels=labels, vocabularies=rows, called=called)
