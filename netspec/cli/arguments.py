"""Which commands there are, and how the arguments become a call of one of them."""

import contextlib
import functools
import importlib
import io
import re
from collections.abc import Callable
from typing import Annotated, Any, Final, cast

import typer
import typer.main

from netspec.cli.outcome import FAILED, FINE, INTERRUPTED
from netspec.cli.terminal import output
from netspec.diagnostics import SystemFault, show
from netspec.version import __version__

# Each is a module of this package with a function `command`, in the order in which --help lists them.
COMMANDS: Final = (
    "new", "validate", "fmt", "show", "compare", "size", "graph", "plot", "regions", "expand", "build", "train",
    "run", "transform", "same", "diff", "breaking", "report", "facts", "log", "plan", "migrate", "merge", "git",
    "schema", "config", "explain", "limits",
)  # fmt: skip

# How the library that typer converts values with says what is wrong, and how we do.
_WORDINGS: Final = (
    (r"\bValue error, ", ""),
    (r"\bInput should be a valid integer\b.*", "a whole number is needed"),
    (r"\bUnable to parse input string as an integer\b.*", "it has too many digits"),
    (r"\bInput should be greater than or equal to (\S+)", r"at least \1 is needed"),
    (r"\bInput should be less than or equal to (\S+)", r"at most \1 is allowed"),
    (r"\bInput should be ", ""),
)
_SHOWN_USAGE: Final = 300  # characters of a usage message: enough for a list of choices


def call_for(arguments: list[str]) -> Callable[[], int]:
    """Return the call that the arguments ask for. SystemFault `usage` where they ask for none that there is.

    typer parses and does no more: every command is registered as a function that gives back its own call, so that
    the command runs outside of typer, which has views of its own on signals, broken pipes and exceptions.
    """
    printed = io.StringIO()  # what typer itself has to say: --help and --version
    try:
        with contextlib.redirect_stdout(printed):
            program = typer.main.get_command(_program(arguments))
            call = program.main(args=arguments or ["--help"], prog_name="netspec", standalone_mode=False)
    except typer.Abort:
        return lambda: INTERRUPTED
    except Exception as error:
        # The root of the usage errors has no public name; the public `BadParameter` is its direct child.
        if not isinstance(error, typer.BadParameter.__bases__):
            raise
        raise _usage(cast("typer.BadParameter", error)) from None
    if callable(call):
        return cast("Callable[[], int]", call)

    def hand_on() -> int:
        output().write(printed.getvalue())
        return FINE if arguments else FAILED

    return hand_on


def _program(arguments: list[str]) -> typer.Typer:
    """Return the program with the command that the first argument names, or with all where it names none."""
    program = typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    program.callback()(_netspec)
    for name in arguments[:1] if arguments[:1] and arguments[0] in COMMANDS else COMMANDS:
        program.command(name)(_deferred(importlib.import_module(f"netspec.cli.{name}").command))
    return program


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"netspec {__version__}")
        raise typer.Exit


def _netspec(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Validate, inspect and build neural networks that are declared in YAML.

    Exit codes: 0 fine, 1 the input is refused, 2 usage or the system.
    """
    del version  # answered by its callback, before a command is looked for


def _deferred(command: Callable[..., int]) -> Callable[..., Callable[[], int]]:
    """Return a function with the command's parameters that gives back the call instead of making it."""

    @functools.wraps(command)
    def defer(**arguments: Any) -> Callable[[], int]:
        return functools.partial(command, **arguments)

    return defer


def _usage(error: typer.BadParameter) -> SystemFault:
    """Return the fault for arguments that make no call; what was typed is shown escaped."""
    message = " ".join(error.format_message().split()).rstrip(".")
    for theirs, ours in _WORDINGS:
        message = re.sub(theirs, ours, message, count=1)
    message = show(message, _SHOWN_USAGE)
    command = error.ctx.command_path if error.ctx else "netspec"
    return SystemFault("usage", message[:1].lower() + message[1:], f"`{command} --help` shows what it takes")
