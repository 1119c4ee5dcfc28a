"""What is written where a plan is carried out: to the element, whole or not at all."""

import json
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

import netspec
from netspec.diagnostics import FileFault, SpecError, SystemFault
from netspec.files.stored import Opened
from netspec.migration import sources
from netspec.migration.asked import Widen
from netspec.migration.carrying import Carried, Order, carry_out
from netspec.migration.planning import fit
from netspec.migration.steps import Plan
from netspec.migration.wanted import wanted
from netspec.migration.weights import read_weights
from tests.migration.networks import DENSE, array, known, planned, save

OLD = {
    "first.beta": array(3) - 1,
    "first.Omega": array(3, 4) - 1,
    "last.beta": array(2) + 1,
    "last.Omega": array(2, 3) + 3,
}


def carried(
    new: str, path: Path, old: str | None = None, plan: Plan | None = None, *, widen: Widen = "zero", out: str = ""
) -> tuple[Mapping[str, Any], Carried]:
    """Return the arrays that are written, and what was found."""
    target = Path(out) if out else path.parent / "new.safetensors"
    found = planned(new, path, old, widen=widen) if plan is None else plan
    before = None if old is None else known(old, "old.yaml")
    fitting = {} if before is None else fit(read_weights(str(path)), wanted(before.member.graph), "old.yaml")
    made = carry_out(Order(found, known(new), before, fitting, (str(path),)), str(target))
    return (np.load(target) if target.suffix == ".npz" else load_file(target)), made


@pytest.mark.parametrize("chunk", [1, 7, 1 << 18])
@pytest.mark.parametrize("suffix", [".safetensors", ".npz"])
def test_a_wider_layer_has_its_old_rows_and_zeros_where_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, suffix: str
) -> None:
    """In pieces of any size."""
    monkeypatch.setattr(sources, "_CHUNK", chunk)
    new = DENSE.replace("width: 3", "width: 5")
    made, found = carried(new, save(tmp_path / f"old{suffix}", OLD), DENSE)
    drawn = netspec.Network(**_keys(new)).build().parameters
    assert np.array_equal(made["first.Omega"], np.concatenate([OLD["first.Omega"], drawn["first.Omega"][3:]]))
    assert np.array_equal(made["first.beta"], [*OLD["first.beta"], 0, 0])
    assert np.array_equal(made["last.Omega"], np.pad(OLD["last.Omega"], ((0, 0), (0, 2))))
    assert found.outputs is not None
    assert found.outputs.exact


@pytest.mark.parametrize("chunk", [1, 7, 1 << 18])
def test_copies_share_a_weight_by_powers_of_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(sources, "_CHUNK", chunk)
    made, found = carried(DENSE.replace("width: 3", "width: 8"), save(tmp_path / "o.npz", OLD), DENSE, widen="copy")
    copied = [0, 1, 2, 0, 1, 2, 0, 1]
    shares = np.array([0.5, 0.5, 0.5, 0.25, 0.25, 0.5, 0.25, 0.25])  # of three copies, and of two
    assert np.array_equal(made["first.Omega"], OLD["first.Omega"][copied])
    assert np.array_equal(made["last.Omega"], OLD["last.Omega"][:, copied] * shares)
    assert np.array_equal(made["last.Omega"] @ np.eye(3)[copied], OLD["last.Omega"])
    assert found.outputs is not None
    assert found.outputs.exact


def test_a_share_that_would_lose_digits_is_not_made(tmp_path: Path) -> None:
    least = 2.0**-149  # of float32
    sizes: list[list[float]] = [[least, 1, 2], [1, 2, 3]]
    arrays = OLD | {"last.Omega": np.array(sizes, "float32")}
    made, _ = carried(DENSE.replace("width: 3", "width: 6"), save(tmp_path / "o.npz", arrays), DENSE, widen="copy")
    assert np.array_equal(made["last.Omega"][:, [0, 3]], [[least, 0.0], [1.0, 0.0]])
    assert np.array_equal(made["last.Omega"][:, [1, 4]], [[0.5, 0.5], [1.0, 1.0]])


def test_channels_are_copied_block_by_block(tmp_path: Path) -> None:
    text = """netspec: 1
input: [1, 2, 3]
layers:
  - conv: {channels: 2, kernel: 1, as: conv}
  - relu
  - flatten
  - dense: {width: 2, as: last}
output: 2
"""
    arrays = {"conv.beta": array(2), "conv.Omega": array(2, 1, 1, 1), "last.beta": array(2), "last.Omega": array(2, 12)}
    new = text.replace("channels: 2", "channels: 4")
    made, found = carried(new, save(tmp_path / "o.safetensors", arrays), text, widen="copy")
    half = arrays["last.Omega"] / 2
    assert np.array_equal(made["last.Omega"], np.concatenate([half, half], axis=1))
    assert found.outputs is not None
    assert found.outputs.exact


