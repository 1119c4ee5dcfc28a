"""The canonical layout of many files: what a step of continuous integration that checks it waits for."""

from benchmarks.generated import write_specs
from benchmarks.harness import BIN, Process, Samples, Settings, System, interleave, netspec, processors, ratio, seconds
from benchmarks.results import Goal, Result, Table, spell_seconds, spell_times

TWO, ONE, LINTER = "netspec fmt --check --jobs 2", "netspec fmt --check --jobs 1", "yamllint"
WRITE = "netspec fmt --check --jobs 2, every file changes"
_RULES = "{extends: relaxed, rules: {line-length: {max: 120}}}"


def measure(settings: Settings) -> Result:
    """Return what checking the layout of a folder costs beside a linter of YAML, which reads the same files."""
    count = 3 if settings.tiny else 1000
    folder, other = settings.scratch / "formatted", settings.scratch / "unformatted"
    paths = write_specs(folder, count)
    other.mkdir(parents=True)
    for path in paths:
        (other / path.name).write_text(path.read_text(encoding="utf-8").replace("  ", "    "), encoding="utf-8")
    netspec("fmt", "--quiet", folder)()
    systems: dict[str, System] = {
        TWO: netspec("fmt", "--check", "--jobs", "2", folder),
        ONE: netspec("fmt", "--check", "--jobs", "1", folder),
        WRITE: netspec("fmt", "--check", "--jobs", "2", other, status=1),
        LINTER: Process((BIN / "yamllint", "-d", _RULES, folder)),
    }
    taken: Samples = interleave(systems, settings.rounds)
    rows = [
        (
            name,
            spell_seconds(seconds(sample)),
            spell_seconds(processors(sample)),
            "" if name == LINTER else spell_times(ratio(taken[LINTER], sample)),
        )
        for name, sample in taken.items()
    ]
    goals = [
        Goal(
            f"{LINTER} : {ONE}, {count:,} files",
            "at least 5 ×",
            ratio(taken[LINTER], taken[ONE]),
            5.0,
            spell_times,
            at_least=True,
        ),
        Goal(f"{TWO}, {count:,} files", "at most 3 s", seconds(taken[TWO]), 3.0, spell_seconds),
    ]
    return Result(
        "The layout of many files",
        f"{count:,} different specs of about 30 lines in the canonical layout, and the same with other blanks, so that "
        "each is read again and compared. Whole processes. yamllint reads the same files and holds them against its "
        "rules; it writes none.",
        [Table(("process", "time", "processor time", "netspec is faster by"), rows)],
        goals,
        {f"{count} files": taken},
    )
