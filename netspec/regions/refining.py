"""From one cell to all: the steps of a chain taken one by one, each cutting the cells that it bends on.

Cells are convex, and on each of them every value is one affine form. A step that bends cuts the cells where a form
crosses one of its points; a step that takes the largest, where two candidates are equal. Deep first and in pieces of
bounded size, so that memory does not grow with the count.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from netspec.regions import rounding
from netspec.regions.overflow import finite
from netspec.regions.rounding import Errors
from netspec.regions.steps import Bend, Chain, Forms, Largest, Linear, chosen, live_elements, pieces_of

Parents = NDArray[np.int64]
Signatures = NDArray[np.uint64]

SOME_CELLS: Final = 8192
"""Cells that are refined together."""

SOME_EXACT_CELLS: Final = 128
"""As many where each takes long, in rationals or as polytopes, so that what is found is told now and then."""

SOME_NUMBERS: Final = 1 << 20
"""Numbers in the forms of cells that are refined together, where the cells are not fewer than `FEW_CELLS`."""

FEW_CELLS: Final = 16

GROWTH: Final = 4
"""How many times the cells refined together one cut may make, before they are taken apart."""


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


@runtime_checkable
class Measured(Cells, Protocol):
    """Cells that are told how far forms of float64 may be from the truth, and that can stop early."""

    def cut_within(self, forms: Forms, errors: Errors | None, most: int | None) -> tuple[Self, Parents, bool]:
        """Return what `cut` does, and whether all forms have cut; they need not, where there are more than `most`.

        `errors` (n + 1, m) are the errors of the forms' numbers, nowhere much larger; None where they are exact.
        """


class Block(NamedTuple):
    """Cells of the whole network, in order: their forms of y (n + 1, cells, outputs), and a signature of each.

    Two cells of one network have the same signature where all their bends lie in the same pieces: they are then parts
    of one cell, which is convex unless a step jumps. `errors` (n + 1, outputs) are those of the forms, where known, and
    `share` is which part of the work they were.
    """

    cells: Any
    forms: Forms
    signatures: Signatures
    errors: Errors | None = None
    share: float = 0.0


Seen = dict[int, NDArray[np.bool_]]
"""For each step that bends, (pieces, *shape): in which of its pieces each element lies on some cell."""


def refined(
    chain: Chain,
    cells: Cells,
    start: Forms,
    some: int = SOME_CELLS,
    seen: Seen | None = None,
    numbers: int = SOME_NUMBERS,
) -> Iterator[Block]:
    """Yield the cells of a chain, given cells of the domain and there the forms (n + 1, cells, inputs) of its input.

    `some` cells are refined together, and no more than have so many `numbers` in their forms. `seen` is filled on the
    way, and is whole when all cells have come.
    """
    yield from leaves(chain, [begun(chain, cells, start, seen)], together(chain, start, some, numbers))


def together(chain: Chain, start: Forms, some: int, numbers: int) -> list[int]:
    """Return how many cells are refined together before each step, and at the end."""
    return [min(some, max(FEW_CELLS, numbers // (len(start) * elements))) for elements in (*live_elements(chain), 1)]


def begun(chain: Chain, cells: Cells, start: Forms, seen: Seen | None = None) -> "Begun":
    """Return the cells of a domain before the first step."""
    errors = None if chain.exact or not isinstance(cells, Measured) else {0: np.zeros(start[:, 0].shape)}
    return 0, _State(cells, {0: start}, np.zeros(len(cells), np.uint64), errors, seen, 1.0)


def leaves(chain: Chain, waiting: "list[Begun]", most: list[int]) -> Iterator[Block]:
    """Yield the cells that some on their way become, the last of those that wait first."""
    while waiting:
        found = advanced(chain, waiting.pop(), most)
        if isinstance(found, Block):
            yield found
        else:
            waiting += reversed(found)


def advanced(chain: Chain, begun: "Begun", most: list[int]) -> "Block | list[Begun]":
    """Return what cells become, or the parts that they are taken apart into where they are more than one goes on with.

    How that is depends on the cells alone, and not on who works on them, or in what order.
    """
    index, state = begun
    while index < len(chain.steps) and len(state.cells) <= most[index]:
        index += _take(chain, index, state, GROWTH * most[index])
    if index == len(chain.steps):
        known = None if state.errors is None else state.errors[chain.output]
        return Block(state.cells, state.values[chain.output], state.signatures, known, state.share)
    parts = range(0, len(state.cells), most[index])
    return [(index, state.part(begin, begin + most[index])) for begin in parts]


class _State:
    """Cells on their way through the steps: what each value is on them, and their signatures.

    `errors` has for each value how far its numbers may be from the truth, (n + 1, *shape); None where nobody asks.
    """

    def __init__(
        self,
        cells: Any,
        values: dict[int, Forms],
        signatures: Signatures,
        errors: dict[int, Errors] | None,
        seen: Seen | None,
        share: float,
    ) -> None:
        self.cells, self.values, self.signatures, self.errors = cells, values, signatures, errors
        self.seen, self.share = seen, share

    def cut(self, forms: Forms, errors: Errors | None, most: int | None, *more: Any) -> tuple[bool, list[Any]]:
        """Cut the cells where forms are zero; return whether all have cut, and what else stands by cells, on axis 1."""
        whole = True
        if isinstance(self.cells, Measured):
            self.cells, parents, whole = self.cells.cut_within(forms, errors, most)
        else:
            self.cells, parents = self.cells.cut(forms)
        self.values = {value: np.take(there, parents, 1) for value, there in self.values.items()}
        self.signatures = self.signatures[parents]
        return whole, [np.take(each, parents, 1) for each in more]

    def sign(self, index: int, piece: NDArray[np.int64]) -> None:
        """Add to the signatures in which piece of a step each cell lies. piece: (cells, elements)."""
        self.signatures = self.signatures + piece.astype(np.uint64) @ unit_weights(index, piece.shape[1])

    def part(self, begin: int, end: int) -> "_State":
        """Return some of the cells with all that is known of them."""
        values = {value: forms[:, begin:end] for value, forms in self.values.items()}
        errors = None if self.errors is None else dict(self.errors)
        cells = self.cells.part(begin, end)
        share = self.share * len(cells) / len(self.cells)
        return _State(cells, values, self.signatures[begin:end], errors, self.seen, share)


def unit_weights(index: int, elements: int) -> Signatures:
    """Return the random numbers that the pieces of step `index` are hashed with, one for each element."""
    return np.random.default_rng(index).integers(0, 2**64, elements, np.uint64)


Begun = tuple[int, _State]
"""Cells on their way, and the number of the step that they stand before."""


def _take(chain: Chain, index: int, state: _State, most: int) -> bool:
    """Take one step: cut the cells where it bends, and give its result its forms on each.

    Return whether it is taken. It is not where the cells, by now more than `most`, are to be cut by it again.
    """
    step = chain.steps[index]
    if isinstance(step, Linear):
        with np.errstate(over="ignore", invalid="ignore"):
            result = step.forms([state.values[operand] for operand in step.operands])
        state.values[step.result] = finite(result)
        if state.errors is not None:
            largest = [rounding.largest(state.values[operand]) for operand in step.operands]
            before = [state.errors[operand] for operand in step.operands]
            state.errors[step.result] = rounding.after_linear(step, before, largest)
    elif isinstance(step, Bend):
        if not _bend(step, index, state, most):
            return False
    else:
        _largest(step, index, state)
    for value in chain.last_read[index]:
        del state.values[value]
        if state.errors is not None:
            del state.errors[value]
    return True


def _bend(step: Bend, index: int, state: _State, most: int) -> bool:
    (operand,) = step.operands
    z = state.values[operand]
    flat = z.reshape(*z.shape[:2], -1)
    error = None if state.errors is None else state.errors[operand].reshape(len(z), -1)
    forms, errors = flat, error
    if step.points != (0,):
        shifted = []
        for point in step.points:
            shifted.append(flat.copy())
            shifted[-1][0] -= point
        forms = np.concatenate(shifted, 2)
        errors = None if error is None else np.concatenate([error] * len(step.points), 1)
    whole, _ = state.cut(forms, errors, most)
    if not whole:
        return False
    z = state.values[operand]
    middles = state.cells.middles()
    height = at(z, middles)
    if error is not None:
        height = _settled(height, step.points, error, middles)
    piece = pieces_of(height, step.points)
    state.sign(index, piece.reshape(len(piece), -1))
    if state.seen is not None:
        here = np.stack([(piece == number).any(0) for number in range(len(step.points) + 1)])
        state.seen[index] = here | state.seen.get(index, False)
    y = chosen(step.slopes, piece)[None] * z
    if step.offsets.any():
        y[0] += chosen(step.offsets, piece)
    state.values[step.result] = y
    if state.errors is not None:
        state.errors[step.result] = np.abs(step.slopes).max(0) * state.errors[operand]
    return True


def _settled(height: NDArray[Any], points: Any, error: Errors, middles: NDArray[Any]) -> NDArray[Any]:
    """Return heights in the middles, (cells, *shape), those that rounding leaves open at a point being on it."""
    most = rounding.doubt(error, np.abs(middles).max(0)[None]).reshape(height.shape[1:])
    for point in points:
        away = np.abs(height - point)
        if (away <= most).any():
            height = np.where(away <= rounding.doubt(error, middles).reshape(height.shape), point, height)
    return height


def _largest(step: Largest, index: int, state: _State) -> None:
    """Compare the largest so far with the next candidate, in all windows at once."""
    (operand,) = step.operands
    best = np.broadcast_to(step.places[:, 0], (1, len(state.cells), len(step.places)))
    error = None if state.errors is None else state.errors[operand].reshape(len(state.errors[operand]), -1)
    widest = None if error is None else error[:, step.places].max(2)
    for column in range(1, step.places.shape[1]):
        place = step.places[:, column]
        flat = state.values[operand].reshape(*state.values[operand].shape[:2], -1)
        ahead = flat[:, :, place] - np.take_along_axis(flat, np.broadcast_to(best, (len(flat), *best.shape[1:])), 2)
        ahead[:, :, place < 0] = 0
        _, (best, ahead) = state.cut(ahead, None if widest is None else 2 * widest, None, best, ahead)
        middles = state.cells.middles()
        lead = at(ahead, middles)
        better = lead > (0 if widest is None else rounding.doubt(2 * widest, middles))
        best = np.where(better | (best[0] < 0), np.where(place >= 0, place, best[0]), best[0])[None]
    flat = state.values[operand].reshape(*state.values[operand].shape[:2], -1)
    state.sign(index, best[0])
    found = np.take_along_axis(flat, np.broadcast_to(best, (len(flat), *best.shape[1:])), 2)
    state.values[step.result] = found.reshape(*found.shape[:2], *step.shape)
    if state.errors is not None and widest is not None:
        state.errors[step.result] = widest.reshape(len(widest), *step.shape)


def at(forms: Forms, points: NDArray[Any]) -> NDArray[Any]:
    """Return forms (n + 1, cells, *shape) at a point of each cell, (cells, n): (cells, *shape)."""
    value: NDArray[Any] = forms[0]
    for axis in range(points.shape[1]):
        value = value + forms[axis + 1] * points[:, axis].reshape(-1, *(1,) * (forms.ndim - 2))
    return value
