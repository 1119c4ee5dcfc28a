"""Facts of networks whose numbers are known: by the book and by hand."""

from math import comb

import pytest

from netspec.graph import Facts, steps, tensor_count, tensors
from netspec.operations import Affine, Builder, Call, Elementwise, Graph, Repeat
from netspec.validation import check_text


def facts(body: str) -> Facts:
    """Return the facts of a valid spec."""
    verdict = check_text(f"netspec: 1\n{body}")
    assert verdict.facts is not None, verdict.diagnostics
    return verdict.facts


@pytest.mark.parametrize(
    ("inputs", "widths", "outputs", "parameters"),
    [
        (1, [3, 3], 1, 22),
        (4, [5, 2, 4], 1, 54),
        (5, [20, 10, 7], 4, 439),
        (1, [95], 1, 286),
        (1, [5] * 10, 1, 286),
        (1, [10] * 5, 1, 471),
        (10, [50] * 5, 1, 10_801),
        (40, [298], 10, 15_208),
        (40, [100, 100], 10, 15_210),
        (40, [75] * 3, 10, 15_235),
        (40, [63] * 4, 10, 15_319),
    ],
)
def test_parameters_of_the_book(inputs: int, widths: list[int], outputs: int, parameters: int) -> None:
    """Prince, *Understanding Deep Learning*: notebooks 4.3 and 20.2, problems 4.4 and 4.11, figure 4.7."""
    found = facts(f"input: {inputs}\nwidths: {widths}\noutput: {outputs}\n")
    assert (found.parameters, found.capacity, found.depth) == (parameters, sum(widths), len(widths))
    assert found.parameter_bytes == 4 * parameters


def test_a_million_layers_are_counted_without_being_walked() -> None:
    found = facts("input: 1\nK: 1000000\nwidths: 1000\noutput: 1\n")
    assert found.parameters == 3001 + 999_999 * 1000 * 1001
    assert (found.capacity, found.depth, found.tensors) == (10**9, 10**6, 2 * (10**6 + 1))
    assert found.macs == 2000 + 999_999 * 10**6


def test_what_is_shared_is_learned_once_and_worked_each_time() -> None:
    net = "networks: {a: {input: 2, widths: [3], output: 2}}\n"
    once, twice = facts(f"{net}compose: [a]\n"), facts(f"{net}compose: [a, a]\n")
    assert (twice.parameters, twice.tensors) == (once.parameters, once.tensors) == (17, 4)
    assert (twice.macs, twice.capacity, twice.depth) == (2 * once.macs, 2 * once.capacity, 2 * once.depth)


def test_the_output_of_the_network_is_no_hidden_unit() -> None:
    activated = facts("input: 1\nwidths: [3]\noutput: 2\noutput_activation: tanh\n")
    assert (activated.capacity, activated.depth) == (3, 1)
    composed = facts("networks: {a: {input: 2, K: 0, output: 2, output_activation: relu}}\ncompose: [a, a, a]\n")
    assert (composed.capacity, composed.depth) == (4, 2)


def test_the_identity_costs_nothing_and_is_still_a_layer() -> None:
    plain, named = (
        facts(f"input: 1\nwidths: [3]\nactivation: {activation}\noutput: 1\n") for activation in ("relu", "identity")
    )
    assert named.flops == plain.flops - 3
    assert named.capacity == plain.capacity


@pytest.mark.parametrize(
    ("body", "lower", "upper"),
    [
        ("input: 1\nwidths: [3, 3]\noutput: 1\n", 16, 16),
        ("input: 2\nwidths: [2, 2]\noutput: 1\n", None, 11),
        ("input: 2\nwidths: [4, 4]\noutput: 1\n", None, 109),
        ("input: 1\nK: 5\nwidths: 10\noutput: 1\n", 11**5, 11**5),
        ("input: 10\nwidths: [50]\noutput: 1\n", None, sum(comb(50, j) for j in range(11))),
        ("input: 3\nK: 0\noutput: 1\n", 1, 1),
        ("input: 3\nwidths: [5, 5]\nactivation: identity\noutput: 1\n", 1, 1),
    ],
)
def test_regions_of_the_book(body: str, lower: int | None, upper: int) -> None:
    found = facts(body).regions
    assert found is not None
    assert found.upper.value == upper
    assert lower in (None, found.lower.value)


@pytest.mark.parametrize("activations", ["activation: tanh", "activation: [relu, gelu_tanh]"])
def test_a_smooth_network_has_no_regions(activations: str) -> None:
    assert facts(f"input: 1\nwidths: [3, 3]\n{activations}\noutput: 1\n").regions is None
    assert facts("input: 1\nK: 100\nwidths: 3\nactivation: mish\noutput: 1\n").regions is None


def test_where_tensors_are_shared_no_lower_bound_is_claimed() -> None:
    found = facts("networks: {a: {input: 1, widths: [3], output: 1}}\ncompose: [a, a]\n").regions
    assert found is not None
    assert found.lower.value == 1
    assert found.upper.value == 16


def test_a_round_of_several_activations_is_counted_each_time() -> None:
    """No body says this yet; a repeat of more than one layer is counted as its rounds."""

    def round_of_two(net: Builder, x: int, level: int) -> int:
        for k, name in enumerate(("relu", "relu6")):
            x = net.activate(net.affine(x, 2, init="zeros", tag=k), Elementwise(name))
        return x

    graph, flat = Graph(((2,),)), Graph(((2,),))
    graph.outputs = (Builder(graph).repeat(0, 3, round_of_two),)
    x = 0
    for _ in range(3):
        x = round_of_two(Builder(flat), x, 0)
    flat.outputs = (x,)
    repeated, unrolled = Facts(graph, "float32"), Facts(flat, "float32")
    assert repeated.regions == unrolled.regions
    assert repeated.fingerprint == unrolled.fingerprint
    assert (repeated.parameters, repeated.flops, repeated.depth) == (
        unrolled.parameters,
        unrolled.flops,
        unrolled.depth,
    )


def test_a_network_that_passes_x_on_has_nothing_to_walk() -> None:
    graph = Graph(((3,),))
    graph.outputs = (0,)
    found = Facts(graph, "float32")
    assert (found.parameters, found.capacity, found.depth, found.activation_bytes) == (0, 0, 0, 12)
    assert list(steps(graph)) == []


def test_tensors_are_listed_and_counted_alike() -> None:
    verdict = check_text(
        "netspec: 1\nnetworks: {a: {input: 1, K: 5, widths: 3, output: 1}, b: {compose: [a, a]}}\ncompose: [b, a, b]\n"
    )
    assert verdict.graph is not None
    names = [tensor.name for tensor in tensors(verdict.graph)]
    assert len(names) == len(set(names)) == tensor_count(verdict.graph) == 12
    assert all(name.startswith("a.") for name in names)
    assert [type(node) for node in verdict.graph.operations] == [Call] * 3
    assert {type(step.node) for step in steps(verdict.graph)} == {Affine, Elementwise, Repeat}


def test_the_fingerprint_is_stable() -> None:
    """It names architectures in files and registries, so another one for the same network breaks a promise."""
    found = facts("input: 1\nwidths: [3, 3]\noutput: 1\n").fingerprint
    assert found == "sha256:2e19ccbd1d4cebf424078a5a6dde966cc5e731ac4712f632778c44e769ac61c9"
