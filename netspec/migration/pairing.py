"""Which tensor of a file is which of a network, by names, places and shapes alone.

What is not certain is not paired: a tensor is then initialised, and the one of the file dropped, and both are said.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from netspec.diagnostics import quote
from netspec.files.parameters import canonical
from netspec.migration.exporters import IGNORED, Meaning, meaning, permuted
from netspec.migration.steps import Grounds, Sizes
from netspec.migration.wanted import Owner, Wanted
from netspec.migration.weights import Tensor, pieces

_COMPARED: Final = 250_000  # layers of the file times kinds of layers of the network
_SHOWN: Final = 3  # groups that a note names


class Pair(NamedTuple):
    """A tensor of the file that one of the network is made of: which stored axis each of its axes is, and why."""

    source: str
    axes: Sizes
    grounds: Grounds


class Pairing(NamedTuple):
    """The pairs by the name of the network's tensor; and what is to be said of what could not be paired."""

    pairs: Mapping[str, Pair]
    notes: tuple[str, ...]


class _Group(NamedTuple):
    """Tensors of a file whose names begin alike: their names there by what comes after that."""

    prefix: str
    names: Mapping[str, str]


def pair(tensors: Mapping[str, Tensor], network: Wanted, renamed: Mapping[str, str]) -> Pairing:
    """Return which of the file's tensors are which of the network's; `renamed` is what the user says of names."""
    called = {name: canonical(renamed.get(name, name)) for name, tensor in tensors.items() if tensor.taken}
    pairs: dict[str, Pair] = {}
    left: list[str] = []
    for name, new in called.items():
        if new in network.tensors and new not in pairs:
            pairs[new] = Pair(name, (), "as told" if name in renamed else "by name")
        else:
            left.append(name)
    pairs = _transposed(pairs, tensors, network)
    owners = [owner for owner in network.owners if not any(name in pairs for name in owner.names.values())]
    groups = _groups(left, called)
    owners, groups = _by_prefix(pairs, tensors, owners, groups, renamed)
    notes = _by_shape(pairs, tensors, owners, groups)
    return Pairing(pairs, (*notes, *_square(pairs, tensors, network)))


def _square(pairs: Mapping[str, Pair], tensors: Mapping[str, Tensor], network: Wanted) -> Iterator[str]:
    """Yield what is to be said of dense weights that are all square under their own names: no shape tells a layout."""
    found: list[str] = []
    for owner in network.owners:
        name = owner.names.get("Omega", "")
        if owner.operation.keyword == "affine" and name in pairs and pairs[name].source == name:
            shape = tensors[name].shape
            if len(shape) != 2 or shape[0] != shape[1] or shape != network.tensors[name].shape:
                return
            if shape[0] > 1:
                found.append(name)
    if found:
        verb = "is" if len(found) == 1 else "are"
        yield f"{_listed(found)} {verb} square, and taken for (outputs, inputs): no shape says which comes first"


def _transposed(pairs: dict[str, Pair], tensors: Mapping[str, Tensor], network: Wanted) -> dict[str, Pair]:
    """Return the pairs with dense weights turned round where the file has all of them as (inputs, outputs).

    That is so where at least one can be nothing else, and none can only be as the network has it. A square one is
    turned with the others, since a file has one layout.
    """
    dense = {
        owner.names["Omega"]
        for owner in network.owners
        if owner.operation.keyword == "affine" and "Omega" in owner.names  # else it is tied
    }
    turned: list[str] = []
    for name in dense & pairs.keys():
        stored, shape = tensors[pairs[name].source].shape, network.tensors[name].shape
        if len(stored) != 2 or stored != shape[::-1]:
            return pairs
        turned.append(name)
    if all(network.tensors[name].shape[0] == network.tensors[name].shape[1] for name in turned):
        return pairs
    return pairs | {name: pairs[name]._replace(axes=(1, 0)) for name in turned}


def _groups(names: Iterable[str], called: Mapping[str, str]) -> list[_Group]:
    found: dict[str, dict[str, str]] = {}
    for name in names:
        prefix, role = _split(called[name])
        found.setdefault(prefix, {})[role] = name
    return [_Group(prefix, roles) for prefix, roles in found.items()]


def _split(name: str) -> tuple[str, str]:
    """Return the layer that a name begins with, and the role: `fc1.`, `weight`; of `Omega_3` it is its number."""
    cut = max(name.rfind("."), name.rfind("/")) + 1
    prefix, role = name[:cut], name[cut:]
    word, underscore, number = role.partition("_")
    if word in ("beta", "Omega") and underscore and number.isascii() and number.isdecimal():
        return f"{prefix}{number}", word
    return prefix, role


