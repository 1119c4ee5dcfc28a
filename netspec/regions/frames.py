"""What edge subdivision begins with: the vertices and edges of a box, of all of R^n, or of the directions in R^n.

Points are homogeneous in coordinates p of a frame. For R^n these are one for x_0, and n hyperplanes at whose common
point it begins: those of units of the first layer, if they stand well apart, and else any. They cut R^n into 2^n
cones, which are ended far away by the faces of a cross-polytope around that point: |p_1| + … + |p_n| ≤ p_0 / `near`.
Points are scaled so that their largest coordinate is 1, so that a vertex far away is as sure as one that is near.

A network without constants is the same function on each ray from 0, up to its length, and so its cells are those of
the directions: the same, without x_0 and a dimension less. Through 0 all its hyperplanes go, but nothing else does.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.regions.domains import Domain
from netspec.regions.polytopes import apex, directions, polytopes_of
from netspec.regions.ragged import Indices
from netspec.regions.refining import Signatures, unit_weights
from netspec.regions.rounding import EPSILON
from netspec.regions.steps import Array, Bend, Chain, Linear
from netspec.regions.values import result_at

_APART: Final = 0.1
"""How far a unit's normal of length 1 is from the span of those that a frame has, to be one of them."""

_SEED: Final = 1
_OF_A_STEP: Final = -1


class Frame(NamedTuple):
    """Vertices and edges in coordinates p: x, homogeneous, is `back` p, with `back` (n + 1, m).

    `places` (m, vertices), and of edges the `ends` and the numbers of hyperplanes that they lie on, `zeros` (m - 2,
    edges). Of these hyperplanes the first `walls` have nothing beyond them; `rows` has for the others the row of the
    first step that bends, or -1 for one that no unit has, and p has them in the same order. `above` is what the
    signature has of the part above each, `sums` what it has of each edge. `off` (n + 1,) is how far off a point's
    coordinates are by those of `back`. `flat` says that x_0 is 1 everywhere. `basis` has the forms whose values p are,
    and `outside` those of the walls, if they are not where the first of them is `near` times the sum of the others.
    """

    back: Array
    places: Array
    ends: tuple[Indices, Indices]
    zeros: NDArray[np.int32]
    sums: Signatures
    walls: int
    rows: tuple[int, ...]
    above: Signatures
    off: Array
    flat: bool
    basis: Array
    outside: Array | None
    near: float


def boxed(domain: Domain) -> Frame:
    """Return the frame of a box, whose coordinates are those of x."""
    (part,) = polytopes_of(domain).each
    on, n, walls = part.on, domain.dimension, len(part.walls)
    pairs = [(a, b) for a in range(len(on)) for b in range(a + 1, len(on)) if (on[a] & on[b]).bit_count() == n - 1]
    zeros = [[wall for wall in range(walls) if (on[a] & on[b]) >> wall & 1] for a, b in pairs]
    first, second = np.array(pairs, np.int64).T
    return Frame(
        np.eye(n + 1),
        part.places.T.copy(),
        (first, second),
        np.array(zeros, np.int32).T.reshape(n - 1, len(pairs)),
        np.zeros(len(pairs), np.uint64),
        walls,
        (),
        np.zeros(walls, np.uint64),
        np.zeros(n + 1),
        True,
        np.eye(n + 1),
        np.array([wall.form for wall in part.walls]),
        0.0,
    )


def everywhere(chain: Chain, n: int, near: float) -> Frame:
    """Return the frame of R^n, up to a distance that grows with 1 / `near`."""
    forms, weights = _first_bends(chain, n)
    infinity = np.eye(n + 1)[:1]
    rows, chosen = _chosen(forms, infinity, n)
    basis = np.concatenate([infinity, chosen])
    basis[0, 0] = _scale(forms, rows, np.linalg.solve(basis, np.eye(n + 1)[0]), basis[1:, 0])
    return _fan(basis, [(1,), *[(1, -1)] * n], 1, rows, weights, near)


def _scale(forms: Array, rows: tuple[int, ...], middle: Array, offsets: Array) -> float:
    """Return a power of two near the distance of other hyperplanes from the common point of those of a frame."""
    others = np.delete(forms, [row for row in rows if row >= 0], 0)
    sizes = _sizes(others)
    away = np.abs(others @ middle)[sizes > 0] / sizes[sizes > 0]
    away = away[away > 1e-9 * np.abs(middle).max()]
    if not len(away):
        away = np.abs(offsets[offsets != 0])
    typical = float(np.median(away)) if len(away) else 1.0
    return 2.0 ** round(np.log2(typical)) if 1e-200 < typical < 1e200 else 1.0


def around_origin(chain: Chain, domain: Domain) -> Frame | None:
    """Return the frame of directions, for a chain without constants and a domain that has 0 in it; else None."""
    n = domain.dimension
    if n < 3 or not homogeneous(chain) or np.any(domain.start[0]):
        return None
    if any(low > 0 or high < 0 for low, high in domain.spans):
        return None
    sided = [(axis, 1 if low == 0 else -1) for axis, (low, high) in enumerate(domain.spans) if low == 0 or high == 0]
    walls = np.zeros((len(sided), n + 1))
    for wall, (axis, side) in zip(walls, sided, strict=True):
        wall[axis + 1] = side
    forms, weights = _first_bends(chain, n)
    rows, chosen = _chosen(forms, np.concatenate([np.eye(n + 1)[:1], walls]), n - len(sided), through=True)
    basis = np.concatenate([walls, chosen])[:, 1:]
    signs = [*[(1,)] * len(sided), *[(1, -1)] * len(chosen)]
    found = _fan(basis, signs, len(sided), rows, weights, 0.0)
    back, off = np.concatenate([np.zeros((1, n)), found.back]), np.concatenate([[0], found.off])
    basis = np.concatenate([np.zeros((n, 1)), basis], 1)
    return found._replace(back=back, off=off, basis=basis, outside=basis[: len(sided)])


