"""Parameters are mapped where they lie in an archive, or read from bytes; damage is a message."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.diagnostics.faults import SystemFault
from netspec.files.zip_directory import MemberReader, read_directory
from netspec.runtime.archive import PARAMETERS_MEMBER
from netspec.runtime.tensors import map_tensors, read_tensors
from tests.runtime.models import build, write_tensors
from tests.runtime.networks import n1, n1_parameters


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_parameters_lie_aligned_in_the_archive_and_are_not_copied(tmp_path: Path, dtype: str) -> None:
    path = build(tmp_path / "n1.pyz", n1(dtype))
    with path.open("rb") as stream:
        (member,) = (
            member for member in read_directory(stream, path.stat().st_size, 100) if member.name == PARAMETERS_MEMBER
        )
        start = MemberReader(stream, member).start
    assert start % 64 == 0
    tensors = map_tensors(str(path), start, member.size, member.crc)
    assert tensors.keys() == n1_parameters().keys()
    for name, expected in n1_parameters(dtype).items():
        tensor = tensors[name]
        np.testing.assert_array_equal(tensor, expected)
        assert type(tensor) is np.ndarray
        assert tensor.dtype == dtype
        assert tensor.flags.aligned
        assert not tensor.flags.writeable
        assert not tensor.flags.owndata


def test_bytes_are_read_as_the_file_is(tmp_path: Path) -> None:
    data = write_tensors(tmp_path / "n1.safetensors", n1_parameters())
    for name, tensor in read_tensors(data, "n1").items():
        np.testing.assert_array_equal(tensor, n1_parameters()[name])


def test_a_network_without_parameters_has_none(tmp_path: Path) -> None:
    assert read_tensors(write_tensors(tmp_path / "empty", {}), "empty") == {}


def fault_of(data: bytes) -> str:
    with pytest.raises(SystemFault) as caught:
        read_tensors(data, "model.pyz")
    assert caught.value.code == "parameters-unreadable"
    assert caught.value.help == "build the model again, or copy it again"
    return caught.value.headline


def test_damage_is_told_in_words(tmp_path: Path) -> None:
    data = write_tensors(tmp_path / "n1.safetensors", n1_parameters())
    start = "the parameters in `model.pyz` are damaged: "
    assert fault_of(b"") == start + "it is too short for a safetensors file"
    assert fault_of(data[:-4]).startswith(start + "its tensors end at byte ")
    assert fault_of(b"\xff" * 8 + data[8:]).startswith(start + "its header would have ")
    assert fault_of(data.replace(b'"F32"', b'"I32"', 1)) == (
        start + "the tensor `Omega_0` is of dtype I32, not F32 or F64"
    )


def test_a_file_that_is_cut_short_or_changed_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "n1.safetensors"
    data = write_tensors(path, n1_parameters())
    for start, size, reason in ((0, len(data), "the checksum is wrong"), (0, 10**9, "the file is cut short")):
        with pytest.raises(SystemFault) as caught:
            map_tensors(str(path), start, size, 1)
        assert caught.value.headline.endswith(f"are damaged: {reason}")
    with pytest.raises(SystemFault, match="the file is cut short"):
        map_tensors(str(tmp_path / "gone"), 0, 10, 1)


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_any_changed_byte_gives_arrays_or_a_fault(
    tmp_path_factory: pytest.TempPathFactory, at: int, change: int
) -> None:
    data = bytearray(write_tensors(tmp_path_factory.getbasetemp() / "n1", n1_parameters()))
    data[at % len(data)] ^= change
    try:
        tensors = read_tensors(bytes(data), "n1")
    except SystemFault as fault:
        assert fault.code == "parameters-unreadable"  # noqa: PT017  either outcome is right
    else:
        assert len(tensors) == 4
