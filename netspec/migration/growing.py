"""Operations that both networks have: their tensors grow so that what is new does not reach what was there.

Source: Chen, Goodfellow & Shlens 2016, "Net2Net".
"""

from collections.abc import Mapping, Sequence

from netspec.graph.walk import Visit
from netspec.migration.asked import Asked, Network
from netspec.migration.kin import JOINS, Kin, Lost, otherwise, shaped
from netspec.migration.steps import Begins, Edge, Step
from netspec.migration.visited import depthwise, named, read
from netspec.operations import Affine
from netspec.operations.batch_norm import BatchNorm
from netspec.operations.convolve import Convolve
from netspec.operations.embed import Embed
from netspec.operations.positions import Positions
from netspec.operations.prelu import Prelu
from netspec.review.changes import Field


class Growing:
    """What is known of both networks while the new one is followed, and what is settled of its tensors."""

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

    def _know(self, visit: Visit) -> None:
        """Take note of an old operation; one that computes what another does gives the value that the other gives."""
        operands = tuple([self._alike.get(value, value) for value in visit.operands])
        names = frozenset((parameter.role, name) for name, parameter in visit.tensors)
        known = self._known.setdefault((visit.operation.keyword, operands, names), [])
        twin = next((each for each in known if each.operation == visit.operation), None)
        if twin is not None:
            self._alike |= dict(zip(visit.results, twin.results, strict=True))
            return
        known.append(visit)
        self._reading.append((visit, operands))

    def _through(self, visit: Visit, old: Visit, kin: Sequence[Kin]) -> Kin:
        """Return the kin that an operation gives which both networks have. Raises Lost."""
        operation, before = visit.operation, old.operation
        value = old.results[0]
        if isinstance(operation, Affine) and isinstance(before, Affine):
            return self._weighed(visit, kin[0], value, len(read(visit)) - 1)
        if isinstance(operation, Convolve) and isinstance(before, Convolve):
            ours, theirs = (each._replace(channels=0, groups=1, bias=True) for each in (before, operation))
            if ours != theirs:
                raise Lost(otherwise(ours, theirs, self._said(visit)))
            if operation.groups == before.groups == 1:
                return self._weighed(visit, kin[0], value, 0)
            if not (depthwise(visit) and depthwise(old)) and (operation != before or not self._whole(visit)):
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
        name = named(visit, "Omega")
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
                found = Kin(value, len(read(visit)), edge.old, edge.new, 1, self._copies)
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

    def _said(self, visit: Visit) -> Sequence[Field]:
        """Return what is written otherwise of an operation's layer, which is told once for all its rounds."""
        return self._fields.get(".".join(part for part in visit.place.split(".") if not part.isdecimal()), ())
