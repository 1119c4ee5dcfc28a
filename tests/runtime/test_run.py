"""One run from table to table: what goes where, what is warned of, and which exit code comes back."""

import errno
import io
import os
import sys
import time
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import numpy as np
import pytest

from netspec.runtime.progress import Progress
from netspec.runtime.run import Options, run
from netspec.runtime.streams import Streams, standard_streams
from tests.runtime.networks import affine, affine_twin, n1, n1_twin
from tests.runtime.reading import pipe


class Outcome(NamedTuple):
    """What a run left: its exit code and what it wrote."""

    status: int
    out: bytes
    err: str


def ran(
    data: bytes | BinaryIO | None = b"",
    source: str | None = None,
    target: str | None = None,
    options: Options = Options(),  # noqa: B008  a named tuple cannot be changed
    widths: tuple[int, int] = (2, 3),
    dtype: str = "float32",
) -> Outcome:
    """Return what a run of an affine network leaves, its data on standard input."""
    out, err = io.BytesIO(), io.StringIO()
    stdin = cast(BinaryIO, io.BytesIO(data)) if isinstance(data, bytes) else data
    streams = Streams(stdin, cast(BinaryIO, out), err)
    status = run(affine(*widths, dtype=dtype), "affine", source, target, options, streams)
    return Outcome(status, out.getvalue(), err.getvalue())


@pytest.mark.parametrize("name", [None, "-"])
def test_standard_input_to_standard_output_is_csv(name: str | None) -> None:
    assert ran(b"1,2\n3,4\n", name, name) == (0, b"-7.0,0.0,7.0\n-17.0,-2.0,13.0\n", "")
    assert ran(pipe(b"1,2\n3,4\n"), name, name) == (0, b"-7.0,0.0,7.0\n-17.0,-2.0,13.0\n", "")


def test_headers_are_kept_and_json_stays_json() -> None:
    assert ran(b"a;b\n1;2\n").out == b"y_1,y_2,y_3\n-7.0,0.0,7.0\n"
    assert ran(b"a\tb\n1\t2\n", options=Options(format="tsv")).out == b"y_1\ty_2\ty_3\n-7.0\t0.0\t7.0\n"
    assert ran(b"[[1, 2]]").out == b"[\n[-7.0, 0.0, 7.0]\n]\n"
    assert ran(b"[1, 2]").out == b"[\n-7.0, 0.0, 7.0\n]\n"
    assert ran(b"[1, 2]\n[3, 4]\n").out == b"[-7.0, 0.0, 7.0]\n[-17.0, -2.0, 13.0]\n"
    assert ran(b"x\n2\n", widths=(1, 1)).out == b"y\n-6.0\n"


def test_files_are_read_and_written_by_their_suffixes(tmp_path: Path) -> None:
    source, target = str(tmp_path / "x.npy"), str(tmp_path / "y.npz")
    x = np.arange(20.0).reshape(10, 2)
    np.save(source, x)
    assert ran(None, source, target) == (0, b"", "")
    with np.load(target) as archive:
        np.testing.assert_array_equal(archive["y"], affine_twin(affine(2, 3), x))
    assert sorted(os.listdir(tmp_path)) == ["x.npy", "y.npz"]
    assert ran(None, source, options=Options(to="json")).out.startswith(b"[\n[")


@pytest.mark.parametrize("batch", [None, 1, 3, 7, 1000])
@pytest.mark.parametrize("rows", [0, 1, 3, 10])
def test_the_batch_changes_nothing(rows: int, batch: int | None, tmp_path: Path) -> None:
    source = str(tmp_path / "x.npy")
    np.save(source, np.linspace(-2, 2, rows)[:, None])
    out, err = io.BytesIO(), io.StringIO()
    streams = Streams(None, cast(BinaryIO, out), err)
    assert run(n1("float64", tile=2), "N1", source, None, Options(batch=batch), streams) == 0
    values = [float(line) for line in out.getvalue().split()]
    np.testing.assert_allclose(values, n1_twin(np.linspace(-2, 2, rows)), atol=1e-14)


