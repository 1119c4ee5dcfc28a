"""The door to parameter files: what fits is read the same from every format, what does not fit is said in full."""

import errno
import io
import json
import os
import struct
import subprocess
import sys
import textwrap
import tracemalloc
from collections.abc import Mapping
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import save

from netspec.diagnostics import FileFault, SystemFault
from netspec.files.parameters import (
    ParameterFault,
    ParameterFile,
    canonical,
    check_parameters,
    label,
    read_parameters,
    write_parameters,
)

Arrays = Mapping[str, NDArray[np.generic]]
SHAPES = {"beta_0": (3,), "Omega_0": (3, 1), "beta_1": (2,), "Omega_1": (2, 3)}
BOTH = pytest.mark.parametrize("suffix", ["npz", "safetensors"])


def network() -> dict[str, NDArray[np.float32]]:
    """Return arrays that fit SHAPES, each value another one."""
    return {name: (np.arange(np.prod(shape)) / 8 + 1).reshape(shape).astype("f4") for name, shape in SHAPES.items()}


def stored(arrays: Arrays, suffix: str, *, compressed: bool = False) -> bytes:
    """Return a file as numpy or the official library writes it."""
    if suffix == "safetensors":
        return save({name: np.asarray(array, order="C") for name, array in arrays.items()})
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def read(
    data: bytes,
    suffix: str,
    dtype: Literal["float32", "float64"] = "float32",
    *,
    shapes: Mapping[str, tuple[int, ...]] = SHAPES,
    narrow: bool = False,
) -> ParameterFile:
    """Return what a file holds; the streaming check must find the same."""
    result = read_parameters(io.BytesIO(data), f"x.{suffix}", shapes, dtype, narrow=narrow)
    checked = check_parameters(io.BytesIO(data), f"x.{suffix}", shapes, dtype, narrow=narrow)
    assert checked == result._replace(arrays={})
    return result


def same(found: Mapping[str, NDArray[np.floating]], expected: Arrays, dtype: str = "float32") -> bool:
    """Return whether the arrays are those expected, in dtype and layout too."""
    return found.keys() == expected.keys() and all(
        array.dtype == dtype and array.flags.c_contiguous and np.array_equal(array, expected[name])
        for name, array in found.items()
    )


@BOTH
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_file_that_fits_is_read_in_the_networks_order(suffix: str, dtype: Literal["float32", "float64"]) -> None:
    arrays = network()
    result = read(stored(dict(reversed(arrays.items())), suffix), suffix, dtype)
    assert (result.faults, result.notes, list(result.arrays)) == ([], [], list(SHAPES))
    assert same(result.arrays, arrays, dtype)


def test_byte_order_memory_order_and_compression_do_not_matter() -> None:
    for descr in ("<f4", ">f4", "<f8", ">f8"):
        for order in ("C", "F"):
            arrays = {name: np.asarray(array, descr, order=order) for name, array in network().items()}
            for compressed in (False, True):
                result = read(stored(arrays, "npz", compressed=compressed), "npz", "float64")
                assert result.faults == []
                assert same(result.arrays, network(), "float64")


@BOTH
def test_greek_names_and_plain_ones_are_the_same(suffix: str) -> None:
    arrays = {name.replace("beta", "β").replace("Omega", "Ω"): array for name, array in network().items()}
    result = read(stored(arrays, suffix), suffix)
    assert result.faults == []
    assert same(result.arrays, network())


@BOTH
def test_a_name_in_both_spellings_is_named_twice(suffix: str) -> None:
    arrays = {**network(), "β_0": network()["beta_0"]}
    with pytest.raises(FileFault) as caught:
        read(stored(arrays, suffix), suffix)
    assert (caught.value.code, caught.value.reason) == ("parameters-unreadable", "it names `beta_0` twice")


