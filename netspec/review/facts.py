"""The facts of two networks, side by side."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from netspec.graph import Facts
from netspec.review.changes import FactChange
from netspec.sizes import Polynomial, Size, substitute

if TYPE_CHECKING:
    from netspec.bounds.bounds import Bound

TABLE: Final[tuple[tuple[str, Callable[[Facts], Size | None]], ...]] = (
    ("parameters", lambda facts: facts.parameters),
    ("state", lambda facts: facts.state),
    ("capacity", lambda facts: facts.capacity),
    ("depth", lambda facts: facts.depth),
    ("macs", lambda facts: facts.macs),
    ("flops", lambda facts: facts.flops),
    ("parameter_bytes", lambda facts: facts.parameter_bytes),
    ("activation_bytes", lambda facts: facts.activation_bytes),
    ("receptive_field", lambda facts: None if facts.receptive_field is None else max(facts.receptive_field)),
)
"""The facts that are numbers."""

REGIONS: Final = ("regions, at least", "regions, at most")
WORDS: Final = (*(word for word, _ in TABLE), *REGIONS)
"""What the facts that are compared are called, in the order of the language's description."""


def fact_changes(old: Facts, new: Facts, names: Mapping[str, Size]) -> tuple[FactChange, ...]:
    """Return the facts that are different, in the order of the language's description.

    `names` are what free sizes of the new ones are called in the old ones.
    """
    found = [FactChange(word, of(old), _called(of(new), names)) for word, of in TABLE]
    bounds = old.regions, new.regions
    for name, side in zip(REGIONS, (0, 1), strict=True):
        values = [None if each is None else _value((each.lower, each.upper)[side]) for each in bounds]
        found.append(FactChange(name, *values))
    return tuple(change for change in found if change.before != change.after)


def fact_values(facts: Facts) -> dict[str, Size | float | None]:
    """Return the facts by the names that `fact_changes` gives them."""
    found: dict[str, Size | float | None] = {word: of(facts) for word, of in TABLE}
    bounds = facts.regions
    for name, side in zip(REGIONS, (0, 1), strict=True):
        found[name] = None if bounds is None else _value((bounds.lower, bounds.upper)[side])
    return found


def _called(given: Size | None, names: Mapping[str, Size]) -> Size | None:
    return substitute(given, names) if isinstance(given, Polynomial) and names else given


def _value(bound: "Bound | None") -> Size | float | None:
    """Return a bound, or its logarithm where it has too many digits."""
    if bound is None:
        return None
    return bound.log10 if bound.value is None else bound.value