def test_a_refused_table_says_what_the_model_takes_and_leaves_the_target_alone(tmp_path: Path) -> None:
    target = tmp_path / "y.csv"
    target.write_text("old")
    outcome = ran(b"1,2\n1,2,3\n", target=str(target))
    assert outcome == (
        1,
        b"",
        (
            "error[data-columns]: expected 2 columns, got 3\n  --> <stdin>:2:5\n"
            "   = help: `affine` takes rows of 2 numbers\n"
        ),
    )
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["y.csv"]
    assert ran(b"a;b\n1;x\n").out == b""
    assert ran(b"1;2\n1;x\n").err == (
        "error[data-not-a-number]: column 2 is not a number: `x`\n  --> <stdin>:2:3\n"
        "   = help: leave out columns of text, labels among them\n"
    )
    assert ran(b"7\n", widths=(3, 1)).err.endswith("   = help: columns are parted by `,`, `;` or a tab\n")


def test_what_is_not_finite_is_computed_and_reported_once_with_the_first_place() -> None:
    outcome = ran(b"1,2\nnan,3\n4,-inf\n1e39,1\n", options=Options(batch=1), widths=(2, 1))
    assert outcome.status == 0
    assert outcome.out == b"-7.0\nnan\ninf\n-inf\n"
    assert outcome.err == (
        "warning[data-not-finite]: 3 input values are not finite in float32; the first is nan in row 2, column 1\n"
        "  --> <stdin>:2:1\n"
    )


def test_results_that_leave_the_range_of_finite_inputs_are_reported() -> None:
    outcome = ran(b"1,2\n 3e38,-1e38\n", widths=(2, 2))
    assert outcome.status == 0
    assert outcome.out == b"-7.0,0.0\n-inf,-3e+38\n"
    assert outcome.err == (
        "warning[data-not-finite]: 1 result is not finite in float32, though the inputs are; "
        "the first is -inf in row 2, y_1\n  --> <stdin>:2:2\n"
    )
    binary = io.BytesIO()
    np.save(binary, np.array([[1, np.inf]]))
    assert ran(binary.getvalue()).err == (
        "warning[data-not-finite]: 1 input value is not finite in float32; the first is inf in row 1, column 2\n"
        "  --> <stdin>\n"
    )


@pytest.mark.parametrize(
    ("source", "target", "options", "message"),
    [
        ("none.csv", None, Options(), "error[no-such-file]: there is no file `none.csv`"),
        (None, "y.doc", Options(), "error[usage]: the name of `y.doc` does not say what format to write"),
        ("x.csv", "x.csv", Options(), "error[target-is-input]: `x.csv` is the same file as the input `x.csv`"),
        ("x.csv", "hard.csv", Options(), "error[target-is-input]: `hard.csv` is the same file as the input `x.csv`"),
        ("x.csv", "soft.csv", Options(), "error[bad-target]: `soft.csv` is a symbolic link; only a regular file"),
        ("x.csv", "model.csv", Options(protect=("model.csv",)), "error[target-is-input]: `model.csv` is the same file"),
        ("x.csv", "none/y.csv", Options(), "error[no-such-folder]: there is no folder `none` to write"),
        ("x.csv", "folder.csv", Options(), "error[bad-target]: `folder.csv` is a folder; only a regular file"),
    ],
)
def test_what_the_system_or_the_user_got_wrong_is_exit_code_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str | None,
    target: str | None,
    options: Options,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text("1,2\n")
    Path("model.csv").write_text("1,2\n")
    os.link("x.csv", "hard.csv")
    os.symlink("x.csv", "soft.csv")
    os.mkdir("folder.csv")
    before = sorted(os.listdir())
    outcome = ran(None if source else b"", source, target, options)
    assert (outcome.status, outcome.out) == (2, b"")
    assert outcome.err.startswith(message)
    assert sorted(os.listdir()) == before
    assert Path("x.csv").read_text() == "1,2\n"


def test_closed_streams_are_told_in_words() -> None:
    assert ran(None).err == "error[no-such-file]: standard input is closed\n   = help: name a file of data\n"
    err = io.StringIO()
    assert run(affine(2, 3), "affine", None, None, Options(), Streams(cast(BinaryIO, io.BytesIO()), None, err)) == 1
    stdin = cast(BinaryIO, io.BytesIO(b"1,2\n"))
    assert run(affine(2, 3), "affine", None, None, Options(), Streams(stdin, None, err)) == 2
    assert err.getvalue().endswith(
        "error[stdout-unwritable]: standard output is closed\n   = help: name a file with -o\n"
    )
    stdin = cast(BinaryIO, io.BytesIO(b"x,2\n"))
    assert run(affine(2, 3), "affine", None, None, Options(), Streams(stdin, cast(BinaryIO, io.BytesIO()), None)) == 1


