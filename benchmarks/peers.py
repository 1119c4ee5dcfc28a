"""Peers: others that compute the same function, each given its input as it likes it best, and none timed unchecked.

A peer is bound to an input once and then called without arguments: what is timed is the computation, no conversion
between NumPy's arrays and its own.
"""

import importlib.util
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import System, calls

Array = NDArray[Any]
Function = Callable[[Array], Array]
Parameters = Mapping[str, Array]
"""Tensors by their names in a spec."""
Call = Callable[[], Any]
Peer = Callable[[Array], Call]
"""Given an input, gives a call; what that returns is an array, or something that `np.asarray` takes."""

NAIVE: Final = "NumPy by hand"
ONNX, BOUND, REFERENCE = "onnxruntime", "onnxruntime, IOBinding", "ReferenceEvaluator"
TORCH, COMPILED, CHANNELS_LAST = "torch", "torch.compile", "torch, channels last"
JAX, CONSTANTS, SKLEARN = "JAX", "JAX, constants", "scikit-learn"

_NEEDED: Final = {
    NAIVE: ("numpy",),
    ONNX: ("onnx", "onnxruntime"),
    BOUND: ("onnx", "onnxruntime"),
    REFERENCE: ("onnx",),
    TORCH: ("torch",),
    COMPILED: ("torch",),
    CHANNELS_LAST: ("torch",),
    JAX: ("jax",),
    CONSTANTS: ("jax",),
    SKLEARN: ("sklearn",),
}
_BOUND: Final = 1e-3


@cache
def installed(peer: str) -> bool:
    """Tell whether a peer is there to compare with; one that is not is left out of the tables."""
    if peer == COMPILED and not any(map(shutil.which, ("c++", "g++", "clang++"))):
        return False
    return all(importlib.util.find_spec(name) is not None for name in _NEEDED[peer])


def here(peer: Function) -> Peer:
    """Return a function of NumPy arrays as a peer."""
    return lambda x: lambda: peer(x)


def first(model: Callable[[Array], Any]) -> Function:
    """Return a model whose results have names as a function that gives the first of them."""

    def function(x: Array) -> Array:
        found = model(x)
        return next(iter(found.values())) if isinstance(found, dict) else found

    return function


def systems(peers: Mapping[str, Peer], x: Array, seconds: float | None = None) -> dict[str, System]:
    """Return each peer as a system to measure on one input; RuntimeError where one does not agree with the first."""
    bound = {name: peer(x) for name, peer in peers.items()}
    results = {name: np.asarray(call()) for name, call in bound.items()}
    wanted = next(iter(results.values()))
    for name, result in results.items():
        agree(result, wanted, name)
    return {name: calls(call) if seconds is None else calls(call, seconds) for name, call in bound.items()}


def agree(found: Array, wanted: Array, name: str = "one") -> None:
    """Raise RuntimeError where two results differ by more than float32 explains: they would not be of one network."""
    scale = float(np.abs(wanted).max()) or 1.0
    worst = float(np.abs(found - wanted).max()) / scale if found.shape == wanted.shape else float("inf")
    if not worst < _BOUND:
        raise RuntimeError(f"the results of {name} differ by {worst:.1e} of the largest")


def session(model: bytes, threads: int = 1) -> Any:
    """Return an ONNX model as a session of onnxruntime with all of its optimisations, which are its default."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def runtime(model: bytes, threads: int = 1) -> Peer:
    """Return an ONNX model of one input and one output as onnxruntime runs it by `session.run`, as users call it."""
    opened = session(model, threads)
    name = opened.get_inputs()[0].name

    def bind(x: Array) -> Call:
        return lambda: opened.run(None, {name: x})[0]

    return bind


def runtime_bound(model: bytes) -> Peer:
    """Return the same by IOBinding: input and output are at fixed places, which is the least that a call costs."""
    opened = session(model)
    source, target = opened.get_inputs()[0].name, opened.get_outputs()[0].name

    def bind(x: Array) -> Call:
        y: Array = np.empty_like(opened.run(None, {source: x})[0])
        binding = opened.io_binding()
        binding.bind_input(source, "cpu", 0, x.dtype, x.shape, x.ctypes.data)
        binding.bind_output(target, "cpu", 0, y.dtype, y.shape, y.ctypes.data)

        def call() -> Array:
            opened.run_with_iobinding(binding)
            return y

        return call

    return bind


def reference(model: bytes) -> Peer:
    """Return an ONNX model as onnx's own evaluator runs it, which is written in NumPy."""
    import onnx
    from onnx.reference import ReferenceEvaluator

    evaluator = ReferenceEvaluator(onnx.load_model_from_string(model))
    name = evaluator.input_names[0]
    return lambda x: lambda: evaluator.run(None, {name: x})[0]


@cache
def _inference() -> Any:
    """Put torch into inference mode, so that no call pays for entering it; it ends with what is returned and kept."""
    import torch

    mode = torch.inference_mode()
    mode.__enter__()
    return mode


def torch_eager(module: Any, *, channels_last: bool = False) -> Peer:
    """Return a module of torch in inference mode."""
    import torch

    _inference()
    form = torch.channels_last if channels_last else torch.contiguous_format
    module = module.eval().to(memory_format=form)

    def bind(x: Array) -> Call:
        given = torch.from_numpy(x)
        if x.ndim == 4:
            given = given.contiguous(memory_format=form)
        return lambda: module(given)

    return bind


def torch_compiled(module: Any) -> Peer:
    """Return a module as `torch.compile` compiles it for the one shape that it is given."""
    import torch

    def bind(x: Array) -> Call:
        torch.compiler.reset()
        return torch_eager(torch.compile(module.eval(), dynamic=False))(x)

    return bind


def torch_threads(threads: int) -> None:
    """Settle how many threads torch computes with."""
    import torch

    torch.set_num_threads(threads)


def jax_jit(function: Callable[[Any, Any], Any], parameters: Any, *, constants: bool = False) -> Peer:
    """Return a function of parameters and input, in jax.numpy, as jitted.

    The parameters are arguments, as JAX's users have them, on the device; or `constants` of the compiled program, which
    spares each call going through them. Dispatched at once, not by a thread: that is faster on one processor.
    """
    import jax

    jax.config.update("jax_cpu_enable_async_dispatch", False)

    def bind(x: Array) -> Call:
        given = jax.device_put(x)
        if constants:
            bound = jax.jit(lambda x: function(parameters, x))
            return lambda: bound(given).block_until_ready()
        placed, jitted = jax.device_put(parameters), jax.jit(function)
        return lambda: jitted(placed, given).block_until_ready()

    return bind
