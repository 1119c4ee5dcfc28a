"""Programs of gradients as wholes: what shares memory, what is computed twice, what is shared between layers."""

import ast
import time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import netspec
from netspec.gradients.program import GradientProgram
from netspec.gradients.training_graph import training_graph
from netspec.spec.recipe import Loss
from tests.gradients.differences import assert_derived

Array = NDArray[Any]
MSE, CE = Loss("squared_error"), Loss("cross_entropy")

RESIDUAL = """
netspec: 1
name: residual
input: 6
layers:
  - dense: {width: 8, activation: tanh, as: stem}
  - repeat:
      times: 12
      layers:
        - dense: {width: 8, activation: relu, as: branch}
        - dense: {width: 8, activation: tanh, as: more}
        - add: [more, in]
  - dense: {width: 3, as: y}
output: 3
"""
DROPPED = """
netspec: 1
name: dropped
input: 6
layers:
  - dense: {width: 40, activation: relu}
  - dropout: 0.25
  - repeat:
      times: 5
      layers:
        - dense: {width: 40, activation: tanh}
        - dropout: {rate: 0.5, as: b}
        - add: [b, in]
  - dense: {width: 3, as: y}
output: 3
"""
SHARED = """
netspec: 1
name: siamese
inputs: {a: 5, b: 5}
networks:
  tower: {input: 5, widths: [4, 4], output: 3, activation: tanh}
layers:
  - tower: {from: a, as: left}
  - tower: {from: b, as: right}
  - multiply: [left, right]
  - dense: {width: 2, as: y}
output: 2
"""
TIED = """
netspec: 1
name: tied
input: 5
layers:
  - dense: {width: 5, as: one, activation: tanh}
  - dense: {width: 5, as: two, activation: tanh, tie: {Omega: one.Omega}}
  - dense: {width: 5, as: three, tie: {Omega: one.Omega, beta: one.beta}}
output: 5
"""
HEADS = """
netspec: 1
name: heads
input: 6
layers:
  - dense: {width: 8, activation: tanh, as: trunk}
  - dense: {from: trunk, width: 4, as: box}
  - dense: {from: trunk, width: 3, as: scores}
  - softmax: {as: label}
outputs: {box: 4, label: 3}
"""


def program(text: str, losses: dict[str, Loss], dtype: str = "float64", **options: Any) -> GradientProgram:
    """Return the program of a spec's training, from parameters that are drawn; β is drawn too."""
    net = netspec.loads(text)
    rng = np.random.default_rng(3)
    values = {name: rng.normal(0, 0.5, shape).astype(dtype) for name, shape in net.shapes.items()}
    training = training_graph(net.part, net.operations)
    return GradientProgram(net.operations, net.name, dtype, losses, values, training=training, **options)


def batch(widths: tuple[int, ...], rows: int = 7, seed: int = 4) -> list[Array]:
    rng = np.random.default_rng(seed)
    return [rng.normal(0, 1, (rows, width)) for width in widths]


@pytest.mark.parametrize(
    ("text", "inputs", "output"), [(RESIDUAL, (6,), 3), (SHARED, (5, 5), 2), (TIED, (5,), 5), (DROPPED, (6,), 3)]
)
def test_the_gradient_is_that_of_finite_differences(text: str, inputs: tuple[int, ...], output: int) -> None:
    trained = program(text, {"out": MSE})
    x, t = batch(inputs), batch((output,), seed=9)

    def loss() -> float:
        return trained.step(x, t, None, (1, 1))

    loss()
    assert_derived(loss, trained.parameters, trained.gradient.copy())


