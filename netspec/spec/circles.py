"""Parts of one file that hold themselves, by way of any number of others, whether anything uses them or not."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final, NamedTuple

from netspec.diagnostics import Diagnostic
from netspec.layers.faults import Details, Mark, Path
from netspec.layers.scope import MOST_FAULTS
from netspec.spec.document import Document
from netspec.spec.items import REPEAT

_SHOWN: Final = 8
"""Parts of a chain that a message lists."""
_HELP: Final = "take it out: a part cannot hold itself; `repeat` applies it again and again"

Names = Mapping[str, tuple[Path, int]]
"""The parts that one part declares: the place of each, and its number among its like."""


class Use(NamedTuple):
    """Where a part names another one, and the place of that one's declaration."""

    path: Path
    key: bool
    part: Path


class Circles(NamedTuple):
    """The circles of one file: their faults, and the parts at which each of them is cut."""

    faults: list[Diagnostic]
    parts: frozenset[Path]


def find_circles(document: Document) -> Circles:
    """Return the parts of a file that hold themselves, each circle told once, at the use that closes it."""
    uses: dict[Path, list[Use]] = {}
    _collect(document.data, (), (), uses)
    faults: list[Diagnostic] = []
    cut: set[Path] = set()
    done: set[Path] = set()
    for start in uses:
        if start in done:
            continue
        chain = [start]  # from the part where the walk began to the one that is looked at
        ways = [iter(uses[start])]
        taken: list[Use] = []
        standing = {start: 0}
        while chain:
            use = next(ways[-1], None)
            if use is None:
                done.add(chain[-1])
                del standing[chain.pop()]
                ways.pop()
                del taken[-1:]
            elif use.part in standing:
                cut.update((use.part, chain[-1]))
                if len(faults) < MOST_FAULTS:
                    first = standing[use.part]
                    cut.update(chain[first:])
                    faults.append(_told(document, chain[first:], [*taken[first:], use]))
            elif use.part not in done:
                standing[use.part] = len(chain)
                chain.append(use.part)
                ways.append(iter(uses[use.part]))
                taken.append(use)
    return Circles(faults, frozenset(cut))


def shown_chain(names: list[str]) -> str:
    """Return what leads to what, its middle left out where it is long."""
    shown = names if len(names) <= _SHOWN else [*names[: _SHOWN - 2], "…", names[-1]]
    return " → ".join(shown)


def _told(document: Document, chain: list[Path], uses: list[Use]) -> Diagnostic:
    names = [str(path[-1]) for path in (*chain, chain[0])]
    marks = tuple(
        Mark(use.path, f"`{one}` applies `{other}`", use.key)
        for use, (one, other) in list(zip(uses[:-1], pairwise(names), strict=False))[:_SHOWN]
    )
    words = f"`{names[0]}` is applied within itself: {shown_chain(names)}"
    at, key = uses[-1].path, uses[-1].key
    label = f"`{names[-2]}` applies `{names[0]}`" if marks else ""
    return document.fault("reference-cycle", (), Details(words, False, at, key, label, marks, _HELP))


def _collect(data: Mapping[str, Any], path: Path, around: tuple[Names, ...], uses: dict[Path, list[Use]]) -> None:
    """Gather what the parts within a part use; `around` are the names in sight there, the innermost first."""
    visible = (_own(data, path), *around)
    for key in ("networks", "blocks"):
        for name, inner in _declared(data, key).items():
            at = (*path, key, name)
            _collect(inner, at, visible, uses)
            seen = (_own(inner, at), *visible)
            uses[at] = [*_in_layers(inner.get("layers"), (*at, "layers"), seen), *_composed(inner, at, seen)]


def _own(data: Mapping[str, Any], path: Path) -> Names:
    """Return the parts that a part declares; of a block and a network of one name it is the network."""
    return {
        name: ((*path, key, name), number)
        for key in ("blocks", "networks")
        for number, name in enumerate(_declared(data, key))
    }


def _declared(data: Mapping[str, Any], key: str) -> dict[str, dict[str, Any]]:
    """Return the parts under a key that are written out there; one that is a file sees nothing of this one."""
    found = data.get(key)
    if not isinstance(found, dict):
        return {}
    return {name: inner for name, inner in found.items() if isinstance(inner, dict)}


def _in_layers(layers: object, path: Path, visible: tuple[Names, ...]) -> Iterator[Use]:
    for i, item in enumerate(layers if isinstance(layers, list) else ()):
        key = isinstance(item, dict) and len(item) == 1
        word = next(iter(item)) if isinstance(item, dict) and key else item
        if not isinstance(word, str):
            continue
        declared = next((names[word] for names in visible if word in names), None)
        if declared is not None:
            yield Use((*path, i, word) if key else (*path, i), key, declared[0])
        elif key and word == REPEAT and isinstance(item[word], dict):
            yield from _in_layers(item[word].get("layers"), (*path, i, word, "layers"), visible)


def _composed(data: Mapping[str, Any], path: Path, visible: tuple[Names, ...]) -> Iterator[Use]:
    """Yield the networks that a composition names. It sees those that are declared above it; one below it that has its
    name from nothing else is a use all the same.
    """
    entries = data.get("compose")
    for i, name in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(name, str):
            named = [(level, *names[name]) for level, names in enumerate(visible) if name in names]
            found = [each for each in named if each[1][-2] == "networks"]
            above = (each for each in found if _is_above(each[2], visible, path, each[0]))
            use = next(above, found[0] if found else None)
            if use is not None:
                yield Use((*path, "compose", i), False, use[1])


def _is_above(number: int, visible: tuple[Names, ...], path: Path, level: int) -> bool:
    """Whether a network, by its number among those so many steps out, stands above the part at `path`."""
    around = path[: len(path) - 2 * (level - 1)] if level else ()
    return level == 0 or around[-2] == "blocks" or number < visible[level][str(around[-1])][1]
