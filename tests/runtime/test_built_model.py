"""A built model as its users meet it: real processes, real pipes, real signals."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from netspec.runtime.archive import FACTS_MEMBER, PARAMETERS_MEMBER, SOURCE_MEMBER
from tests.runtime.models import build
from tests.runtime.networks import affine, n1, n1_twin

ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONDEVMODE": "1", "COLUMNS": "100"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two built models: `n1.pyz`, and `affine.pyz` of 2 inputs and 3 outputs."""
    folder = tmp_path_factory.mktemp("models")
    build(folder / "n1.pyz", n1())
    build(folder / "affine.pyz", affine(2, 3))
    return folder


def command(*arguments: str) -> list[str]:
    """Return the command line of a model, run by a Python that cannot see this project."""
    return [sys.executable, "-W", "error", *arguments]


def ran(folder: Path, arguments: Sequence[str], data: bytes = b"", shell: str = "") -> tuple[int, str, str]:
    """Return exit code, output and errors of a model's process; `shell` adds redirections."""
    line = " ".join(command(*arguments)) + " " + shell
    done = subprocess.run(
        ["bash", "-c", line] if shell else command(*arguments),
        input=data,
        capture_output=True,
        cwd=folder,
        env=ENVIRONMENT,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_it_runs_on_what_it_carries_even_beside_an_installed_package(folder: Path, tmp_path: Path) -> None:
    script = (
        "import runpy, sys\n"
        "path = sys.argv[1]\n"
        "del sys.argv[1:]\n"
        "try:\n"
        "    runpy.run_path(path, run_name='__main__')\n"
        "except SystemExit as end:\n"
        "    foreign = [n for n, m in sys.modules.items() if n.startswith('netspec') and path not in m.__file__]\n"
        "    sys.exit(end.code or len(foreign))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder / "n1.pyz")],
        input=b"x\n0.5\n1\n",
        capture_output=True,
        cwd=tmp_path,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"y\n-0.5\n1.069\n", b"")


def test_nothing_but_what_is_carried_and_numpy_is_imported(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "n1.pyz"],
        input=b"1\n",
        capture_output=True,
        cwd=folder,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.decode().splitlines()}
    # What the interpreter looks for by itself, and `org.python`, which `copy` looks for.
    sought = {"imported package", "sitecustomize", "usercustomize", "org"}
    known = sys.stdlib_module_names | {"numpy", "netspec"} | sought
    assert not {name for name in imported - known if not name.startswith("_")}


def test_the_facts_are_told_without_loading_numpy(folder: Path) -> None:
    for option in ("--help", "--version", "--info"):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "n1.pyz", option], capture_output=True, cwd=folder, check=True
        )
        assert b"numpy" not in done.stderr
    assert ran(folder, ["n1.pyz", "--version"]) == (0, f"N1 ns1:{'5e' * 32} (netspec 0.1.0)\n", "")
    assert json.loads(ran(folder, ["n1.pyz", "--info"])[1]) == {
        "dtype": "float32",
        "fingerprint": "ns1:" + "5e" * 32,
        "format": "netspec-facts-2",
        "inputs": [{"dtype": "float32", "name": "in", "shape": [1]}],
        "name": "N1",
        "netspec": "0.1.0",
        "outputs": [{"dtype": "float32", "name": "out", "shape": [1]}],
        "parameters": 10,
    }
    status, text, _ = ran(folder, ["n1.pyz", "--help"])
    assert status == 0
    assert "\nN1: 1 input, 1 output, 10 parameters, float32\nfingerprint ns1:5e5e" in text
    for word in ("INPUT", "-o OUTPUT", "--format", "--to", "--batch", ".npz", "exit codes: 0 fine"):
        assert word in text


