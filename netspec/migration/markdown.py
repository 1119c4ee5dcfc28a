"""Plans as Markdown, for a comment on a pull request."""

from collections.abc import Iterator
from typing import Final

from netspec.migration.steps import Plan
from netspec.migration.telling import grounds, head, rows, summary, verdict
from netspec.review.marking import code, plain, sentence

_SHOWN: Final = 40  # rows; a count beyond


def render_markdown(plan: Plan) -> str:
    """Return a plan as Markdown."""
    return "\n".join(_lines(plan)).rstrip() + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    yield f"### {plain(head(plan))}"
    yield ""
    words = verdict(plan)
    yield f"**{plain(words[:1].upper() + words[1:])}.** {summary(plan).capitalize()}."
    if plan.verdict.grounds:
        yield ""
        yield from (f"* {sentence(each)}" for each in grounds(plan)[:_SHOWN])
    changed = [row for row in rows(plan.steps) if row.act != "keep"]
    if changed:
        yield from ("", "| what | tensor | shape | how |", "|---|---|---|---|")
        for row in changed[:_SHOWN]:
            yield f"| {row.act} | {code(row.name)} | {plain(row.shapes)} | {sentence(row.words, table=True)} |"
        if len(changed) > _SHOWN:
            yield from ("", f"… and {sum(row.times for row in changed[_SHOWN:]):,} more.")
    if plan.notes:
        yield ""
        yield from (f"* {sentence(each)}" for each in plan.notes)
