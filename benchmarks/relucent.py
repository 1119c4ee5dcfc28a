"""relucent (PyPI), which searches the cells of a ReLU network one by one: a peer in a process of its own, since it
needs PyTorch, and may have an interpreter of its own: RELUCENT_PYTHON names it.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.harness import ONE_THREAD, PROGRAMS, Sample, System, pinned_processor
from netspec.model import Model

VARIABLE: Final = "RELUCENT_PYTHON"


def interpreter() -> str | None:
    """Return the interpreter that has relucent; None where nothing says that one has."""
    return os.environ.get(VARIABLE) or (sys.executable if find_spec("relucent") is not None else None)


@contextlib.contextmanager
def searching(python: str, model: Model, start: Sequence[float], path: Path, cells: int) -> Iterator[System]:
    """Yield a system that searches the cells of a model from a point on, in a process with one thread that is ready.

    The model is left at `path`. Measuring raises RuntimeError where the process ends, or finds another number of cells.
    """
    tensors: dict[str, Any] = {name: np.array(tensor) for name, tensor in model.parameters.items()}
    np.savez(path, **tensors)
    command = [python, "-I", os.fspath(PROGRAMS / "relucent_search.py"), os.fspath(path), *map(str, start)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    process = subprocess.Popen(
        command, env=environment | ONE_THREAD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(process.pid, {pinned_processor()})
        asked, told = process.stdin, process.stdout

        def search() -> Sample:
            with contextlib.suppress(BrokenPipeError):  # of one that has ended, which tells nothing
                asked.write("\n")
                asked.flush()
            seconds, found = told.readline().split() or ("0", "no")
            if found != str(cells):
                raise RuntimeError(f"relucent finds {found} cells, and not {cells}")
            return Sample(float(seconds))

        try:
            yield search
        finally:
            with contextlib.suppress(BrokenPipeError):
                asked.close()
