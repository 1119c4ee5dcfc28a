"""Searches the cells of a fully connected ReLU network on all of R^n with relucent, once for each line that it reads.

Called with a .npz of arrays Omega_0, beta_0, Omega_1, …, and the point that the search begins at. Writes for each line
the seconds that a search took, and how many cells it found. Runs by an interpreter that has relucent.
"""

import sys
import time
from collections import OrderedDict
from typing import Any

import numpy as np


def main() -> None:
    """Search when asked."""
    path, *begin = sys.argv[1:]
    import relucent  # type: ignore[import-not-found]  # where it is installed
    from relucent.model import model as parts  # type: ignore[import-not-found]

    start = np.array([[*map(float, begin)]])
    with np.load(path) as tensors:
        layers: OrderedDict[str, Any] = OrderedDict()
        depth = len(tensors.files) // 2
        for k in range(depth):
            Omega, beta = tensors[f"Omega_{k}"], tensors[f"beta_{k}"]
            layers[f"affine_{k}"] = parts.LinearLayer(weight=Omega, bias=beta)
            if k < depth - 1:
                layers[f"relu_{k}"] = parts.ReLULayer()
    for _ in sys.stdin:
        began = time.perf_counter()
        found = relucent.Complex(parts.ReLUNetwork(layers, input_shape=(start.shape[1],)))
        found.bfs(nworkers=1, start=start, verbose=0)
        took = time.perf_counter() - began
        sys.stdout.write(f"{took!r} {len(found)}\n")
        sys.stdout.flush()


main()
