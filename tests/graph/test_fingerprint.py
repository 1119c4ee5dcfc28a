"""The fingerprint: what may change without it, and what may not."""

import re
from itertools import combinations
from pathlib import Path
from typing import Any, Final
from unittest import mock

import pytest
from hypothesis import given, settings

from netspec.graph.fingerprint import fingerprint
from netspec.graph.walk import is_line
from netspec.network import Network, load, loads
from netspec.operations import Graph
from netspec.spec.yaml_text import write
from netspec.validation import check_text
from tests.compiler.random_specs import EXAMPLES, specs
from tests.graph.random_layers import networks, written_out
from tests.review.test_properties import spelled
from tests.strategies import connected


def said(body: str) -> str:
    """Return the fingerprint of a spec, `netspec: 1` put before it."""
    return loads(f"netspec: 1\n{body}").fingerprint


LISTED: Final = "input: 2\nwidths: [3, 3, 3]\noutput: 1\n"
PARTS: Final = """\
networks:
  a: {input: 2, widths: [3], output: 2}
  b: {input: 2, widths: [4], output: 2}
compose: [a, b, a]
"""
RENAMED: Final = """\
networks:
  p: {input: 2, widths: [3], output: 2}
  q: {input: 2, widths: [4], output: 2}
compose: [p, q, p]
"""
UNREAD: Final = "  c: {input: 9, widths: [9], output: 9}\ncompose:"

EQUAL: Final[dict[str, tuple[str, str]]] = {
    "a name": (LISTED, f"name: other\ndescription: says more\n{LISTED}"),
    "names of parts": (PARTS, RENAMED),
    "the order of keys": (LISTED, "output: 1\nwidths: [3, 3, 3]\ninput: 2\n"),
    "the order of networks": (PARTS, re.sub(r"(  a.*\n)(  b.*\n)", r"\2\1", PARTS)),
    "a comment": (LISTED, f"# three layers\n{LISTED}"),
    "a count and a width": (LISTED, "input: 2\nK: 3\nwidths: 3\noutput: 1\n"),
    "a count and a list": (LISTED, "input: 2\nK: 3\nwidths: [3, 3, 3]\noutput: 1\n"),
    "a default written out": (LISTED, f"{LISTED}activation: relu\ndtype: float32\n"),
    "a list of activations": (LISTED, f"{LISTED}activation: [relu, relu, relu]\n"),
    "a hyperparameter": (LISTED, "hyperparameters: {D: 3}\ninput: 2\nwidths: [D, D, D]\noutput: D - 2\n"),
    "how it is drawn": (LISTED, f"{LISTED}parameters: {{init: zeros, seed: 4}}\n"),
    "a network that is not read": (PARTS, PARTS.replace("compose:", UNREAD)),
}


@pytest.mark.parametrize(("one", "other"), EQUAL.values(), ids=EQUAL)
def test_equal_whatever_text_says_it(one: str, other: str) -> None:
    assert one != other
    assert said(one) == said(other)


def test_equal_split_into_files_and_inline(tmp_path: Path) -> None:
    parts = dict(re.findall(r"  (\w): \{(.*)\}", PARTS))
    for name, keys in parts.items():
        (tmp_path / f"{name}.yaml").write_text("netspec: 1\n" + keys.replace(", w", "\nw").replace(", o", "\no") + "\n")
    split = "netspec: 1\nnetworks: {a: {file: a.yaml}, b: {file: b.yaml}}\ncompose: [a, b, a]\n"
    (tmp_path / "spec.yaml").write_text(split)
    assert load(tmp_path / "spec.yaml").fingerprint == said(PARTS)


@settings(EXAMPLES)
@given(specs())
def test_equal_for_the_long_form(keys: dict[str, Any]) -> None:
    net = Network(**keys)
    assert loads(net.expand()).fingerprint == net.fingerprint


DEEP: Final[dict[str, Any]] = {
    "input": 2,
    "widths": [3, 4, 3],
    "activation": ["relu", {"leaky_relu": {"slope": 0.1}}, "tanh"],
    "output": 2,
}
CHANGES: Final[dict[str, dict[str, Any]]] = {
    "nothing": {},
    "the first width": {"widths": [2, 4, 3]},
    "the second width": {"widths": [3, 5, 3]},
    "the last width": {"widths": [3, 4, 4]},
    "the order of widths": {"widths": [4, 3, 3]},
    "the depth": {"widths": [3, 4, 3, 3], "activation": [*DEEP["activation"], "tanh"]},
    "the input": {"input": 3},
    "the output": {"output": 3},
    "an activation": {"activation": ["relu", {"leaky_relu": {"slope": 0.1}}, "sigmoid"]},
    "the order of activations": {"activation": [{"leaky_relu": {"slope": 0.1}}, "relu", "tanh"]},
    "an argument": {"activation": ["relu", {"leaky_relu": {"slope": 0.2}}, "tanh"]},
    "an argument in its last digit": {"activation": ["relu", {"leaky_relu": {"slope": 0.10000000000000002}}, "tanh"]},
    "an output activation": {"output_activation": "tanh"},
    "another output activation": {"output_activation": "sigmoid"},
    "the dtype": {"dtype": "float64"},
}  # fmt: skip


