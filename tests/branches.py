"""Holds the rooms that hostile input meets first to every branch being tested; reads what `make tests` measured.

Run by `make tests` after the suite: coverage's own threshold is one number for all files, and these must have all.
"""

import json
import subprocess
import sys
from pathlib import Path

WHOLE = (
    "netspec/source/",
    "netspec/configuration/",
    "netspec/sizes/",
    "netspec/files/",
    "netspec/rules/",
    "netspec/cli/forms.py",
    "netspec/diagnostics/gitlab.py",
    "netspec/diagnostics/junit.py",
    "netspec/diagnostics/lines.py",
    "netspec/diagnostics/order.py",
    "netspec/diagnostics/sarif.py",
    "netspec/formatting/difference.py",
    "netspec/spec/document.py",
    "netspec/spec/hyperparameters.py",
    "netspec/spec/library.py",
    "netspec/spec/reading.py",
    "netspec/spec/resolve.py",
    "netspec/model/loading.py",
    "netspec/model/saving.py",
    "netspec/review/html.py",
    "netspec/review/marking.py",
    "netspec/review/report.py",
    "netspec/review/report_markdown.py",
    "netspec/review/sides.py",
    "netspec/runtime/array_feed.py",
    "netspec/runtime/column_feed.py",
    "netspec/runtime/feeds.py",
    "netspec/runtime/graph_writers.py",
    "netspec/runtime/json_feed.py",
    "netspec/runtime/ports.py",
    "netspec/runtime/tables.py",
    "netspec/runtime/writers.py",
    "netspec/runtime/csv_table.py",
    "netspec/runtime/json_table.py",
    "netspec/runtime/numpy_table.py",
    "netspec/runtime/tensors.py",
)


def main() -> int:
    """Return 1 where a branch of those rooms was not taken, each named; 0 where all were."""
    report = Path("build/coverage.json")
    report.parent.mkdir(exist_ok=True)
    subprocess.run([sys.executable, "-m", "coverage", "json", "-q", "-o", str(report)], check=True)
    files = json.loads(report.read_text())["files"]
    short = 0
    seen = 0
    for name, found in sorted(files.items()):
        if not name.startswith(WHOLE):
            continue
        seen += 1
        lines, branches = found["missing_lines"], found["missing_branches"]
        if lines or branches:
            short += 1
            print(f"{name}: not all tested: lines {lines}, branches {branches}")
    if not seen:
        print("no file of the rooms that must be tested whole was measured")
        return 1
    print(f"{seen - short} of {seen} files of the reader, the resolver, and the files room are tested to every branch")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
