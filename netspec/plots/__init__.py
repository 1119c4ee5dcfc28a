"""Pictures of what networks compute, drawn by matplotlib: functions and their regions, folds, curves of families."""

from netspec.plots.approximations import precision
from netspec.plots.canvas import Picture
from netspec.plots.families import depth
from netspec.plots.folds import folding
from netspec.plots.lines import function
from netspec.plots.surfaces import regions

__all__ = ["Picture", "depth", "folding", "function", "precision", "regions"]
