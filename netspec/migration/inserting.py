"""Operations that the old network does not have: one hands on what it reads, begins as the identity, or adds nought.

Source: Goyal et al. 2017, for the branch that begins with 0.
"""

from collections.abc import Sequence

from netspec.graph.walk import Visit
from netspec.migration.growing import Growing
from netspec.migration.handing import hands_on
from netspec.migration.kin import JOINS, Kin, Lost, otherwise
from netspec.migration.steps import Begins
from netspec.migration.visited import named, place, read
from netspec.operations import Affine, Elementwise
from netspec.operations.convolve import Convolve
from netspec.operations.merge import Merge
from netspec.operations.prelu import Prelu
from netspec.review.spelling import value as spelled


class Inserting(Growing):
    """What is kin where the new network has an operation more."""

    def _inserted(self, visit: Visit, kin: Sequence[Kin]) -> Kin | None:
        """Return the kin that an operation hands on which is new; None for one that begins a branch. Raises Lost."""
        fresh = all(self._steps[name].source is None for name, _ in visit.tensors)
        if not fresh:
            sources = {self._steps[name].source for name, _ in visit.tensors}
            before = tuple(each.value for each in kin)
            alike = [old for old, operands in self._reading if operands == before]
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
            self._open[f"{place(visit)} is new"] = None
            return None
        if self._deepen == "identity" and _can_be_identity(visit) and self._is_handed_on(visit, kin[0]):
            return self._identity(visit, kin[0])
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

    def _identity(self, visit: Visit, kin: Kin) -> Kin:
        """Return the kin that a new layer gives as the identity; units that it gives more than it reads are drawn."""
        name = named(visit, "Omega")
        shape = next(parameter.shape for each, parameter in visit.tensors if each == name)
        given, reads = shape[0], shape[1]
        axis = len(read(visit)) - 1 if isinstance(visit.operation, Affine) else 0
        if given > reads and not kin.same and kin.axis != axis:
            raise Lost(JOINS)
        for each, _ in visit.tensors:
            self._begin(each, "identity" if each == name else "drawn")
        if given == reads:
            self._kept[f"{place(visit)} begins as the identity"] = None
            return kin
        self._kept[f"{place(visit)} begins as the identity, its {given - reads:,} further units drawn"] = None
        old = reads if kin.same else kin.old * kin.block
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
            self._kept[f"`{name}` begins with zeros, so that {place(visit)} adds nothing"] = None
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
