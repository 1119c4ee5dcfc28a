"""`python -m benchmarks [NAME …] [--quick] [--rounds N]`: measure, print tables, and write the page anew.

What is measured replaces its own part of the page; the other parts stay as they were measured before.
"""

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.harness import ROOT, Settings
from benchmarks.machine import describe, others, read_meter
from benchmarks.records import DOCS, Record, keep, kept, page, record, section
from benchmarks.results import Result, as_json

# Each is a module of this package with a function `measure`, in the order of the page.
NAMES: Final = (
    "start_up",
    "many_files",
    "formatting",
    "review",
    "migration",
    "depth",
    "worst_cases",
    "first_prediction",
    "grid",
    "convolutions",
    "networks",
    "threads",
    "accuracy",
    "compile_time",
    "large_model",
    "training",
    "regions",
)
PAGE: Final = DOCS / "benchmarks.md"
JSON: Final = ROOT / "build" / "benchmarks"
_ROUNDS, _QUICK_ROUNDS = 7, 3


def main(arguments: Sequence[str]) -> int:
    """Measure what is named, or everything, and return the exit code: a goal that is missed is no failure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure netspec beside its peers.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"what to measure; all unless given: {' '.join(NAMES)}"
    )
    parser.add_argument("--quick", action="store_true", help="a look: few points and rounds, the page stays as it is")
    parser.add_argument("--rounds", type=int, help=f"rounds; at least {_ROUNDS} for numbers to publish ({_ROUNDS})")
    parser.add_argument("--page", action="store_true", help="measure nothing: write the page of what was measured")
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.names if name not in NAMES]
    rounds: int = (_QUICK_ROUNDS if asked.quick else _ROUNDS) if asked.rounds is None else asked.rounds
    if unknown or rounds < 1:
        parser.error(f"there is no measurement {unknown[0]!r}" if unknown else "--rounds is at least 1")
    for name in [] if asked.page else asked.names or NAMES:
        print(f"{name} …", file=sys.stderr, flush=True)
        start = time.perf_counter()
        result, found = _measure(name, rounds, quick=asked.quick)
        print(f"{section(found, found.machine)}\n{name} took {time.perf_counter() - start:.0f} s.\n", flush=True)
        _write_samples(name, result, found)
        if not asked.quick:
            keep(name, found, result)
    records = kept(NAMES)
    if records and not asked.quick:
        PAGE.write_text(page(records, NAMES), encoding="utf-8")
    return 0


def _measure(name: str, rounds: int, *, quick: bool) -> tuple[Result, Record]:
    module = importlib.import_module(f"benchmarks.{name}")
    before = read_meter()
    with tempfile.TemporaryDirectory(prefix="netspec-benchmarks-") as scratch:
        result: Result = module.measure(Settings(rounds, Path(scratch), "quick" if quick else "whole"))
    return result, record(result, rounds, others(before, read_meter()), describe())


def _write_samples(name: str, result: Result, found: Record) -> None:
    """Write what every round took, which is too much for the page and for the repository."""
    JSON.mkdir(parents=True, exist_ok=True)
    data = {
        "machine": found.machine,
        "rounds": found.rounds,
        "others": found.others,
        "unit": "seconds, bytes at the peak and processor seconds of every round",
        **as_json(result),
    }
    (JSON / f"{name}.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(sys.argv[1:]))