def test_files_go_in_and_out(folder: Path, tmp_path: Path) -> None:
    x = np.linspace(-1, 1, 5000)
    np.save(tmp_path / "x.npy", x)
    assert ran(tmp_path, [str(folder / "n1.pyz"), "x.npy", "-o", "y.npy", "--batch", "7"]) == (0, "", "")
    y = np.load(tmp_path / "y.npy")
    assert y.shape == (5000,)
    np.testing.assert_allclose(y, n1_twin(x), atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "data", "status", "message"),
    [
        (
            ["affine.pyz"],
            b"1,2,3\n",
            1,
            (
                "error[data-columns]: expected 2 columns, got 3\n  --> <stdin>:1:5\n"
                "   = help: `affine` takes rows of 2 numbers\n"
            ),
        ),
        (["affine.pyz"], b"", 1, "error[data-empty]: there is nothing in it\n  --> <stdin>\n"),
        (
            ["affine.pyz", "--formt"],
            b"",
            2,
            "error[usage]: unrecognized arguments: --formt\n   = help: say --help to see what there is\n",
        ),
        (
            ["affine.pyz", "--batch", "0\x1b"],
            b"",
            2,
            (
                "error[usage]: argument --batch: expected a number of rows, got '0U+001B'\n"
                "   = help: say --help to see what there is\n"
            ),
        ),
        (["affine.pyz", "none.csv"], b"", 2, "error[no-such-file]: there is no file `none.csv`\n"),
        (
            ["affine.pyz", "-o", "affine.pyz", "--to", "csv"],
            b"1,2\n",
            2,
            (
                "error[target-is-input]: `affine.pyz` is the same file as the input `affine.pyz`\n"
                "   = help: name another file\n"
            ),
        ),
    ],
)
def test_what_goes_wrong_is_told_in_words(
    folder: Path, arguments: list[str], data: bytes, status: int, message: str
) -> None:
    assert ran(folder, arguments, data) == (status, "", message)


@pytest.mark.parametrize("option", ["", "--help", "--version", "--info"])
def test_a_full_device_and_a_closed_output_are_exit_code_2(folder: Path, option: str) -> None:
    arguments = ["affine.pyz", option] if option else ["affine.pyz"]
    assert ran(folder, arguments, b"1,2\n", "> /dev/full") == (
        2,
        "",
        (
            "error[stdout-unwritable]: standard output takes no more: no space left on device\n"
            "   = help: make room there, or write to another place\n"
        ),
    )
    assert ran(folder, arguments, b"1,2\n", ">&-") == (
        2,
        "",
        "error[stdout-unwritable]: standard output is closed\n   = help: name a file with -o\n",
    )


def test_standard_error_may_be_full_or_closed_and_standard_input_closed(folder: Path) -> None:
    for shell in ("2> /dev/full", "2>&-"):
        assert ran(folder, ["affine.pyz"], b"x,1\n", shell) == (1, "", "")
        assert ran(folder, ["affine.pyz"], b"1,2\n", shell) == (0, "-7.0,0.0,7.0\n", "")
    assert ran(folder, ["affine.pyz"], b"", "<&-")[::2] == (
        2,
        "error[no-such-file]: standard input is closed\n   = help: name a file of data\n",
    )


