"""Arrays: pairs of `.npy`, members of `.npz`, and arrays in memory."""

import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from netspec.diagnostics.faults import SystemFault
from netspec.gradients.shapes import fitted_shape
from netspec.runtime.faults import DataFault
from netspec.runtime.ports import Port
from netspec.training.data.kinds import TargetKind
from netspec.training.data.npz import PAIRS
from netspec.training.data.reading import examples_of, read_examples
from tests.training.data.given import PAIR, Ends, ends, read, refusal, refusal_of, taken

Array = NDArray[Any]

X = np.arange(6.0).reshape(3, 2)
TOKENS = Ends((Port("tokens", ("T",), "int64"),), (Port("logits", ("T", 4), "float32"),))


def archive(compressed: bool = False, **arrays: Array) -> bytes:
    """Return an `.npz` of the arrays."""
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)  # type: ignore[arg-type]  # numpy's stubs
    return stream.getvalue()


@pytest.mark.parametrize(("x", "y"), [*PAIRS, ("in", "out")])
def test_the_arrays_of_an_archive_have_usual_names(tmp_path: Path, x: str, y: str) -> None:
    data = archive(False, **{x: X, y: np.array([2, 0, 1]), "x_test": X[:1]})
    assert taken(read(tmp_path, "data.npz", data, ends())) == [X.tolist(), [2, 0, 1]]


def test_several_inputs_and_outputs_have_arrays_of_their_names(tmp_path: Path) -> None:
    data = archive(v=np.array([[0, 1, 0], [0.5, 0, 0]]), u=np.array([0.5, 1]), b=np.array([7, 8]), a=X[:2])
    examples = read(tmp_path, "data.npz", data, PAIR)
    assert taken(examples) == [[[0, 1], [2, 3]], [7, 8], [[0.5], [1]], [[0, 1, 0], [0.5, 0, 0]]]
    assert [kind.kind for kind in examples.kinds] == ["numbers", "numbers"]


def test_a_pair_of_files_is_inputs_and_targets(tmp_path: Path) -> None:
    for name, array in (("x.npy", np.asfortranarray(X)), ("y.npy", np.array([[2], [0], [1]], ">u2"))):
        np.save(tmp_path / name, array)
    paths = [str(tmp_path / name) for name in ("x.npy", "y.npy")]
    assert taken(read_examples(paths, *ends())) == [X.tolist(), [2, 0, 1]]


def test_faults_of_a_pair_name_the_file(tmp_path: Path) -> None:
    paths = [tmp_path / "x.npy", tmp_path / "y.npy"]
    np.save(paths[0], X)
    np.save(paths[1], [1, 0])
    said = f"error[data-shape]: `{tmp_path}/x.npy` has 3 examples, and `{tmp_path}/y.npy` has 2 examples"
    with pytest.raises(DataFault) as caught:
        read_examples(list(map(str, paths)), *ends())
    assert str(caught.value) == f"{said}\n  --> {tmp_path}/y.npy"
    np.save(paths[1], np.array([1, 2**64 - 1, 0], np.uint64))
    assert refusal_of(tmp_path, paths, ends()) == (
        "error[data-dtype]: the array has 18446744073709551615 in row 2, which is too large an integer\n  --> y.npy"
    )


@pytest.mark.parametrize("dtype", ["u1", "?", "<i2", ">i8", "<f2", ">f4", "<f8", "<u8"])
def test_arrays_of_every_real_dtype_are_read(tmp_path: Path, dtype: str) -> None:
    x, y = (X > 2).astype(dtype), np.array([1, 0, 1], dtype)
    assert taken(read(tmp_path, "data.npz", archive(x=x, y=y), ends())) == [x.astype(float).tolist(), [1, 0, 1]]


def test_sequences_have_a_class_at_each_place(tmp_path: Path) -> None:
    data = archive(tokens=np.array([[5, 6], [7, 8]]), logits=np.array([[0, 3], [2, 1]]))
    examples = read(tmp_path, "data.npz", data, TOKENS)
    assert examples.kinds == (TargetKind("classes", ("T",), 4),)
    assert taken(examples) == [[[5, 6], [7, 8]], [[0, 3], [2, 1]]]