@pytest.mark.parametrize("chunk", [1, 5, 1 << 18])
def test_a_narrower_layer_has_leading_rows_and_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(sources, "_CHUNK", chunk)
    made, found = carried(DENSE.replace("width: 3", "width: 2"), save(tmp_path / "o.safetensors", OLD), DENSE)
    assert np.array_equal(made["first.Omega"], OLD["first.Omega"][:2])
    assert np.array_equal(made["last.Omega"], OLD["last.Omega"][:, :2])
    assert found.outputs is None


def test_what_is_new_is_as_build_begins_it_or_the_identity(tmp_path: Path) -> None:
    new = DENSE.replace(
        "  - dense: {width: 2", "  - dense: {width: 5, activation: relu, as: more}\n  - dense: {width: 2"
    )
    made, found = carried(new, save(tmp_path / "o.safetensors", OLD), DENSE)
    drawn = netspec.Network(**_keys(new)).build().parameters["more.Omega"]
    assert np.array_equal(made["more.Omega"], np.concatenate([np.eye(3), drawn[3:]]))
    assert np.array_equal(made["more.beta"], np.zeros(5))
    assert found.outputs is not None
    assert found.outputs.exact


def test_a_convolution_is_the_identity_at_the_middle_of_its_kernel(tmp_path: Path) -> None:
    text = "netspec: 1\ninput: [2, 4, 4]\nlayers:\n  - relu\n  - flatten\n  - dense: {width: 2, as: last}\noutput: 2\n"
    conv = "  - conv: {channels: 2, kernel: 5, padding: 2, activation: relu, as: more}\n"
    arrays = {"last.beta": array(2), "last.Omega": array(2, 32)}
    made, found = carried(text.replace("  - flatten", conv + "  - flatten"), save(tmp_path / "o.npz", arrays), text)
    expected = np.zeros((2, 2, 5, 5))
    expected[[0, 1], [0, 1], 2, 2] = 1
    assert np.array_equal(made["more.Omega"], expected)
    assert found.outputs is not None
    assert found.outputs.exact


def test_kernels_are_permuted_and_arrays_in_the_order_of_fortran_are_read(tmp_path: Path) -> None:
    kernel = array(4, 3)
    arrays = {
        "first.kernel": kernel, "first.bias": OLD["first.beta"], "last.kernel": np.asfortranarray(array(3, 2)),
        "last.bias": OLD["last.beta"],
    }  # fmt: skip
    made, _ = carried(DENSE, save(tmp_path / "o.npz", arrays))
    assert np.array_equal(made["first.Omega"], kernel.T)
    assert np.array_equal(made["last.Omega"], array(3, 2).T)


def test_a_tied_tensor_that_is_one_of_its_own_is_a_copy(tmp_path: Path) -> None:
    text = """netspec: 1
input: 4
layers:
  - dense: {width: 4, bias: false, as: a}
  - dense: {width: 4, bias: false, tie: {Omega: a.Omega}, as: b}
output: 4
"""
    new = text.replace("tie: {Omega: a.Omega}, ", "")
    made, found = carried(new, save(tmp_path / "o.npz", {"a.Omega": array(4, 4)}), text)
    assert np.array_equal(made["b.Omega"], array(4, 4))
    assert found.outputs is not None
    assert found.outputs.exact


def test_the_result_is_a_model_that_netspec_loads(tmp_path: Path) -> None:
    new = DENSE.replace("width: 3", "width: 5")
    carried(new, save(tmp_path / "old.safetensors", OLD), DENSE)
    model = netspec.load_model(tmp_path / "new.safetensors")
    x = array(2, 4)
    hidden = np.maximum(x @ OLD["first.Omega"].T + OLD["first.beta"], 0)
    np.testing.assert_allclose(model(x), hidden @ OLD["last.Omega"].T + OLD["last.beta"], rtol=1e-6)


def test_an_npz_is_written_too(tmp_path: Path) -> None:
    made, _ = carried(DENSE, save(tmp_path / "old.npz", OLD), DENSE, out=str(tmp_path / "new.npz"))
    assert {name: made[name].tolist() for name in made} == {name: each.tolist() for name, each in OLD.items()}


@pytest.mark.parametrize("suffix", [".safetensors", ".npz"])
def test_a_number_that_is_not_finite_is_refused_and_nothing_is_written(tmp_path: Path, suffix: str) -> None:
    """Also one in rows that are cut off."""
    arrays = OLD | {"first.Omega": np.array([[1, 2, 3, 4]] * 2 + [[1, np.nan, 3, 4]], "float32")}
    path = save(tmp_path / f"old{suffix}", arrays)
    with pytest.raises(SpecError) as raised:
        carried(DENSE.replace("width: 3", "width: 2"), path, DENSE)
    (fault,) = raised.value.diagnostics
    assert (fault.code, fault.headline) == ("parameter-not-finite", "first.Ω holds nan")
    assert fault.place.file == str(path)
    assert os.listdir(tmp_path) == [path.name]


