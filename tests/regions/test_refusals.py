"""What has regions, what has none and why; and that the pieces of activations are those of their functions."""

import importlib
import pkgutil
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import netspec.operations
from netspec.diagnostics import SpecError, SystemFault
from netspec.network import Network, loads
from netspec.operations import FUNCTIONS, Elementwise
from netspec.regions import cells, count, regions
from netspec.regions.bending import pieces
from netspec.regions.lowering import lower
from netspec.regions.rules import RULES
from tests.twins.activations import FORMULAS

NOT_COUNTED = {
    "Attend": "smooth",
    "Embed": "its inputs are whole numbers",
    "GroupNorm": "smooth",
    "LayerNorm": "smooth",
    "RmsNorm": "smooth",
    "Softmax": "smooth",
}


def test_every_operation_is_counted_or_has_a_reason() -> None:
    classes: set[str] = set()
    for module in pkgutil.iter_modules(netspec.operations.__path__):
        for name, value in vars(importlib.import_module(f"netspec.operations.{module.name}")).items():
            own = isinstance(value, type) and value.__module__ == f"netspec.operations.{module.name}"
            if own and hasattr(value, "linearity") and hasattr(value, "keyword") and name != "Operation":
                classes.add(name)
    counted = {kind.__name__ for kind in RULES}
    assert classes - {"Call", "Drop", "Repeat"} == counted | NOT_COUNTED.keys()
    assert not counted & NOT_COUNTED.keys()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_pieces_are_those_of_the_function(name: str) -> None:
    function = FUNCTIONS[name]
    node = Elementwise(name, tuple(argument.default for argument in function.arguments))
    found = pieces(node, float)
    exact = pieces(node, lambda number: Fraction(number))
    if function.linearity == "smooth":
        assert (found, exact) == (None, None)
        return
    assert found is not None
    assert exact is not None
    assert len(found.points) == len(exact.points) == function.breakpoints
    for z in (-100.0, -3.5, -1.0, -0.6, -0.4, -1e-3, 0.0, 1e-3, 0.4, 0.6, 1.0, 3.5, 7.0, 100.0):
        index = sum(z > point for point in found.points)
        y = found.slopes[index] * z + found.offsets[index]
        assert y == pytest.approx(FORMULAS[name](z, *node.arguments), abs=1e-14)
        assert y == pytest.approx(float(exact.slopes[index] * Fraction(z) + exact.offsets[index]), abs=1e-14)


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        ("input: 4\nlayers: [layer_norm, dense: 1]\noutput: 1", "3:10", "layer_norm is smooth, and has none"),
        ("input: 4\nlayers: [dense: 3, softmax, dense: 1]\noutput: 1", "3:20", "softmax is smooth, and has none"),
        ("input: 1\nwidths: [3]\nactivation: tanh\noutput: 1", "3:10", "tanh is smooth, and has none"),
        ("input: [4, 8]\nlayers: [attention: {heads: 2}]\noutput: [4, 8]", "3:10", "is smooth, and has none"),
        (
            "input: 4\nlayers: [dense: {width: 4, as: a}, multiply: {from: [a, in]}]\noutput: 4",
            "3:36",
            "it multiplies what hangs on the input with what does too",
        ),
        ("symbols: [T]\ninput: [T, 4]\nlayers: [dense: 1]\noutput: [T, 1]", "1:1", "a size is known only when it runs"),
        (
            "inputs: {x: {shape: [5], dtype: int32}}\nlayers: [embedding: {vocabulary: 9, width: 4}]\noutput: [5, 4]",
            "1:1",
            "an input is whole numbers",
        ),
    ],
)
def test_what_has_no_regions_is_refused_at_its_line(body: str, line: str, said: str) -> None:
    network = loads(f"netspec: 1\n{body}\n")
    with pytest.raises(SpecError) as refused:
        count(network)
    (found,) = refused.value.diagnostics
    assert found.code == "no-regions"
    assert said in found.headline
    assert f"<text>:{line}" in str(refused.value)


