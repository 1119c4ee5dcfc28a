"""Goals that are ratios to a peer: of some points together, or of the worst of them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from benchmarks.harness import Samples, Spread, geometric, ratio
from benchmarks.results import Goal, spell_times

NETSPEC = "netspec"


class Bar(NamedTuple):
    """How many times as long as netspec a peer takes at least: as the geometric mean of the points, or at the worst.

    `points` are titles; those that were not measured do not count.
    """

    what: str
    peer: str
    least: float
    points: Sequence[str]
    worst: bool = False


def ratios(samples: Mapping[str, Samples], peer: str) -> dict[str, Spread]:
    """Return, of every point where the peer was measured, how many times as long as netspec it takes."""
    return {point: ratio(taken[peer], taken[NETSPEC]) for point, taken in samples.items() if peer in taken}


def goals(bars: Sequence[Bar], samples: Mapping[str, Samples]) -> list[Goal]:
    """Return the goals of the bars; one whose peer, or whose every point, was not measured is left out."""
    found: list[Goal] = []
    for bar in bars:
        at = {point: spread for point, spread in ratios(samples, bar.peer).items() if point in bar.points}
        if not at:
            continue
        worst = min(at, key=lambda point: at[point].median)
        what = f"{bar.peer} : netspec, {bar.what}" + (f" ({worst})" if bar.worst else f" ({len(at)} points)")
        reached = at[worst] if bar.worst else geometric(at.values())
        found.append(Goal(what, f"at least {bar.least:g} ×", reached, bar.least, spell_times, at_least=True))
    return found
