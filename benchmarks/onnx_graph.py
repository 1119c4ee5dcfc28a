"""An ONNX model, written node by node."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from benchmarks.peers import Array

OPSET: Final = 20
IR_VERSION: Final = 9  # what opset 20 was published with


class OnnxGraph:
    """A model of one input `x` and one output `y`: nodes are added in order, tensors by the names they are given."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.tensors: dict[str, Any] = {}

    def tensor(self, name: str, values: Array) -> str:
        """Add a tensor of weights, once under each name, and return the name."""
        from onnx import numpy_helper

        if name not in self.tensors:
            self.tensors[name] = numpy_helper.from_array(np.asarray(values, order="C"), name)
        return name

    def integers(self, *values: int) -> str:
        """Add a list of integers, such as a shape, and return its name."""
        return self.tensor(f"integers {' '.join(map(str, values))}", np.array(values, np.int64))

    def node(self, operator: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """Add a node of one result and return the result's name."""
        return self.split(operator, *inputs, outputs=[output or f"h_{len(self.nodes)}"], **attributes)[0]

    def split(self, operator: str, *inputs: str, outputs: Sequence[str], **attributes: Any) -> Sequence[str]:
        """Add a node of several results and return their names."""
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, outputs, **attributes))
        return outputs

    def model(
        self, input_shape: Sequence[int | str], output_shape: Sequence[int | str], *, integer: bool = False
    ) -> bytes:
        """Return the model as bytes, which onnx has checked; the output is the last node's result, called `y`."""
        import onnx
        from onnx import TensorProto, helper

        self.nodes[-1].output[0] = "y"
        kind = TensorProto.INT64 if integer else TensorProto.FLOAT
        x = helper.make_tensor_value_info("x", kind, input_shape)
        y = helper.make_tensor_value_info("y", TensorProto.FLOAT, output_shape)
        graph = helper.make_graph(self.nodes, "network", [x], [y], list(self.tensors.values()))
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())
