"""`python -m benchmarks [NAME …] [--rounds N]`: measure, print tables, and write the page where all is measured."""

import argparse
import importlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.harness import ROOT, Settings
from benchmarks.machine import describe, others, read_meter
from benchmarks.results import Result, Table, as_json, goals_table, markdown, section

# Each is a module of this package with a function `measure`, in the order of the page.
NAMES: Final = (
    "start_up",
    "many_files",
    "depth",
    "worst_cases",
    "first_prediction",
    "inference",
    "large_model",
)
PAGE: Final = ROOT / "docs" / "benchmarks.md"
JSON: Final = ROOT / "build" / "benchmarks.json"
_QUIET: Final = 0.05  # share of the machine that others may use in a run that is called quiet


class Measured(NamedTuple):
    """A measurement, and the share of the machine that other programs used during it."""

    result: Result
    others: float | None


def main(arguments: Sequence[str]) -> int:
    """Measure what is named, or everything, and return the exit code: a goal that is missed is no failure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure netspec beside its peers.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"what to measure; all unless given: {' '.join(NAMES)}"
    )
    parser.add_argument("--rounds", type=int, default=11, help="rounds; at least 7 for numbers to publish (11)")
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.names if name not in NAMES]
    if unknown or asked.rounds < 1:
        parser.error(f"there is no measurement {unknown[0]!r}" if unknown else "--rounds is at least 1")
    measured: dict[str, Measured] = {}
    for name in asked.names or NAMES:
        measured[name] = _measure(name, asked.rounds)
        print(f"{section(measured[name].result)}\n{_said_of_others(measured[name].others)}\n", flush=True)
    machine = describe()
    JSON.parent.mkdir(exist_ok=True)
    JSON.write_text(json.dumps(_data(measured, machine, asked.rounds), indent=1) + "\n", encoding="utf-8")
    if set(measured) == set(NAMES):
        PAGE.write_text(page(measured, machine, asked.rounds), encoding="utf-8")
    return 0


def _measure(name: str, rounds: int) -> Measured:
    module = importlib.import_module(f"benchmarks.{name}")
    before = read_meter()
    with tempfile.TemporaryDirectory(prefix="netspec-benchmarks-") as scratch:
        result: Result = module.measure(Settings(rounds, Path(scratch)))
    return Measured(result, others(before, read_meter()))


def page(measured: dict[str, Measured], machine: dict[str, str], rounds: int) -> str:
    """Return the page of the documentation."""
    goals = [goal for found in measured.values() for goal in found.result.goals]
    missed = sum(not goal.met for goal in goals)
    words = f"{len(goals) - missed} of {len(goals)} goals are met."
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `python -m benchmarks` (`make bench`): not by hand. Speed is said beside a peer that is",
            f"measured in the same run, in turns: the median of {rounds} rounds, its quartiles in brackets, ratios",
            "taken round by round. Absolute times are this machine's.",
            "",
            markdown(Table(("machine", ""), list(machine.items()))),
            "",
            _noise(measured),
            "",
            f"## The goals\n\n{words}",
            "",
            markdown(goals_table(goals)),
            "",
            *(section(found.result) for found in measured.values()),
        ]
    )


def _noise(measured: dict[str, Measured]) -> str:
    """Return how quiet the machine was."""
    shares = {name: found.others for name, found in measured.items() if found.others is not None}
    if not shares:
        return "How much of the machine other programs used meanwhile is not known."
    worst = max(shares, key=lambda name: shares[name])
    if shares[worst] <= _QUIET:
        return f"The machine was quiet: other programs used at most {shares[worst]:.0%} of it."
    listed = ", ".join(f"{share:.0%} ({name})" for name, share in shares.items())
    return f"The machine was not quiet. Other programs used {listed} of it: absolute times are too long, ratios hold."


def _said_of_others(share: float | None) -> str:
    return "" if share is None else f"Other programs used {share:.0%} of the machine."


def _data(measured: dict[str, Measured], machine: dict[str, str], rounds: int) -> dict[str, object]:
    return {
        "machine": machine,
        "rounds": rounds,
        "samples": "seconds, bytes at the peak and processor seconds of every round",
        "measurements": {name: {"others": each.others, **as_json(each.result)} for name, each in measured.items()},
    }


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(sys.argv[1:]))
