r"""A summary for a paper: LaTeX, with a table of plain lines and the equations in `align*`, which asks for amsmath.

A table that is longer than a page is a `longtable`, which asks for the package of this name.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from netspec.diagnostics import show
from netspec.graph import Facts
from netspec.operations import Graph
from netspec.spec import Part
from netspec.summary.equations import Block, equations
from netspec.summary.table import Band, Table, table
from netspec.summary.totals import heading, totals

_MOST_BLOCKS: Final = 24  # parts whose equations are written
_MOST_LINES: Final = 40  # of a table that stays on one page
_LETTERS: Final = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}",
    "β": r"$\beta$", "γ": r"$\gamma$", "Ω": r"$\Omega$", "×": r"$\times$", "→": r"$\to$", "≈": r"$\approx$",
    "·": r"$\cdot$", "…": r"\dots{}", "–": "--", "≤": r"$\leq$",
}  # fmt: skip
_GREEK: Final = {"β": r"\beta", "γ": r"\gamma", "Ω": r"\Omega"}
_PIECE: Final = re.compile(r"(?P<letter>[βγΩ])_(?P<index>\w+)|.", re.DOTALL)
_TOKEN: Final = re.compile(
    r"(?P<function>[A-Za-z][\w.-]*)(?P<arguments>\([^()\[\]]*\))?\[|(?P<greek>[βΩ])_(?P<index>\w+)"
    r"|h_(?:\{(?P<sum>[^{}]*)\}|(?P<number>\w+))|(?P<sign>[=…]|,  )"
)


def render_latex(part: Part, graph: Graph, facts: Facts, *, exact: bool = False) -> str:
    """Return the summary as LaTeX: the table of layers, the equations, the table of facts. All text is escaped."""
    head = heading(part, facts)
    mapping = "; ".join(text for text in (head.mapping, head.setting, head.training) if text)
    lines = [rf"\noindent\texttt{{{escaped(head.name)}}}: {escaped(mapping)}", ""]
    lines += _table(table(graph, exact=exact))
    lines += _equations(equations(graph))
    lines += ["", r"\noindent\begin{tabular}{lrl}", r"\hline"]
    for total in totals(graph, facts, exact=exact):
        remark = (
            escaped(total.remark)
            if len(total.remark) < 60
            else rf"\parbox[t]{{.45\linewidth}}{{{escaped(total.remark)}}}"
        )
        lines.append(rf"{escaped(total.word)} & {escaped(total.value)} & {remark} \\")
    lines += [r"\hline", r"\end{tabular}", "", rf"\noindent fingerprint \texttt{{{escaped(facts.fingerprint)}}}"]
    return "".join(f"{line}\n" for line in lines)


def escaped(text: str) -> str:
    """Return text that LaTeX sets as it is, whatever stands in it, but that the index of a tensor stands below."""
    return _PIECE.sub(lambda piece: _tensor(*piece.groups()) if piece["letter"] else _plain(piece[0]), text)


def _tensor(letter: str, index: str) -> str:
    below = index if index.isdecimal() else rf"\mathrm{{{_plain(index)}}}"
    return rf"${_GREEK[letter]}_{{{below}}}$"


def _plain(text: str) -> str:
    return "".join(_LETTERS.get(letter) or (letter if " " <= letter <= "}" else _foreign(letter)) for letter in text)


def _foreign(letter: str) -> str:
    return letter if letter.isalpha() else "".join(_LETTERS.get(each, each) for each in show(letter))


def _table(found: Table) -> Iterator[str]:
    shape = "".join("r" if column.right else "l" for column in found.columns)
    long = len(found.lines) > _MOST_LINES
    yield rf"\begin{{longtable}}[l]{{{shape}}}" if long else rf"\noindent\begin{{tabular}}{{{shape}}}"
    yield r"\hline"
    yield " & ".join(_head(column.head) for column in found.columns) + r" \\"
    yield r"\hline\endhead" if long else r"\hline"
    for line in found.lines:
        if isinstance(line, Band):
            remark = f" {escaped(line.remark)}" if line.remark else ""
            yield rf"\multicolumn{{{len(shape)}}}{{l}}{{\texttt{{{escaped(show(line.name))}}}{remark}}} \\"
        else:
            yield " & ".join(map(_cell, line)) + r" \\"
    yield from (r"\hline", r"\end{longtable}" if long else r"\end{tabular}")
    if found.left_out:
        yield from ("", escaped(found.left_out))


def _head(head: str) -> str:
    return f"${_formula(head)}$" if "_" in head else escaped(head)


def _cell(cell: str) -> str:
    """Return a cell; what stands within another layer begins a little to the right."""
    text = cell.lstrip(" ")
    return r"\quad " * ((len(cell) - len(text)) // 2) + escaped(text)


def _equations(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks[:_MOST_BLOCKS]:
        yield ""
        if block.parts != ("",):
            yield rf"\noindent\texttt{{{escaped(', '.join(map(show, block.parts[:3])))}}}"
        yield r"\begin{align*}"
        yield " \\\\\n".join(f"  {_formula(line, align=True)}" for line in block.lines)
        yield r"\end{align*}"
    if len(blocks) > _MOST_BLOCKS:
        yield f"\\dots{{}} and the equations of {len(blocks) - _MOST_BLOCKS:,} more parts"


def _formula(text: str, *, align: bool = False) -> str:
    """Return an equation of a summary as a formula; a name before a bracket is a function, whoever chose it."""
    signs = 0

    def put(match: re.Match[str]) -> str:
        nonlocal signs
        if match["function"]:
            return rf"\mathrm{{{escaped(match['function'] + (match['arguments'] or ''))}}}["
        if match["greek"]:
            return rf"\{'beta' if match['greek'] == 'β' else 'Omega'}_{{{match['index']}}}"
        if match["sign"] == "=":
            signs += 1
            return "&=" if align and signs == 1 else "="
        if match["sign"]:
            return r"\dots " if match["sign"] == "…" else r",\quad "
        return f"h_{{{match['sum'] or match['number']}}}"

    written = _TOKEN.sub(put, text)
    return r"&\;\;\vdots" if align and text == "…" else written
