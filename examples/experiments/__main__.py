"""Run the experiments, all or those that are named: `python -m examples.experiments [NAME ...]`.

With `--docs` the numbers and pictures are those of the documentation, docs/experiments and docs/pictures/experiments.
"""

import argparse
import sys
from importlib import import_module

from examples.experiments.reports import DOCS, carry_out, options

NAMES = (
    "notebook_8_1",
    "notebook_20_1",
    "equal_budgets",
    "notebook_10_2",
    "full_batch",
    "depth",
    "folded_target",
    "regions_used",
)


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m examples.experiments", description=f"{', '.join(NAMES)}")
    parser.add_argument("names", nargs="*", metavar="NAME", help="an experiment (default: all)")
    parser.add_argument("--docs", action="store_true", help="write what the documentation shows")
    options(parser)
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in NAMES]
    if unknown or (given.docs and given.quick):
        parser.error(f"no experiment is called {unknown[0]}" if unknown else "--quick is not for the documentation")
    for name in given.names or NAMES:
        experiment = import_module(f"examples.experiments.{name}").EXPERIMENT
        numbers = DOCS / "experiments" if given.docs else given.output
        pictures = DOCS / "pictures" / "experiments" if given.docs else given.output
        carry_out(experiment, given.quick, given.jobs, numbers, pictures)
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
