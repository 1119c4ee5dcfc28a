"""Where regions are counted: all inputs, a box of them, or a segment or plane through them."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np

from netspec.regions.steps import Chain, Forms
from netspec.regions.written import short

_SHOWN_SPANS: Final = 4
_DIGITS: Final = 7

Span = tuple[Any, Any]
"""Two ends, low < high, of which the low one may be -∞ and the high one ∞."""


class Domain(NamedTuple):
    """x = start(t) for t in a box of `spans`, one span for each coordinate of t; all are infinite, or none.

    `start` has the forms of x, (n + 1, 1, inputs). `words` say what it is: "all of R", "the box [0, 1] × [0, 1]".
    """

    spans: tuple[Span, ...]
    start: Forms
    words: str

    @property
    def dimension(self) -> int:
        """How many coordinates t has."""
        return len(self.spans)

    @property
    def bounded(self) -> bool:
        """Whether the box is one."""
        return all(np.isfinite(float(low)) and np.isfinite(float(high)) for low, high in self.spans)


def everywhere(chain: Chain) -> Domain:
    """Return all inputs, R^n."""
    words = "all of R" if chain.inputs == 1 else f"all of R^{chain.inputs}"
    return Domain(((-np.inf, np.inf),) * chain.inputs, _identity(chain), words)


def box(chain: Chain, spans: Sequence[Span]) -> Domain:
    """Return a box of inputs, one span for all of them or one for each. Raises ValueError where they do not fit."""
    check_spans(chain, spans)
    spans = [*spans] * chain.inputs if len(spans) == 1 else [*spans]
    whole = tuple((chain.numbers(low)[()], chain.numbers(high)[()]) for low, high in spans)
    same = len(set(spans)) == 1 and len(spans) > 1
    words = f"{_written(spans[0])}^{len(spans)}" if same else " × ".join(map(_written, spans[:_SHOWN_SPANS]))
    words += " × …" if not same and len(spans) > _SHOWN_SPANS else ""
    return Domain(whole, _identity(chain), words)


def segment(chain: Chain, begin: Sequence[Any], end: Sequence[Any]) -> Domain:
    """Return the segment from one input to another, t in [0, 1]."""
    return _through(chain, [begin, end], "the segment between two inputs")


def plane(chain: Chain, origin: Sequence[Any], right: Sequence[Any], up: Sequence[Any]) -> Domain:
    """Return the parallelogram that three inputs span, origin + t_0 (right - origin) + t_1 (up - origin)."""
    return _through(chain, [origin, right, up], "the parallelogram that three inputs span")


def _through(chain: Chain, points: Sequence[Sequence[Any]], words: str) -> Domain:
    whole = [chain.numbers(point).reshape(-1) for point in points]
    for point in whole:
        if len(point) != chain.inputs:
            raise ValueError(f"a point has {len(point)} numbers, and the network {chain.inputs} inputs")
        if not all(map(_finite, point)):
            raise ValueError("a point holds what is no finite number")
    ways = [point - whole[0] for point in whole[1:]]
    if len(ways) == 1 and not ways[0].any():
        raise ValueError("the two inputs are one: they have no segment between them")
    if len(ways) == 2 and _parallel(*ways):
        raise ValueError("the three inputs lie on one line: they span no plane")
    start = np.stack([whole[0], *ways])[:, None]
    zero, one = chain.numbers(0)[()], chain.numbers(1)[()]
    return Domain(((zero, one),) * (len(points) - 1), start, words)


def _parallel(one: Any, other: Any) -> bool:
    """Return whether two directions are one, or one is none."""
    place = int(np.argmax(np.abs(one)))
    return not one.any() or bool((one[place] * other == other[place] * one).all())


def _identity(chain: Chain) -> Forms:
    start = np.zeros((chain.inputs + 1, 1, chain.inputs), np.int64)
    start[1:, 0] = np.eye(chain.inputs, dtype=np.int64)
    return chain.numbers(start)


def check_spans(chain: Chain, spans: Sequence[Span]) -> None:
    """Raise ValueError where spans make no box of a network's inputs."""
    if len(spans) not in (1, chain.inputs):
        has = "1 input" if chain.inputs == 1 else f"{chain.inputs:,} inputs"
        raise ValueError(f"the box has {len(spans)} intervals, and the network {has}")
    for low, high in spans:
        if not (_finite(low) and _finite(high) and low < high):
            raise ValueError(f"a span goes from one finite number to a larger one, and not from {low} to {high}")


def _finite(end: Any) -> bool:
    try:
        return bool(np.isfinite(float(end)))
    except OverflowError:
        return False


def _end(end: Any) -> str:
    return short(end, _DIGITS) if isinstance(end, Fraction | int) else str(end).removesuffix(".0")


def _written(span: Span) -> str:
    low, high = (_end(end) for end in span)
    return f"[{low}, {high}]"
