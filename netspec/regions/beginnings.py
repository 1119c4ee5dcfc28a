"""The cells that a domain begins with."""

from typing import Any

import numpy as np

from netspec.regions.domains import Domain
from netspec.regions.intervals import Intervals
from netspec.regions.polygons import polygons_of, start_of
from netspec.regions.polytopes import polytopes_of
from netspec.regions.refining import Cells
from netspec.regions.steps import Forms


def beginning(domain: Domain) -> tuple[Cells, Forms]:
    """Return the cells that cover a domain, and the forms of x on them: what `refined` begins with."""
    cells: Any
    if domain.dimension == 1:
        cells = Intervals(np.array(domain.spans[0], domain.start.dtype))
    else:
        cells = polygons_of(domain) if domain.dimension == 2 else polytopes_of(domain)
    return cells, start_of(domain, len(cells))
