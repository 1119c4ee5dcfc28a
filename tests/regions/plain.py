"""Cells and pieces counted plainly, in rationals: the cells of `refining`, compared one after the other."""

from typing import Any

import numpy as np

from netspec.regions.domains import Domain
from netspec.regions.intervals import Intervals
from netspec.regions.refining import refined
from netspec.regions.steps import Chain


def counted(chain: Chain, domain: Domain) -> tuple[int, int]:
    """Return the cells and pieces of a chain in rationals on a line."""
    knots = np.empty(2, object)
    knots[:] = domain.spans[0]
    cells = pieces = 0
    form: Any = None
    signature: Any = None
    for block in refined(chain, Intervals(knots), domain.start, 100):
        for index in range(len(block.cells)):
            cells += signature is None or block.signatures[index] != signature
            pieces += form is None or bool((block.forms[:, index] != form).any())
            form, signature = block.forms[:, index], block.signatures[index]
    return cells, pieces
