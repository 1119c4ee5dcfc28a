"""Networks of any form: straight-line text with a name for each value, memory let go and written over, and bounds."""

import ast
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netspec
from netspec.compiler import calls, has_plan, program_text
from netspec.compiler.library import MODULES, definitions
from netspec.diagnostics import SystemFault
from netspec.graph.walk import tensors
from netspec.network import Network
from netspec.operations import Builder, Elementwise, Graph, Operation
from netspec.operations.concat import Concat
from netspec.operations.learned import Learned
from netspec.operations.merge import Merge
from netspec.operations.reshape import Reshape
from netspec.operations.slice import Slice
from netspec.operations.transpose import Transpose
from netspec.runtime.execution import load_program
from netspec.runtime.graph_program import GraphProgram
from netspec.version import __version__
from tests.compiler.programs import TOLERANCES, assert_close
from tests.compiler.random_specs import EXAMPLES
from tests.compiler.test_layers import examples, graph_of, values
from tests.compiler.test_source import without_kernels
from tests.layers.rows import ROWS
from tests.twins.network import twins

GOLDEN = Path(__file__).parent / "golden"

RESIDUAL: Final = """\
netspec: 1
name: residual
symbols: [T]
inputs: {tokens: {shape: [T], dtype: int32}, weights: [T, 1]}
checks: [T <= 9]
blocks:
  res:
    layers:
      - layer_norm
      - attention: {heads: 2, as: attended}
      - add: [in, attended]
layers:
  - embedding: {from: tokens, vocabulary: 7, width: 4, as: words}
  - multiply: {from: [words, weights], as: weighed}
  - repeat: {times: 2, layers: [res]}
  - mean: {axes: 0, as: summary}
  - dense: {width: 7, bias: false, tie: {Omega: words.Omega}, activation: silu, as: logits}
outputs: {logits: 7, summary: 4}
"""


def text_of(net: Network) -> str:
    return program_text(net.operations, net.name, net.dtype)


def loaded(graph: Graph, dtype: str = "float64") -> tuple[GraphProgram, dict[str, Any]]:
    """Return the compiled graph and its tensors."""
    found = values(graph, dtype)
    program = load_program(program_text(graph, "tested", dtype), found, "tested")
    assert isinstance(program, GraphProgram)
    return program, found


def test_the_text_is_the_one_on_record() -> None:
    """To be read by people: when it changes, read it again."""
    text = without_kernels(text_of(netspec.loads(RESIDUAL))).replace(f"netspec {__version__}", "netspec VERSION")
    text = re.sub(r"\n{3,}", "\n\n\n", text)
    path = GOLDEN / "residual.txt"
    assert text == path.read_text(encoding="utf-8")


def test_a_network_with_ties_repeats_and_several_ends_is_its_twin() -> None:
    net = netspec.loads(RESIDUAL)
    for dtype, tolerance in TOLERANCES.items():
        program, found = loaded(net.operations, dtype)
        rng = np.random.default_rng(0)
        inputs = rng.integers(0, 7, (3, 5)), rng.normal(0, 1, (3, 5, 1)).astype(dtype)
        y = program(*inputs)
        assert isinstance(y, dict)
        assert list(y) == ["logits", "summary"]
        for found_y, expected in zip(y.values(), twins(net.operations, found, *inputs), strict=True):
            assert_close(found_y, expected, 3 * tolerance)


def test_a_tied_tensor_is_laid_out_once_for_each_kernel_that_reads_it() -> None:
    made = re.findall(r'": (.*parameters\["words.Omega"\].*?),  #', text_of(netspec.loads(RESIDUAL)))
    assert made == ['parameters["words.Omega"]', 'parameters["words.Omega"].T']


# -- what the text may hold -------------------------------------------------------------------------------------------

