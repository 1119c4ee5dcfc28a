"""Training on arrays, for `network.train`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from netspec.model import Model
from netspec.spec.recipe import Recipe
from netspec.training.data.examples import Examples
from netspec.training.data.kinds import TargetKind
from netspec.training.data.reading import examples_of
from netspec.training.interruption import Interruption
from netspec.training.loop import Watch
from netspec.training.settings import with_settings
from netspec.training.training import Keeping, Trained, Training, vocabularies, wanted_kinds


def train_on_arrays(
    model: Model,
    x: Any,
    y: Any,
    recipe: Recipe | None,
    validation: tuple[Any, Any] | float | None,
    weights: Any,
    watch: Watch | None,
    keeping: Keeping | None,
    settings: Mapping[str, Any],
) -> Trained:
    """Return what `Network.train` does."""
    recipe = with_settings(recipe or model.part.training or Recipe(), settings, model.part.scope.values)
    if isinstance(validation, float):
        recipe = recipe._replace(validation=validation)
    examples = _examples(model, x, y, wanted_kinds(model, recipe))
    held = None
    if isinstance(validation, tuple):
        held = _examples(model, *validation, examples.kinds)
    shares = None if weights is None else np.asarray(weights, model.dtype)
    if shares is not None and (shares.shape != (len(examples),) or not np.isfinite(shares).all() or shares.min() < 0):
        raise ValueError(f"weights are one number of 0 or more for each of {len(examples):,} rows")
    training = Training(model, examples, recipe, validation=held, weights=shares)
    with Interruption() as stop:
        return training.run(watch=watch, stop=stop, keeping=keeping or Keeping())


def _examples(model: Model, x: Any, y: Any, kinds: "Sequence[TargetKind | None]") -> Examples:
    return examples_of(x, y, model.inputs, model.outputs, kinds, vocabularies=vocabularies(model))
