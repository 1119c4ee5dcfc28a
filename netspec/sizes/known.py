"""What checks say of free sizes, and what is equal under it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from math import gcd
from typing import Final, TypeAlias

from netspec.sizes.decision import Work, vanishes
from netspec.sizes.expression import Comparison
from netspec.sizes.fault import ExpressionFault
from netspec.sizes.notation import rank
from netspec.sizes.polynomial import (
    Floor,
    Monomial,
    Polynomial,
    Size,
    SizeFault,
    substitute,
    symbol,
    symbols,
    total,
)

_MOST: Final = 64  # assumptions that are used


class Known:
    """Assumptions about symbols, solved: `values` has, for each symbol that they restrict, what it is instead.

    Of H % 16 == 0 it has 16*H for H, where the new H is any integer, and of T == 4*S it has 4*S for T. So what is
    equal with these in the place of the symbols is equal under the assumptions. What is decided with one `work` is
    bounded together.
    """

    __slots__ = ("values", "work")

    def __init__(self, values: Mapping[str, Size], work: Work | None = None) -> None:
        self.values, self.work = values, work

    @classmethod
    def of(cls, comparisons: Iterable[Comparison], values: Mapping[str, Size]) -> "Known":
        """Return what comparisons over the sizes in `values` say; those that cannot be used are left out.

        Used are equations that say what one symbol is, `H == W` or `T == 4*S`, or which residue, `(3*H + 1) % 16 == 0`,
        or do so with what others say, in whichever order they are written.
        """
        left: list[Size] = []
        for comparison in comparisons:
            if comparison.operator == "==":
                with suppress(ExpressionFault, SizeFault):
                    left.append(comparison.left.evaluate(values) - comparison.right.evaluate(values))
        left.sort(key=str)
        found = cls({})
        while True:  # at least one can be used each time
            before = len(left)
            for solve in (_residue, _value):  # of H == W + T and H % 2 == 0, both can be used in this order alone
                found, left = found._swept(left, solve)
            if len(left) == before or len(found.values) >= _MOST:
                return found
            left = left[:_MOST]

    def _swept(self, differences: list[Size], solve: "Solve") -> "tuple[Known, list[Size]]":
        """Return what is known where those differences are zero that can be solved, and the others."""
        found, others = self, []
        for difference in differences:
            further = None
            if len(found.values) < _MOST:
                with suppress(SizeFault):
                    further = found._with(_solution(substitute(difference, found.values), (solve,)))
            if further is None:
                others.append(difference)
            else:
                found = further
        return found, others

    def further(self, difference: Size) -> "Known | None":
        """Return what is known where a difference is zero besides; None where that cannot be used."""
        return self._with(_solution(substitute(difference, self.values), (_residue, _value)))

    def _with(self, solution: Mapping[str, Size] | None) -> "Known | None":
        if solution is None:
            return None
        solved = {name: substitute(size, solution) for name, size in self.values.items()}
        return Known({**solution, **solved}, self.work)

    def within(self, work: Work) -> "Known":
        """Return the same with a bound on what it decides."""
        return Known(self.values, work)


NOTHING_KNOWN: Final = Known({})


def equal(a: Size, b: Size, known: Known = NOTHING_KNOWN) -> bool:
    """Return whether two sizes are equal whatever their symbols are, under what is known.

    The answer is exact where all divisors together have a moderate period, as `vanishes` says: up to some thousand for
    one symbol, some dozens for each of two. Beyond, sizes are equal that have one canonical form, and others are not.
    """
    if a == b:
        return True
    try:
        return vanishes(substitute(a - b, known.values), known.work)
    except SizeFault:
        return False


def simplify(size: Size, known: Known) -> Size:
    """Return an equal size without the floors that what is known makes needless: H for 2*(H // 2) where H is even."""
    if isinstance(size, int) or not known.values:
        return size
    try:
        return total(_simplified(monomial, coefficient, known) for monomial, coefficient in size.terms.items())
    except SizeFault:
        return size


def _simplified(monomial: Monomial, coefficient: int, known: Known) -> Size:
    """Return a term as a product in which a floor whose remainder r is known, g*⌊a / (g*m)⌋, is ⌊(a - r) / m⌋."""
    term: Size = 1
    for atom, power in sorted(monomial, key=lambda factor: rank(factor[0])):
        for _ in range(power):
            if isinstance(atom, str):
                term = term * symbol(atom)
                continue
            dividend = simplify(atom.dividend, known)
            common = gcd(coefficient, atom.divisor)
            remainder = substitute(dividend, known.values) % atom.divisor
            if common > 1 and isinstance(remainder, int):
                coefficient //= common
                term = term * ((dividend - remainder) // (atom.divisor // common))
            else:
                term = term * (dividend // atom.divisor)
    return term * coefficient


Solve: TypeAlias = Callable[[Polynomial], dict[str, Size] | None]


def _solution(difference: Size, ways: Iterable[Solve]) -> dict[str, Size] | None:
    """Return one symbol, with what it is where the difference is zero; None where that is not plain."""
    if isinstance(difference, int):
        return None
    content = gcd(*difference.terms.values())
    equation = Polynomial({monomial: number // content for monomial, number in difference.terms.items()})
    return next((found for solve in ways if (found := solve(equation)) is not None), None)


def _residue(equation: Polynomial) -> dict[str, Size] | None:
    """Solve (k*s + c) % m - wanted = 0 for the symbol s: it is m*s + r for the r that this says."""
    floors = [atom for monomial in equation.terms for atom, _ in monomial if isinstance(atom, Floor)]
    names = symbols(equation)
    if len(floors) != 1 or len(names) != 1:
        return None
    ((dividend, divisor),) = floors
    (name,) = names
    slope = dividend.terms.get(frozenset({(name, 1)}), 0)
    level = dividend - slope * symbol(name)
    for side in (equation, -equation):
        wanted = dividend % divisor - side
        if isinstance(wanted, int) and isinstance(level, int) and 0 <= wanted < divisor:
            residue = (wanted - level) * pow(slope, -1, divisor) % divisor  # no factor is common: the form is canonical
            return {name: divisor * symbol(name) + residue}
    return None


def _value(equation: Polynomial) -> dict[str, Size] | None:
    """Solve an equation in which a symbol stands once, by itself; the first of the alphabet where there are several."""
    for name in sorted(symbols(equation)):
        coefficient = equation.terms.get(frozenset({(name, 1)}), 0)
        rest = equation - coefficient * symbol(name)
        if abs(coefficient) == 1 and name not in symbols(rest):
            return {name: -coefficient * rest}
    return None
