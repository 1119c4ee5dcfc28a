"""Spend one budget of parameters on networks of different depth, and see what depth buys.

    python examples/budget.py 471

For each depth, the widest network of one input and one output that fits, and how many linear regions it can have. All
of it is inferred: no array is made.
"""

import sys
from bisect import bisect_right

import netspec


def main(budget: int) -> None:
    """Print a table of the widest networks that fit the budget."""
    print(f"{budget:,} parameters\n\n depth  width  parameters  hidden units  linear regions")
    for depth in (1, 2, 3, 5, 8, 12):
        width = widest(depth, budget)
        if width == 0:
            print(f"{depth:6}  none fits")
            continue
        facts = network(depth, width).facts
        regions = facts.regions
        most = "" if regions is None else f"10^{regions.upper.log10:.1f}"
        print(f"{depth:6}{width:7}{facts.parameters:12,}{facts.capacity:14,}{most:>16}")


def network(depth: int, width: int) -> netspec.Network:
    """Return the network of so many equal hidden layers."""
    return netspec.Network(input=1, K=depth, widths=width, output=1)


def widest(depth: int, budget: int) -> int:
    """Return the largest width whose parameters fit; 0 where none does."""
    return bisect_right(range(1, budget + 1), budget, key=lambda width: network(depth, width).facts.parameters)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].isdecimal():
        sys.exit("usage: python examples/budget.py PARAMETERS")
    main(int(sys.argv[1]))