def test_the_file_that_is_read_is_never_written_over(tmp_path: Path) -> None:
    path = save(tmp_path / "old.safetensors", OLD)
    before = path.read_bytes()
    with pytest.raises(SystemFault) as raised:
        carried(DENSE, path, DENSE, out=str(path))
    assert raised.value.code == "target-is-input"
    os.link(path, tmp_path / "other.safetensors")
    with pytest.raises(SystemFault):
        carried(DENSE, path, DENSE, out=str(tmp_path / "other.safetensors"))
    assert path.read_bytes() == before


def test_a_file_that_shrank_since_it_was_planned_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "old.safetensors", OLD)
    plan = planned(DENSE, path, DENSE)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(SpecError) as raised:
        carried(DENSE, path, None, plan)
    assert raised.value.diagnostics[0].code == "parameters-unreadable"


def test_float64_is_rounded_once_where_that_is_asked_for(tmp_path: Path) -> None:
    arrays = {name: each.astype("float64") / 3 for name, each in OLD.items()}
    path = save(tmp_path / "old.npz", arrays)
    plan = planned(DENSE.replace("input", "dtype: float64\ninput"), path, None)._replace(dtype="float32")
    made, _ = carried(DENSE, path, None, plan)
    assert np.array_equal(made["first.Omega"], arrays["first.Omega"].astype("float32"))


def test_what_turns_a_tensor_round_needs_memory_and_is_refused_before_it_is_read(tmp_path: Path) -> None:
    arrays = {"first.kernel": array(4, 3), "first.bias": OLD["first.beta"]}
    path = save(tmp_path / "old.npz", arrays)
    order = Order(planned(DENSE, path), known(DENSE), None, {}, max_memory=64)
    with pytest.raises(SystemFault) as raised:
        carry_out(order, str(tmp_path / "new.safetensors"))
    assert raised.value.code == "no-memory"


def _keys(text: str) -> dict[str, Any]:
    import yaml

    keys: dict[str, Any] = yaml.safe_load(text)
    del keys["netspec"]
    return keys


def test_bfloat16_is_widened(tmp_path: Path) -> None:
    path = tmp_path / "old.safetensors"
    header = {
        "first.Omega": {"dtype": "BF16", "shape": [3, 4], "data_offsets": [0, 24]},
        "first.beta": {"dtype": "F16", "shape": [3], "data_offsets": [24, 30]},
    }
    text = json.dumps(header).encode()
    numbers = (OLD["first.Omega"].view(np.uint32) >> 16).astype("<u2").tobytes()
    path.write_bytes(struct.pack("<Q", len(text)) + text + numbers + OLD["first.beta"].astype("<f2").tobytes())
    made, _ = carried(DENSE, path)
    assert np.array_equal(made["first.Omega"], OLD["first.Omega"])
    assert np.array_equal(made["first.beta"], OLD["first.beta"])


def test_a_plan_that_was_edited_may_share_along_rows_too(tmp_path: Path) -> None:
    new = DENSE.replace("width: 3", "width: 7")
    path = save(tmp_path / "old.npz", OLD)
    plan = planned(new, path, DENSE, widen="copy")
    steps = tuple(
        step._replace(edges=tuple(edge._replace(fill="shares") for edge in step.edges))
        if step.target == "first.Omega"
        else step
        for step in plan.steps
    )
    made, _ = carried(new, path, None, plan._replace(steps=steps))
    shares = np.array([0.5, 0.5, 0.5, 0.25, 0.5, 0.5, 0.25])[:, None]
    assert np.array_equal(made["first.Omega"], OLD["first.Omega"][[0, 1, 2, 0, 1, 2, 0]] * shares)


def test_a_tensor_that_ends_too_early_is_refused() -> None:
    opened = Opened("<f4", "float32", (3,), "C", lambda _: b"", lambda: None)
    with pytest.raises(FileFault, match="it changed while it was read"):
        sources.File("w.npz", {"a": lambda: opened}, "float32").read("a").take(3)


def test_sizes_that_no_network_takes_are_said_and_the_file_is_written(tmp_path: Path) -> None:
    text = """netspec: 1
symbols: [T]
checks: [T <= 5]
input: [T, 4]
layers:
  - dense: {width: 2, as: last}
outputs: {last: [T, 2]}
"""
    arrays = {"last.beta": array(2), "last.Omega": array(2, 4)}
    _, found = carried(text, save(tmp_path / "old.npz", arrays), text)
    assert found.outputs is not None
    assert found.outputs.why == "with free sizes of 8, 16, 64 they are refused"
