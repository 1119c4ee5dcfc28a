"""Networks rewritten, their functions kept: each gives back a new model, and says what was done."""

from netspec.transforms.canonical import canonical
from netspec.transforms.cells import by_cells
from netspec.transforms.collapse import collapse
from netspec.transforms.deepen import deepen
from netspec.transforms.embed import embed
from netspec.transforms.factor import factor
from netspec.transforms.permute import permute
from netspec.transforms.prune import prune
from netspec.transforms.rescale import rescale
from netspec.transforms.stability import states
from netspec.transforms.transformed import Transformed
from netspec.transforms.widen import widen

__all__ = [
    "Transformed",
    "by_cells",
    "canonical",
    "collapse",
    "deepen",
    "embed",
    "factor",
    "permute",
    "prune",
    "rescale",
    "states",
    "widen",
]