def homogeneous(chain: Chain) -> bool:
    """Return whether no step up to the last that bends has a constant: the function goes through 0 on every ray."""
    last = max((index for index, step in enumerate(chain.steps) if isinstance(step, Bend)), default=-1)
    for step in chain.steps[: last + 1]:
        if isinstance(step, Linear):
            if step.constant is not None and np.any(step.constant):
                return False
        elif not isinstance(step, Bend) or step.points != (0,) or np.any(step.offsets):
            return False
    return True


def _first_bends(chain: Chain, n: int) -> tuple[Array, Signatures]:
    """Return the forms (rows, n + 1) that the first step to bend is zero on, and what the part above each adds."""
    far = np.eye(n + 1)[0]
    values: dict[int, Array] = {0: np.eye(n + 1)[:, 1:]}
    for index, step in enumerate(chain.steps):
        if isinstance(step, Bend):
            flat = values[step.operands[0]].reshape(n + 1, -1)
            forms = np.concatenate([flat.T - point * far for point in step.points])
            return forms, np.tile(unit_weights(index, flat.shape[1]), len(step.points))
        values[step.result] = result_at(step, [values[operand] for operand in step.operands], far)
    return np.zeros((0, n + 1)), np.zeros(0, np.uint64)


def _sizes(forms: Array) -> Array:
    found: Array = np.sqrt((forms[:, 1:] ** 2).sum(1))
    return found


def _chosen(forms: Array, begun: Array, count: int, *, through: bool = False) -> tuple[tuple[int, ...], Array]:
    """Return the rows, -1 for none, and the forms of so many hyperplanes that stand apart from one another.

    Those of the network come first; the others go through the origin, or else by a point of no meaning.
    """
    n = forms.shape[1] - 1
    sizes = _sizes(forms)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where((sizes > 0)[:, None], forms / sizes[:, None], 0)
    own[~np.isfinite(own).all(1)] = 0
    middle = np.median(np.abs(own[:, 0])) if len(own) else 0.0
    ways = np.array(directions(n)[:n], float)
    ways /= np.sqrt((ways**2).sum(1))[:, None]
    shift = -ways @ np.array(apex(n), float) * (middle or 1.0)
    others = np.concatenate([np.zeros((n, 1)) if through else shift[:, None], ways], 1)
    candidates = [*enumerate(own), *((_OF_A_STEP, other) for other in others)]
    left = np.array([form[1:] for _, form in candidates])
    for wall in begun[:, 1:]:
        left -= np.outer(left @ wall, wall)
    rows: list[int] = []
    found: list[Array] = []
    for _ in range(count):
        apart = np.sqrt((left**2).sum(1))
        best = int(np.argmax(apart[: len(own)])) if len(own) else 0
        if not len(own) or apart[best] < _APART:
            best = len(own) + int(np.argmax(apart[len(own) :]))
        unit = left[best] / apart[best]
        rows.append(candidates[best][0])
        found.append(candidates[best][1])
        left = left - np.outer(left @ unit, unit)
    return tuple(rows), np.array(found).reshape(count, n + 1)


def _fan(
    basis: Array, signs: list[tuple[int, ...]], walls: int, rows: tuple[int, ...], weights: Signatures, near: float
) -> Frame:
    """Return the cones of sides of hyperplanes through a point, of which the first `walls` have one side each.

    The first coordinate is that of x_0 where `near` is not 0.
    """
    size = len(basis)
    back = np.linalg.inv(basis)
    off = EPSILON * (np.abs(back) @ np.abs(basis) @ np.abs(back)).sum(1)
    corners = [(axis, side) for axis, sides in enumerate(signs) for side in sides]
    places = np.zeros((size, len(corners)))
    for corner, (axis, side) in enumerate(corners):
        places[axis, corner] = side
        if near and axis:
            places[0, corner] = near
    pairs = [(a, b) for a, one in enumerate(corners) for b, other in enumerate(corners) if one[0] < other[0]]
    drawn = np.random.default_rng([_SEED, size]).integers(0, 2**64, size, np.uint64)
    above = np.array(
        [0] * walls + [weights[row] if row >= 0 else drawn[walls + index] for index, row in enumerate(rows)],
        np.uint64,
    )
    zeros = [[k for k in range(size) if k not in (corners[a][0], corners[b][0])] for a, b in pairs]
    sums = [
        sum(int(above[corners[end][0]]) for end in pair if corners[end][1] > 0 and corners[end][0] >= walls) % 2**64
        for pair in pairs
    ]
    first, second = np.array(pairs, np.int64).T
    return Frame(
        back,
        places,
        (first, second),
        np.array(zeros, np.int32).T.reshape(size - 2, len(pairs)),
        np.array(sums, np.uint64),
        walls,
        rows,
        above,
        off,
        False,
        basis,
        None if near else basis[:walls],
        near,
    )


def hidden_sides(frame: Frame, places: Array, ends: tuple[Indices, Indices]) -> Any:
    """Return for edges what their signatures have of hyperplanes that no unit has: to be taken away."""
    found = np.zeros(len(ends[0]), np.uint64)
    for index, row in enumerate(frame.rows):
        if row == _OF_A_STEP:
            number = frame.walls + index
            positive = places[number] > 0
            found += (positive[ends[0]] | positive[ends[1]]) * frame.above[number]
    return found
