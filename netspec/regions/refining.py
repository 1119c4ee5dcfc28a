"""From one cell to all: the steps of a chain taken one by one, each cutting the cells that it bends on.

Cells are convex, and on each of them every value is one affine form. A step that bends cuts the cells where a form
crosses one of its points; a step that takes the largest, where two candidates are equal. Deep first and in pieces of
bounded size, so that memory does not grow with the count.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from netspec.regions.steps import Bend, Chain, Forms, Largest, Linear, chosen, pieces_of

Parents = NDArray[np.int64]
Signatures = NDArray[np.uint64]

SOME_CELLS: Final = 8192
"""Cells that are refined together."""


class Cells(Protocol):
    """Convex cells in n dimensions, in an order that refining keeps: the children of a cell stand together."""

    def __len__(self) -> int:
        """Return how many cells there are."""

    def cut(self, forms: Forms) -> tuple[Self, Parents]:
        """Return the cells cut where forms (n + 1, cells, m) are zero, and for each the cell that it was.

        A form that is zero on the whole cell, or touches it without entering, cuts nothing.
        """

    def middles(self) -> NDArray[Any]:
        """Return a point in the interior of each cell, (cells, n)."""

    def part(self, start: int, stop: int) -> Self:
        """Return some of the cells."""


class Block(NamedTuple):
    """Cells of the whole network, in order: their forms of y (n + 1, cells, outputs), and a signature of each.

    Two cells of one network have the same signature where all their bends lie in the same pieces: they are then parts
    of one cell, which is convex unless a step jumps.
    """

    cells: Any
    forms: Forms
    signatures: Signatures


def refined(chain: Chain, cells: Cells, start: Forms, some: int = SOME_CELLS) -> Iterator[Block]:
    """Yield the cells of a chain, given cells of the domain and there the forms (n + 1, cells, inputs) of its input."""
    waiting = [(0, _State(cells, {0: start}, np.zeros(len(cells), np.uint64)))]
    while waiting:
        index, state = waiting.pop()
        while index < len(chain.steps) and len(state.cells) <= some:
            _take(chain, index, state)
            index += 1
        if index == len(chain.steps):
            yield Block(state.cells, state.values[chain.output], state.signatures)
        else:
            parts = range(0, len(state.cells), some)
            waiting += [(index, state.part(begin, begin + some)) for begin in reversed(parts)]


class _State:
    """Cells on their way through the steps: what each value is on them, and their signatures."""

    def __init__(self, cells: Any, values: dict[int, Forms], signatures: Signatures) -> None:
        self.cells, self.values, self.signatures = cells, values, signatures

    def cut(self, forms: Forms, *more: Any) -> list[Any]:
        """Cut the cells where forms are zero; return what else stands by cells, (…, cells, …) on its axis 1."""
        self.cells, parents = self.cells.cut(forms)
        self.values = {value: there[:, parents] for value, there in self.values.items()}
        self.signatures = self.signatures[parents]
        return [each[:, parents] for each in more]

    def sign(self, index: int, piece: NDArray[np.int64]) -> None:
        """Add to the signatures in which piece of a step each cell lies. piece: (cells, elements)."""
        weights = np.random.default_rng(index).integers(0, 2**64, piece.shape[1], np.uint64)
        self.signatures = self.signatures + piece.astype(np.uint64) @ weights

    def part(self, begin: int, end: int) -> "_State":
        """Return some of the cells with all that is known of them."""
        values = {value: forms[:, begin:end] for value, forms in self.values.items()}
        return _State(self.cells.part(begin, end), values, self.signatures[begin:end])


def _take(chain: Chain, index: int, state: _State) -> None:
    """Take one step: cut the cells where it bends, and give its result its forms on each."""
    step = chain.steps[index]
    if isinstance(step, Linear):
        state.values[step.result] = step.forms([state.values[operand] for operand in step.operands])
    elif isinstance(step, Bend):
        _bend(step, index, state)
    else:
        _largest(step, index, state)
    for value in chain.last_read[index]:
        del state.values[value]


def _bend(step: Bend, index: int, state: _State) -> None:
    (operand,) = step.operands
    z = state.values[operand]
    shifted = []
    for point in step.points:
        shifted.append(z.reshape(*z.shape[:2], -1).copy())
        shifted[-1][0] -= point
    state.cut(np.concatenate(shifted, 2))
    z = state.values[operand]
    piece = pieces_of(at(z, state.cells.middles()), step.points)
    state.sign(index, piece.reshape(len(piece), -1))
    y = chosen(step.slopes, piece)[None] * z
    y[0] += chosen(step.offsets, piece)
    state.values[step.result] = y


def _largest(step: Largest, index: int, state: _State) -> None:
    """Compare the largest so far with the next candidate, in all windows at once."""
    (operand,) = step.operands
    best = np.broadcast_to(step.places[:, 0], (1, len(state.cells), len(step.places)))
    for column in range(1, step.places.shape[1]):
        place = step.places[:, column]
        flat = state.values[operand].reshape(*state.values[operand].shape[:2], -1)
        ahead = flat[:, :, place] - np.take_along_axis(flat, np.broadcast_to(best, (len(flat), *best.shape[1:])), 2)
        ahead[:, :, place < 0] = 0
        best, ahead = state.cut(ahead, best, ahead)
        better = at(ahead, state.cells.middles()) > 0
        best = np.where(better | (best[0] < 0), np.where(place >= 0, place, best[0]), best[0])[None]
    flat = state.values[operand].reshape(*state.values[operand].shape[:2], -1)
    state.sign(index, best[0])
    found = np.take_along_axis(flat, np.broadcast_to(best, (len(flat), *best.shape[1:])), 2)
    state.values[step.result] = found.reshape(*found.shape[:2], *step.shape)


def at(forms: Forms, points: NDArray[Any]) -> NDArray[Any]:
    """Return forms (n + 1, cells, *shape) at a point of each cell, (cells, n): (cells, *shape)."""
    value: NDArray[Any] = forms[0]
    for axis in range(points.shape[1]):
        value = value + forms[axis + 1] * points[:, axis].reshape(-1, *(1,) * (forms.ndim - 2))
    return value
