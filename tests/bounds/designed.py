"""Networks built to have many regions: those that the lower bound speaks of, and the known worst and best cases."""

import random
from collections.abc import Sequence
from fractions import Fraction

from tests.bounds.exhaustive import Layer, layer


def zigzag(units: int) -> tuple[list[tuple[int, Fraction]], list[Fraction], Fraction]:
    """Return the units (slope and constant in), their weights out, and a constant: a zig-zag of [0, 1] by ReLU units.

    units + 1 pieces for 3 and more, else as many as units; every piece covers [0, 1].
    """
    if units < 3:
        joints = [Fraction(i, units) for i in range(units)]
        return [(1, -t) for t in joints], [Fraction(units) * (1 if i == 0 else -2) for i in range(units)], Fraction(0)
    c = units + Fraction(1, 2)
    joints = [Fraction(2 * i - 1, 2 * units + 1) for i in range(1, units + 1)]
    out = [-3 * c] + [2 * c * (-1) ** i for i in range(2, units + 1)]
    turned = [(-1, joints[2]) if i == 2 else (1, -t) for i, t in enumerate(joints)]
    return turned, out, -joints[2] * out[2]


def folded(m: int, widths: Sequence[int], seed: int = 0) -> list[Layer]:
    """Return the network of the lower bound: all hidden layers but the last fold m coordinates, the last cuts.

    m is 1 or 2. In two dimensions the last layer's lines touch a small circle about the middle.
    """
    identity = layer([[int(i == j) for j in range(m)] for i in range(m)], [0] * m)
    layers: list[Layer] = []
    reading = identity  # the affine map from the layer before to the coordinates
    for width in widths[:-1]:
        rows, bias = [], []
        out = [[Fraction(0)] * width for _ in range(m)]
        constants = []
        at = 0
        for i in range(m):
            units, weights, constant = zigzag(width // m + (i < width % m))
            for (slope, shift), weight in zip(units, weights, strict=True):
                rows.append([Fraction(slope) * x for x in reading.rows[i]])
                bias.append(Fraction(slope) * reading.bias[i] + shift)
                out[i][at] = weight
                at += 1
            constants.append(constant)
        layers.append(layer(rows, bias))
        reading = layer(out, constants)
    drawn = random.Random(seed)
    rows, bias = [], []
    for i in range(widths[-1]):
        cut = cutting_line(m, i, widths[-1])
        # two of the lines look away from each other, so that no cell is flat on all of them
        cut = [-x for x in cut] if i == widths[-1] // 2 and widths[-1] > m else cut
        rows.append([dot(cut, column) for column in zip(*reading.rows, strict=True)])
        bias.append(cut[m] + dot(cut, reading.bias))
    layers.append(layer(rows, bias))
    layers.append(layer([[drawn.randint(1, 99) for _ in range(widths[-1])]], [0]))
    return layers


def cutting_line(m: int, index: int, count: int) -> list[Fraction]:
    """Return slopes and constant of the index-th of `count` hyperplanes in general position that cut the unit cube."""
    if m == 1:
        return [Fraction(1), -Fraction(index + 1, count + 1)]
    t = Fraction(2 * index - count + 1, count) + Fraction(1, 7)  # a rational point of a half circle
    a, b = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    return [a, b, -(a + b) / 2 - Fraction(1, 50 + index)]


def dot(cut: Sequence[Fraction], column: Sequence[Fraction]) -> Fraction:
    """Return Σ cut_i column_i; the cut's constant, its last number, is left out."""
    return sum((a * b for a, b in zip(cut[:-1], column, strict=True)), Fraction(0))
