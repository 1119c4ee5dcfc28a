"""What is known of two networks: whether they are one function, on which grounds, and where they differ."""

from typing import Any, Literal, NamedTuple

Outcome = Literal["equal", "different", "within tolerance", "no difference found"]


class Counterexample(NamedTuple):
    """One x, what both networks give there, and the largest |f - g| over the outputs.

    `exact` says that these were worked out in rationals, then rounded once.
    """

    x: tuple[float, ...]
    first: tuple[float, ...]
    second: tuple[float, ...]
    difference: float
    exact: bool


class Verdict(NamedTuple):
    """The answer, and its grounds in words that claim no more than was shown.

    `largest` is the largest |f - g| that is known: on the whole domain where `proven`, else among the points.
    `domain` is where was looked, or where the answer holds.
    """

    outcome: Outcome
    grounds: str
    domain: str = ""
    largest: float | None = None
    proven: bool = False
    counterexample: Counterexample | None = None
    points: int = 0
    lines: int = 0

    @property
    def same(self) -> bool:
        """Whether no difference that counts is known."""
        return self.outcome != "different"

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain data."""
        example = self.counterexample
        return {
            "outcome": self.outcome,
            "grounds": self.grounds,
            "domain": self.domain or None,
            "largest_difference": None if self.largest is None else _plain(self.largest),
            "proven": self.proven,
            "points": self.points,
            "lines": self.lines,
            "counterexample": None
            if example is None
            else {
                "x": list(map(_plain, example.x)),
                "first": list(map(_plain, example.first)),
                "second": list(map(_plain, example.second)),
                "difference": _plain(example.difference),
                "exact": example.exact,
            },
        }


def _plain(number: float) -> float | str:
    """Return a number as JSON has it; one that is not finite by its name."""
    return number if number - number == 0 else str(number)
