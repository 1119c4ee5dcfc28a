"""Specs that are made rather than written: networks with values that are known to do what is claimed of them."""

from netspec.constructions.approximation import Piecewise, fewest_pieces, largest_error
from netspec.constructions.points import MOST_POINTS, as_points, read_points
from netspec.constructions.polyline import Drawn, Precision, draw, polyline, precision_curve
from netspec.constructions.sawtooth import sawtooth

__all__ = [
    "MOST_POINTS",
    "Drawn",
    "Piecewise",
    "Precision",
    "as_points",
    "draw",
    "fewest_pieces",
    "largest_error",
    "polyline",
    "precision_curve",
    "read_points",
    "sawtooth",
]
