"""How a review writes values: fields as a spec writes them, shapes, and the names of tensors in many rounds at once."""

from collections.abc import Mapping, Sequence

from netspec.diagnostics import show
from netspec.operations import Elementwise, Name, Shape
from netspec.operations.graph import Round

_LONGEST = 200


def value(given: object) -> str:
    """Return a value as a spec writes it on one line, escaped."""
    return show(_value(given), _LONGEST)


def _value(given: object) -> str:
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, Elementwise) or given is None:
        return "none" if given is None else str(given)
    if isinstance(given, float):
        return repr(given)
    if isinstance(given, Mapping):
        return "{" + ", ".join(f"{key}: {_value(each)}" for key, each in given.items()) + "}"
    if isinstance(given, list | tuple) and not hasattr(given, "_fields"):
        return "[" + ", ".join(_value(each) for each in given) + "]"
    return str(given)


def shape(given: Shape | None) -> str:
    """Return the shape of a tensor or a value: (64, 10), (T, 64), (3,)."""
    if given is None:
        return ""
    sizes = ", ".join(str(size) for size in given)
    return f"({sizes},)" if len(given) == 1 else f"({sizes})"


def spelled(name: Name, rounds: Sequence[tuple[int, int]]) -> str:
    """Return the name in rounds: `res.{0…3}.branch.Omega`."""
    return "".join(part if isinstance(part, str) else _number(part, rounds) for part in name)


def _number(part: Round, rounds: Sequence[tuple[int, int]]) -> str:
    first, last = rounds[part.level]
    return span(first + part.offset, last + part.offset)


def span(first: int, last: int) -> str:
    """Return a range of numbers as it stands in names: 3, or {0…3}."""
    return str(first) if first == last else f"{{{first}…{last}}}"