def test_different_under_any_change() -> None:
    found = {name: Network(**{**DEEP, **change}).fingerprint for name, change in CHANGES.items()}
    assert [pair for pair in combinations(found, 2) if found[pair[0]] == found[pair[1]]] == []


def test_different_under_any_order_and_any_sharing_of_parts() -> None:
    """Of networks that are equal, which of them share their tensors is all that differs."""
    one = "{input: 2, widths: [3], output: 2}"
    networks = "".join(f"  {name}: {one}\n" for name in "abcd")
    uses = ("abcd", "aabc", "abac", "abbc", "abab", "abba", "aaaa", "aabb")
    found = [said(f"networks:\n{networks}compose: [{', '.join(names)}]\n") for names in uses]
    found += [said(PARTS), said(PARTS.replace("[a, b, a]", "[b, a, a]")), said(PARTS.replace("[a, b, a]", "[a, a, b]"))]
    assert len(set(found)) == len(found)


def test_different_shared_in_a_long_stretch() -> None:
    """A repeat is one record, said many times: its tensors are shared or fresh like any others."""
    deep = "{input: 2, K: 500, widths: 2, output: 2}"
    networks = f"networks:\n  a: {deep}\n  b: {deep}\n"
    assert said(f"{networks}compose: [a, b]\n") != said(f"{networks}compose: [a, a]\n")


def test_different_for_each_of_a_million_counts() -> None:
    counts = [*range(2, 40), 1000, 1001, 999_999, 1_000_000]
    found = {said(f"input: 1\nK: {count}\nwidths: 1\noutput: 1\n") for count in counts}
    assert len(found) == len(counts)


# -- layers ---------------------------------------------------------------------------------------------------------


@settings(EXAMPLES)
@given(networks())
def test_a_repeat_has_the_fingerprint_of_its_rounds_written_out(keys: dict[str, Any]) -> None:
    out = keys | {"layers": written_out(keys["layers"])}
    assert Network(**keys).fingerprint == Network(**out).fingerprint


RESIDUAL: Final = """\
input: 4
layers:
  - dense: {width: 6, activation: relu}
  - dense: {width: 4, as: branch}
  - add: [branch, in]
output: 4
"""
LAYERED: Final[dict[str, tuple[str, str]]] = {
    "sugar": (
        "input: 4\nwidths: [6]\noutput: 4\n",
        "input: 4\nlayers: [{dense: {width: 6, activation: relu}}, {dense: 4}]\noutput: 4\n",
    ),
    "a layer's name": (RESIDUAL, RESIDUAL.replace("branch", "other")),
    "an activation of its own": (RESIDUAL, RESIDUAL.replace("6, activation: relu}\n", "6}\n  - relu\n")),
    "a block": (
        RESIDUAL,
        "input: 4\nblocks:\n  res:\n    layers:\n"
        + RESIDUAL.partition("layers:\n")[2].partition("output")[0].replace("  -", "      -")
        + "layers: [res]\noutput: 4\n",
    ),
    "the name of a free size": (
        "symbols: [T]\ninput: [T, 4]\nlayers: [{reshape: {shape: [2*T, 2]}}]\noutput: [2*T, 2]\n",
        "symbols: [S]\ninput: [S, 4]\nlayers: [{reshape: {shape: [2*S, 2]}}]\noutput: [2*S, 2]\n",
    ),
    "the name of a single input": (
        "inputs: {a: 4}\nlayers: [{dense: {from: a, width: 3}}]\noutput: 3\n",
        "input: 4\nlayers: [{dense: 3}]\noutput: 3\n",
    ),
    "the order of a list": (
        (
            "inputs: {a: 4, b: 4}\nlayers:\n  - dense: {from: a, width: 3, as: x}\n"
            "  - dense: {from: b, width: 3, as: y}\n"
            "  - add: [x, y]\noutput: 3\n"
        ),
        (
            "inputs: {b: 4, a: 4}\nlayers:\n  - dense: {from: b, width: 3, as: y}\n"
            "  - dense: {from: a, width: 3, as: x}\n"
            "  - add: [x, y]\noutput: 3\n"
        ),
    ),
}
APART: Final[dict[str, tuple[str, str]]] = {
    "wiring": (RESIDUAL, RESIDUAL.replace("[branch, in]", "[branch, branch]")),
    "an operand's place": (
        RESIDUAL.replace("add", "subtract"),
        RESIDUAL.replace("add", "subtract").replace("[branch, in]", "[in, branch]"),
    ),
    "a tie": (
        "input: 4\nlayers: [{dense: {width: 4, as: a}}, {dense: 4}]\noutput: 4\n",
        "input: 4\nlayers: [{dense: {width: 4, as: a}}, {dense: {width: 4, tie: {Omega: a.Omega}}}]\noutput: 4\n",
    ),
    "sharing": (
        "input: 4\nnetworks: {t: {input: 4, K: 0, output: 4}}\nlayers: [t, t]\noutput: 4\n",
        "input: 4\nblocks: {t: {input: 4, K: 0, output: 4}}\nlayers: [t, t]\noutput: 4\n",
    ),
    "the name of an input, where there are several": (
        "inputs: {a: 4, b: 4}\nlayers: [{subtract: [a, b]}]\noutput: 4\n",
        "inputs: {a: 4, c: 4}\nlayers: [{subtract: [a, c]}]\noutput: 4\n",
    ),
    "the name of an output": (
        "input: 4\nlayers: [{dense: {width: 3, as: y}}]\noutputs: {y: 3}\n",
        "input: 4\nlayers: [{dense: {width: 3, as: z}}]\noutputs: {z: 3}\n",
    ),
    "which layer leaves": (
        "input: 4\nlayers: [{dense: {width: 4, as: a}}, {dense: {width: 4, as: b}}]\noutputs: {a: 4, b: 4}\n",
        "input: 4\nlayers: [{dense: {width: 4, as: b}}, {dense: {width: 4, as: a}}]\noutputs: {a: 4, b: 4}\n",
    ),
}


