"""Specs in review: what `netspec diff --git` takes beside git, where few specs of a thousand changed, and all."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from benchmarks.generated import write_specs
from benchmarks.harness import ROOT, Process, Samples, Settings, System, interleave, processors, seconds
from benchmarks.results import Goal, Result, Table, spell_seconds

DIFF, BREAKING, VALIDATE, GIT = "netspec diff --git", "netspec breaking", "netspec validate", "git diff"
_IDENTITY: Final = ("-c", "user.name=netspec", "-c", "user.email=netspec@example.org")


def measure(settings: Settings) -> Result:
    """Return what a review of a folder of specs costs beside git's own, and beside validating them."""
    count = 4 if settings.tiny else 1000
    samples: dict[str, Samples] = {}
    rows, goals = [], []
    for changed in (1, count) if settings.tiny else (10, count):
        repository = _repository(settings.scratch / f"{changed}_changed", count, changed)
        systems: dict[str, System] = {
            DIFF: _netspec(repository, "diff", "--git", "HEAD"),
            BREAKING: _netspec(repository, "breaking", "--against", "HEAD"),
            VALIDATE: _netspec(repository, "validate", "specs"),
            GIT: Process((_program("git"), "-C", repository, "diff", "HEAD")),
        }
        name = f"{changed:,} of {count:,} changed"
        taken = samples[name] = interleave(systems, settings.rounds)
        rows += [
            (f"{system}, {name}", spell_seconds(seconds(sample)), spell_seconds(processors(sample)))
            for system, sample in taken.items()
        ]
        if changed < count:
            goals.append(Goal(f"{DIFF}, {name}", "at most 3 s", seconds(taken[DIFF]), 3.0, spell_seconds))
    return Result(
        "Review",
        "A thousand specs of about 30 lines, each with two variants, in a git repository; in ten of them, and in all, "
        "one activation is another. Whole processes. netspec reads only what changed, both sides of it, and compares "
        "the networks, variants too; `git diff` compares lines; `netspec validate` reads one side of everything.",
        [Table(("process", "time", "processor time"), rows)],
        goals,
        samples,
    )


def _repository(folder: Path, count: int, changed: int) -> Path:
    """Return a repository with so many specs, some of which have another activation since the commit."""
    paths = write_specs(folder / "specs", count)
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "specs")):
        subprocess.run(["git", "-C", folder, *_IDENTITY, *arguments], check=True)
    for path in paths[:changed]:
        text = path.read_text(encoding="utf-8")
        first, bracket, rest = text.partition("activation: [")
        activation, _, others = rest.partition(",")
        other = "relu" if activation != "relu" else "tanh"
        path.write_text(f"{first}{bracket}{other},{others}", encoding="utf-8")
    return folder


def _program(name: str) -> str:
    """Return where a program of the system is."""
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"{name} is not installed")
    return found


def _netspec(repository: Path, *arguments: str) -> Process:
    """Return the process of a netspec command in a repository."""
    return Process(
        (_program("env"), "-C", repository, f"PYTHONPATH={ROOT}", sys.executable, "-m", "netspec.cli", *arguments)
    )
