"""What a place in a spec can see: the sizes by name, with their values under one setting of the hyperparameters."""

from collections.abc import Mapping, Set
from typing import Final

from netspec.sizes import Polynomial

Number = int | float | bool
Named = Number | Polynomial
"""What a name in scope stands for: a number, a switch, or a size that is free."""

MOST_FAULTS: Final = 200
"""Faults that are told of one part: a hostile text has thousands, nobody reads them, and each has its cost."""


class Scope:
    """Names and values in force. `held_back` are names whose own declaration is at fault: what uses them is not blamed.

    `digits` is how many digits an integer may have here: 18, and more under `expect`. `used` collects the names that
    something asked for, so that a rule can find those that nothing does; `refused` counts values that are refused here.
    In a `blind` scope the hyperparameters cannot be read at all, so that no name is blamed for not being among them.
    """

    __slots__ = ("blind", "digits", "held_back", "refused", "used", "values")

    def __init__(
        self,
        values: Mapping[str, Named],
        held_back: Set[str] = frozenset(),
        digits: int | None = None,
        used: set[str] | None = None,
    ) -> None:
        self.values = values
        self.held_back = held_back
        self.digits = digits
        self.used: set[str] = set() if used is None else used
        self.refused = 0
        self.blind = False

    def under(self, digits: int) -> "Scope":
        """Return the same names with integers of up to `digits` digits."""
        scope = Scope(self.values, self.held_back, digits, self.used)
        scope.blind = self.blind
        return scope
