"""Functions of long values, some thousand numbers at a time. The text is copied into emitted programs, so this needs
nothing but NumPy.
"""

from collections.abc import Callable

import numpy as np

_LONGEST_PIECE = 2**15  # numbers at a time, so that what a function makes on its way stays in the cache


def in_pieces(function: "Callable[..., np.ndarray]", y: np.ndarray) -> None:
    """Write function(y) over y, element by element; y is contiguous. `function` takes `out`."""
    flat = y.reshape(-1)
    for first in range(0, flat.size, _LONGEST_PIECE):
        piece = flat[first : first + _LONGEST_PIECE]
        function(piece, out=piece)
