"""Exit codes, and what is said where a command does not end by its own word."""

import io
import os
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from netspec.cli.outcome import run
from netspec.cli.terminal import Terminal
from netspec.diagnostics import Diagnostic, Place, SpecError, SystemFault
from netspec.diagnostics.pages import page

NETSPEC = [sys.executable, "-m", "netspec.cli"]


def raising(error: BaseException) -> Callable[[], int]:
    def command() -> int:
        raise error

    return command


@pytest.mark.parametrize("status", [0, 1, 2])
def test_a_command_decides_its_exit_code(status: int) -> None:
    assert run(lambda: status) == status


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (SpecError([Diagnostic("a", "one", Place(""))]), 1, "error[a]: one\n"),
        (
            SystemFault("no-such-file", "there is no a.yaml", "name another"),
            2,
            "error[no-such-file]: there is no a.yaml\n   = help: name another\n",
        ),
        (KeyboardInterrupt(), 130, ""),
        (SystemExit(143), 143, ""),
        (SystemExit("words"), 2, ""),
        (BrokenPipeError(32, "Broken pipe"), 0, ""),
        (MemoryError(), 2, "error: not enough memory\n"),
        (OSError(5, "Input/output error", "a\x1b"), 2, "error: input/output error: aU+001B\n"),
        (OSError(24, "Too many open files"), 2, "error: too many open files\n"),
    ],
)
def test_an_exception_has_an_exit_code_and_a_message(
    error: BaseException, status: int, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(raising(error)) == status
    assert capsys.readouterr() == ("", text)


def test_what_nobody_foresaw_is_one_line_and_a_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NETSPEC_DEBUG", raising=False)
    assert run(raising(ValueError("a\x1b\n" + "x" * 1_000))) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("error: netspec failed: ValueError at test_outcome.py:")
    assert first.isprintable()
    assert len(first) < 200
    assert second == "   = help: this is a fault of netspec; please report it with what NETSPEC_DEBUG=1 shows"


def test_under_netspec_debug_the_traceback_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NETSPEC_DEBUG", "1")
    assert run(raising(ValueError("why"))) == 2
    err = capsys.readouterr().err
    assert err.startswith("Traceback (most recent call last):\n")
    assert err.endswith("ValueError: why\n")


def test_the_handler_of_sigterm_is_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert run(lambda: 0) == 0
    assert signal.getsignal(signal.SIGTERM) == before


def test_an_ignored_sigterm_stays_ignored() -> None:
    code = (
        "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "from netspec.cli.outcome import run\n"
        "raise SystemExit(run(lambda: os.kill(os.getpid(), signal.SIGTERM) or 0))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_command_cleanly(number: int, status: int, tmp_path: Path) -> None:
    """The exit code is the shell's, nothing is printed, and `finally` has run: a temporary file is gone."""
    kept = tmp_path / "temporary"
    code = (
        "import os, sys, time\n"
        "from netspec.cli.outcome import run\n"
        "def command():\n"
        "    path = sys.argv[1]\n"
        "    try:\n"
        "        open(path, 'w').close()\n"
        "        time.sleep(60)\n"
        "    finally:\n"
        "        os.remove(path)\n"
        "raise SystemExit(run(command))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(kept)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    deadline = time.monotonic() + 30
    while not kept.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (status, b"")
    assert not kept.exists()


def test_a_signal_during_the_imports_has_its_exit_code(tmp_path: Path) -> None:
    """A module that takes long to import stands for typer and pydantic on a slow disk."""
    (tmp_path / "typer.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGINT)")
    code = "import sys; from netspec.cli import main; sys.path.insert(0, sys.argv[1]); raise SystemExit(main([]))"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_a_reader_that_goes_away_changes_nothing() -> None:
    """What is more than a pipe holds is written to a pipe whose reader takes one line: no message, the same verdict."""
    code = (
        "from netspec.cli.outcome import run\n"
        "from netspec.cli.terminal import output\n"
        "def command():\n"
        "    for _ in range(10_000):\n"
        "        output().write('x' * 79 + '\\n')\n"
        "    return 1\n"
        "raise SystemExit(run(command))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=30) == 1


@pytest.mark.parametrize("arguments", [["limits"], ["--help"], ["--version"], ["explain", "usage"]])
def test_a_pipe_without_a_reader_is_no_fault(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*NETSPEC, *arguments], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def shell(line: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run netspec with the redirections of `line`."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {line}', "sh", *NETSPEC, *arguments], capture_output=True, check=False
    )


@pytest.mark.parametrize(
    ("line", "arguments", "status"),
    [
        (">&-", ["limits"], 0),
        (">&- 2>&- <&-", ["limits"], 0),
        ("2>&-", ["explain", "nothing-such"], 2),
        (">&- 2>&-", ["explain", "nothing-such"], 2),
        (">&-", ["--help"], 0),
    ],
)
def test_closed_streams_take_nothing_and_change_nothing(line: str, arguments: list[str], status: int) -> None:
    done = shell(line, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (status, b"", b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no /dev/full")
@pytest.mark.parametrize("arguments", [["limits"], ["--help"], ["explain", "usage"]])
def test_a_full_disk_behind_standard_output_is_a_fault_of_the_system(arguments: list[str]) -> None:
    done = shell(">/dev/full", *arguments)
    example = page("stdout-unwritable")
    assert done.returncode == 2
    assert example is not None
    assert done.stderr.decode() in example
    assert done.stderr.startswith(b"error[stdout-unwritable]: ")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no /dev/full")
@pytest.mark.parametrize(
    ("line", "arguments"),
    [(">/dev/full 2>/dev/full", ["limits"]), ("2>/dev/full", ["explain", "nothing-such"])],
)
def test_where_nobody_can_be_told_the_exit_code_still_tells(line: str, arguments: list[str]) -> None:
    done = shell(line, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"")


def test_without_greek_letters_they_are_spelled_out() -> None:
    code = (
        "from netspec.cli.outcome import run\n"
        "from netspec.cli.terminal import output\n"
        "raise SystemExit(run(lambda: output().write('β_0 → Ω_0\\n') or 0))"
    )
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)
    assert done.stdout == b"beta_0 -> Omega_0\n"


def test_closed_streams_are_never_the_number_of_a_file() -> None:
    """A file that is opened after a start without standard error is not where libraries write their warnings."""
    code = (
        "import os; from netspec.cli.terminal import hold_closed_streams; hold_closed_streams()\n"
        "raise SystemExit(0 if os.open(os.devnull, os.O_RDONLY) > 2 else 1)"
    )
    done = subprocess.run(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-c", code], check=False)
    assert done.returncode == 0


def test_the_width_is_known_only_of_a_terminal() -> None:
    """A window of 50 columns, a window that does not know its columns, a stream that only says it is a terminal."""
    controller, terminal = os.openpty()
    with open(terminal, "w", encoding="utf-8") as stream, open(controller, "rb"):
        termios.tcsetwinsize(terminal, (24, 50))
        assert Terminal(stream).width == 50
        termios.tcsetwinsize(terminal, (0, 0))
        assert Terminal(stream).width is None
    assert Terminal(None).width is None
    assert Terminal(io.StringIO()).width is None


def test_on_a_terminal_a_fault_is_drawn_in_colours_and_to_its_width() -> None:
    controller, terminal = os.openpty()
    termios.tcsetwinsize(terminal, (24, 40))
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | {"TERM": "xterm"}
    code = (
        "from netspec.cli.outcome import run\n"
        "from netspec.diagnostics import Diagnostic, Place, Span, SpecError\n"
        "def command():\n"
        "    raise SpecError([Diagnostic('a', 'one', Place('b', Span(1, 1, 1, 2)))], {'b': 'x' * 100})\n"
        "raise SystemExit(run(command))"
    )
    done = subprocess.run([sys.executable, "-c", code], stderr=terminal, env=environment, check=False)
    os.close(terminal)
    drawn = os.read(controller, 10_000).decode()
    os.close(controller)
    assert done.returncode == 1
    assert drawn.startswith("\x1b[1;31merror[a]\x1b[0m\x1b[1m: one\x1b[0m\r\n")
    assert f" {'x' * 29}...\r\n" in drawn