def test_a_reader_that_goes_away_ends_the_run_quietly(folder: Path) -> None:
    shell = f"set -o pipefail; yes 1,2 | head -300000 | {' '.join(command('affine.pyz'))} | head -1"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, cwd=folder, env=ENVIRONMENT, check=False)
    assert (done.stdout, done.stderr) == (b"-7.0,0.0,7.0\n", b"")
    shell = f"{' '.join(command('affine.pyz'))} --help | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, cwd=folder, env=ENVIRONMENT, check=False)
    assert (done.stdout, done.stderr) == (b"0\n", b"")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_quietly_and_takes_the_temporary_file(
    folder: Path, tmp_path: Path, number: int, status: int
) -> None:
    process = subprocess.Popen(
        command(str(folder / "affine.pyz"), "-o", "y.csv", "--batch", "10"),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=ENVIRONMENT,
    )
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(b"1,2\n" * 100_000)
    process.stdin.flush()
    deadline = time.monotonic() + 30
    while not os.listdir(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(os.listdir(tmp_path)) == 1
    process.send_signal(number)
    assert process.wait(30) == status
    assert process.stderr.read() == b""
    assert os.listdir(tmp_path) == []
    process.stdin.close()
    process.stderr.close()


def test_a_million_rows_of_csv_pass_in_bounded_memory(folder: Path) -> None:
    measure = folder / "measure.py"
    measure.write_text(
        "import resource, subprocess, sys\n"
        "status = subprocess.call([sys.executable, *sys.argv[1:]])\n"
        "usage = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n"
        "sys.stderr.write(f'{status} {usage if sys.platform != \"darwin\" else usage // 1024}')\n"
    )
    peaks = []
    for rows in (1_000, 1_000_000):
        model = f"{sys.executable} measure.py affine.pyz"
        shell = f"yes 0.25,-0.75 | head -{rows} | {model} | sort | uniq -c"
        done = subprocess.run(["bash", "-c", shell], capture_output=True, cwd=folder, check=True)
        assert done.stdout.split() == [str(rows).encode(), b"0.75,0.75,0.75"]
        status, peak = done.stderr.split()
        assert status == b"0"
        peaks.append(int(peak))
    assert peaks[1] - peaks[0] < 40_000  # KiB; the rows themselves have 13 MB, as lists of text some 250 MB


@pytest.mark.parametrize(
    ("replaced", "message"),
    [
        ({FACTS_MEMBER: None}, "`broken.pyz` is damaged: it has no member `model.json`"),
        ({FACTS_MEMBER: b"{}"}, "`broken.pyz` is damaged: its member `model.json`"),
        ({FACTS_MEMBER: b"[" * 100_000}, "`broken.pyz` is damaged: its member `model.json`"),
        ({SOURCE_MEMBER: None}, "`broken.pyz` is damaged: it has no member `network.py`"),
        ({SOURCE_MEMBER: b"def ("}, "`broken.pyz` is damaged: its member `network.py` is no program"),
        ({SOURCE_MEMBER: b"\xff"}, "`broken.pyz` is damaged: its member `network.py` is no program"),
        ({SOURCE_MEMBER: b"INPUT = 2"}, "`broken.pyz` is damaged: its member `network.py` is no program"),
        ({PARAMETERS_MEMBER: None}, "`broken.pyz` is damaged: it has no member `parameters.safetensors`"),
        ({PARAMETERS_MEMBER: b""}, "the parameters in `broken.pyz` are damaged: "),
        ({PARAMETERS_MEMBER: b"{}"}, "the parameters in `broken.pyz` are damaged: it is too short for a safetensors"),
        ({"netspec/runtime/run.py": None}, "ModuleNotFoundError"),
        ({"netspec/runtime/main.py": b"def ("}, "SyntaxError"),
    ],
)
def test_a_damaged_model_is_told_in_words(tmp_path: Path, replaced: dict[str, bytes | None], message: str) -> None:
    build(tmp_path / "broken.pyz", affine(2, 3), replaced)
    status, out, err = ran(tmp_path, ["broken.pyz"], b"1,2\n")
    assert (status, out) == (2, "")
    assert message in err
    assert err.startswith("error")
    assert "Traceback" not in err


def test_without_numpy_it_says_what_to_install(folder: Path) -> None:
    script = (
        "import sys, runpy; sys.modules['numpy'] = None; sys.argv = ['n1.pyz'];"
        "runpy.run_path('n1.pyz', None, '__main__')"
    )
    done = subprocess.run([sys.executable, "-c", script], input=b"1\n", capture_output=True, cwd=folder, check=False)
    assert (done.returncode, done.stderr) == (2, b"error: `n1.pyz` needs NumPy: pip install numpy\n")
    assert done.stdout == b""
