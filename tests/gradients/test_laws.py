"""Laws that the derivative of every kind of layer keeps: it is that of finite differences, whatever the sizes are."""

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import netspec
from netspec.compiler.library import DERIVATIVES
from netspec.gradients.program import GradientProgram
from netspec.gradients.rules.table import RULES
from netspec.operations import Graph
from netspec.spec.recipe import Loss
from tests.compiler.programs import assert_close
from tests.compiler.test_layers import EVERY_ROW, examples, graph_of, values
from tests.gradients.differences import assert_derived
from tests.layers.rows import NUMBERS, Row
from tests.twins.network import twins

BATCH = 3


def program(graph: Graph, dtype: str = "float64", **options: Any) -> GradientProgram:
    """Return the program of the squared error of every output, from tensors that leave nothing at zero."""
    losses = {name: Loss("squared_error", weight=1.0 + index) for index, name in enumerate(names(graph))}
    return GradientProgram(graph, "laws", dtype, losses, values(graph, dtype), **options)


def names(graph: Graph) -> tuple[str, ...]:
    """Return what the outputs are called."""
    return graph.output_names or ("out",)


def targets(graph: Graph, dtype: str = "float64") -> list[NDArray[Any]]:
    """Return a target for every output."""
    from netspec.sizes import Polynomial, evaluate

    rng = np.random.default_rng(5)
    found = []
    for shape in graph.output_shapes:
        sizes = [evaluate(size, NUMBERS) if isinstance(size, Polynomial) else size for size in shape]
        found.append(rng.normal(0, 1, (BATCH, *sizes)).astype(dtype))
    return found


def test_every_operation_has_a_rule() -> None:
    folder = Path(netspec.__file__).parent / "operations"
    classes = {
        node.name
        for path in folder.glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and any("record" in ast.unparse(inner)[:12] for inner in node.body)
    } - {"Operation", "Reshape", "Affine"}  # a reshape is a name for the same memory; an affine map has two rules
    assert {kind.__name__ for kind in RULES} == classes | {"Turn"}


def test_every_module_of_kernels_is_known() -> None:
    folder = Path(netspec.__file__).parent / "gradients" / "kernels"
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == set(DERIVATIVES)


@EVERY_ROW
@pytest.mark.parametrize("free", [False, True], ids=["fixed", "free"])
def test_the_gradient_of_a_layer_is_that_of_finite_differences(row: Row, free: bool) -> None:
    graph = graph_of(row, free=free)
    derived = program(graph, input_gradients=True)
    inputs, wanted = examples(graph, BATCH, "float64"), targets(graph)

    def loss() -> float:
        return derived.derive(inputs, wanted, None)[0]

    _, seen = derived.derive(inputs, wanted, None)
    gradient, found = derived.gradient.copy(), {name: array.copy() for name, array in seen.items()}
    assert_derived(loss, derived.parameters, gradient)
    for index, name in enumerate(graph.input_names or ("x",)):
        if index not in graph.integers and row.shapes:
            assert_derived(loss, inputs[index], found[name])


@EVERY_ROW
def test_a_step_of_training_derives_what_it_computes(row: Row) -> None:
    graph = graph_of(row, free=False)
    trained = program(graph)
    inputs, wanted = examples(graph, BATCH, "float64"), targets(graph)

    def loss() -> float:
        return trained.step(inputs, wanted, None, (1, 2))

    loss()
    assert_derived(loss, trained.parameters, trained.gradient.copy())


@EVERY_ROW
def test_a_layer_in_evaluation_gives_what_its_twin_gives(row: Row) -> None:
    graph = graph_of(row, free=False)
    inputs = examples(graph, BATCH, "float64")
    _, outputs = program(graph).evaluate(inputs, targets(graph), None)
    for y, expected in zip(outputs, twins(graph, values(graph, "float64"), *inputs), strict=True):
        assert_close(y, expected, 1e-12)


@EVERY_ROW
def test_single_precision_is_near_double_precision(row: Row) -> None:
    graph = graph_of(row, free=False)
    found = {}
    for dtype in ("float32", "float64"):
        trained = program(graph, dtype)
        trained.step(examples(graph, BATCH, dtype), targets(graph, dtype), None, (1, 2))
        assert trained.gradient.dtype == dtype
        found[dtype] = trained.gradient
    assert_close(found["float32"], found["float64"], 2e-4)
