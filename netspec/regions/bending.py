"""The piecewise linear activations as points, slopes and offsets."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from netspec.operations import Elementwise


class Pieces(NamedTuple):
    """a[z] = slopes[i] z + offsets[i] in piece i; the points between the pieces rise."""

    points: tuple[Any, ...]
    slopes: tuple[Any, ...]
    offsets: tuple[Any, ...]


def pieces(node: Elementwise, number: Callable[[float], Any]) -> Pieces | None:
    """Return the pieces of an activation, in numbers of an arithmetic; None where it is not piecewise linear."""
    written = _PIECES.get(node.name)
    if written is None:
        return None
    return _plain(*written([number(argument) for argument in node.arguments]), number)


def _plain(points: Sequence[Any], slopes: Sequence[Any], offsets: Sequence[Any], number: Callable[..., Any]) -> Pieces:
    """Return the pieces in one arithmetic, points left out at which neither slope nor offset changes."""
    kept = [i for i in range(len(points)) if slopes[i] != slopes[i + 1] or offsets[i] != offsets[i + 1]]
    own = [0, *(i + 1 for i in kept)]
    return Pieces(
        tuple(number(points[i]) for i in kept),
        tuple(number(slopes[i]) for i in own),
        tuple(number(offsets[i]) for i in own),
    )


_Written = tuple[Sequence[Any], Sequence[Any], Sequence[Any]]

_PIECES: Final[dict[str, Callable[[list[Any]], _Written]]] = {
    "identity": lambda _: ((), (1,), (0,)),
    "relu": lambda _: ((0,), (0, 1), (0, 0)),
    "leaky_relu": lambda given: ((0,), (given[0], 1), (0, 0)),
    "relu6": lambda _: ((0, 6), (0, 1, 0), (0, 0, 6)),
    "hard_tanh": lambda given: ((given[0], given[1]), (0, 1, 0), (given[0], 0, given[1])),
    "hard_sigmoid": lambda _: ((-3, 3), (0, Fraction(1, 6), 0), (0, Fraction(1, 2), 1)),
    "soft_shrink": lambda given: ((-given[0], given[0]), (1, 0, 1), (given[0], 0, -given[0])),
    "hard_shrink": lambda given: ((-given[0], given[0]), (1, 0, 1), (0, 0, 0)),
    "heaviside": lambda _: ((0,), (0, 0), (0, 1)),
}
"""What each piecewise linear activation is; a test holds it to the table of functions."""