@pytest.mark.parametrize("options", [{}, {"input_gradients": True}])
def test_an_image_may_be_flattened_first(options: dict[str, Any]) -> None:
    text = "netspec: 1\nname: flat\ninput: [2, 3, 2]\nlayers: [flatten, {dense: 4}]\noutput: 4\n"
    found = program(text, {"out": MSE}, **options)
    x, y = batch((12, 4))
    plain = program(text.replace("[2, 3, 2]", "12").replace("flatten, ", ""), {"out": MSE})
    loss, seen = found.derive([x.reshape(-1, 2, 3, 2)], [y], None)
    assert loss == plain.derive([x], [y], None)[0]
    np.testing.assert_array_equal(found.gradient, plain.gradient)
    assert [dx.shape for dx in seen.values()] == [(7, 2, 3, 2)] * bool(options)


def test_the_gradients_of_all_inputs_are_there_when_the_step_ends() -> None:
    """That of `b` is complete before the pass back through the tower is: its memory is not given to others."""
    derived = program(SHARED, {"out": MSE}, input_gradients=True)
    x, t = batch((5, 5)), batch((2,), seed=9)

    def loss() -> float:
        return derived.derive(x, t, None)[0]

    seen = {name: array.copy() for name, array in derived.derive(x, t, None)[1].items()}
    for given, name in zip(x, ("a", "b"), strict=True):
        assert_derived(loss, given, seen[name])


@pytest.mark.parametrize(("text", "output"), [(RESIDUAL, 3), (DROPPED, 3)])
def test_what_is_computed_again_is_the_same_to_the_bit_in_less_memory(text: str, output: int) -> None:
    plain, spared = program(text, {"out": MSE}), program(text, {"out": MSE}, recompute=True)
    x, t = batch((6,), 50), batch((output,), 50, seed=9)
    assert plain.step(x, t, None, (1, 1)) == spared.step(x, t, None, (1, 1))
    assert plain.gradient.tobytes() == spared.gradient.tobytes()
    assert spared.memory_bytes < 0.8 * plain.memory_bytes


NORMED = """
netspec: 1
name: normed
input: [2, 8, 8]
layers:
  - conv: {channels: 4, kernel: 3, padding: 1, as: stem}
  - repeat:
      times: 6
      layers:
        - conv: {channels: 4, kernel: 3, padding: 1, bias: false}
        - batch_norm
        - relu: {as: a}
        - conv: {channels: 4, kernel: 3, padding: 1, bias: false}
        - batch_norm: {as: b}
        - add: [b, in]
        - relu
  - global_average_pool
  - dense: 3
output: 3
"""


def test_batch_norms_that_are_computed_again_follow_the_data_once() -> None:
    plain, spared = program(NORMED, {"out": CE}), program(NORMED, {"out": CE}, recompute=True)
    x = np.random.default_rng(1).normal(0, 1, (5, 2, 8, 8))
    for trained in (plain, spared):
        trained.step([x], [np.arange(5) % 3], None, (1, 1))
    assert plain.gradient.tobytes() == spared.gradient.tobytes()
    assert {name: array.tobytes() for name, array in plain.state.items()} == {
        name: array.tobytes() for name, array in spared.state.items()
    }
    assert spared.memory_bytes < 0.8 * plain.memory_bytes


def test_memory_of_a_chain_forward_does_not_grow_with_its_depth() -> None:
    """In evaluation two layers are alive at a time, whatever the depth."""
    sizes = []
    for depth in (4, 40):
        text = f"netspec: 1\ninput: 16\nK: {depth}\nwidths: 16\noutput: 2\nactivation: tanh\n"
        trained = program(text, {"out": MSE})
        trained.evaluate(batch((16,), 100), batch((2,), 100), None)
        sizes.append(trained.memory_bytes)
    assert sizes[0] == sizes[1]


def test_dropout_is_drawn_anew_at_every_step_and_is_the_same_for_the_same_key() -> None:
    trained = program(DROPPED, {"out": MSE})
    x, t = batch((6,)), batch((3,), seed=9)
    one, again, other = (trained.step(x, t, None, key) for key in ((1, 1), (1, 1), (1, 2)))
    assert one == again != other
    assert trained.evaluate(x, t, None)[0] == trained.evaluate(x, t, None)[0]


