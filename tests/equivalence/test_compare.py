"""Verdicts: what is proven, what is found, and what is not claimed."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec import Model, load, loads
from netspec.equivalence import Box, Question, chain_of, compare, compare_architectures
from netspec.equivalence.identical import identical
from netspec.equivalence.report import verdict_text
from netspec.model.tensors import Held
from netspec.network import Network
from tests.equivalence.networks import EXAMPLES, models


def changed(model: Model, name: str, by: float) -> Model:
    """Return the model with one element of a tensor moved."""
    sources: dict[str, Any] = {key: Held(array.copy()) for key, array in model.parameters.items()}
    sources[name].values.reshape(-1)[0] += by
    return Model(model.part, model.graph, model.dtype, sources, None)


def test_equal_numbers_are_equal_whatever_they_are_called() -> None:
    one = loads("netspec: 1\ninput: 2\nwidths: [3]\noutput: 1\n").build()
    text = "netspec: 1\ninput: 2\nlayers: [{dense: 3}, relu, {dense: 1}]\noutput: 1\n"
    other = loads(text).build()
    other.sources = dict(zip(other.sources, [Held(array) for array in one.parameters.values()], strict=True))
    verdict = compare(one, other)
    assert (verdict.outcome, verdict.grounds) == ("equal", "the same operations on the same numbers")


def test_equal_fingerprints_do_not_make_tensors_equal() -> None:
    """a - b and b - a are one graph where a and b are maps of one shape: which tensor is which decides."""
    text = (
        "netspec: 1\ninput: 2\nlayers:\n  - dense: {{width: 1, as: one}}\n  - dense: {{width: 1, from: in, as: two}}\n"
        "  - subtract: [{}]\noutput: 1\n"
    )
    one, other = loads(text.format("one, two")), loads(text.format("two, one"))
    assert one.fingerprint == other.fingerprint
    f, g = one.build(seed=1), other.build(seed=1)
    assert all(np.array_equal(f.parameters[name], g.parameters[name]) for name in f.parameters)
    assert not identical(f, g)
    verdict = compare(f, g)
    assert verdict.outcome == "different"
    assert verdict.counterexample is not None
    assert not verdict.counterexample.exact


def test_a_tie_is_part_of_what_is_computed() -> None:
    text = "netspec: 1\ninput: 2\nlayers:\n  - dense: 2\n  - relu\n  - dense: {{width: 2{}}}\noutput: 2\n"
    free = loads(text.format("")).build()
    tied = loads(text.format(", tie: {Omega: dense.Omega, beta: dense.beta}")).build()
    assert not identical(free, tied)
    assert not identical(tied, free)


@EXAMPLES
@given(models(), st.integers(0, 2**31))
def test_a_counterexample_is_one(model: Model, seed: int) -> None:
    other = changed(model, "beta_0", 0.5)
    verdict = compare(model, other, Question(seed=seed))
    if verdict.outcome != "different":
        return
    example = verdict.counterexample
    assert example is not None
    assert example.exact
    x = tuple(Fraction(value) for value in example.x)
    first, second = chain_of(model).value(x), chain_of(other).value(x)
    assert tuple(map(float, first)) == example.first
    assert tuple(map(float, second)) == example.second
    assert float(max(abs(a - b) for a, b in zip(first, second, strict=True))) == example.difference > 0


@EXAMPLES
@given(models(inputs=st.just(1)))
def test_with_one_input_the_verdict_is_decided(model: Model) -> None:
    other = changed(model, "beta_0", 0.5)
    verdict = compare(model, other)
    assert verdict.proven
    assert verdict.outcome in ("equal", "different")


def test_a_small_difference_far_from_the_middle_is_found() -> None:
    model = Network(input=3, widths=[8, 8], output=2).build()
    verdict = compare(model, changed(model, "Omega_1", 1e-3))
    assert verdict.outcome == "different"
    assert verdict.points >= 4096
    assert verdict.lines == 64


def test_a_tolerance_takes_differences_for_none() -> None:
    model = Network(input=1, widths=[3], output=1).build()
    other = changed(model, "beta_1", 1e-3)
    assert compare(model, other).outcome == "different"
    assert compare(model, other, Question(tolerance=1e-2)).outcome == "within tolerance"
    wide = Network(input=5, widths=[3], output=1).build()
    moved = changed(wide, "beta_1", 1e-3)
    verdict = compare(wide, moved, Question(tolerance=1e-2))
    assert verdict.outcome == "no difference found"
    assert verdict.grounds == "none above 0.01; the largest seen is 0.001"


@pytest.mark.parametrize("path", ["vision/lenet_5", "notebook_10_2", "pairs/two_tower", "vision/squeeze_excite"])
def test_networks_of_all_kinds_are_searched(path: str) -> None:
    network = load(f"specs/{path}.yaml")
    verdict = compare(network.build(seed=1), network.build(seed=2))
    if verdict.points:
        assert verdict.outcome == "different"
        assert verdict.counterexample is not None
        assert not verdict.proven
    else:
        assert verdict.grounds == "only networks that read real numbers of known sizes are searched for a difference"


def test_rounding_in_float64_is_no_difference_where_no_rationals_tell() -> None:
    text = "netspec: 1\nname: a\ninput: 6\nlayers:\n  - dense: 9\n  - layer_norm\n  - dense: 3\noutput: 3\n"
    one = loads(text).build(dtype="float64")
    from netspec.model.tensors import Held

    order = np.random.default_rng(1).permutation(9)
    sources: dict[str, Any] = {name: Held(array) for name, array in one.parameters.items()}
    for name in ("dense.Omega", "dense.beta", "layer_norm.gamma", "layer_norm.beta"):
        sources[name] = Held(one.parameters[name][order])
    sources["dense_2.Omega"] = Held(one.parameters["dense_2.Omega"][:, order])
    verdict = compare(one, Model(one.part, one.graph, "float64", sources, None))
    assert verdict.outcome == "no difference found"
    assert verdict.counterexample is None


def test_values_that_overflow_are_compared_all_the_same() -> None:
    keys: dict[str, Any] = {"dtype": "float64", "input": 2, "widths": [2], "output": 1, "activation": "tanh"}
    large = {
        "beta_0": [0.0, 0.0],
        "Omega_0": [[1.0, 0.0], [0.0, 1.0]],
        "beta_1": [0.0],
        "Omega_1": [[1.7e308, 1.7e308]],
    }
    small = large | {"Omega_1": [[1.0, 1.0]]}
    one, other = (Network(**keys, parameters=values).build() for values in (large, small))
    assert compare(one, other).outcome == "different"
    assert compare(one, Network(**keys, parameters=large).build()).outcome == "equal"


def test_shapes_that_differ_are_a_difference() -> None:
    one, other = Network(input=2, widths=[3], output=1).build(), Network(input=1, widths=[3], output=1).build()
    verdict = compare(one, other)
    assert (verdict.outcome, verdict.grounds) == ("different", "one maps 2 -> 1, the other 1 -> 1")


def test_a_box_of_another_number_of_sides_is_refused() -> None:
    model = Network(input=2, widths=[3], output=1).build()
    with pytest.raises(ValueError, match="3 intervals, and there are 2 inputs"):
        Box.of([(0, 1)] * 3, 2)
    with pytest.raises(ValueError, match="1 sides, and there are 2 inputs"):
        compare(model, changed(model, "beta_0", 1), Question(Box.of([(0, 1)], 1)))
    for ends in ((1, 0), (1, 1), (0, float("inf")), (float("nan"), 1)):
        with pytest.raises(ValueError, match=r"ends of a box|low end"):
            Box.of([ends], 2)


def test_over_a_box_the_cells_of_both_prove_it() -> None:
    """relu(z) - relu(z - 1) is never above 1, which no interval of its terms says."""
    weights = {"Omega_0": [[1, 1], [1, 1]], "beta_0": [0, -1], "Omega_1": [[1, 1], [1, -1]], "beta_1": [0, -1]}
    f = Network(input=2, widths=[2, 2], output=1, parameters={**weights, "Omega_2": [[1, 5]], "beta_2": [0]}).build()
    g = Network(input=2, widths=[2, 2], output=1, parameters={**weights, "Omega_2": [[1, 7]], "beta_2": [0]}).build()
    box = Box.of([(-1, 1)], 2)
    found = compare(f, g, Question(box))
    assert (found.outcome, found.proven, found.largest) == ("equal", True, 0.0)
    assert found.grounds == "they agree at the vertices of the cells that both have together, in rationals"
    moved = changed(g, "beta_2", 0.25)
    found = compare(f, moved, Question(box))
    assert (found.outcome, found.proven) == ("different", True)
    assert found.largest == pytest.approx(0.25)
    assert found.counterexample is not None
    assert found.counterexample.difference == found.largest
    assert compare(f, moved, Question(box, tolerance=0.5)).outcome == "within tolerance"


def test_networks_that_are_no_chain_are_compared_by_cells_too() -> None:
    """relu(x) - relu(-x) is x."""
    both = loads(
        "netspec: 1\ninput: 2\nlayers: [{relu: {as: p}}, {dense: {width: 2, from: in, as: n}}, {relu: {as: q}}, "
        "{subtract: [p, q]}]\noutput: 2\n"
    ).build()
    plain = loads("netspec: 1\ninput: 2\nlayers: [{dense: 2}]\noutput: 2\n").build()
    for model, sign in ((both, -1.0), (plain, 1.0)):
        for name, array in model.parameters.items():
            values = sign * np.eye(2, dtype=np.float32) if array.ndim == 2 else np.zeros(2, np.float32)
            model.sources = {**model.sources, name: Held(values)}
        del model.__dict__["parameters"]
    box = Box.of([(-3, 2)], 2)
    found = compare(both, plain, Question(box))
    assert (found.outcome, found.proven) == ("equal", True)
    assert not compare(both, plain).proven
    found = compare(both, changed(plain, "dense.beta", 0.5), Question(box))
    assert (found.outcome, found.proven, found.largest) == ("different", True, 0.5)
    assert found.counterexample is not None
    assert found.counterexample.difference == 0.5


def test_the_same_question_has_the_same_answer() -> None:
    model = Network(input=3, widths=[8, 8], output=2).build()
    other = changed(model, "Omega_1", 1e-3)
    assert compare(model, other) == compare(model, other)
    smooth = Network(input=3, widths=[8], activation="tanh", output=2)
    f, g = smooth.build(seed=1), smooth.build(seed=2)
    assert compare(f, g) == compare(f, g)
    assert compare(f, g) != compare(f, g, Question(seed=1))


@pytest.mark.parametrize(
    ("one", "other", "grounds"),
    [
        ("widths: [3, 3]", "K: 2\nwidths: 3", "as architectures: their graphs are equal, sha256:"),
        (
            "widths: [3]",
            "widths: [4]",
            "as architectures: parameters 13 and 17; capacity 3 and 4; operation 1 is an affine map",
        ),
        (
            "widths: [3]",
            "widths: [3]\nactivation: tanh",
            "as architectures: operation 2 is relu in one and tanh in the other",
        ),
        (
            "widths: [3]",
            "K: 0",
            "as architectures: parameters 13 and 3; capacity 3 and 0; depth 1 and 0; operation 1 is",
        ),
    ],
)
def test_architectures_are_compared_by_their_graphs(one: str, other: str, grounds: str) -> None:
    f, g = (loads(f"netspec: 1\ninput: 2\n{body}\noutput: 1\n").operations for body in (one, other))
    verdict = compare_architectures(f, g)
    assert verdict.same == ("equal" in grounds)
    assert verdict.grounds.startswith(grounds)


def test_architectures_of_a_million_layers_are_compared_at_once() -> None:
    f, g = (loads(f"netspec: 1\ninput: 1\nK: {K}\nwidths: 3\noutput: 1\n").operations for K in (10**6, 10**6 - 1))
    verdict = compare_architectures(f, g)
    assert not verdict.same
    assert "depth 1,000,000 and 999,999" in verdict.grounds


def test_a_verdict_is_told_and_is_plain_data(tmp_path: Path) -> None:
    model = Network(input=10, widths=[3], output=10).build()
    verdict = compare(model, changed(model, "beta_1", 1e-6))
    text = verdict_text(verdict, "a", "b")
    assert all(len(line) < 250 for line in text.splitlines())
    assert "… 2 more]" in text
    assert "`--tolerance 1e-06` counts it as none" in text
    data = json.loads(json.dumps(verdict.to_json(), allow_nan=False))
    assert data["outcome"] == "different"
    assert len(data["counterexample"]["x"]) == 10
    assert data["counterexample"]["difference"] == verdict.largest


@pytest.mark.parametrize("inputs", [1, 2])
def test_a_difference_beyond_float64_is_told(inputs: int) -> None:
    def made(weight: float) -> Model:
        parameters = {"β_0": [0], "Ω_0": [[weight] * inputs], "β_1": [0], "Ω_1": [[weight]]}
        return Network(input=inputs, widths=[1], output=1, dtype="float64", parameters=parameters).build()

    verdict = compare(made(1e300), made(1.0), Question(Box.of([(Fraction(-1), Fraction(1))], inputs)))
    assert verdict.outcome == "different"
    assert verdict.grounds.startswith(f"|f - g| is at most {inputs}e+600")
    assert verdict.to_json()["largest_difference"] == "inf"


def test_joints_beyond_float64_are_no_obstacle() -> None:
    """Which bend at 10^600, if at all."""

    def made(shift: int) -> Model:
        parameters = {"β_0": [shift], "Ω_0": [[1e-300]], "β_1": [-1], "Ω_1": [[1e-300]], "β_2": [0], "Ω_2": [[1]]}
        return Network(input=1, widths=[1, 1], output=1, dtype="float64", parameters=parameters).build()

    verdict = compare(made(1), made(2))
    assert verdict.outcome == "different"
    assert verdict.counterexample is not None
    assert verdict.counterexample.difference > 0
