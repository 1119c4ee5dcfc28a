"""Small tensors written out in a spec: nested lists of numbers, read against the shape that was inferred."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, NamedTuple

from netspec.diagnostics import Mend, quote
from netspec.files.parameters import label
from netspec.layers.faults import Details, Path, describe
from netspec.layers.fields import NUMBER
from netspec.layers.scope import MOST_FAULTS
from netspec.limits import INTEGER_DIGITS
from netspec.operations import Shape
from netspec.source import REFUSED

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
    found = _shape(written, shape)
    if found != shape:
        return [], [_shape_fault(name, shape, found)]
    elements: list[Fraction] = []
    faults: list[Misfit] = []
    for path, value in _elements(written, shape, ()):
        if len(faults) >= MOST_FAULTS:
            break
        if value is REFUSED:
            continue
        if len(path) < len(shape):
            words = f"expects a row of {shape[len(path)]}, got {describe(value)}"
            faults.append(Misfit("parameter-shape", path, Details(words)))
            continue
        if isinstance(value, list):
            faults.append(Misfit("parameter-shape", path, Details(f"expects a number, got {describe(value)}")))
            continue
        element = _element(value)
        if isinstance(element, tuple):
            code, words, help_ = element
            faults.append(Misfit(code, path, Details(words, help=help_)))
        elif abs(element) > _LARGEST[dtype]:
            words = f"{label(name)} has an element that {dtype} cannot hold"
            help_ = "add `dtype: float64`" if abs(element) <= _LARGEST["float64"] else ""
            faults.append(Misfit("parameter-not-finite", path, Details(words, False, help=help_)))
        else:
            elements.append(element)
    return elements, faults


def _shape(written: object, expected: Shape) -> Shape:
    """Return the length of the list, of its first item, and so on; what the text refuses is taken to be as expected."""
    found: list[int] = []
    while isinstance(written, list):
        found.append(len(written))
        written = next((item for item in written if item is not REFUSED), REFUSED if written else None)
    return (*found, *expected[len(found) :]) if written is REFUSED else tuple(found)


def _shape_fault(name: str, shape: Shape, found: Shape) -> Misfit:
    written = f"has shape {found}" if found else "is a number"
    words = f"{label(name)} {written}, expected {'' if found else 'shape '}{shape}"
    help_ = ""
    if len(found) == 2 and found == shape[::-1]:
        help_ = "transpose it: a row for each unit it gives, a column for each it reads"
    elif len(found) == 1 and len(shape) == 2 and shape in ((found[0], 1), (1, found[0])):
        help_ = "write each row in brackets: [[…], […]]" if shape[1] == 1 else "write its one row in brackets: [[…]]"
    return Misfit("parameter-shape", (), Details(words, False, help=help_))


def _elements(written: object, shape: Shape, path: Path) -> Iterator[tuple[Path, object]]:
    """Yield the elements with their paths, each as deep as the shape; a row that is none is yielded whole."""
    if not shape or not isinstance(written, list) or len(written) != shape[0]:
        yield path, written
    else:
        for i, item in enumerate(written):
            yield from _elements(item, shape[1:], (*path, i))


def _element(value: object) -> Fraction | tuple[str, str, str]:
    """Return the number that is written, or why it is none: a code, words and a help."""
    if isinstance(value, str):
        above, slash, below = value.partition("/")
        digits = (above.strip().removeprefix("-"), below.strip())
        if slash and all(part.isascii() and part.isdigit() and len(part) <= INTEGER_DIGITS.value for part in digits):
            return Fraction(int(above), int(below)) if int(below) else ("division-by-zero", "divides by zero", "")
        if NUMBER.match(value):
            return (
                "quoted-number",
                f"expects a number, got the quoted text {quote(value)}",
                Mend.by(value, "leave the quotes out"),
            )
        help_ = "write a number, or a quotient of integers such as 16/3"
        return "wrong-type", f"expects a number, got {describe(value)}", help_
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "wrong-type", f"expects a number, got {describe(value)}", ""
    return Fraction(value)
