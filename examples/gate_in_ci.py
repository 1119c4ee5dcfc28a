"""Refuse a change whose specs are wrong, or whose networks have grown beyond a budget.

    python examples/gate_in_ci.py specs/notebook_4_1 500_000

Prints a line for each spec, and what is wrong where something is; the exit code is 1 if anything is.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import netspec


def main(folder: Path, budget: int) -> int:
    """Return the exit code after a look at every spec below the folder."""
    refused = 0
    for path in sorted(folder.rglob("*.yaml")):
        complaints = list(check(path, budget))
        verdict = "FAIL" if complaints else "ok"
        print(f"{verdict:<5} {path.relative_to(folder).as_posix()}")
        for complaint in complaints:
            print(f"      {complaint}")
        refused += bool(complaints)
    print(f"{refused} refused")
    return 1 if refused else 0


def check(path: Path, budget: int) -> Iterator[str]:
    """Yield what speaks against a spec: its diagnostics, or a network that is too large."""
    try:
        network = netspec.load(path)
    except netspec.SpecError as error:
        yield from str(error).splitlines()  # drawn as on the command line; `error.diagnostics` has them as data
        return
    facts = network.facts
    if facts.parameters > budget:
        yield f"{facts.parameters:,} parameters, {facts.parameters - budget:,} over the budget"
    if network.part.claims.expect is None:
        yield "it has no `expect`, so nobody would notice if its facts changed"


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[2].replace("_", "").isdecimal():
        sys.exit("usage: python examples/gate_in_ci.py FOLDER PARAMETERS")
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
