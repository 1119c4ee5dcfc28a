"""The emitted text: the same every time, readable, and made of nothing but arithmetic on bound arrays."""

import ast
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings

from netspec.compiler import emit, make_plan
from netspec.compiler.library import definitions
from netspec.files.parameters import label
from netspec.network import Network
from netspec.version import __version__
from tests.compiler.programs import assert_is_its_twin, inputs, network, parameters, program
from tests.compiler.random_specs import EXAMPLES, specs
from tests.compiler.test_loops import shared

GOLDEN = Path(__file__).parent / "golden"


@settings(EXAMPLES, derandomize=True)  # a step whose unit is as good as 0 may fall on either side
@given(specs())
def test_any_network_is_its_twin(keys: dict[str, Any]) -> None:
    assert_is_its_twin(Network(**keys), rows=5)


# -- what the text may hold -------------------------------------------------------------------------------------------

NODES: Final = {
    ast.Module, ast.Expr, ast.Constant, ast.Import, ast.alias, ast.Assign, ast.Name, ast.Load, ast.Store,
    ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Call, ast.keyword, ast.Attribute, ast.Subscript,
    ast.Slice, ast.BinOp, ast.Mult, ast.Add, ast.Mod, ast.FloorDiv, ast.Tuple, ast.List, ast.Dict, ast.Starred,
    ast.ListComp, ast.comprehension, ast.For, ast.UnaryOp, ast.USub, ast.If, ast.IfExp, ast.Compare, ast.Eq, ast.Lt,
    ast.LtE, ast.IsNot, ast.BoolOp, ast.Or,
}  # fmt: skip
ATTRIBUTES: Final = {
    "T", "append", "dot", "empty", "reshape", "shape", "tolist", "zeros",
    "absolute", "add", "copyto", "divide", "exp", "expm1", "heaviside", "logaddexp", "maximum", "minimum", "multiply",
    "negative", "subtract", "tanh",
}  # fmt: skip
WORDS: Final = ATTRIBUTES - {"T", "empty", "reshape", "shape", "zeros"} | {
    "np", "INPUT", "OUTPUT", "DTYPE", "TILE", "prepare", "one", "many", "parameters", "tensors", "rows",
    "maps", "bias", "bound", "source", "target", "step", "x", "y", "range", "str", "h", "k", "beta", "Omega",
    "long", "limit", "again", "zero", "_",
    "affine_map", "aligned", "as_rows", "as_they_are", "moved", "with_offset", "composed", "gelu",
    "across", "beside", "held", "signals",
    "in_long_rows", "each_row", "offsets", "bound_product", "whole_product", "signal",
}  # fmt: skip
NUMBERED: Final = re.compile(
    r"[abtxy](_\d+)?\Z|(rounds|map|dot_[abx]|zero|Omega|beta|multiply|from|to|long|limit|again)_\d+\Z|w\d+_\d+_\d+\Z"
)
FUNCTIONS: Final = ("prepare", "one", "many", "step")


def without_kernels(source: str) -> str:
    """Return the text without what it copies from the modules of kernels, word for word, and without their `math`."""
    for definition in definitions().values():
        source = source.replace(f"\n{definition.text}\n", "\n", 1)
    return re.sub("\n{4,}", "\n\n\n", source.replace("\nimport math\n\n", "\n", 1))


def forbidden(source: str) -> Iterator[str]:
    """Yield whatever in the text is not on the lists: a kind of node, a name, an attribute, an import, a constant."""
    for node in ast.walk(ast.parse(without_kernels(source))):
        if type(node) not in NODES:
            yield f"{type(node).__name__} node"
        elif isinstance(node, ast.Name | ast.arg):
            name = node.id if isinstance(node, ast.Name) else node.arg
            if name not in WORDS and not NUMBERED.match(name):
                yield f"name {name}"
        elif isinstance(node, ast.Attribute) and node.attr not in ATTRIBUTES:
            yield f"attribute {node.attr}"
        elif isinstance(node, ast.alias) and (node.name, node.asname) != ("numpy", "np"):
            yield f"import of {node.name}"
        elif isinstance(node, ast.keyword) and node.arg != "out":
            yield f"keyword {node.arg}"
        elif isinstance(node, ast.FunctionDef) and (node.name not in FUNCTIONS or node.decorator_list):
            yield f"function {node.name}"
        elif isinstance(node, ast.Constant) and type(node.value) not in (int, float, str, bool, type(None)):
            yield f"constant {node.value!r}"


@EXAMPLES
@given(specs())
def test_the_text_holds_arithmetic_alone_and_compiles_without_a_warning(keys: dict[str, Any]) -> None:
    net = Network(**keys)
    source = emit(make_plan(net.operations, net.name, net.dtype))
    assert list(forbidden(source)) == []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile(source, "<emitted>", "exec")


