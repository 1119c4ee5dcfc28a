"""What the author asserts of the facts must hold."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from netspec.diagnostics import Diagnostic, show
from netspec.diagnostics.magnitude import magnitude
from netspec.graph import Facts
from netspec.layers.faults import Details, Path
from netspec.sizes import Known, Polynomial, Size, Work, equal
from netspec.spec import Assertion, Part

if TYPE_CHECKING:
    from netspec.bounds.bounds import Bound

_LONGEST: Final = 200
"""Letters of a help that repeats a fact."""


def check_expectations(part: Part, facts: Facts, work: Work) -> Iterator[Diagnostic]:
    """Yield a fault for each fact that is not as asserted, as far as what is left of `work` decides that."""
    expect = part.claims.expect
    if expect is None:
        return
    path = (*part.claims_path, "expect")
    for word in type(expect).model_fields:
        said = getattr(expect, word)
        if said is None:
            continue
        if word == "fingerprint":
            if said != facts.fingerprint:
                words = "the fingerprint is another: the architecture is not the one that was asserted"
                yield part.document.fault(
                    "expect", path, Details(words, False, (word,), help=f"it is {facts.fingerprint}")
                )
        elif word == "regions":
            yield from _regions(part, path, said, facts)
        elif word == "receptive_field":
            field = facts.receptive_field
            yield from _number(part, path, word, said, None if field is None else max(field), work)
        else:
            yield from _number(part, path, word, said, getattr(facts, word), work)


def _number(part: Part, path: Path, word: str, said: Assertion, found: Size | None, work: Work) -> Iterator[Diagnostic]:
    """Compare an exact fact; a bound is blamed where it stands."""
    if found is None:
        words = f"`{word}` is not a number here, so that no number can be asserted of it"
        yield part.document.fault("expect", path, Details(words, False, (word,), True, help=f"take `{word}` out"))
        return
    meant = f"if the change is meant, write `{word}: {found}`"
    if isinstance(said.exactly, Polynomial):
        numbers = {name: value for name, value in part.scope.values.items() if not isinstance(value, float)}
        known = Known.of(part.comparisons, numbers).within(work)
        if not equal(found, said.exactly, known) and work.left > 0:
            words = f"`{word}` is {_sized(found)}, but {_sized(said.exactly)} is expected"
            yield part.document.fault(
                "expect", path, Details(words, False, (word,), help=meant if len(meant) <= _LONGEST else "")
            )
        return
    if isinstance(found, Polynomial):
        words = f"`{word}` is {_sized(found)}, which hangs on free sizes, so that no number can be asserted of it"
        fits = said.exactly is not None and len(meant) <= _LONGEST
        help_ = f"write `{word}: {found}`" if fits else f"take `{word}` out"
        yield part.document.fault("expect", path, Details(words, False, (word,), True, help=help_))
        return
    for bound, value, holds, words in (
        ((), said.exactly, found == said.exactly, "{} is expected"),
        (("at_least",), said.at_least, said.at_least is None or found >= said.at_least, "at least {} is expected"),
        (("at_most",), said.at_most, said.at_most is None or found <= said.at_most, "at most {} is expected"),
    ):
        if value is not None and not holds:
            text = f"`{word}` is {magnitude(found)}, but {words.format(magnitude(value))}"
            if magnitude(found) == magnitude(value):
                text += f": they differ by {magnitude(abs(found - value))}"
            help_ = "" if bound or magnitude(found)[0] == "≈" else meant
            yield part.document.fault("expect", path, Details(text, False, (word, *bound), help=help_))


def _sized(size: Size) -> str:
    return magnitude(size) if isinstance(size, int) else show(str(size))


def _regions(part: Part, path: Path, said: Assertion, facts: Facts) -> Iterator[Diagnostic]:
    """Compare the proven bounds: `at_least` with the lower, `at_most` with the upper, a number with both."""
    bounds = facts.regions
    if bounds is None:
        words = "the network is not piecewise linear, so nothing is proven of its linear regions"
        yield part.document.fault("expect", path, Details(words, False, ("regions",), True, help="take `regions` out"))
        return
    exactly = said.exactly if isinstance(said.exactly, int) else None  # a number: it hangs on no free size
    for at, value, bound, lower in (
        ((), exactly, bounds.lower, True),
        ((), exactly, bounds.upper, False),
        (("at_least",), said.at_least, bounds.lower, True),
        (("at_most",), said.at_most, bounds.upper, False),
    ):
        if value is None or _holds(value, bound, lower):
            continue
        least = "at least" if lower else "at most"
        asked = least if at else "exactly"
        proven = f"{least} {_bound(bound)} linear regions are proven"
        words = f"{proven}, but {asked} {magnitude(value)} are expected"
        both = f"{_bound(bounds.lower)} and {_bound(bounds.upper)} are proven"
        help_ = "" if at else f"a number asserts both bounds, at least and at most: {both}"
        yield part.document.fault("expect", path, Details(words, False, ("regions", *at), help=help_))
        if not at:
            return


def _holds(value: int, bound: "Bound", lower: bool) -> bool:
    """Whether the bound proves the assertion; where only its logarithm is known, that, rounded outward, must."""
    if bound.value is not None:
        return bound.value >= value if lower else bound.value <= value
    if value <= 0:
        return lower
    digits = len(str(value)) - 1
    return bound.log10 >= digits + 1 if lower else bound.log10 <= digits


def _bound(bound: "Bound") -> str:
    return magnitude(bound.value) if bound.value is not None else f"about 10^{bound.log10:.1f}"
