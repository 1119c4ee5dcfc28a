"""Laws of differences, over random networks and over the specs of the repository."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.review.changes import Change, Diff
from netspec.review.compare import compare
from netspec.review.json_diff import render_json
from netspec.review.markdown import render_markdown
from netspec.review.opening import ALLOWED, Opener
from netspec.review.text import render_text
from netspec.spec import Library
from netspec.spec.expand import expand_text
from netspec.spec.yaml_text import write
from netspec.validation import Family, check_family
from tests.graph.random_layers import networks, wired_networks
from tests.review.families import diff, essence, family, mirrored
from tests.strategies import Connected, activations, connected

ROOT = Path(__file__).parent.parent.parent
SPECS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "specs").rglob("*.yaml"))


def layer_lists() -> st.SearchStrategy[dict[str, Any]]:
    """Draw lists of layers: blocks, shared networks, repeats, ties, and ways that part and meet."""
    return networks() | wired_networks()


def spelled(network: Connected) -> dict[str, Any]:
    """Return the keys of a fully connected network, in a list whatever its widths."""
    keys: dict[str, Any] = {"netspec": 1, "name": "n", "input": network.input}
    keys["widths"] = [width for width, _ in network.hidden]
    if network.hidden:
        keys["activation"] = [_activation(each) for _, each in network.hidden]
    if network.output_activation is not None:
        keys["output_activation"] = _activation(network.output_activation)
    return keys | {"output": network.output}


def _activation(given_: Any) -> Any:
    from netspec.operations import FUNCTIONS

    if isinstance(given_, str):
        return given_
    name, number = given_
    return {name: {FUNCTIONS[name].arguments[0].name: number}}


def texts() -> st.SearchStrategy[str]:
    """Draw specs of both bodies that may be changed."""
    return connected().map(spelled).map(write) | layer_lists().map(write)


def opened(path: str) -> Family:
    """Return the networks of a spec of the repository."""
    with Opener(str(ROOT / "specs")) as opener:
        found = opener.open(str(ROOT / path)).family
    assert found.written is not None
    return found


@settings(max_examples=80, deadline=None)
@given(texts())
def test_a_spec_is_not_different_from_itself(text: str) -> None:
    found = diff(text, text)
    assert found.equal
    assert (found.changes, found.facts, found.variants) == ((), (), ())


@settings(max_examples=80, deadline=None)
@given(texts(), st.randoms(use_true_random=False))
def test_the_order_of_keys_is_no_difference(text: str, random: Any) -> None:
    keys = yaml.safe_load(text)
    order = list(keys)
    random.shuffle(order)
    found = diff(text, write({key: keys[key] for key in order}))
    assert (found.equal, found.changes) == (True, ())


@settings(max_examples=80, deadline=None)
@given(texts())
def test_the_long_form_is_no_difference(text: str) -> None:
    written = family(text).written
    assert written is not None
    found = diff(text, expand_text(written.part))
    assert (found.equal, found.empty, found.facts) == (True, True, ())
    assert not any(change.tensors for change in found.changes)


@pytest.mark.parametrize("path", SPECS)
def test_a_spec_of_the_repository_is_its_long_form(path: str) -> None:
    """But for its variants, which the long form of one network of a family has not."""
    old = opened(path)
    assert old.written is not None
    text = expand_text(old.written.part)
    # Parameters in a file lie beside the spec, and are not opened.
    new = check_family(Library(None), text.encode(), old.written.part.document.relative, "new.yaml", ALLOWED)
    assert new.written is not None, new.diagnostics
    found = compare(old, new, ("old", "new"))
    assert found.equal
    assert {change.kind for change in found.changes} <= {"hyperparameter", "variant"}


@settings(max_examples=60, deadline=None)
@given(texts(), texts())
def test_both_directions_tell_the_same(one: str, other: str) -> None:
    there, back = diff(one, other), diff(other, one)
    assert there.equal == back.equal
    assert sorted(map(str, map(essence, there.changes))) == sorted(map(str, map(mirrored, back.changes)))
    assert [(fact.name, fact.before, fact.after) for fact in there.facts] == [
        (fact.name, fact.after, fact.before) for fact in back.facts
    ]


@settings(max_examples=100, deadline=None)
@given(connected(), st.integers(10, 20), activations(), st.data())
def test_an_inserted_hidden_layer_is_one_insertion(
    network: Connected, width: int, activation: Any, data: st.DataObject
) -> None:
    """Its width is one that no other layer has."""
    place = data.draw(st.integers(0, len(network.hidden)))
    hidden = (*network.hidden[:place], (width, activation), *network.hidden[place:])
    found = diff(write(spelled(network)), write(spelled(network._replace(hidden=hidden))))
    layers = [change for change in found.changes if change.kind in ("added", "removed", "changed")]
    (inserted,) = [change for change in layers if change.kind != "changed"]
    assert (inserted.kind, inserted.subject) == ("added", f"h_{place + 1}")
    assert not any(change.fields for change in layers if change.kind == "changed")
    back = diff(write(spelled(network._replace(hidden=hidden))), write(spelled(network)))
    (gone,) = [change for change in back.changes if change.kind in ("added", "removed")]
    assert (gone.kind, gone.subject) == ("removed", f"h_{place + 1}")


@settings(max_examples=100, deadline=None)
@given(layer_lists(), st.data())
def test_an_inserted_layer_is_one_insertion(keys: dict[str, Any], data: st.DataObject) -> None:
    """One that keeps every shape, between any two layers of the list."""
    place = data.draw(st.integers(0, len(keys["layers"])))
    more = {"prelu": {"as": "inserted"}}
    layers = [*keys["layers"][:place], more, *keys["layers"][place:]]
    new = write({**keys, "layers": layers})
    found_new = check_family(Library(None), new.encode(), "new.yaml", "new.yaml", ALLOWED)
    if found_new.written is None:  # a layer below reads the one above it by a name, or asks for another shape
        return
    found = compare(family(write(keys), "old.yaml"), found_new, ("old.yaml", "new.yaml"))
    alone = [change for change in found.changes if change.kind in ("added", "removed")]
    assert [(change.kind, change.subject) for change in alone] == [("added", "inserted")]


@settings(max_examples=60, deadline=None)
@given(texts(), texts())
def test_every_tensor_that_is_another_is_told(one: str, other: str) -> None:
    """What is told of names and shapes, done to the old ones, gives the new ones."""
    old, new = family(one).written, family(other).written
    assert old is not None
    assert new is not None
    found = diff(one, other)
    before, after = (dict(_stored(member)) for member in (old, new))
    if any(change.tensors and "{" in str(change.tensors) for change in found.changes):
        return  # ranges of rounds, which the cases have
    told = {
        each.before: each
        for change in found.changes
        for each in change.tensors
        if each.before and each.kind != "untied"
    }
    come = {
        each.after: each.new_shape
        for change in found.changes
        for each in change.tensors
        if each.after and each.kind not in ("tied", "retied", "removed")
    }
    kept = {name: shape for name, shape in before.items() if name not in told}
    assert {**kept, **come} == after


def _stored(member: Any) -> Any:
    from netspec.graph import tensors

    return ((each.name, each.shape) for each in tensors(member.graph))


@settings(max_examples=40, deadline=None)
@given(texts(), texts())
def test_every_form_can_be_written(one: str, other: str) -> None:
    found: Diff = diff(one, other)
    assert render_text(found, width=40).startswith("old.yaml")
    assert render_text(found, colour=True).count("\x1b[0m") == render_text(found, colour=True).count("\x1b[") / 2
    assert render_markdown([found]).endswith("\n")
    assert render_json([found]).isascii()


def test_an_essence_has_no_places() -> None:
    change = Change("weights", "added", "a")
    assert essence(change).level == "cosmetic"


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a list of layers, and the same after one or two small edits that leave it valid."""
    keys = draw(layer_lists())
    layers = list(keys["layers"])
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.integers(0, len(layers) - 1))
        item = layers[place]
        edit = draw(st.sampled_from(["delete", "repeat", "swap", "change", "insert"]))
        if edit == "delete" and len(layers) > 1:
            del layers[place]
        elif edit == "repeat":
            layers.insert(place, item)
        elif edit == "swap":
            other = draw(st.integers(0, len(layers) - 1))
            layers[place], layers[other] = layers[other], layers[place]
        elif edit == "insert":
            layers.insert(place, draw(st.sampled_from(["relu", "tanh", "layer_norm", "dropout", {"dense": 4}])))
        elif isinstance(item, str) and item in ("relu", "tanh"):
            layers[place] = "gelu"
        elif isinstance(item, dict) and "dense" in item and isinstance(item["dense"], dict):
            layers[place] = {"dense": {**item["dense"], "activation": "silu"}}
        elif isinstance(item, dict) and "repeat" in item:
            layers[place] = {"repeat": {**item["repeat"], "times": draw(st.integers(0, 4))}}
    return write(keys), write({**keys, "layers": layers})