def test_the_text_of_loops_holds_arithmetic_alone() -> None:
    net = shared()
    assert list(forbidden(emit(make_plan(net.operations, net.name, net.dtype)))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os", "import of os"),
        ("open(x)", "name open"),
        ("np.load(x)", "attribute load"),
        ("lambda: 0", "Lambda node"),
        ("add(x, y, where=x)", "keyword where"),
        ("def other(x): return x", "function other"),
        ("x = b''", "constant b''"),
        ("np.__class__", "attribute __class__"),
    ],
)
def test_the_search_finds_what_does_not_belong(source: str, found: str) -> None:
    assert found in list(forbidden(source))


def test_tensors_get_names_of_their_own_whatever_networks_are_called() -> None:
    """Words of the emitted text, of Python, and names that spell alike once their dots are gone."""
    part = {"input": 2, "widths": [3], "output": 2}
    inner = {"networks": {"y": part}, "compose": ["y"]}
    names = ["x", "a", "a_2", "np", "str", "class", "None", "bind", "rounds_1", "beta_0", "x__y"]
    net = network(networks=dict.fromkeys(names, part) | {"X": inner}, compose=[*names, "X"])
    source = emit(make_plan(net.operations, net.name, net.dtype))
    assert list(forbidden(source)) == []
    assert_is_its_twin(net)
    assert set(re.findall(r'parameters\["(.*?)"\]', source)) == set(net.shapes)


# -- the same text every time -----------------------------------------------------------------------------------------

_PRINT = """
import sys
from netspec.network import loads
from netspec.compiler import emit, make_plan
from netspec.compiler.library import definitions
from netspec.files.parameters import label
net = loads(sys.stdin.read())
sys.stdout.buffer.write(emit(make_plan(net.operations, net.name, net.dtype)).encode())
"""


def test_the_text_does_not_depend_on_hash_seed_or_locale() -> None:
    net = network(
        networks={name: {"input": 2, "widths": [4, 3], "output": 2, "activation": "silu"} for name in "edcba"},
        compose=list("abcde"),
    )
    texts = [
        subprocess.run(
            [sys.executable, "-W", "error", "-c", _PRINT],
            input=net.to_yaml().encode(),
            env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale},
            capture_output=True,
            check=True,
        ).stdout
        for seed, locale in (("0", "C"), ("1", "C.UTF-8"))
    ]
    assert texts[0] == texts[1] == emit(make_plan(net.operations, net.name, net.dtype)).encode()


@pytest.mark.parametrize("name", ["two_layer", "composed", "loop"])
def test_the_text_is_the_one_on_record(name: str) -> None:
    """To be read by people: when it changes, read it again."""
    fold = {"input": 1, "widths": [3], "output": 1}
    nets = {
        "two_layer": network(name="two-layer", input=1, widths=[3, 3], output=1),
        "composed": network(name="fold-twice-and-squash", networks={"fold": fold}, compose=["fold", "fold"]),
        "loop": network(name="deep", input=2, K=300, widths=4, activation="silu", output=3, dtype="float64"),
    }
    net = nets[name]
    text = emit(make_plan(net.operations, net.name, net.dtype)).replace(f"netspec {__version__}", "netspec VERSION")
    text = without_kernels(text)
    assert text == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def _one(source: str) -> str:
    """Return the function for one example."""
    start = source.index("\ndef one(")
    return source[start : source.index("\ndef ", start + 1)]


@EXAMPLES
@given(specs())
def test_the_equations_count_hidden_layers_as_the_facts_do(keys: dict[str, Any]) -> None:
    net = Network(**keys)
    source = emit(make_plan(net.operations, net.name, net.dtype, exact=True))
    remarks = re.findall("^ +# (.*) = ", _one(source), re.MULTILINE)
    hidden = [remark for remark in remarks if remark.startswith("h_")]
    assert hidden == [f"h_{k + 1}" for k in range(net.facts.depth)]
    assert remarks[-1] == "y"
    assert {remark for remark in remarks[:-1] if remark not in hidden} <= {
        label(f"{name}.y") for name in keys.get("networks", {})
    }


def test_the_equations_of_a_loop_count_all_its_layers() -> None:
    net = shared()
    source = emit(make_plan(net.operations, net.name, net.dtype, exact=True))
    found = re.findall("^ +# (.*) = ", _one(source), re.MULTILINE)
    assert found == ["h_1", "h_2 … h_300", "deep.y", "h_301", "h_302 … h_600", "deep.y", "y"]
    assert net.facts.depth == 600


def test_every_name_of_a_network_fits_the_text() -> None:
    net = network(name="a" + ".-_9" * 15, input=1, widths=[2], output=1)
    source = emit(make_plan(net.operations, net.name, net.dtype))
    assert list(forbidden(source)) == []
    assert program(net, parameters(net))(inputs(net, 1)).shape == (1, 1)
