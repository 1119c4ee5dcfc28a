"""Cells and pieces on a line, counted by one process or by several."""

import contextlib
import math
from collections.abc import Generator, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from netspec.model.memory import check_memory
from netspec.regions.domains import Domain
from netspec.regions.last_layer import last_layer, tally_last_layer
from netspec.regions.line import Line, Value, widest
from netspec.regions.processes import in_processes
from netspec.regions.steps import Chain, jumps
from netspec.regions.tally import Tally, joined, tallied
from netspec.regions.walking import Moves, Part, Walk, moves_of
from netspec.regions.work import Found, Work

_NUMBERS_TOGETHER: Final = 1 << 16
"""Forms that are worked on together, so that they stay in a processor's cache."""
_FEWEST_TOGETHER: Final = 64
_NUMBERS_OF_THE_FEWEST: Final = 1 << 20
_MOST_TOGETHER: Final = 8192
_LEVELS_OF_ARRAYS: Final = 6
"""Arrays as large as the live forms that one move needs besides them."""
_BYTES: Final = {True: 400, False: 16}
"""Bytes of a form's constant and slope: rationals of some digits, and float64."""
_LARGEST_KEPT: Final = 30 << 20
"""Bytes; glibc takes no more than 32 MiB for its threshold."""
_SHARES: Final = 24
"""Parts for each worker, so that none is idle while another has the long ones."""


class Counter(NamedTuple):
    """Counts the parts of one domain: the moves, how many stretches together, and what is known of the outputs."""

    moves: Moves
    some: int
    jumps: bool

    def tally(self, part: Part) -> tuple[Tally, float]:
        """Return the tally of a part, and its share."""
        found = self.tallies([part])
        total, _, _ = next(found)
        for tally, knot, _ in found:
            total = joined(total, tally, knot, jumps=self.jumps, signed=self.moves.signed)
        return total, part.share

    def tallies(self, parts: Sequence[Part]) -> Generator[tuple[Tally, object, float], None, None]:
        """Yield the tallies of parts, piece by piece, each with the knot at which it begins and its share."""
        walk, end = Walk(self.moves, self.some), len(self.moves.moves)
        layer = last_layer(self.moves)
        stop = end if layer is None else layer.number
        counted = 0
        for part in walk.leaves(parts, stop):
            first = part.line.knots[0]
            tally = None if layer is None else tally_last_layer(layer, part.line)
            if tally is None:
                for each in walk.leaves([part], end):
                    y = each.line.values[self.moves.chain.output]
                    first = each.line.knots[0]
                    tally = tallied(each.line, y, self.jumps)
                    more, counted = walk.unsure - counted, walk.unsure
                    yield tally._replace(unsure=tally.unsure + more), first, each.share
                continue
            more, counted = walk.unsure - counted, walk.unsure
            yield tally._replace(unsure=tally.unsure + more), first, part.share


def whole(chain: Chain, domain: Domain) -> Line:
    """Return the domain as one stretch of a line."""
    start = np.moveaxis(domain.start, 1, -1)
    (span,) = domain.spans
    if chain.exact:
        knots = np.empty(2, object)
        knots[:] = span
        return Line(knots, np.zeros(1, object), {0: Value(start, None)})
    return Line(np.array(span, np.float64), np.zeros(1), {0: Value(start, np.zeros_like(start))})


def counter(chain: Chain, line: Line, limit: int | None, *, signed: bool = False) -> Counter:
    """Return what counts a chain in so many bytes. Raises SystemFault `no-memory` where these are too few."""
    moves = moves_of(chain, signed=signed)
    with np.errstate(all="ignore"):
        live = widest(chain, line.values[0].forms)
    each = _stretch_bytes(chain, live)
    check_memory(each, limit, "counting the regions of one stretch at a time")
    few = min(_FEWEST_TOGETHER, _NUMBERS_OF_THE_FEWEST // live)
    some = max(1, min(_MOST_TOGETHER, max(few, _NUMBERS_TOGETHER // live)))
    if limit is not None:
        some = max(1, min(some, limit // each))
    return Counter(moves, some, any(jumps(step) for step in chain.steps))


def _stretch_bytes(chain: Chain, live: int) -> int:
    """Return what one stretch takes, with those that wait before each move: forms, errors, and knots that are made."""
    return _BYTES[chain.exact] * live * (2 * (chain.bends + 1) + _LEVELS_OF_ARRAYS)


def _keep_freed_memory() -> None:
    """Let the C library keep memory that arrays give back, which the next ones take: a third of the time went into
    pages given to the system and had again. glibc does so from the largest block on that was ever freed, which here is
    one that nothing was written to, and so took no memory.
    """
    np.empty(_LARGEST_KEPT, np.uint8)


def count_line(chain: Chain, domain: Domain, work: Work) -> Found:
    """Return the cells and pieces on a line."""
    if work.max_memory is None or work.max_memory > 2 * _LARGEST_KEPT:
        _keep_freed_memory()
    line = whole(chain, domain)
    counts = counter(chain, line, None if work.max_memory is None else work.max_memory // work.workers)
    total: Tally | None = None
    complete, done = True, 0.0
    begun = Part(0, line, 1.0)
    with np.errstate(all="ignore"):  # what is infinite is refused where forms are compared
        try:
            with contextlib.closing(_tallies(counts, begun, work.workers)) as found:
                for tally, knot, share in found:
                    total = joined(total, tally, knot, jumps=counts.jumps, signed=counts.moves.signed)
                    done += share
                    work.tell(total.cells, done)
        except KeyboardInterrupt:
            complete = False
    if total is None:
        return Found(0, 0, 0, complete)
    return Found(total.cells, total.pieces, total.unsure, complete)


def _tallies(counts: Counter, begun: Part, workers: int) -> Generator[tuple[Tally, object, float], None, None]:
    if workers == 1:
        yield from counts.tallies([begun])
        return
    parts, unsure = divided(counts, begun, workers * _SHARES)
    with contextlib.closing(in_processes(counts.tally, parts, workers)) as found:
        for number, (tally, share) in found:
            more = unsure if number == 0 else 0
            yield tally._replace(unsure=tally.unsure + more), parts[number].line.knots[0], share


def divided(counts: Counter, begun: Part, wanted: int) -> tuple[list[Part], int]:
    """Return the parts that a domain is cut into by its first moves, in order, and what was unsure on the way."""
    walk = Walk(counts.moves, counts.some)
    parts = [begun]
    layer = last_layer(counts.moves)
    end = len(counts.moves.moves) if layer is None else layer.number
    for stop in range(1, end + 1):
        parts = list(walk.leaves(parts, stop))
        total = sum(len(part.line) for part in parts)
        if total >= wanted:
            size = math.ceil(total / wanted)
            return [piece for part in parts for piece in _pieces(part, size)], walk.unsure
    return parts, walk.unsure


def _pieces(part: Part, size: int) -> Iterator[Part]:
    count = len(part.line)
    for begin in range(0, count, size):
        end = min(begin + size, count)
        yield Part(part.at, part.line.part(begin, end), part.share * (end - begin) / count)
