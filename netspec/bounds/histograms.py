"""How many cells of one layer can keep how many dimensions: Serra's count and Hinz's.

A ReLU layer of n units cuts its d-dimensional input into cells. On a cell with k inactive units the output has at most
min(d, n - k) dimensions, and fewer dimensions are cut into fewer regions by the layers above. So what bounds the whole
network is F(n, d, k), the most cells that have at most k inactive units, whatever the hyperplanes and whichever side of
each is active. Both counts here give a histogram over k whose partial sums are at least F.

**Serra**, Tjandraatmadja & Ramalingam 2018, theorem 1: at most C(n, k) cells have exactly k inactive units, and there
are at most Σ_{j ≤ d} C(n, j) cells; so C(n, k) for k ≤ d. With b breakpoints and all pieces but one constant it reads
C(n, k) b^k: which k units are inactive, and on which of their b constant pieces.

**Hinz** 2021 (activation histograms), one breakpoint:

* d = 0: one cell. d ≥ n: C(n, k).
* d = 1: 1, 2, 2, … until n + 1 are spent. Of the points between the outermost two cells that have at most k inactive
  units each is inactive in one of them, so there are at most 2k, and 2k + 1 cells.
* d = 2: 1, n, n, … until 1 + n + C(n, 2) are spent, that is F(n, 2, k) ≤ 1 + kn. Proof. Moving the lines a little into
  general position loses no cell. Now move every line away from its active side at unit speed. A triangle vanishes
  where three lines meet, and its opposite appears. The three unit normals, taken toward the active sides, then have a
  relation Σ μ_i ν_i = 0 with Σ μ_i = 1, the vanishing triangle having the units of positive μ inactive, the new one
  the others. One positive μ alone is impossible: then μ_1 = |μ_2 ν_2 + μ_3 ν_3| ≤ |μ_2| + |μ_3|, and Σ μ_i ≤ 0. So two
  inactive units become one, or three none: the number of cells with at most k inactive units never falls. In the end
  some point o is active for all units. The union of those cells is then starlike about o, so by Euler's formula their
  number is 1 + e - v, for the e edges and v vertices inside the union. A line with e' such edges in c intervals
  carries e' - c such vertices, each shared by two lines, and e' + c ≤ 2k: from the first edge to the last there are at
  most 2(k - 1) + 1 by the case d = 1, and at least c - 1 of them are gaps. So 1 + e - v = 1 + Σ (e' + c) / 2 ≤ 1 + kn.
* d ≥ 3: F(n, d, k) ≤ F(n - 1, d, k) + F(n - 1, d - 1, k - 1). Put one hyperplane back: every cell of the others is at
  best on its active side, and those that it cuts, at most as many as cells on it, gain a part on its inactive side.
"""

from itertools import accumulate
from math import comb
from typing import TypeAlias

from netspec.bounds.arrangements import terms

Rows: TypeAlias = list[list[int]]
"""A row for each dimension d = start … high; its entry i counts the cells left with low + i dimensions, up to d."""


def serra_rows(units: int, breakpoints: int, low: int, start: int, high: int) -> Rows:
    """Return Serra's cells by dimensions left, for d = start … high ≤ units."""
    counts = terms(units, high, breakpoints)
    sums = list(accumulate(counts))
    rows = []
    for d in range(start, high + 1):
        kept = min(d, units - d)  # with up to so many inactive units all d dimensions are left
        fewer = [counts[units - a] if units - a <= d else 0 for a in range(low, d)]
        rows.append([*fewer, sums[kept]])
    return rows


def hinz_rows(units: int, low: int, start: int, high: int) -> Rows:
    """Return Hinz's cells by dimensions left, for d = start … high ≤ units."""
    sums = list(accumulate(terms(units, high, 1)))
    rows = []
    for d in range(start, high + 1):
        fewer = [inactive_cells(units, d, units - a) for a in range(low, d)]
        rows.append([*fewer, sums[d] - sum(fewer)])
    return rows


def inactive_cells(units: int, dimension: int, inactive: int) -> int:
    """Return the entry of Hinz's histogram: cells with exactly `inactive` of n units inactive, in d dimensions.

    For d ≥ 3 the recursion is solved. Each way from (n, d) down to (m, 2) puts d - 2 of n - m hyperplanes back with a
    cut, the last of them for certain: C(n - m - 1, d - 3) ways, each with d - 2 units more inactive. The two sums over
    m, from Σ_{m ≥ q} m C(n - m - 1, s) = q C(n - q, s + 1) + C(n - q, s + 2), are what stands in the last line; k' =
    inactive - d + 2, q = 2k' - 1 is the least m with m cells of k' inactive units, and m = q - 1 has half as many.
    """
    n, d, k = units, dimension, inactive
    if k > n:
        return 0
    if d >= n or k < d:
        return comb(n, k)
    if d == 0:
        return int(k == 0)
    q = 2 * (k - d + 2) - 1
    if d == 1:
        return max(0, min(2, n + 2 - 2 * k))
    if d == 2:
        return n if n >= q else n // 2 * (n == q - 1)
    if q > n:
        return 0
    return q * comb(n - q, d - 2) + comb(n - q, d - 1) + (q - 1) // 2 * comb(n - q, d - 3)