NODES: Final = {
    ast.Module, ast.Expr, ast.Constant, ast.Import, ast.alias, ast.Assign, ast.AugAssign, ast.Name, ast.Load, ast.Store,
    ast.Delete, ast.Del, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Call, ast.keyword, ast.Attribute,
    ast.Subscript, ast.Slice, ast.BinOp, ast.Mult, ast.Add, ast.Sub, ast.FloorDiv, ast.Mod, ast.Pow, ast.Tuple,
    ast.List, ast.Dict, ast.UnaryOp, ast.USub, ast.Compare, ast.LtE, ast.GtE, ast.Lt, ast.Gt, ast.Eq, ast.NotEq,
}  # fmt: skip
ATTRIBUTES: Final = {
    "T", "shape", "reshape", "transpose", "copy", "empty_like", "broadcast_to", "swapaxes", "concatenate", "stack",
    "mean", "sum", "max",
    "absolute", "add", "divide", "exp", "expm1", "heaviside", "logaddexp", "matmul", "maximum", "minimum", "multiply",
    "negative", "subtract", "tanh",
}  # fmt: skip
FUNCTIONS: Final = {"len", "max", "held", "checks", "prepare", "bind", "step"}


def forbidden(source: str) -> Iterator[str]:
    """Yield whatever in the text is not on the lists; a name must be one that it defines itself."""
    tree = ast.parse(without_kernels(source))
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)} | {"np"}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    finishes = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[:7] == "finish_"}
    yield from (f"call of {name}" for name in called - FUNCTIONS - finishes - set(definitions()))
    known = bound | called | finishes | {"step", "DTYPE", *definitions()}
    for node in ast.walk(tree):
        if type(node) not in NODES:
            yield f"{type(node).__name__} node"
        elif isinstance(node, ast.Name) and node.id not in known:
            yield f"name {node.id}"
        elif isinstance(node, ast.Attribute) and node.attr not in ATTRIBUTES:
            yield f"attribute {node.attr}"
        elif isinstance(node, ast.alias) and (node.name, node.asname) != ("numpy", "np"):
            yield f"import of {node.name}"
        elif isinstance(node, ast.keyword) and node.arg not in ("out", "keepdims"):
            yield f"keyword {node.arg}"
        elif isinstance(node, ast.FunctionDef) and (node.name not in FUNCTIONS | finishes or node.decorator_list):
            yield f"function {node.name}"
        elif isinstance(node, ast.Constant) and type(node.value) not in (int, float, str, bool, type(None), type(...)):
            yield f"constant {node.value!r}"


@pytest.mark.parametrize("free", [False, True], ids=["fixed", "free"])
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_text_of_every_layer_holds_arithmetic_alone_and_compiles_without_a_warning(row: Any, free: bool) -> None:
    graph = graph_of(row, free=free)
    graph.output_names = graph.output_names or ("y",)
    source = program_text(graph, "tested", "float32")
    assert list(forbidden(source)) == []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile(source, "<emitted>", "exec")


def test_the_text_of_a_whole_network_holds_arithmetic_alone() -> None:
    assert list(forbidden(text_of(netspec.loads(RESIDUAL)))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os", "import of os"),
        ("open(x)", "call of open"),
        ("np.load(x)", "attribute load"),
        ("lambda: 0", "Lambda node"),
        ("np.add(x, y, where=x)", "keyword where"),
        ("def other(x): return x", "function other"),
        ("x = b''", "constant b''"),
        ("x = __builtins__", "name __builtins__"),
    ],
)
def test_the_search_finds_what_does_not_belong(source: str, found: str) -> None:
    assert found in list(forbidden(source))


def test_every_operation_has_its_lines_and_its_twin() -> None:
    from tests.twins import network as twin_network

    folder = Path(netspec.__file__).parent / "operations"
    classes = {
        node.name
        for path in folder.glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and any("record" in ast.unparse(inner)[:12] for inner in node.body)
    } - {Operation.__name__, "Drop"}  # dropout, which only training has, has a rule of gradients
    assert {kind.__name__ for kind in calls._EMITTERS} == classes | {"Columns", "Turn"}  # which only passes make
    assert {kind.__name__ for kind in twin_network._TWINS} | {"Reshape", "Learned"} == classes


def test_every_module_of_kernels_is_known_and_needs_numpy_alone() -> None:
    folder = Path(netspec.__file__).parent / "compiler" / "kernels"
    assert {path.stem for path in folder.glob("*.py")} - {"__init__", "elementwise"} == set(MODULES)


def test_the_text_does_not_depend_on_the_hash_seed() -> None:
    code = (
        "import sys, netspec; from netspec.compiler import program_text; net = netspec.loads(sys.stdin.read());"
        "sys.stdout.write(program_text(net.operations, net.name, net.dtype))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=RESIDUAL,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in "0123"
    }
    assert texts == {text_of(netspec.loads(RESIDUAL))}


