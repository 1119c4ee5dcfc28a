"""Fold a line with one network, bend what is folded with another, and look at the joints of both together.

    python examples/fold_a_line.py

The networks are those of figure 4.1 in Prince, Understanding Deep Learning: three linear regions on [-1, 1] each, and
nine once they are composed.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np

import netspec

FOLDER = Path(__file__).parents[1] / "specs" / "figure_4_1"


def main() -> None:
    """Print the composed network's facts and its linear regions on [-1, 1]."""
    network = netspec.load(FOLDER / "composed.yaml")
    print(network)
    for name, shape in network.shapes.items():
        print(f"  {name:<13} {' × '.join(map(str, shape))}")
    bounds = network.facts.regions
    if bounds is not None:
        print(f"at most {bounds.upper.value} linear regions, by {bounds.upper.source}\n")

    model = network.build(dtype="float64")
    x = np.linspace(-1, 1, 4001)
    pieces = lines(x, model(x))
    joints = [round((a0 - b0) / (b1 - a1), 9) + 0.0 for (a0, a1), (b0, b1) in pairwise(pieces)]
    print("     from       to    slope")
    for (left, right), (_, slope) in zip(pairwise([-1.0, *joints, 1.0]), pieces, strict=True):
        print(f"{left:9.4f}{right:9.4f}{slope:9.4f}")
    print(f"{len(pieces)} linear regions on [-1, 1]")


def lines(x: np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
    """Return intercept and slope of each straight stretch through the points: where three in a row are on a line."""
    slopes = np.diff(y) / np.diff(x)
    found: list[tuple[float, float]] = []
    for i in range(1, len(slopes)):
        straight = abs(slopes[i] - slopes[i - 1]) < 1e-9
        if straight and (not found or abs(slopes[i] - found[-1][1]) > 1e-6):
            found.append((float(y[i] - slopes[i] * x[i]), float(slopes[i])))
    return found


if __name__ == "__main__":
    main()
