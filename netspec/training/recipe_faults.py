"""What a recipe says that does not fit the network or the data: found before anything is trained."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from netspec.diagnostics import SystemFault
from netspec.spec.recipe import Recipe
from netspec.training.metrics import Measure
from netspec.training.plain import plain
from netspec.training.progress import Judge

_OF_THE_DTYPE: Final = ("loss", "optimizer", "learning_rate", "weight_decay", "clip", "class_weights")
"""The keys whose numbers are computed with in the dtype of the parameters."""


class RecipeFault(SystemFault):
    """A SystemFault `usage` of a recipe's key `key`; where a spec says that key, its fault is `of_a_spec` there."""

    def __init__(self, key: str, headline: str, help: str, of_a_spec: str = "wrong-type") -> None:  # noqa: A002 - as there
        super().__init__("usage", headline, help)
        self.key, self.of_a_spec = key, of_a_spec


def check_numbers(recipe: Recipe, dtype: str) -> None:
    """Refuse numbers that are infinite in the dtype of the parameters. Raises RecipeFault."""
    for key, said in plain(recipe).items():
        for number in _numbers(said) if key in _OF_THE_DTYPE else ():
            with np.errstate(over="ignore"):
                fits = np.isfinite(np.float64(number).astype(dtype))
            if not fits:
                has = "is" if said is number else "has"
                headline = f"`{key}` {has} {number:g}, which is too large for {dtype}"
                raise RecipeFault(key, headline, "write a smaller number", "out-of-range")


def check_stopping(recipe: Recipe, measures: tuple[Measure, ...], *, validated: bool) -> None:
    """Refuse an early stopping that has nothing to go by. Raises RecipeFault."""
    try:
        Judge(recipe, measures, validated)
    except ValueError as refused:
        help_ = "hold some rows back: `--validation 0.2`" if not validated else _suiting(measures)
        raise RecipeFault("early_stopping", str(refused), help_) from None


def _suiting(measures: tuple[Measure, ...]) -> str:
    """Return what an early stopping may go by."""
    names = dict.fromkeys(("loss", *(measure.metric for measure in measures)))
    return f"it can go by {', '.join(names)}"


def _numbers(said: object) -> Iterator[float]:
    """Yield the numbers in plain data."""
    if isinstance(said, float):
        yield said
    elif isinstance(said, Mapping | list):
        for inner in said.values() if isinstance(said, Mapping) else said:
            yield from _numbers(inner)
