"""What holds of free sizes, whatever their symbols will be."""

from functools import lru_cache
from itertools import product
from math import comb, gcd, lcm, prod
from typing import Final, TypeAlias

from netspec.sizes.polynomial import ONE, Floor, Monomial, Polynomial, Size, SizeFault, Terms, evaluate, symbol, symbols

_WORK: Final = 200_000  # points times weight, that one decision may visit: about 40 ms
_TOGETHER: Final = 1_500_000  # that all decisions about one network may visit
_KEPT: Final = 1024
_MODEST: Final = 256  # weight and terms, beyond which no bound is sought
_LARGEST: Final = 10**60  # divisor of a bound

Bound: TypeAlias = tuple[Size, int]
"""A size without floors, and the positive integer that divides it."""


class Work:
    """What decisions may visit together, points times weight; nothing is `left` where they have visited too many."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = _TOGETHER


def compare(operator: str, left: Size, right: Size) -> bool | None:
    """Return whether a comparison holds for all symbols (True) or for none (False); None where that is not certain.

    Symbols are at least 1. `operator` is one of == != < <= > >=.
    """
    try:
        if operator in ("==", "!="):
            same = _same(left - right)
            return same if same is None or operator == "==" else not same
        ahead = right - left if operator in ("<", "<=") else left - right
        return positive(ahead if operator in ("<", ">") else ahead + 1)
    except SizeFault:
        return None


def _same(difference: Size) -> bool | None:
    """Return whether a difference is always zero (True) or never (False); None where that is not certain."""
    if vanishes(difference):
        return True
    if isinstance(difference, int) or positive(difference) or positive(-difference):
        return False
    common = gcd(*(coefficient for monomial, coefficient in difference.terms.items() if monomial))
    return False if difference.terms.get(ONE, 0) % common else None


def vanishes(size: Size, work: Work | None = None) -> bool:
    """Return whether a size is zero whatever its symbols are; False too where that takes too long to find out, alone or
    together with other decisions of one `work`.

    Where every symbol s keeps to one residue of its period N, s = N·h + r, each floor is a polynomial in the h, and so
    is the size. It is the zero polynomial if it is zero at d + 1 values of every h, where d is its degree there. So all
    points of a box are tried, N·(d + 1) of each symbol. Symbols outside all floors need no points: the coefficient
    of each of their monomials has to vanish by itself.
    """
    if isinstance(size, int):
        return size == 0
    within = {name for floor in _floors(size) for name in symbols(floor.dividend)}
    parts: dict[Monomial, dict[Monomial, int]] = {}
    for monomial, coefficient in size.terms.items():
        outside = frozenset(factor for factor in monomial if isinstance(factor[0], str) and factor[0] not in within)
        parts.setdefault(outside, {})[monomial - outside] = coefficient
    # A part that is a number is not zero, and seen at once.
    if any(not any(part) for part in parts.values()):
        return False
    return all(_is_zero_in_its_box(Polynomial(part), work) for part in parts.values())


def _is_zero_in_its_box(size: Polynomial, work: Work | None) -> bool:
    """Return whether a size is zero at all points of its box; False for a box that is too large."""
    periods: dict[str, int] = {}
    _find_periods(size, 1, periods)
    degrees = _degrees(size)
    edges = [periods[name] * (degree + 1) for name, degree in degrees.items()]
    if prod(edges) * size.weight > _WORK:
        return False
    if work is not None and work.left <= 0:
        return False
    points = product(*(range(edge, 0, -1) for edge in edges))
    visited, zero = 0, True
    for visited, point in enumerate(points, start=1):  # noqa: B007  # counted for what it cost
        if evaluate(size, dict(zip(degrees, point, strict=True))):
            zero = False
            break
    if work is not None:
        work.left -= visited * size.weight
    return zero


def _floors(size: Polynomial) -> list[Floor]:
    """Return the floors of a size, without those within them."""
    return [atom for monomial in size.terms for atom, _ in monomial if isinstance(atom, Floor)]


def _find_periods(size: Polynomial, modulus: int, periods: dict[str, int]) -> None:
    """Raise the periods of symbols so that, one step on, a size has changed by a multiple of the modulus.

    A term c·a·b changes so if both atoms change by multiples of modulus / gcd(modulus, c), and ⌊a / m⌋ changes by a
    multiple of k if a does by one of m·k.
    """
    for monomial, coefficient in size.terms.items():
        step = modulus // gcd(modulus, coefficient)
        for atom, _ in monomial:
            if isinstance(atom, str):
                periods[atom] = min(lcm(periods.get(atom, 1), step), _WORK)  # where it is too large anyway
            else:
                _find_periods(atom.dividend, atom.divisor * step, periods)


def _degrees(size: Polynomial) -> dict[str, int]:
    """Return the degree of a size in each of its symbols, where floors are as good as quotients."""
    degrees: dict[str, int] = {}
    for monomial in size.terms:
        here: dict[str, int] = {}
        for atom, power in monomial:
            for name, degree in ({atom: 1} if isinstance(atom, str) else _degrees(atom.dividend)).items():
                here[name] = here.get(name, 0) + power * degree
        for name, degree in here.items():
            degrees[name] = max(degree, degrees.get(name, 0))
    return degrees


def positive(size: Size) -> bool | None:
    """Return whether a size is at least 1 for all symbols (True) or for none (False); None where that is not certain.

    Symbols are at least 1.
    """
    if isinstance(size, int):
        return size >= 1
    return True if _is_above(size, 0) else False if _is_above(-size, -1) else None


def _is_above(size: Polynomial, number: int) -> bool:
    """Return whether a size is certainly above a number: whether one of two bounds that it is never below is."""
    if size.weight > _MODEST:
        return False
    try:
        bounds = (_lower(size, True), _lower(size, False))
        return any(bound is not None and _least(bound[0] - number * bound[1]) > 0 for bound in bounds)
    except SizeFault:
        return False


def _least(size: Size) -> int:
    """Return a number that a size without floors is never below; -1 where that takes a minus to be outweighed.

    Symbols are put in terms of s - 1, one after the other, until no minus is left; the size is least where all are 1.
    """
    if isinstance(size, int):
        return size
    terms = size.terms
    for name in sorted(symbols(size)):
        if min(terms.values()) >= 0 or len(terms) > _MODEST:
            break
        terms = _shifted(terms, name)
    return -1 if min(terms.values()) < 0 else sum(size.terms.values())


def _shifted(terms: Terms, name: str) -> dict[Monomial, int]:
    """Return the terms with s + 1 for a symbol s."""
    shifted: dict[Monomial, int] = {}
    for monomial, coefficient in terms.items():
        powers = dict(monomial)
        power = powers.pop(name, 0)
        rest = frozenset(powers.items())
        for k in range(power + 1):
            lower = rest | {(name, k)} if k else rest
            shifted[lower] = shifted.get(lower, 0) + coefficient * comb(power, k)
    return {monomial: coefficient for monomial, coefficient in shifted.items() if coefficient}


@lru_cache(_KEPT)
def _lower(size: Polynomial, as_quotients: bool) -> Bound | None:
    """Return a bound that a size is never below, or None where that becomes too large.

    A floor is at least (dividend - divisor + 1) / divisor, or at least 0, since in its one form it has no minus; and
    it is never more than dividend / divisor.
    """
    number: Size = 0
    divisor = 1
    for monomial, coefficient in size.terms.items():
        bound = _lower_term(monomial, coefficient, as_quotients)
        if bound is None:
            return None
        common = lcm(divisor, bound[1])
        if common >= _LARGEST:
            return None
        number = number * (common // divisor) + bound[0] * (common // bound[1])
        divisor = common
    return number, divisor


def _lower_term(monomial: Monomial, coefficient: int, as_quotients: bool) -> Bound | None:
    """Return a bound that a term is never below, or None where that becomes too large. No atom is ever negative."""
    plus = coefficient > 0
    if plus and not as_quotients and any(isinstance(atom, Floor) for atom, _ in monomial):
        return 0, 1
    number: Size = coefficient
    divisor = 1
    for atom, power in monomial:
        if isinstance(atom, str):
            factor: Bound = symbol(atom), 1
        else:
            inner = _lower(atom.dividend if plus else -atom.dividend, as_quotients)
            if inner is None:
                return None
            low = inner[0] - (atom.divisor - 1) * inner[1] if plus else -inner[0]
            if plus and monomial != {(atom, 1)} and _least(low) < 0:
                return 0, 1
            factor = low, inner[1] * atom.divisor
        for _ in range(power):
            number, divisor = number * factor[0], divisor * factor[1]
            if isinstance(number, Polynomial) and number.weight > _MODEST:
                return None
    return number, divisor
