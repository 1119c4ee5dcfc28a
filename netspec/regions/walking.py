"""From stretches of a line to the stretches of a whole network: its moves taken one by one, each cutting as it bends.

Deep first and in pieces of bounded size: the stretches that a cut makes get their forms only when it is their turn, so
that what waits is a few arrays for each move, however many stretches there are in the end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from netspec.regions.crossings import Cut, crossing, cut, shifted
from netspec.regions.line import Line, Value, bent, linear, middles
from netspec.regions.steps import Bend, Chain, Largest, Linear


class Compare(NamedTuple):
    """Compare the leading element of each window with the one in a column of its places."""

    step: Largest
    column: int


class Choose(NamedTuple):
    """Take the elements that lead."""

    step: Largest


Move: TypeAlias = Linear | Bend | Compare | Choose


class Moves(NamedTuple):
    """A chain as moves, the values that no move after each reads, and whether signatures are to be kept."""

    chain: Chain
    moves: tuple[Move, ...]
    last_read: tuple[tuple[int, ...], ...]
    signed: bool


def moves_of(chain: Chain, *, signed: bool = False) -> Moves:
    """Return the moves of a chain; signatures are kept where asked for, and where stretches are no cells without."""
    moves: list[Move] = []
    done: list[tuple[int, ...]] = []
    for step, last in zip(chain.steps, chain.last_read, strict=True):
        if isinstance(step, Largest):
            moves += [Compare(step, column) for column in range(1, step.places.shape[1])]
            moves.append(Choose(step))
        else:
            moves.append(step)
        done += [()] * (len(moves) - len(done) - 1)
        done.append(last)
    largest = any(isinstance(step, Largest) for step in chain.steps)
    return Moves(chain, tuple(moves), tuple(done), signed or largest)


class Part(NamedTuple):
    """Stretches that stand before a move; `share` is what part of the whole domain they are taken to be.

    `made` is the cut that makes them out of `line`, of which they are those from `begin` to `end`; None where they are
    those of `line`.
    """

    at: int
    line: Line
    share: float
    made: Cut | None = None
    begin: int = 0
    end: int = 0


class Walk:
    """The way of some parts through the moves. `unsure` counts what float64 could not tell on it so far."""

    def __init__(self, moves: Moves, some: int) -> None:
        self.moves, self.some = moves, some
        self.unsure = 0

    def leaves(self, parts: Sequence[Part], stop: int) -> Iterator[Part]:
        """Yield parts of at most `some` stretches that stand before move `stop`, in the order of the line."""
        waiting = [*reversed(parts)]
        while waiting:
            part = waiting.pop()
            if part.at == stop and part.made is None:
                yield part
                continue
            after = self._advanced(part, stop)
            waiting += reversed(after)

    def _advanced(self, part: Part, stop: int) -> list[Part]:
        """Return what a part becomes: itself before `stop`, or the parts that the next cut makes."""
        index, line, share = part.at, part.line, part.share
        if part.made is not None:
            line = self._cut_out(index, line, part.made, part.begin, part.end)
            index += 1
        while index < stop:
            move = self.moves.moves[index]
            if isinstance(move, Linear):
                line.values[move.result] = linear(move, [line.values[operand] for operand in move.operands])
                line = self._dropped(index, line)
            elif isinstance(move, Choose):
                line = self._chosen(move.step, index, line)
            else:
                made = self.made(move, line)
                self.unsure += made.unsure
                total = len(made.knots) - 1
                if total > self.some:
                    count = -(-total // self.some)
                    ends = [total * number // count for number in range(count + 1)]
                    return [Part(index, line, share / count, made, begin, end) for begin, end in pairwise(ends)]
                line = self._cut_out(index, line, made, 0, total)
            index += 1
        return [Part(stop, line, share)]

    def made(self, move: Move, line: Line) -> Cut:
        """Return how a move cuts stretches."""
        if isinstance(move, Bend):
            z = line.values[move.operands[0]]
            found = [crossing(shifted(z, point), line.knots, line.blur) for point in move.points]
        elif isinstance(move, Compare):
            found = [crossing(self._ahead(move, line), line.knots, line.blur)]
        else:
            found = []
        return cut(found, line.knots, line.blur)

    def _cut_out(self, index: int, line: Line, made: Cut, begin: int, end: int) -> Line:
        """Return stretches that a move makes, its result among their values."""
        move = self.moves.moves[index]
        if len(made.knots) == len(line.knots):
            after = replace(line, values=dict(line.values)) if end - begin == len(line) else line.part(begin, end)
        else:
            parents = made.parents(begin, end)
            after = Line(
                made.knots[begin : end + 1],
                made.blur[begin:end],
                {number: value.take(parents) for number, value in line.values.items()},
                None if line.signatures is None else line.signatures[parents],
                None if line.best is None else line.best[:, parents],
            )
        middle = middles(after.knots)
        if isinstance(move, Compare):
            return self._leading(move, after, middle)
        if not isinstance(move, Bend):
            return after
        doubtful = made.touches or made.merged
        after.values[move.result], piece = bent(move, after.values[move.operands[0]], middle, doubtful)
        return self._dropped(index, self._signed(index, after, piece))

    def _signed(self, index: int, line: Line, piece: NDArray[Any]) -> Line:
        """Return the stretches with their signatures, to which the pieces that a move lies in are added."""
        if not self.moves.signed:
            return line
        flat = piece.reshape(-1, piece.shape[-1]).astype(np.uint64)
        weights = np.random.default_rng(index).integers(0, 2**64, len(flat), np.uint64)
        before = np.zeros(len(line), np.uint64) if line.signatures is None else line.signatures
        return replace(line, signatures=before + (weights @ flat).astype(np.uint64))

    def _dropped(self, index: int, line: Line) -> Line:
        for number in self.moves.last_read[index]:
            del line.values[number]
        return line

    def _best(self, step: Largest, line: Line) -> NDArray[np.int64]:
        if line.best is not None:
            return line.best
        return np.repeat(step.places[:, :1], len(line), 1)

    def _ahead(self, move: Compare, line: Line) -> Value:
        """Return by how much the elements of a column are above those that lead; 0 where there is none."""
        best, place = self._best(move.step, line), move.step.places[:, move.column]
        value = line.values[move.step.operands[0]]
        none = (place < 0)[:, None] | (best < 0)
        forms = value.forms.reshape(2, -1, len(line))
        there, here = forms[:, np.maximum(place, 0)], _taken(forms, best)
        ahead = np.where(none, there - there, there - here)
        if value.errors is None:
            return Value(ahead, None)
        errors = value.errors.reshape(forms.shape)
        reach = errors[:, np.maximum(place, 0)] + _taken(errors, best) + np.abs(ahead) * 2.0**-53
        return Value(ahead, np.where(none | (ahead == 0).all(0), 0.0, reach))

    def _leading(self, move: Compare, line: Line, middle: Any) -> Line:
        best, place = self._best(move.step, line), move.step.places[:, move.column, None]
        ahead = self._ahead(move, line).forms
        better = (ahead[1] * middle + ahead[0] > 0) | (best < 0)
        return replace(line, best=np.where((place >= 0) & better, place, best))

    def _chosen(self, step: Largest, index: int, line: Line) -> Line:
        best = self._best(step, line)
        value = line.values[step.operands[0]]
        shape = (2, *step.shape, len(line))
        forms = _taken(value.forms.reshape(2, -1, len(line)), best).reshape(shape)
        errors = None
        if value.errors is not None:
            errors = _taken(value.errors.reshape(2, -1, len(line)), best).reshape(shape)
        line.values[step.result] = Value(forms, errors)
        return self._dropped(index, self._signed(index, replace(line, best=None), best))


def _taken(forms: Any, best: NDArray[np.int64]) -> Any:
    """Return forms[:, best[j]] on each stretch. forms: (2, elements, stretches), best: (windows, stretches)."""
    return np.take_along_axis(forms, np.maximum(best, 0)[None], 1)
