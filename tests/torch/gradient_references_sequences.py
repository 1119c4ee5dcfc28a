"""Writes tests/gradients/references/sequences.json: what PyTorch gives for the kernels of sequences, in float64.

A case has a kernel, its arrays (`{"shape": [...], "values": [...]}`) and options, dy, and PyTorch's y and gradients of
Σ dy y. `tests/gradients/kernels/test_sequence_references.py` reads it.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F  # noqa: N812 - as everybody calls it

from tests.torch.vectors import _plain as plain

TARGET: Final = Path(__file__).parents[1] / "gradients" / "references" / "sequences.json"

Array = NDArray[Any]
Case = tuple[str, dict[str, Array | None], dict[str, Any]]


def _attend(heads: int, key_heads: int, causal: bool, scale: float, **x: Any) -> Any:
    q, k, v = (x[one].unflatten(2, (n, -1)).transpose(1, 2) for one, n in
               (("query", heads), ("key", key_heads), ("value", key_heads)))  # fmt: skip
    y = F.scaled_dot_product_attention(q, k, v, is_causal=causal, scale=scale, enable_gqa=True)
    return y.transpose(1, 2).flatten(2)


def _scan(kind: str) -> Callable[..., Any]:
    def run(reverse: bool, function: str = "tanh", **x: Any) -> Any:
        size, width = x["x"].shape[2], x["Omega_hidden"].shape[1]
        module = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind]
        more = {"nonlinearity": function} if kind == "rnn" else {}
        layer = module(size, width, batch_first=True, dtype=torch.float64, **more)
        steps = x["x"].flip(1) if reverse else x["x"]
        zero = torch.zeros(len(x["Omega_hidden"]), dtype=torch.float64)
        roles = {"weight_ih_l0": "Omega_input", "weight_hh_l0": "Omega_hidden", "bias_ih_l0": "beta_input",
                 "bias_hh_l0": "beta_hidden"}  # fmt: skip
        tensors = {ours: zero if x[role] is None else x[role] for ours, role in roles.items()}
        y = torch.func.functional_call(layer, tensors, (steps,))[0]
        return y.flip(1) if reverse else y

    return run


def _layer_norm(axes: int, epsilon: float, x: Any, gamma: Any, beta: Any) -> Any:
    return F.layer_norm(x, x.shape[x.ndim - axes :], gamma, beta, epsilon)


def _matmul(transpose_first: bool, transpose_second: bool, a: Any, b: Any) -> Any:
    return (a.mT if transpose_first else a) @ (b.mT if transpose_second else b)


KERNELS: Final[dict[str, Callable[..., Any]]] = {
    "attend": _attend,
    "rnn": _scan("rnn"),
    "lstm": _scan("lstm"),
    "gru": _scan("gru"),
    "embed": lambda indices, Omega: F.embedding(indices, Omega),
    "positions": lambda x, Omega: x + Omega[: x.shape[-2]],
    "layer_norm": _layer_norm,
    "rms_norm": lambda epsilon, x, gamma: F.rms_norm(x, (x.shape[-1],), gamma, epsilon),
    "matmul": _matmul,
    "affine_rows": lambda x, Omega, beta: F.linear(x, Omega, beta),
}
"""PyTorch's own, by the names of the arrays and options. It has no rotation and no sines of positions."""


def main() -> None:
    """Write the file, the same each time."""
    random = np.random.default_rng(0)
    lines = [json.dumps(_line(random, *case)) for case in _cases(random)]
    body = ",\n".join(lines)
    TARGET.write_text(f"[\n{body}\n]\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(lines)} cases by PyTorch {torch.__version__}, {TARGET.stat().st_size} bytes")


def _cases(random: np.random.Generator) -> Iterator[Case]:
    """Yield cases of every kernel: its name, its arrays and its options."""

    def drawn(*shape: int) -> Array:
        return np.round(random.normal(0, 1, shape), 3)

    for heads, key_heads, steps, keys, causal in (
        (1, 1, 3, 3, False), (2, 2, 4, 4, True), (2, 1, 3, 5, False), (4, 2, 4, 3, True), (2, 2, 3, 5, True),
    ):  # fmt: skip
        x: dict[str, Array | None] = {
            "query": drawn(2, steps, heads * 2),
            "key": drawn(2, keys, key_heads * 2),
            "value": drawn(2, keys, key_heads * 3),
        }
        yield "attend", x, {"heads": heads, "key_heads": key_heads, "causal": causal, "scale": 0.7}
    for kind, gates, function in (("rnn", 1, "tanh"), ("rnn", 1, "relu"), ("lstm", 4, ""), ("gru", 3, "")):
        for reverse, bias in ((False, True), (True, True), (False, False)):
            tensors: dict[str, Array | None] = {
                "x": drawn(2, 4, 3),
                "Omega_input": drawn(gates * 2, 3),
                "Omega_hidden": drawn(gates * 2, 2),
                "beta_input": drawn(gates * 2) if bias else None,
                "beta_hidden": drawn(gates * 2) if bias else None,
            }
            yield kind, tensors, {"reverse": reverse, **({"function": function} if function else {})}
    yield "embed", {"indices": random.integers(0, 3, (2, 4)), "Omega": drawn(4, 2)}, {}
    yield "positions", {"x": drawn(2, 3, 2), "Omega": drawn(5, 2)}, {}
    for axes, scale, bias in ((1, True, True), (2, True, True), (1, True, False), (2, False, True), (1, False, False)):
        sizes = (3, 4)[2 - axes :]
        norm: dict[str, Array | None] = {
            "x": drawn(2, 3, 4),
            "gamma": drawn(*sizes) if scale else None,
            "beta": drawn(*sizes) if bias else None,
        }
        yield "layer_norm", norm, {"axes": axes, "epsilon": 1e-5}
    for gain in (drawn(4), None):
        yield "rms_norm", {"x": drawn(2, 3, 4), "gamma": gain}, {"epsilon": 1e-6}
    for first, second, before in ((False, False, 2), (True, False, 1), (False, True, 2), (True, True, 1)):
        a = drawn(2, before, *((3, 2) if first else (2, 3)))
        b = drawn(2, 2, *((4, 3) if second else (3, 4)))
        yield "matmul", {"a": a, "b": b}, {"transpose_first": first, "transpose_second": second}
    for beta in (drawn(2), None):
        yield "affine_rows", {"x": drawn(2, 3, 4), "Omega": drawn(2, 4), "beta": beta}, {}


def _line(random: np.random.Generator, name: str, arrays: dict[str, Array | None], options: dict[str, Any]) -> Any:
    """Return a case with what PyTorch gives for it."""
    tensors = {one: None if value is None else torch.from_numpy(value) for one, value in arrays.items()}
    learned = {one: value for one, value in tensors.items() if value is not None and value.is_floating_point()}
    for value in learned.values():
        value.requires_grad_()
    y = KERNELS[name](**tensors, **options)
    dy = np.round(random.normal(0, 1, y.shape), 3)
    found = torch.autograd.grad(y, list(learned.values()), torch.from_numpy(dy))
    return {
        "kernel": name,
        "arrays": {one: plain(value) for one, value in arrays.items()},
        "options": options,
        "dy": plain(dy),
        "y": plain(y.detach().numpy()),
        "gradients": {one: plain(value.numpy()) for one, value in zip(learned, found, strict=True)},
    }


if __name__ == "__main__":
    main()
