"""What a measurement found, as data and as Markdown."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from benchmarks.harness import Samples, Spread, peak, processors, seconds
from benchmarks.plot import Chart


class Goal(NamedTuple):
    """What is wanted and what was found; `bound` is the most, or with `at_least` the least, that the median may be."""

    what: str
    wanted: str
    found: Spread
    bound: float
    spell: Callable[[Spread], str]
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the median keeps the bound."""
        return self.found.median >= self.bound if self.at_least else self.found.median <= self.bound

    @property
    def verdict(self) -> str:
        """The verdict, and whether the quartiles leave it open."""
        unsure = self.found.lower < self.bound < self.found.upper
        return ("met" if self.met else "missed") + (", quartiles on both sides" if unsure else "")


class Table(NamedTuple):
    """A table: its heads, and rows of texts."""

    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


class Result(NamedTuple):
    """One measurement: what was done, its tables, goals, the samples they are made of, and its pictures."""

    title: str
    about: str
    tables: list[Table]
    goals: list[Goal]
    samples: dict[str, Samples]
    charts: Sequence[Chart] = ()


def goals_table(goals: Sequence[Goal]) -> Table:
    """Return the goals with their verdicts."""
    rows = [(goal.what, goal.wanted, goal.spell(goal.found), goal.verdict) for goal in goals]
    return Table(("goal", "wanted", "found", "verdict"), rows)


def markdown(table: Table) -> str:
    """Return the table as Markdown; the first column to the left, the others to the right."""
    rule = ("---", *("---:" for _ in table.heads[1:]))
    return "\n".join(f"| {' | '.join(row)} |" for row in (table.heads, rule, *table.rows))


def as_json(result: Result) -> dict[str, object]:
    """Return the measurement as JSON has it: seconds, bytes and processor seconds of every round."""
    return {
        "title": result.title,
        "goals": [
            {
                "goal": goal.what,
                "wanted": goal.wanted,
                "bound": goal.bound,
                **goal.found._asdict(),
                "met": goal.met,
                "verdict": goal.verdict,
            }
            for goal in result.goals
        ],
        "samples": {
            name: {system: [list(sample) for sample in taken] for system, taken in samples.items()}
            for name, samples in result.samples.items()
        },
    }


def processes_table(samples: Samples) -> Table:
    """Return time and peak memory of whole processes."""
    rows = [
        (
            name,
            spell_seconds(seconds(taken)),
            spell_seconds(processors(taken)),
            spell_bytes(peak(taken).median),
        )
        for name, taken in samples.items()
    ]
    return Table(("process", "time", "processor time", "peak memory"), rows)


def spell_seconds(found: Spread) -> str:
    """Return a time with its quartiles: `1.92 ms (1.90–1.97)`."""
    size = max(abs(part) for part in found)
    for least, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if size >= least:
            return _spell(found, least, f" {unit}")
    return _spell(found, 1e-9, " ns")


def spell_times(found: Spread) -> str:
    """Return a ratio with its quartiles: `4.10 × (4.05–4.16)`."""
    return _spell(found, 1, " ×")


def spell_error(found: Spread) -> str:
    """Return an error: `3.1e-07`."""
    return f"{found.median:.1e}"


def spell_megabytes(found: Spread) -> str:
    """Return a number of bytes with its quartiles, in MB (10^6 bytes)."""
    return _spell(found, 1e6, " MB")


def spell_bytes(count: float) -> str:
    """Return a number of bytes in MB (10^6 bytes)."""
    return f"{_number(count / 1e6)} MB"


def _spell(found: Spread, unit: float, name: str) -> str:
    median, lower, upper = (_number(part / unit) for part in found)
    return f"{median}{name}" if lower == upper else f"{median}{name} ({lower}–{upper})"


def _number(value: float) -> str:
    """Return a number to three digits."""
    digits = 0 if abs(value) >= 99.95 else 1 if abs(value) >= 9.995 else 2
    return f"{value:,.{digits}f}"
