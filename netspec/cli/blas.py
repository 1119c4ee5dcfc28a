"""How many threads BLAS has in this process: said before NumPy is first loaded, which reads it once."""

import os
import sys
from typing import TYPE_CHECKING, Final

from netspec.diagnostics import SystemFault

if TYPE_CHECKING:
    from netspec.network import Network

_VARIABLES: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_WORTH: Final = 15_000_000
"""Multiply-accumulates of a product for each thread, below which waiting for one another costs more than it saves: with
two busy cores two threads made the steps of small networks 15 times slower. A step of many small products is no better
off than one of few: a transformer of width 32, of 20 positions in batches of 32, took three times as long.
"""


def set_threads(count: int | None, network: "Network", batch: int | None) -> None:
    """Let BLAS have `count` threads; without it one where all products of a step of `batch` rows are small.

    What the environment says of them goes before everything but the count. Where NumPy has been loaded, as for the
    values of a file of parameters, threadpoolctl has to tell it the count; raises SystemFault `usage` where that is not
    installed. Without a count nothing is changed then.
    """
    if "numpy" in sys.modules:
        if count is not None:
            _tell(count)
        return
    if count is None:
        if batch is None or any(name in os.environ for name in _VARIABLES):
            return
        from netspec.graph.products import largest_product

        if largest_product(network.operations, batch) >= _WORTH * (os.cpu_count() or 1):
            return
        count = 1
    for name in _VARIABLES:
        os.environ[name] = str(count)


def _tell(count: int) -> None:
    """Let a BLAS that is at work have so many threads."""
    from netspec.runtime.threads import give_blas

    if not give_blas(count):
        headline = f"--threads: NumPy was loaded to read parameters, and has its threads; to change them to {count:,}"
        raise SystemFault(
            "usage",
            f"{headline} needs threadpoolctl",
            f"`pip install 'netspec-lang[threads]'`, or set OPENBLAS_NUM_THREADS={count}",
        )
