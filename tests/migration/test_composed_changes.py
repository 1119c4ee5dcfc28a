"""The law of proofs, over networks that change in two ways at once: what is proven to keep a function keeps it."""

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netspec.migration.asked import Widen
from netspec.migration.carrying import Order, carry_out
from netspec.migration.planning import Wish, fit, make_plan
from netspec.migration.renames import read_renames
from netspec.migration.wanted import wanted
from netspec.migration.weights import read_weights
from netspec.review.opening import ALLOWED
from netspec.spec import Library
from netspec.spec.yaml_text import write
from netspec.validation import check_family
from tests.migration.networks import known, save

Keys: TypeAlias = dict[str, Any]
HEADS: dict[str, tuple[Any, list[Any]]] = {
    "vector": (4, []),
    "rows": ([2, 4], [{"mean": {"axes": 0}}]),
    "image": ([2, 3, 3], ["flatten"]),
}


def spec(shape: Any, layers: list[Any], tail: list[Any], shared: int = 0) -> Keys:
    """Return the keys of a network of these layers; `shared` is the width of a part that may be called twice."""
    keys: Keys = {"netspec": 1, "name": "n", "input": shape}
    if shared:
        keys["networks"] = {
            "part": {"input": shared, "layers": [{"dense": {"width": shared, "as": "g"}}], "output": shared}
        }
    return keys | {"layers": [*layers, *tail, {"dense": {"width": 2, "as": "head"}}], "output": 2}


def layer(shape: Any, name: str, width: int, kind: str, activation: str | None) -> dict[str, Any]:
    """Return a layer that computes with a width, on the axis that its kind is of."""
    sizes = {"width": width} if kind == "dense" else {"channels": width, "kernel": 3 if len(shape) == 3 else 1}
    padding = {"padding": 1} if kind == "conv" and len(shape) == 3 else {}
    return {kind: {**sizes, **padding, **({"activation": activation} if activation else {}), "as": name}}


@st.composite
def changes(draw: st.DrawFn) -> tuple[Keys, Keys, list[str]]:
    """Draw a network, the same after two changes, and renamings of its tensors."""
    which = draw(st.sampled_from(sorted(HEADS)))
    shape, tail = HEADS[which]
    kinds = ["dense"] if which == "vector" else ["dense", "conv"]
    sizes, acts = st.sampled_from([2, 4]), st.sampled_from([None, "relu", "relu", "tanh"])
    old = [
        layer(shape, f"l{number}", draw(sizes), draw(st.sampled_from(kinds)), draw(acts))
        for number in range(draw(st.integers(1, 3)))
    ]
    if draw(st.booleans()):
        old.insert(draw(st.integers(1, len(old))), {"batch_norm": {"as": "norm"}})
    if draw(st.booleans()):
        old.insert(draw(st.integers(1, len(old))), {"relu": {"as": "bend"}})
    new, shared, told = [*old], 0, list[str]()
    for number in range(2):
        change = draw(st.sampled_from(["widen", "insert", "insert", "branch", "share", "rename", "swap"]))
        places = [place for place, each in enumerate(new) if {"dense", "conv"} & each.keys()]
        place = draw(st.sampled_from(places))
        ((kind, fields),) = new[place].items()
        width = "width" if kind == "dense" else "channels"
        if change == "widen":
            new[place] = {kind: {**fields, width: fields[width] + draw(sizes)}}
        elif change == "insert":
            more = fields[width] + draw(st.sampled_from([0, 0, 2]))
            new.insert(place + 1, layer(shape, f"more{number}", more, draw(st.sampled_from(kinds)), draw(acts)))
        elif change == "branch":
            branch = layer(shape, f"more{number}", fields[width], kind, None)
            new[place + 1 : place + 1] = [branch, {"add": [f"more{number}", fields["as"]]}]
        elif change == "share" and kind == "dense" and not shared:
            shared = fields[width]
            calls: list[Any] = [{"part": {"as": "one"}}, {"part": {"as": "two"}}]
            new[place + 1 : place + 1] = [*calls, *draw(st.sampled_from([[], [{"add": ["two", "one"]}]]))]
        elif change == "rename":
            new[place] = {kind: {**fields, "as": f"called{number}"}}
            new = [
                {"add": [f"called{number}" if n == fields["as"] else n for n in each["add"]]} if "add" in each else each
                for each in new
            ]
        elif change == "swap" and any("batch_norm" in each for each in old) and not told:
            told = ["norm.gamma=norm.beta", "norm.beta=norm.gamma"]
    return spec(shape, old, tail), spec(shape, new, tail, shared), told


def carried(folder: Path, keys: Keys, after: Keys, told: list[str], widen: Widen) -> bool:
    """Carry a plan out, which raises where outputs differ that are proven to be equal; return whether they are."""
    old, new = write(keys), write(after)
    if check_family(Library(None), new.encode(), "new.yaml", "new.yaml", ALLOWED).written is None:
        return False
    before, to = known(old, "old.yaml"), known(new)
    tensors = wanted(before.member.graph).tensors
    random = np.random.default_rng(2)
    arrays = {
        name: (random.integers(1, 9, p.shape) / 8 * (1 if "variance" in name else random.choice([-1, 1], p.shape)))
        for name, p in tensors.items()
    }
    path = save(folder / "old.safetensors", {name: each.astype("float32") for name, each in arrays.items()})
    weights = read_weights(str(path))
    plan = make_plan(to, weights, before, Wish(widen, renames=read_renames(told)))
    order = Order(plan, to, before, fit(weights, wanted(before.member.graph), "old.yaml"))
    made = carry_out(order, str(folder / "new.safetensors"))
    assert (made.outputs is not None) == (plan.verdict.outcome == "keeps")
    assert made.outputs is None or not made.outputs.why
    return made.outputs is not None


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(drawn=changes(), widen=st.sampled_from(["zero", "copy"]))
def test_two_changes_that_are_proven_to_keep_a_function_keep_it(
    tmp_path: Path, drawn: tuple[Keys, Keys, list[str]], widen: Widen
) -> None:
    carried(tmp_path, *drawn, widen)


ROWS = [layer([1, 8], "c", 8, "conv", "relu")]
FULL: Any = {"dense": {"width": 4, "as": "fc", "activation": "relu"}}
NORM: Any = [{"dense": {"width": 4, "as": "fc"}}, {"batch_norm": {"as": "norm"}}]
CALLS: list[Any] = [{"part": {"as": "one"}}, {"part": {"as": "two"}}]
TOLD = ["norm.gamma=norm.beta", "norm.beta=norm.gamma"]
FOUND: dict[str, tuple[Keys, Keys, list[str]]] = {
    "roles that change places": (spec([4], NORM, []), spec([4], NORM, []), TOLD),
    "units that are new on two axes": (
        spec([1, 8], ROWS, [{"mean": {"axes": 0}}]),
        spec(
            [1, 8],
            [layer([1, 8], "c", 16, "conv", "relu"), {"dense": {"width": 16, "as": "e"}}],
            [{"mean": {"axes": 0}}],
        ),
        [],
    ),
    "a part that begins in two ways": (
        spec([4], [FULL], []), spec([4], [FULL, *CALLS, {"add": ["two", "one"]}], [], 4), [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_what_does_not_keep_a_function_is_not_proven_to(tmp_path: Path, name: str) -> None:
    assert not carried(tmp_path, *FOUND[name], "zero")


def test_a_part_that_is_called_twice_begins_as_the_identity(tmp_path: Path) -> None:
    assert carried(tmp_path, spec([4], [FULL], []), spec([4], [FULL, *CALLS], [], 4), [], "zero")
