"""The program `netspec`."""

import gc
import os
import sys
from collections.abc import Sequence

from netspec.cli.outcome import run
from netspec.cli.terminal import hold_closed_streams


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name (`sys.argv` where None) and return the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    hold_closed_streams()
    # A plugin would be code from elsewhere on the way of every spec, and looking for one reads all that is installed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")

    def command() -> int:
        # Nearly all that imports make stays, so that looking for garbage in it is in vain: 20 of 230 ms. The imports
        # stand here, and not above, so that a signal that meets them has its exit code too.
        gc.disable()
        try:
            from netspec.cli.arguments import call_for

            call = call_for(given)
        finally:
            gc.freeze()
            gc.enable()
        return call()

    return run(command)
