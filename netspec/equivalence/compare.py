"""Are two models one function? What is cheap and certain comes first, a search last."""

from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.equivalence.box import Box
from netspec.equivalence.cells import apart, floats_near
from netspec.equivalence.chain import Chain, in_chain, is_written, written_chain
from netspec.equivalence.evaluation import effort, function_of, signature, sizes
from netspec.equivalence.identical import identical
from netspec.equivalence.line import largest_difference
from netspec.equivalence.normal_form import AFFORDABLE, cost, equal, normal_form
from netspec.equivalence.search import Found, Function, search
from netspec.equivalence.verdict import Counterexample, Verdict
from netspec.model import Model
from netspec.model.tensors import Held
from netspec.regions.written import near

BOX: Final = (Fraction(-10), Fraction(10))
"""Where is searched unless a box is given: every input from -10 to 10."""

ROUNDING: Final = 1e-9
"""What float64 may cost, of the largest |y| seen and 1: differences below are rounding, where no rationals tell."""

_EXACT_PRODUCTS: Final = 1_000_000
"""Products of short fractions that confirming candidates may take; a second or two."""


class Question(NamedTuple):
    """Where two models are compared, and how: `tolerance` is the |f - g| that counts as none."""

    box: Box | None = None
    tolerance: float = 0.0
    seed: int = 0


def compare(f: Model, g: Model, question: Question = Question()) -> Verdict:  # noqa: B008 - a named tuple
    """Return whether two models are one function, as far as it can be shown.

    In this order: the same operations on the same numbers; one normal form in rationals; with one input the exact
    pieces; over a box of up to six inputs the cells that both have together; and a search for an input that tells them
    apart,
    confirmed in rationals where both are piecewise linear. The functions are those of real numbers: what a program's
    rounding adds is no difference. Raises SystemFault `no-memory`; ValueError for a box of another number of inputs.
    """
    takes = (signature(f), signature(g))
    if takes[0] != takes[1]:
        return Verdict("different", f"one maps {takes[0]}, the other {takes[1]}")
    if identical(f, g):
        return Verdict("equal", "the same operations on the same numbers", "everywhere", 0.0, True)
    chains = in_chain(f), in_chain(g)
    one, other = chains
    if one is not None and other is not None:
        if question.box is not None and len(question.box.low) != one.inputs:
            raise ValueError(f"the box has {len(question.box.low)} sides, and there are {one.inputs} inputs")
        found = _as_written(f, g, question) or _exactly(one, other, question)
        if found is not None:
            return found
    found = _over_cells(f, g, one, other, question)
    return _searched(f, g, one, other, question) if found is None else found


def _exactly(f: Chain, g: Chain, question: Question) -> Verdict | None:
    """Return the verdict that rationals give, None where they give none."""
    domain = one_form(f, g, question.box)
    if domain:
        return Verdict("equal", "both have one normal form, in rationals", domain, 0.0, True)
    if f.inputs == 1:
        return _on_the_line(f, g, question)
    return None


def one_form(f: Chain, g: Chain, box: Box | None) -> str:
    """Return where two chains have one normal form in rationals: everywhere, or in the box; empty where they have not,
    and where that is not affordable.
    """
    if max(cost(f), cost(g)) > AFFORDABLE:
        return ""
    f, g = f.exact(), g.exact()
    if equal(normal_form(f).chain, normal_form(g).chain):
        return "everywhere"
    return f"x in {box}" if box and equal(normal_form(f, box).chain, normal_form(g, box).chain) else ""


def _as_written(f: Model, g: Model, question: Question) -> Verdict | None:
    """Return the verdict that two models are one function by the numbers that specs write; None where they are not."""
    if not (is_written(f) or is_written(g)):
        return None
    one, other = written_chain(f), written_chain(g)
    words = "as their numbers are written, in rationals"
    domain = one_form(one, other, question.box)
    if domain:
        return Verdict("equal", f"both have one normal form, {words}", domain, 0.0, True)
    found = _on_the_line(one, other, question) if one.inputs == 1 else None
    if found is None or found.outcome != "equal":
        return None
    return found._replace(grounds=f"their pieces are the same, {words}")


def _on_the_line(f: Chain, g: Chain, question: Question) -> Verdict | None:
    left, right = (question.box.low[0], question.box.high[0]) if question.box else (None, None)
    found = largest_difference(f, g, left, right)
    if found is None:
        return None
    domain = f"x in {question.box}" if question.box else "everywhere"
    if found.largest == 0:
        return Verdict("equal", "their pieces are the same, in rationals", domain, 0.0, True)
    if found.largest is None:
        grounds = "their last slopes differ, in rationals, so that |f - g| grows without bound"
        return Verdict("different", grounds, domain, None, True, _example(f, g, _float_near(f, g, found.x)))
    largest = _float(found.largest)
    if found.largest <= Fraction(question.tolerance):
        grounds = f"|f - g| is at most {near(found.largest, 3)}, from their pieces in rationals"
        return Verdict("within tolerance", grounds, domain, largest, True)
    grounds = f"|f - g| is at most {near(found.largest, 3)}, from their pieces in rationals"
    example = _example(f, g, _float_near(f, g, found.x))
    return Verdict("different", grounds, domain, largest, True, example)


