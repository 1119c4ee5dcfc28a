"""The words that layers are made of: operations with their shapes, parameters and costs, and the graph they form."""

from netspec.operations.affine import Affine
from netspec.operations.builder import Builder, Tag, Tensor, Tie, TieFault
from netspec.operations.elementwise import Elementwise
from netspec.operations.functions import FUNCTIONS, Argument, Function
from netspec.operations.graph import Call, Check, Graph, Name, Node, Parameter, Path, Repeat, Round, spell
from netspec.operations.operation import Cost, Linearity, Operation, OperationFault, Role, Shape, volume, written
from netspec.operations.settling import Settled

__all__ = [
    "FUNCTIONS",
    "Affine",
    "Argument",
    "Builder",
    "Call",
    "Check",
    "Cost",
    "Elementwise",
    "Function",
    "Graph",
    "Linearity",
    "Name",
    "Node",
    "Operation",
    "OperationFault",
    "Parameter",
    "Path",
    "Repeat",
    "Role",
    "Round",
    "Settled",
    "Shape",
    "Tag",
    "Tensor",
    "Tie",
    "TieFault",
    "spell",
    "volume",
    "written",
]
