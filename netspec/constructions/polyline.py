"""A shallow network through given points, and the narrowest within a distance of them.

With slope jumps s_i at the joints x_i the polyline is

    y = y_0 + Σ sgn(s_i) relu(|s_i| x - x_i |s_i|),

where the first jump, at the first point, is the first piece's slope. So a function of n pieces takes n units, and n - 1
where a piece at an end is level. n - 1 units are the least for n pieces in any case, each making one joint. Where only
the last piece is level, the units face left and begin at the right.

This is the constructive half of universal approximation for one input: any continuous function on an interval is
within ε of some polyline. Source: Prince, *Understanding Deep Learning*, sections 3.2 and 4.1, figure 3.5.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from netspec.constructions import values
from netspec.constructions.approximation import Piecewise, fewest_pieces, interpolant, largest_error
from netspec.constructions.lines import Point
from netspec.constructions.points import Number, as_points

_EXACT_UNITS: Final = 64
"""Units up to which values are written as exact quotients; common denominators of more grow too long to sum."""

_STEPS: Final = 16  # precisions that a curve has at most
_LEVELLED: Final = 2_000  # points up to which a curve's functions are tried with level ends
_SAVING: Final = Fraction(9, 10)  # of the polyline's pieces: with more points the curve ends where so many are needed
_TRUE: Final = Fraction(1001, 1000)  # how far beyond ε rounding may lead


class Drawn(NamedTuple):
    """A shallow network for a function: the text of its spec, and how far it is from the points' polyline.

    pieces are those of the function, units those of the network. error is the largest distance on the interval of the
    points, and error_at_points at them: exact, of the values as they are written.
    """

    text: str
    pieces: int
    units: int
    error: Fraction
    error_at_points: Fraction


class Precision(NamedTuple):
    """A point of the curve of width against precision: the fewest pieces within ε, and the units that they take."""

    within: Fraction
    pieces: int
    units: int


class _Units(NamedTuple):
    """The values of a shallow network: relu(slope x + constant) of each unit, weights ±1, and the output's constant."""

    slopes: list[Fraction]
    constants: list[Fraction]
    weights: list[Fraction]
    shift: Fraction


def polyline(points: "Iterable[tuple[Number, Number]]", *, within: Number | None = None, name: str = "") -> str:
    """Return the spec of a shallow network through the points, in any order, or `within` a distance of the polyline
    through them, everywhere between, with the fewest pieces.

    Raises ValueError for points or a distance without sense, and where float64 cannot hold what they ask for.
    """
    return draw(as_points(points), None if within is None else Fraction(str(within)), name=name).text


def draw(points: Sequence[Point], within: Fraction | None = None, *, name: str = "") -> Drawn:
    """Return the network for exact points with x rising, with what is known of it. Raises ValueError as `polyline`."""
    function = interpolant(points) if within is None else narrowest(points, within)
    exact = _units(function)
    if any(abs(value) > _LARGEST for part in exact[:3] for value in part):
        raise ValueError("a slope between two points is beyond float64: they all but meet")
    written = _as_written(exact)
    meant = _function(written, points[0][0], points[-1][0])
    error = largest_error(points, meant)
    worthless = max(abs(y) for _, y in points) if not within else within * _TRUE
    if error and error >= worthless:
        words = f"the values that such points ask for do not fit float64: rounded, they are {upward(error)} off"
        raise ValueError(f"{words}; points that all but meet in x are better left out")
    at_points = max(abs(meant.at(x) - y) for x, y in points)
    text = _spec(written, points, within, function.pieces, error, name)
    return Drawn(text, function.pieces, len(exact.slopes), error, at_points)


def narrowest(points: Sequence[Point], within: Fraction) -> Piecewise:
    """Return a function of fewest pieces within ε of the polyline, one with a level end where there is such a one.

    A level end saves a unit.
    """
    found = fewest_pieces(points, within)
    if not within or not found.slopes[0] or not found.slopes[-1]:
        return found
    level = fewest_pieces(points, within, flat=True)
    if level.pieces == found.pieces and not level.slopes[0]:
        return level
    mirrored = fewest_pieces([(-x, y) for x, y in reversed(points)], within, flat=True)
    if mirrored.pieces == found.pieces and not mirrored.slopes[0]:
        return Piecewise(tuple((-x, y) for x, y in reversed(mirrored.knots)))
    return found


def precision_curve(
    points: "Iterable[tuple[Number, Number]]", precisions: Iterable[Number] | None = None
) -> tuple[Precision, ...]:
    """Return the width that each precision takes, from coarse to fine.

    Precisions are half the range of y, a quarter, and so on, 16 at most, until the polyline itself is the narrowest;
    unless given. Level ends, which save a unit, are looked for up to 2,000 points; with more of them, each precision
    taking seconds, the curve ends where nine tenths of the polyline's pieces are needed.
    """
    exact = as_points(points)
    whole = interpolant(exact)
    heights = [y for _, y in exact]
    half = (max(heights) - min(heights)) / 2
    given = None if precisions is None else sorted((Fraction(str(each)) for each in precisions), reverse=True)
    found: list[Precision] = []
    for within in [half / 2**i for i in range(_STEPS)] if given is None else given:
        function = narrowest(exact, within) if len(exact) <= _LEVELLED else fewest_pieces(exact, within)
        found.append(Precision(within, function.pieces, len(_units(function).slopes)))
        enough = whole.pieces if len(exact) <= _LEVELLED else _SAVING * whole.pieces
        if given is None and function.pieces >= enough:
            break
    return tuple(found)


