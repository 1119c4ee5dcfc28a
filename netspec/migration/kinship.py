"""What of an old network's values a new one computes, followed operation by operation: the proof that a plan keeps the
function, and where it ends.

A value of the new network is kin of an old one where it is the same, or the same with more behind the end of one axis:
the units that a wider layer has more. An operation keeps kinship where it is the old one, reads kin of what that read,
and its tensors are the old ones, grown so that what is new does not reach what was there: new units are multiplied by
0, or are copies among which the old one's weight is divided. An operation that the old network does not have keeps it
where it can begin as the identity, or as the nought that is added to a shortcut.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from netspec.graph.walk import Visit
from netspec.migration.asked import Asked, Network
from netspec.migration.inserting import Inserting
from netspec.migration.kin import Kin, Lost, still
from netspec.migration.steps import Begins, Edge, Step
from netspec.migration.visited import listed, place

_NO_VALUE: Final = "is no value of the old network"
_NEUTRAL: Final = {"beta": "zeros", "gamma": "ones"}
"""Tensors that change nothing as they begin, by their role."""


class Followed(NamedTuple):
    """What following a plan found: the axes of tensors and how new ones begin, where that is settled; whether the
    function is kept; and why, or why not.
    """

    edges: Mapping[str, tuple[Edge, ...]]
    begins: Mapping[str, Begins]
    keeps: bool
    grounds: tuple[str, ...]


def follow(old: Network, new: Network, steps: Mapping[str, Step], asked: Asked) -> Followed:
    """Return what following the new network finds; `steps` are by the new tensors' names.

    A new layer that reads what others read too is taken for the beginning of a branch first, and for one of a chain
    where the function is not kept so.
    """
    found = _Following(old, new, steps, asked, branches=True).run()
    return found if found.keeps else _better(found, _Following(old, new, steps, asked, branches=False).run())


def _better(one: Followed, other: Followed) -> Followed:
    return other if other.keeps else one


class _Following(Inserting):
    """Follows the new network once, value by value."""

    def run(self) -> Followed:
        """Return what was found."""
        self._enter()
        for visit in self._new.visits:
            self._visit(visit)
        self._leave()
        if self._ends:
            reasons = dict.fromkeys((*(self._lost or self._open), *self._ends))
            if len(reasons) > 1:
                reasons = {each: None for each in reasons if not each.endswith(_NO_VALUE)} or reasons
            return Followed(self._edges, self._begins, False, tuple(reasons))
        kept = tuple(self._kept) or ("every layer reads what it read, and computes with the same numbers",)
        return Followed(self._edges, self._begins, True, kept)

    # -- what goes in and comes out ---------------------------------------------------------------------------------

    def _enter(self) -> None:
        ours, theirs = self._old.inputs, self._new.inputs
        places = {name: number for number, name in enumerate(ours)}
        alone = len(ours) == len(theirs) == 1
        for number, (name, shape) in enumerate(theirs.items()):
            place = 0 if alone else places.get(name)
            if place is None:
                self._ends.append(f"the input `{name}` is new")
            elif list(ours.values())[place] != shape:
                self._ends.append(f"the input `{name}` has another shape")
            else:
                self._kin[number] = Kin(place)

    def _leave(self) -> None:
        ours, theirs = self._old.outputs, self._new.outputs
        alone = len(ours) == len(theirs) == 1
        for name, value in theirs.items():
            before = next(iter(ours.values())) if alone else ours.get(name)
            kin = self._kin.get(value)
            if before is None:
                self._ends.append(f"the output `{name}` is new")
            elif kin is None:
                self._ends.append(f"the output `{name}` {_NO_VALUE}")
            elif kin.value != self._alike.get(before, before):
                self._ends.append(f"the output `{name}` is another value of the old network")
            elif not kin.same:
                words = f"has {kin.new:,} elements, of which the first {kin.old:,} are what they were"
                self._ends.append(f"the output `{name}` {words}")
        self._ends += [f"the output `{name}` is gone" for name in ours if name not in theirs and not alone]

    # -- one operation ----------------------------------------------------------------------------------------------

    def _visit(self, visit: Visit) -> None:
        kin = [self._kin.get(value) for value in visit.operands]
        whole = [each for each in kin if each is not None]
        try:
            if len(whole) == len(kin):
                found = self._result(visit, whole)
            else:
                found = self._added(visit) if len(whole) == 1 else None
        except Lost as lost:
            self._lost[lost.after(self._at(visit))] = None
            return
        if found is not None:
            self._kin[visit.results[0]] = found

    def _result(self, visit: Visit, kin: Sequence[Kin]) -> Kin | None:
        """Return what a result is kin of; None where that is open until a branch ends. Raises Lost."""
        old = self._counterpart(visit, kin)
        if old is None:
            return self._inserted(visit, kin)
        found = self._through(visit, old, kin)
        return found._replace(behind=still(visit.operation, kin))

    def _counterpart(self, visit: Visit, kin: Sequence[Kin]) -> Visit | None:
        """Return the old operation that one is: of one kind, of kin of the same values, with the same tensors.

        A tensor that the old one had not may be one that changes nothing as it begins, such as a β of zeros.
        """
        names: list[tuple[str, str]] = []
        fresh: list[str] = []
        for name, parameter in visit.tensors:
            source = self._steps[name].source
            if source is not None:
                names.append((parameter.role, source))
            elif not parameter.tied and parameter.init == _NEUTRAL.get(parameter.role):
                fresh.append(name)
            else:
                return None
        if visit.tensors and not names:
            return None
        found = self._known.get((visit.operation.keyword, tuple(each.value for each in kin), frozenset(names)), [])
        exact = [each for each in found if each.operation == visit.operation]
        if found and fresh:
            for name in fresh:
                self._begin(name, "drawn")
            self._kept[f"{listed(fresh)} changes nothing as it begins"] = None
        return next(iter(exact or found), None)

    def _at(self, visit: Visit) -> str:
        """Return a layer by its name, that of what an activation reads where it has none itself."""
        giver = self._givers.get(visit.operands[0]) if visit.operands else None
        named = visit.tensors or (visit.place and not visit.place.endswith("."))
        return place(visit if named or giver is None else giver)
