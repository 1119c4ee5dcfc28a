"""Sizes: integers, and polynomials in what is known only at run time; written as expressions, and nothing is run."""

from netspec.sizes.decision import Work, positive
from netspec.sizes.expression import Comparison, Expression, parse, parse_comparison
from netspec.sizes.fault import ExpressionFault
from netspec.sizes.known import NOTHING_KNOWN, Known, equal, simplify
from netspec.sizes.polynomial import Polynomial, Size, SizeFault, evaluate, substitute, symbol, symbols

__all__ = [
    "NOTHING_KNOWN",
    "Comparison",
    "Expression",
    "ExpressionFault",
    "Known",
    "Polynomial",
    "Size",
    "SizeFault",
    "Work",
    "equal",
    "evaluate",
    "parse",
    "parse_comparison",
    "positive",
    "simplify",
    "substitute",
    "symbol",
    "symbols",
]
