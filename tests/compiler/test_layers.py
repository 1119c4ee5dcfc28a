"""Laws that every kind of layer keeps once it is compiled: it is its plain twin, whatever the batch and the sizes."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from netspec.compiler import program_text
from netspec.graph.walk import tensors
from netspec.operations import Graph
from netspec.runtime.execution import load_program
from netspec.runtime.graph_program import GraphProgram
from tests.compiler.programs import TOLERANCES, assert_close
from tests.layers.rows import NUMBERS, ROWS, Row, built
from tests.twins.network import twins

EVERY_ROW = pytest.mark.parametrize("row", ROWS, ids=str)
EVERY_DTYPE = pytest.mark.parametrize("dtype", TOLERANCES)


def graph_of(row: Row, *, free: bool) -> Graph:
    """Return the graph of the row's layer, or of what reads it: a layer that reads nothing needs an input beside it."""
    shapes = row.reads(free=free)
    graph, _ = built(row.keyword, row.fields, *(shapes or ((2,),)), integers=row.integers) if shapes else _alone(row)
    if len(graph.outputs) > 1:
        graph.output_names = tuple(f"part_{index}" for index in range(len(graph.outputs)))
    if len(graph.inputs) > 1:
        graph.input_names = tuple(f"x_{index}" for index in range(len(graph.inputs)))
    return graph


def _alone(row: Row) -> tuple[Graph, object]:
    from netspec.layers.registry import kind
    from netspec.layers.scope import Scope
    from netspec.operations import Builder

    graph = Graph(((2,),))
    result = kind(row.keyword).model_validate(row.fields, context=Scope({})).build(Builder(graph))
    assert isinstance(result, int)
    graph.outputs = (result,)
    return graph, result


def values(graph: Graph, dtype: str, seed: int = 0) -> dict[str, NDArray[Any]]:
    """Return every tensor with numbers that keep signals near 1; variances are positive."""
    rng = np.random.default_rng(seed)
    found: dict[str, NDArray[Any]] = {}
    for tensor in tensors(graph):
        array = rng.normal(0, 0.5, tensor.shape)
        found[tensor.name] = (np.abs(array) + 0.5 if tensor.name.endswith("variance") else array).astype(dtype)
    return found


def examples(graph: Graph, count: int, dtype: str, seed: int = 1) -> list[NDArray[Any]]:
    """Return examples of every input; free sizes are those of the rows."""
    rng = np.random.default_rng(seed)
    found: list[NDArray[Any]] = []
    for index, shape in enumerate(graph.inputs):
        sizes = (count, *(size if isinstance(size, int) else NUMBERS[str(size)] for size in shape))
        drawn = rng.integers(0, 5, sizes) if index in graph.integers else rng.normal(0, 1.5, sizes).astype(dtype)
        found.append(drawn)
    return found


def program(graph: Graph, dtype: str) -> tuple[GraphProgram, dict[str, NDArray[Any]]]:
    """Return the compiled graph as a program of any form, and its tensors."""
    if not graph.output_names:
        graph.output_names = ("y",)  # with a name it has a listing, whatever it is
    found = values(graph, dtype)
    loaded = load_program(program_text(graph, "laws", dtype), found, "laws")
    assert isinstance(loaded, GraphProgram)
    return loaded, found


@EVERY_ROW
@EVERY_DTYPE
@pytest.mark.parametrize("free", [False, True], ids=["fixed", "free"])
def test_a_layer_is_its_twin(row: Row, dtype: str, free: bool) -> None:
    graph = graph_of(row, free=free)
    compiled, found = program(graph, dtype)
    inputs = examples(graph, 3, dtype)
    kept = [x.copy() for x in inputs]
    results = compiled.compute(inputs)
    for y, expected in zip(results, twins(graph, found, *inputs), strict=True):
        assert y.dtype == dtype
        assert_close(y, expected, 3 * TOLERANCES[dtype])
    assert all(np.array_equal(x, before) for x, before in zip(inputs, kept, strict=True))
    assert all(not np.shares_memory(y, x) for y in results for x in inputs)


@EVERY_ROW
def test_a_batch_is_its_examples_one_by_one_and_may_be_empty(row: Row) -> None:
    graph = graph_of(row, free=False)
    compiled, _ = program(graph, "float64")
    inputs = examples(graph, 3, "float64")
    together = compiled.compute(inputs)
    for index in range(3):
        alone = compiled(*(x[index] for x in inputs))
        assert isinstance(alone, dict)
        for y, one in zip(together, alone.values(), strict=True):
            assert_close(one, y[index], 1e-12)
    for y, none in zip(together, compiled.compute([x[:0] for x in inputs]), strict=True):
        assert none.shape == (0, *y.shape[1:])


@EVERY_ROW
def test_tiles_change_nothing(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of(row, free=False)
    compiled, _ = program(graph, "float64")
    inputs = examples(graph, 5, "float64")
    together = compiled.compute(inputs)
    monkeypatch.setattr("netspec.runtime.graph_program._MOST_TILE", 2)
    for y, tiled in zip(together, compiled.compute(inputs), strict=True):
        assert_close(tiled, y, 1e-12)
