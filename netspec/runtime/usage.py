"""What a built model's command line understands, and what it says of itself."""

import argparse
import os
from typing import Final, NoReturn

from netspec.diagnostics.faults import SystemFault
from netspec.diagnostics.show import show
from netspec.runtime.facts import Facts
from netspec.runtime.faults import count

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


def help_of(facts: Facts) -> str:
    """Return what stands below the options."""
    return (_TABLES_HELP if is_table(facts) else _ARRAYS_HELP) + _CODES_HELP


class Parser(argparse.ArgumentParser):
    """Raises a SystemFault where argparse would print what the user typed, unescaped, and leave."""

    def error(self, message: str) -> NoReturn:
        """Raise SystemFault `usage`."""
        raise SystemFault("usage", show(message, _MESSAGE), "say --help to see what there is")


def parser_of(path: str) -> Parser:
    """Return the parser of the command line; `path` is the archive."""
    parser = Parser(
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


def title(facts: Facts) -> str:
    """Return the model's identity in one line."""
    return f"{show(facts.name)} {show(facts.fingerprint, _MESSAGE)} (netspec {show(facts.netspec)})"


def is_table(facts: Facts) -> bool:
    """Return whether rows of numbers go in and out."""
    ports = (*facts.inputs, *facts.outputs)
    return len(ports) == 2 and all(len(port.shape) == 1 and port.size and not port.is_named for port in ports)


def describe(facts: Facts) -> str:
    """Return what the model is, for the head of the help."""
    ports = (*facts.inputs, *facts.outputs)
    totals = f"{count(facts.parameters, 'parameter')}, {show(facts.dtype)}"
    built = f"fingerprint {show(facts.fingerprint, _MESSAGE)}, built by netspec {show(facts.netspec)}"
    if is_table(facts):
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
