"""The regions themselves, as data: their ends and the affine map on each, one after the other along the line."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.bounds.bounds import RegionBounds
from netspec.files.writing import atomic_write
from netspec.model import Model
from netspec.model.memory import check_memory
from netspec.regions.counting import Counter, counter, whole
from netspec.regions.counts import (
    Arithmetic,
    Buildable,
    Count,
    Point,
    Stopped,
    bounds_on,
    counted,
    domain_of,
    prepared,
)
from netspec.regions.domains import Domain, Span
from netspec.regions.export import floats, number, refuse_suffix
from netspec.regions.line import Value
from netspec.regions.overflow import finite
from netspec.regions.steps import Chain
from netspec.regions.tally import Edge, edge, same
from netspec.regions.walking import Part, Walk
from netspec.regions.work import Found, Report

Of = Literal["pieces", "cells"]


class Region(NamedTuple):
    """y = β + Ω t for low ≤ t ≤ high, where t is x, or on a segment goes from 0 at its begin to 1 at its end.

    β and Ω are (outputs,); low may be -∞ and high ∞. `signature` is a number that regions share where all hidden units
    lie in the same pieces of their activations: of a piece it is that of its first cell.
    """

    low: Any
    high: Any
    beta: NDArray[Any]
    Omega: NDArray[Any]
    signature: int


class Block(NamedTuple):
    """Regions that follow one another: low, high and signatures (n,), beta and Omega (n, outputs)."""

    low: NDArray[Any]
    high: NDArray[Any]
    beta: NDArray[Any]
    Omega: NDArray[Any]
    signatures: NDArray[np.uint64]

    def joined_to(self, begun: "Block | None") -> "Block":
        """Return these regions, the first of which goes on with one that has begun."""
        if begun is None:
            return self
        low, beta, Omega, signatures = self.low.copy(), self.beta.copy(), self.Omega.copy(), self.signatures.copy()
        low[0], beta[0], Omega[0], signatures[0] = begun.low[0], begun.beta[0], begun.Omega[0], begun.signatures[0]
        return Block(low, self.high, beta, Omega, signatures)

    def part(self, begin: int, end: int) -> "Block":
        """Return some of the regions."""
        return Block(*(each[begin:end] for each in self))


@dataclass(slots=True)
class Regions:
    """Regions of a network on a line, found as they are asked for, in their order; each time anew.

    `of` says which: `pieces`, on each of which y is another affine map than before, or `cells`. `domain` says where.
    `unsure` is how many decisions float64 could not make, of those that were come by so far, and `found` what was
    counted on the way.
    """

    chain: Chain
    line: Domain
    of: Of
    max_memory: int | None = None
    bounds: RegionBounds | None = None
    unsure: int = field(default=0, init=False)
    found: Found = field(default=Found(0, 0, 0, False), init=False)

    @property
    def domain(self) -> str:
        """Where the regions are."""
        return self.line.words

    @property
    def arithmetic(self) -> Arithmetic:
        """What they were found in."""
        return "rational" if self.chain.exact else "float64"

    @property
    def count(self) -> Count:
        """What was counted when they were gone through last, and whether that was all."""
        return counted(self.found, self.chain, self.line, self.bounds)

    def __iter__(self) -> Iterator[Region]:
        """Yield the regions one by one."""
        yield from self._each(None)

    def _each(self, progress: Report | None) -> Iterator[Region]:
        for block in self.blocks(progress):
            for low, high, beta, Omega, signature in zip(*block, strict=True):
                yield Region(low, high, beta, Omega, int(signature))

    def blocks(self, report: Report | None = None) -> Iterator[Block]:
        """Yield the regions as arrays, some thousands at a time; `report` is told how many cells and what share."""
        self.unsure, self.found = 0, Found(0, 0, 0, False)
        begin = whole(self.chain, self.line)
        counts = counter(self.chain, begin, self.max_memory, signed=True)
        walk = Walk(counts.moves, counts.some)
        begun: Block | None = None
        before: Edge | None = None
        share = 0.0
        leaves = walk.leaves([Part(0, begin, 1.0)], len(counts.moves.moves))
        while True:
            with np.errstate(all="ignore"):
                part = next(leaves, None)
            if part is None:
                break
            y = _flat(part.line.values[self.chain.output], len(part.line))
            signatures = part.line.signatures
            if signatures is None:
                signatures = np.zeros(len(part.line), np.uint64)
            begins = _begins(counts, y, part.line.knots, signatures, before)
            first = begins.cells if self.of == "cells" else begins.pieces
            self.unsure += 0 if self.of == "cells" else begins.unsure
            share += part.share
            self.found = Found(
                self.found.cells + int(begins.cells.sum()),
                self.found.pieces + int(begins.pieces.sum()),
                self.found.unsure + begins.unsure,
                False,
            )
            if report is not None:
                report(self.found.cells, share)
            starts = np.flatnonzero(first)
            if not len(starts) or starts[0] != 0:
                starts = np.concatenate([[0], starts])
            ends = np.concatenate([starts[1:], [len(part.line)]])
            knots = part.line.knots
            found = Block(knots[starts], knots[ends], y.forms[0, :, starts], y.forms[1, :, starts], signatures[starts])
            if begun is not None and first[0]:
                yield begun
                begun = None
            found = found.joined_to(begun)
            if len(starts) > 1:
                yield found.part(0, len(starts) - 1)
            begun = found.part(len(starts) - 1, len(starts))
            before = edge(y.forms, y.errors, signatures, -1)
        self.unsure += walk.unsure
        self.found = self.found._replace(unsure=self.found.unsure + walk.unsure, complete=True)
        if begun is not None:
            yield begun

    def save(self, path: str, *, protect: Sequence[str] = (), progress: Report | None = None) -> int:
        """Write the regions to a .json or .npz file, whole or not at all; return how many they are.

        `protect` are files that are not written over; `progress` is told as `count` tells it. Raises SystemFault where
        the file cannot be written, or the suffix is another, and `Stopped` where an interrupt ends it.
        """
        refuse_suffix(path)
        write = self.write_json if path.endswith(".json") else self.write_npz
        try:
            with atomic_write(path, protect=protect) as stream:
                return write(stream, progress)
        except KeyboardInterrupt:
            raise Stopped(counted(self.found._replace(complete=False), self.chain, self.line, self.bounds)) from None

    def write_json(self, stream: IO[bytes], progress: Report | None = None) -> int:
        """Write them as JSON, a region in a line; return how many they are. Rationals are texts such as `-1/6`.

        An end that is infinite is null, and a signature a text of 16 hexadecimal digits.
        """
        head = {"domain": self.domain, "arithmetic": self.arithmetic, "of": self.of}
        stream.write(f'{json.dumps(head)[:-1]}, "regions": ['.encode())
        count = 0
        for region in self._each(progress):
            stream.write(f"{',' if count else ''}\n{json.dumps(as_json(region))}".encode())
            count += 1
        stream.write(f'\n], "count": {count}, "unsure": {self.unsure}}}\n'.encode())
        return count

    def write_npz(self, stream: IO[bytes], progress: Report | None = None) -> int:
        """Write them as arrays `low`, `high` and `signature` (n,), `beta` and `Omega` (n, outputs), in float64.

        Raises SystemFault `no-memory` where they need more than there is: they are held for it.
        """
        blocks: list[Block] = []
        size = 0
        for block in self.blocks(progress):
            low, high, beta, Omega = (floats(each) for each in block[:4])
            blocks.append(Block(low, high, beta, Omega, block.signatures))
            size += 2 * sum(each.nbytes for each in blocks[-1])
            check_memory(size, self.max_memory, "holding the regions, to write them as .npz,")
        low, high, beta, Omega, signatures = map(np.concatenate, zip(*blocks, strict=True))
        np.savez(stream, low=low, high=high, beta=beta, Omega=Omega, signature=signatures)
        return len(low)


def regions(
    network: Buildable | Model,
    *,
    box: Sequence[Span] | None = None,
    segment: tuple[Point, Point] | None = None,
    rational: bool = False,
    decimal: bool | None = None,
    logits: bool = False,
    of: Of = "pieces",
    max_memory: int | None = None,
) -> Regions:
    """Return the regions of a network along a line with its parameters: of one input, or on a segment.

    They are on all inputs unless a domain is given, as `count` has them; in more dimensions `cells` has them. Raises
    what `count` raises.
    """
    if of not in ("pieces", "cells"):
        raise ValueError(f"of is {of!r}; expected 'pieces' or 'cells'")
    model, chain = prepared(network, rational=rational, decimal=decimal, logits=logits, max_memory=max_memory)
    domain = domain_of(chain, box, segment, None, (1,))
    return Regions(chain, domain, of, max_memory, bounds_on(model, segment, None))


def as_json(region: Region) -> dict[str, Any]:
    """Return a region as JSON has it."""
    return {
        "low": number(region.low),
        "high": number(region.high),
        "beta": [number(value) for value in region.beta],
        "Omega": [number(value) for value in region.Omega],
        "signature": f"{region.signature:016x}",
    }


def _flat(y: Value, count: int) -> Value:
    forms = finite(y.forms.reshape(2, -1, count))
    return Value(forms, None if y.errors is None else y.errors.reshape(forms.shape))


class _Begins(NamedTuple):
    """On which stretches a cell begins, and a piece, and how many decisions about pieces are unsure."""

    cells: NDArray[np.bool_]
    pieces: NDArray[np.bool_]
    unsure: int


def _begins(counts: Counter, y: Value, knots: Any, signatures: NDArray[np.uint64], before: Edge | None) -> _Begins:
    """Return where regions begin on stretches, given what is before the first."""
    forms, errors = y
    if before is not None:
        forms = np.concatenate([before.forms[..., None], forms], -1)
        if errors is not None and before.errors is not None:
            errors = np.concatenate([before.errors[..., None], errors], -1)
        signatures = np.concatenate([np.array([before.signature], np.uint64), signatures])
    within = knots[1:-1] if before is None else knots[:-1]
    both = None if errors is None else errors[..., 1:] + errors[..., :-1]
    alike, doubtful = same(forms[..., :-1], forms[..., 1:], both, within, counts.jumps)
    cells, pieces = signatures[1:] != signatures[:-1], ~alike
    if before is None:
        cells, pieces = (np.concatenate([[True], each]) for each in (cells, pieces))
    return _Begins(cells, pieces, int(doubtful.sum()))
