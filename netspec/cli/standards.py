"""`--level`, `--limit` and the configuration: what `breaking` and `report` hold a change against."""

import re
from collections.abc import Sequence
from typing import Final, Literal, cast

from netspec.cli.configuring import Configurations
from netspec.configuration.policy import FACTS
from netspec.diagnostics import SystemFault, quote
from netspec.review.standard import LEAST, Standard

Level = Literal["interface", "weights", "function", "budget", "cosmetic"]

LEVEL_HELP: Final = "The mildest class of change that is an error; weights unless it is configured."
LIMIT_HELP: Final = "A fact's limit, such as parameters=1000000; of class budget."
CONFIG_HELP: Final = "The configuration file; the nearest above the working folder unless given."

_LIMIT: Final = re.compile(r"([a-z_]+)=([0-9]{1,18})\Z")


def standard(level: Level | None, limits: Sequence[str], configurations: Configurations) -> Standard:
    """Return what is asked for, else what is configured. SystemFault `usage` for what is no limit, SpecError where the
    configuration is at fault.
    """
    given = _limits(limits)
    configuration = configurations.of("")
    if configuration is None:
        return Standard(level or LEAST, given)
    return Standard(level or cast("Level", configuration.level.value), given, configuration)


def configured_against(chosen: Standard) -> str | None:
    """Return the revision that is configured to be compared with."""
    return None if chosen.configuration is None else chosen.configuration.against.value


def _limits(given: Sequence[str]) -> dict[str, int]:
    """Return the limits by fact."""
    limits: dict[str, int] = {}
    for text in given:
        match = _LIMIT.match(text)
        if match is None or match[1] not in FACTS:
            help_ = f"write FACT=N, of {', '.join(FACTS)}"
            raise SystemFault("usage", f"--limit: {quote(text)} is no limit on a fact", help_)
        limits[match[1]] = int(match[2])
    return limits