def faults(changes: Arrays, suffix: str, *, narrow: bool = False) -> list[tuple[str, str, str, str]]:
    """Return the faults of a network's file in which some arrays are others."""
    result = read(stored({**network(), **changes}, suffix), suffix, narrow=narrow)
    assert not {fault.tensor for fault in result.faults} & result.arrays.keys()
    return [tuple(fault) for fault in result.faults]  # type: ignore[misc]


@BOTH
def test_a_wrong_shape_is_said_with_both(suffix: str) -> None:
    assert faults({"beta_0": np.zeros(4, "f4"), "Omega_0": np.zeros((1, 3), "f4")}, suffix) == [
        ("parameter-shape", "beta_0", "β_0 has shape (4,), expected (3,)", ""),
        (
            "parameter-shape",
            "Omega_0",
            "Ω_0 has shape (1, 3), expected (3, 1): transposed?",
            "save it as (outputs, inputs)",
        ),
    ]
    assert faults({"beta_1": np.zeros((1, 2), "f4")}, suffix)[0][2] == "β_1 has shape (1, 2), expected (2,)"
    assert faults({"beta_1": np.zeros((), "f4")}, suffix)[0][2] == "β_1 has shape (), expected (2,)"


def test_a_transposed_tensor_of_higher_rank_is_seen_too() -> None:
    data = stored({"w": np.zeros((4, 3, 2), "f4")}, "npz")
    (fault,) = read(data, "npz", shapes={"w": (2, 3, 4)}).faults
    assert (fault.message, fault.help) == ("w has shape (4, 3, 2), expected (2, 3, 4): transposed?", "")


@BOTH
def test_float64_in_a_float32_network_is_a_fault_unless_rounding_is_wanted(suffix: str) -> None:
    wide = {"beta_0": np.array([0.1, 2, 3])}
    expected = (
        "parameter-dtype",
        "beta_0",
        "β_0 is float64, the network is float32",
        "write `dtype: float64` in the spec (`build --dtype float32` then rounds), or save it as float32",
    )
    assert faults(wide, suffix) == [expected]
    all_wide = {name: array.astype("f8") for name, array in network().items()}
    assert [fault[2] for fault in faults(all_wide, suffix)] == ["β_0 and 3 more are float64, the network is float32"]
    result = read(stored({**network(), **wide}, suffix), suffix, narrow=True)
    assert (result.faults, result.notes) == ([], ["β_0 is float64, rounded to float32"])
    assert result.arrays["beta_0"].tolist() == [float(np.float32(0.1)), 2, 3]


@BOTH
def test_a_value_that_float32_cannot_hold_is_not_finite_there(suffix: str) -> None:
    found = faults({"beta_0": np.array([1, -1e300, 2])}, suffix, narrow=True)
    assert found == [("parameter-not-finite", "beta_0", "β_0 is -1e+300 at [1]", "")]


@BOTH
@pytest.mark.parametrize(("dtype", "words"), [("f4", "float32"), ("f8", "float64")])
def test_half_floats_widen_with_a_note(suffix: str, dtype: str, words: Literal["float32", "float64"]) -> None:
    arrays = {name: array.astype("f2") for name, array in network().items()}
    result = read(stored(arrays, suffix), suffix, words)
    assert result.notes == [f"β_0 and 3 more are float16, widened to {words}"] or result.notes == [
        f"Ω_0 and 3 more are float16, widened to {words}"
    ]
    assert same(result.arrays, network(), words)


def bfloat16(values: list[int]) -> bytes:
    """Return a file of one tensor `a` of bfloat16 with the given bits."""
    data = struct.pack(f"<{len(values)}H", *values)
    fields = {"dtype": "BF16", "shape": [len(values)], "data_offsets": [0, len(data)]}
    header = json.dumps({"a": fields}).encode()
    return struct.pack("<Q", len(header)) + header + data