@pytest.mark.parametrize(("one", "other"), LAYERED.values(), ids=LAYERED)
def test_layers_are_equal_whatever_text_says_them(one: str, other: str) -> None:
    assert one != other
    assert said(one) == said(other)


@pytest.mark.parametrize(("one", "other"), APART.values(), ids=APART)
def test_layers_are_told_apart(one: str, other: str) -> None:
    assert said(one) != said(other)


def test_a_block_repeated_often_is_hashed_without_being_unrolled() -> None:
    text = "input: 4\nblocks:\n  res:\n    layers: [{{dense: {{width: 4, as: b}}}}, {{add: [b, in]}}]\n"
    text += "layers: [{{repeat: {{times: {}, layers: [res]}}}}]\noutput: 4\n"
    assert len({said(text.format(times)) for times in (1, 2, 1_000_000, 1_000_001)}) == 4


# -- rounds that are not all numbered -------------------------------------------------------------------------------

HELD: Final[dict[str, str]] = {
    "a value from around": "[{add: [in, ext]}, {dense: 4}]",
    "a value from around, read before": "[{add: [ext, in]}]",
    "a shared network": "[t, {dense: 4}]",
    "a value from around within a part": "[{two: {from: {p: in, q: ext}}}]",
    "rounds within": "[{repeat: {times: 7, layers: [t, {add: [in, ext]}]}}]",
    "a tie": "[{dense: {width: 4, tie: {Omega: ext.Omega}}}]",
    "a tie within": "[{dense: {width: 4, as: own}}, {dense: {width: 4, tie: {Omega: own.Omega}}}]",
    "a shared network with rounds": "[{r: {as: own}}, {add: [own, ext]}]",
    "what is computed before": "[{dense: {from: ext, width: 4, as: own}}, {add: [own, in]}]",
    "what is computed before and behind": (
        "[{learned: {shape: 4, as: own}}, {add: {from: [own, in], as: ownsum}}, {dense: 4}, {add: [ownsum, ext]}]"
    ),
    "a tie to what is computed before": (
        "[{dense: {from: ext, width: 4, as: own}}, {add: [own, in]}, {dense: {width: 4, tie: {Omega: own.Omega}}}]"
    ),
    "a shared network before and behind": "[{t: {from: ext, as: own}}, {add: [own, in]}, t, {dense: 4}]",
    "a part that needs its second input late": (
        "[{two: {from: {p: ext, q: in}, as: own}}, {both: {from: {p: ext, q: own}}}]"
    ),
    "rounds within that compute before": (
        "[{learned: {shape: 4, as: own}}, {add: [own, in]},"
        " {repeat: {times: 14, layers: [{learned: {shape: 4, as: owner}}, {add: [owner, in]}, {dense: 4}]}}]"
    ),
    "few rounds within that compute before": (
        "[{learned: {shape: 4, as: own}}, {add: [own, in]},"
        " {repeat: {times: 2, layers: [{learned: {shape: 4, as: owner}}, {add: [owner, in]}, t]}}]"
    ),
    "rounds in turn behind what is computed before": (
        "[{learned: {shape: 4, as: own}}, {add: [own, in]}, {repeat: {times: 9, layers: [{add: [in, ext]}, t]}}]"
    ),
}


