"""One run: a table in, y out, in bounded memory; the same code behind `netspec run` and `python model.pyz`.

Exit codes: 0 fine, 1 the input is refused, 2 usage or the system. A reader of standard output that goes away, as `head`
does, is no fault and ends the run.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, Union, cast

import numpy as np

from netspec.diagnostics.faults import SystemFault
from netspec.diagnostics.show import quote
from netspec.files.folder import why
from netspec.files.writing import atomic_write
from netspec.runtime.column_names import ColumnNames
from netspec.runtime.faults import DataFault, count, draw
from netspec.runtime.feeds import Block, Feed, TableFeed, open_feed, reads_rows
from netspec.runtime.formats import Format, format_for, format_of, open_input, open_table, told
from netspec.runtime.ports import Port
from netspec.runtime.program import Program
from netspec.runtime.progress import Progress
from netspec.runtime.streams import ReaderGoneError, Stdout, Streams, standard_streams
from netspec.runtime.watch import Watch
from netspec.runtime.writers import Writer, has_columns, open_writer

if TYPE_CHECKING:
    from netspec.runtime.graph_program import GraphProgram

_STDIN: Final = "<stdin>"
AnyProgram = Union[Program, "GraphProgram"]


Opening = Callable[[BinaryIO, Format, tuple[Port, ...], Feed, ExitStack], Writer]


class Options(NamedTuple):
    """What a user may say about a run: formats of input and output, else told from names and first bytes.

    `batch` is how many rows are held at a time; `protect` are files that the output must not replace, besides the
    input; `writer` opens another writer than `open_writer` does; `known` is what the columns were called in the
    data that the model was trained on.
    """

    format: Format | None = None
    to: Format | None = None
    batch: int | None = None
    protect: tuple[str, ...] = ()
    writer: Opening = open_writer
    known: ColumnNames = ColumnNames()


def run(
    program: AnyProgram,
    name: str,
    source: str | None,
    target: str | None,
    options: Options = Options(),  # noqa: B008  a named tuple cannot be changed
    streams: Streams | None = None,
) -> int:
    """Return the exit code, y of the table `source` written to `target`; None or `-` are the standard streams.

    The model's `name` stands in messages, which go to standard error. A file is replaced whole or not at all.
    """
    streams = standard_streams() if streams is None else streams
    try:
        _run(program, source, target, options, streams)
    except DataFault as fault:
        if not fault.help and fault.code in ("data-columns", "data-shape"):
            fault.help = f"{quote(name)} takes {_taken(program.inputs)}"
        streams.complain(str(fault))
        return 1
    except SystemFault as fault:
        streams.complain(draw("error", fault.code, fault.headline, advice=fault.help))
        return 2
    except ReaderGoneError:
        return 0
    return 0


def _run(program: AnyProgram, source: str | None, target: str | None, options: Options, streams: Streams) -> None:
    """Do it. Raises DataFault, SystemFault and ReaderGoneError."""
    source = None if source == "-" else source
    target = None if target == "-" else target
    to = options.to or (None if target is None else format_for(target))
    if streams.stdin is None and source is None:
        raise SystemFault("no-such-file", "standard input is closed", "name a file of data")
    with ExitStack() as scratch:
        file = _STDIN if source is None else source
        stream = cast(BinaryIO, streams.stdin) if source is None else scratch.enter_context(open_input(source))
        with _reading(file):
            kind = options.format or (None if source is None else format_of(source))
            feed, found = _open(program, stream, file, kind, options, scratch)
        to = to or _answer(found, program)
        if target is None:
            output = cast(BinaryIO, Stdout(streams.stdout, binary=to in ("npy", "npz")))
        else:
            protect = (*options.protect, *(() if source is None else (source,)))
            output = scratch.enter_context(atomic_write(target, protect=protect))
        on_terminal = target is None and streams.stdout is not None and streams.stdout.isatty()
        progress = Progress(None if on_terminal else streams.stderr)
        scratch.callback(progress.close)
        watch = Watch(feed, file, program.inputs, program.outputs, program.dtype.name)
        with _reading(file):
            size = _size(stream)
            blocks = feed.blocks()
            first = next(blocks, None)  # before a header is written, so that what is refused at once leaves nothing
            done = None if first is None else _computed(program, first, file)
            results = options.writer(output, to, program.outputs, feed, scratch)
            for block in blocks if first is None else chain([first], blocks):
                y, done = _computed(program, block, file) if done is None else done, None
                watch.look(block, y)
                results.write(y)
                progress.show(watch.rows, watch.rows / feed.rows if feed.rows else _share(stream, size))
            results.finish()
            output.flush()
    for warning in watch.warnings():
        streams.complain(warning)


def _open(
    program: AnyProgram, stream: BinaryIO, file: str, kind: Format | None, options: Options, scratch: ExitStack
) -> tuple[Feed, Format]:
    """Return the examples in a stream, and its format: a table, where the network reads rows of numbers."""
    ports = program.inputs
    if reads_rows(ports):
        width = ports[0].size or 0
        batch = _rows(program) if options.batch is None else options.batch
        name, known = ports[0].name, options.known
        table, found = open_table(
            stream, file, width, program.dtype, scratch, kind=kind, batch=batch, name=name, known=known
        )
        return TableFeed(table), found
    stream, found = (stream, kind) if kind is not None else told(stream)
    return open_feed(stream, file, ports, found, options.batch, scratch, options.known), found


def _answer(found: Format, program: AnyProgram) -> Format:
    """Return the format of results where nobody says: JSON for JSON and for what has no columns, else CSV."""
    if found in ("tsv", "json", "jsonl") and (found != "tsv" or has_columns(program.outputs)):
        return found
    return "csv" if len(program.outputs) == 1 and has_columns(program.outputs) else "json"


def _computed(program: AnyProgram, block: Block, file: str) -> Block:
    """Return the results of a block. Raises DataFault where the program refuses its sizes or its indices."""
    try:
        with np.errstate(all="ignore"):  # what is not finite is reported once, with its place
            return (program(block[0]),) if isinstance(program, Program) else tuple(program.compute(block))
    except ValueError as error:
        raise DataFault("data-shape", str(error), file) from error


def _rows(program: AnyProgram) -> int:
    """Return the rows of a block: some 65,536 values of the wider side, in whole tiles, and one tile at least."""
    tile = program.tile if isinstance(program, Program) else program.tile_for({})
    rows = (1 << 16) // max(program.inputs[0].size or 1, program.outputs[0].size or 1)
    return max(tile, rows - rows % tile)


def _taken(ports: tuple[Port, ...]) -> str:
    """Return what inputs there are, in words."""
    if reads_rows(ports):
        return f"rows of {count(ports[0].size or 0, 'number')}"
    return ", ".join(f"{port.label} {port.expected}" for port in ports)


@contextmanager
def _reading(file: str) -> Iterator[None]:
    """Turn an OSError of the block into a SystemFault: of the input, or of a temporary file where space is short."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SystemFault(
                "no-space", "no space left for a temporary file", "set TMPDIR to a larger place"
            ) from error
        raise SystemFault("read-failed", f"reading {quote(file)} failed: {why(error)}") from error


def _size(stream: BinaryIO) -> int:
    """Return the bytes of a regular file, or 0."""
    try:
        found = os.fstat(stream.fileno())
    except OSError:  # a stream in memory has no descriptor
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def _share(stream: BinaryIO, size: int) -> float | None:
    """Return how much of a file has been read."""
    return stream.tell() / size if size else None