def test_bfloat16_widens_with_a_note() -> None:
    result = read(bfloat16([0x3F80, 0xC040, 0x7F7F]), "safetensors", shapes={"a": (3,)})
    assert result.notes == ["a is bfloat16, widened to float32"]
    assert result.arrays["a"].tolist() == [1.0, -3.0, 3.3895313892515355e38]
    (fault,) = read(bfloat16([0x3F80, 0x7F80]), "safetensors", shapes={"a": (2,)}).faults
    assert fault.message == "a is inf at [1]"


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros(3, "i8"), "int64"),
        (np.zeros(3, "u2"), "uint16"),
        (np.zeros(3, "c8"), "complex64"),
        (np.zeros(3, "?"), "bool"),
        (np.zeros(3, "S5"), "|S5"),
        (np.zeros(3, "g"), "float128"),
        (np.array([None] * 3), "objects"),
    ],
)
def test_other_dtypes_of_npz_are_refused_unread(array: NDArray[np.generic], words: str) -> None:
    message = f"β_0 holds {words}, expected float32"
    assert faults({"beta_0": array}, "npz") == [("parameter-dtype", "beta_0", message, "save it as float32")]


@pytest.mark.parametrize(
    ("dtype", "words"), [("I64", "int64"), ("U8", "uint8"), ("BOOL", "bool"), ("F8_E4M3", "F8_E4M3")]
)
def test_other_dtypes_of_safetensors_are_refused_unread(dtype: str, words: str) -> None:
    size = {"I64": 8}.get(dtype, 1)
    header = json.dumps({"a": {"dtype": dtype, "shape": [2], "data_offsets": [0, 2 * size]}}).encode()
    data = struct.pack("<Q", len(header)) + header + bytes(2 * size)
    (fault,) = read(data, "safetensors", shapes={"a": (2,)}).faults
    assert fault == ParameterFault("parameter-dtype", "a", f"a holds {words}, expected float32", "save it as float32")


