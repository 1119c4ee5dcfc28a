"""`netspec report`: all that changed, for a pull request."""

import contextlib
import re
from typing import Annotated, Final, Literal

import typer

from netspec.cli.configuring import NO_CONFIG_HELP, Configurations
from netspec.cli.outcome import FINE, REFUSED
from netspec.cli.standards import CONFIG_HELP, LEVEL_HELP, LIMIT_HELP, Level, configured_against, standard
from netspec.cli.target import meant, write
from netspec.diagnostics import SystemFault, quote
from netspec.review.many import Changes
from netspec.review.report import COMMENT, FACTS, LEAST, Gathering
from netspec.review.repository import split_range

Format = Literal["markdown", "html"]

_SUFFIXES: Final[dict[str, Format]] = {".md": "markdown", ".html": "html", ".htm": "html"}
_BASE: Final = re.compile(r"https?://[A-Za-z0-9\-._~:/?#@!$&*+,;=%]+")


def command(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Files and folders; all specs unless given.", metavar="PATHS")
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against", help="The revision to compare with, or a range of two, A..B or A...B.", metavar="REV"
        ),
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="What to write; by the suffix of the file, else Markdown.")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--output", "-o", help="The file to write, *.md or *.html; printed unless given."),
    ] = None,
    level: Annotated[Level | None, typer.Option("--level", help=LEVEL_HELP)] = None,
    limits: Annotated[list[str] | None, typer.Option("--limit", help=LIMIT_HELP, metavar="FACT=N")] = None,
    config: Annotated[str | None, typer.Option("--config", help=CONFIG_HELP, metavar="FILE")] = None,
    no_config: Annotated[bool, typer.Option("--no-config", help=NO_CONFIG_HELP)] = False,
    base: Annotated[
        str,
        typer.Option("--base-url", help="Where files are shown, such as .../blob/SHA: links to lines.", metavar="URL"),
    ] = "",
    size: Annotated[
        int, typer.Option("--max-size", help="Bytes of Markdown at most, 0 for any; a comment takes 65,536.", min=0)
    ] = COMMENT,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 where there is an error.")] = False,
) -> int:
    """Write what changed, for a pull request.

    It says what breaks, and has the layers, the changes and the facts of each spec. As Markdown it is for a comment, as
    HTML a page of its own with pictures, which needs no network. Without --against, specs are compared with the
    revision that is configured. Exit codes: 0 it is written; 1, with --exit-code, something is an error to
    `netspec breaking`.
    """
    named, given = list(paths or []), standard(level, limits or [], Configurations(config, none=no_config))
    if against is None and named and split_range(named[0]) is not None:
        against, *named = named
    elif against is None:
        against = configured_against(given)
    if against is None:
        raise SystemFault("usage", "a revision to compare with is needed", "such as `--against origin/main`")
    chosen = meant(out, form, _SUFFIXES, "markdown")
    base = _checked(base)
    if 0 < size < LEAST:
        raise SystemFault("usage", f"--max-size: a report has at least {LEAST:,} bytes", "0 is for any number")
    if chosen == "html":
        from netspec.review.picture import draw_diff as drawing
        from netspec.review.picture import draw_new as portrait
    else:
        from netspec.review.strip import strip as drawing
        from netspec.review.strip import strip_new as portrait
    from netspec.cli.comparing import compare_all

    words = tuple(dict.fromkeys((*FACTS, *given.words)))
    with (
        Changes(against, named, words, drawing, portrait) as changes,
        contextlib.closing(compare_all(changes)) as outcomes,
    ):
        gathering = Gathering(changes.revision, changes.against, changes.prefix, standard=given)
        files = []
        for found in outcomes:
            gathering.add(found)
            files += [found.new] if found.new is not None else []
    report = gathering.done()
    if chosen == "html":
        from netspec.review.html import render_page

        text = render_page(report, base=base)
    else:
        from netspec.review.report_markdown import render_report

        text = render_report(report, most=size, base=base)
    write(text, out, files)
    return REFUSED if exit_code and report.refused else FINE


def _checked(base: str) -> str:
    """Return the URL that paths are appended to. SystemFault `usage` where it is none."""
    if base and not _BASE.fullmatch(base):
        help_ = "such as https://github.com/OWNER/NAME/blob/SHA"
        raise SystemFault("usage", f"--base-url: {quote(base)} is no URL of a web page", help_)
    return base.rstrip("/")
