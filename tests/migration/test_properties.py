"""Laws of migration, over random networks: a plan carried out loads, and what is proven to keep a function keeps it."""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file

import netspec
from netspec.files.parameters import check_parameters, write_parameters
from netspec.migration.asked import Widen
from netspec.migration.carrying import Order, carry_out
from netspec.migration.planning import Known, Wish, fit, make_plan
from netspec.migration.steps import Plan
from netspec.migration.wanted import wanted
from netspec.migration.weights import read_weights
from netspec.review.opening import ALLOWED
from netspec.spec import Library
from netspec.spec.yaml_text import write
from netspec.validation import check_family
from tests.review.families import family
from tests.review.test_properties import layer_lists, spelled, texts
from tests.strategies import Connected, connected

SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def known(text: str, file: str) -> Known:
    """Return the network of a text."""
    member = family(text, file).written
    assert member is not None
    return Known(file, member)


def saved(text: str, path: Path) -> Path:
    """Write small whole numbers as the parameters of a text, so that sums of products are exact; return the file."""
    network = known(text, "old.yaml")
    random = np.random.default_rng(1)
    arrays = {
        name: random.integers(1, 3, parameter.shape).astype("float32") * random.choice([-1, 1], parameter.shape)
        for name, parameter in wanted(network.member.graph).tensors.items()
    }
    arrays = {name: np.abs(array) if "variance" in name else array.astype("float32") for name, array in arrays.items()}
    with path.open("wb") as stream:
        write_parameters(stream, arrays, {})
    return path


def planned(old: str, new: str, folder: Path, widen: Widen = "zero") -> tuple[Order, Plan]:
    """Return the order to carry out the plan from one text to the other, and the plan."""
    weights = read_weights(str(saved(old, folder / "old.safetensors")))
    before, after = known(old, "old.yaml"), known(new, "new.yaml")
    plan = make_plan(after, weights, before, Wish(widen))
    return Order(plan, after, before, fit(weights, wanted(before.member.graph), "old.yaml")), plan


def loads(path: Path, text: str) -> bool:
    """Whether a file is what a network takes."""
    network = known(text, "new.yaml").member
    shapes = wanted(network.graph).shapes
    with path.open("rb") as stream:
        return not check_parameters(stream, path.name, shapes, network.part.head.dtype).faults


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(old=texts(), new=texts(), widen=st.sampled_from(["zero", "copy"]))
def test_a_plan_between_any_two_networks_carried_out_loads(tmp_path: Path, old: str, new: str, widen: Widen) -> None:
    order, plan = planned(old, new, tmp_path, widen)
    made = carry_out(order, str(tmp_path / "new.safetensors"))
    assert loads(tmp_path / "new.safetensors", new)
    assert (made.outputs is not None) == (plan.verdict.outcome == "keeps")
    assert [step.target for step in plan.steps if step.target] == list(wanted(order.new.member.graph).tensors)
    assert {step.source for step in plan.steps} - {None} == set(wanted(known(old, "o").member.graph).tensors)


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(text=texts())
def test_a_network_is_kept_as_it_is(tmp_path: Path, text: str) -> None:
    order, plan = planned(text, text, tmp_path)
    assert plan.empty
    assert plan.verdict.outcome == "keeps"
    carry_out(order, str(tmp_path / "new.safetensors"))
    arrays = [load_file(tmp_path / f"{name}.safetensors") for name in ("old", "new")]
    assert arrays[0].keys() == arrays[1].keys()
    assert all(np.array_equal(array, arrays[1][name]) for name, array in arrays[0].items())


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(network=connected(), more=st.integers(1, 6), widen=st.sampled_from(["zero", "copy"]), data=st.data())
def test_a_widened_hidden_layer_keeps_the_function(
    tmp_path: Path, network: Connected, more: int, widen: Widen, data: st.DataObject
) -> None:
    if not network.hidden:
        return
    place = data.draw(st.integers(0, len(network.hidden) - 1))
    width, activation = network.hidden[place]
    hidden = (*network.hidden[:place], (width + more, activation), *network.hidden[place + 1 :])
    order, plan = planned(write(spelled(network)), write(spelled(network._replace(hidden=hidden))), tmp_path, widen)
    assert plan.verdict.outcome == "keeps", plan.verdict
    made = carry_out(order, str(tmp_path / "new.safetensors"))
    assert made.outputs is not None
    assert made.outputs.agree
    used = [*(each for _, each in network.hidden), network.output_activation]
    if all(each in ("relu", "identity", None) for each in used):  # whole numbers, eighths and powers of two
        assert made.outputs.exact


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(network=connected(), more=st.integers(0, 3), data=st.data())
def test_an_inserted_rectifier_behind_a_rectifier_keeps_the_function_to_the_bit(
    tmp_path: Path, network: Connected, more: int, data: st.DataObject
) -> None:
    hidden: Any = tuple((width, "relu") for width, _ in network.hidden[:2])
    if not hidden:
        return
    network = network._replace(hidden=hidden)
    place = data.draw(st.integers(1, len(hidden)))
    deeper = (*hidden[:place], (hidden[place - 1][0] + more, "relu"), *hidden[place:])
    order, plan = planned(write(spelled(network)), write(spelled(network._replace(hidden=deeper))), tmp_path)
    if more == 0:
        assert plan.verdict.outcome == "keeps", plan
    made = carry_out(order, str(tmp_path / "new.safetensors"))
    if made.outputs is not None:
        assert made.outputs.agree
        assert made.outputs.exact or network.output_activation is not None


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(keys=layer_lists(), data=st.data())
def test_what_is_proven_of_an_inserted_layer_is_so(tmp_path: Path, keys: dict[str, Any], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(keys["layers"])))
    more = data.draw(st.sampled_from([{"prelu": {"as": "inserted"}}, {"relu": {"as": "inserted"}}, "dropout"]))
    new = write({**keys, "layers": [*keys["layers"][:place], more, *keys["layers"][place:]]})
    found = check_family(Library(None), new.encode(), "new.yaml", "new.yaml", ALLOWED)
    if found.written is None:
        return
    order, _ = planned(write(keys), new, tmp_path)
    made = carry_out(order, str(tmp_path / "new.safetensors"))  # which raises where outputs differ
    assert loads(tmp_path / "new.safetensors", new)
    del made


def test_a_proof_that_is_wrong_is_found_and_nothing_is_written(tmp_path: Path) -> None:
    old = write({"netspec": 1, "input": 3, "widths": [4], "output": 2})
    order, plan = planned(old, write({"netspec": 1, "input": 3, "widths": [6], "output": 2}), tmp_path)
    steps = tuple(step._replace(edges=tuple(edge._replace(fill="drawn") for edge in step.edges)) for step in plan.steps)
    wrong = order._replace(plan=plan._replace(steps=steps))
    with pytest.raises(netspec.SpecError) as raised, contextlib.chdir(tmp_path):
        carry_out(wrong, str(tmp_path / "new.safetensors"))
    (fault,) = raised.value.diagnostics
    assert fault.code == "outputs-differ"
    assert fault.headline.startswith("the outputs of old and new network differ by up to ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.safetensors"]
