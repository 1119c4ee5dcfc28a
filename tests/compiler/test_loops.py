"""A long stretch of equal layers is one loop, and computes what the same layers written out do."""

import re

import numpy as np
import pytest

from netspec.compiler import make_plan
from netspec.compiler.extent import UNROLLED
from netspec.compiler.plan import Loop
from netspec.network import Network
from tests.compiler.programs import TOLERANCES, assert_close, inputs, network, parameters, program
from tests.twins import twin

MIXED = ["tanh"] * 299 + ["relu"] * 301
NETWORKS: dict[str, dict[str, object]] = {
    "just not": {"input": 2, "K": UNROLLED + 1, "widths": 3, "output": 2},
    "just": {"input": 2, "K": UNROLLED + 2, "widths": 3, "output": 2},
    "300 layers": {"input": 2, "K": 300, "widths": 4, "output": 2},
    "301 layers": {"input": 2, "K": 301, "widths": 4, "output": 2},
    "1000 layers": {"input": 1, "K": 1000, "widths": 2, "output": 1},
    "identity": {"input": 3, "K": 400, "widths": 3, "activation": "identity", "output": 3},
    "with a scratch": {"input": 3, "K": 300, "widths": 3, "activation": "silu", "output": 1},
    "two loops": {"input": 3, "widths": [4] * 300 + [2] * 301, "output": 1},
    "two loops of one width": {"input": 3, "widths": 3, "K": 600, "activation": MIXED, "output": 1},
    "between others": {"input": 3, "widths": [9, *[4] * 300, 7, 5], "output": 6},
}  # fmt: skip
EVERY_NETWORK = pytest.mark.parametrize("keys", NETWORKS.values(), ids=NETWORKS)


def loops(net: Network) -> int:
    return sum(isinstance(stage, Loop) for stage in make_plan(net.operations, net.name, net.dtype).stages)


def shared() -> Network:
    """Return a composition in which one network with a loop in it is applied twice."""
    deep = {"input": 3, "K": 300, "widths": 4, "output": 3}
    return network(networks={"deep": deep, "last": {"input": 3, "K": 0, "output": 2}}, compose=["deep", "deep", "last"])


@EVERY_NETWORK
@pytest.mark.parametrize("dtype", TOLERANCES)
def test_a_loop_is_its_twin(keys: dict[str, object], dtype: str) -> None:
    """Errors of thousands of layers add up: a hundred times the tolerance of a few."""
    net = network(**keys)
    tensors = parameters(net, dtype=dtype)
    x = inputs(net, 5, dtype)
    assert_close(program(net, tensors, dtype)(x), twin(net.operations, tensors, x), 100 * TOLERANCES[dtype])


@EVERY_NETWORK
@pytest.mark.parametrize("rows", [1, 5, 300])
def test_a_loop_gives_the_bits_of_its_layers_written_out(
    keys: dict[str, object], rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = network(**keys)
    tensors = parameters(net)
    x = inputs(net, rows)
    looped = program(net, tensors, exact=True)(x)
    monkeypatch.setattr("netspec.compiler.extent.UNROLLED", 10**6)
    assert loops(net) == 0
    assert np.array_equal(program(net, tensors, exact=True)(x), looped)


@pytest.mark.parametrize(
    ("name", "count"), [("just not", 0), ("just", 1), ("two loops", 2), ("two loops of one width", 2)]
)
def test_a_loop_begins_where_lines_would_be_too_many(name: str, count: int) -> None:
    assert loops(network(**NETWORKS[name])) == count


def test_a_shared_network_with_a_loop_runs_twice() -> None:
    net = shared()
    assert loops(net) == 2
    tensors = parameters(net, dtype="float64")
    x = inputs(net, 7, "float64")
    assert_close(program(net, tensors, "float64")(x), twin(net.operations, tensors, x), 1e-10)


def test_a_loop_s_source_does_not_grow_with_its_rounds() -> None:
    """Only its numbers change, and from 1,024 rounds on one kernel, which keeps vectors as they are."""
    for short, long in ((500, 1_000), (2_000, 9_000)):
        nets = [network(input=3, K=K, widths=4, output=2) for K in (short, long)]
        texts = [re.sub(r"\d+", "N", program(net, parameters(net)).source) for net in nets]
        assert texts[0] == texts[1]
