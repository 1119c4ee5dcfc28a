"""`netspec limits`: the table of bounds."""

from netspec.cli.outcome import FINE
from netspec.cli.terminal import output
from netspec.limits import TABLE


def command() -> int:
    """Print every bound on what netspec reads and builds."""
    rows = [(bound.name, f"{bound.value:,}", bound.unit, bound.code) for bound in TABLE]
    head = ("limit", "value", "unit", "fault")
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = (
        f"{name:<{widths[0]}}  {value:>{widths[1]}}  {unit:<{widths[2]}}  {code}".rstrip()
        for name, value, unit, code in [head, *rows]
    )
    output().write("".join(f"{line}\n" for line in lines))
    return FINE
