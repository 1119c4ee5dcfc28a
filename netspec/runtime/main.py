"""The command line of a built model: `python model.pyz data.csv -o results.csv`."""

import gc
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

from netspec.diagnostics.faults import SystemFault
from netspec.diagnostics.show import quote
from netspec.runtime.archive import Archive
from netspec.runtime.faults import draw
from netspec.runtime.streams import ReaderGoneError, Stdout, Streams, standard_streams


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
    plain = _plain(argv)
    if plain is not None:
        return _run(Archive(path), *plain, streams)
    from netspec.runtime.usage import describe, help_of, parser_of, title

    parser = parser_of(path)
    asked = parser.parse_args(argv)
    archive = Archive(path)
    facts = archive.facts
    if asked.help or asked.version or asked.info:
        parser.description, parser.epilog = describe(facts), help_of(facts)
        text = parser.format_help() if asked.help else facts.to_json() if asked.info else f"{title(facts)}\n"
        output = Stdout(streams.stdout)
        output.write(text.encode("ascii", "backslashreplace"))
        output.flush()
        return 0
    return _run(archive, asked.input, asked.output, streams, asked.format, asked.to, asked.batch)


def _plain(argv: Sequence[str]) -> tuple[str, str | None] | None:
    """Return input and output of `INPUT` and of `INPUT -o OUTPUT`, for which argparse need not be loaded."""
    if len(argv) not in (1, 3) or any(word.startswith("-") for word in argv[::2]):
        return None
    if len(argv) == 3 and argv[1] != "-o":
        return None
    return argv[0], argv[2] if len(argv) == 3 else None


def _run(
    archive: Archive,
    source: str | None,
    target: str | None,
    streams: Streams,
    form: Any = None,
    to: Any = None,
    batch: int | None = None,
) -> int:
    from netspec.runtime.run import Options, run  # NumPy is loaded only to run, not to tell what the model is

    program = archive.program()
    gc.enable()  # which `entry` has held while all was loaded
    facts = archive.facts
    options = Options(form, to, batch, protect=(archive.path,), known=facts.columns)
    return run(program, facts.name, source, target, options, streams)


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(143)
