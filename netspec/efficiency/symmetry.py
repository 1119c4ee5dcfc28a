"""Which changes of the parameters leave a fully connected network's function as it is, and what that takes away.

The hidden units of a layer may be permuted, Π D_k! ways. Where the activation is positively homogeneous (relu,
leaky_relu) or a step at 0 (heaviside), each unit may be scaled: its row of Ω and β by s > 0, its column in the next
layer by 1/s (heaviside: the row alone). Where it is odd (tanh), each unit may change its sign. These are the symmetries
that are known for all parameters; particular parameters may have more.

The scalings are a group of dimension Σ D_k that acts on the parameters, at almost every φ without a fixed direction:
the first layer's rows move with its own scalings alone, then the second's, and so on. The function does not change
along them, so the Jacobian of any outputs with respect to φ has rank P - Σ D_k at most.

Maps in a row without an activation between them, as around a mediator, are one affine map of rank r at most, r the
narrowest width: r (a + b - r) + b numbers for a inputs and b outputs, instead of their parameters.
"""

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

from netspec.graph import Facts
from netspec.graph.walk import is_plain
from netspec.limits import REGION_DIGITS
from netspec.operations import Affine, Call, Elementwise, Graph, Repeat

_SCALED: Final = ("relu", "leaky_relu", "heaviside")
_ODD: Final = ("tanh", "softsign", "tanh_shrink", "soft_shrink", "hard_shrink")
_MOST_MAPS: Final = 20_000
_LARGEST_FACTORIAL: Final = 20_000  # its 77,337 digits take some milliseconds


class Map(NamedTuple):
    """`times` equal affine maps in the network, each with the activation behind it (None behind the last).

    dimension: of the set of affine maps that its parameters reach, or an upper bound on it.
    """

    times: int
    gives: int
    dimension: int
    activation: Elementwise | None


class Symmetry(NamedTuple):
    """The known symmetries of a network, and the upper bound on its effective dimension that follows.

    permutations: how many, None where the number has more than 100,000 digits; scalings: the dimension of the group of
    positive scalings, Σ D_k over the layers that have them; signs: how many units may change their sign.
    """

    permutations: int | None
    permutations_log10: float
    scalings: int
    signs: int
    effective_dimension: int


def symmetry(graph: Graph, facts: Facts) -> Symmetry | None:
    """Return the known symmetries of a fully connected network; None for any other, and where parameters are shared."""
    if not (is_plain(graph) and facts.free):
        return None
    maps = _maps(graph)
    if maps is None:
        return None
    hidden = maps[:-1]
    order: dict[int, int] = {}
    for each in hidden:
        order[each.gives] = order.get(each.gives, 0) + each.times
    log10 = sum(times * math.lgamma(width + 1) for width, times in order.items()) / math.log(10)
    scalings = sum(each.times * each.gives for each in hidden if _scales(each))
    effective = sum(each.times * each.dimension for each in maps) - scalings
    return Symmetry(
        _order(order) if log10 < REGION_DIGITS.value - 1 else None,
        round(log10, 6),
        scalings,
        sum(each.times * each.gives for each in hidden if _flips(each)),
        min(effective, facts.parameters - scalings),
    )


def _scales(each: Map) -> bool:
    return each.activation is not None and each.activation.name in _SCALED


def _flips(each: Map) -> bool:
    function = each.activation
    if function is None:
        return False
    return function.name in _ODD or (function.name == "hard_tanh" and function.arguments[0] == -function.arguments[1])


def _order(widths: dict[int, int]) -> int | None:
    """Return Π D! over widths with their numbers of layers."""
    if max(widths, default=0) > _LARGEST_FACTORIAL:
        return None
    total = 1
    for width, times in widths.items():
        total *= math.factorial(width) ** times
    return total


class _Row:
    """Affine maps since the last activation."""

    def __init__(self, reads: int) -> None:
        self.reads = self.rank = reads
        self.biased = self.begun = False
        self.gives = reads

    def add(self, operation: Affine) -> None:
        self.begun = True
        self.gives = operation.width
        self.rank = min(self.rank, operation.width)
        self.biased = self.biased or operation.bias

    def closed(self, activation: Elementwise | None) -> Map:
        of_rank = self.rank * (self.reads + self.gives - self.rank) + self.gives * self.biased
        return Map(1, self.gives, of_rank, activation)


def _maps(graph: Graph) -> list[Map] | None:
    """Return the affine maps between activations, the output's last; None where they are too many that differ."""
    found: list[Map] = []
    row = _Row(int(graph.inputs[0][0]))  # type: ignore[arg-type]  # a plain network has no free sizes

    def go(graph: Graph) -> Iterator[None]:
        nonlocal row
        for node in graph.operations:
            if isinstance(node, Repeat):
                yield from go(node.body)
                if node.times > 1:  # the second round stands for all that follow
                    before = len(found)
                    yield from go(node.body)
                    following = found[before:]
                    del found[before:]
                    if len(following) == 1:
                        found.append(following[0]._replace(times=node.times - 1))
                    else:
                        for _ in range(node.times - 1):
                            found.extend(following)
                            yield
            elif isinstance(node, Call):
                yield from go(node.body)
            elif isinstance(node, Affine):
                row.add(node)
            elif isinstance(node, Elementwise) and node.linearity != "affine":
                found.append(row.closed(node))
                row = _Row(row.gives)
            yield

    for _ in go(graph):
        if len(found) > _MOST_MAPS:
            return None
    if row.begun or not found:
        return [*found, row.closed(None)]
    return found
