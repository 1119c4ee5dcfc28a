"""The history of a network as Markdown, as CSV, and as JSON in the form of `log.schema.json`."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Final

from netspec.diagnostics import show
from netspec.limits import PATH_LENGTH
from netspec.review.history import Step
from netspec.review.json_diff import tensor_data, value_data
from netspec.review.log_text import SHORT, Log, details, remarks
from netspec.review.marking import code, plain, sentence

LOG_VERSION: Final = 1  # raised when a key changes its meaning or goes; a new key does not raise it
_SUBJECT: Final = 500
_FORMULA: Final = ("=", "+", "-", "@")  # what a spreadsheet would work out


def render_json(log: Log) -> str:
    """Return a history as a JSON document that ends with a line feed: sorted keys, ASCII, the same bytes everywhere."""
    document = {
        "log": LOG_VERSION,
        "spec": log.spec,
        "commits": [_step(step) for step in log.steps],
        "text_only": log.text_only,
        "more": bool(log.cut or log.unseen),
    }
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def render_markdown(log: Log) -> str:
    """Return a history as a table for a page."""
    lines = [f"### {code(log.spec)}"]
    if log.steps:
        lines += ["", "| commit | date | author | subject | class | what changed |", "|---|---|---|---|---|---|"]
    for step in log.steps:
        level = step.level or "" if step.kind == "changed" else ""
        told = "<br>".join(plain(", ".join(each)) for each in details(step) if each)
        texts = [plain(each) for each in (step.day, show(step.author), _subject(step), level)]
        lines.append(f"| {' | '.join([code(step.commit[:SHORT]), *texts, told])} |")
    for remark in remarks(log):
        lines += ["", f"{sentence(remark)}."]
    return "\n".join(lines) + "\n"


def render_csv(log: Log, facts: Mapping[str, str]) -> str:
    """Return a history as CSV: a row for each commit; what each fact is then, by the name of its column."""
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(["commit", "date", "author", "subject", "path", "kind", "class", *facts])
    for step in log.steps:
        values = [step.facts.get(name) for name in facts.values()]
        words = [show(step.author), show(step.subject, _SUBJECT), show(step.path, PATH_LENGTH.value)]
        level = step.level or "" if step.kind == "changed" else ""
        table.writerow([step.commit, step.day, *map(_harmless, words), step.kind, level, *map(_number, values)])
    return stream.getvalue()


def _subject(step: Step) -> str:
    return f"{show(step.subject, _SUBJECT)}{', a merge' if step.merge else ''}"


def _number(given: object) -> str:
    value = value_data(given)
    if isinstance(value, dict):
        return f"10^{value['log10']!r}"
    return "" if value is None else str(value)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _step(step: Step) -> dict[str, object]:
    return {
        "commit": step.commit,
        "date": step.day or None,
        "author": step.author,
        "subject": step.subject,
        "merge": step.merge,
        "kind": step.kind,
        "path": step.path,
        "was": step.was or None,
        "level": step.level,
        "since": step.since or None,
        "fault": step.fault or None,
        "facts": {name: value_data(value) for name, value in step.facts.items()},
        "changes": [
            {"name": each.name, "before": value_data(each.before), "after": value_data(each.after)}
            for each in step.changes
        ],
        "rows": [{"sign": row.sign, "subject": row.subject, "text": row.text, "level": row.level} for row in step.rows],
        "tensors": [tensor_data(each) for each in step.tensors],
        "unlisted": step.unlisted,
    }
