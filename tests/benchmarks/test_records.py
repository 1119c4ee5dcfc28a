"""The page is put together from parts that may have been measured at different times."""

from pathlib import Path

from benchmarks.__main__ import NAMES, PAGE
from benchmarks.harness import Spread
from benchmarks.plot import Chart, Line
from benchmarks.records import Record, keep, kept, page, record
from benchmarks.results import Goal, Result, Table, spell_times

MACHINE = {"processor": "a fast one", "commit": "abc1234", "date": "2026-11-30 20:00 UTC"}
LATER = {**MACHINE, "date": "2026-12-01 08:00 UTC"}


def found(title: str = "One thing") -> Result:
    goal = Goal("theirs : ours", "at least 2 ×", Spread(1.9, 1.8, 2.1), 2.0, spell_times, at_least=True)
    chart = Chart("one", "A picture", "batch", "ratio", [Line("D = 3", [(1, 2.0), (64, 0.5)])])
    return Result(title, "How it was done.", [Table(("point", "time"), [("1 × 1", "1 s")])], [goal], {}, [chart])


def test_a_record_is_read_back_as_it_was_kept(tmp_path: Path) -> None:
    result = found()
    written = record(result, 7, 0.01, MACHINE)
    keep("one", written, result, tmp_path)
    assert kept(["none", "one"], tmp_path) == {"one": written}
    assert (tmp_path / "pictures" / "benchmarks" / "one.svg").read_text(encoding="utf-8").startswith("<svg")


def test_measuring_a_part_again_leaves_the_others_on_the_page(tmp_path: Path) -> None:
    for name, machine in (("one", MACHINE), ("two", MACHINE), ("one", LATER)):
        result = found(f"Thing {name}")
        keep(name, record(result, 7, 0.01, machine), result, tmp_path)
    text = page(kept(["one", "two"], tmp_path), ["one", "two"])
    assert text.index("## Thing one") < text.index("## Thing two")
    assert text.count("2026-12-01 08:00 UTC") == text.count("2026-11-30 20:00 UTC") == 1


def test_a_page_tells_the_goals_the_machine_and_its_noise() -> None:
    text = page({"one": record(found(), 7, 0.5, MACHINE)}, ["one", "two"])
    assert "Not measured yet: `two`." in text
    row = "| theirs : ours | at least 2 × | 1.90 × (1.80–2.10) | missed, quartiles on both sides |"
    assert text.count(row) == 2  # among all goals, and in its section
    assert "0 of 1 goals are met." in text
    assert "| processor | a fast one |" in text
    assert "![A picture](pictures/benchmarks/one.svg)" in text
    assert (
        "Measured 2026-11-30 20:00 UTC, commit abc1234, 7 rounds. "
        "The machine was not quiet: other programs used 50% of it, so that absolute times are too long."
    ) in text


def test_a_part_that_was_measured_on_another_machine_says_in_what() -> None:
    def of(machine: dict[str, str]) -> Record:
        return record(found(), 7, 0.0, machine)

    before = {**MACHINE, "processor": "a slow one", "versions": "numpy 1.26, torch 2.13", "memory": "more"}
    after = {**LATER, "versions": "numpy 2.4, torch 2.13"}
    text = page({"one": of(before), "two": of(after)}, ["one", "two"])
    assert "| processor | a fast one |" in text
    assert text.count("It had then: a slow one, numpy 1.26.\n") == 1
    assert page({"one": of(MACHINE), "two": of(LATER)}, ["one", "two"]).count("It had then") == 0


def test_the_page_in_the_documentation_is_what_the_records_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(kept(NAMES), NAMES)
