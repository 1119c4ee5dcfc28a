"""The graph of a whole network: assembled from parts, walked, counted, identified, and seen through networkx."""

from netspec.graph.assemble import Assembler
from netspec.graph.facts import Facts
from netspec.graph.walk import Step, Tensor, is_chain, steps, tensor_count, tensors

__all__ = ["Assembler", "Facts", "Step", "Tensor", "is_chain", "steps", "tensor_count", "tensors"]
