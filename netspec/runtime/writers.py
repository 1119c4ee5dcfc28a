"""Results of any number and shape, block by block into a stream.

`.npy` holds one output, `.npz` each by its name (`y` where it has none), JSON is nested as deep as the shapes, an
object by the outputs' names where they have any. CSV has a column for each number of all outputs, in C order, called
`y_1_4` by its places on the axes, which count from 1 as those of `y_1, y_2 …` do.
"""

from contextlib import ExitStack
from typing import BinaryIO, Protocol

import numpy as np

from netspec.diagnostics.faults import SystemFault
from netspec.runtime.feeds import Block, Feed, TableFeed
from netspec.runtime.formats import Format, Results, open_results
from netspec.runtime.ports import Port


class Writer(Protocol):
    """What results are written with: block after block, and then the end."""

    def write(self, block: Block) -> None:
        """Write an array (n, *shape) for each output."""

    def finish(self) -> None:
        """Write what belongs after the last block."""


def open_writer(stream: BinaryIO, kind: Format, ports: tuple[Port, ...], feed: Feed, scratch: ExitStack) -> Writer:
    """Return what writes the outputs to a stream, in the form of the data they are made from.

    Raises SystemFault `usage` where the format cannot hold them.
    """
    (first, *others) = ports
    if isinstance(feed, TableFeed) and is_row(ports):
        return _Rows(open_results(stream, kind, first.size or 0, np.dtype(first.dtype), scratch, feed.table))
    from netspec.runtime.graph_writers import ArrayWriter, ColumnWriter, LineWriter, ListWriter, ObjectWriter

    if kind in ("csv", "tsv"):
        check_columns(ports, kind)
        return ColumnWriter(stream, ports, feed.named, "\t" if kind == "tsv" else ",")
    if kind in ("json", "jsonl"):
        named = first.is_named
        if kind == "jsonl":
            return LineWriter(stream, ports if named else ())
        return ObjectWriter(stream, ports, feed.alone, scratch) if named else ListWriter(stream, feed.alone)
    if kind == "npy" and others:
        headline = f"the network has {len(ports)} outputs, and an .npy holds one array"
        raise SystemFault("usage", headline, "write an .npz, or JSON")
    return ArrayWriter(stream, ports, feed, scratch, packed=kind == "npz")


def is_row(ports: tuple[Port, ...]) -> bool:
    """Return whether the result is a row of numbers without a name."""
    return (
        len(ports) == 1
        and not ports[0].is_named
        and len(ports[0].shape) == 1
        and ports[0].size is not None
        and ports[0].dtype != "int64"
    )


def has_columns(ports: tuple[Port, ...]) -> bool:
    """Return whether it is known how many numbers there are, so that each can have a column."""
    return all(port.size is not None for port in ports)


def check_columns(ports: tuple[Port, ...], kind: Format) -> None:
    """Refuse results that have no columns. Raises SystemFault `usage`."""
    if not has_columns(ports):
        free = next(port for port in ports if port.size is None)
        headline = f"{free.label} has the shape {free.expected}, and {kind.upper()} has a fixed number of columns"
        raise SystemFault("usage", headline, "write .npy, .npz or JSON")


class _Rows:
    """Rows of numbers, as they were read."""

    def __init__(self, results: Results) -> None:
        self._results = results

    def write(self, block: Block) -> None:
        """Write the rows."""
        self._results.write(block[0])

    def finish(self) -> None:
        """Write the end."""
        self._results.finish()
