"""How far two networks are apart on a box: at the vertices of the cells that they have together."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.regions.beginnings import beginning
from netspec.regions.cuts import TooMany
from netspec.regions.domains import Domain
from netspec.regions.edges import subdivided
from netspec.regions.growing import Degenerate
from netspec.regions.refining import Block, refined
from netspec.regions.steps import Array, Chain, Linear, jumps, last_reads


class Difference(NamedTuple):
    """The largest |y_f - y_g| of any output on a domain, and an input at which they are so far apart.

    `exact` says that the arithmetic is rational: 0 is then equality. In float64 it is right to rounding. Where an
    activation jumps, the difference at the point is not quite the largest, but not 0 where that is not.
    """

    value: Any
    point: NDArray[Any]
    exact: bool


def difference(f: Chain, g: Chain) -> Chain:
    """Return y_f - y_g as one chain, the input shared. Raises ValueError where the two do not fit."""
    if (f.inputs, f.outputs, f.exact) != (g.inputs, g.outputs, g.exact):
        raise ValueError("the networks differ in their inputs, outputs or arithmetic")
    beyond = 1 + max((step.result for step in f.steps), default=0)

    def moved(value: int) -> int:
        return value + beyond if value else 0

    steps = [*f.steps]
    for step in g.steps:
        operands = tuple(moved(operand) for operand in step.operands)
        steps.append(step._replace(operands=operands, result=moved(step.result)))
    result = beyond + 1 + max((step.result for step in g.steps), default=0)
    steps.append(Linear((f.output, moved(g.output)), result, lambda y: y[0] - y[1], None, ""))
    return Chain(f.inputs, f.outputs, tuple(steps), result, last_reads(steps, result), f.exact)


def largest_difference(f: Chain, g: Chain, domain: Domain, most: int | None = None) -> Difference:
    """Return how far two chains are apart on a bounded domain of up to six dimensions.

    On each cell of both together f - g is affine, and |f - g| largest at a vertex. Raises ValueError for what does not
    fit, TooMany where vertices or parts of cells are more than `most`.
    """
    if not domain.bounded:
        raise ValueError("networks are compared on a bounded domain")
    apart = difference(f, g)
    best: Any = None
    where: NDArray[Any] | None = None
    for points, middles, values in _corners(apart, domain, most):
        sizes = np.abs(values).max(1)
        row = int(np.argmax(sizes))
        if best is None or sizes[row] > best:
            best, where = sizes[row], points[row]
            if middles is not None:
                where = where + (middles[row] - where) / 1024
    if where is None:
        raise ValueError("the domain is empty")
    start = domain.start[:, 0]
    return Difference(best, start[0] + where @ start[1:], f.exact)


def vertices(chain: Chain, domain: Domain, most: int | None = None) -> NDArray[Any]:
    """Return the vertices of a chain's cells on a bounded domain, (vertices, n), some more than once."""
    return np.concatenate([points for points, _, _ in _corners(chain, domain, most)])


_Corners = tuple[NDArray[Any], NDArray[Any] | None, Array]
"""Points (points, n), of their cells a point inside each where a step jumps, and the values there."""


def _corners(chain: Chain, domain: Domain, most: int | None) -> Iterator[_Corners]:
    if domain.dimension > 2:
        try:
            found = subdivided(chain, domain, most)
        except Degenerate:
            pass
        else:
            start = domain.start[:, 0]
            points = found.places[1:].T
            yield points, None, chain.evaluate(start[0] + points @ start[1:])
            return
    begin, start = beginning(domain)
    jump = any(jumps(step) for step in chain.steps)
    total = 0
    for block in refined(chain, begin, start):
        total += len(block.cells)
        if most is not None and total > most:
            raise TooMany(total)
        points, of = _of_block(block, domain.dimension)
        values = block.forms[0][of]
        for axis in range(domain.dimension):
            values = values + block.forms[axis + 1][of] * points[:, axis, None]
        yield points, block.cells.middles()[of] if jump else None, values


def _of_block(block: Block, dimension: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the corners of cells, and of which cell each is."""
    cells = block.cells
    if dimension == 1:
        both = np.concatenate([cells.knots[:-1], cells.knots[1:]])[:, None]
        return both, np.tile(np.arange(len(cells)), 2)
    if dimension == 2:
        offsets, places = cells.corners.offsets, cells.corners.places
        return places[1:].T, np.repeat(np.arange(len(cells)), np.diff(offsets))
    of = np.repeat(np.arange(len(cells)), [len(each.on) for each in cells.each])
    return np.concatenate([each.places[:, 1:] for each in cells.each]), of


def pieces_taken(chain: Chain, domain: Domain, most: int | None = None) -> dict[int, NDArray[np.bool_]]:
    """Return for each step that bends in which pieces each of its elements lies on some cell: (pieces, *shape).

    An element that lies in one piece alone is affine on the whole domain: of a ReLU, dead or always on. It is found in
    the cells, and so misses none. Raises TooMany; ValueError above six dimensions.
    """
    if domain.dimension > 6:
        raise ValueError("cells are made in up to six dimensions")
    seen: dict[int, NDArray[np.bool_]] = {}
    if domain.dimension > 2:
        try:
            subdivided(chain, domain, most, seen)
        except Degenerate:
            seen = {}
        else:
            return seen
    begin, start = beginning(domain)
    total = 0
    for block in refined(chain, begin, start, seen=seen):
        total += len(block.cells)
        if most is not None and total > most:
            raise TooMany(total)
    return seen