def test_rows_of_a_single_one_are_classes_at_each_place(tmp_path: Path) -> None:
    data = archive(tokens=np.array([[5, 6]]), logits=np.eye(4)[[[0, 3]]])
    examples = read(tmp_path, "data.npz", data, TOKENS, wanted=[TargetKind("classes", ("T",), 4)])
    assert taken(examples)[1] == [[0, 3]]


@pytest.mark.parametrize(
    ("wanted", "found", "fitted"),
    [
        ((2,), (2,), (2,)),
        ((1,), (), (1,)),
        ((), (1,), ()),
        ((1, 28, 28), (28, 28), (1, 28, 28)),
        ((1, 28, 28), (784,), (1, 28, 28)),
        ((784,), (28, 28), (784,)),
        ((3, 4, 4), (4, 4, 3), None),
        ((2, 3), (3, 2), None),
        ((2,), (3,), None),
        (("T",), (9,), (9,)),
        (("T",), (), None),
        (("T", 2), (9, 3), None),
    ],
)
def test_a_shape_fits_where_c_order_leaves_no_doubt(
    wanted: tuple[int | str, ...], found: tuple[int, ...], fitted: tuple[int, ...] | None
) -> None:
    assert fitted_shape(wanted, found) == fitted


def npy(descr: str, shape: str, data: bytes = b"") -> bytes:
    """Return an `.npy` file with a header of our choice."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def forged(x: bytes) -> bytes:
    """Return an archive with a member of these bytes beside sound targets."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr("x.npy", x)
        file.writestr("y.npy", npy("'<i8'", "(3,)", np.array([0, 1, 2]).tobytes()))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            archive(x=X, y=np.array([0, 1])),
            "error[data-shape]: `x` has 3 examples, and `y` has 2 examples\n  --> data.npz",
        ),
        (
            archive(x=X, y=np.array([0, 1, 3])),
            (
                "error[data-dtype]: `y`: row 3 is 3, and the classes of an output of 3 numbers are 0 to 2\n"
                "  --> data.npz\n   = help: number the classes from 0"
            ),
        ),
        (
            archive(x=np.where(X == 3, np.nan, X), y=np.array([0, 1, 2])),
            (
                "error[data-not-finite]: `x`: row 2, column 2 is nan\n  --> data.npz\n"
                "   = help: fill the numbers that are missing, or leave out their rows"
            ),
        ),
        (
            archive(x=X.T, y=np.array([0, 1])),
            (
                "error[data-shape]: `x` has shape (2, 3); expected (batch, 2)\n  --> data.npz\n"
                "   = help: is it transposed?"
            ),
        ),
        (
            archive(x=X, y=X),
            (
                "error[data-shape]: `y` has shape (3, 2); expected (batch) or (batch, 3)\n  --> data.npz\n"
                "   = help: is it transposed?"
            ),
        ),
        (
            archive(a=X, b=X),
            (
                "error[data-shape]: it holds no arrays `in` and `out`, but `a`, `b`\n  --> data.npz\n"
                "   = help: save the arrays as `x` and `y`"
            ),
        ),
        (
            archive(x=np.array([["a", "b"]]), y=np.array([0])),
            (
                "error[data-dtype]: `x`: the array is of dtype `<U1`, not of real numbers\n  --> data.npz\n"
                "   = help: save numbers, one array of one dtype"
            ),
        ),
        (
            archive(x=np.array([None, {}]), y=np.array([0, 1])),
            (
                "error[data-dtype]: `x`: the array is of dtype `|O`, not of real numbers\n  --> data.npz\n"
                "   = help: save numbers, one array of one dtype"
            ),
        ),
        (
            forged(npy("'<f8'", "(3000000000000, 2)", X.tobytes())),
            "error[data-shape]: `x` has 3,000,000,000,000 examples, and `y` has 3 examples\n  --> data.npz",
        ),
        (forged(npy("'<f8'", "(3, 2)", bytes(16))), "error[data-unreadable]: it ends after row 1 of 3\n  --> data.npz"),
        (
            forged(npy("'<f8'", "(3, 2)", bytes(64))),
            "error[data-unreadable]: bytes follow after the array\n  --> data.npz",
        ),
        (
            forged(npy("'<f8'", "()", bytes(8))),
            "error[data-shape]: `x`: it holds one number; expected rows\n  --> data.npz",
        ),
        (
            forged(npy("'<f8'", "(3, 0)")),
            "error[data-shape]: `x` has shape (3, 0); expected (batch, 2)\n  --> data.npz",
        ),
        (
            forged(npy("__import__('os')", "(3, 2)")),
            "error[data-unreadable]: `x`: its header is damaged\n  --> data.npz",
        ),
        (
            archive(x=X, y=np.array([0, 1, 2]))[:-40],
            (
                "error[data-unreadable]: it is no sound .npz file: the end of its directory is missing or damaged\n"
                "  --> data.npz"
            ),
        ),
        (
            archive(compressed=True, x=np.zeros((6_000_000, 2)), y=np.zeros(6_000_000)),
            (
                "error[data-unreadable]: the array `x` expands more than 100 times\n  --> data.npz\n"
                "   = help: save it uncompressed: np.savez"
            ),
        ),
        (archive(x=X[:0], y=np.zeros(0)), "error[data-empty]: there are no examples in it\n  --> data.npz"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, data: bytes, said: str) -> None:
    assert refusal(tmp_path, "data.npz", data, ends()) == said


