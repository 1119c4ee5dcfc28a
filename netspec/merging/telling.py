"""The words for what could not be merged."""

from collections.abc import Iterable, Sequence
from typing import Final

from netspec.diagnostics import quote, show
from netspec.merging.hunks import Conflict
from netspec.merging.pieces import MARGIN, AnyEntry
from netspec.source import Mapping, Node, Scalar

Path = tuple[str, ...]

_SHOWN: Final = 48  # characters of a value


def place_of(path: Path) -> str:
    """Return where in a spec a path leads, in words: `channels` of `conv`."""
    if not path:
        return "the file"
    own = path[-1] if path[-1].startswith("item ") else quote(path[-1])
    return own if len(path) == 1 else f"{own} of {quote(path[-2])}"


def both_changed(path: Path, ours: str, base: str | None, theirs: str) -> Conflict:
    """Return the conflict of two values for one thing."""
    mine, other = _shown(ours), _shown(theirs)
    if base is None:
        return Conflict(f"both added {place_of(path)}: {mine} and {other}", path)
    was = _shown(base)
    return Conflict(f"both changed {place_of(path)}: {was} → {mine} and {was} → {other}", path)


def gone(path: Path, *, ours: bool) -> Conflict:
    """Return the conflict of a thing that one side deleted, ours or theirs, and the other changed."""
    one, other = ("ours", "theirs") if ours else ("theirs", "ours")
    return Conflict(f"{one} deleted {place_of(path)}, {other} changed it", path)


def both_inserted(path: Path, ours: Sequence[AnyEntry], theirs: Sequence[AnyEntry]) -> Conflict:
    """Return the conflict of items that both sides put at one place of a list."""
    mine, other = (", ".join(item.told for item in side) for side in (ours, theirs))
    if not mine or not other:
        more, fewer = ("theirs", "ours") if not mine else ("ours", "theirs")
        words = f"both inserted into {place_of(path)} at one place, {more} more than {fewer}: {_shown(mine or other)}"
        return Conflict(words, path)
    return Conflict(f"both inserted into {place_of(path)} at one place: {_shown(mine)} and {_shown(other)}", path)


def both_ordered(path: Path) -> Conflict:
    """Return the conflict of two other orders of one list."""
    return Conflict(
        f"both gave {place_of(path)} another order, or added to it at one place, and which comes first is unclear", path
    )


def both_commented(path: Path) -> Conflict:
    """Return the conflict of two comments at one place."""
    return Conflict(f"both changed the comment at {place_of(path)}", path)


def names_of(nodes: Iterable[Node]) -> list[str]:
    """Return what the items of a list are called: their names, as a reader of layers knows them, or their numbers."""
    counts: dict[str, int] = {}
    names: list[str] = []
    for number, node in enumerate(nodes, 1):
        word = f"item {number}"
        if isinstance(node, Mapping) and len(node.values) == 1:
            ((word, value),) = node.values.items()
            given = value.values.get("as") if isinstance(value, Mapping) else None
            if isinstance(given, Scalar):
                names.append(given.text)
                continue
        elif isinstance(node, Scalar) and isinstance(node.value, str):
            word = node.text
        counts[word] = counts.get(word, 0) + 1
        names.append(word if counts[word] == 1 else f"{word}_{counts[word]}")
    return names


def _shown(text: str) -> str:
    return show(" ".join(text.replace(MARGIN, "").split()), _SHOWN)
