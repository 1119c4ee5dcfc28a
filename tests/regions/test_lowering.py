"""A network as steps computes what the network computes, in both arithmetics, or says why it has no regions."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import netspec
from netspec.operations import FUNCTIONS, Elementwise
from netspec.regions.assembly import NoRegions
from netspec.regions.bending import pieces
from netspec.regions.lowering import lower, lower_graph
from netspec.regions.steps import Chain
from tests.compiler.test_layers import examples, graph_of, values
from tests.layers.rows import ROWS, Row
from tests.twins.network import twins

SMOOTH = {
    "attention", "embedding", "group_norm", "gru", "instance_norm", "layer_norm", "log_softmax", "lstm", "matmul",
    "multiply", "rms_norm", "softmax",
}  # fmt: skip
"""The kinds that may be refused; of the activations those that the table of functions calls smooth."""


def flat(arrays: list[NDArray[Any]]) -> NDArray[np.float64]:
    return np.concatenate([np.asarray(each, np.float64).reshape(len(each), -1) for each in arrays], 1)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_steps_compute_what_the_layer_does(row: Row) -> None:
    graph = graph_of(row, free=False)
    found = values(graph, "float64")
    inputs = examples(graph, 3, "float64")
    try:
        chain = lower_graph(graph, found, {})
    except NoRegions:
        smooth = row.keyword in FUNCTIONS and FUNCTIONS[row.keyword].linearity == "smooth"
        assert smooth or row.keyword in SMOOTH or row.fields.get("activation") == "tanh" or row.keyword == "rnn"
        return
    expected = flat(twins(graph, found, *inputs))
    x = flat(inputs)
    assert (chain.inputs, chain.outputs) == (x.shape[1], expected.shape[1])
    np.testing.assert_allclose(chain.evaluate(x), expected, rtol=1e-12, atol=1e-12)
    _assert_affine_where_it_is(chain, x)
    if row.keyword in ("batch_norm", "rotary", "sinusoidal_embedding"):
        with pytest.raises(NoRegions, match="which are no rationals"):
            lower_graph(graph, found, {}, exact=True)
        return
    exact = lower_graph(graph, found, {}, exact=True)
    y = exact.evaluate(exact.numbers(x[:1]))
    assert all(isinstance(number, Fraction | int) for number in y.reshape(-1))
    np.testing.assert_allclose(y.astype(np.float64), expected[:1], rtol=1e-12, atol=1e-12)


def _assert_affine_where_it_is(chain: Chain, x: NDArray[np.float64]) -> None:
    """Forms through the linear steps alone are the function at points: only then are they taken along."""
    if chain.bends:
        return
    forms = np.zeros((2, len(x), chain.inputs))
    forms[0], forms[1] = x, x[::-1]
    values_: dict[int, Any] = {0: forms}
    for step in chain.steps:
        values_[step.result] = step.forms([values_[operand] for operand in step.operands])  # type: ignore[union-attr]
    y = values_[chain.output].reshape(2, len(x), -1)
    np.testing.assert_allclose(y[0] + 0.25 * y[1], chain.evaluate(x + 0.25 * x[::-1]), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", [name for name, function in FUNCTIONS.items() if function.linearity != "smooth"])
def test_the_pieces_of_an_activation_are_its_table_row(name: str) -> None:
    function = FUNCTIONS[name]
    node = Elementwise(name, tuple(argument.default for argument in function.arguments))
    found = pieces(node, Fraction)
    assert found is not None
    assert len(found.points) == function.breakpoints
    assert len(found.slopes) == len(found.offsets) == len(found.points) + 1
    assert list(found.points) == sorted(set(found.points))
    assert function.collapses == (sum(slope != 0 for slope in found.slopes) <= 1 and function.linearity != "affine")
    if not function.jumps and not function.steps:
        for i, point in enumerate(found.points):
            left, right = (found.slopes[j] * point + found.offsets[j] for j in (i, i + 1))
            assert math.isclose(left, right, rel_tol=0, abs_tol=1e-15)


@pytest.mark.parametrize("name", [name for name, function in FUNCTIONS.items() if function.linearity == "smooth"])
def test_a_smooth_activation_has_no_pieces(name: str) -> None:
    assert pieces(Elementwise(name, tuple(argument.default for argument in FUNCTIONS[name].arguments)), float) is None


def test_a_leaky_relu_without_a_bend_has_no_point() -> None:
    found = pieces(Elementwise("leaky_relu", (1.0,)), float)
    assert found is not None
    assert (found.points, found.slopes, found.offsets) == ((), (1.0,), (0.0,))


def test_numbers_that_are_none_are_refused() -> None:
    graph = graph_of(next(row for row in ROWS if row.keyword == "dense"), free=False)
    found = values(graph, "float64")
    name = next(iter(found))
    found[name].flat[0] = np.nan
    with pytest.raises(NoRegions, match="no finite number"):
        lower_graph(graph, found, {})


def test_free_sizes_are_refused() -> None:
    graph = graph_of(next(row for row in ROWS if row.keyword == "max_pool"), free=True)
    with pytest.raises(NoRegions, match="known only when it runs"):
        lower_graph(graph, values(graph, "float64"), {})


@pytest.mark.parametrize(
    ("layers", "output"),
    [
        ("[{learned: {shape: [3], as: t}}, {multiply: [t, in]}]", 3),
        ("[{learned: {shape: [3], as: t}}, {relu: {from: t, as: u}}, {multiply: [in, u, t]}]", 3),
        ("[{learned: {shape: [3], as: t}}, {abs_difference: [t, in]}]", 3),
        ("[{learned: {shape: [3], as: t}}, {dense: {width: 3, from: t, as: u}}, {add: [t, u, in]}, {dense: 3}]", 3),
        ("[{learned: {shape: [2], as: t}}, {concat: [t, in]}, {dense: 4}, relu, {dense: 2}]", 2),
        ("[{learned: {shape: [4], as: t}}, {reshape: {shape: [1, 4], from: t}}, {max_pool: 2}]", "[1, 2]"),
    ],
)
def test_what_hangs_on_no_input_goes_into_constants(layers: str, output: object) -> None:
    net = netspec.loads(f"netspec: 1\ninput: 3\nlayers: {layers}\noutput: {output}\n")
    model = net.build(seed=1, dtype="float64")
    x = np.random.default_rng(0).normal(size=(5, 3))
    for exact in (False, True):
        chain = lower(model, exact=exact)
        y = chain.evaluate(chain.numbers(x)).astype(np.float64)
        np.testing.assert_allclose(y, model(x).reshape(5, -1), rtol=1e-12, atol=1e-12)


def test_two_values_that_both_hang_on_the_input_are_no_product() -> None:
    net = netspec.loads("netspec: 1\ninput: 3\nlayers: [{relu: {as: u}}, {multiply: [u, in]}]\noutput: 3\n")
    with pytest.raises(netspec.SpecError, match="multiplies what hangs on the input"):
        lower(net.build())
