"""The key `netspec`, by which a spec is told from any other YAML file."""

import re
from typing import Final

from netspec.source.source import read_source

_FIRST: Final = re.compile(rb"^(?:\{[ \t]*)?[\"']?netspec[\"']?[ \t]*:", re.MULTILINE)
_ANYWHERE: Final = re.compile(rb"netspec[\"']?\s*:|\\")  # an escape may spell the key


def is_spec(data: bytes) -> bool:
    """Return whether a file has the key `netspec`: surely so where it can be read, else by what a line begins with."""
    if _FIRST.search(data):
        return True
    if not _ANYWHERE.search(data):
        return False
    tree = read_source(data, "").tree
    return tree is not None and "netspec" in tree.values
