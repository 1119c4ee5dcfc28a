"""What of an old network's values a new one computes, followed operation by operation: the proof that a plan keeps the
function, and where it ends.

A value of the new network is kin of an old one where it is the same, or the same with more behind the end of one axis:
the units that a wider layer has more. An operation keeps kinship where it is the old one, reads kin of what that read,
and its tensors are the old ones, grown so that what is new does not reach what was there: new units are multiplied by
0, or are copies among which the old one's weight is divided. An operation that the old network does not have keeps it
where it can begin as the identity, or as the nought that is added to a shortcut.

Sources: Chen, Goodfellow & Shlens 2016, "Net2Net"; Goyal et al. 2017, for the branch that begins with 0.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

from netspec.graph.walk import Visit
from netspec.migration.handing import hands_on
from netspec.migration.kin import JOINS, Kin, Lost, otherwise, shaped, still
from netspec.migration.steps import Begins, Edge, Step
from netspec.operations import Affine, Elementwise, Shape
from netspec.operations.batch_norm import BatchNorm
from netspec.operations.convolve import Convolve
from netspec.operations.embed import Embed
from netspec.operations.merge import Merge
from netspec.operations.positions import Positions
from netspec.operations.prelu import Prelu
from netspec.review.changes import Field
from netspec.review.spelling import value as spelled

Widen = Literal["zero", "copy"]
Deepen = Literal["identity", "drawn"]

_NO_VALUE: Final = "is no value of the old network"
_NEUTRAL: Final = {"beta": "zeros", "gamma": "ones"}
"""Tensors that change nothing as they begin, by their role."""


class Network(NamedTuple):
    """One side: its operations, the shapes that go in, and the values that come out, by name."""

    visits: Sequence[Visit]
    inputs: Mapping[str, Shape]
    outputs: Mapping[str, int]


class Followed(NamedTuple):
    """What following a plan found: the axes of tensors and how new ones begin, where that is settled; whether the
    function is kept; and why, or why not.
    """

    edges: Mapping[str, tuple[Edge, ...]]
    begins: Mapping[str, Begins]
    keeps: bool
    grounds: tuple[str, ...]


class Asked(NamedTuple):
    """How layers grow and how new ones begin; and what the spec says otherwise of its layers, by their names."""

    widen: Widen
    deepen: Deepen
    said: Mapping[str, Sequence[Field]]


def follow(old: Network, new: Network, steps: Mapping[str, Step], asked: Asked) -> Followed:
    """Return what following the new network finds; `steps` are by the new tensors' names.

    A new layer that reads what others read too is taken for the beginning of a branch first, and for one of a chain
    where the function is not kept so.
    """
    found = _Following(old, new, steps, asked, branches=True).run()
    return found if found.keeps else _better(found, _Following(old, new, steps, asked, branches=False).run())


def _better(one: Followed, other: Followed) -> Followed:
    return other if other.keeps else one


class _Following:
    """Follows the new network once, value by value."""

    def __init__(self, old: Network, new: Network, steps: Mapping[str, Step], asked: Asked, *, branches: bool) -> None:
        self._old, self._new, self._steps = old, new, steps
        self._copies, self._deepen, self._branches = asked.widen == "copy", asked.deepen, branches
        self._fields = asked.said
        self._kin: dict[int, Kin] = {}
        self._edges: dict[str, tuple[Edge, ...]] = {}
        self._begins: dict[str, Begins] = {}
        self._kept: dict[str, None] = {}
        self._lost: dict[str, None] = {}
        self._open: dict[str, None] = {}  # branches that began, told where nothing else explains an output
        self._ends: list[str] = []
        self._givers = {value: visit for visit in new.visits for value in visit.results}
        self._readers: dict[int, list[Visit]] = {}
        for visit in new.visits:
            for value in visit.operands:
                self._readers.setdefault(value, []).append(visit)
        self._known: dict[object, list[Visit]] = {}
        self._alike: dict[int, int] = {}  # old values that are computed twice, and the first that is the same
        self._reading: list[tuple[Visit, tuple[int, ...]]] = []
        for visit in old.visits:
            self._know(visit)

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

    def _know(self, visit: Visit) -> None:
        """Take note of an old operation; one that computes what another does gives the value that the other gives."""
        read = tuple([self._alike.get(value, value) for value in visit.operands])
        names = frozenset((parameter.role, name) for name, parameter in visit.tensors)
        known = self._known.setdefault((visit.operation.keyword, read, names), [])
        twin = next((each for each in known if each.operation == visit.operation), None)
        if twin is not None:
            self._alike |= dict(zip(visit.results, twin.results, strict=True))
            return
        known.append(visit)
        self._reading.append((visit, read))

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
            self._kept[f"{_listed(fresh)} changes nothing as it begins"] = None
        return next(iter(exact or found), None)

    def _through(self, visit: Visit, old: Visit, kin: Sequence[Kin]) -> Kin:
        """Return the kin that an operation gives which both networks have. Raises Lost."""
        operation, before = visit.operation, old.operation
        value = old.results[0]
        if isinstance(operation, Affine) and isinstance(before, Affine):
            return self._weighed(visit, kin[0], value, len(_read(visit)) - 1)
        if isinstance(operation, Convolve) and isinstance(before, Convolve):
            ours, theirs = (each._replace(channels=0, groups=1, bias=True) for each in (before, operation))
            if ours != theirs:
                raise Lost(otherwise(ours, theirs, self._said(visit)))
            if operation.groups == before.groups == 1:
                return self._weighed(visit, kin[0], value, 0)
            if not (_is_depthwise(visit) and _is_depthwise(old)) and (operation != before or not self._whole(visit)):
                raise Lost("has groups of channels, and not those it had")
            return self._by_unit(visit, kin[0], value)
        if isinstance(operation, BatchNorm) and isinstance(before, BatchNorm) and operation.epsilon == before.epsilon:
            return self._by_unit(visit, kin[0], value)
        if isinstance(operation, Prelu) and operation == before:
            return self._by_unit(visit, kin[0], value)
        if isinstance(operation, Embed | Positions) and type(operation) is type(before) and kin[0].same:
            return self._looked_up(visit, value)
        if all(each.same for each in kin) and self._whole(visit) and operation == before:
            return Kin(value)
        if visit.tensors:
            raise Lost(JOINS if operation == before else otherwise(before, operation, self._said(visit)))
        return shaped(visit, old, kin, self._said(visit))

    # -- operations with tensors ------------------------------------------------------------------------------------

    def _weighed(self, visit: Visit, kin: Kin, value: int, axis: int) -> Kin:
        """Return what a map gives whose Ω is (units given, units read, …), and that reads them on one axis."""
        if not kin.same and kin.axis != axis:
            raise Lost(JOINS)
        self._settle_reading(visit, kin)
        given = self._settle_giving(visit, 1)
        return Kin(value) if given is None else Kin(value, axis, *given, 1, self._copies)

    def _settle_reading(self, visit: Visit, kin: Kin) -> None:
        """Settle the axis of weights that reads: what is new is multiplied by 0, or shares with what it copies."""
        name = _named(visit, "Omega")
        edge = next((each for each in self._steps[name].edges if each.axis == 1), None)
        more = kin.new - kin.old
        if edge is None and kin.same:
            return
        grown = (kin.old * kin.block, kin.new * kin.block)
        if edge is None or edge.fill is None or (edge.old, edge.new) != grown:
            raise Lost("reads other units than it did")
        self._settle(name, edge._replace(fill="shares" if kin.copies else "zero", block=kin.block))
        units = f"{more:,} new {'unit' if more == 1 else 'units'}"
        how = (
            f"divides each weight among a unit and its copies, the {units}"
            if kin.copies
            else f"multiplies {units} by 0"
        )
        self._kept[f"`{name}` {how}"] = None

    def _settle_giving(self, visit: Visit, block: int) -> tuple[int, int] | None:
        """Settle the axes that give, 0 of each tensor; return the units before and after, None where they are alike."""
        found: tuple[int, int] | None = None
        for name, _ in visit.tensors:
            for edge in self._steps[name].edges:
                if edge.axis == 0:
                    if edge.fill is None:
                        raise Lost(f"has {edge.new:,} units, which were {edge.old:,}")
                    self._settle(name, edge._replace(fill="copies" if self._copies else "drawn", block=block))
                    found = edge.old, edge.new
        return found

    def _by_unit(self, visit: Visit, kin: Kin, value: int) -> Kin:
        """Return what an operation gives that treats each unit of axis 0 by itself, its tensors being of axis 0 too."""
        given = self._settle_giving(visit, kin.block)
        one_for_all = isinstance(visit.operation, Prelu) and not visit.operation.channels
        alike = given is None and (kin.same or one_for_all)
        grown = not kin.same and kin.axis == 0 and given == (kin.old * kin.block, kin.new * kin.block)
        if alike or grown:
            return kin._replace(value=value)
        raise Lost("has tensors of other units than it reads")

    def _looked_up(self, visit: Visit, value: int) -> Kin:
        """Return what a table gives: more rows are for what there was not, more columns of an embedding are units."""
        ((name, _),) = visit.tensors
        found = Kin(value)
        for edge in self._steps[name].edges:
            if edge.fill is None or (edge.axis == 1 and isinstance(visit.operation, Positions)):
                raise Lost(f"has a table of another shape, {edge.new:,} for {edge.old:,}")
            if edge.axis == 0:
                self._kept[f"`{name}` has more rows, and those that it had"] = None
            else:
                self._settle(name, edge._replace(fill="copies" if self._copies else "drawn"))
                found = Kin(value, len(_read(visit)), edge.old, edge.new, 1, self._copies)
        return found

    def _begin(self, name: str, how: Begins) -> None:
        """Settle how a new tensor begins. Raises Lost where another use of it asks for something else."""
        if self._begins.setdefault(name, how) != how:
            raise Lost("is used twice, and its tensors cannot begin for both uses")

    def _settle(self, name: str, edge: Edge) -> None:
        """Settle an axis. A tensor with two uses can be drawn for one and 0 for the other, and is 0; else Lost."""
        settled = next((each for each in self._edges.get(name, ()) if each.axis == edge.axis), None)
        if settled is not None and settled.fill in ("copies", "shares") and settled.block != edge.block:
            raise Lost("is tied, and its tensor cannot grow for both uses")
        if settled is not None and settled != edge and edge.fill != settled.fill:
            if {settled.fill, edge.fill} != {"drawn", "zero"}:
                raise Lost("is tied, and its tensor cannot grow for both uses")
            edge = edge._replace(fill="zero")
        edges = self._edges.get(name, ())
        others = tuple(each for each in edges if each.axis != edge.axis)
        self._edges[name] = (*others, edge)

    def _whole(self, visit: Visit) -> bool:
        """Whether every tensor of an operation is what it was; one that it had not changes nothing."""
        return not any(self._steps[name].edges for name, _ in visit.tensors)

    # -- operations that the old network does not have --------------------------------------------------------------

    def _inserted(self, visit: Visit, kin: Sequence[Kin]) -> Kin | None:
        """Return the kin that an operation hands on which is new; None for one that begins a branch. Raises Lost."""
        fresh = all(self._steps[name].source is None for name, _ in visit.tensors)
        if not fresh:
            sources = {self._steps[name].source for name, _ in visit.tensors}
            read = tuple(each.value for each in kin)
            alike = [old for old, operands in self._reading if operands == read]
            same = next((old for old in alike if sources & {name for name, _ in old.tensors}), None)
            if same is not None and same.operation != visit.operation:
                raise Lost(otherwise(same.operation, visit.operation, self._said(visit)))
            if same is not None or any(old.operation.keyword == visit.operation.keyword for old in alike):
                raise Lost("computes with other tensors than it did")
            raise Lost("reads another value than it did")
        if len(kin) != 1:
            raise Lost("joins values that the old network does not")
        if hands_on(visit.operation, kin[0].behind):
            return kin[0]
        if self._branches and len(self._readers.get(visit.operands[0], ())) > 1:
            self._open[f"{_place(visit)} is new"] = None
            return None
        if self._deepen == "identity" and _can_be_identity(visit) and self._is_handed_on(visit, kin[0]):
            return self._identity(visit, kin[0])
        if any(old.operation == visit.operation and old.place == visit.place for old, _ in self._reading):
            raise Lost("reads another value than it did")
        if isinstance(visit.operation, Elementwise):
            raise Lost(self._activation(visit, visit.operation, kin[0]))
        raise Lost("begins anew" if any(self._steps[name].why for name, _ in visit.tensors) else "is new")

    def _activation(self, visit: Visit, operation: Elementwise, kin: Kin) -> str:
        """Return why an activation is none of the old network: it stands for another one there, or is new."""
        before = [
            old.operation
            for old, operands in self._reading
            if operands == (kin.value,) and isinstance(old.operation, Elementwise)
        ]
        behind = [reader.operation for reader in self._readers.get(visit.results[0], ())]
        if len(before) == 1 and before[0] not in behind:
            return otherwise(before[0], operation)
        return f"applies {spelled(operation)}, which the old network does not"

    def _said(self, visit: Visit) -> Sequence[Field]:
        """Return what is written otherwise of an operation's layer, which is told once for all its rounds."""
        return self._fields.get(".".join(part for part in visit.place.split(".") if not part.isdecimal()), ())

    def _at(self, visit: Visit) -> str:
        """Return a layer by its name, that of what an activation reads where it has none itself."""
        giver = self._givers.get(visit.operands[0]) if visit.operands else None
        named = visit.tensors or (visit.place and not visit.place.endswith("."))
        return _place(visit if named or giver is None else giver)

    def _identity(self, visit: Visit, kin: Kin) -> Kin:
        """Return the kin that a new layer gives as the identity; units that it gives more than it reads are drawn."""
        name = _named(visit, "Omega")
        shape = next(parameter.shape for each, parameter in visit.tensors if each == name)
        given, read = shape[0], shape[1]
        axis = len(_read(visit)) - 1 if isinstance(visit.operation, Affine) else 0
        if given > read and not kin.same and kin.axis != axis:
            raise Lost(JOINS)
        for each, _ in visit.tensors:
            self._begin(each, "identity" if each == name else "drawn")
        if given == read:
            self._kept[f"{_place(visit)} begins as the identity"] = None
            return kin
        self._kept[f"{_place(visit)} begins as the identity, its {given - read:,} further units drawn"] = None
        old = read if kin.same else kin.old * kin.block
        return Kin(kin.value, axis, old, given, 1, behind=kin.behind)

    def _is_handed_on(self, visit: Visit, kin: Kin) -> bool:
        """Whether the activations that read a result hand on the kin that it would be, or are old ones of that."""
        readers = self._readers.get(visit.results[0], ())
        return all(
            hands_on(reader.operation, kin.behind)
            or (reader.operation.keyword, (kin.value,), frozenset()) in self._known
            for reader in readers
            if isinstance(reader.operation, Elementwise | Prelu)
        )

    def _added(self, visit: Visit) -> Kin | None:
        """Return the shortcut's kin where all that is added to it can begin as 0; None where it cannot."""
        if not isinstance(visit.operation, Merge) or visit.operation.kind != "add" or self._deepen != "identity":
            return None
        (kin,) = [self._kin[value] for value in visit.operands if value in self._kin]
        branches = [self._givers[value] for value in visit.operands if value not in self._kin and value in self._givers]
        if len(branches) != len(visit.operands) - 1:
            return None
        names: dict[str, Begins] = {}
        for branch in branches:
            role = {"affine": "Omega", "convolve": "Omega", "batch_norm": "gamma"}.get(branch.operation.keyword)
            fresh = all(self._steps[name].source is None for name, _ in branch.tensors)
            own = {parameter.role: (name, parameter) for name, parameter in branch.tensors}
            zeros = all(parameter.init == "zeros" for key, (_, parameter) in own.items() if key == "beta")
            alone = len(self._readers[branch.results[0]]) == 1
            shapes = {visit.graph.shapes[tensor] for tensor in visit.graph.operands[visit.position]}
            if role not in own or not (fresh and zeros and alone and len(shapes) == 1) or own[role][1].tied:
                return None
            names |= {name: "zeros" if key == role else "drawn" for key, (name, _) in own.items()}
        for name, how in names.items():
            self._begin(name, how)
        for name in [name for name, how in names.items() if how == "zeros"]:
            self._kept[f"`{name}` begins with zeros, so that {_place(visit)} adds nothing"] = None
        return kin


