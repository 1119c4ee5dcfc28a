"""Laws that every activation and every shape of network keeps: it is its plain twin, whatever the batch."""

import threading
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from netspec.compiler import make_plan
from netspec.compiler.chain import Places
from netspec.compiler.kernels.upright import beside
from netspec.compiler.plan import Layer
from netspec.operations import FUNCTIONS, Elementwise
from tests.compiler.programs import (
    ACTIVATIONS,
    TOLERANCES,
    assert_close,
    assert_is_its_twin,
    inputs,
    network,
    parameters,
    program,
)
from tests.twins import twin
from tests.twins.activations import FORMULAS, activation

EVERY_ACTIVATION = pytest.mark.parametrize("written", ACTIVATIONS.values(), ids=ACTIVATIONS)
EVERY_DTYPE = pytest.mark.parametrize("dtype", TOLERANCES)

SHAPES = {
    "affine": {"input": 3, "K": 0, "output": 2},
    "shallow": {"input": 1, "widths": [3], "output": 1},
    "two layers": {"input": 2, "widths": [3, 3], "output": 2},
    "widths up": {"input": 1, "widths": [2, 4, 8], "output": 16},
    "widths down": {"input": 16, "widths": [8, 4, 2], "output": 1},
    "bottleneck": {"input": 4, "widths": [5, 1, 5], "output": 3},
    "equal layers": {"input": 3, "K": 7, "widths": 4, "output": 2},
    "equal in parts": {"input": 2, "widths": [4, 4, 4, 6, 6, 4, 4], "output": 4},
    "wide": {"input": 70, "widths": [130, 90], "output": 33},
}
FAR_OUT = 1e38
"""Beyond it float32 soon ends: -1e38, the largest number and -∞ are told apart by nobody."""
EVERY_SHAPE = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def test_every_activation_has_a_twin() -> None:
    assert set(FORMULAS) == set(FUNCTIONS)


@pytest.mark.parametrize("wrong", [1.1, -1.0, float("nan"), float("inf")])
def test_a_difference_is_noticed(wrong: float) -> None:
    expected = np.array([[1.0, 0.5], [-0.25, 0.0]])
    assert_close(expected + 1e-9, expected, 1e-8)
    y = expected.copy()
    y[0, 0] = wrong
    for pair in ((y, expected), (expected, y), (expected[:1], expected)):
        with pytest.raises(AssertionError):
            assert_close(*pair, 1e-2)


@EVERY_ACTIVATION
def test_an_activation_is_its_twin_between_layers_and_on_the_output(written: object) -> None:
    assert_is_its_twin(network(input=3, widths=[5, 4], activation=written, output_activation=written, output=2), 200)


@EVERY_ACTIVATION
@pytest.mark.parametrize("hidden", [[5, 4], [70, 30]], ids=["narrow", "wide"])
@pytest.mark.parametrize("rows", [1024, 1000], ids=["whole groups", "columns left"])
def test_an_activation_is_its_twin_where_examples_stand_side_by_side(
    written: object, hidden: list[int], rows: int
) -> None:
    net = network(input=3, widths=hidden, activation=written, output_activation=written, output=2)
    plan = make_plan(net.operations, net.name, net.dtype)
    assert beside(rows, plan.across, plan.width)[0] > 1 or len(plan.stages) == 1  # what is affine is one map
    assert_is_its_twin(net, rows)


@pytest.mark.parametrize("times", [300, 1100])
@pytest.mark.parametrize("activation", ["relu", "silu"])
def test_a_loop_is_its_twin_where_examples_stand_side_by_side(times: int, activation: str) -> None:
    net = network(input=3, K=times, widths=3, activation=activation, output=2)
    x = np.random.default_rng(0).standard_normal((1024, 3)).astype(net.dtype)
    compiled = program(net, parameters(net))
    one_by_one = np.concatenate([compiled(x[start : start + 4]) for start in range(0, 1024, 4)])
    assert_close(compiled(x), one_by_one, 1e-4)


