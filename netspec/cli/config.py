"""`netspec config`: which settings are in force for a spec, and where each is from."""

import os
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import typer

from netspec.cli.configuring import CONFIG_HELP, NO_CONFIG_HELP, Configurations
from netspec.cli.outcome import FINE
from netspec.cli.terminal import output
from netspec.configuration.configuration import Configuration
from netspec.configuration.policy import Setting
from netspec.diagnostics import Place, SystemFault, quote, show
from netspec.diagnostics.text import name_place
from netspec.limits import PATH_LENGTH

Format = Literal["text", "json"]


def command(
    path: Annotated[str, typer.Argument(help="A spec, or a folder of specs; . unless given.", metavar="PATH")] = ".",
    form: Annotated[Format, typer.Option("--format", help="What to print.")] = "text",
    config: Annotated[str | None, typer.Option("--config", help=CONFIG_HELP, metavar="FILE")] = None,
    no_config: Annotated[bool, typer.Option("--no-config", help=NO_CONFIG_HELP)] = False,
) -> int:
    """Print which settings are in force, and where each is set.

    They are those of a spec, or of the specs in a folder. The nearest netspec.toml, or pyproject.toml with a table
    tool.netspec, from the folder upward is the configuration; no other is merged into it. Exit codes: 0 fine, 1 the
    configuration is refused, 2 usage or a file that cannot be read.
    """
    folder = os.path.isdir(path)
    if not folder and not os.path.lexists(path):
        raise SystemFault("no-such-file", f"there is no file and no folder {quote(path)}")
    found = Configurations(config, none=no_config).of(path if folder else os.path.dirname(path)) or Configuration()
    spec = None if folder else path
    rows = list(found.rows(spec))
    output().write(_json(found, path, rows) if form == "json" else _text(found, path, rows))
    return FINE


def _text(found: Configuration, path: str, rows: Sequence[tuple[str, Setting[object]]]) -> str:
    """Return the table, below a line that says of what and from where."""
    named = ", named on the command line" if found.named else ""
    file = f"under {show(found.file, PATH_LENGTH.value)}{named}" if found.file else "under no configuration file"
    text = f"{show(path, PATH_LENGTH.value)} is {file}\n"
    if found.excludes(path):
        text += "it is excluded: a search of a folder leaves it out\n"
    cells = [(name, _value(setting), _origin(setting.place)) for name, setting in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(2)]
    lines = (f"{name:<{widths[0]}}  {value:<{widths[1]}}  {origin}".rstrip() for name, value, origin in cells)
    return text + "\n" + "".join(f"{line}\n" for line in lines)


def _value(setting: Setting[Any]) -> str:
    """Return a value as a person reads it."""
    value = setting.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return show(", ".join(value), 100) if value else "none"
    if value is None:
        return "none" if setting.place is None else "off"
    return show(value, 100)


def _origin(place: Place | None) -> str:
    return "default" if place is None else name_place(place)


def _json(found: Configuration, path: str, rows: Sequence[tuple[str, Setting[object]]]) -> str:
    """Return the same for programs."""
    import json

    settings = [{"name": name, "value": setting.value, "from": _from(setting.place)} for name, setting in rows]
    whole = {
        "config": 1,
        "path": _name(path),
        "file": _name(found.file) if found.file else None,
        "named": found.named,
        "excluded": found.excludes(path),
        "settings": settings,
    }
    return json.dumps(whole, indent=2, sort_keys=True) + "\n"


def _from(place: Place | None) -> dict[str, object] | None:
    if place is None or place.span is None:
        return None
    return {"file": _name(place.file), "line": place.span.line, "column": place.span.column}


def _name(file: str) -> str:
    """Return the name of a file as it is, for a program has to open it; bytes that are no text appear as `U+DC80`."""
    return "".join(show(c) if "\ud800" <= c <= "\udfff" else c for c in file)