def _by_prefix(
    pairs: dict[str, Pair],
    tensors: Mapping[str, Tensor],
    owners: list[Owner],
    groups: list[_Group],
    renamed: Mapping[str, str],
) -> tuple[list[Owner], list[_Group]]:
    """Pair the layers that are called alike, and give back what is left: `fc1.weight` is `fc1.Omega`.

    A first part that all names of the file share, such as `model.`, is no part of any layer's name.
    """
    by_prefix = {group.prefix: group for group in groups}
    shared = _shared(by_prefix)
    left: list[Owner] = []
    for owner in owners:
        prefix = _layer(owner)
        group = by_prefix.get(prefix) or by_prefix.get(shared + prefix)
        roles = None if group is None or not prefix else _roles(group, owner, tensors)
        if group is None or roles is None:
            left.append(owner)
            continue
        for role, (source, axes) in roles.items():
            pairs[owner.names[role]] = Pair(source, axes, "as told" if source in renamed else "by name")
        del by_prefix[group.prefix]
    return left, list(by_prefix.values())


def _layer(owner: Owner) -> str:
    """Return what the names of an operation's tensors begin with, and their roles do not; empty where there is none."""
    prefixes = {name.removesuffix(role) if name.endswith(role) else "" for role, name in owner.names.items()}
    return prefixes.pop() if len(prefixes) == 1 else ""


def _shared(prefixes: Iterable[str]) -> str:
    """Return the first part that all names have: `model.`; empty where they do not."""
    firsts = {prefix.partition(".")[0] + "." if "." in prefix else "" for prefix in prefixes}
    return firsts.pop() if len(firsts) == 1 else ""


def _roles(group: _Group, owner: Owner, tensors: Mapping[str, Tensor]) -> dict[str, tuple[str, Sizes]] | None:
    """Return which tensor of a group has which role in an operation, and its axes; None where that is not plain."""
    found: dict[str, tuple[str, Sizes]] = {}
    for word, name in group.names.items():
        if word in IGNORED:
            continue
        meant = Meaning(word)
        if word not in owner.names:
            other = meaning(owner.operation, word, len(tensors[name].shape))
            if other is None or other.role not in owner.names:
                return None
            meant = other
        role, axes = meant
        if role in found:
            return None
        found[role] = name, axes
    return found or None


def _by_shape(
    pairs: dict[str, Pair], tensors: Mapping[str, Tensor], owners: list[Owner], groups: list[_Group]
) -> list[str]:
    """Pair the layers whose tensors have the same shapes, and say what is left open.

    Where one layer and one group have them, that is `by_shape`. Where there are as many of each, the groups' names
    differ in their numbers only, and no other group fits, their order says which is which.
    """
    kinds: dict[object, list[Owner]] = {}
    for owner in owners:
        kinds.setdefault((owner.operation.keyword, frozenset(zip(owner.names, owner.shapes, strict=True))), []).append(
            owner
        )
    if len(kinds) * len(groups) > _COMPARED:
        return [f"{len(groups):,} layers of the file and {len(kinds):,} of the network are too many to compare shapes"]
    classes: dict[tuple[int, ...], list[_Group]] = {}
    for group in groups:
        fitting = [number for number, (first, *_) in enumerate(kinds.values()) if _fits(group, first, tensors)]
        classes.setdefault(tuple(fitting), []).append(group)
    uses = Counter(number for numbers in classes for number in numbers)
    listed = list(kinds.values())
    notes: list[str] = []
    for numbers, alike in classes.items():
        if not numbers:
            continue
        places = [owner for number in numbers for owner in listed[number]]
        sure = len(numbers) == 1 and uses[numbers[0]] == 1 and len(alike) == len(places)
        if not sure or (len(alike) > 1 and not _numbered([group.prefix for group in alike])):
            notes.append(_open(alike, places))
            continue
        grounds: Grounds = "by shape" if len(alike) == 1 else "by place"
        for group, owner in zip(alike, places, strict=True):
            for role, (source, axes) in (_roles(group, owner, tensors) or {}).items():
                pairs[owner.names[role]] = Pair(source, axes, grounds)
    return notes


def _fits(group: _Group, owner: Owner, tensors: Mapping[str, Tensor]) -> bool:
    roles = _roles(group, owner, tensors)
    if roles is None or roles.keys() != owner.names.keys():
        return False
    shapes = dict(zip(owner.names, owner.shapes, strict=True))
    return all(permuted(tensors[source].shape, axes) == shapes[role] for role, (source, axes) in roles.items())


def _numbered(prefixes: list[str]) -> bool:
    """Whether names differ in one number only, so that their order is that of the numbers."""
    first = list(pieces(prefixes[0]))
    differing: set[int] = set()
    for prefix in prefixes[1:]:
        parts = list(pieces(prefix))
        if len(parts) != len(first):
            return False
        others = [place for place, (one, other) in enumerate(zip(first, parts, strict=True)) if one != other]
        differing.update(others)
        if len(differing) > 1 or not all(first[place][1] and parts[place][1] for place in others):
            return False
    return len(differing) == 1


def _open(groups: list[_Group], owners: list[Owner]) -> str:
    ours = _listed([_named(owner) for owner in owners])
    theirs = _listed([group.prefix.rstrip("./") for group in groups])
    return f"{theirs} of the file may be {ours} by their shapes, and nothing says which: `--rename OLD=NEW` does"


def _named(owner: Owner) -> str:
    return _layer(owner).rstrip(".") or next(iter(owner.names.values()))


def _listed(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(quote(name) for name in names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