def held(body: str, times: int, *, written: bool, tied: bool) -> str:
    """Return a network that repeats a body, or has its rounds one after the other, so that each is numbered."""
    last = "{dense: {width: 4, tie: {beta: ext.beta}}}" if tied else "{dense: 4}"
    bodies = [body.replace("own", f"own{number}") for number in range(times if written else 0)]
    rounds = [f"{{repeat: {{times: 1, layers: {each}}}}}" for each in bodies]
    items = ", ".join(rounds or [f"{{repeat: {{times: {times}, layers: {body}}}}}"])
    return f"""\
input: 4
networks:
  t: {{input: 4, layers: [{{dense: 4}}], output: 4}}
  r:
    input: 4
    layers: [{{dense: {{width: 4, as: e}}}}, {{repeat: {{times: 8, layers: [t, {{add: [in, e]}}]}}}}]
    output: 4
blocks:
  two: {{inputs: [p, q], layers: [{{dense: {{from: p, width: 4, as: u}}}}, {{add: [u, q]}}]}}
  both:
    networks: {{w: {{input: 4, widths: [2], output: 4}}}}
    inputs: [p, q]
    layers: [{{w: {{from: p, as: u}}}}, {{add: {{from: [u, q], as: s}}}}, {{w: {{from: s}}}}]
layers: [{{dense: {{width: 4, as: ext}}}}, {items}, {last}, t, r]
output: 4
"""


@pytest.mark.parametrize("times", [5, 6, 7, 13, 14, 31])
@pytest.mark.parametrize("body", HELD.values(), ids=HELD)
def test_many_rounds_are_hashed_as_each_of_them_is(body: str, times: int) -> None:
    for tied in (False, True):
        one, other = (held(body, times, written=written, tied=tied) for written in (False, True))
        assert said(one) == said(other)


def test_a_tie_to_a_tensor_of_one_round_is_told_from_a_tie_to_that_of_another() -> None:
    def tied(number: int) -> str:
        return (
            "input: 4\nblocks: {b: {layers: [{repeat: {times: 9, layers: [{dense: {width: 4, as: d}}]}}]}}\n"
            f"layers: [{{b: {{as: one}}}}, {{dense: {{width: 4, tie: {{Omega: one.d.{number}.Omega}}}}}}]\noutput: 4\n"
        )

    assert len({said(tied(number)) for number in range(9)}) == 9


ROLES: Final[dict[str, tuple[str, str]]] = {
    "recurrent": ("{rnn: {width: 4, as: a}}", "rnn: {{width: 4, tie: {{Omega_input: a.{}}}}}"),
    "crossed": ("{layer_norm: {as: a}}", "layer_norm: {{tie: {{gamma: a.{}, beta: a.{}}}}}"),
    "state": ("{batch_norm: {as: a}}", "batch_norm: {{tie: {{mean: a.{}}}}}"),
}
TOLD: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "recurrent": (("Omega_input",), ("Omega_hidden",)),
    "crossed": (("gamma", "beta"), ("beta", "gamma"), ("gamma", "gamma")),
    "state": (("mean",), ("variance",)),
}


@pytest.mark.parametrize("name", ROLES)
def test_which_tensor_of_a_layer_is_tied_matters(name: str) -> None:
    first, second = ROLES[name]
    texts = [f"input: [3, 4]\nlayers: [{first}, {{{second.format(*roles)}}}]\noutput: [3, 4]\n" for roles in TOLD[name]]
    assert len({said(text) for text in texts}) == len(texts)


def operations(text: str) -> Graph:
    """Return the graph of operations of a spec."""
    graph = check_text(text).graph
    assert graph is not None
    return graph


@settings(EXAMPLES)
@given(networks() | connected().map(spelled))
def test_a_line_of_operations_is_hashed_as_any_graph_is(keys: dict[str, Any]) -> None:
    """Where each reads the one before, the stream is their records alone: what the numbering gives as well."""
    graph = operations(write(keys))
    with mock.patch("netspec.graph.fingerprint.is_line", return_value=False):
        numbered = fingerprint(graph, "float32")
    assert fingerprint(graph, "float32") == numbered


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("widths: [3, 4]", True),
        ("layers: [{dense: 3}, relu, dropout, {dense: 1}]", True),
        ("widths: [3, 3]", False),
        ("layers: [{dense: {width: 1, as: d}}, {add: [in, d]}]", False),
        ("layers: [{repeat: {times: 2, layers: [{dense: 1}]}}]", False),
    ],
)
def test_a_line_is_told_from_what_has_a_way_around_or_rounds(body: str, line: bool) -> None:
    assert is_line(operations(f"netspec: 1\ninput: 1\n{body}\noutput: 1\n")) == line
