"""The account of a training that a model keeps: how it was trained, and what was reached."""

from netspec.spec.recipe import Recipe
from netspec.training.data.layout import Columns
from netspec.training.journal import finite
from netspec.training.outcome import Outcome
from netspec.training.plain import plain


def account(outcome: Outcome, recipe: Recipe, rows: int, columns: Columns) -> dict[str, object]:
    """Return how a training of so many rows ended, its recipe, and loss and metrics of the parameters that it left, as
    plain data of strict JSON; and the names of the columns, where they are known.
    """
    told: dict[str, object] = {**outcome.line(), "rows": rows, "recipe": plain(recipe)}
    last = outcome.kept
    if last is not None:
        told |= {"loss": last.loss, "validation_loss": last.validation_loss, "metrics": last.metrics}
    if columns.inputs:
        told["columns"] = {"inputs": [*columns.inputs], "others": [*columns.targets, *columns.ignored]}
    return {key: finite(value) for key, value in told.items()}