@EVERY_ACTIVATION
@EVERY_DTYPE
def test_an_activation_alone_is_its_twin_far_out_and_at_its_joints(written: object, dtype: str) -> None:
    """Relative to each result, but for differences near 0. (A cube, as in gelu_tanh, overflows float32 from 1e13.)"""
    net = network(input=1, K=0, output=1, output_activation=written)
    node = net.operations.operations[-1]
    assert isinstance(node, Elementwise)
    joints = [0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 6.0]
    sizes = [*(10.0**power for power in range(-30, 13, 2)), 20.0, 50.0, 88.0, 103.0, 300.0, 709.0, 745.0]
    z = np.array([*joints, *sizes, *(-size for size in sizes)], dtype)[:, None]
    compiled = program(net, {"beta_0": np.zeros(1, dtype), "Omega_0": np.ones((1, 1), dtype)}, dtype)
    expected = activation(node.name, node.arguments, z.astype(np.float64))
    with warnings.catch_warnings(), np.errstate(under="ignore"):
        warnings.simplefilter("error")
        y = compiled(z)
    tolerance = TOLERANCES[dtype]
    np.testing.assert_allclose(y, expected, rtol=tolerance, atol=tolerance / 100)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"celu": {"alpha": 1e-50}}, [0, 0, 2]),
        ({"elu": {"alpha": 1e-50}}, [0, 0, 2]),
        ({"leaky_relu": {"slope": 1e-50}}, [0, 0, 2]),
        ({"leaky_relu": {"slope": 1e300}}, [-FAR_OUT, 0, 2]),
        ({"elu": {"alpha": 1e300}}, [-FAR_OUT, 0, 2]),
        ({"celu": {"alpha": 1e300}}, [-2, 0, 2]),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_an_argument_that_float32_would_round_to_nothing_is_no_nan(written: object, expected: list[float]) -> None:
    net = network(input=1, K=0, output=1, output_activation=written)
    y = program(net, {"beta_0": np.zeros(1, "f4"), "Omega_0": np.ones((1, 1), "f4")})([[-2.0], [0.0], [2.0]])
    np.testing.assert_allclose(np.clip(y[:, 0], -FAR_OUT, FAR_OUT), expected, rtol=1e-6, atol=1e-37)


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_nor_is_it_in_a_loop() -> None:
    net = network(input=1, K=300, widths=1, activation={"celu": {"alpha": 1e-50}}, output=1)
    tensors = {name: np.full(shape, name.startswith("Omega"), "f4") for name, shape in net.shapes.items()}
    np.testing.assert_allclose(program(net, tensors)([[-2.0], [2.0]]), [[0], [2]], atol=1e-37)


@EVERY_SHAPE
@pytest.mark.parametrize("activation", ["relu", "identity", "silu"])
def test_a_network_is_its_twin(shape: dict[str, object], activation: str) -> None:
    assert_is_its_twin(network(**shape, activation=activation))


def test_mixed_activations_stay_with_their_layers() -> None:
    mixed = ["tanh", "relu", "relu", {"leaky_relu": {"slope": 0.2}}, "identity", "mish", "mish", "sigmoid"]
    net = network(input=2, K=8, widths=5, activation=mixed, output=3)
    assert_is_its_twin(net)


# -- batches ----------------------------------------------------------------------------------------------------------


@EVERY_ACTIVATION
@EVERY_DTYPE
def test_a_batch_is_its_examples_one_by_one(written: object, dtype: str) -> None:
    """Not to the bit: products of matrices add up in another order than those of one row."""
    net = network(input=3, widths=[6, 6, 2], activation=written, output=2)
    compiled = program(net, parameters(net, dtype=dtype), dtype)
    x = inputs(net, 23, dtype)
    together = compiled(x)
    assert_close(np.concatenate([compiled(row[None]) for row in x]), together, TOLERANCES[dtype])
    assert_close(np.stack([compiled(row) for row in x]), together, TOLERANCES[dtype])


@EVERY_DTYPE
@pytest.mark.parametrize("shape", [SHAPES["affine"], SHAPES["two layers"], SHAPES["wide"]], ids=str)
def test_batches_around_the_tile_are_their_twin(shape: dict[str, object], dtype: str) -> None:
    net = network(**shape, activation="tanh")
    tensors = parameters(net, dtype=dtype)
    compiled = program(net, tensors, dtype)
    tile = compiled.tile
    x = inputs(net, 3 * tile, dtype)
    expected = twin(net.operations, tensors, x)
    for rows in (0, 1, 2, tile - 1, tile, tile + 1, 2 * tile + 1, 3 * tile):
        y = compiled(x[:rows])
        assert y.shape == (rows, net.facts.output[0])
        assert_close(y, expected[:rows], TOLERANCES[dtype])


def test_nothing_of_one_call_is_left_in_the_next() -> None:
    """Buffers are used again; the result is not one of them."""
    net = network(input=2, widths=[4, 4], activation="silu", output=2)
    compiled = program(net, parameters(net))
    x = inputs(net, 9)
    first = compiled(x)
    kept = first.copy()
    compiled(-3 * x)
    compiled(x[:4])
    assert np.array_equal(first, kept)
    assert np.array_equal(compiled(x), kept)


def test_threads_do_not_disturb_each_other() -> None:
    net = network(input=8, K=6, widths=32, activation="tanh", output=4)
    compiled = program(net, parameters(net))
    batches = [inputs(net, rows, seed=rows) for rows in (1, 3, 64, 500)]
    expected = [compiled(x).copy() for x in batches]
    wrong: list[int] = []
    ready = threading.Barrier(4)

    def work(start: int) -> None:
        ready.wait()
        for i in range(120):
            k = (start + i) % len(batches)
            if not np.array_equal(compiled(batches[k]), expected[k]):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# -- parts within parts -----------------------------------------------------------------------------------------------


def _part(inputs: int, widths: list[int], output: int, **more: object) -> dict[str, object]:
    return {"input": inputs, "widths": widths, "output": output, **more}


