"""Each pass keeps the function, and rewrites what its text says that it rewrites."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pytest

import netspec
from netspec.compiler.flow import Flow, make_flow
from netspec.compiler.listing import make_listing
from netspec.compiler.page import emit_listing, reserved
from netspec.compiler.passes import (
    activations,
    batch_norms,
    composed,
    dead,
    gains,
    identities,
    layouts,
    projections,
    shared,
    sums,
)
from netspec.compiler.rewriting import PASSES, rewrite
from netspec.runtime.execution import load_program
from tests.compiler.programs import assert_close
from tests.compiler.test_layers import examples, values
from tests.twins.network import twins

CONV: Final = "conv: {channels: 4, kernel: 3, padding: same"
TEXTS: Final[dict[str, str]] = {
    "identities": "input: [3, 4]\nlayers: [dropout, identity, {reshape: [3, 4]}, {transpose: [0, 1]}, relu]\n"
    "output: [3, 4]\n",
    "shared": "input: [2, 4, 4]\nlayers: [{max_pool: {kernel: 2, as: a}}, {max_pool: {from: in, kernel: 2, as: b}}, "
    "{multiply: [a, b]}]\noutput: [2, 2, 2]\n",
    "batch_norms": f"input: [3, 6, 6]\nlayers: [{{{CONV}, bias: false}}}}, batch_norm, {{relu: {{as: r}}}}, "
    f"{{{CONV}, as: a}}}}, "
    "batch_norm, {add: [a, r]}, batch_norm]\noutput: [4, 6, 6]\n",
    "gains": "input: [5, 8]\nlayers: [layer_norm, {dense: 6}, rms_norm, {dense: 3}]\noutput: [5, 3]\n",
    "composed": "input: 6\nlayers: [{dense: 6}, {dense: 4}, {dense: {width: 5, bias: false}}, relu, {dense: 2}]\n"
    "output: 2\n",
    "projections": "input: [5, 8]\nlayers: [{attention: {heads: 2, causal: true}}, "
    "{attention: {heads: 4, key_heads: 2}}]\noutput: [5, 8]\n",
    "sums": "input: [5, 8]\nlayers: [{dense: {width: 8, as: a}}, {add: [in, a]}, {dense: {width: 8, as: b}}, "
    "{add: [b, a]}, relu]\noutput: [5, 8]\n",
    "activations": f"input: [3, 6, 6]\nlayers: [{{{CONV}, activation: relu}}}}, {{{CONV}}}}}, leaky_relu, flatten, "
    "{dense: {width: 3, activation: gelu}}, silu]\noutput: 3\n",
    "layouts": f"input: [3, 8, 8]\nlayers: [{{{CONV}, as: a}}}}, {{max_pool: {{kernel: 3, stride: 1, padding: 1}}}}, "
    f"{{{CONV}, as: b}}}}, {{concat: {{from: [a, b], as: c}}}}, {{prelu: {{as: p}}}}, {{add: [c, p]}}, batch_norm, "
    "{average_pool: 2}, flatten, {dense: 2}]\noutput: 2\n",
    "dead": "input: 4\nlayers: [{dense: {width: 9, as: unread}}, {relu: {from: in}}]\noutput: 4\n",
}


def flow_of(name: str, *, exact: bool = False) -> Flow:
    """Return the flow of one of the networks."""
    return make_flow(netspec.loads(f"netspec: 1\n{TEXTS[name]}").operations, exact=exact)


def tensors_of(flow: Flow) -> dict[str, Any]:
    """Return parameters for a flow, small, and with variances above 0."""
    found = {name: array / 4 for name, array in values(flow.graph, "float64").items()}
    return {name: np.abs(array) + 0.5 if name.endswith("variance") else array for name, array in found.items()}


def assert_is_its_twin(flow: Flow) -> None:
    """Assert that the program of a flow gives what the graph's twin gives, which no pass has seen."""
    found, inputs = tensors_of(flow), examples(flow.graph, 3, "float64")
    source = emit_listing(make_listing(flow, "tested", "float64", reserved()))
    program: Any = load_program(source, found, "tested")
    for y, z in zip(program.compute(list(inputs)), twins(flow.graph, found, *inputs), strict=True):
        assert_close(y, z, 1e-12)


def kinds(flow: Flow) -> list[str]:
    """Return what the tasks of a flow do, in order."""
    return [type(task.operation).__name__ for task in flow.tasks]


