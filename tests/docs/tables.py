"""The tables of the documentation that netspec itself knows, each between `<!-- NAME -->` and `<!-- end -->`."""

import importlib
import inspect
import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Literal, get_args, get_origin, get_type_hints

from typer.models import ArgumentInfo

from examples.experiments.__main__ import NAMES
from examples.experiments.reports import Claim, judged
from netspec.cli.arguments import COMMANDS
from netspec.layers.pages import FAMILIES, summary
from netspec.limits import TABLE
from netspec.operations import FUNCTIONS, Argument

_EXPERIMENTS: Final = Path(__file__).parents[2] / "docs" / "experiments"
_MARKED: Final = re.compile(r"(?<=<!-- )(?!end )(\w+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)


def filled(page: str) -> str:
    """Return the page with its tables as netspec has them."""
    return _MARKED.sub(lambda match: f"{match[1]}{match[2]}\n{TABLES[match[1]]()}\n", page)


def _activations() -> str:
    rows = []
    for function in FUNCTIONS.values():
        meaning = "; ".join([_code(function.formula), *map(_argument, function.arguments)])
        bends = {"affine": "none", "smooth": "smooth"}.get(function.linearity, str(function.breakpoints))
        rows.append((_code(function.name), meaning, "a step" if function.steps else bends, function.source))
    return _table(("name", "a[z]; argument", "bends", "source"), rows)


def _argument(argument: Argument) -> str:
    bound = f", at least {argument.at_least:g}" if argument.at_least is not None else ""
    bound += f", above {argument.above:g}" if argument.above is not None else ""
    return f"`{argument.name}` is {argument.default!r} unless given{bound}"


def _layers() -> str:
    text = ""
    for family, entries in FAMILIES.items():
        if family == "Activations":  # which have a table of their own
            continue
        rows = [
            (f"[`{entry.keyword}`](layers/{entry.keyword}.md)", summary(entry.keyword), entry.torch, entry.keras)
            for entry in entries
        ]
        text += f"{chr(10) if text else ''}## {family}\n\n{_table(('keyword', '', 'PyTorch', 'Keras'), rows)}"
    return text


def _limits() -> str:
    rows = [
        (
            bound.name,
            f"{bound.value:,}",
            bound.unit,
            f"[{bound.code}](../netspec/diagnostics/pages/{bound.code}.md)" if bound.code else "",
        )
        for bound in TABLE
    ]
    return _table(("limit", "value", "", "beyond it"), rows)


def _experiment(name: str) -> str:
    """Return what an experiment found, as it was kept when it last ran."""
    kept = json.loads((_EXPERIMENTS / f"{name}.json").read_text(encoding="utf-8"))
    claims = [Claim(**claim) for claim in kept["claims"]]
    judgements = [(claim.said, claim.found, judged(claim)) for claim in claims]
    words = f"{kept['seeds']} seeds; {kept['processor_seconds']:.0f} s of one processor."
    found = _table(kept["head"], kept["rows"])
    return f"{found}\n{_table(('said', 'found', 'so it'), judgements)}\n{words}\n"


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    return "".join(f"| {' | '.join(cells)} |\n".replace("|  |", "| |") for cells in _lines(head, rows))


def _lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    yield head
    yield ["---"] * len(head)
    yield from rows


def _options(command: str) -> str:
    """Return what a command takes: its usage, its words, and a row for each argument and option."""
    function = importlib.import_module(f"netspec.cli.{command}").command
    hints = get_type_hints(function, include_extras=True)
    rows, usage = [], ""
    for name, parameter in inspect.signature(function).parameters.items():
        kind, info = get_args(hints[name])
        takes = info.metavar or _values(kind)
        if isinstance(info, ArgumentInfo):
            several = "..." if get_origin(kind) is list else ""
            usage += f" {takes}{several}" if parameter.default is inspect.Parameter.empty else f" [{takes}]"
            spelled = takes
        else:
            named = (
                info.default,
                *(info.param_decls or ()),
            )  # beside an annotation, typer has the first name as the default
            declared = sorted((word for word in named if isinstance(word, str) and word.startswith("-")), key=len)
            spelled = f"{', '.join(declared)} {takes}".strip()
        rows.append((f"`{spelled}`".replace("|", "\\|"), _prose(info.help or "")))
    words = _prose(inspect.cleandoc(function.__doc__ or ""))
    table = _table(("argument or option", "meaning"), rows) if rows else ""
    usage = f"netspec {command}{' [OPTIONS]' if len(rows) > usage.count(' ') else ''}{usage}"
    return f"```text\n{usage}\n```\n\n{words}\n{table and chr(10)}{table}"


def _prose(text: str) -> str:
    """Return the words of a help text as Markdown, in which a pattern is no emphasis."""
    return text.replace("*", "\\*")


def _values(kind: object) -> str:
    """Return what stands for the value of an option without a name for it: its words, or nothing for a switch."""
    given = [inner for inner in get_args(kind) if inner is not type(None)]
    kind = given[0] if type(None) in get_args(kind) else kind
    if get_origin(kind) is Literal:
        return "|".join(get_args(kind))
    return "N" if kind is int else "FILE" if kind is str else ""


TABLES: Final[dict[str, Callable[[], str]]] = {
    "activations": _activations,
    "layers": _layers,
    "limits": _limits,
    **{f"experiment_{name}": partial(_experiment, name) for name in NAMES},
    **{f"options_{command}": partial(_options, command) for command in COMMANDS},
}
