"""A summary for a notebook: one fragment of HTML, with nothing fetched from elsewhere."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from netspec.diagnostics import show
from netspec.graph import Facts
from netspec.operations import Graph
from netspec.spec import Part
from netspec.summary.equations import equations
from netspec.summary.table import MOST_LINES, Band, Table, table
from netspec.summary.text import equation_lines
from netspec.summary.totals import Total, heading, totals

# Letters take the page's own colour and lines a grey half seen through, so that it reads on light and on dark.
_STYLE: Final = (
    ".netspec{font-size:13px;line-height:1.5;color:inherit}"
    ".netspec table{border-collapse:collapse;margin:.6em 0;font-variant-numeric:tabular-nums;background:none}"
    ".netspec :is(th,td){padding:1px 10px;text-align:left;border:0;white-space:nowrap;background:none;color:inherit}"
    ".netspec .n{text-align:right}"
    ".netspec thead th{border-bottom:1px solid rgba(128,128,128,.6)}"
    ".netspec tr.part th{padding-top:.5em;border-bottom:1px solid rgba(128,128,128,.3)}"
    ".netspec small{opacity:.75;font-size:inherit;font-weight:normal}"
    ".netspec td.wrap{white-space:normal;overflow-wrap:anywhere}"
    ".netspec pre{margin:.6em 0;background:none;color:inherit;overflow-x:auto}"
    ".netspec code{background:none;color:inherit;overflow-wrap:anywhere}"
)


def render_html(part: Part, graph: Graph, facts: Facts, *, most: int = MOST_LINES) -> str:
    """Return the summary as one `<div>`, its style with it: what `_repr_html_` gives to a notebook.

    It takes the colours of the page around it, light or dark. At most `most` rows are drawn; the rest is counted.
    """
    head = heading(part, facts)
    lines = [line.text for line in equation_lines(equations(graph))]
    setting = "".join(f"<br><small>{escape(text)}</small>" for text in (head.setting, head.training) if text)
    return "".join(
        [
            f'<div class="netspec"><style>{_STYLE}</style>',
            f"<div><b>{escape(head.name)}</b> <small>{escape(head.mapping)}</small>{setting}</div>",
            *_table(table(graph, most=most)),
            f"<pre>{escape(chr(10).join(lines))}</pre>" if lines else "",
            *_totals(totals(graph, facts)),
            f"<div>fingerprint <code>{escape(facts.fingerprint)}</code></div></div>",
        ]
    )


def _table(found: Table) -> Iterator[str]:
    right = [' class="n"' if column.right else ' class="wrap"' if column.wraps else "" for column in found.columns]
    heads = "".join(
        f'<th scope="col"{place}>{escape(column.head)}</th>' for column, place in zip(found.columns, right, strict=True)
    )
    yield f"<table><thead><tr>{heads}</tr></thead><tbody>"
    for line in found.lines:
        if isinstance(line, Band):
            remark = f" <small>{escape(line.remark)}</small>" if line.remark else ""
            name = f'<th scope="rowgroup" colspan="{len(right)}">{escape(show(line.name))}{remark}</th>'
            yield f'<tr class="part">{name}</tr>'
        else:
            cells = "".join(f"<td{place}>{_cell(cell)}</td>" for cell, place in zip(line, right, strict=True))
            yield f"<tr>{cells}</tr>"
    yield f"</tbody></table>{f'<div>{escape(found.left_out)}</div>' if found.left_out else ''}"


def _cell(cell: str) -> str:
    """Return the text of a cell; what stands within another layer begins a little to the right."""
    text = cell.lstrip(" ")
    return "&emsp;" * ((len(cell) - len(text)) // 2) + escape(text)


def _totals(found: Sequence[Total]) -> Iterator[str]:
    yield "<table><tbody>"
    for total in found:
        yield (
            f'<tr><th scope="row">{escape(total.word)}</th><td class="n">{escape(total.value)}</td>'
            f'<td class="wrap"><small>{escape(total.remark)}</small></td></tr>'
        )
    yield "</tbody></table>"
