"""What the columns of a table are called, and which of them a model takes: by its names, whatever their order."""

from collections.abc import Sequence
from typing import NamedTuple

from netspec.diagnostics.show import quote
from netspec.diagnostics.suggest import did_you_mean


class ColumnNames(NamedTuple):
    """The names that a model was trained on: of the columns of its inputs, in their order, and of those that may stand
    beside them and are not read, such as the targets. None are known where there are no inputs among them.
    """

    inputs: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


class ColumnNameError(ValueError):
    """A header that is not of the columns that are known: what is wrong, with advice, at a column from 0."""

    def __init__(self, headline: str, column: int = 0, advice: str = "") -> None:
        super().__init__(headline)
        self.headline, self.column, self.advice = headline, column, advice


def picked(header: Sequence[str], known: ColumnNames) -> list[int]:
    """Return where the columns of the inputs stand in a header. Raises ColumnNameError for other names."""
    names = [name.strip() for name in header]
    for column, name in enumerate(names):
        if name in names[:column]:
            raise ColumnNameError(f"columns {names.index(name) + 1:,} and {column + 1:,} are both called {quote(name)}")
    missing = next((name for name in known.inputs if name not in names), None)
    strays = [name for name in names if name not in known.inputs and name not in known.others]
    if missing is not None:
        near = did_you_mean(missing, strays)
        advice = near or "name the columns as in the data of the training, or leave out the header"
        raise ColumnNameError(f"there is no column {quote(missing)}, which the model was trained on", 0, advice)
    if strays:
        headline = f"the model was not trained on the column {quote(strays[0])}"
        raise ColumnNameError(headline, names.index(strays[0]), "leave it out")
    return [names.index(name) for name in known.inputs]
