"""Differences as Markdown, for a comment on a pull request."""

from collections.abc import Iterator, Sequence
from typing import Final

from netspec.review.alone import Alone, Sketch, sketch_rows
from netspec.review.changes import LEVELS, Change, Diff, FactChange
from netspec.review.marking import code, plain
from netspec.review.telling import Row, fact_rows, key_rows, layer_rows, tensor_rows, verdict

_SHOWN: Final = 40  # rows of a table; a count beyond


def render_markdown(diffs: Sequence[Diff]) -> str:
    """Return differences as Markdown, the strictest first and those without any in one line at the end."""
    told = sorted((diff for diff in diffs if diff.changes), key=lambda diff: (LEVELS.index(diff.level), diff.new.file))
    lines = [line for diff in told for line in (*_diff(diff), "")]
    equal = len(diffs) - len(told)
    if equal:
        lines.append("The networks are equal." if len(diffs) == 1 else f"{equal:,} more: the networks are equal.")
    return "\n".join(lines).rstrip() + "\n"


def _diff(diff: Diff) -> Iterator[str]:
    yield f"### {code(diff.new.file)}"
    yield ""
    before = f" Before: {code(diff.old.file)}." if diff.old.file != diff.new.file else ""
    words = verdict(diff)
    name, colon, rest = words.partition(": ")
    yield f"**{name}**{colon}{rest}.{before}" if name.isupper() else f"{words[:1].upper()}{words[1:]}.{before}"
    yield from body(diff.changes, diff.facts)
    for variant in diff.variants:
        yield ""
        yield f"#### Variant {code(variant.name)}"
        yield from body(variant.changes, variant.facts)


def body(changes: Sequence[Change], facts: Sequence[FactChange]) -> Iterator[str]:
    """Yield the tables of changes, of facts, and of tensors, folded away."""
    rows = [*key_rows(changes), *layer_rows(changes)]
    if rows:
        yield from ("", "| | what | change | class |", "|---|---|---|---|")
        for row in rows[:_SHOWN]:
            level = row.level or "cosmetic"
            yield f"| {code(row.sign)} | {code(row.subject)} | {plain(row.text)} | {level} |"
        yield from _more(rows)
    if facts:
        yield from ("", "| fact | before | after | difference | share |", "|---|---:|---:|---:|---:|")
        for name, before, after, difference, share, _ in fact_rows(facts):
            yield f"| {plain(name)} | {plain(before)} | {plain(after)} | {plain(difference)} | {plain(share)} |"
    tensors = tensor_rows(changes)
    if tensors:
        count = sum(each.times for change in changes for each in change.tensors)
        noun = "tensor" if count == 1 else "tensors"
        yield from ("", f"<details><summary>{count:,} {noun}</summary>", "", "| | tensor | |", "|---|---|---|")
        for row in tensors[:_SHOWN]:
            yield f"| {code(row.sign)} | {code(row.subject)} | {plain(row.text)} |"
        yield from _more(tensors)
        yield from ("", "</details>")


def sketch_table(sketch: Sketch) -> Iterator[str]:
    """Yield the table of what a network is."""
    yield from ("", "| what | value |", "|---|---:|")
    for name, value in sketch_rows(sketch):
        yield f"| {plain(name)} | {plain(value)} |"


def new_spec(alone: Alone) -> Iterator[str]:
    """Yield a section on a spec that is new."""
    yield f"### {code(alone.file)}"
    yield from ("", "New.")
    if alone.sketch is not None:
        yield from sketch_table(alone.sketch)


def _more(rows: Sequence[Row]) -> Iterator[str]:
    if len(rows) > _SHOWN:
        yield ""
        yield f"… and {len(rows) - _SHOWN:,} more."
