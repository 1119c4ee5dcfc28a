"""From a graph to its program: a plan, and the text that is emitted from it.

A fully connected network has a plan of kernels over two buffers; any other a listing of its operations.
"""

from netspec.compiler.emit import emit
from netspec.compiler.plan import Plan, has_plan, make_plan
from netspec.compiler.program_text import program_text

__all__ = ["Plan", "emit", "has_plan", "make_plan", "program_text"]