def test_a_fault_within_a_block_is_at_its_line_there() -> None:
    text = "netspec: 1\ninput: 2\nblocks:\n  b:\n    layers: [dense: 2, gelu]\nlayers: [b, b]\noutput: 2\n"
    with pytest.raises(SpecError, match="gelu is smooth") as refused:
        count(loads(text))
    assert "<text>:5:" in str(refused.value)


def test_batch_norm_has_no_rationals() -> None:
    network = loads("netspec: 1\ninput: [2, 3]\nlayers: [batch_norm, flatten, dense: 1]\noutput: 1\n")
    with pytest.raises(SpecError, match="it takes square roots, which are no rationals"):
        count(network, segment=([0] * 6, [1] * 6), rational=True)


def test_logits_are_what_goes_into_a_last_softmax() -> None:
    text = "netspec: 1\ninput: 1\nlayers: [dense: 3, relu, dense: 2, sigmoid, softmax]\noutput: 2\n"
    model = loads(text).build(dtype="float64", seed=3)
    plain = loads(text.replace(", sigmoid, softmax", "")).build(dtype="float64", seed=3)
    x = np.linspace(-3, 3, 7)[:, None]
    assert np.array_equal(lower(model, logits=True).evaluate(x), lower(plain).evaluate(x))
    assert count(model, logits=True).pieces == count(plain).pieces


def test_very_many_inputs_are_refused_before_anything_grows_with_their_square() -> None:
    network = loads("netspec: 1\ninput: 1000000\nlayers: [dense: 1]\noutput: 1\n")
    for ask in (count, regions, cells):
        with pytest.raises(SystemFault, match="1,000,000") as refused:
            ask(network)
        assert refused.value.code == "too-many-dimensions"
        with pytest.raises(SystemFault, match="taking network apart needs"):
            ask(network, max_memory=10**6)


@pytest.mark.parametrize(
    ("domain", "said"),
    [
        ({"box": [(0, 1), (0, 1), (0, 1)]}, "the box has 3 intervals, and the network 2 inputs"),
        ({"box": [(1, 1)]}, "a span goes from one finite number to a larger one"),
        ({"box": [(0, float("inf"))]}, "a span goes from one finite number to a larger one"),
        ({"box": [(0, float("nan"))]}, "a span goes from one finite number to a larger one"),
        ({"segment": ([0, 0], [1])}, "a point has 1 numbers, and the network 2 inputs"),
        ({"segment": ([0, 0], [1, float("nan")])}, "no finite number"),
        ({"segment": ([0, 0], [1, 1]), "box": [(0, 1)]}, "give one of them"),
    ],
)
@pytest.mark.parametrize("rational", [False, True])
def test_a_domain_that_does_not_fit_is_refused(domain: Any, said: str, rational: bool) -> None:
    network = loads("netspec: 1\ninput: 2\nwidths: [3]\noutput: 1\n")
    with pytest.raises(ValueError, match=said):
        count(network, rational=rational, **domain)


@pytest.mark.parametrize("rational", [False, True])
def test_where_a_signal_lies_on_the_bound_of_hard_shrink_it_is_nothing(rational: bool) -> None:
    """relu(-x) - 1/2 is -1/2 for all x > 0, and relu(x) + 1/2 is 1/2 for all x < 0."""
    network = Network(
        input=1,
        widths=[2, 2],
        output=1,
        activation=["relu", {"hard_shrink": {"bound": 0.5}}],
        parameters={
            "Omega_0": [[-1], [1]],
            "beta_0": [0, 0],
            "Omega_1": [[1, 0], [0, 1]],
            "beta_1": [-0.5, 0.5],
            "Omega_2": [[1, 10]],
            "beta_2": [0],
        },
    )
    found = list(regions(network, rational=rational))
    maps = {(float(region.beta[0]), float(region.Omega[0])) for region in found}
    assert maps == {(-0.5, -1.0), (0.0, 0.0), (5.0, 10.0)}
