"""Labels that are words, numbered while they are read, and in sorted order when all are known."""

from collections.abc import Sequence
from typing import Final

from netspec.diagnostics.show import quote
from netspec.runtime.csv_table import is_number
from netspec.runtime.faults import count

_LONGEST: Final = 256  # characters of a label: a model keeps them all


class Words(dict[str, str]):
    """The number of each label as text: `words[field]` gives it, in the order in which the labels were first met.

    At most `most` labels, or just those `given`, in their order. A label that is refused raises ValueError with what
    is wrong with it, and advice.
    """

    def __init__(self, most: int, given: Sequence[str] = ()) -> None:
        super().__init__((label, str(number)) for number, label in enumerate(given))
        self._most, self._fixed = most, bool(given)

    def __missing__(self, field: str) -> str:
        label = field.strip()
        if label in self:
            return self[label]  # not kept with its blanks: they may differ in every row
        self._check(label)
        self[label] = str(len(self))
        return self[label]

    def _check(self, label: str) -> None:
        """Raise ValueError for what is no label."""
        check_label(label)
        if self._fixed:
            raise ValueError(f"is {quote(label)}, which is none of the labels of the training data", "")
        check_text(label)
        if len(self) == self._most:
            raise ValueError(
                f"is {quote(label)}, one more than {count(self._most, 'label')}",
                "the output has a number for each class: make it wider, or leave out rows",
            )

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels: as given, else sorted."""
        return tuple(self) if self._fixed else tuple(sorted(self))

    def order(self) -> list[int]:
        """Return for each number handed out that of the label in `labels`."""
        places = {label: place for place, label in enumerate(self.labels)}
        return [places[label] for label in self]


def check_label(label: str) -> None:
    """Raise ValueError, with what is wrong and advice, for what a model does not keep."""
    if not label.strip():
        raise ValueError("is empty", "every row needs its class")
    if len(label) > _LONGEST:
        raise ValueError(f"is a label of {len(label):,} characters, more than {_LONGEST}", "")
    if any("\ud800" <= letter <= "\udfff" for letter in label):
        raise ValueError("is not UTF-8", "save it as UTF-8")


def check_text(label: str) -> None:
    """Raise ValueError, with what is wrong and advice, for a number where other labels are none."""
    if is_number(label):
        raise ValueError(
            f"is the number {quote(label)} among labels of text",
            "let classes be integers from 0, or all of them text",
        )
