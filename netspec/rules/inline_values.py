"""Small tensors written out in a spec: nested lists of numbers, read against the shape that was inferred."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, NamedTuple

from netspec.diagnostics import quote
from netspec.files.parameters import label
from netspec.layers.faults import Details, Path, describe
from netspec.limits import INTEGER_DIGITS
from netspec.operations import Shape

_LARGEST: Final = {"float32": Fraction((2**24 - 1) * 2**104), "float64": Fraction((2**53 - 1) * 2**971)}


class Misfit(NamedTuple):
    """One fault of a tensor that is written out: its code, the path below the tensor, and what it says."""

    code: str
    path: Path
    details: Details


def read_tensor(name: str, written: object, shape: Shape, dtype: str) -> tuple[list[Fraction], list[Misfit]]:
    """Return the elements in C order, exactly as written, and what is wrong with them.

    An element is an integer, a decimal number, or a quotient of integers such as `16/3`.
    """
    found = tuple(_lengths(written))
    if found != shape:
        return [], [_shape_fault(name, shape, found)]
    elements: list[Fraction] = []
    faults: list[Misfit] = []
    for path, value in _elements(written, shape, ()):
        if isinstance(value, list):
            faults.append(Misfit("parameter-shape", path, Details(f"expects a number, got {describe(value)}")))
            continue
        element = _element(value)
        if isinstance(element, str):
            faults.append(Misfit("wrong-type", path, Details(element)))
        elif abs(element) > _LARGEST[dtype]:
            words = f"{label(name)} has an element that {dtype} cannot hold"
            faults.append(Misfit("parameter-not-finite", path, Details(words, False)))
        else:
            elements.append(element)
    return elements, faults


def _lengths(written: object) -> Iterator[int]:
    """Yield the length of the list, of its first list, and so on."""
    while isinstance(written, list):
        yield len(written)
        written = written[0] if written else None


def _shape_fault(name: str, shape: Shape, found: Shape) -> Misfit:
    words = f"{label(name)} is {_words(shape)}, but {_words(found)} is written"
    help_ = ""
    if len(found) == 2 and found == shape[::-1]:
        help_ = "transpose it: a row for each unit it gives, a column for each it reads"
    elif len(found) == 1 and len(shape) == 2 and shape in ((found[0], 1), (1, found[0])):
        help_ = "write each row in brackets: [[…], […]]" if shape[1] == 1 else "write its one row in brackets: [[…]]"
    return Misfit("parameter-shape", (), Details(words, False, help=help_))


def _words(shape: Shape) -> str:
    return "×".join(map(str, shape)) if len(shape) > 1 else f"({', '.join(map(str, shape))})" if shape else "a number"


def _elements(written: object, shape: Shape, path: Path) -> Iterator[tuple[Path, object]]:
    """Yield the elements with their paths; a row of another length or kind is yielded whole. As deep as the shape."""
    if not shape:
        yield path, written
    elif not isinstance(written, list) or len(written) != shape[0]:
        yield path, written if isinstance(written, list) else [written]
    else:
        for i, item in enumerate(written):
            yield from _elements(item, shape[1:], (*path, i))


def _element(value: object) -> Fraction | str:
    """Return the number that is written, or why it is none."""
    if isinstance(value, str):
        above, slash, below = value.partition("/")
        digits = (above.strip().removeprefix("-"), below.strip())
        if slash and all(part.isascii() and part.isdigit() and len(part) <= INTEGER_DIGITS.value for part in digits):
            return Fraction(int(above), int(below)) if int(below) else "divides by zero"
        return f"expects a number, got the text {quote(value)}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"expects a number, got {describe(value)}"
    return Fraction(value)