# -- names ------------------------------------------------------------------------------------------------------------


def test_values_have_names_of_their_own_whatever_layers_are_called() -> None:
    """Words of Python, of the text, of kernels and of its sizes, and names that spell alike once dots are gone."""
    names = ["class", "None", "np", "len", "max_pool", "t", "step", "held", "batch", "T", "x", "parameters", "b__c"]
    block = "{layers: [{dense: {width: 2, as: c}}, {tanh: {as: softmax}}]}"
    layers = [f"{{dense: {{width: 2, as: {name}}}}}" for name in names] + ["b", "{dense: {width: 2, as: last}}"]
    text = (
        f"netspec: 1\nsymbols: [T]\ninputs: {{lambda: [T, 2]}}\nblocks: {{b: {block}}}\nlayers: [{', '.join(layers)}]\n"
    )
    net = netspec.loads(text + "outputs: {last: [T, 2]}\n")
    source = text_of(net)
    assert list(forbidden(source)) == []
    program, found = loaded(net.operations)
    x = np.random.default_rng(0).normal(0, 1, (2, 3, 2))
    y = program(x)
    assert isinstance(y, dict)
    assert_close(y["last"], twins(net.operations, found, x)[0], 1e-12)
    bound = re.findall(r'^    (\w+) = tensors\["(.*?)"\]', source, re.MULTILINE)
    assert len({name for name, _ in bound}) == len({made for _, made in bound}) == len(bound)
    assert set(re.findall(r'parameters\["(.*?)"\]', source)) == {tensor.name for tensor in tensors(net.operations)}


def test_values_without_a_layer_are_numbered() -> None:
    graph = Graph(((3,),))
    net = Builder(graph)
    h = net.activate(net.affine(0, 4, init="glorot_normal", tag=0), Elementwise("tanh"))
    graph.outputs = (net.apply(Merge("add"), h, net.affine(h, 4, init="glorot_normal", tag=1)),)
    source = program_text(graph, "tested", "float32")
    assert re.findall(r"^        (h_\d) =", source, re.MULTILINE) == ["h_1", "h_2"]
    assert "        h_2 += h_1\n" in source