def _opened(text: str) -> Family:
    return check_family(Library(None), text.encode(), "spec.yaml", "spec.yaml", ALLOWED)


@settings(max_examples=300, deadline=None)
@given(edited())
def test_no_change_is_left_out_and_none_is_too_mild(pair: tuple[str, str]) -> None:
    """Networks of different fingerprints differ in a class of their own; what loads has the same tensors."""
    one, other = (_opened(text) for text in pair)
    if one.written is None or other.written is None:
        return
    found = compare(one, other, ("old", "new"))
    before, after = (dict(_stored(family_.written)) for family_ in (one, other))
    if found.empty:
        assert found.equal
        assert before == after
    if found.level not in ("interface", "weights"):
        assert before == after
    if before != after:
        assert found.level in ("interface", "weights")


@settings(max_examples=200, deadline=None)
@given(edited())
def test_small_edits_are_told_alike_in_both_directions(pair: tuple[str, str]) -> None:
    one, other = (_opened(text) for text in pair)
    if one.written is None or other.written is None:
        return
    there, back = compare(one, other, ("old", "new")), compare(other, one, ("new", "old"))
    assert sorted(map(str, map(essence, there.changes))) == sorted(map(str, map(mirrored, back.changes)))
    assert there.level == back.level


START = "netspec: 1\ninput: 4\nlayers:\n  - dense: {width: 4, as: start}\n"
TIED = "  - dense: {width: 4, tie: {Omega: start.Omega}}\n"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"  - dense: {{width: 4, bias: false}}\n{TIED}", TIED * 2),
        (
            "  - relu\n  - dense: {width: 4, bias: false}\n",
            "  - dense: {width: 1, from: in}\n  - dense: {width: 4, as: v}\n  - relu: {from: in, as: w}\n",
        ),
    ],
)
def test_ties_and_names_that_another_layer_takes_are_told_alike_in_both_directions(one: str, other: str) -> None:
    one, other = (f"{START}{layers}output: 4\n" for layers in (one, other))
    there, back = diff(one, other), diff(other, one)
    assert sorted(map(str, map(essence, there.changes))) == sorted(map(str, map(mirrored, back.changes)))
    assert not [each for change in back.changes for each in change.tensors if each.kind == "retied"]


@settings(max_examples=100, deadline=None)
@given(layer_lists())
def test_blocks_that_are_called_otherwise_are_the_same(keys: dict[str, Any]) -> None:
    """Every tensor has another name, or the one that it had; and what is called by default follows."""
    names = sorted(keys.get("blocks", {}), key=len, reverse=True)
    pattern = re.compile(rf"\b({'|'.join(names)})(?=\b|_\d)") if names else re.compile("(?!)")
    text = write(keys)
    other = pattern.sub(r"other\1", text)
    if _opened(other).written is None:  # a word of a block is another key's too
        return
    found = diff(text, other)
    assert found.equal
    assert {change.kind for change in found.changes} <= {"changed"}
    assert {each.kind for change in found.changes for each in change.tensors} <= {"renamed"}
