"""The command line of a built model: `python model.pyz data.csv -o results.csv`."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Final, NoReturn

from netspec.diagnostics.faults import SystemFault
from netspec.diagnostics.show import quote, show
from netspec.runtime.archive import Archive
from netspec.runtime.facts import Facts
from netspec.runtime.faults import count, draw
from netspec.runtime.streams import ReaderGoneError, Stdout, Streams, standard_streams

FORMATS: Final = ("csv", "tsv", "json", "jsonl", "npy", "npz")  # as `formats.FORMATS`, without loading NumPy
_MESSAGE: Final = 1000  # characters of a usage message, which holds what the user typed
_DIGITS: Final = 12  # of a number of rows
_CODES_HELP: Final = """
exit codes: 0 fine, 1 the data are refused, 2 usage or the system, 130 interrupted, 143 terminated
"""
_TABLES_HELP: Final = """\
formats, by suffix or by what the first bytes are:
  .csv .tsv .txt     rows of numbers; a header is a first row without numbers
  .json              [[1, 2], [3, 4]], or {"columns": ["a", "b"], "rows": [[1, 2], [3, 4]]}
  .jsonl .ndjson     one array to a line
  .npy .npz          an array (rows, inputs); the only one of an .npz, or the one named like the input
"""
_ARRAYS_HELP: Final = """\
formats, by suffix or by what the first bytes are:
  .npy               an array of the only input, its first axis the batch
  .npz               an array for each input, by its name; for a single input the only one
  .json              nested lists of the only input, or {"NAME": [...]} with a list for each
  .jsonl .ndjson     one example to a line, or {"NAME": ...} with an example for each input
  .csv .tsv .txt     where all sizes are fixed: the numbers of all inputs in C order, a column for each
"""


def main(argv: Sequence[str], path: str) -> int:
    """Return the exit code of a built model's command line; `path` is its archive. Raises what nobody foresaw.

    SIGTERM ends the run by an exception, so that it takes its temporary files with it.
    """
    streams = standard_streams()
    before = signal.getsignal(signal.SIGTERM)
    try:
        signal.signal(signal.SIGTERM, _terminate)
        return _main(argv, path, streams)
    except SystemFault as fault:
        streams.complain(draw("error", fault.code, fault.headline, advice=fault.help))
        return 2
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "numpy":
            raise
        streams.complain(f"error: {quote(path)} needs NumPy: pip install numpy")
        return 2
    except MemoryError:
        streams.complain("error: not enough memory")
        return 2
    except ReaderGoneError:
        return 0
    except KeyboardInterrupt:
        return 130
    except SystemExit:
        return 143
    finally:
        signal.signal(signal.SIGTERM, before)


def _main(argv: Sequence[str], path: str, streams: Streams) -> int:
    parser = _parser(path)
    asked = parser.parse_args(argv)
    archive = Archive(path)
    facts = archive.facts
    if asked.help or asked.version or asked.info:
        parser.description = _describe(facts)
        parser.epilog = (_TABLES_HELP if _is_table(facts) else _ARRAYS_HELP) + _CODES_HELP
        text = parser.format_help() if asked.help else facts.to_json() if asked.info else f"{_title(facts)}\n"
        output = Stdout(streams.stdout)
        output.write(text.encode("ascii", "backslashreplace"))
        output.flush()
        return 0
    from netspec.runtime.run import Options, run  # NumPy is loaded only to run, not to tell what the model is

    options = Options(asked.format, asked.to, asked.batch, protect=(path,))
    return run(archive.program(), facts.name, asked.input, asked.output, options, streams)


class _Parser(argparse.ArgumentParser):
    """Raises a SystemFault where argparse would print what the user typed, unescaped, and leave."""

    def error(self, message: str) -> NoReturn:
        """Raise SystemFault `usage`."""
        raise SystemFault("usage", show(message, _MESSAGE), "say --help to see what there is")


def _parser(path: str) -> _Parser:
    parser = _Parser(
        prog=f"python {show(os.path.basename(path))}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("input", nargs="?", metavar="INPUT", help="the table; - or nothing is standard input")
    add("-o", dest="output", metavar="OUTPUT", help="where to write y; replaced whole; default: standard output")
    add("--format", choices=FORMATS, help="what INPUT is, where neither name nor first bytes say so")
    add("--to", choices=FORMATS, help="what to write; default: the suffix of OUTPUT, JSON from JSON, else CSV")
    add("--batch", type=_rows, metavar="ROWS", help="rows held in memory at a time")
    add("--info", action="store_true", help="print the facts of the model as JSON and leave")
    add("--version", action="store_true", help="print name, fingerprint and version and leave")
    add("-h", "--help", action="store_true", help="print this and leave")
    return parser


def _rows(text: str) -> int:
    """Return the number of rows that the user gave."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text)):
        raise argparse.ArgumentTypeError(f"expected a number of rows, got '{text}'")
    return int(text)


def _title(facts: Facts) -> str:
    """Return the model's identity in one line."""
    return f"{show(facts.name)} {show(facts.fingerprint, _MESSAGE)} (netspec {show(facts.netspec)})"


def _is_table(facts: Facts) -> bool:
    """Return whether rows of numbers go in and out."""
    ports = (*facts.inputs, *facts.outputs)
    return len(ports) == 2 and all(len(port.shape) == 1 and port.size and not port.is_named for port in ports)


def _describe(facts: Facts) -> str:
    """Return what the model is, for the head of the help."""
    ports = (*facts.inputs, *facts.outputs)
    totals = f"{count(facts.parameters, 'parameter')}, {show(facts.dtype)}"
    built = f"fingerprint {show(facts.fingerprint, _MESSAGE)}, built by netspec {show(facts.netspec)}"
    if _is_table(facts):
        inputs, outputs = (port.size or 0 for port in ports)
        return (
            f"{show(facts.name)}: {count(inputs, 'input')}, {count(outputs, 'output')}, {totals}\n{built}\n\n"
            f"Computes y for each row of a table; its columns are the model's inputs, in their order."
        )
    width = max(len(show(port.name)) for port in ports)
    lines = [
        f"  {noun:<8}{show(port.name):<{width + 2}}{show(port.expected, _MESSAGE)} {show(port.dtype)}"
        for noun, found in (("input", facts.inputs), ("output", facts.outputs))
        for port in found
    ]
    return f"{show(facts.name)}: {totals}\n{built}\n\nComputes the outputs for a batch of examples.\n\n" + "\n".join(
        lines
    )


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(143)