# -- memory -----------------------------------------------------------------------------------------------------------


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Return a graph whose values share memory, meet again, are read many times or never, and leave in any order."""
    graph = Graph(((2, 3), (2, 3))[: draw(st.integers(1, 2))])
    graph.input_names = ("a", "b")[: len(graph.inputs)]
    net = Builder(graph)
    known = list(range(len(graph.inputs)))
    for index in range(draw(st.integers(1, 12))):
        net.layer = (f"layer_{draw(st.integers(0, 3))}",) if draw(st.booleans()) else ()
        net.prefix = (f"w{index}.",)
        x = draw(st.sampled_from(known))
        kind = draw(
            st.sampled_from(["relu", "silu", "identity", "merge", "affine", "turn", "cut", "flat", "learned", "join"])
        )
        shape = net.shape(x)
        alike = [value for value in known if net.shape(value) == shape]
        if kind in ("relu", "silu", "identity"):
            found = net.activate(x, Elementwise(kind))
        elif kind == "merge":
            merge = Merge(draw(st.sampled_from(["add", "subtract", "multiply", "abs_difference"])))
            others = draw(
                st.lists(st.sampled_from(alike), min_size=1, max_size=1 if merge.kind == "abs_difference" else 3)
            )
            found = net.apply(merge, x, *others)
        elif kind == "affine":
            found = net.affine(x, draw(st.integers(1, 3)), init="glorot_normal")
        elif kind == "turn":
            found = net.apply(Transpose(tuple(reversed(range(len(shape))))), x)
        elif kind == "cut":
            found = net.apply(Slice(0, 0, draw(st.integers(1, int(str(shape[0]))))), x)
        elif kind == "flat":
            found = net.apply(Reshape((int(np.prod([int(str(size)) for size in shape])),)), x)
        elif kind == "learned":
            found = net.apply(Learned((2, 3)))
        else:
            found = net.apply(Concat(0), x, *draw(st.lists(st.sampled_from(alike), max_size=2)))
        known.append(found)
    graph.outputs = tuple(draw(st.lists(st.sampled_from(known), min_size=1, max_size=3)))
    graph.output_names = tuple(f"out_{index}" for index in range(len(graph.outputs)))
    return graph


@settings(EXAMPLES, max_examples=400)
@given(graphs())
def test_any_graph_is_its_twin_and_leaves_its_inputs_and_parameters_alone(graph: Graph) -> None:
    program, found = loaded(graph)
    for array in found.values():
        array.flags.writeable = False
    inputs = examples(graph, 3, "float64")
    for array in inputs:
        array.flags.writeable = False
    results = program.compute(inputs)
    for y, expected in zip(results, twins(graph, found, *inputs), strict=True):
        assert_close(y, expected, 1e-11)
    for index, y in enumerate(results):
        assert y.flags.writeable
        assert not any(np.shares_memory(y, other) for other in (*results[:index], *inputs, *found.values()))


def test_what_nobody_reads_is_not_computed() -> None:
    graph = Graph(((3,),))
    net = Builder(graph)
    net.prefix = ("unread.",)
    net.affine(0, 100, init="glorot_normal")
    net.prefix = ("read.",)
    graph.outputs = (net.apply(Merge("add"), net.affine(0, 3, init="glorot_normal"), 0),)
    source = program_text(graph, "tested", "float32")
    assert source.count("matmul(") == 1
    assert "unread" not in source


# -- bounds and kinds -------------------------------------------------------------------------------------------------


def test_a_network_of_too_many_operations_is_refused_before_it_is_unrolled() -> None:
    graph = Graph(((3,),))
    net = Builder(graph)
    inner = Graph(((3,),))
    within = Builder(inner, level=1)
    inner.outputs = (within.activate(within.apply(Merge("add"), 0, 0), Elementwise("tanh")),)
    graph.outputs = (net.repeated(0, 10**9, inner),)
    with pytest.raises(SystemFault) as refusal:
        program_text(graph, "tested", "float32")
    assert (refusal.value.code, refusal.value.headline) == (
        "too-many-tensors",
        "the network has 2,000,000,000 operations; a model is built of at most 50,000",
    )


PLAIN: Final = {
    "layers of one mlp": ("input: 3\nlayers: [{mlp: {widths: [4], output: 2}}]\noutput: 2\n", True),
    "dense layers": ("input: 3\nlayers: [{dense: 4}, relu, {dense: 2}]\noutput: 2\n", True),
    "an output with a name": ("input: 3\nlayers: [{dense: {width: 2, as: y}}]\noutputs: {y: 2}\n", False),
    "an activation first": ("input: 3\nlayers: [relu, {dense: 2}]\noutput: 2\n", False),
    "no product": ("input: 3\nlayers: [relu]\noutput: 3\n", False),
    "a loop first": (
        "input: 3\nlayers: [{repeat: {times: 300, layers: [{dense: 3}]}}, {dense: 2}]\noutput: 2\n",
        False,
    ),
    "a loop last": ("input: 3\nlayers: [{dense: 3}, {repeat: {times: 300, layers: [{dense: 3}]}}]\noutput: 3\n", False),
    "rounds of two": (
        "input: 3\nlayers: [{dense: 3}, {repeat: {times: 300, layers: [{dense: 4}, {dense: 3}]}}]\noutput: 3\n",
        True,
    ),
    "three axes": ("input: [2, 3]\nlayers: [{dense: 2}]\noutput: [2, 2]\n", False),
}


@pytest.mark.parametrize(("text", "plain"), PLAIN.values(), ids=PLAIN)
def test_a_chain_of_products_has_a_plan_and_all_else_a_listing(text: str, plain: bool) -> None:
    net = netspec.loads(f"netspec: 1\n{text}")
    assert has_plan(net.operations) == plain
    found = {name: array / 8 for name, array in values(net.operations, "float64").items()}
    program = load_program(program_text(net.operations, "tested", "float64"), found)
    x = examples(net.operations, 3, "float64")[0]
    kept = x.copy()
    y: Any = program(x)
    assert_close(y["y"] if isinstance(y, dict) else y, twins(net.operations, found, x)[0], 1e-11)
    assert np.array_equal(x, kept)