def _compositions() -> Iterator[tuple[str, dict[str, object]]]:
    a, b = _part(2, [3], 4), _part(4, [5, 5], 2, activation="tanh")
    yield "two", {"networks": {"a": a, "b": b}, "compose": ["a", "b"]}
    yield "shared twice", {"networks": {"a": a, "b": b}, "compose": ["a", "b", "a", "b"]}
    square = _part(3, [4, 4, 4], 3, output_activation="sigmoid")
    yield "one four times", {"networks": {"square": square}, "compose": ["square"] * 4}
    inner = {"networks": {"a": a}, "compose": ["a", "b"]}
    around = {"b": b, "inner": inner, "c": _part(2, [2], 2)}
    yield "a network of around", {"networks": around, "compose": ["inner", "c", "inner"]}
    affine = {"input": 2, "K": 0, "output": 2}
    yield "affine maps", {"networks": {"one": affine, "two": affine}, "compose": ["one", "two", "one"]}
    alike = {"networks": {"a__b": a, "b": b}, "compose": ["a__b", "b"]}
    yield "names that look alike", {"networks": {"a": alike, "a__a__b": a, "b": b}, "compose": ["a", "a__a__b", "b"]}


@pytest.mark.parametrize("keys", [pytest.param(keys, id=name) for name, keys in _compositions()])
def test_a_composition_is_its_twin(keys: dict[str, object]) -> None:
    assert_is_its_twin(network(**keys))


def test_a_shared_network_is_bound_once() -> None:
    square = _part(3, [4], 3)
    net = network(networks={"square": square}, compose=["square", "square"])
    source = program(net, parameters(net), exact=True).source
    assert source.count('parameters["square.Omega_0"]') == 1
    assert source.count("= whole_product(") == 4


def test_maps_with_nothing_between_them_are_one_where_that_is_less_work() -> None:
    net = network(networks={"square": _part(3, [4], 3)}, compose=["square", "square"])
    source = program(net, parameters(net)).source
    assert source.count("= bound_product(") == 3
    assert "# h_2 = relu[square.β_0 + square.Ω_0 (square.β_1 + square.Ω_1 h_1)]" in source
    narrow = network(
        networks={"narrow": {"input": 9, "K": 0, "output": 1}, "wide": {"input": 1, "K": 0, "output": 9}},
        compose=["narrow", "wide"],
    )
    assert "composed(" not in program(narrow, parameters(narrow)).source


def by_hand(tensors: Mapping[str, NDArray[Any]], x: NDArray[Any], dtype: str) -> NDArray[Any]:
    """Return the network of ReLUs as one writes it."""
    h = x.astype(dtype)
    last = len(tensors) // 2 - 1
    for k in range(last + 1):
        h = h @ tensors[f"Omega_{k}"].astype(dtype).T + tensors[f"beta_{k}"].astype(dtype)
        h = np.maximum(h, 0) if k < last else h
    return h


@pytest.mark.parametrize("rows", [1, 7, 300])
@pytest.mark.parametrize("off", [0, 3, 30, 1e3, 1e6, 3e38])
@pytest.mark.parametrize(("width", "depth"), [(16, 1), (16, 6), (64, 12), (5, 8), (3, 4)])
def test_the_error_is_within_four_times_that_by_hand(width: int, depth: int, off: float, rows: int) -> None:
    """Also where some units are off whatever comes in, by offsets far below all others."""
    net = network(input=8, K=depth, widths=width, output=3)
    for seed in range(3):
        tensors = parameters(net, seed)
        for k in range(depth):
            tensors[f"beta_{k}"][: width // 3] -= np.float32(off)
        x = inputs(net, rows, seed=seed)
        expected = by_hand(tensors, x, "float64")
        least = 2e-7 * np.abs(expected).max()
        allowed = 4 * max(least, np.abs(by_hand(tensors, x, "float32") - expected).max())
        assert np.abs(program(net, tensors)(x) - expected).max() <= allowed


def test_an_infinite_signal_meets_no_zero() -> None:
    """Nor in a leaky ReLU of slope 0, one by one and in a batch."""
    net = network(input=1, K=1, widths=1, output=1, activation={"leaky_relu": {"slope": 0}})
    tensors = {name: np.ones(shape, "f4") for name, shape in net.shapes.items()}
    for x in ([[np.inf]], [[np.inf], [-np.inf]]):
        assert program(net, tensors)(x)[0] == np.inf


def test_the_second_function_of_a_network_keeps_maps_by_both_tensors() -> None:
    """Two maps of one Ω and two β would be two."""
    net = network(input=2, widths=[2], output=2)
    first, last = make_plan(net.operations, net.name, net.dtype).stages
    assert isinstance(first, Layer)
    twin = first._replace(maps=(first.maps[0]._replace(bias=last.maps[0].bias),))  # type: ignore[union-attr]
    places = Places(make_plan(net.operations, net.name, net.dtype)._replace(stages=(first, twin, last)))
    assert [places.of(stage) for stage in (first, twin, last)] == [0, 1, 2]
