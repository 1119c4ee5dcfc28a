"""One run: a table in, y out, in bounded memory; the same code behind `netspec run` and `python model.pyz`.

Exit codes: 0 fine, 1 the input is refused, 2 usage or the system. A reader of standard output that goes away, as `head`
does, is no fault and ends the run.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from typing import BinaryIO, Final, NamedTuple, cast

import numpy as np

from netspec.diagnostics.faults import SystemFault
from netspec.diagnostics.show import quote
from netspec.files.folder import why
from netspec.files.writing import atomic_write
from netspec.runtime.faults import DataFault, count, draw
from netspec.runtime.formats import Format, format_for, format_of, open_input, open_results, open_table
from netspec.runtime.program import Array, Program
from netspec.runtime.progress import Progress
from netspec.runtime.streams import ReaderGoneError, Stdout, Streams, standard_streams
from netspec.runtime.tables import Table, name_results

_STDIN: Final = "<stdin>"


class Options(NamedTuple):
    """What a user may say about a run: formats of input and output, else told from names and first bytes.

    `batch` is how many rows are held at a time; `input_name` chooses among the arrays of an `.npz`; `protect` are
    files that the output must not replace, besides the input.
    """

    format: Format | None = None
    to: Format | None = None
    batch: int | None = None
    input_name: str = "in"
    protect: tuple[str, ...] = ()


def run(
    program: Program,
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
            fault.help = f"{quote(name)} takes rows of {count(program.input, 'number')}"
        streams.complain(str(fault))
        return 1
    except SystemFault as fault:
        streams.complain(draw("error", fault.code, fault.headline, advice=fault.help))
        return 2
    except ReaderGoneError:
        return 0
    return 0


def _run(program: Program, source: str | None, target: str | None, options: Options, streams: Streams) -> None:
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
            table, found = open_table(
                stream,
                file,
                program.input,
                program.dtype,
                scratch,
                kind=options.format or (None if source is None else format_of(source)),
                batch=_rows(program) if options.batch is None else options.batch,
                name=options.input_name,
            )
        to = to or (found if found in ("tsv", "json", "jsonl") else "csv")
        if target is None:
            output = cast(BinaryIO, Stdout(streams.stdout, binary=to in ("npy", "npz")))
        else:
            protect = (*options.protect, *(() if source is None else (source,)))
            output = scratch.enter_context(atomic_write(target, protect=protect))
        on_terminal = target is None and streams.stdout is not None and streams.stdout.isatty()
        progress = Progress(None if on_terminal else streams.stderr)
        scratch.callback(progress.close)
        watch = _Watch(table, program)
        with _reading(file):
            size = _size(stream)
            blocks = table.blocks()
            first = next(blocks, None)  # before a header is written, so that what is refused at once leaves nothing
            results = open_results(output, to, program.output, program.dtype, scratch, table)
            for block in blocks if first is None else chain([first], blocks):
                with np.errstate(all="ignore"):  # what is not finite is reported once, with its place
                    y = program(block)
                watch.look(block, y)
                results.write(y)
                progress.show(watch.rows, watch.rows / table.rows if table.rows else _share(stream, size))
            results.finish()
            output.flush()
    for warning in watch.warnings():
        streams.complain(warning)


def _rows(program: Program) -> int:
    """Return the rows of a block: some 65,536 values of the wider side, in whole tiles, and one tile at least."""
    rows = (1 << 16) // max(program.input, program.output)
    return max(program.tile, rows - rows % program.tile)


class _Watch:
    """Counts what is not finite in x, and in y where x is, and remembers the first of each."""

    def __init__(self, table: Table, program: Program) -> None:
        self.rows = 0
        self._table, self._dtype, self._names = table, program.dtype.name, name_results(program.output)
        self._counts = {"x": 0, "y": 0}
        self._first: dict[str, tuple[str, DataFault]] = {}

    def look(self, x: Array, y: Array) -> None:
        """Look at a block and its results, (rows, inputs) and (rows, outputs), before the next block is read."""
        bad = ~np.isfinite(x)
        if bad.any():
            self._note("x", bad, x)
        bad_results = ~np.isfinite(y)
        if bad_results.any():
            bad_results &= ~bad.any(axis=1, keepdims=True)
            if bad_results.any():
                self._note("y", bad_results, y)
        self.rows += len(x)

    def warnings(self) -> Iterator[str]:
        """Give what was found as drawn warnings: the count and the first place."""
        for key, noun, rest in (("x", "input value", ""), ("y", "result", ", though the inputs are")):
            number = self._counts[key]
            if number:
                first, fault = self._first[key]
                verb = "is" if number == 1 else "are"
                headline = f"{count(number, noun)} {verb} not finite in {self._dtype}{rest}; the first is {first}"
                yield draw("warning", "data-not-finite", headline, fault.place())

    def _note(self, key: str, bad: Array, values: Array) -> None:
        self._counts[key] += int(bad.sum())
        if key not in self._first:
            row, column = (int(index) for index in np.argwhere(bad)[0])
            where = f"column {column + 1:,}" if key == "x" else self._names[column]
            text = f"{values[row, column]!s} in row {self.rows + row + 1:,}, {where}"
            place = self._table.place(row, column if key == "x" else 0)
            self._first[key] = (text, self._table.fault("data-not-finite", text, place))


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