def test_a_softmax_that_a_loss_takes_in_is_left_out_and_outputs_are_logits() -> None:
    trained = program(HEADS, {"box": Loss("huber", weight=0.5), "label": CE})
    (x,), (box,) = batch((6,)), batch((4,), seed=9)
    label = np.arange(7) % 3
    assert "softmax(" not in trained.source(7).partition("def bind")[2]

    def loss() -> float:
        return trained.step([x], [box, label], None, (1, 1))

    loss()
    assert_derived(loss, trained.parameters, trained.gradient.copy())
    total, (_, scores) = trained.evaluate([x], [box, label], None)
    logs = scores - np.log(np.exp(scores).sum(1, keepdims=True))
    assert total - loss() == pytest.approx(0, abs=1e-12)
    assert scores.shape == (7, 3)
    assert -logs[np.arange(7), label].mean() < total


def test_weights_of_examples_count_as_if_they_were_there_as_often() -> None:
    trained = program(RESIDUAL, {"out": MSE})
    (x,), (t,) = batch((6,), 4), batch((3,), 4, seed=9)
    weighted = trained.step([x], [t], np.array([1.0, 2.0, 0.0, 1.0]), (1, 1))
    gradient = trained.gradient.copy()
    rows = [0, 1, 1, 3]
    assert trained.step([x[rows]], [t[rows]], None, (1, 1)) == pytest.approx(weighted, rel=1e-12)
    np.testing.assert_allclose(trained.gradient, gradient, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_large_batch_is_the_sum_of_its_parts(weighted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    classes = {"out": np.array([1.0, 3.0, 0.5])} if weighted else None
    trained = program(RESIDUAL, {"out": CE}, class_weights=classes)
    (x,), labels = batch((6,), 50), np.random.default_rng(7).integers(0, 3, 50)
    weights = np.random.default_rng(8).uniform(0, 2, 50) if weighted else None
    loss = trained.step([x], [labels], weights, (1, 1))
    gradient = trained.gradient.copy()
    monkeypatch.setattr("netspec.gradients.program.MOST_AT_ONCE", 16)
    assert trained.step([x], [labels], weights, (1, 1)) == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(trained.gradient, gradient, rtol=1e-9, atol=1e-15)


def test_the_gradient_by_the_inputs_of_a_large_batch_is_that_of_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    derived = program(RESIDUAL, {"out": CE}, input_gradients=True)
    (x,), labels = batch((6,), 50), np.random.default_rng(7).integers(0, 3, 50)
    loss, seen = derived.derive([x], [labels], None)
    whole = {name: array.copy() for name, array in seen.items()}
    monkeypatch.setattr("netspec.gradients.program.MOST_AT_ONCE", 16)
    again, seen = derived.derive([x], [labels], None)
    assert again == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(seen["x"], whole["x"], rtol=1e-9, atol=1e-15)


def test_a_map_that_is_used_in_both_layouts_adds_up_what_each_use_gives() -> None:
    """Once behind a sequence, by rows, and once upright; likewise where a layer's own value lies in rows."""
    text = """
netspec: 1
name: both-layouts
inputs: {a: [4, 5], b: 5}
layers:
  - lstm: {from: a, width: 5, give: last, as: seen}
  - dense: {from: b, width: 3, as: first, activation: tanh}
  - dense: {from: seen, width: 3, as: second, tie: {Omega: first.Omega, beta: first.beta}}
  - dense: {from: a, width: 3, as: third, tie: {Omega: first.Omega, beta: first.beta}}
  - mean: {from: third, axes: 0, as: mean_of_third}
  - add: [first, second, mean_of_third]
output: 3
"""
    trained = program(text, {"out": MSE})
    rng = np.random.default_rng(2)
    x = [rng.normal(0, 1, (3, 4, 5)), rng.normal(0, 1, (3, 5))]
    t = [rng.normal(0, 1, (3, 3))]

    def loss() -> float:
        return trained.step(x, t, None, (1, 1))

    loss()
    assert_derived(loss, trained.parameters, trained.gradient.copy())


def test_thousands_of_layers_are_planned_in_seconds() -> None:
    """The time grows with the number of layers, not with its square."""
    text = "netspec: 1\ninput: 2\nK: 4000\nwidths: 2\noutput: 1\n"
    began = time.process_time()
    trained = program(text, {"out": MSE}, recompute=True)
    text = trained.source(4)
    assert time.process_time() - began < 5 * 6
    assert text.count("np.dot(") > 8000


def test_programs_of_smaller_batches_run_in_the_memory_of_the_largest() -> None:
    asked: list[int] = []
    trained = program(RESIDUAL, {"out": MSE}, allow=asked.append)
    for rows in (50, 30, 10):
        trained.step(batch((6,), rows), batch((3,), rows, seed=9), None, (1, 1))
    trained.evaluate(batch((6,), 20), batch((3,), 20, seed=9), None)
    assert len(asked) == 1


def test_a_large_batch_takes_the_memory_of_a_part_unless_a_batch_norm_reads_it_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("netspec.gradients.program.MOST_AT_ONCE", 8)
    sizes = []
    for text, shape in ((RESIDUAL, (6,)), (NORMED, (2, 8, 8))):
        trained = program(text, {"out": CE})
        for rows in (8, 64):
            x = np.zeros((rows, *shape))
            trained.step([x], [np.zeros(rows, int)], None, (1, 1))
            sizes.append(trained.memory_bytes)
    assert sizes[0] == sizes[1]
    assert sizes[2] < sizes[3]


def test_names_of_a_spec_that_python_or_the_program_uses_get_a_mark() -> None:
    layers = "\n".join(
        f"  - dense: {{width: 3, as: {name}}}" for name in ("np", "step", "memory", "lambda", "loss", "cross_entropy")
    )
    text = f"netspec: 1\ninput: 3\nlayers:\n{layers}\noutput: 3\n"
    trained = program(text, {"out": CE})
    ast.parse(trained.source(5))
    assert np.isfinite(trained.step(batch((3,)), [np.zeros(7, int)], None, (0, 0)))


def test_parameters_and_gradients_lie_in_flat_arrays_with_bias_beside_its_weights() -> None:
    trained = program("netspec: 1\ninput: 2\nwidths: [3]\noutput: 1\n", {"out": MSE})
    views = trained.views(trained.parameters)
    assert {name: view.shape for name, view in views.items()} == {
        "beta_0": (3,),
        "Omega_0": (3, 2),
        "beta_1": (1,),
        "Omega_1": (1, 3),
    }
    assert trained.parameters.size == 13
    for view in views.values():
        assert np.shares_memory(view, trained.parameters)
    np.testing.assert_array_equal(trained.parameters[:9].reshape(3, 3)[:, :2], views["Omega_0"])


def test_the_source_of_a_small_network_reads_like_the_book() -> None:
    text = program("netspec: 1\ninput: 2\nwidths: [3]\noutput: 1\n", {"out": MSE}).source(4)
    assert text.partition("    def step(")[2] == (
        "x, target, weights, key):\n"
        "        np.copyto(x_ones[:, :-1], x)\n"
        "        np.dot(Omega_beta_0, x_ones.T, z_0)\n"
        "        np.maximum(z_0, zeros, out=h_1)\n"
        "        h_1_ones[-1].fill(1.0)\n"
        "        np.dot(Omega_beta_1, h_1_ones, z_1)\n"
        "        loss = squared_error(z_1, target, dz_1, weights, True, 1.0)\n"
        "        np.dot(dz_1, h_1_ones.T, dOmega_beta_1)\n"
        "        np.matmul(Omega_1.T, dz_1, out=dh_1)\n"
        "        relu_slope(dh_1, h_1, dz_0)\n"
        "        np.dot(dz_0, x_ones, dOmega_beta_0)\n"
        "        return loss\n"
        "\n"
        "    return step, {}\n"
    )
