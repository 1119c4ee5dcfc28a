"""Polynomials as people write them, in the language's own grammar: `parse` reads the text back to an equal size."""

from collections.abc import Iterator
from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:  # which prints itself by this module
    from netspec.sizes.polynomial import Atom, Floor, Monomial, Terms

# How firmly a text holds together: a sum, and what begins with a minus, stands in parentheses within a product and
# before `//`, a quotient within a product.
_SUM: Final = 1
_QUOTIENT: Final = 2
_PRODUCT: Final = 3
Text: TypeAlias = tuple[str, int]

_SAVED: Final = 3  # letters that factors must save, so that T**2 + 3*T stays a sum
_FACTORED: Final = 16  # terms, beyond which no factors are looked for
_KEPT: Final = 4096  # quotients, each of which is written wherever it occurs


def write(terms: "Terms") -> str:
    """Return the text of a sum of terms: the sum, as one quotient or remainder, or as a product, whichever is shortest.

    In a sum the highest degree is first and the constant last, but for a minus, which does not begin a text where
    anything else can. Symbols are in the order of the alphabet, quotients behind them.
    """
    return _text(terms)[0]


def _text(terms: "Terms") -> Text:
    """Return the text of a sum of terms, and how firmly it holds together."""
    plain = _plain(terms)
    if 1 < len(terms) <= _FACTORED:
        product = _factored(terms)
        if len(product[0]) + _SAVED <= len(plain[0]):
            return product
    return plain


def _plain(terms: "Terms") -> Text:
    """Return the shortest of the texts that have no factors."""
    return min((_sum(terms), *_quotients(terms)), key=lambda text: len(text[0]))


def _sum(terms: "Terms") -> Text:
    """Return the text of the terms, one after the other."""
    ordered = sorted(terms, key=_order)
    first = next((monomial for monomial in ordered if terms[monomial] > 0), ordered[0])
    ordered.remove(first)
    text, firm = _term(first, abs(terms[first]))
    if terms[first] < 0:
        text, firm = "-" + _enclosed((text, firm), _PRODUCT), _SUM
    for monomial in ordered:
        coefficient = terms[monomial]
        text += (" + " if coefficient > 0 else " - ") + _term(monomial, abs(coefficient))[0]
    return text, _SUM if ordered else firm


def _quotients(terms: "Terms") -> Iterator[Text]:
    """Yield a sum with a single quotient as one quotient, (H + 1) // 2 - 1 as (H - 1) // 2, or as one remainder."""
    places = [(monomial, atom) for monomial in terms for atom, _ in monomial if not isinstance(atom, str)]
    if len(places) != 1 or places[0][0] != frozenset({(places[0][1], 1)}):
        return
    ((monomial, (dividend, divisor)),) = places
    rest = {other: coefficient for other, coefficient in terms.items() if other != monomial}
    if terms[monomial] == 1:
        whole = _added(dividend.terms, rest, divisor)
        if all(coefficient > 0 for other, coefficient in whole.items() if other):
            yield _division(whole, "//", divisor)
    elif terms[monomial] == -divisor:
        left = _added(rest, dividend.terms, -1)
        text, firm = _division(dividend.terms, "%", divisor)
        if not left:
            yield text, firm
        elif not any(left):
            (number,) = left.values()
            yield f"{text} {'+' if number > 0 else '-'} {abs(number)}", _SUM


def _division(terms: "Terms", operator: str, divisor: int) -> Text:
    """Return the text of the terms, divided."""
    return f"{_enclosed(_text(terms), _PRODUCT)} {operator} {divisor}", _QUOTIENT


def _added(terms: "Terms", others: "Terms", factor: int) -> dict["Monomial", int]:
    """Return the terms, and the others times a factor."""
    found = dict(terms)
    for monomial, coefficient in others.items():
        found[monomial] = found.get(monomial, 0) + factor * coefficient
    return {monomial: coefficient for monomial, coefficient in found.items() if coefficient}


