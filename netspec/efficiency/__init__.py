"""What an architecture can express for what it costs: comparisons, curves of families, budgets, effective dimension.

Used strictly: a *maximum* is exact, the most regions over all parameters; a *lower bound* is a number that some
parameters attain; an *upper bound* one that none exceed; *found* is what a computation in floating point saw.
"""

from netspec.efficiency.budgets import Budget, Fit, best_fits, deepest, fit, uneven_fit, widest
from netspec.efficiency.comparison import Compared, compare, compared
from netspec.efficiency.curves import Curve, Point, curves
from netspec.efficiency.expressed import Expressed, expressed
from netspec.efficiency.rank import MOST_PARAMETERS, Rank, found_rank
from netspec.efficiency.symmetry import Symmetry, symmetry

__all__ = [
    "MOST_PARAMETERS",
    "Budget",
    "Compared",
    "Curve",
    "Expressed",
    "Fit",
    "Point",
    "Rank",
    "Symmetry",
    "best_fits",
    "compare",
    "compared",
    "curves",
    "deepest",
    "expressed",
    "fit",
    "found_rank",
    "symmetry",
    "uneven_fit",
    "widest",
]
