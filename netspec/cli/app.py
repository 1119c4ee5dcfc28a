"""The program `netspec`."""

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from netspec.cli.outcome import run
from netspec.cli.terminal import hold_closed_streams


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name and return the exit code.

    Without arguments they are those of the process, which then is netspec's own: only that one is made ready for a
    short life.
    """
    own = arguments is None
    given = sys.argv[1:] if arguments is None else list(arguments)
    if own:
        hold_closed_streams()
        # A plugin would be code from elsewhere on the way of every spec, and looking for one reads all that is
        # installed.
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
        # Nearly all that the imports make stays, so that looking for garbage in it is in vain: 20 of 230 ms.
        gc.disable()

    def command() -> int:
        from netspec.cli.arguments import call_for  # here, so that a signal during the imports has its exit code too

        call = call_for(given)
        if own:
            gc.freeze()
            gc.enable()
        return call()

    return run(command)


def enter() -> NoReturn:
    """Run the command that the process was started with, and end it with nothing left to write.

    Taking the modules and a large spec apart piece by piece would take up to a tenth of the whole.
    """
    status = main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed, full, or never there: all that matters is written
            stream.flush()
    os._exit(status)