class Failing(io.BytesIO):
    """A stream whose reads or writes fail."""

    def __init__(self, error: int, data: bytes = b"") -> None:
        super().__init__(data)
        self._error = error

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(self._error, os.strerror(self._error))

    def write(self, data: object, /) -> int:
        raise OSError(self._error, os.strerror(self._error))


def test_a_stream_that_fails_is_told_in_words() -> None:
    assert ran(cast(BinaryIO, Failing(errno.EISDIR))).err == (
        "error[read-failed]: reading `<stdin>` failed: is a directory\n"
    )
    assert ran(cast(BinaryIO, Failing(errno.ENOSPC))).err == (
        "error[no-space]: no space left for a temporary file\n   = help: set TMPDIR to a larger place\n"
    )
    for error, status, message in (
        (errno.EPIPE, 0, ""),
        (
            errno.ENOSPC,
            2,
            (
                "error[stdout-unwritable]: standard output takes no more: no space left on device\n"
                "   = help: make room there, or write to another place\n"
            ),
        ),
    ):
        err = io.StringIO()
        streams = Streams(cast(BinaryIO, io.BytesIO(b"1,2\n")), cast(BinaryIO, Failing(error)), err)
        assert run(affine(2, 3), "affine", None, None, Options(), streams) == status
        assert err.getvalue() == message


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


class BinaryScreen(io.BytesIO):
    """A terminal for bytes."""

    def isatty(self) -> bool:
        return True


def test_binary_results_do_not_go_to_a_terminal() -> None:
    streams = Streams(cast(BinaryIO, io.BytesIO(b"1,2\n")), cast(BinaryIO, BinaryScreen()), err := io.StringIO())
    assert run(affine(2, 3), "affine", None, None, Options(to="npy"), streams) == 2
    assert err.getvalue() == ("error[usage]: binary results would go to the terminal\n   = help: name a file with -o\n")


def test_long_work_is_shown_on_a_terminal_and_wiped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clock = iter(range(10_000))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    x = tmp_path / "x.csv"
    x.write_text("1,2\n" * 4)
    np.save(tmp_path / "x.npy", np.ones((4, 2)))
    for source, shares in ((str(x), True), (str(tmp_path / "x.npy"), True), (None, False)):
        screen = Screen()
        streams = Streams(pipe(b"1,2\n" * 4), cast(BinaryIO, io.BytesIO()), screen)
        assert run(affine(2, 3), "affine", source, None, Options(batch=1), streams) == 0
        frames = screen.getvalue().split("\r")
        assert frames[0] == ""
        assert frames[-1] == ""
        assert frames[-2].strip() == ""
        assert frames[-3].strip().endswith("4 rows")
        assert ("[##############################] 100%" in frames[-3]) == shares
    screen = Screen()
    streams = Streams(pipe(b"1,2\n" * 4), cast(BinaryIO, BinaryScreen()), screen)
    assert run(affine(2, 3), "affine", None, None, Options(batch=1), streams) == 0
    assert screen.getvalue() == ""


def test_quick_work_shows_no_bar() -> None:
    screen = Screen()
    progress = Progress(screen)
    progress.show(1, 0.5)
    progress.close()
    assert screen.getvalue() == ""


def test_rows_are_split_into_blocks_of_bounded_size_and_whole_tiles() -> None:
    from netspec.runtime.run import _rows

    assert _rows(affine(2, 3, tile=512)) == 21504
    assert _rows(affine(784, 10, tile=512)) == 512
    assert _rows(affine(100, 10, tile=64)) == 640


def test_streams_of_text_alone_are_read_and_written_as_utf_8(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO("größe;b\n1;2\n"))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    assert run(affine(2, 3), "affine", None, None) == 0
    assert out.getvalue() == "y_1,y_2,y_3\n-7.0,0.0,7.0\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO("1,2"))
    assert run(affine(2, 3), "affine", None, None, Options(to="npz")) == 2
    assert err.getvalue().startswith("error[usage]: binary results would go to the terminal")
    monkeypatch.setattr(sys, "stdin", None)
    monkeypatch.setattr(sys, "stdout", None)
    assert standard_streams() == (None, None, err)
