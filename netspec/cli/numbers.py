"""Lists of numbers as options write them: 1-5, 10-50/10, 1,2,8."""

import re
from typing import Final

from netspec.diagnostics import SystemFault, quote

MOST_NUMBERS: Final = 5_000

_ITEM: Final = re.compile(r"([0-9]{1,18})(?:-([0-9]{1,18})(?:/([0-9]{1,18}))?)?\Z")


def number_list(text: str, option: str) -> list[int]:
    """Return the numbers that a text lists: single ones, and ranges FROM-TO or FROM-TO/STEP, parted by commas.

    SystemFault `usage` for what is no such list, or has more than 5,000 numbers.
    """
    found: list[int] = []
    for item in text.split(","):
        match = _ITEM.match(item.strip())
        if match is None:
            help_ = "such as 1-5, 10-50/10 or 1,2,8"
            raise SystemFault("usage", f"{option}: {quote(text)} is no list of numbers", help_)
        first, last, step = match.groups()
        numbers = range(int(first), int(last or first) + 1, int(step or 1) or 1)
        if not numbers:
            raise SystemFault("usage", f"{option}: {quote(item)} runs backward", "write the smaller number first")
        if len(found) + len(numbers) > MOST_NUMBERS:
            raise SystemFault("usage", f"{option}: {quote(text)} lists more than {MOST_NUMBERS:,} numbers")
        found += numbers
    return found
