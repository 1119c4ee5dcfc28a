"""The `__main__.py` of a built model: finds its archive and hands over to the command line beside it."""

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn


def enter() -> int:
    """Return the exit code. What goes wrong outside of the command line is said in one line too."""
    if sys.version_info < (3, 11):  # noqa: UP036  the archive travels to machines that no installer has checked
        sys.stderr.write("error: this model needs Python 3.11 or newer, this is {}.{}\n".format(*sys.version_info))
        return 2
    gc.disable()  # until all is loaded, which makes no rubbish: the collector would look for it again and again
    try:
        from netspec.runtime.main import main

        here = os.path.dirname(__file__)
        typed = os.path.abspath(sys.argv[0]) == os.path.abspath(here)  # messages name the file as the user does
        return main(sys.argv[1:], sys.argv[0] if typed else here)
    except KeyboardInterrupt:  # before or after `main` could take it
        return 130
    except Exception as error:  # a damaged archive fails anywhere, and a user of a model is helped by no traceback
        sys.stderr.write(f"error: the model failed: {type(error).__name__}: {str(error)!a}\n")
        return 2
    finally:
        gc.enable()


def leave(code: int) -> NoReturn:
    """End the process with nothing left to write: taking NumPy apart piece by piece would take 10 ms."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed, full, or never there: all that matters is written
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    leave(enter())
