"""A fully connected ReLU network for every peer, of its parameters in the names of a spec: `beta_k`, `Omega_k`."""

from typing import Any, Final

import numpy as np

from benchmarks.onnx_graph import OnnxGraph
from benchmarks.peers import (
    BOUND,
    COMPILED,
    CONSTANTS,
    JAX,
    NAIVE,
    ONNX,
    REFERENCE,
    SKLEARN,
    TORCH,
    Array,
    Call,
    Function,
    Parameters,
    Peer,
    here,
    installed,
    jax_jit,
    reference,
    runtime,
    runtime_bound,
    torch_compiled,
    torch_eager,
)

USUAL: Final = (NAIVE, ONNX, TORCH, JAX)
SELDOM: Final = (BOUND, COMPILED, CONSTANTS, SKLEARN, REFERENCE)


def peers(parameters: Parameters, names: tuple[str, ...]) -> dict[str, Peer]:
    """Return those of the named peers that are installed."""
    makers = {
        NAIVE: lambda: here(naive(parameters)),
        ONNX: lambda: runtime(onnx_bytes(parameters)),
        TORCH: lambda: torch_eager(torch_module(parameters)),
        JAX: lambda: jax_function(parameters),
        BOUND: lambda: runtime_bound(onnx_bytes(parameters)),
        COMPILED: lambda: torch_compiled(torch_module(parameters)),
        CONSTANTS: lambda: jax_function(parameters, constants=True),
        SKLEARN: lambda: sklearn_regressor(parameters),
        REFERENCE: lambda: reference(onnx_bytes(parameters)),
    }
    return {name: makers[name]() for name in names if installed(name)}


def layers(parameters: Parameters) -> list[tuple[Array, Array]]:
    """Return (Ω_k, β_k) for k = 0 … K; Ω_k is (D_{k+1}, D_k), β_k (D_{k+1},)."""
    return [(parameters[f"Omega_{k}"], parameters[f"beta_{k}"]) for k in range(len(parameters) // 2)]


def naive(parameters: Parameters) -> Function:
    """Return the network as one writes it by hand."""
    *hidden, (last, offset) = layers(parameters)

    def network(x: Array) -> Array:
        h = x
        for weight, bias in hidden:
            h = np.maximum(h @ weight.T + bias, 0)
        return np.asarray(h @ last.T + offset)

    return network


def onnx_bytes(parameters: Parameters) -> bytes:
    """Return the network as an ONNX file: Gemm and Relu, from `x` to `y`."""
    graph, at = OnnxGraph(), "x"
    pairs = layers(parameters)
    for k, (weight, bias) in enumerate(pairs):
        at = graph.node("Gemm", at, graph.tensor(f"Omega_{k}", weight), graph.tensor(f"beta_{k}", bias), transB=1)
        if k < len(pairs) - 1:
            at = graph.node("Relu", at)
    return graph.model(["batch", pairs[0][0].shape[1]], ["batch", pairs[-1][0].shape[0]])


def torch_module(parameters: Parameters) -> Any:
    """Return the network as torch's `nn.Sequential`."""
    import torch

    modules: list[Any] = []
    for weight, bias in layers(parameters):
        with torch.device("meta"):
            linear = torch.nn.Linear(weight.shape[1], weight.shape[0])
        values = {"weight": torch.tensor(weight), "bias": torch.tensor(bias)}
        linear.load_state_dict(values, assign=True)
        modules += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*modules[:-1])


def jax_function(parameters: Parameters, *, constants: bool = False) -> Peer:
    """Return the network jitted; its matrices lie as (inputs, outputs), as JAX's own libraries have them."""
    import jax.numpy as jnp

    def network(pairs: Any, x: Any) -> Any:
        *hidden, (last, offset) = pairs
        h = x
        for weight, bias in hidden:
            h = jnp.maximum(h @ weight + bias, 0)
        return h @ last + offset

    pairs = [(np.ascontiguousarray(weight.T), bias) for weight, bias in layers(parameters)]
    return jax_jit(network, pairs, constants=constants)


def sklearn_regressor(parameters: Parameters) -> Peer:
    """Return the network as a fitted `MLPRegressor`."""
    from sklearn.neural_network import MLPRegressor

    pairs = layers(parameters)
    model = MLPRegressor(hidden_layer_sizes=tuple(bias.size for _, bias in pairs[:-1]), activation="relu")
    model.coefs_ = [np.ascontiguousarray(weight.T) for weight, _ in pairs]
    model.intercepts_ = [bias.copy() for _, bias in pairs]
    model.n_layers_, model.n_outputs_, model.out_activation_ = len(pairs) + 1, pairs[-1][1].size, "identity"
    model.n_features_in_ = pairs[0][0].shape[1]

    def bind(x: Array) -> Call:
        return lambda: model.predict(x).reshape(len(x), -1)

    return bind
