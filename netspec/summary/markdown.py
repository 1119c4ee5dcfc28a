"""A summary for a pull request or a page: GitHub-flavoured Markdown."""

from collections.abc import Iterator, Sequence

from netspec.diagnostics import show
from netspec.graph import Facts
from netspec.operations import Graph
from netspec.spec import Part
from netspec.summary.equations import equations
from netspec.summary.table import Band, Table, table
from netspec.summary.text import equation_lines
from netspec.summary.totals import heading, totals


def render_markdown(part: Part, graph: Graph, facts: Facts, *, exact: bool = False) -> str:
    """Return the summary as Markdown: a heading, the table of layers, the equations, the table of facts.

    Names stand in code spans, so that no renderer reads marks or links into them.
    """
    head = heading(part, facts)
    lines = [
        f"## `{head.name}`",
        "",
        "; ".join(text for text in (head.mapping, head.setting, head.training) if text),
        "",
    ]
    lines += _table(table(graph, exact=exact))
    written = [line.text for line in equation_lines(equations(graph))]
    lines += ["", "```text", *written, "```", ""] if written else [""]
    lines += [_row(("fact", "value", "")), _row((":--", "--:", ":--"))]
    told = totals(graph, facts, exact=exact)
    lines += [_row((f"`{total.word}`", _cell(total.value), total.remark)) for total in told]
    return "".join(f"{line}\n" for line in [*lines, "", f"fingerprint `{facts.fingerprint}`"])


def _table(found: Table) -> Iterator[str]:
    yield _row([column.head for column in found.columns])
    yield _row(["--:" if column.right else ":--" for column in found.columns])
    for line in found.lines:
        if isinstance(line, Band):
            remark = f" {line.remark}" if line.remark else ""
            place = next(i for i, column in enumerate(found.columns) if not column.right)
            name = f"`{show(line.name)}`{remark}"
            yield _row([name if i == place else "" for i in range(len(found.columns))])
        else:
            yield _row([_cell(cell) for cell in line])
    if found.left_out:
        yield from ("", found.left_out)


def _cell(cell: str) -> str:
    """Return the text of a cell without marks in it; what stands within another layer begins a little to the right."""
    text = cell.lstrip(" ")
    return "&emsp;" * ((len(cell) - len(text)) // 2) + text.replace("*", "\\*")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
