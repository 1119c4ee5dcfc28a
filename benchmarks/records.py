"""Measurements on paper: a file for each part, and the page that is put together from all of them.

Parts may be measured at different times; each record keeps when that was, of which commit, and how quiet it was.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.harness import ROOT
from benchmarks.plot import svg
from benchmarks.results import Result, Table, goals_table, markdown

DOCS: Final = ROOT / "docs"
_QUIET: Final = 0.05  # share of the machine that others may use in a run that is called quiet
_OF_THE_RUN: Final = {"date": "", "commit": "commit "}  # what differs from part to part and stands beside each
_MATTERS: Final = ("processor", "system", "versions", "BLAS")  # what a part says of its machine if it was another
_GOALS: Final = ("goal", "wanted", "found", "verdict")


class Record(NamedTuple):
    """What the page says of a part: texts, tables of texts, pictures as (stem, title), and how it was measured."""

    title: str
    about: str
    tables: Sequence[Table]
    pictures: Sequence[tuple[str, str]]
    goals: Sequence[tuple[str, ...]]
    missed: int
    rounds: int
    others: float | None
    machine: Mapping[str, str]


def record(result: Result, rounds: int, others: float | None, machine: Mapping[str, str]) -> Record:
    """Return the record of a result. `others`: the share of the machine that other programs used meanwhile."""
    return Record(
        result.title,
        result.about,
        result.tables,
        [(chart.stem, chart.title) for chart in result.charts],
        list(goals_table(result.goals).rows),
        sum(not goal.met for goal in result.goals),
        rounds,
        others,
        machine,
    )


def keep(name: str, found: Record, result: Result, docs: Path = DOCS) -> None:
    """Write the record of a part, and its pictures."""
    folder, pictures = docs / "benchmarks", docs / "pictures" / "benchmarks"
    folder.mkdir(exist_ok=True)
    text = json.dumps(found._asdict(), indent=1, ensure_ascii=False)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    if result.charts:
        pictures.mkdir(parents=True, exist_ok=True)
    for chart in result.charts:
        (pictures / f"{chart.stem}.svg").write_text(svg(chart), encoding="utf-8")


def kept(names: Sequence[str], docs: Path = DOCS) -> dict[str, Record]:
    """Return the records that there are of the named parts, in their order."""
    paths = {name: docs / "benchmarks" / f"{name}.json" for name in names}
    return {name: _read(path) for name, path in paths.items() if path.exists()}


def _read(path: Path) -> Record:
    fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    fields["tables"] = [Table(tuple(heads), [tuple(row) for row in rows]) for heads, rows in fields["tables"]]
    fields["pictures"] = [(stem, title) for stem, title in fields["pictures"]]
    fields["goals"] = [tuple(row) for row in fields["goals"]]
    return Record(**fields)


def page(records: Mapping[str, Record], names: Sequence[str]) -> str:
    """Return the page of the documentation. `records` has one at least; `names` are all the parts that there are."""
    newest = max(records.values(), key=lambda each: each.machine.get("date", ""))
    goals = [row for each in records.values() for row in each.goals]
    missed = sum(each.missed for each in records.values())
    shared = {name: text for name, text in newest.machine.items() if name not in _OF_THE_RUN}
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `python -m benchmarks` (`make bench`): not by hand. Speed is said beside a peer that is",
            "measured in the same run, in turns: the median of several rounds, its quartiles in brackets, ratios",
            "taken round by round. Absolute times are this machine's. A part is measured anew, and its section alone",
            f"written anew, by its name, such as `python -m benchmarks {next(iter(records))}`.",
            *_missing(records, names),
            "",
            markdown(Table(("machine", ""), list(shared.items()))),
            "",
            f"## The goals\n\n{len(goals) - missed} of {len(goals)} goals are met.",
            "",
            markdown(Table(_GOALS, goals)),
            "",
            *(section(each, shared) for each in records.values()),
        ]
    )


def _missing(records: Mapping[str, Record], names: Sequence[str]) -> list[str]:
    missing = [f"`{name}`" for name in names if name not in records]
    return ["", f"Not measured yet: {', '.join(missing)}."] if missing else []


def section(found: Record, shared: Mapping[str, str]) -> str:
    """Return a part as a section of Markdown. `shared`: what the page says of the machine."""
    parts = [f"## {found.title}", found.about, *(markdown(table) for table in found.tables)]
    parts += [f"![{title}](pictures/benchmarks/{stem}.svg)" for stem, title in found.pictures]
    if found.goals:
        parts.append(markdown(Table(_GOALS, found.goals)))
    return "\n\n".join([*parts, _said(found, shared)]) + "\n"


def _said(found: Record, shared: Mapping[str, str]) -> str:
    """Return when a part was measured, of which commit, how quiet it was, and in what the machine was another."""
    run = [f"{word}{found.machine[name]}" for name, word in _OF_THE_RUN.items() if name in found.machine]
    rounds = f"{found.rounds} round{'s' * (found.rounds > 1)}"
    words = f"Measured {', '.join([*run, rounds])}. {_noise(found.others)}"
    other = [text for name in _MATTERS for text in _others(found.machine.get(name, ""), shared.get(name, ""))]
    return f"{words} It had then: {', '.join(other)}." if other else words


def _others(then: str, now: str) -> list[str]:
    """Return what a list had then and has no more."""
    return [text for text in then.split(", ") if text and text not in now.split(", ")]


def _noise(share: float | None) -> str:
    """Return how quiet the machine was."""
    if share is None:
        return "How much of the machine other programs used meanwhile is not known."
    if share <= _QUIET:
        return f"The machine was quiet: other programs used no more than {share:.0%} of it."
    return f"The machine was not quiet: other programs used {share:.0%} of it, so that absolute times are too long."
