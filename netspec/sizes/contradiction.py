"""Comparisons of free sizes of which no choice of the symbols can make all hold, as far as that is plain."""

from collections.abc import Sequence
from math import lcm
from typing import Final, NamedTuple

from netspec.sizes.decision import positive
from netspec.sizes.polynomial import ONE, Floor, Monomial, Polynomial, Size, SizeFault, evaluate, symbols

_MOST: Final = 32
"""Comparisons that are held against each other."""
_LONGEST: Final = 4096
"""Values of one symbol that are tried."""


class Compared(NamedTuple):
    """One comparison: its operator, one of == != < <= > >=, and its sides."""

    operator: str
    left: Size
    right: Size


def contradiction(comparisons: Sequence[Compared]) -> tuple[int, ...]:
    """Return the numbers of comparisons that cannot hold together, the last one last; none where none are found.

    Found are bounds, equalities and remainders of one symbol that leave no value for it, and two comparisons whose
    sides add up to what is never so, as H < W and W < H.
    """
    for later, one in enumerate(comparisons[:_MOST]):
        for earlier, other in enumerate(comparisons[:later]):
            if _add_up_to_nothing(one, other) or _leave_nothing([one, other]):
                return earlier, later
        names = _names(one)
        alike = [i for i, other in enumerate(comparisons[:later]) if _names(other) == names]
        if len(alike) > 1 and _leave_nothing([*(comparisons[i] for i in alike), one]):
            return *alike, later
    return ()


def _names(compared: Compared) -> frozenset[str]:
    return symbols(compared.left) | symbols(compared.right)


def _add_up_to_nothing(one: Compared, other: Compared) -> bool:
    """Whether two sizes that should both be 0 or more have a sum that is always below 0."""
    try:
        return any(positive(-(a + b)) for a in _at_least_zero(one) for b in _at_least_zero(other))
    except SizeFault:
        return False


def _at_least_zero(compared: Compared) -> list[Size]:
    """Return the sizes that are 0 or more where a comparison holds."""
    operator, left, right = compared
    ahead, behind = left - right, right - left
    if operator == "==":
        return [ahead, behind]
    return {">=": [ahead], ">": [ahead - 1], "<=": [behind], "<": [behind - 1]}.get(operator, [])


def _leave_nothing(comparisons: Sequence[Compared]) -> bool:
    """Whether comparisons of one symbol alone, bounds and remainders, leave no value for it."""
    names = {name for each in comparisons for name in _names(each)}
    if len(names) != 1:
        return False
    (name,) = names
    least, most, period = 1, None, 1
    tested: list[Compared] = []
    for operator, left, right in comparisons:
        try:
            difference = left - right
        except SizeFault:
            return False
        if not isinstance(difference, Polynomial):
            continue
        slope, level, divisor = _slope(difference, name)
        if divisor:  # what is left by a division goes round
            period = lcm(period, divisor)
            tested.append(Compared(operator, difference, 0))
        elif slope:
            signs = {"<": ">", ">": "<", "<=": ">=", ">=": "<="} if slope < 0 else {}
            operator, slope, level = signs.get(operator, operator), abs(slope), level if slope > 0 else -level
            if operator in (">=", ">", "=="):
                least = max(least, -level // slope + 1 if operator == ">" else -(level // slope))
            if operator in ("<=", "<", "=="):
                highest = -(level // slope) - 1 if operator == "<" else -level // slope
                most = highest if most is None else min(most, highest)
            if operator == "!=":
                tested.append(Compared(operator, difference, 0))
        else:
            return False
    if most is not None and most < least:
        return True
    length = period * (len(tested) + 1)  # a value that is left out is one of a period
    end = least + length if most is None else min(most + 1, least + length)
    return length <= _LONGEST and not any(_all_hold(tested, name, value) for value in range(least, end))


def _all_hold(comparisons: Sequence[Compared], name: str, value: int) -> bool:
    for operator, difference, _ in comparisons:
        found = evaluate(difference, {name: value})
        holds = {"==": found == 0, "!=": found != 0, "<": found < 0, "<=": found <= 0, ">": found > 0, ">=": found >= 0}
        if not holds[operator]:
            return False
    return True


def _slope(difference: Polynomial, name: str) -> tuple[int, int, int]:
    """Return slope and level of a difference that is a line in one symbol; or the period of one that is a remainder.

    All are zero for any other.
    """
    line: Monomial = frozenset({(name, 1)})
    floors = [monomial for monomial in difference.terms if monomial not in (ONE, line)]
    slope, level = difference.terms.get(line, 0), difference.terms.get(ONE, 0)
    if not floors:
        return slope, level, 0
    if len(floors) > 1 or len(floors[0]) > 1:
        return 0, 0, 0
    ((atom, power),) = floors[0]
    if not isinstance(atom, Floor) or power > 1 or atom.dividend.terms.keys() - {ONE, line}:
        return 0, 0, 0
    steep = atom.dividend.terms[line] * difference.terms[floors[0]]
    return (0, 0, atom.divisor) if slope * atom.divisor + steep == 0 else (0, 0, 0)
