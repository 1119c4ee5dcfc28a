"""Modules of torch that have the weights of a spec; nothing is drawn that would be thrown away."""

from collections.abc import Callable
from typing import Any

from benchmarks.peers import Array, Parameters


def held(make: Callable[[], Any], **tensors: Array) -> Any:
    """Return a module that `make` gives, with these tensors; RuntimeError where one is missing or of another shape."""
    import torch

    with torch.device("meta"):
        module = make()
    module.load_state_dict({name: torch.tensor(array) for name, array in tensors.items()}, assign=True)
    return module


def linear(parameters: Parameters, weight: str, bias: str | None = None) -> Any:
    """Return `nn.Linear` of an Ω and a β."""
    import torch

    Omega = parameters[weight]
    outputs, inputs = Omega.shape
    more = {} if bias is None else {"bias": parameters[bias]}
    return held(lambda: torch.nn.Linear(inputs, outputs, bias=bias is not None), weight=Omega, **more)


def convolution(
    parameters: Parameters, weight: str, bias: str | None = None, *, stride: int = 1, padding: int = 0
) -> Any:
    """Return `nn.Conv2d` of an Ω and a β."""
    import torch

    Omega = parameters[weight]
    outputs, inputs, kernel, _ = Omega.shape
    more = {} if bias is None else {"bias": parameters[bias]}

    def make() -> Any:
        return torch.nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=bias is not None)

    return held(make, weight=Omega, **more)


def layer_norm(parameters: Parameters, name: str, epsilon: float) -> Any:
    """Return `nn.LayerNorm` over the last axis."""
    import torch

    gamma, beta = parameters[f"{name}.gamma"], parameters[f"{name}.beta"]
    return held(lambda: torch.nn.LayerNorm(gamma.shape[0], epsilon), weight=gamma, bias=beta)


def batch_norm(parameters: Parameters, name: str) -> Any:
    """Return `nn.BatchNorm2d`."""
    import numpy as np
    import torch

    return held(
        lambda: torch.nn.BatchNorm2d(parameters[f"{name}.gamma"].shape[0]),
        weight=parameters[f"{name}.gamma"],
        bias=parameters[f"{name}.beta"],
        running_mean=parameters[f"{name}.mean"],
        running_var=parameters[f"{name}.variance"],
        num_batches_tracked=np.array(0),
    )
