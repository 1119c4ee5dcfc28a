"""How many threads BLAS has in this process: said before NumPy is first loaded, which reads it once."""

import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from netspec.network import Network

_VARIABLES: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_WORTH: Final = 15_000_000
"""Multiply-accumulates of a step for each thread, below which waiting for one another costs more than it saves: with
two busy cores two threads made the steps of small networks 15 times slower.
"""


def set_threads(count: int | None, network: "Network", batch: int | None) -> None:
    """Let BLAS have `count` threads; without it one where a step of `batch` rows is small, else what it has itself.

    What the environment says of them goes before everything but the count. A step is the network forward, and twice as
    much backward. Nothing is changed where NumPy has been loaded, as for the values of a file of parameters.
    """
    if "numpy" in sys.modules:
        return
    if count is None:
        macs = network.facts.macs
        small = batch is not None and isinstance(macs, int) and 3 * macs * batch < _WORTH * (os.cpu_count() or 1)
        if not small or any(name in os.environ for name in _VARIABLES):
            return
        count = 1
    for name in _VARIABLES:
        os.environ[name] = str(count)
