"""`netspec explain`: the page of a fault's code."""

from typing import Annotated

import typer

from netspec.cli.outcome import FINE
from netspec.cli.terminal import output
from netspec.diagnostics import SystemFault, did_you_mean, quote
from netspec.diagnostics.pages import codes, page, summary


def command(
    code: Annotated[str | None, typer.Argument(help="The code of a fault, as in error[CODE].", metavar="CODE")] = None,
) -> int:
    """Print what a fault means and what to type instead.

    Without a code, list all codes.
    """
    terminal = output()
    if code is None:
        known = codes()
        width = max(map(len, known))
        terminal.write("".join(f"{name:<{width}}  {summary(name)}\n" for name in known))
        return FINE
    text = page(code)
    if text is None:
        raise SystemFault(
            "unknown-code",
            f"there is no code {quote(code)}",
            did_you_mean(code, codes()) or _begin_alike(code) or "`netspec explain` lists all codes",
        )
    terminal.write(_painted(text) if terminal.colour else text)
    return FINE


def _begin_alike(code: str) -> str:
    """Return the codes that have a word of what was typed, as help; nothing where none has."""
    found = [known for known in codes() if code in known.split("-") or known.startswith(code)] if code else []
    return f"one of {', '.join(f'`{known}`' for known in found[:6])}" if found else ""


def _painted(text: str) -> str:
    """Return the page with its headings in bold and its examples in cyan."""
    rows: list[str] = []
    example = False
    for row in text.splitlines():
        if row.startswith("```"):
            example = not example
        elif example and row:
            row = f"\x1b[36m{row}\x1b[0m"
        elif row.startswith("#"):
            row = f"\x1b[1m{row}\x1b[0m"
        rows.append(row)
    return "".join(f"{row}\n" for row in rows)
