"""What a place in a spec can see: the sizes by name, with their values under one setting of the hyperparameters."""

from collections.abc import Mapping

Number = int | float | bool


class Scope:
    """Names and values in force. `held_back` are names whose own declaration is at fault: what uses them is not blamed.

    `digits` is how many digits an integer may have here: 18, and more under `expect`. `used` collects the names that
    something asked for, so that a rule can find those that nothing does.
    """

    __slots__ = ("digits", "held_back", "used", "values")

    def __init__(
        self,
        values: Mapping[str, Number],
        held_back: frozenset[str] = frozenset(),
        digits: int | None = None,
        used: set[str] | None = None,
    ) -> None:
        self.values = values
        self.held_back = held_back
        self.digits = digits
        self.used: set[str] = set() if used is None else used

    def under(self, digits: int) -> "Scope":
        """Return the same names with integers of up to `digits` digits."""
        return Scope(self.values, self.held_back, digits, self.used)
