"""Where learned tensors lie: one after the other in a flat array, so that an optimizer goes over all in a few calls.

β is the last column of [Ω β] where an operation owns both and nobody else has either of them with another partner: one
product with a row of ones below the signal then adds β, and one product gives the gradients of both.
"""

from collections.abc import Iterable, Mapping
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from netspec.gradients.tape import Entry, Sizes, Tape
from netspec.operations import Affine
from netspec.operations.convolve import Convolve

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Joint(NamedTuple):
    """[Ω β]: the names of both, and its shape as a matrix."""

    Omega: str
    beta: str
    rows: int
    columns: int


class Arena:
    """The places of the learned tensors of a tape in a flat array of `size` numbers.

    `joints` are the matrices [Ω β] by the names of Ω and β.
    """

    def __init__(self, tape: Tape, shapes: Mapping[str, Sizes]) -> None:
        self.shapes = dict(shapes)
        self.joints = _joints(tape.entries, shapes)
        by_name = {name: joint for joint in self.joints.values() for name in (joint.Omega, joint.beta)}
        self.places: dict[str, int] = {}
        self.size = 0
        for name, shape in shapes.items():
            if name in self.places:
                continue
            joint = by_name.get(name)
            if joint is None:
                self.places[name] = self.size
                self.size += prod(shape)
            else:
                self.places[joint.Omega] = self.places[joint.beta] = self.size
                self.size += joint.rows * joint.columns
        self._by_name = by_name

    def views(self, flat: "NDArray[Any]") -> "dict[str, NDArray[Any]]":
        """Return the tensors by name, in the spec's layout, as views of a flat array."""
        found: dict[str, NDArray[Any]] = {}
        for name, shape in self.shapes.items():
            joint = self._by_name.get(name)
            if joint is None:
                found[name] = flat[self.places[name] : self.places[name] + prod(shape)].reshape(shape)
            else:
                whole = self.joint(flat, joint)
                found[name] = whole[:, -1] if name == joint.beta else _unfolded(whole[:, :-1], shape)
        return found

    def joint(self, flat: "NDArray[Any]", joint: Joint) -> "NDArray[Any]":
        """Return [Ω β] as a view of a flat array."""
        begin = self.places[joint.Omega]
        return flat[begin : begin + joint.rows * joint.columns].reshape(joint.rows, joint.columns)


def _unfolded(matrix: "NDArray[Any]", shape: Sizes) -> "NDArray[Any]":
    """Return the rows of a matrix, each of which is in C order, in the shape of a tensor, as a view."""
    import numpy as np

    item = matrix.itemsize
    strides = [item]
    for size in shape[:1:-1]:
        strides.insert(0, strides[0] * size)
    strides = [matrix.strides[0], *strides] if len(shape) > 1 else strides
    return np.lib.stride_tricks.as_strided(matrix, shape, strides)


def _joints(entries: Iterable[Entry], shapes: Mapping[str, Sizes]) -> dict[tuple[str, str], Joint]:
    """Return the pairs of Ω and β that lie together."""
    partners: dict[str, set[str]] = {}
    pairs: dict[tuple[str, str], Joint] = {}
    for entry in entries:
        own = entry.tensors
        joined = isinstance(entry.operation, Affine | Convolve) and {"Omega", "beta"} <= entry.learned
        for role in entry.learned:
            other = {"Omega": own.get("beta"), "beta": own.get("Omega")}.get(role) if joined else None
            partners.setdefault(own[role], set()).add(other or f"{entry.number} {role}")
        if joined and own["Omega"] != own["beta"]:
            rows, *within = shapes[own["Omega"]]
            pairs[own["Omega"], own["beta"]] = Joint(own["Omega"], own["beta"], rows, prod(within) + 1)
    return {
        (Omega, beta): joint
        for (Omega, beta), joint in pairs.items()
        if partners[Omega] == {beta} and partners[beta] == {Omega}
    }
