"""Sizes that are written as expressions: integers, names and six operators, evaluated without running anything."""

from netspec.sizes.expression import Comparison, Expression, parse, parse_comparison
from netspec.sizes.fault import ExpressionFault

__all__ = ["Comparison", "Expression", "ExpressionFault", "parse", "parse_comparison"]
