"""`netspec explain`: the page of a fault's code, or of a kind of layer."""

from typing import Annotated

import typer

from netspec.cli.outcome import FINE
from netspec.cli.terminal import output
from netspec.diagnostics import SystemFault, did_you_mean, quote
from netspec.diagnostics.pages import codes, page, summary


def command(
    word: Annotated[
        str | None,
        typer.Argument(
            help="The code of a fault, as in error[CODE]; a kind of layer, such as conv; or layers, for all of them.",
            metavar="WORD",
        ),
    ] = None,
) -> int:
    """Print what a fault means, or what a layer computes.

    A code's page says what to type instead, a layer's has its formula, arguments, tensors and an example. Without a
    word all codes are listed, and the word `layers` lists all layers.
    """
    terminal = output()
    if word is None:
        known = codes()
        width = max(map(len, known))
        terminal.write("".join(f"{name:<{width}}  {summary(name)}\n" for name in known))
        return FINE
    text = page(word) or _layers(word)
    if text is None:
        raise SystemFault("unknown-code", f"there is no code and no layer {quote(word)}", _near(word))
    terminal.write(_painted(text) if terminal.colour else text)
    return FINE


def _layers(word: str) -> str | None:
    """Return the page of a kind of layer, or the list of all; loaded when no code is called so."""
    from netspec.layers import pages

    return pages.overview() if word == "layers" else pages.page(word)


def _near(word: str) -> str:
    """Return the code or the layer that was meant, as help, or where they are listed."""
    from netspec.layers.registry import KEYWORDS

    listed = "`netspec explain` lists all codes, `netspec explain layers` all layers"
    return did_you_mean(word, sorted({*codes(), *KEYWORDS, "layers"})) or _begin_alike(word) or listed


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
