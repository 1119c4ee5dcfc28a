"""What becomes of a command: its exit code, and the message where it ends otherwise than by its own word.

0    fine
1    the input is refused
2    usage, or the system: no such file, no space, and faults of netspec itself
130  interrupted (SIGINT)
143  terminated (SIGTERM)
"""

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Final

from netspec.cli.terminal import complaints, output
from netspec.diagnostics import Diagnostic, Place, SpecError, SystemFault, show
from netspec.limits import PATH_LENGTH

FINE: Final = 0
REFUSED: Final = 1
FAILED: Final = 2
INTERRUPTED: Final = 130
TERMINATED: Final = 143


def run(command: Callable[[], int]) -> int:
    """Return the exit code of the command, all that it wrote handed on; nothing but that ever leaves this function.

    SIGTERM ends the command by an exception, so that it takes its temporary files with it.
    """
    before = signal.getsignal(signal.SIGTERM)
    try:
        if before == signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _terminate)
        status = _settle(command)
        flushed = _settle(_flush)
    except KeyboardInterrupt:  # while the message of an earlier end was being written
        return INTERRUPTED
    except SystemExit:
        return TERMINATED
    finally:
        if before == signal.SIG_DFL:
            signal.signal(signal.SIGTERM, before)
    return flushed or status


def _settle(command: Callable[[], int]) -> int:
    """Return the exit code of a part of the work, its message written where it raised."""
    try:
        return command()
    except SpecError as refused:
        _complain(refused.diagnostics, refused.sources)
        return REFUSED
    except SystemFault as fault:
        _complain([Diagnostic(fault.code, fault.headline, Place(""), help=fault.help)], {})
        return FAILED
    except BrokenPipeError:  # of a stream that the command wrote to by itself; `Terminal` raises none
        return FINE
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FAILED
    except Exception as error:
        complaints().write(_unforeseen(error))
        return FAILED


def _complain(diagnostics: Sequence[Diagnostic], sources: Mapping[str, str]) -> None:
    """Draw the diagnostics on standard error."""
    from netspec.diagnostics.text import render_text  # a renderer is loaded when something is drawn

    errors = complaints()
    errors.write(render_text(diagnostics, sources, colour=errors.colour, width=errors.width, encode=errors.encode))


def _flush() -> int:
    output().flush()
    complaints().flush()
    return FINE


def _unforeseen(error: Exception) -> str:
    """Return the message for an exception that no part of netspec foresaw: one line, or all of it under NETSPEC_DEBUG.

    What the system did is told as such; the rest is a fault of netspec.
    """
    import traceback  # loaded only here, where all is lost anyway

    if os.environ.get("NETSPEC_DEBUG"):
        return "".join(traceback.format_exception(error))
    if isinstance(error, MemoryError):
        return "error: not enough memory\n"
    if isinstance(error, OSError) and error.strerror:
        file = f": {show(os.fsdecode(error.filename), PATH_LENGTH.value)}" if error.filename else ""
        return f"error: {error.strerror.lower()}{file}\n"
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(where.filename)}:{where.lineno}"
    return (
        f"error: netspec failed: {type(error).__name__} at {place}: {show(error)}\n"
        "   = help: this is a fault of netspec; please report it with what NETSPEC_DEBUG=1 shows\n"
    )


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(TERMINATED)