def _over_cells(f: Model, g: Model, one: Chain | None, other: Chain | None, question: Question) -> Verdict | None:
    """Return the verdict that cells give, first by the numbers that specs write; None where they give none."""
    written = any(isinstance(source, Held) and source.written for each in (f, g) for source in each.sources.values())
    found = apart(f, g, question.box)
    if found is not None and found.value != 0 and written:
        as_written = apart(f, g, question.box, decimal=True)
        if as_written is not None and as_written.exact and as_written.value == 0:
            found = as_written._replace(words=f"{as_written.words}, as their numbers are written")
    if found is None or (not found.exact and found.value > question.tolerance):
        return None  # the search looks there too, and confirms what it finds
    largest = _float(found.value)
    seen = Verdict("equal", "", f"x in {question.box}", largest, found.exact)
    if found.exact and found.value == 0:
        return seen._replace(grounds=f"they agree {found.words}")
    grounds = f"|f - g| is at most {near(found.value, 3)} {found.words}"
    if not found.exact:
        return seen._replace(outcome="no difference found", grounds=f"{grounds}, where rounding is part of it")
    if found.value <= Fraction(question.tolerance):
        return seen._replace(outcome="within tolerance", grounds=grounds)
    beside = tuple(map(Fraction, floats_near(found.x).tolist()))
    example = _example(one, other, beside) if one is not None and other is not None else _computed(f, g, beside)
    return seen._replace(outcome="different", grounds=grounds, counterexample=example)


def _computed(f: Model, g: Model, x: tuple[Fraction, ...]) -> Counterexample:
    """Return what both programs give for x, in float64."""
    row = np.array([list(map(float, x))])
    first, second = _row(function_of(f)(row)), _row(function_of(g)(row))
    apart_by = max(abs(a - b) for a, b in zip(first, second, strict=True))
    return Counterexample(tuple(row[0].tolist()), first, second, float(apart_by), False)


def _float_near(f: Chain, g: Chain, x: Fraction) -> tuple[Fraction, ...]:
    """Return a float64 near x where f and g differ too, so that it can be typed; x itself where there is none."""
    nearest = _float(x)
    for candidate in (nearest, float(np.nextafter(nearest, -np.inf)), float(np.nextafter(nearest, np.inf))):
        if not np.isfinite(candidate):
            continue
        exact = (Fraction(candidate),)
        if f.value(exact) != g.value(exact):
            return exact
    return (x,)


def _searched(f: Model, g: Model, one: Chain | None, other: Chain | None, question: Question) -> Verdict:
    inputs = sizes(f)
    if inputs is None:
        grounds = "only networks that read real numbers of known sizes are searched for a difference"
        return Verdict("no difference found", grounds)
    box = Box.of([BOX], inputs) if question.box is None else question.box
    if len(box.low) != inputs:
        raise ValueError(f"the box has {len(box.low)} sides, and there are {inputs} inputs")
    low, high = box.bounds()
    spent = effort(f, g)
    narrow = "float32" in (f.dtype, g.dtype)
    first, second = function_of(f), function_of(g)
    found = search(first, second, low, high, seed=question.seed, batch=spent.batch, effort=spent.share, narrow=narrow)
    best = _confirmed(found, one, other, first, second)
    largest = 0.0 if best is None else best.difference
    seen = Verdict("different", "", f"x in {box}", largest, points=found.points, lines=found.lines)
    if best is not None and largest > question.tolerance and (best.exact or largest > _rounding(found)):
        return seen._replace(grounds="an input that tells them apart", counterexample=best)
    if best is not None and not best.exact and question.tolerance < largest:
        grounds = f"what was seen, {largest:.3g}, is no more than rounding in float64 may make"
    elif question.tolerance and largest:
        grounds = f"none above {question.tolerance:g}; the largest seen is {largest:.3g}"
    else:
        grounds = "which does not show that there is none"
    return seen._replace(outcome="no difference found", grounds=grounds)


def _rounding(found: Found) -> float:
    return ROUNDING * max(1.0, found.scale)


def _confirmed(found: Found, one: Chain | None, other: Chain | None, f: Function, g: Function) -> Counterexample | None:
    """Return the input that tells most apart, in rationals where both are piecewise linear and small enough."""
    exact = (
        one is not None
        and other is not None
        and one.piecewise_linear()
        and other.piecewise_linear()
        and max(_value_cost(one), _value_cost(other)) * len(found.best) <= _EXACT_PRODUCTS
    )
    if exact and one is not None and other is not None:
        examples = [_example(one.exact(), other.exact(), tuple(map(Fraction, x.tolist()))) for x in found.best]
        return max(examples, key=lambda example: example.difference)
    if not len(found.best) or not found.differences[0]:
        return None
    x = found.best[:1]
    with np.errstate(all="ignore"):
        first, second = _row(f(x)), _row(g(x))
    return Counterexample(tuple(x[0].tolist()), first, second, float(found.differences[0]), False)


def _value_cost(chain: Chain) -> int:
    """Return about how many products of short fractions one value costs; they get longer from layer to layer."""
    return chain.parameters * (10 + len(chain.stages)) // 10


def _row(y: NDArray[Any]) -> tuple[float, ...]:
    return tuple(y[0].tolist())


def _example(f: Chain, g: Chain, x: tuple[Fraction, ...]) -> Counterexample:
    first, second = f.value(x), g.value(x)
    apart = max(abs(a - b) for a, b in zip(first, second, strict=True))
    return Counterexample(_floats(x), _floats(first), _floats(second), _float(apart), True)


def _floats(values: tuple[Fraction, ...]) -> tuple[float, ...]:
    return tuple(_float(value) for value in values)


def _float(value: Fraction | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
