"""The same network for the others: as NumPy is written by hand, for onnxruntime, and for torch where it is installed.

Each takes the parameters by their names in a spec: `beta_k` (D_{k+1},) and `Omega_k` (D_{k+1}, D_k), float32.
"""

import importlib.util
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Function = Callable[[Array], Array]


def layers(parameters: Mapping[str, Array]) -> list[tuple[Array, Array]]:
    """Return (Ω_k, β_k) for k = 0 … K."""
    return [(parameters[f"Omega_{k}"], parameters[f"beta_{k}"]) for k in range(len(parameters) // 2)]


def naive(parameters: Mapping[str, Array]) -> Function:
    """Return the network as one writes it by hand."""
    *hidden, (last, offset) = layers(parameters)

    def network(x: Array) -> Array:
        h = x
        for weight, bias in hidden:
            h = np.maximum(h @ weight.T + bias, 0)
        return np.asarray(h @ last.T + offset)

    return network


def onnx_bytes(parameters: Mapping[str, Array]) -> bytes:
    """Return the network as an ONNX file: Gemm and Relu, from `x` to `y`."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes, tensors, at = [], [], "x"
    pairs = layers(parameters)
    for k, (weight, bias) in enumerate(pairs):
        tensors += [numpy_helper.from_array(weight, f"Omega_{k}"), numpy_helper.from_array(bias, f"beta_{k}")]
        last = k == len(pairs) - 1
        nodes.append(helper.make_node("Gemm", [at, f"Omega_{k}", f"beta_{k}"], ["y" if last else f"f_{k}"], transB=1))
        if not last:
            at = f"h_{k + 1}"
            nodes.append(helper.make_node("Relu", [f"f_{k}"], [at]))
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, pairs[0][0].shape[1]])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, pairs[-1][0].shape[0]])
    graph = helper.make_graph(nodes, "network", [x], [y], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def runtime(parameters: Mapping[str, Array]) -> Function:
    """Return the network as onnxruntime runs it with one thread, by `session.run`."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx_bytes(parameters), options, providers=["CPUExecutionProvider"])

    def network(x: Array) -> Array:
        return np.asarray(session.run(None, {"x": x})[0])

    return network


def has_torch() -> bool:
    """Tell whether torch is there to compare with."""
    return importlib.util.find_spec("torch") is not None


def torch_modules(parameters: Mapping[str, Array]) -> Function:
    """Return the network as torch's `nn.Sequential` with one thread, in inference mode."""
    import torch

    torch.set_num_threads(1)
    modules: list[Any] = []
    for weight, bias in layers(parameters):
        linear = torch.nn.Linear(weight.shape[1], weight.shape[0])
        linear.load_state_dict({"weight": torch.tensor(weight), "bias": torch.tensor(bias)})
        modules += [linear, torch.nn.ReLU()]
    sequence = torch.nn.Sequential(*modules[:-1])

    def network(x: Array) -> Array:
        with torch.inference_mode():
            return np.asarray(sequence(torch.from_numpy(x)).numpy())

    return network
