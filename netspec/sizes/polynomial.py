"""Sizes that are known only at run time: integer polynomials over symbols and over floors, each in one form.

A polynomial is a sum of terms, a term a coefficient and a monomial, a monomial a product of powers of atoms. An atom is
a symbol, or the floor of a polynomial divided by a positive integer. Arithmetic keeps one form by the laws of floors:

    ⌊(n·q + r) / n⌋ = q + ⌊r / n⌋             the coefficients of r are in [0, n)
    ⌊(g·a + c) / (g·m)⌋ = ⌊(a + ⌊c / g⌋) / m⌋
    ⌊(⌊a / m⌋ + b) / n⌋ = ⌊(a + m·b) / (m·n)⌋     where one floor alone has the coefficient 1

so that most spellings of one size are equal as they stand; `netspec.sizes.known.equal` decides the rest. A constant is
always an integer, never a polynomial. Source: Graham, Knuth and Patashnik, *Concrete Mathematics*, 1994, section 3.2.
"""

from collections.abc import Iterable, Mapping
from math import gcd
from typing import Final, NamedTuple, TypeAlias

from netspec.diagnostics import quote
from netspec.sizes.notation import write

# Expressions come from hostile files, so all that arithmetic builds is bounded. A U-Net over images of any height and
# width has 40 terms in its macs, of degree 2, and weighs 250.
_WEIGHT: Final = 2048  # terms and atoms, those within floors counted at each place
_DEGREE: Final = 16
_NESTING: Final = 8  # floors within floors
_LARGEST: Final = 10**60  # coefficients and divisors are below it
_PAIRS: Final = 1024  # of terms that one product multiplies


