"""The network with the most regions of its kind: a zig-zag of [0, 1], K times over.

With s = D + 1/2 the zig-zag has its joints at t_i = (2i - 1) / (2D + 1) and slopes 2s, -s, s, …, so that each of its
D + 1 pieces covers [0, 1]. Its units are relu(x - t_i), but for the third, which faces left, relu(t_3 - x), and carries
the first slope; the weights out of them are the slopes' jumps -3s, 2s, -2s, …, and f(0) = 0. Composed K times it has
(D + 1)^K pieces on R, the exact maximum for one input and K layers of D ≥ 3 units.

Source: Montúfar et al. 2014, for folds of [0, 1]; Prince, *Understanding Deep Learning*, problem 4.8, for D = 3.
"""

from fractions import Fraction
from typing import Final

from netspec.constructions import values
from netspec.limits import EXPECTED_DIGITS, WRITTEN_LAYERS

MOST_VALUES: Final = 20_000
"""Values that are written into a spec."""

_MOST_PARTS: Final = (WRITTEN_LAYERS.value - 1) // 2  # each of two layers as written
_NARROWEST: Final = 3
_TURNED: Final = 2  # the index of the unit that faces left


def zigzag(width: int) -> tuple[list[int], list[Fraction], list[Fraction], Fraction]:
    """Return of each unit the slope in, the constant in and the weight out, and the constant of the output."""
    joints = [Fraction(2 * i - 1, 2 * width + 1) for i in range(1, width + 1)]
    slopes = [-1 if i == _TURNED else 1 for i in range(width)]
    s = Fraction(2 * width + 1, 2)
    jumps = [-3 * s, *(2 * s if i % 2 else -2 * s for i in range(1, width))]
    constants = [-slope * joint for slope, joint in zip(slopes, joints, strict=True)]
    return slopes, constants, jumps, -jumps[_TURNED] * joints[_TURNED]


def sawtooth(width: int, depth: int, *, name: str = "", shared: bool = False) -> str:
    """Return the spec of the sawtooth with K = `depth` hidden layers of D = `width` units, its values exact.

    A network of its own parameters in every layer; or `shared`, one zig-zag of 3D + 1 parameters composed with itself K
    times, of any depth to some thousands. Raises ValueError for D below 3, which cannot attain (D + 1)^K, K below 1,
    and more values or parts than a spec holds.
    """
    if width < _NARROWEST:
        raise ValueError(f"D is {width}; a sawtooth needs at least {_NARROWEST} units a layer to turn at every joint")
    if depth < 1:
        raise ValueError(f"K is {depth}; at least 1 hidden layer is needed")
    written = 3 * width + 1 if shared else 3 * width + 1 + (depth - 1) * width * (width + 1)
    if written > MOST_VALUES:
        better = "" if shared else "; composed of one zig-zag that is shared they are fewer"
        raise ValueError(f"a spec of {written:,} values is too long, {MOST_VALUES:,} are the most{better}")
    if shared and depth > _MOST_PARTS:
        raise ValueError(f"K is {depth:,}; {_MOST_PARTS:,} parts are the most")
    return _shared(width, depth, name) if shared else _deep(width, depth, name)


def _head(width: int, depth: int, name: str) -> str:
    regions = f"({width} + 1)^{depth} = {(width + 1) ** depth:,}" if depth < 60 else f"({width} + 1)^{depth}"
    called = f"name: {name}\n" if name else ""
    return (
        f"# A zig-zag of [0, 1] with {width + 1} pieces, {depth} times over: {regions} linear regions on R, the most\n"
        f"# that {depth} hidden layers of {width} units give to one input. Every piece covers [0, 1].\n"
        f"netspec: 1\n{called}input: 1            # D_i\n"
    )


def _expected(width: int, depth: int, parameters: int, *, exactly: bool) -> str:
    facts = [f"parameters: {parameters}", f"capacity: {width * depth}", f"depth: {depth}"]
    if len(str(width + 1)) * depth < EXPECTED_DIGITS.value:
        power = f"{width + 1}**{depth}"
        facts.append(f"regions: {power}" if exactly else f"regions: {{at_most: {power}}}")
    return f"expect: {{{', '.join(facts)}}}\n"


def _deep(width: int, depth: int, name: str) -> str:
    slopes, constants, jumps, shift = zigzag(width)
    lines = [
        _head(width, depth, name),
        f"K: {depth}\nwidths: {width:<12}# D_1 … D_K\noutput: 1           # D_o\ndtype: float64\nparameters:\n",
        f"  β_0: {values.vector(constants, 7)}\n",
        f"  Ω_0: {values.column([Fraction(slope) for slope in slopes], 7)}\n",
    ]
    # Each further layer reads the zig-zag before it: the joints once more, of shift + Σ jumps h.
    rows = [[slope * jump for jump in jumps] for slope in slopes]
    again = [slope * shift + constant for slope, constant in zip(slopes, constants, strict=True)]
    for k in range(1, depth):
        margin = len(f"  β_{k}: ")
        lines.append(f"  β_{k}: {values.vector(again, margin)}\n")
        lines.append(f"  Ω_{k}: {values.matrix(rows, margin)}\n")
    margin = len(f"  β_{depth}: ")
    lines.append(f"  β_{depth}: {values.vector([shift], margin)}\n")
    lines.append(f"  Ω_{depth}: {values.matrix([jumps], margin)}\n")
    parameters = 3 * width + 1 + (depth - 1) * width * (width + 1)
    return "".join(lines) + _expected(width, depth, parameters, exactly=True)


def _shared(width: int, depth: int, name: str) -> str:
    slopes, constants, jumps, shift = zigzag(width)
    entries = values.wrapped(["zigzag"] * depth, 10)
    return (
        _head(width, depth, name)
        + "dtype: float64\nnetworks:\n  zigzag:           # one network: its parameters count once\n    input: 1\n"
        + f"    widths: [{width}]\n    output: 1\n    dtype: float64\n    parameters:\n"
        + f"      β_0: {values.vector(constants, 11)}\n"
        + f"      Ω_0: {values.column([Fraction(slope) for slope in slopes], 11)}\n"
        + f"      β_1: {values.vector([shift], 11)}\n"
        + f"      Ω_1: {values.matrix([jumps], 11)}\n"
        + f"compose: {entries}\noutput: 1           # D_o\n"
        + _expected(width, depth, 3 * width + 1, exactly=False)
    )
