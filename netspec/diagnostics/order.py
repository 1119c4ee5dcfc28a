"""The order in which every renderer lists diagnostics."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from netspec.diagnostics.diagnostic import Diagnostic


def by_file(diagnostics: Iterable[Diagnostic]) -> Iterator[tuple[str, list[Diagnostic]]]:
    """Yield each file with its diagnostics, in the order of files and places, equal ones once."""
    ordered = dict.fromkeys(sorted(diagnostics, key=Diagnostic.order))
    for file, group in groupby(ordered, key=lambda diagnostic: diagnostic.place.file):
        yield file, list(group)


def bounded(diagnostics: Iterable[Diagnostic], faults: int, most: int) -> tuple[list[Diagnostic], int]:
    """Return those that a report lists, and how many it leaves out.

    They are at most `faults` of each file, and at most `most` in all. Where these are too many, errors go before
    warnings; what is listed stays in the order of the places.
    """
    groups = [here for _, here in by_file(diagnostics)]
    listed = [diagnostic for here in groups for diagnostic in here[:faults]]
    if len(listed) > most:
        chosen = set(sorted(listed, key=lambda diagnostic: diagnostic.severity != "error")[:most])
        listed = [diagnostic for diagnostic in listed if diagnostic in chosen]
    return listed, sum(map(len, groups)) - len(listed)