class SizeFault(ValueError):
    """Why arithmetic over free sizes is refused: a code, and one short clause without place."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(code, message)

    def __str__(self) -> str:
        return self.message


class Floor(NamedTuple):
    """The atom ⌊dividend / divisor⌋."""

    dividend: "Polynomial"
    divisor: int


Atom: TypeAlias = str | Floor
Monomial: TypeAlias = frozenset[tuple[Atom, int]]
"""Atoms, each with its power."""
Terms: TypeAlias = Mapping[Monomial, int]
"""Monomials, each with its coefficient, none of which is zero."""

ONE: Final[Monomial] = frozenset()
"""The monomial of a constant."""


class Polynomial:
    """A size that is no constant. `symbol` and arithmetic make polynomials; equal ones have equal `terms`.

    `weight` counts terms and atoms, those within floors included; `nesting` floors within floors.
    Operators take integers too, and give back an integer where the result is constant.
    Errors: `SizeFault` for a divisor that is no positive integer, an exponent that is none or negative, and a result
    that is beyond the bounds.
    """

    __slots__ = ("_hash", "_text", "nesting", "terms", "weight")

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.weight = self.nesting = 0
        for monomial, coefficient in terms.items():
            degree = 0
            for atom, power in monomial:
                degree += power
                if isinstance(atom, str):
                    self.weight += 1
                else:
                    self.weight += atom.dividend.weight
                    self.nesting = max(self.nesting, atom.dividend.nesting + 1)
            self.weight += 1
            if degree > _DEGREE or abs(coefficient) >= _LARGEST:
                raise _too_complex()
        if self.weight > _WEIGHT or self.nesting > _NESTING:
            raise _too_complex()
        self._hash = hash(frozenset(terms.items()))
        self._text = ""

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polynomial) and self._hash == other._hash and self.terms == other.terms

    def __reduce__(self) -> tuple[type["Polynomial"], tuple[Terms]]:
        return Polynomial, (self.terms,)  # the hash is another in another process

    def __str__(self) -> str:
        if not self._text:
            self._text = write(self.terms)
        return self._text

    def __repr__(self) -> str:
        return f"<{self}>"

    def __format__(self, form: str) -> str:
        return format(str(self), form.replace(",", ""))  # the text of a size has no commas, whatever its numbers

    def __neg__(self) -> "Polynomial":
        return Polynomial({monomial: -coefficient for monomial, coefficient in self.terms.items()})

    def __add__(self, other: "Size") -> "Size":
        return total((self, other))

    __radd__ = __add__

    def __sub__(self, other: "Size") -> "Size":
        return total((self, -other))

    def __rsub__(self, other: int) -> "Size":
        return total((-self, other))

    def __mul__(self, other: "Size") -> "Size":
        right = _terms(other)
        if len(self.terms) * len(right) > _PAIRS:
            raise _too_complex()
        terms: dict[Monomial, int] = {}
        for monomial, coefficient in self.terms.items():
            for another, factor in right.items():
                product = _product(monomial, another)
                terms[product] = terms.get(product, 0) + coefficient * factor
        return _size(terms)

    __rmul__ = __mul__

    def __pow__(self, exponent: "Size") -> "Size":
        if isinstance(exponent, Polynomial):
            return exponent.__rpow__(self)
        if exponent < 0:
            raise SizeFault("negative-power", f"a power of {exponent}")
        if exponent > _DEGREE:
            raise _too_complex()
        power: Size = 1
        for _ in range(exponent):
            power = self * power
        return power

    def __rpow__(self, _: "Size") -> "Size":
        raise SizeFault("free-exponent", f"{quote(self)} is free: a size is raised to a number alone")

    def __floordiv__(self, divisor: "Size") -> "Size":
        if isinstance(divisor, Polynomial):
            return divisor.__rfloordiv__(self)
        if divisor == 0:
            raise SizeFault("division-by-zero", "a division by zero")
        if divisor < 0:
            raise SizeFault("free-divisor", f"{quote(divisor)} is negative: a free size is divided by positive numbers")
        if divisor >= _LARGEST:
            raise _too_complex()
        whole: dict[Monomial, int] = {}
        rest: dict[Monomial, int] = {}
        for monomial, coefficient in self.terms.items():
            whole[monomial], rest[monomial] = divmod(coefficient, divisor)
        return _size(whole) + _floor({monomial: left for monomial, left in rest.items() if left}, divisor)

    def __rfloordiv__(self, _: "Size") -> "Size":
        raise SizeFault("free-divisor", f"{quote(self)} is free: a size is divided by a number alone")

    def __mod__(self, divisor: "Size") -> "Size":
        return self - divisor * (self // divisor)

    __rmod__ = __rfloordiv__


Size: TypeAlias = int | Polynomial
"""A size: an integer, or a polynomial over sizes known only at run time."""


def symbol(name: str) -> Polynomial:
    """Return the size that is known only at run time, by its name."""
    return Polynomial({frozenset({(name, 1)}): 1})


def symbols(size: Size) -> frozenset[str]:
    """Return the names of the symbols that a size depends on, those within floors included."""
    found: set[str] = set()
    for monomial in _terms(size):
        for atom, _ in monomial:
            found.update((atom,) if isinstance(atom, str) else symbols(atom.dividend))
    return frozenset(found)


def total(sizes: Iterable[Size]) -> Size:
    """Return the sum of sizes."""
    terms: dict[Monomial, int] = {}
    for size in sizes:
        for monomial, coefficient in _terms(size).items():
            terms[monomial] = terms.get(monomial, 0) + coefficient
    return _size(terms)


def evaluate(size: Size, values: Mapping[str, int]) -> int:
    """Return the number that a size is for the values of its symbols. Errors: `KeyError` for one without a value."""
    if isinstance(size, int):
        return size
    number = 0
    for monomial, coefficient in size.terms.items():
        for atom, power in monomial:
            if isinstance(atom, str):
                coefficient *= values[atom] ** power
            else:
                coefficient *= (evaluate(atom.dividend, values) // atom.divisor) ** power
        number += coefficient
    return number


def substitute(size: Size, values: Mapping[str, Size]) -> Size:
    """Return the size with sizes in the place of symbols, all at once; a symbol without one stays.

    Errors: `SizeFault` for a result that is beyond the bounds.
    """
    if isinstance(size, int) or symbols(size).isdisjoint(values):
        return size
    return total(_substituted(monomial, coefficient, values) for monomial, coefficient in size.terms.items())


def _substituted(monomial: Monomial, coefficient: int, values: Mapping[str, Size]) -> Size:
    """Return a term with sizes in the place of its symbols."""
    term: Size = coefficient
    for atom, power in monomial:
        if isinstance(atom, str):
            factor = values[atom] if atom in values else symbol(atom)
        else:
            factor = substitute(atom.dividend, values) // atom.divisor
        for _ in range(power):
            term = term * factor
    return term


def _too_complex() -> SizeFault:
    """Return the fault of a size beyond the bounds."""
    return SizeFault("size-too-complex", "the size is too large to work with")


def _terms(size: Size) -> Terms:
    """Return the terms of a size; zero has none."""
    if isinstance(size, Polynomial):
        return size.terms
    return {ONE: size} if size else {}


def _size(terms: Terms) -> Size:
    """Return the sum of terms, some of which may be zero."""
    terms = {monomial: coefficient for monomial, coefficient in terms.items() if coefficient}
    return Polynomial(terms) if any(terms) else terms.get(ONE, 0)


def _product(left: Monomial, right: Monomial) -> Monomial:
    """Return the product of two monomials."""
    if not left or not right:
        return left or right
    powers = dict(left)
    for atom, power in right:
        powers[atom] = powers.get(atom, 0) + power
    return frozenset(powers.items())


def _floor(terms: dict[Monomial, int], divisor: int) -> Size:
    """Return ⌊terms / divisor⌋ in its one form; all coefficients are in (0, divisor)."""
    constant = terms.pop(ONE, 0)
    if not terms:
        return 0
    common = gcd(divisor, *terms.values())  # below the divisor, since every coefficient is
    divisor //= common
    constant //= common
    terms = {monomial: coefficient // common for monomial, coefficient in terms.items()}
    if constant:
        terms[ONE] = constant
    inner = {
        monomial: atom
        for monomial, coefficient in terms.items()
        for atom, power in monomial
        if coefficient == power == len(monomial) == 1 and isinstance(atom, Floor)
    }
    if len(inner) == 1:
        ((monomial, (dividend, by)),) = inner.items()
        del terms[monomial]
        return (dividend + by * _size(terms)) // (by * divisor)
    return Polynomial({frozenset({(Floor(Polynomial(terms), divisor), 1)}): 1})