_LARGEST: Final = Fraction((2**53 - 1) * 2**971)


def _units(function: Piecewise) -> _Units:
    """Return the units of a function: facing right from the first knot, or left from the last where that saves one."""
    slopes = function.slopes
    rightward = not slopes[-1] and bool(slopes[0])
    if rightward:
        joints = [x for x, _ in function.knots[1:]]
        jumps = [after - before for before, after in zip(slopes, [*slopes[1:], Fraction(0)], strict=True)]
        shift, side = function.knots[-1][1], -1
    else:
        joints = [x for x, _ in function.knots[:-1]]
        jumps = [after - before for before, after in zip([Fraction(0), *slopes[:-1]], slopes, strict=True)]
        shift, side = function.knots[0][1], 1
    kept = [(x, jump) for x, jump in zip(joints, jumps, strict=True) if jump]
    return _Units(
        [side * abs(jump) for _, jump in kept],
        [-side * abs(jump) * x for x, jump in kept],
        [Fraction(1 if jump > 0 else -1) for _, jump in kept],
        shift,
    )


def _as_written(units: _Units) -> _Units:
    """Return the values as the spec's text means them: exact while they are few and short, else rounded once."""
    if len(units.slopes) <= _EXACT_UNITS:
        return _Units(
            [values.as_written(value) for value in units.slopes],
            [values.as_written(value) for value in units.constants],
            units.weights,
            values.as_written(units.shift),
        )
    return _Units(
        [Fraction(float(value)) for value in units.slopes],
        [Fraction(float(value)) for value in units.constants],
        units.weights,
        Fraction(float(units.shift)),
    )


def _function(units: _Units, start: Fraction, end: Fraction) -> Piecewise:
    """Return the function of a network between two points, exactly."""
    bends = sorted(
        (-constant / slope, weight * abs(slope))
        for slope, constant, weight in zip(units.slopes, units.constants, units.weights, strict=True)
        if slope
    )
    slope, y = Fraction(0), units.shift
    for inner, constant, weight in zip(units.slopes, units.constants, units.weights, strict=True):
        z = inner * start + constant
        if z > 0:
            slope += weight * inner
            y += weight * z
    knots, x = [(start, y)], start
    for joint, jump in bends:
        if start < joint < end:
            y += slope * (joint - x)
            x = joint
            if knots[-1][0] != x:
                knots.append((x, y))
            slope += jump
        elif joint == start and not (units.slopes[0] < 0):
            slope += jump
    knots.append((end, y + slope * (end - x)))
    return Piecewise(tuple(knots))


def _spec(
    units: _Units, points: Sequence[Point], within: Fraction | None, pieces: int, error: Fraction, name: str
) -> str:
    start, end = (f"{float(x):g}" for x in (points[0][0], points[-1][0]))
    many = f"{pieces} piece{'' if pieces == 1 else 's'}"
    whole = f"the polyline through {len(points):,} points on [{start}, {end}]"
    if within is None:
        what = f"# {whole[0].upper()}{whole[1:]}: {many}."
    else:
        what = f"# Within {float(within):g} of {whole}: {many}, the fewest."
    lines = [
        what,
        "# Each unit adds a jump of the slope where it begins.",
        f"# Largest distance from the polyline, of these values exactly: {upward(error)}.",
        "netspec: 1",
        *([f"name: {name}"] if name else []),
        "input: 1            # D_i",
    ]
    write = values.text if len(units.slopes) <= _EXACT_UNITS else values.rounded
    count = len(units.slopes)
    if count:
        lines += [
            f"widths: [{count}]",
            "output: 1           # D_o",
            "dtype: float64",
            "parameters:",
            f"  β_0: {values.wrapped([write(value) for value in units.constants], 7)}",
            f"  Ω_0: {values.wrapped([f'[{write(value)}]' for value in units.slopes], 7)}",
            f"  β_1: [{write(units.shift)}]",
            f"  Ω_1: [{values.wrapped([values.text(value) for value in units.weights], 8)}]",
            f"expect: {{parameters: {3 * count + 1}, capacity: {count}, regions: {count + 1}}}",
        ]
    else:
        lines += [
            "K: 0",
            "output: 1           # D_o",
            "dtype: float64",
            "parameters:",
            f"  β_0: [{write(units.shift)}]",
            "  Ω_0: [[0]]",
            "expect: {parameters: 2, capacity: 0, regions: 1}",
        ]
    return "".join(f"{line}\n" for line in lines)


def upward(number: Fraction) -> str:
    """Return a distance with three digits, rounded up; 0 where it is 0."""
    if not number:
        return "0"
    digits = f"{float(number):.2e}"
    while Fraction(digits) < number:
        mantissa, exponent = digits.split("e")
        digits = f"{float(Fraction(mantissa) + Fraction(1, 100)):.2f}e{exponent}"
    return f"{float(digits):g}"