@BOTH
@pytest.mark.parametrize(("value", "shown"), [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf")])
def test_a_value_that_is_not_finite_is_pointed_at(suffix: str, value: float, shown: str) -> None:
    Omega_1 = np.zeros((2, 3), "f4")
    Omega_1[1, 0] = value
    assert faults({"Omega_1": Omega_1}, suffix)[0][1:3] == ("Omega_1", f"Ω_1 is {shown} at [1, 0]")
    Omega_1[1, 1:] = value
    assert faults({"Omega_1": Omega_1}, suffix)[0][2] == f"Ω_1 is {shown} at [1, 0], and 2 more are not finite"


def test_a_value_that_is_not_finite_is_pointed_at_in_fortran_order_too() -> None:
    Omega_1 = np.zeros((2, 3), "f4", order="F")
    Omega_1[1, 2] = np.nan
    assert faults({"Omega_1": Omega_1}, "npz")[0][2] == "Ω_1 is nan at [1, 2]"


@BOTH
def test_values_that_are_not_finite_are_counted_over_pieces(suffix: str) -> None:
    array = np.zeros(1 << 19, "f4")
    array[[100_000, 300_000, 500_000]] = np.inf
    (fault,) = read(stored({"a": array}, suffix), suffix, shapes={"a": array.shape}).faults
    assert fault.message == "a is inf at [100000], and 2 more are not finite"


@BOTH
def test_missing_and_unexpected_tensors_are_named(suffix: str) -> None:
    arrays: dict[str, NDArray[np.float32]] = network()
    del arrays["beta_0"], arrays["Omega_1"]
    arrays["extra"] = arrays["beta_1"]
    result = read(stored(arrays, suffix), suffix)
    assert [tuple(fault) for fault in result.faults] == [
        ("parameter-missing", "beta_0", "β_0 is missing, expected with shape (3,)", ""),
        ("parameter-missing", "Omega_1", "Ω_1 is missing, expected with shape (2, 3)", ""),
        ("parameter-unexpected", "extra", "`extra` is no tensor of this network", "the network has β_0, Ω_0, β_1, Ω_1"),
    ]


@BOTH
def test_a_mistyped_name_is_one_fault(suffix: str) -> None:
    arrays = {("Omga_0" if name == "Omega_0" else name): array for name, array in network().items()}
    result = read(stored(arrays, suffix), suffix)
    assert [tuple(fault) for fault in result.faults] == [
        ("parameter-unexpected", "Omga_0", "`Omga_0` is no tensor of this network", "did you mean `Omega_0`?"),
    ]


def test_suggestions_are_not_looked_for_among_thousands() -> None:
    shapes = {f"layer_{number}.beta": (1,) for number in range(40)}
    data = stored({f"layer_{number}.bata": np.zeros(1, "f4") for number in range(40)}, "npz")
    result = read(data, "npz", shapes=shapes)
    assert len(result.faults) == 80
    assert result.faults[-1].help == "the network has layer_0.β, layer_1.β, layer_2.β, layer_3.β and 36 more"


def test_a_network_without_parameters_has_nothing_to_suggest() -> None:
    (fault,) = read(stored({"a": np.zeros(1, "f4")}, "npz"), "npz", shapes={}).faults
    assert fault == ParameterFault("parameter-unexpected", "a", "`a` is no tensor of this network", "")


def test_hostile_names_and_dtypes_are_shown_harmlessly() -> None:
    (fault,) = read(stored({"\x1b[31m`β_0": np.zeros(1, "f4")}, "npz"), "npz", shapes={}).faults
    assert fault.message == "`U+001B[31m'beta_0` is no tensor of this network"


def test_a_scalar_and_an_empty_tensor_are_read() -> None:
    arrays = {"a": np.full((), 2.5, "f4"), "b": np.zeros((0, 3), "f4")}
    for suffix in ("npz", "safetensors"):
        result = read(stored(arrays, suffix), suffix, shapes={"a": (), "b": (0, 3)})
        assert result.faults == []
        assert same(result.arrays, arrays)
    stream = io.BytesIO()
    write_parameters(stream, arrays, {})
    assert same(read(stream.getvalue(), "safetensors", shapes={"a": (), "b": (0, 3)}).arrays, arrays)


def test_a_file_of_another_suffix_is_refused() -> None:
    with pytest.raises(FileFault) as caught:
        read(b"", "pt")
    assert caught.value.reason == "its name ends in neither `.safetensors` nor `.npz`"


def test_metadata_come_along() -> None:
    data = save({"a": np.zeros(1, "f4")}, {"netspec": "1"})
    assert read(data, "safetensors", shapes={"a": (1,)}).metadata == {"netspec": "1"}


class Broken(io.BytesIO):
    """A file that fails, or ends early, after its first 200 bytes."""

    fails = True

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() < 200:
            return super().read(size)
        if self.fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return b""


def test_a_failing_disk_is_a_system_fault_and_a_shrinking_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = stored({"a": np.zeros(1 << 20, "f4"), "b": np.zeros(1 << 20, "f4")}, "safetensors")
    shapes = {"a": (1 << 20,), "b": (1 << 20,)}
    with pytest.raises(SystemFault) as failed:
        read_parameters(Broken(data), "x.safetensors", shapes, "float32")
    assert (failed.value.code, failed.value.headline) == (
        "read-failed",
        "reading `x.safetensors` failed: input/output error",
    )
    monkeypatch.setattr(Broken, "fails", False)
    with pytest.raises(FileFault) as shrunk:
        read_parameters(Broken(data), "x.safetensors", shapes, "float32")
    assert (shrunk.value.code, shrunk.value.reason) == ("parameters-unreadable", "it changed while it was read")


@pytest.mark.parametrize("error", [MemoryError(), ValueError("array is too big")])
def test_a_tensor_that_does_not_fit_in_memory_is_a_system_fault(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_: object) -> None:
        raise error

    data = stored(network(), "npz")
    monkeypatch.setattr(np, "empty", refuse)
    with pytest.raises(SystemFault) as caught:
        read_parameters(io.BytesIO(data), "x.npz", SHAPES, "float32")
    assert (caught.value.code, caught.value.headline) == ("no-memory", "β_0 does not fit in memory (needs 12 bytes)")


@BOTH
def test_checking_holds_a_piece_at_a_time(suffix: str) -> None:
    array = np.ones(1 << 23, "f4")  # 32 MB
    stream = io.BytesIO(stored({"a": array}, suffix))
    del array
    tracemalloc.start()
    check_parameters(stream, f"x.{suffix}", {"a": (1 << 23,)}, "float32")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000


def test_writing_is_the_same_whatever_the_layout_and_order_of_the_arrays() -> None:
    arrays = network()
    first, second = io.BytesIO(), io.BytesIO()
    write_parameters(first, arrays, {"a": "b"})
    other = {name: np.asfortranarray(array.astype(">f4")) for name, array in reversed(arrays.items())}
    write_parameters(second, other, {"a": "b"})
    assert first.getvalue() == second.getvalue()


def test_large_arrays_are_written_piece_by_piece() -> None:
    array = np.arange(700_000, dtype="f8").reshape(700, 1000).T
    stream = io.BytesIO()
    write_parameters(stream, {"a": array}, {})
    assert same(
        read(stream.getvalue(), "safetensors", "float64", shapes={"a": array.shape}).arrays, {"a": array}, "float64"
    )


@BOTH
@given(choice=st.data())
def test_changed_bytes_give_a_refusal_or_the_same_arrays(suffix: str, choice: st.DataObject) -> None:
    """Where bytes of values are changed in a format without checksums, the values differ and nothing else does."""
    whole = stored(network(), suffix, compressed=choice.draw(st.booleans()))
    data = bytearray(whole)
    for _ in range(choice.draw(st.integers(1, 4))):
        at = choice.draw(st.integers(0, len(data) - 1))
        data[at : at + choice.draw(st.integers(0, 3))] = choice.draw(st.binary(max_size=3))
    try:
        result = read(bytes(data), suffix)
    except FileFault:
        return
    if result.faults:
        return
    if suffix == "npz":
        assert same(result.arrays, network())
    else:
        assert {name: (array.shape, array.dtype) for name, array in result.arrays.items()} == {
            name: (shape, np.dtype("f4")) for name, shape in SHAPES.items()
        }
        assert all(np.isfinite(array).all() for array in result.arrays.values())
        values = data[8 + int.from_bytes(data[:8], "little") :]
        official = sum(array.nbytes for array in result.arrays.values())
        assert len(values) == official


@given(suffix=st.sampled_from(["npz", "safetensors"]), data=st.binary(max_size=300))
def test_any_bytes_are_refused(suffix: str, data: bytes) -> None:
    with pytest.raises(FileFault):
        read(data, suffix)


@given(
    st.lists(st.sampled_from(["beta", "Omega", "β", "Ω", "_0", ".", "tower", "_query", "gamma"]), max_size=6).map(
        "".join
    )
)
def test_names_keep_their_meaning_however_they_are_shown(name: str) -> None:
    assert canonical(label(name)) == canonical(name)


def test_names_are_shown_in_greek_part_by_part() -> None:
    names = ["beta_0", "res.2.branch.Omega", "attended.Omega_query", "alphabeta", "rate_beta", "tower.beta_0"]
    assert [label(name) for name in names] == [
        "β_0",
        "res.2.branch.Ω",
        "attended.Ω_query",
        "alphabeta",
        "rate_beta",
        "tower.β_0",
    ]


def test_the_room_loads_nothing_heavy_before_values_are_looked_at() -> None:
    script = textwrap.dedent("""
        import sys
        import netspec.files.archive, netspec.files.folder, netspec.files.parameters, netspec.files.writing
        heavy = "numpy yaml networkx typer pydantic dataclasses pathlib inspect json zipfile"
        print(sorted(set(heavy.split()) & sys.modules.keys()))
    """)
    result = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
