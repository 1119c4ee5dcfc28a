"""Which check would make sizes equal that division rounded apart."""

from collections.abc import Iterable
from itertools import islice
from math import lcm
from typing import Final

from netspec.sizes.known import Known, equal
from netspec.sizes.polynomial import Floor, Polynomial, Size, SizeFault, symbol, symbols

_LARGEST: Final = 4096
"""Divisors that are tried."""
_MOST: Final = 12
"""Divisors that are tried for one pair."""
_PAIRS: Final = 8
"""Pairs that are looked at."""
_RESIDUES: Final = 4
"""Divisors up to which remainders other than 0 are tried."""

Residues = dict[str, tuple[int, int]]
"""By symbol a divisor, and the remainder that is left."""


def dividing(pairs: Iterable[tuple[Size, Size]], known: Known) -> tuple[str, ...]:
    """Return checks, such as `H % 8 == 0`, under which the sizes of every pair are equal; none where none are found.

    Tried are the divisors that occur in the sizes and their common multiples; whether sizes are equal is decided.
    """
    found: Residues = {}
    for one, other in islice(pairs, _PAIRS):
        if equal(one, other, known):
            continue
        step = _step(one, other, known)
        if step is None:
            return ()
        residues, known = step
        found |= residues
    return tuple(f"{name} % {divisor} == {rest}" for name, (divisor, rest) in sorted(found.items()))


def _step(one: Size, other: Size, known: Known) -> tuple[Residues, Known] | None:
    """Return the residues that make one pair equal, and what is known with them; the least divisor that does."""
    divisors: dict[str, set[int]] = {}
    for size in (one, other):
        _find_divisors(size, divisors)
    tried = _multiples({each for of in divisors.values() for each in of})
    for rests in (range(1), range(1, _RESIDUES)):
        for divisor in tried:
            for rest in rests if divisor <= _RESIDUES or rests == range(1) else ():
                if rest < divisor:
                    residues = dict.fromkeys(sorted(divisors), (divisor, rest))
                    further = _with(known, residues)
                    if further is not None and equal(one, other, further):
                        return residues, further
    return None


def _with(known: Known, residues: Residues) -> Known | None:
    """Return what is known with residues besides; None where they contradict it."""
    for name, (divisor, rest) in residues.items():
        try:
            further = known.further(symbol(name) % divisor - rest)
        except SizeFault:
            return None
        if further is None:
            return None
        known = further
    return known


def _find_divisors(size: Size, divisors: dict[str, set[int]]) -> None:
    """Add, to each symbol under a floor, what it is divided by."""
    for monomial in size.terms if isinstance(size, Polynomial) else ():
        for atom, _ in monomial:
            if isinstance(atom, Floor):
                for name in symbols(atom.dividend):
                    divisors.setdefault(name, set()).add(atom.divisor)
                _find_divisors(atom.dividend, divisors)


def _multiples(divisors: set[int]) -> list[int]:
    """Return the divisors and their common multiples and products, as far as they are tried, the least first."""
    found = set(divisors)
    for one in sorted(divisors):
        found |= {lcm(one, other) for other in found} | {one * other for other in divisors}
    return [each for each in sorted(found) if each <= _LARGEST][:_MOST]
