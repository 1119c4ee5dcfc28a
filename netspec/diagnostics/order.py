"""The order in which every renderer lists diagnostics."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from netspec.diagnostics.diagnostic import Diagnostic


def by_file(diagnostics: Iterable[Diagnostic]) -> Iterator[tuple[str, list[Diagnostic]]]:
    """Yield each file with its diagnostics, in the order of files and places, equal ones once."""
    ordered = dict.fromkeys(sorted(diagnostics, key=Diagnostic.order))
    for file, group in groupby(ordered, key=lambda diagnostic: diagnostic.place.file):
        yield file, list(group)
