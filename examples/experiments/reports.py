"""What an experiment found: claims held against numbers, a table, a picture; on the screen, and as files."""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from netspec.plots import Picture

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

Verdict = Literal["agrees", "does not agree", "not decided"]


class Claim(NamedTuple):
    """What the book or the lecture says, what came out, and whether they agree; `why` where they do not."""

    said: str
    found: str
    verdict: Verdict
    why: str = ""


class Report(NamedTuple):
    """What an experiment found. `seconds` are those of all processors; `numbers` are kept in the file beside."""

    title: str
    seeds: int
    claims: Sequence[Claim]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Mapping[str, Any]
    picture: Picture
    seconds: float


class Experiment(NamedTuple):
    """An experiment: its name, and what runs it, quick or whole, by so many processes."""

    name: str
    run: Callable[[bool, int], Report]


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Return mean ± standard deviation over the seeds."""
    return f"{np.mean(values):.{digits}f} ± {deviation(values):.{digits}f}"


def deviation(values: Sequence[float]) -> float:
    """Return the standard deviation over the seeds, 0 for one."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def less(one: Sequence[float], other: Sequence[float]) -> Verdict:
    """Return whether one mean is below another: decided where they are two standard errors apart."""
    difference = float(np.mean(other) - np.mean(one))
    error = (deviation(one) ** 2 / len(one) + deviation(other) ** 2 / len(other)) ** 0.5
    return "agrees" if difference > 2 * error else "does not agree" if difference < -2 * error else "not decided"


def agrees(whether: bool) -> Verdict:
    """Return the verdict of what is true or not."""
    return "agrees" if whether else "does not agree"


def counted(layers: int) -> str:
    """Return so many layers in words."""
    return f"{layers} layer{'s' * (layers > 1)}"


def main(experiment: Experiment) -> None:
    """Run one experiment as the command line asks."""
    parser = argparse.ArgumentParser(prog=f"python -m examples.experiments.{experiment.name}")
    options(parser)
    given = parser.parse_args()
    carry_out(experiment, given.quick, given.jobs, given.output, given.output)


def options(parser: argparse.ArgumentParser) -> None:
    """Add what every experiment takes."""
    parser.add_argument("--quick", action="store_true", help="little data and few epochs: whether it runs at all")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="processes (default: up to 2)")
    parser.add_argument("-o", dest="output", type=Path, default=ROOT / "build" / "experiments", help="the folder")


def carry_out(experiment: Experiment, quick: bool, jobs: int, numbers: Path, pictures: Path) -> Report:
    """Run an experiment, print what came out, and write it: the numbers into one folder, the picture into another."""
    begun = time.perf_counter()
    report = experiment.run(quick, jobs)
    passed = time.perf_counter() - begun
    print(text(report, passed))
    for folder in (numbers, pictures):
        folder.mkdir(parents=True, exist_ok=True)
    written = json.dumps(record(report, passed, quick), indent=1, ensure_ascii=False)
    (numbers / f"{experiment.name}.json").write_text(f"{written}\n", encoding="utf-8")
    (pictures / f"{experiment.name}.svg").write_bytes(report.picture.data("svg"))
    print(f"\n{numbers / experiment.name}.json, {pictures / experiment.name}.svg")
    return report


def text(report: Report, passed: float) -> str:
    """Return a report for the screen."""
    lines = [report.title, ""]
    table = [report.head, *report.rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(report.head))]
    for row in table:
        cells = [
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    for claim in report.claims:
        lines += ["", f"said   {claim.said}", f"found  {claim.found}", f"       {judged(claim)}"]
    lines += ["", f"{report.seeds} seeds; {passed:.0f} s, {report.seconds:.0f} s of one processor"]
    return "\n".join(lines)


def judged(claim: Claim) -> str:
    """Return the verdict, and why it is none where it is none."""
    return claim.verdict if claim.verdict == "agrees" or not claim.why else f"{claim.verdict}: {claim.why}"


def record(report: Report, passed: float, quick: bool) -> dict[str, Any]:
    """Return a report as it is kept."""
    return {
        "title": report.title,
        "quick": quick,
        "seeds": report.seeds,
        "claims": [claim._asdict() for claim in report.claims],
        "head": report.head,
        "rows": report.rows,
        "numbers": report.numbers,
        "seconds": round(passed, 1),
        "processor_seconds": round(report.seconds, 1),
        "made_by": {
            "netspec": version("netspec-lang"),
            "numpy": version("numpy"),
            "python": platform.python_version(),
        },
    }


def rounded(values: Any, digits: int = 4) -> Any:
    """Return numbers as lists, to be kept."""
    return np.round(np.asarray(values, np.float64), digits).tolist()
