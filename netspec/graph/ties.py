"""Tensors of a layer that are those of another: found above by name, and told apart where they are not there."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from netspec.diagnostics import Note, quote
from netspec.diagnostics.suggest import nearest
from netspec.graph.above import Above, Names, Parts, bare, listed_tensors
from netspec.graph.place import UnfitError
from netspec.graph.stretch import is_written
from netspec.graph.telling import Telling
from netspec.graph.wiring import listed
from netspec.layers.faults import Details
from netspec.operations import Graph, Repeat, Tie, TieFault
from netspec.spec import Item

_SHOWN: Final = 8
"""Names of tensors that a message lists."""
_LOOKED_AT: Final = 1_000
"""Tensors above that are looked through for one that a name may have meant."""


class Ties:
    """The ties of one list of layers. `opened` are the graphs that it is being made into, those of the repeats around
    the place last; `lists` the ties of the lists around it, itself last.
    """

    def __init__(self, told: Telling, opened: list[Graph], lists: "Sequence[Ties]") -> None:
        self.told, self.opened, self.lists = told, opened, lists
        self._names: list[Names] = []
        self.parts: Parts = lists[0].parts if lists else Parts()
        self.lost: set[str] = set()
        """Layers above that are at fault, by name: what they would own is not missed."""

    def of(self, item: Item) -> dict[str, Tie]:
        """Return the tensors of others that stand in for an item's own. Raises UnfitError where one is not there."""
        if item.tie is None:
            return {}
        if not isinstance(item.tie, dict) or not item.tie:
            words = "expects tensors of this layer, each with the one that it is"
            self.told.fault("tie", item.at, Details(words, False, ("tie",), help="such as `tie: {Omega: words.Omega}`"))
            raise UnfitError
        found: dict[str, Tie] = {}
        for role, target in item.tie.items():
            tensor = self.find(target)
            if tensor is None:
                self._absent(item, role, target)
            else:
                found[role] = tensor.tie
        if len(found) < len(item.tie):
            raise UnfitError
        return found

    def find(self, target: object) -> Above | None:
        """Return the tensor of a layer above, or of a network in sight, that is called so from this list."""
        if not isinstance(target, str):
            return None
        known = {id(names.graph): names for names in self._names}
        self._names = [known.get(id(graph)) or Names(graph, self.parts) for graph in self.opened]
        return next((found for names in reversed(self._names) if (found := names.find(target)) is not None), None)

    def unknown(self, item: Item, ties: Mapping[str, Tie], names: Sequence[str | None]) -> None:
        """Refuse the ties of tensors that a layer does not have; `names` are those that it has."""
        known = list(dict.fromkeys(name for name in names if name is not None))
        for role in ties:
            if role not in known:
                words = f"`{item.word}` has no tensor {quote(role)}"
                near = nearest(role, known)
                has = (
                    f"it has {_several(known, len(known) < len(set(names)))}"
                    if known
                    else "it has none, so take it out"
                )
                help_ = has if near is None else f"did you mean `{near}`?"
                self.told.fault("tie", item.at, Details(words, False, ("tie", role), True, help=help_))

    def misfit(self, item: Item, fault: TieFault) -> None:
        """Refuse a tie to a tensor of another shape, or of state to what is learned."""
        target = item.tie[fault.name] if isinstance(item.tie, dict) else ""
        found = self.find(target)
        if found is None:
            return
        tie, needed = found.tie, f"`{fault.name}` of `{item.name}`"
        if tie.shape != fault.shape:
            words = f"`{found.name}` has shape {tie.shape}, and {needed} has {fault.shape}"
            help_ = "tied tensors have one shape"
        else:
            words = f"`{found.name}` is {_kept(tie.learned)}, and {needed} is {_kept(fault.learned)}"
            help_ = "what is learned is tied to what is learned, and state to state"
        self._tell(item, fault.name, words, help_, [(self, found, f"`{found.name}` has shape {tie.shape}")])

    def _absent(self, item: Item, role: str, target: object) -> None:
        """Refuse a tie to a tensor that cannot be tied to, or is not there."""
        if not isinstance(target, str):
            words = "a tensor is called by its layer and its role"
            self._tell(item, role, words, "such as `words.Omega`", [])
            return
        if target.partition(".")[0] in self.lost:
            return
        within = next((each for each in self._within_repeats() if each.name == _numberless(target)), None)
        if within is not None:
            words = f"`{within.name}` stands in a repeat, and each round has one of its own"
            help_ = "tie to a tensor outside; what all rounds share may be a network, which is one instance"
            self._tell(item, role, words, help_, [(self, within, "of each round")])
            return
        for around in reversed(self.lists[:-1]):
            outside = around.find(target)
            if outside is not None:
                words = f"`{target}` stands around this part, and a part sees no tensors around it"
                help_ = "what is shared in and out of a part may be a network, which is one instance"
                self._tell(item, role, words, help_, [(around, outside, f"`{target}` is here")])
                return
        tied = next((own for layer, own in self._tied() if layer == target), None)
        if tied is not None:
            words = f"{quote(target)} is tied itself, to `{tied}`"
            self._tell(item, role, words, f"write `{tied}`", [])
            return
        known = [
            each.name
            for graph in reversed(self.opened)
            for each in islice(listed_tensors(graph, self.parts), _LOOKED_AT)
        ]
        layer = target.rpartition(".")[0]
        same = [name for name in known if name.rpartition(".")[0] == layer]
        near = nearest(target, same or known) or (same[0] if len(same) == 1 else None)
        some = same or known
        help_ = "a tensor is called by its layer and its role, such as `words.Omega`"
        if near is not None:
            help_ = f"did you mean `{near}`?"
        elif some:
            help_ = f"{'there' if same else 'above'} {'is' if len(some) == 1 else 'are'} {_several(some, False)}"
        self._tell(item, role, f"there is no tensor {quote(target)} above", help_, [])

    def _within_repeats(self) -> Iterator[Above]:
        """Yield tensors of the rounds of repeats above, called without the number of the round."""
        waiting = list(reversed(self.opened))
        for graph in waiting:  # which grows on the way
            for index, node in enumerate(graph.operations[:_LOOKED_AT]):
                if isinstance(node, Repeat) and is_written(graph, index) and len(waiting) < _SHOWN:
                    waiting.append(node.body)
                    yield from islice(listed_tensors(node.body, self.parts), _LOOKED_AT)

    def _tied(self) -> Iterator[tuple[str, str]]:
        """Yield what a tensor above that is tied would be called, and what it is called."""
        for graph in self.opened:
            for layer, own in zip(graph.layers, graph.parameters, strict=True):
                yield from ((f"{bare(layer)}.{each.role}", bare(each.name)) for each in own if each.tied)

    def _tell(self, item: Item, role: str, words: str, help_: str, others: "list[tuple[Ties, Above, str]]") -> None:
        fault = self.told.document.fault("tie", item.at, Details(words, False, ("tie", role), help=help_))
        notes = tuple(Note(ties.told.document.source.place(found.path), text) for ties, found, text in others)
        self.told.tell([fault._replace(notes=notes)])


def _numberless(name: str) -> str:
    return ".".join(part for part in name.split(".") if not part.isdecimal())


def _several(names: Sequence[str], more: bool) -> str:
    return listed(list(names[:_SHOWN])) + (", …" if more or len(names) > _SHOWN else "")


def _kept(learned: bool) -> str:
    return "learned" if learned else "state"
