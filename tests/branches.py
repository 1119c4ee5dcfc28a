"""Holds the rooms that hostile input meets first to every branch being tested; reads what `make tests` measured.

Run by `make tests` after the suite: coverage's own threshold is one number for all files, and these must have all.
"""

import json
import subprocess
import sys
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path


def main() -> int:
    """Return 1 where a branch of those rooms was not taken, each named; 0 where all were."""
    report = Path("build/coverage.json")
    report.parent.mkdir(exist_ok=True)
    subprocess.run([sys.executable, "-m", "coverage", "json", "-q", "-o", str(report)], check=True)
    files = json.loads(report.read_text())["files"]
    wanted = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["coverage"]["run"]["include"]
    short = 0
    for name, found in sorted(files.items()):
        lines, branches = found["missing_lines"], found["missing_branches"]
        if lines or branches:
            short += 1
            print(f"{name}: not all tested: lines {lines}, branches {branches}")
    unseen = [pattern for pattern in wanted if not any(fnmatchcase(name, pattern) for name in files)]
    for pattern in unseen:
        print(f"{pattern}: no such file was measured")
    print(
        f"{len(files) - short} of {len(files)} files of the rooms that hostile input meets are tested to every branch"
    )
    return 1 if short or unseen else 0


if __name__ == "__main__":
    sys.exit(main())
