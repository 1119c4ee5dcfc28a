"""Segments through networks of every kind that is piecewise linear: what a region says is what the network computes."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from netspec.network import Network, load, loads
from netspec.regions import count, regions

RELU = "activation: relu"
ENDS = ["flatten", "dense: 2"]
LAYERS: dict[str, tuple[str, list[str]]] = {
    "dense": ("6", [f"dense: {{width: 5, {RELU}}}", "dense: 2"]),
    "leaky": ("6", ["dense: 5", "leaky_relu: {slope: 0.2}", "dense: 2"]),
    "hard": ("6", ["dense: 5", "hard_tanh", "dense: 4", "hard_sigmoid", "dense: 2"]),
    "shrink": ("6", ["dense: 5", "soft_shrink", "dense: 4", "relu6", "dense: 2"]),
    "jumps": ("6", ["dense: 5", "hard_shrink", "dense: 4", "relu", "dense: 2"]),
    "prelu": ("[3, 8]", ["conv: {channels: 3, kernel: 3}", "prelu", *ENDS]),
    "conv": ("[2, 9]", [f"conv: {{channels: 3, kernel: 3, stride: 2, padding: 1, {RELU}}}", *ENDS]),
    "grouped": ("[4, 9]", [f"conv: {{channels: 4, kernel: 3, groups: 2, dilation: 2, {RELU}}}", *ENDS]),
    "transposed": ("[2, 4]", ["conv_transpose: {channels: 2, kernel: 3, stride: 2}", "relu", *ENDS]),
    "pools": (
        "[2, 8, 8]",
        [f"conv: {{channels: 3, kernel: 3, padding: 1, {RELU}}}", "max_pool: 2", "average_pool: 2", *ENDS],
    ),
    "max pool first": ("[1, 12]", ["max_pool: {kernel: 3, stride: 2, padding: 1}", *ENDS]),
    "global": ("[2, 6]", ["conv: {channels: 4, kernel: 3}", "relu", "global_max_pool", *ENDS]),
    "adaptive": ("[2, 7]", ["conv: {channels: 4, kernel: 2}", "adaptive_max_pool: 3", *ENDS]),
    "upsample": ("[2, 4]", ["upsample: {factor: 2, mode: linear}", "conv: {channels: 2, kernel: 3}", "relu", *ENDS]),
    "batch norm": ("[2, 6]", ["conv: {channels: 3, kernel: 3}", "batch_norm", "relu", *ENDS]),
    "residual": (
        "6",
        ["dense: {width: 6, as: a}", "relu", "dense: {width: 6, as: b}", "add: {from: [a, b]}", "relu", "dense: 2"],
    ),
    "concat": (
        "6",
        [
            "dense: {width: 3, as: a}",
            "dense: {width: 4, from: in, as: b}",
            "concat: {from: [a, b]}",
            "relu",
            "dense: 2",
        ],
    ),
    "difference": (
        "6",
        [
            "dense: {width: 3, as: a}",
            "dense: {width: 3, from: in, as: b}",
            "abs_difference: {from: [a, b]}",
            "dense: 2",
        ],
    ),
    "max": ("[3, 4]", ["dense: 5", "max: {axes: 0}", "dense: 2"]),
}


def _network(kind: str) -> Network:
    shape, layers = LAYERS[kind]
    written = "".join(f"  - {layer}\n" for layer in layers)
    return loads(f"netspec: 1\ninput: {shape}\nlayers:\n{written}output: 2\n")


def _ends(model: Any, seed: int) -> tuple[Any, Any]:
    drawn = np.random.default_rng(seed)
    size = sum(int(np.prod(port.shape)) for port in model.inputs)
    return drawn.normal(0, 2, size), drawn.normal(0, 2, size)


def _check(model: Any, begin: Any, end: Any, **how: Any) -> int:
    """Return how many regions a segment has, each compared with what the model computes in it."""
    found = list(regions(model, segment=(begin, end), **how))
    shape = model.inputs[0].shape
    assert (found[0].low, found[-1].high) == (0, 1)
    t = np.array([region.low + share * (region.high - region.low) for region in found for share in (0.01, 0.5, 0.99)])
    x = (begin + t[:, None] * (end - begin)).reshape(-1, *shape)
    y = np.array(
        [
            region.beta + region.Omega * at
            for region, at in zip(np.repeat(range(len(found)), 3), t, strict=True)
            for region in [found[region]]
        ]
    )
    computed = np.asarray(model(x), float).reshape(len(t), -1)
    assert np.abs(y - computed).max() <= 1e-9 * (1 + np.abs(computed).max())
    for one, other in pairwise(found):
        assert one.high == other.low
        assert (one.Omega != other.Omega).any()
    return len(found)


@pytest.mark.parametrize("kind", LAYERS)
def test_each_region_says_what_the_network_computes(kind: str) -> None:
    cut = 0
    for seed in range(4):
        model = _network(kind).build(dtype="float64", seed=seed)
        begin, end = _ends(model, seed)
        pieces = _check(model, begin, end)
        found = count(model, segment=(begin, end))
        assert (found.pieces, found.bounds) == (pieces, None)
        cut += pieces
    assert cut > 4, "a segment that nothing cuts shows nothing"


@pytest.mark.parametrize("kind", ["conv", "pools", "residual", "concat", "max pool first", "prelu", "hard", "max"])
def test_rationals_find_the_same(kind: str) -> None:
    model = _network(kind).build(dtype="float64", seed=7)
    begin, end = (np.round(point) for point in _ends(model, 7))
    exact = count(model, segment=(begin, end), rational=True)
    found = count(model, segment=(begin, end))
    assert (found.cells, found.pieces) == (exact.cells, exact.pieces)


def test_notebook_10_2() -> None:
    model = load("specs/notebook_10_2.yaml").build(dtype="float64", seed=1)
    begin, end = _ends(model, 1)
    assert _check(model, 3 * begin, 3 * end) > 20


def test_lenet_5() -> None:
    model = load("specs/vision/lenet_5.yaml").build(dtype="float64", seed=1)
    assert model.inputs[0].shape
    begin, end = _ends(model, 1)
    found = count(model, segment=(begin, end), logits=True)
    assert found.pieces > 100
    assert count(model, segment=(begin, end), logits=True, max_memory=30_000_000).pieces == found.pieces