def test_a_row_beyond_the_first_block_has_its_number(tmp_path: Path) -> None:
    x = np.zeros((300_000, 2), np.float32)
    np.save(tmp_path / "x.npy", x)
    y = np.zeros(300_000, np.int64)
    y[271_828] = 9
    np.save(tmp_path / "y.npy", y)
    assert refusal_of(tmp_path, [tmp_path / "x.npy", tmp_path / "y.npy"], ends()) == (
        "error[data-dtype]: row 271,829 is 9, and the classes of an output of 3 numbers are 0 to 2\n  --> y.npy"
    )


def test_integers_of_an_input_are_no_floats(tmp_path: Path) -> None:
    data = archive(tokens=np.array([[5.0, 6]]), logits=np.array([[0, 3]]))
    assert refusal(tmp_path, "data.npz", data, TOKENS) == (
        "error[data-dtype]: `tokens` is of dtype `float64`, and `tokens` is of integers\n  --> data.npz"
    )


def test_channels_that_come_last_are_refused_with_advice(tmp_path: Path) -> None:
    data = archive(x=np.zeros((5, 4, 4, 3)), y=np.zeros(5))
    assert refusal(tmp_path, "data.npz", data, ends((3, 4, 4))) == (
        "error[data-shape]: `x` has shape (5, 4, 4, 3); expected (batch, 3, 4, 4)\n  --> data.npz\n"
        "   = help: channels come first: np.moveaxis(x, -1, 1)"
    )


def test_indices_beyond_a_vocabulary_are_refused(tmp_path: Path) -> None:
    data = archive(tokens=np.array([[5, 6], [7, -1]]), logits=np.array([[0, 3], [0, 0]]))
    assert refusal(tmp_path, "data.npz", data, TOKENS, vocabularies={"tokens": 8}) == (
        "error[data-dtype]: `tokens`: row 2, column 2 is -1, expected 0 to 7\n  --> data.npz"
    )


@pytest.mark.parametrize(
    ("names", "headline"),
    [
        (("x.npy",), "`x.npy` holds one array, and a training needs targets"),
        (("x.csv", "y.csv"), "two files of data are a pair of .npy, of inputs and of targets"),
        (("x.npy", "y.npy", "z.npy"), "expected one file of data, or two of .npy, got 3"),
        (("x.json",), "`x.json` is JSON, which is no format of a training"),
    ],
)
def test_what_a_training_does_not_read_is_a_matter_of_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], headline: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in names:
        np.save(tmp_path / "array.npy", X)
        (tmp_path / "array.npy").rename(tmp_path / name)
    with pytest.raises(SystemFault) as caught:
        read_examples(names, *ends())
    assert (caught.value.code, caught.value.headline) == ("usage", headline)


def test_arrays_in_memory_are_examples() -> None:
    assert taken(examples_of(X.tolist(), [2, 0, 1], *ends())) == [X.tolist(), [2, 0, 1]]


