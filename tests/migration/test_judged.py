"""The verdict on a plan out of a file, which anyone may have edited: proven of its steps, or not known."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from netspec.diagnostics import SpecError
from netspec.migration.asked import Deepen, Widen
from netspec.migration.carrying import Order, carry_out
from netspec.migration.json_plan import render_json
from netspec.migration.planning import Wish, fit, judged, make_plan
from netspec.migration.reading import read_plan
from netspec.migration.renames import read_renames
from netspec.migration.steps import Plan, Step
from netspec.migration.telling import verdict
from netspec.migration.wanted import wanted
from netspec.migration.weights import read_weights
from tests.migration.networks import DENSE, array, known, save

WIDER = DENSE.replace("width: 3", "width: 5")
DEEPER = DENSE.replace(
    "  - dense: {width: 2", "  - dense: {width: 3, activation: relu, as: more}\n  - dense: {width: 2"
)
EDITED = "its steps are none that `netspec plan` finds: it was edited"


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A file for the old network."""
    arrays = {"first.beta": array(3), "first.Omega": array(3, 4), "last.beta": array(2), "last.Omega": array(2, 3)}
    return save(tmp_path / "old.safetensors", arrays)


def read(new: str, path: Path, wish: Wish, old: str | None = DENSE) -> Plan:
    """Return a plan as it is read out of a file."""
    plan = make_plan(known(new), read_weights(str(path)), None if old is None else known(old, "old.yaml"), wish)
    file = path.parent / "plan.json"
    file.write_text(render_json(plan))
    return read_plan(str(file))


def again(plan: Plan, new: str, path: Path, steps: Sequence[Step] | None = None, old: str | None = DENSE) -> Plan:
    """Return the plan as it is judged."""
    edited = plan if steps is None else plan._replace(steps=tuple(steps))
    return judged(edited, known(new), read_weights(str(path)), None if old is None else known(old, "old.yaml"))


@pytest.mark.parametrize("new", [DENSE, WIDER, DEEPER, DENSE.replace("last", "end")])
@pytest.mark.parametrize("widen", ["zero", "copy"])
@pytest.mark.parametrize("deepen", ["identity", "drawn"])
def test_what_a_plan_says_of_itself_is_proven_anew(weights: Path, new: str, widen: Widen, deepen: Deepen) -> None:
    wish = Wish(widen, deepen)
    plan = read(new, weights, wish)
    fresh = make_plan(known(new), read_weights(str(weights)), known(DENSE, "old.yaml"), wish)
    assert again(plan, new, weights) == fresh._replace(claimed=False)
    lying = plan._replace(
        verdict=plan.verdict._replace(outcome="unproven" if fresh.verdict.outcome == "keeps" else "keeps")
    )
    assert again(lying, new, weights).verdict == fresh.verdict


def test_renamings_that_were_told_are_proven_anew(weights: Path) -> None:
    new = DENSE.replace("first", "one")
    plan = read(new, weights, Wish(renames=read_renames(["first.*=one.*"])))
    assert [step.grounds for step in plan.steps][:2] == ["as told", "as told"]
    assert again(plan, new, weights).verdict.outcome == "keeps"


def test_steps_that_no_plan_has_are_not_believed(tmp_path: Path, weights: Path) -> None:
    plan = read(WIDER, weights, Wish())
    drawn = [step._replace(edges=tuple(edge._replace(fill="drawn") for edge in step.edges)) for step in plan.steps]
    found = again(plan, WIDER, weights, drawn)
    assert (found.verdict.outcome, found.verdict.grounds, found.claimed) == ("unknown", (EDITED,), True)
    assert verdict(found) == "whether it keeps the function is not known; the plan says that it does"
    assert not again(plan._replace(verdict=found.verdict), WIDER, weights, drawn).claimed
    before = known(DENSE, "old.yaml")
    fitting = fit(read_weights(str(weights)), wanted(before.member.graph), "old.yaml")
    with pytest.raises(SpecError) as raised:
        carry_out(Order(found, known(WIDER), before, fitting), str(tmp_path / "new.safetensors"))
    (fault,) = raised.value.diagnostics
    assert fault.code == "outputs-differ"
    assert fault.help == (
        "the plan says that the function is kept, and it is not: it was edited, and `netspec plan` makes it anew"
    )
    assert not (tmp_path / "new.safetensors").exists()


def test_a_tensor_that_is_turned_round_is_not_what_the_old_network_reads(tmp_path: Path) -> None:
    text = "netspec: 1\ninput: 2\nlayers:\n  - dense: {width: 2, bias: false, as: first}\noutput: 2\n"
    path = save(tmp_path / "old.safetensors", {"first.Omega": array(2, 2)})
    plan = read(text, path, Wish(), text)
    turned = [step._replace(axes=(1, 0)) for step in plan.steps]
    assert again(plan, text, path, turned, text).verdict.grounds == (EDITED,)


def test_of_a_network_that_nobody_gave_nothing_is_known(weights: Path) -> None:
    plan = read(WIDER, weights, Wish())
    found = again(plan, WIDER, weights, old=None)
    assert (found.verdict.outcome, found.old, found.claimed) == ("unknown", None, True)
    assert not again(read(WIDER, weights, Wish(), None), WIDER, weights, old=None).claimed


def test_a_network_of_too_many_operations_is_not_followed(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from netspec.migration import wanted as module

    plan = read(WIDER, weights, Wish())
    monkeypatch.setattr(module, "_MOST_OPERATIONS", 1)
    found = again(plan, WIDER, weights)
    assert found.verdict == ("unproven", ("it has too many operations to be followed",))


def test_rounded_numbers_are_said_and_outputs_compared_with_those_of_the_rounded_ones(tmp_path: Path) -> None:
    text = DENSE.replace("input", "dtype: float64\ninput")
    random = np.random.default_rng(0)
    arrays = {"first.beta": (3,), "first.Omega": (3, 4), "last.beta": (2,), "last.Omega": (2, 3)}
    path = save(tmp_path / "old.safetensors", {name: random.random(shape) for name, shape in arrays.items()})
    before, after = known(text, "old.yaml"), known(DENSE)
    plan = make_plan(after, read_weights(str(path)), before, Wish(dtype="float32"))
    assert verdict(plan) == "it keeps the function, but for numbers that are rounded to float32"
    fitting = fit(read_weights(str(path)), wanted(before.member.graph), "old.yaml")
    made = carry_out(Order(plan, after, before, fitting), str(tmp_path / "new.safetensors"))
    assert made.outputs is not None
    assert made.outputs.exact


@pytest.mark.parametrize("name", ["heaviside", "hard_shrink"])
def test_a_function_that_jumps_is_named_where_outputs_differ(tmp_path: Path, weights: Path, name: str) -> None:
    old, new = (text.replace("relu", name) for text in (DENSE, WIDER))
    plan = make_plan(known(new), read_weights(str(weights)), known(old, "old.yaml"), Wish())
    drawn = [step._replace(edges=tuple(edge._replace(fill="drawn") for edge in step.edges)) for step in plan.steps]
    before = known(old, "old.yaml")
    fitting = fit(read_weights(str(weights)), wanted(before.member.graph), "old.yaml")
    with pytest.raises(SpecError) as raised:
        carry_out(Order(plan._replace(steps=tuple(drawn)), known(new), before, fitting), str(tmp_path / "n.npz"))
    assert raised.value.diagnostics[0].help == (
        f"{name} jumps, so that a last digit that is rounded otherwise may be all; if not, please report it"
    )
