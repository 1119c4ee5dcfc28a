"""From a graph to its program: a plan of kernels over buffers, and the text that is run and shipped."""

from netspec.compiler.emit import emit
from netspec.compiler.plan import Plan, make_plan

__all__ = ["Plan", "emit", "make_plan"]
