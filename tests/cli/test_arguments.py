"""From the arguments to a call."""

import pytest
import typer

from netspec.cli import arguments as parsing
from netspec.cli import main
from netspec.cli.arguments import COMMANDS
from netspec.version import __version__


@pytest.fixture(autouse=True)
def _width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out, err = capsys.readouterr()
    listed = [row.split()[0] for row in out.partition("Commands:\n")[2].splitlines()]
    assert tuple(listed) == COMMANDS
    assert "..." not in out.partition("Commands:\n")[2], "the first sentence of a command's docstring fits its line"
    assert err == ""


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, flag]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"Usage: netspec {name} ")
    assert err == ""


def test_no_arguments_print_the_help_and_are_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert capsys.readouterr().out.startswith("Usage: netspec ")


@pytest.mark.parametrize("rest", [[], ["explain", "usage"]])
def test_the_version(rest: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version", *rest]) == 0
    assert capsys.readouterr() == (f"netspec {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "headline", "command"),
    [
        (["limtis"], "no such command 'limtis'. Did you mean 'limits'?", "netspec"),
        (["explain", "--cod", "x"], "no such option: --cod", "netspec explain"),
        (["build", "a", "--seed", "x"], "invalid value for '--seed': a whole number is needed", "netspec build"),
        (["build", "a", "--seed", "9" * 5_000], "invalid value for '--seed': it has too many digits", "netspec build"),
        (["build", "a", "--seed", "-1"], "invalid value for '--seed': at least 0 is needed", "netspec build"),
        (
            ["build", "a", "--seed", "1" + "0" * 18],
            "invalid value for '--seed': at most 999999999999999999 is allowed",
            "netspec build",
        ),
        (
            ["build", "a", "--dtype", "f4"],
            "invalid value for '--dtype': 'f4' is not one of 'float32', 'float64'",
            "netspec build",
        ),
        (["explain", "a", "b"], "got unexpected extra argument(s) (b)", "netspec explain"),
    ],
)
def test_arguments_that_make_no_call(
    arguments: list[str], headline: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    text = f"error[usage]: {headline}\n   = help: `{command} --help` shows what it takes\n"
    assert capsys.readouterr() == ("", text)


@pytest.mark.parametrize("evil", ["\x1b[31m", "--\x1b]0;x\x07", "a\n::error::b", "\u202e", "\udcff", "\u0442"])
@pytest.mark.parametrize("before", [[], ["explain", "a"], ["--version=x"]])
def test_what_was_typed_is_shown_escaped(before: list[str], evil: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*before, evil]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.isascii()
    assert all(row.isprintable() for row in err.split("\n"))
    assert not any(row.startswith("::") for row in err.split("\n"))
    assert len(err) < 600


def test_a_long_argument_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["x" * 100_000]) == 2
    assert len(capsys.readouterr().err) < 600


@pytest.mark.parametrize(("error", "status"), [(typer.Abort(), 130), (ValueError("why"), 2)])
def test_what_goes_wrong_while_parsing_has_its_exit_code(
    error: Exception, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: list[str]) -> typer.Typer:
        raise error

    monkeypatch.setattr(parsing, "_program", fail)
    assert main(["limits"]) == status
    assert ("netspec failed" in capsys.readouterr().err) == (status == 2)
