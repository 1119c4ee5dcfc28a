"""A report as one page of HTML that needs nothing but itself: no script, no font, no picture from elsewhere.

It is as much for a phone as for paper, light and dark: the reader's own fonts, the colours that the reader prefers,
tables and pictures that scroll within themselves. A policy in its head keeps a browser from loading anything, whatever
stood in it.
"""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from netspec.diagnostics import Diagnostic
from netspec.diagnostics.text import render_text
from netspec.review.alone import Sketch, sketch_rows
from netspec.review.changes import Change, FactChange, Level
from netspec.review.marking import printable
from netspec.review.report import Entry, Report, address, cells, compared, counted, headline, ordered, verdict_of
from netspec.review.telling import ARROW, Row, fact_rows, key_rows, layer_rows, tensor_rows
from netspec.version import __version__

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""What a browser may load for the page: its own style, and nothing else."""

_MOST_SECTIONS: Final = 500
_MOST_ROWS: Final = 200  # of a table of changes or tensors
_MOST_FAULTS: Final = 50  # of one spec
_PICTURE: Final = 400_000  # letters of one picture
_PICTURES: Final = 16_000_000  # of all
_OPEN: Final = 12  # sections that are open, where there are no more

_STYLE: Final = """
:root{color-scheme:light dark;--page:#fff;--text:#1b2330;--faint:#525c6b;--line:#c6cfdb;--soft:#f3f5f8;--link:#1f5796;
--come:#1a7f37;--gone:#b3261e;--other:#8a5a00;--strict:#b3261e;--mild:#8a5a00;--calm:#525c6b}
@media(prefers-color-scheme:dark){:root{--page:#10151d;--text:#e8edf4;--faint:#a3afbf;--line:#3b4658;--soft:#1a212c;
--link:#8cc0f5;--come:#4ac26b;--gone:#f47067;--other:#e0b341;--strict:#f47067;--mild:#e0b341;--calm:#a3afbf}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 ui-sans-serif,system-ui,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .4rem}
h2{font-size:1.15rem;line-height:1.35;margin:0 .4em 0 0;display:inline;overflow-wrap:anywhere}
h3{font-size:1rem;margin:1.2rem 0 .3rem}
h4{font-size:1rem;margin:1rem 0 .3rem;color:var(--faint)}
p{margin:.4rem 0}
a{color:var(--link)}
code,pre{font:.92em/1.45 ui-monospace,monospace}
code{overflow-wrap:anywhere}
.wide{overflow-x:auto;margin:.5rem 0}
pre{margin:0;padding:.6rem .8rem;background:var(--soft);border-radius:6px;overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--faint);padding:.2rem 0}
th,td{padding:.25rem .8rem .25rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
thead th{font-weight:600;color:var(--faint);white-space:nowrap}
tbody th{font-weight:400;min-width:7rem}
tbody th.spec{min-width:12rem}
.n{text-align:right;white-space:nowrap}
.w{min-width:16rem}
.class{font-weight:600;white-space:nowrap}
.interface,.weights,.invalid,.gone{color:var(--strict)}
.function,.budget{color:var(--mild)}
.cosmetic,.new,.uncompared{color:var(--calm)}
.sign{font-weight:700;font-family:ui-monospace,monospace}
.sign.come{color:var(--come)}.sign.went{color:var(--gone)}.sign.other{color:var(--other)}
section{margin:1.2rem 0}
section>details{border:1px solid var(--line);border-radius:8px;padding:.6rem .9rem}
summary{cursor:pointer}
section>details>div{margin-top:.8rem;scroll-margin-top:4rem}
.faint{color:var(--faint)}
ul{padding-left:1.2rem;margin:.4rem 0}
li{margin:.2rem 0;overflow-wrap:anywhere}
figure{margin:.8rem 0;overflow-x:auto}
figure svg{display:block;max-width:none;height:auto}
footer{margin-top:2rem;color:var(--faint);font-size:.9em}
@media(max-width:40rem){main{padding:1rem .75rem 2rem}h1{font-size:1.3rem}section>details{padding:.5rem .6rem}
.w{min-width:12rem}
figure svg{width:max(100%,34rem)}}
@media print{body{font-size:10pt}main{max-width:none;padding:0}.wide,figure,pre{overflow:visible}
pre{white-space:pre-wrap}
section>details{border:0;padding:0}tr,figure,li{break-inside:avoid}figure svg{max-width:100%}a{color:inherit}}
"""


def render_page(report: Report, *, base: str = "") -> str:
    """Return the report as a whole document. `base` is the URL that paths are appended to: without it there is none."""
    word, words = headline(report)
    title = f"{word}: {words}" if word else f"{words[:1].upper()}{words[1:]}"
    old, new = (f"<code>{_text(side)}</code>" for side in compared(report))
    counts = counted(report)
    if report.new is None:
        new = "the working tree"
    kind = "invalid" if word == "INVALID" else (report.level or "cosmetic")
    heading = f'<span class="{kind}">{word}</span>: {_text(words)}' if word else _text(title)
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>netspec: {_text(title)}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        "<main>",
        f'<h1><span class="faint">netspec:</span> {heading}</h1>',
        f"<p>{old} {ARROW} {new}{_text(f': {counts}' if counts else '')}.</p>",
        *_overview(report),
        *_sections(report, base),
        f"<footer>Written by netspec {_text(__version__)}.</footer>",
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def _overview(report: Report) -> Iterator[str]:
    """Yield the table of all specs, each of which leads to its section."""
    if not report.entries:
        return
    heads = (("spec", ""), ("class", ""), ("parameters", "n"), ("", "n"), ("macs", "n"), ("activation_bytes", "n"))
    yield '<div class="wide" role="region" aria-label="All specs" tabindex="0">'
    yield "<table>"
    words = "with the strictest class of its changes, and how its facts grew"
    yield f"<caption>Each spec, and each variant that changed by itself, {words}.</caption>"
    yield f"<thead><tr>{''.join(_head(name or 'by', kind) for name, kind in heads)}</tr></thead>"
    yield "<tbody>"
    for number, entry in enumerate(report.entries, 1):
        name = f"<code>{_text(entry.path)}</code>"
        name = f'<a href="#spec-{number}">{name}</a>' if number <= _MOST_SECTIONS else name
        numbers = "".join(f'<td class="n">{_text(cell)}</td>' for cell in cells(entry))
        yield f'<tr><th scope="row" class="spec">{name}</th><td>{_class(entry)}</td>{numbers}</tr>'
        for each in entry.variants:
            numbers = "".join(f'<td class="n">{_text(cell)}</td>' for cell in cells(each))
            head = f'<th scope="row" class="spec">{name}, variant <code>{_text(each.name)}</code></th>'
            yield f"<tr>{head}<td>{_level(each.level)}</td>{numbers}</tr>"
    yield "</tbody>"
    yield "</table>"
    yield "</div>"


def _sections(report: Report, base: str) -> Iterator[str]:
    entries = report.entries
    room = _PICTURES
    opened = " open" if len(entries) <= _OPEN else ""
    for number, entry in enumerate(entries[:_MOST_SECTIONS], 1):
        drawn = len(entry.picture) <= min(_PICTURE, room)
        room -= len(entry.picture) if drawn else 0
        yield "<section>"
        yield f"<details{opened}>"
        yield f"<summary><h2><code>{_text(entry.path)}</code></h2> {_verdict(entry)}</summary>"
        yield f'<div id="spec-{number}">'  # within what is folded, so that a link to it unfolds it
        yield from _section(report, entry, base, drawn=drawn)
        yield "</div>"
        yield "</details>"
        yield "</section>"
    if len(entries) > _MOST_SECTIONS:
        more = len(entries) - _MOST_SECTIONS
        yield f"<p>… and {more:,} more {'spec' if more == 1 else 'specs'}, which the table has.</p>"


def _section(report: Report, entry: Entry, base: str, *, drawn: bool) -> Iterator[str]:
    if base and entry.kind != "removed":
        yield f"<p>{_link('The file', address(base, entry.path))}</p>"
    if entry.old:
        yield f"<p>It was <code>{_text(entry.old)}</code>.</p>"
    if entry.kind == "invalid":
        text = render_text(ordered(entry.faults), entry.sources).rstrip("\n")
        yield f'<pre tabindex="0">{_text(text, lines=True)}</pre>'
        return
    yield from _faults(report, entry, base)
    if entry.sketch is not None:
        yield from _sketch(entry.sketch)
    if entry.diff is not None:
        yield from _body(entry.diff.changes, entry.diff.facts)
    if entry.picture and drawn:
        yield "<h3>Picture</h3>"
        yield f'<figure tabindex="0">{entry.picture.strip()}</figure>'
    elif entry.picture:
        yield '<p class="faint">The picture is left out: it is too large.</p>'
    if entry.diff is not None:
        for variant in entry.diff.variants:
            yield f"<h3>Variant <code>{_text(variant.name)}</code></h3>"
            if not variant.changes:
                yield "<p>The changes above, and these facts.</p>"
            yield from _body(variant.changes, variant.facts, within=True)


def _sketch(sketch: Sketch) -> Iterator[str]:
    """Yield the table of what a network is that there was not before."""
    yield "<h3>Facts</h3>"
    yield '<div class="wide" role="region" aria-label="Facts" tabindex="0">'
    yield "<table>"
    yield "<caption>What the network takes, gives, and has.</caption>"
    yield f"<thead><tr>{_head('what', '')}{_head('value', 'n')}</tr></thead>"
    yield "<tbody>"
    for name, value in sketch_rows(sketch):
        yield f'<tr><th scope="row">{_text(name)}</th><td class="n">{_text(value)}</td></tr>'
    yield "</tbody>"
    yield "</table>"
    yield "</div>"


def _faults(report: Report, entry: Entry, base: str) -> Iterator[str]:
    """Yield the errors as a list, each with its code, its place, and what to do."""
    faults = ordered(entry.faults)
    if not faults:
        return
    yield "<h3>Errors</h3>"
    yield "<ul>"
    for fault in faults[:_MOST_FAULTS]:
        place = _place(report, fault, base)
        help_ = f' <span class="faint">({in_page(fault.help)})</span>' if fault.help else ""
        code = f'<strong class="strict">{_text(fault.code)}</strong>'
        yield f"<li>{code}{f' {place}' if place else ''}: {in_page(fault.headline)}{help_}</li>"
    if len(faults) > _MOST_FAULTS:
        yield f"<li>… and {len(faults) - _MOST_FAULTS:,} more</li>"
    yield "</ul>"


def _place(report: Report, fault: Diagnostic, base: str) -> str:
    file, span = fault.place.file, fault.place.span
    if span is None:
        return ""
    path = report.top(file)
    name = f"<code>{_text(f'{path}:{span.line}')}</code>"
    return _link(name, address(base, path, span.line)) if base and report.is_new(file) else name


def _body(changes: Sequence[Change], facts: Sequence[FactChange], *, within: bool = False) -> Iterator[str]:
    """Yield the tables of changes, of facts, and of tensors, folded away; `within` a variant."""
    title = "h4" if within else "h3"
    rows = [*key_rows(changes), *layer_rows(changes)]
    if rows:
        yield f"<{title}>Changes</{title}>"
        yield from _table(rows, "What changed, and the class of each change.", ("what", "change", "class"))
    if facts:
        yield f"<{title}>Facts</{title}>"
        yield '<div class="wide" role="region" aria-label="Facts" tabindex="0">'
        yield "<table>"
        yield "<caption>What became of the facts.</caption>"
        heads = ("fact", "before", "after", "difference", "share")
        cells_ = "".join(_head(name, "n" if place else "") for place, name in enumerate(heads))
        yield f"<thead><tr>{cells_}</tr></thead>"
        yield "<tbody>"
        for row in fact_rows(facts):
            numbers = "".join(f'<td class="n">{_text(cell)}</td>' for cell in row[1:5])
            yield f'<tr><th scope="row">{_text(row.name)}</th>{numbers}</tr>'
        yield "</tbody>"
        yield "</table>"
        yield "</div>"
    tensors = tensor_rows(changes)
    if tensors:
        count = sum(each.times for change in changes for each in change.tensors)
        yield f"<details><summary>{count:,} {'tensor' if count == 1 else 'tensors'}</summary>"
        yield from _table(tensors, "Tensors with another name or shape, or shared otherwise.", ("tensor", "change"))
        yield "</details>"


def _table(rows: Sequence[Row], caption: str, heads: Sequence[str]) -> Iterator[str]:
    yield f'<div class="wide" role="region" aria-label="{_text(caption)}" tabindex="0">'
    yield "<table>"
    yield f"<caption>{_text(caption)}</caption>"
    yield f"<thead><tr>{''.join(_head(name, '') for name in ('sign', *heads))}</tr></thead>"
    yield "<tbody>"
    for row in rows[:_MOST_ROWS]:
        kind = {"+": "come", "-": "went"}.get(row.sign, "other")
        level = f"<td>{_level(row.level or 'cosmetic')}</td>" if "class" in heads else ""
        yield (
            f'<tr><td class="sign {kind}">{_text(row.sign)}</td><th scope="row"><code>{_text(row.subject)}</code></th>'
            f'<td class="w">{_text(row.text)}</td>{level}</tr>'
        )
    yield "</tbody>"
    yield "</table>"
    yield "</div>"
    if len(rows) > _MOST_ROWS:
        yield f"<p>… and {len(rows) - _MOST_ROWS:,} more.</p>"


def _head(name: str, kind: str) -> str:
    return f'<th scope="col"{f" class={chr(34)}{kind}{chr(34)}" if kind else ""}>{_text(name)}</th>'


def _class(entry: Entry) -> str:
    names = {"added": "new", "invalid": "invalid", "uncompared": "not compared", "removed": "gone"}
    if entry.kind in names:
        kind = entry.kind if entry.kind in ("invalid", "uncompared") else names[entry.kind]
        return f'<span class="class {kind}">{names[entry.kind]}</span>'
    return _level(entry.level or "cosmetic")


def _level(level: Level) -> str:
    return f'<span class="class {level}">{level}</span>'


def _verdict(entry: Entry) -> str:
    """Return the verdict on a spec, its class in its colour."""
    words = verdict_of(entry)
    word, colon, rest = words.partition(": ")
    if colon and word.isupper():
        kind = "invalid" if entry.kind == "invalid" else entry.level or "cosmetic"
        return f'<span class="class {kind}">{_text(word)}</span>: {in_page(rest)}'
    return _text(words)


def in_page(text: str) -> str:
    """Return a message of ours, in which what stands between backquotes is a user's: that is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return _text(text)
    return "".join(f"<code>{_text(part)}</code>" if place % 2 else _text(part) for place, part in enumerate(parts))


def _link(markup: str, url: str) -> str:
    return f'<a href="{escape(url)}" rel="noreferrer">{markup}</a>'


def _text(text: str, *, lines: bool = False) -> str:
    """Return a text as HTML shows it: escaped, and without what is not to be seen but for the ends of `lines`."""
    return escape("\n".join(map(printable, text.split("\n"))) if lines else printable(text))