def plain(flow: Flow) -> Flow:
    """Return the flow with what no program can do without: identities gone, norms as scales, channels last."""
    identities.drop_identities(flow)
    batch_norms.scale_batch_norms(flow)
    layouts.put_channels_last(flow)
    return flow


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("exact", [False, True])
def test_all_passes_together_keep_the_function(name: str, exact: bool) -> None:
    assert_is_its_twin(rewrite(flow_of(name, exact=exact)))


ALONE: Final[tuple[tuple[str, Callable[[Flow], None], list[str], list[str]], ...]] = (
    ("identities", identities.drop_identities, ["Elementwise", "Elementwise"], ["Elementwise"]),
    ("shared", shared.share_common, ["Pool", "Pool", "Merge"], ["Pool", "Merge"]),
    (
        "batch_norms",
        batch_norms.fold_batch_norms,
        ["Convolve", "BatchNorm", "Elementwise", "Convolve", "BatchNorm", "Merge", "BatchNorm"],
        ["Convolve", "Elementwise", "Convolve", "BatchNorm", "Merge", "BatchNorm"],
    ),
    (
        "composed",
        composed.compose_maps,
        ["Affine"] * 3 + ["Elementwise", "Affine"],
        ["Affine", "Elementwise", "Affine"],
    ),
    (
        "projections",
        projections.join_projections,
        ["Affine", "Affine", "Affine", "Attend", "Affine"] * 2,
        ["Affine", "Columns", "Columns", "Columns", "Attend", "Affine"] * 2,
    ),
    (
        "sums",
        sums.fuse_sums,
        ["Affine", "Merge", "Affine", "Merge", "Elementwise"],
        ["Affine", "Merge", "Affine", "Elementwise"],
    ),
    (
        "activations",
        activations.fuse_activations,
        ["Convolve", "Elementwise", "Convolve", "Elementwise", "Reshape", "Affine", "Elementwise", "Elementwise"],
        ["Convolve", "Convolve", "Reshape", "Affine"],
    ),
    ("dead", dead.drop_dead, ["Affine", "Elementwise"], ["Elementwise"]),
)


@pytest.mark.parametrize(("name", "run", "before", "after"), ALONE, ids=[each[0] for each in ALONE])
def test_a_pass_alone_rewrites_what_it_says_and_keeps_the_function(
    name: str, run: Callable[[Flow], None], before: list[str], after: list[str]
) -> None:
    flow = flow_of(name)
    assert kinds(flow) == before
    run(flow)
    assert kinds(flow) == after
    assert_is_its_twin(plain(flow))


def test_a_gain_moves_into_the_maps_that_read_it() -> None:
    flow = flow_of("gains")
    gains.fold_gains(flow)
    assert [sorted(task.tensors) for task in flow.tasks] == [[], ["Omega", "beta"], [], ["Omega", "beta"]]
    assert_is_its_twin(flow)


def test_channels_are_turned_at_the_borders_alone() -> None:
    flow = plain(flow_of("layouts"))
    assert kinds(flow).count("Turn") == 2
    assert kinds(flow)[0] == "Turn"
    assert kinds(flow)[-3:] == ["Turn", "Reshape", "Affine"]


def test_every_pass_has_a_module_that_shows_before_and_after() -> None:
    for each in PASSES:
        page = __import__(each.run.__module__, fromlist=["_"]).__doc__ or ""
        assert "before: " in page
        assert "after: " in page


def test_a_fold_is_left_out_where_it_would_change_what_others_read() -> None:
    """A map whose result leaves, or is read twice, keeps its own."""
    text = (
        "netspec: 1\ninput: 4\nlayers: [{dense: {width: 4, as: a}}, {relu: {as: b}}, {add: [a, b], as: c}]\n"
        "outputs: {a: 4, c: 4}\n"
    ).replace("{add: [a, b], as: c}", "{add: {from: [a, b], as: c}}")
    flow = rewrite(make_flow(netspec.loads(text).operations))
    assert kinds(flow) == ["Affine", "Elementwise", "Merge"]
    assert all(not task.functions and task.onto is None for task in flow.tasks)


def test_an_exact_activation_has_all_digits_far_out() -> None:
    text = "netspec: 1\ninput: 1\nlayers: [{dense: {width: 1, activation: silu}}]\noutput: 1\ndtype: float64\n"
    net = netspec.loads(text)
    for exact in (False, True):
        source = emit_listing(make_listing(rewrite(make_flow(net.operations, exact=exact)), "n", "float64", reserved()))
        program: Any = load_program(source, {"dense.Omega": np.ones((1, 1)), "dense.beta": np.zeros(1)}, "n")
        y = float(program([[-40.0]])[0, 0])
        assert abs(y) < 1e-15
        if exact:
            assert y == pytest.approx(-40 / (1 + np.exp(40)), rel=1e-14)
