"""Where a spec's recipe has its keys from: the spec, its variant, or a hyperparameter that is set."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from netspec.source.tree import plain

if TYPE_CHECKING:
    from netspec.network import Network

_WORD: Final = re.compile(r"[A-Za-z_]\w*")


def origins(network: "Network", sets: Sequence[str]) -> dict[str, str]:
    """Return where each key of the recipe is from that is not just of the spec; `sets` are the options `--set`.

    A key that names a hyperparameter is from where that has its value, be it by way of others.
    """
    part = network.part
    given = {text.partition("=")[0].strip() for text in sets}
    variant = part.variant
    found: dict[str, str] = {}
    for key in () if part.training is None else part.training._fields:
        path = part.training_path(key)
        node = part.document.source.node(path)
        if node is None:
            continue
        names = _names(network, _words(plain(node)))
        of_variant = [name for name in names if variant and _own(network, variant, name)]
        if typed := sorted(names & given):
            found[key] = ", ".join(f"--set {name}" for name in typed)
        elif "variants" in path[: len(part.path) + 1] or of_variant:
            found[key] = f"variant {variant}"
    return found


def _own(network: "Network", variant: str, name: str) -> bool:
    """Return whether a variant gives a hyperparameter its value."""
    part = network.part
    return part.document.source.node((*part.path, "variants", variant, name)) is not None


def _names(network: "Network", words: Iterator[str]) -> set[str]:
    """Return the hyperparameters that are among words, and those that their values name."""
    part = network.part
    known: set[str] = set()
    waiting = [word for word in words if word in part.declared]
    while waiting:
        name = waiting.pop()
        if name in known:
            continue
        known.add(name)
        if name not in part.settings:
            node = part.document.source.node((*part.path, "hyperparameters", name))
            waiting += [word for word in _words(None if node is None else plain(node)) if word in part.declared]
    return known


def _words(value: object) -> Iterator[str]:
    """Give the words of all texts in a value."""
    if isinstance(value, str):
        yield from _WORD.findall(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _words(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _words(inner)