def _can_be_identity(visit: Visit) -> bool:
    """Whether an operation gives what it reads, and maybe more, with an Ω of ones on the diagonal and a β of zeros."""
    operation = visit.operation
    own = {parameter.role: parameter for _, parameter in visit.tensors}
    if "Omega" not in own or any(each.tied for each in own.values()):
        return False
    if "beta" in own and own["beta"].init != "zeros":
        return False
    if own["Omega"].shape[0] < own["Omega"].shape[1]:
        return False
    if isinstance(operation, Affine):
        return True
    if not isinstance(operation, Convolve) or operation.groups != 1:
        return False
    return all(
        k % 2 == 1 and pair == (d * (k // 2), d * (k // 2)) and s == 1
        for k, pair, d, s in zip(operation.kernel, operation.padding, operation.dilation, operation.stride, strict=True)
    )


def _is_depthwise(visit: Visit) -> bool:
    """Whether each channel of a convolution is of one that it reads, and of no other."""
    operation = visit.operation
    if not isinstance(operation, Convolve):
        return False
    return operation.groups == operation.channels == _read(visit)[0]


def _read(visit: Visit) -> Shape:
    """Return the shape of what an operation reads first."""
    return visit.graph.shapes[visit.graph.operands[visit.position][0]]


def _named(visit: Visit, role: str) -> str:
    return next(name for name, parameter in visit.tensors if parameter.role == role)


def _place(visit: Visit) -> str:
    """Return a layer by its name, or by its tensors where it has none."""
    if visit.place and not visit.place.endswith("."):
        return f"`{visit.place}`"
    return f"the layer of `{visit.tensors[-1][0]}`" if visit.tensors else "a layer"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