@pytest.mark.parametrize("dtype", [str, object])
def test_words_in_memory_are_classes(dtype: type) -> None:
    examples = examples_of(X, np.array(["b", "a", "b"], dtype), *ends())
    assert (taken(examples)[1], examples.labels) == ([1, 0, 1], (("a", "b"),))
    assert taken(examples_of(X, ["no", "yes", "no"], *ends(outputs=(1,))))[1] == [[0], [1], [0]]


def test_inputs_and_targets_may_be_the_same_array() -> None:
    examples = examples_of(X, X, *ends(outputs=(2,)))
    assert taken(examples) == [X.tolist(), X.tolist()]
    assert examples.labels == ((),)


def test_arrays_in_memory_may_have_names() -> None:
    inputs: dict[str, Any] = {"b": [7, 8, 9], "a": X}
    examples = examples_of(inputs, {"v": [0, 2, 1], "u": [1, 2, 3]}, *PAIR)
    assert taken(examples) == [X.tolist(), [7, 8, 9], [[1], [2], [3]], [0, 2, 1]]


@pytest.mark.parametrize(
    ("x", "y", "error", "said"),
    [
        (X, [0, 1], ValueError, "x has 3 examples, and y has 2 examples"),
        (X, [0, 1, 7], ValueError, "y: row 3 is 7, and the classes of an output of 3 numbers are 0 to 2"),
        (X.T, [0, 1], ValueError, "x has shape (2, 3); expected (batch, 2); is it transposed?"),
        (X + 1j, [0, 1, 2], ValueError, "x is of dtype complex128, not of real numbers"),
        (3.0, [0], ValueError, "x is one number; expected rows"),
        ({"z": X}, [0, 1, 2], TypeError, "there is no array for `in`"),
        ({"in": X, "z": X}, [0, 1, 2], TypeError, "there is nothing called `z` in the network; expected in"),
        (X, list("abcd")[:3], None, ""),
        (
            np.zeros((4, 2)),
            list("abcd"),
            ValueError,
            "y has 4 labels, more than 3",
        ),
        (X, ["a", "b", "b\udc80"], ValueError, "y: row 3 is not UTF-8; save it as UTF-8"),
        (X, ["a", " ", "b"], ValueError, "y: row 2 is empty; every row needs its class"),
        (X, ["a", "b", "c" * 257], ValueError, "y: row 3 is a label of 257 characters, more than 256"),
        (
            X,
            ["b", "1", "1"],
            ValueError,
            "y: row 2 is the number `1` among labels of text; let classes be integers from 0, or all of them text",
        ),
        (X, ["2", "1", "1"], None, ""),
    ],
)
def test_arrays_in_memory_that_do_not_fit_raise(x: Any, y: Any, error: type[Exception] | None, said: str) -> None:
    if error is None:
        examples_of(x, y, *ends())
        return
    with pytest.raises(error) as caught:
        examples_of(x, y, *ends())
    assert str(caught.value) == said


def test_words_keep_the_labels_of_the_examples_before() -> None:
    known = [("a", "b", "c")]
    examples = examples_of(X[:2], ["c", "b"], *ends(), labels=known)
    assert (taken(examples)[1], examples.labels) == ([2, 1], (("a", "b", "c"),))
    examples = examples_of(X[:2], [2, 1], *ends(), labels=known)
    assert (taken(examples)[1], examples.labels) == ([2, 1], (("a", "b", "c"),))
    with pytest.raises(ValueError, match=r"^y has `d`, which is none of the labels of the training data$"):
        examples_of(X[:2], ["c", "d"], *ends(), labels=known)


@pytest.mark.parametrize("dtype", ["?", "u1", "<i8", "<f2", "<f4", "<f8"])
@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_integers_of_0_and_1_are_two_classes_and_floats_are_numbers(
    tmp_path: Path, dtype: str, shape: tuple[int, ...]
) -> None:
    y = np.array([1, 0, 1], dtype).reshape(shape)
    kind = "numbers" if "f" in dtype else "binary"
    for outputs in ((1,), (1, 1)) if shape == (3,) else ((1,),):
        network = ends(outputs=outputs)
        assert examples_of(X, y, *network).kinds[0].kind == kind
        assert read(tmp_path, "data.npz", archive(x=X, y=y), network).kinds[0].kind == kind
