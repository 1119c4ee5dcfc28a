"""How the outputs of the old and the new network are compared before the new file has its name."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netspec.diagnostics import Diagnostic, SpecError
from netspec.migration.carrying import Carried, Order, carry_out
from netspec.migration.planning import fit
from netspec.migration.steps import Verdict
from netspec.migration.wanted import wanted
from netspec.migration.weights import read_weights
from tests.migration.networks import DENSE, known, planned, save

TWO = """netspec: 1
inputs: {a: 2, b: 3}
layers:
  - dense: {width: 2, from: a, as: one}
  - dense: {width: 2, from: b, as: two}
outputs: {one: 2, two: 2}
"""


def carried(old: str, new: str, folder: Path, *, fill: float = 1.0, claim: bool = False) -> Carried:
    """Return what carrying the plan out finds, for weights that are all one number, and maybe for a false claim."""
    before = known(old, "old.yaml")
    tensors = wanted(before.member.graph).tensors
    dtype = before.member.part.head.dtype
    path = save(folder / "old.safetensors", {n: np.full(p.shape, fill, dtype) for n, p in tensors.items()})
    plan = planned(new, path, old)
    plan = plan._replace(verdict=Verdict("keeps")) if claim else plan
    fitting = fit(read_weights(str(path)), wanted(before.member.graph), "old.yaml")
    return carry_out(Order(plan, known(new), before, fitting), str(folder / "new.safetensors"))


def refused(old: str, new: str, folder: Path, **kinds: Any) -> Diagnostic:
    """Return the fault, and see that nothing is written."""
    with pytest.raises(SpecError) as raised:
        carried(old, new, folder, **kinds)
    assert [path.name for path in folder.iterdir()] == ["old.safetensors"]
    (fault,) = raised.value.diagnostics
    assert fault.code == "outputs-differ"
    return fault


def test_outputs_of_another_shape_differ(tmp_path: Path) -> None:
    wider = DENSE.replace("width: 2", "width: 5").replace("output: 2", "output: 5")
    fault = refused(DENSE, wider, tmp_path, claim=True)
    assert fault.headline == "the outputs of old and new network have the shapes (2,) and (5,)"


def test_outputs_of_other_names_differ(tmp_path: Path) -> None:
    fault = refused(TWO, TWO.replace(", two: 2}", "}"), tmp_path, claim=True)
    assert fault.headline == "the outputs of old and new network are not of the same names"


def test_a_number_of_inputs_that_is_another_is_not_compared(tmp_path: Path) -> None:
    fewer = "netspec: 1\ninput: 2\nlayers:\n  - dense: {width: 2, as: one}\noutput: 2\n"
    made = carried(TWO, fewer, tmp_path, claim=True)
    assert made.outputs is not None
    assert made.outputs.why == "with free sizes of 8, 16, 64 they are refused"


def test_not_a_number_is_not_what_was_infinite(tmp_path: Path) -> None:
    old = DENSE.replace("input: 4", "dtype: float64\ninput: 4").replace("width: 3", "width: 4")
    new = old.replace("  - dense: {width: 2", "  - dense: {width: 4, activation: relu, as: more}\n  - dense: {width: 2")
    fault = refused(old, new, tmp_path, fill=1e308)  # ∞ · 0 in the identity
    assert fault.headline == "the outputs of old and new network are not finite at the same places"
    assert fault.help == "numbers overflow on drawn inputs, of which the proof knows nothing"


def test_what_is_not_finite_at_the_same_places_agrees(tmp_path: Path) -> None:
    text = DENSE.replace("input: 4", "dtype: float64\ninput: 4")
    made = carried(text, text, tmp_path, fill=1e308)
    assert made.outputs is not None
    assert made.outputs.exact


def test_inputs_and_outputs_in_another_order_are_told_by_name(tmp_path: Path) -> None:
    swapped = TWO.replace("{one: 2, two: 2}", "{two: 2, one: 2}").replace("{a: 2, b: 3}", "{b: 3, a: 2}")
    made = carried(TWO, swapped, tmp_path)
    assert made.outputs is not None
    assert made.outputs.exact


def test_the_only_output_may_be_called_otherwise(tmp_path: Path) -> None:
    text = DENSE.replace("output: 2", "outputs: {last: 2}")
    made = carried(text, text.replace("as: last", "as: end").replace("{last: 2}", "{end: 2}"), tmp_path)
    assert made.outputs is not None
    assert made.outputs.exact
