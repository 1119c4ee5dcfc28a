"""Files of weights are taken as hostile; and of a large one no more than its headers is read."""

import errno
import io
import json
import struct
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from netspec.diagnostics import SpecError, SystemFault
from netspec.migration import weights
from netspec.migration.weights import read_weights
from tests.migration.networks import DENSE, array, planned, save, sparse

SAME = {"first.beta": array(3), "first.Omega": array(3, 4), "last.beta": array(2), "last.Omega": array(2, 3)}

LARGE = """netspec: 1
input: 20000
layers:
  - repeat: {times: 7, layers: [{dense: {width: 20000, as: h, activation: relu}}]}
  - dense: {width: 10, as: last}
output: 10
"""


def entry(begin: int, end: int, shape: list[int], dtype: str = "F32") -> dict[str, object]:
    """Return what a header says of a tensor."""
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def crafted(header: object, size: int) -> bytes:
    """Return a safetensors file with a header of choice, and so many bytes behind it."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(size)


HOSTILE = {
    "empty": (b"", "it is too short for a safetensors file"),
    "a header beyond the file": (struct.pack("<Q", 1 << 60) + b"{}", "its header would have "),
    "no JSON": (crafted(b"{x", 0), "its header is not strict JSON"),
    "overlapping": (crafted({"a": entry(0, 8, [2]), "b": entry(4, 12, [2])}, 12), "the tensor `b` overlaps another"),
    "a gap": (crafted({"a": entry(4, 8, [1])}, 8), "the tensor `a` leaves a gap before it"),
    "a shape that is not its bytes": (crafted({"a": entry(0, 8, [1 << 40])}, 8), "the tensor `a` has 8 bytes, not"),
    "twice": (crafted(b'{"a":1,"a":2}', 0), "its header names `a` twice"),
    "deep": (crafted(b'{"a":' + b"[" * 100_000, 0), "its header is nested deeper than tensors are"),
    "bytes left over": (crafted({"a": entry(0, 4, [1])}, 9), "its tensors end at byte "),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_at_once_with_its_name(tmp_path: Path, name: str) -> None:
    data, words = HOSTILE[name]
    path = tmp_path / "w.safetensors"
    path.write_bytes(data)
    start = time.perf_counter()
    with pytest.raises(SpecError) as raised:
        read_weights(str(path))
    assert time.perf_counter() - start < 2
    (fault,) = raised.value.diagnostics
    assert fault.code == "parameters-unreadable"
    assert words in fault.headline
    assert (fault.place.file, fault.place.span) == (str(path), (1, 1, 1, 1))


def test_an_npz_of_objects_or_of_a_forged_size_is_refused_or_dropped(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    np.savez(path, a=np.array([{}], dtype=object), b=array(2))
    tensors = read_weights(str(path)).tensors
    assert {name: tensor.taken for name, tensor in tensors.items()} == {"a": False, "b": True}
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f4", "fortran_order": False, "shape": (1 << 40,)})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", stream.getvalue() + bytes(8))
    with pytest.raises(SpecError, match="8 bytes, which are not those of its shape"):
        read_weights(str(path))


def test_neither_another_suffix_nor_a_file_that_is_not_there_is_read(tmp_path: Path) -> None:
    path = tmp_path / "w.pt"
    path.write_bytes(b"PK")
    with pytest.raises(SpecError, match="its name ends in neither"):
        read_weights(str(path))
    with pytest.raises(SystemFault) as raised:
        read_weights(str(tmp_path / "none.safetensors"))
    assert raised.value.code == "no-such-file"


def test_more_tensors_than_a_network_may_have_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(crafted({f"t{k}": entry(0, 0, [0]) for k in range(20_001)}, 0))
    with pytest.raises(SpecError) as raised:
        read_weights(str(path))
    (fault,) = raised.value.diagnostics
    assert fault.code == "too-many-tensors"


def test_names_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    path = save(tmp_path / "w.safetensors", {f"fc{k}.weight": array(1) for k in (10, 2, 1)})
    assert list(read_weights(str(path)).tensors) == ["fc1.weight", "fc2.weight", "fc10.weight"]


def test_of_eleven_gigabytes_only_the_header_is_read(tmp_path: Path) -> None:
    shapes = {f"h.{k}.Omega": (20_000, 20_000) for k in range(7)} | {f"h.{k}.beta": (20_000,) for k in range(7)}
    path = tmp_path / "large.safetensors"
    assert sparse(path, shapes | {"last.Omega": (10, 20_000), "last.beta": (10,)}) > 11 * 10**9
    assert path.stat().st_blocks * 512 < 1 << 20
    start = time.process_time()
    plan = planned(LARGE.replace("last", "head"), path, LARGE)
    assert time.process_time() - start < 5  # a single pass over the bytes would take longer
    assert [step.act for step in plan.steps].count("rename") == 2
    assert plan.verdict.outcome == "keeps"


def test_a_file_that_does_not_fit_the_network_it_is_said_to_be_of_is_one_fault(tmp_path: Path) -> None:
    path = save(tmp_path / "w.safetensors", {"first.beta": array(3), "first.Omega": array(5, 4), "odd": array(1)})
    with pytest.raises(SpecError) as raised:
        planned(DENSE, path, DENSE)
    (fault,) = raised.value.diagnostics
    assert (fault.code, fault.help) == ("parameter-shape", "`--from OLD.yaml` names the spec that the weights are of")
    assert fault.headline == (
        "the file has no weights of `old.yaml`: `first.Omega` is (5, 4), expected (3, 4);"
        " `last.beta` (2,) is missing; `last.Omega` (2, 3) is missing"
    )


def test_of_very_many_tensors_that_do_not_fit_three_are_named_and_what_one_may_be_called(tmp_path: Path) -> None:
    path = save(tmp_path / "w.safetensors", {"h.0.bet": array(2), "h.0.Omega": array(2, 2)})
    text = "netspec: 1\ninput: 2\nlayers: [{repeat: {times: 9, layers: [{dense: {width: 2, as: h}}]}}]\noutput: 2\n"
    with pytest.raises(SpecError) as raised:
        planned(text, path, text)
    (fault,) = raised.value.diagnostics
    assert fault.code == "parameter-missing"
    assert fault.headline == (
        "the file has no weights of `old.yaml`: `h.0.beta` (2,) is missing; `h.1.beta` (2,) is missing;"
        " `h.1.Omega` (2, 2) is missing; and 14 more"
    )
    assert fault.help == "the file has `h.0.bet`; `--from OLD.yaml` names the spec that the weights are of"


def test_float64_is_not_rounded_unless_that_is_asked_for(tmp_path: Path) -> None:
    arrays = {"first.beta": array(3, dtype="float64"), "first.Omega": array(3, 4, dtype="float64")}
    with pytest.raises(SpecError) as raised:
        planned(DENSE, save(tmp_path / "w.safetensors", arrays))
    (fault,) = raised.value.diagnostics
    assert (fault.code, fault.headline) == (
        "parameter-dtype", "`first.Omega` and 1 more are float64, the network is float32",
    )  # fmt: skip


def test_halves_are_widened_and_said(tmp_path: Path) -> None:
    plan = planned(DENSE, save(tmp_path / "w.safetensors", {"first.beta": array(3, dtype="float16")}))
    assert plan.notes == ("`first.beta` is float16, and widened to float32",)


def test_a_tensor_that_the_network_does_not_have_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "w.safetensors", SAME | {"odd": array(1)})
    with pytest.raises(SpecError) as raised:
        planned(DENSE, path, DENSE)
    assert [(fault.code, fault.headline) for fault in raised.value.diagnostics] == [
        ("parameter-unexpected", "the file has no weights of `old.yaml`: `odd` is no tensor of it"),
    ]


def test_a_header_of_far_too_many_tensors_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """Unless it spells the word otherwise, which costs more, and is refused too."""
    path = tmp_path / "w.safetensors"
    text = b'{"data_offsets"' * 20_001
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    with pytest.raises(SpecError) as raised:
        read_weights(str(path))
    assert raised.value.diagnostics[0].headline.endswith("it has 20,001 tensors; at most 20,000 are read")
    spelled = crafted({f"t{k}": entry(0, 0, [0]) for k in range(20_001)}, 0).replace(b"offsets", b"offset\\u0073")
    path.write_bytes(struct.pack("<Q", len(spelled) - 8) + spelled[8:])
    with pytest.raises(SpecError) as raised:
        read_weights(str(path))
    assert raised.value.diagnostics[0].headline.endswith("it has 20,001 tensors; at most 20,000 are read")


def test_a_network_of_very_many_operations_is_planned_for_and_not_followed(tmp_path: Path) -> None:
    text = DENSE.replace("  - dense: {width: 2", "  - repeat: {times: 100000, layers: [relu]}\n  - dense: {width: 2")
    plan = planned(text, save(tmp_path / "w.safetensors", SAME), text)
    assert plan.empty
    assert plan.verdict == ("unproven", ("it has too many operations to be followed",))


def test_a_network_of_too_many_tensors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemFault) as raised:
        planned("netspec: 1\ninput: 2\nK: 20000\nwidths: 2\noutput: 2\n", save(tmp_path / "w.safetensors", SAME))
    assert raised.value.headline == "the network has 40,002 tensors; weights are of at most 20,000"


def test_a_file_that_cannot_be_read_any_more_is_a_fault_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "gone")

    monkeypatch.setattr(weights, "read_stored", fail)
    with pytest.raises(SystemFault) as raised:
        read_weights(str(save(tmp_path / "w.safetensors", SAME)))
    assert raised.value.code == "read-failed"