def _factored(terms: "Terms") -> Text:
    """Return the terms as a product: of an integer, of powers, and of sums, (H - 2)*(W - 2) among them."""
    content = gcd(*terms.values())
    if max(terms.values()) < 0:
        content = -content
    rest: dict[Monomial, int] = {monomial: coefficient // content for monomial, coefficient in terms.items()}
    powers: list[str] = []
    sums: list[Terms] = []
    for atom in sorted({atom for monomial in terms for atom, _ in monomial}, key=rank):
        common = min(dict(monomial).get(atom, 0) for monomial in rest)
        if common:
            powers.append(_power(atom, common))
            rest = {_divided(monomial, atom, common): coefficient for monomial, coefficient in rest.items()}
        elif found := _linear(rest, atom):
            factor, rest = found
            sums.append(factor)
    if any(rest):
        sums.append(rest)
    else:
        content *= rest[frozenset()]  # 1, or the -1 that linear factors of both signs leave
    number = [] if abs(content) == 1 else [str(abs(content))]
    text = "*".join((*number, *powers, *sorted(f"({_plain(factor)[0]})" for factor in sums)))
    return ("-" + text, _SUM) if content < 0 else (text, _PRODUCT)


def _linear(terms: "Terms", atom: "Atom") -> tuple["Terms", dict["Monomial", int]] | None:
    """Return the factor v*atom + u of the terms and what it leaves, or None: where A*atom + B has B = A*u/v."""
    slope = {_divided(m, atom, 1): coefficient for m, coefficient in terms.items() if (atom, 1) in m}
    level = {m: coefficient for m, coefficient in terms.items() if all(other != atom for other, _ in m)}
    if len(slope) + len(level) < len(terms) or slope.keys() != level.keys():
        return None
    some = next(iter(slope))
    if any(level[m] * slope[some] != level[some] * slope[m] for m in slope):
        return None
    common = gcd(slope[some], level[some])
    v, u = slope[some] // common, level[some] // common
    if v < 0:
        v, u = -v, -u
    return {frozenset({(atom, 1)}): v, frozenset(): u}, {m: coefficient // v for m, coefficient in slope.items()}


def _divided(monomial: "Monomial", atom: "Atom", power: int) -> "Monomial":
    """Return the monomial without so many of an atom."""
    left = dict(monomial)
    left[atom] -= power
    return frozenset((other, power) for other, power in left.items() if power)


def _term(monomial: "Monomial", coefficient: int) -> Text:
    """Return the text of a term whose coefficient is positive."""
    factors = [] if coefficient == 1 and monomial else [str(coefficient)]
    atoms = sorted(monomial, key=lambda factor: rank(factor[0]))
    if not factors and len(atoms) == 1 and atoms[0][1] == 1 and not isinstance(atoms[0][0], str):
        return _quotient(atoms[0][0]), _QUOTIENT
    return "*".join((*factors, *(_power(*factor) for factor in atoms))), _PRODUCT


def _power(atom: "Atom", power: int) -> str:
    """Return the text of a power, as a factor."""
    text = atom if isinstance(atom, str) else f"({_quotient(atom)})"
    return text if power == 1 else f"{text}**{power}"


@lru_cache(_KEPT)
def _quotient(floor: "Floor") -> str:
    """Return the text of a floor."""
    return _division(floor.dividend.terms, "//", floor.divisor)[0]


def _enclosed(text: Text, firm: int) -> str:
    """Return the text, in parentheses where it holds together less firmly than is needed."""
    return text[0] if text[1] >= firm else f"({text[0]})"


def _order(monomial: "Monomial") -> tuple[int, list[tuple[tuple[bool, str], int]]]:
    """Return the sort key of a term."""
    return -sum(power for _, power in monomial), sorted((rank(atom), -power) for atom, power in monomial)


def rank(atom: "Atom") -> tuple[bool, str]:
    """Return the sort key of an atom: symbols in the order of the alphabet, then quotients in that of their texts."""
    return (False, atom) if isinstance(atom, str) else (True, _quotient(atom))
