"""The plan: the graph laid out as a list of kernels over a few buffers, in the order in which they run.

Two buffers take turns, so that memory does not grow with depth; what an activation needs besides goes into a third.
A stretch of more than 256 equal layers stays one loop, since a line for each would take longer to compile than to run.
"""

import sys
from collections.abc import Iterator
from math import prod
from typing import Final, NamedTuple, TypeVar

from netspec.files.parameters import label
from netspec.graph import is_chain, steps
from netspec.operations import Affine, Elementwise, Graph, Name, Parameter, Repeat, spell

UNROLLED: Final = 256
TILE_BYTES: Final = 32 << 20  # both buffers of a tile: large, as small products keep the threads of BLAS waiting
LEAST_TILE, MOST_TILE = 16, 4096
_RANGES: Final = {
    "float32": (2.0**-126, (2 - 2.0**-23) * 2.0**127),
    "float64": (sys.float_info.min, sys.float_info.max),
}
"""The smallest normal and the largest number of a dtype."""


class Weight(NamedTuple):
    """A tensor as a kernel reads it: its name below the whole network, numbered where it stands in a loop."""

    prefix: str
    name: Name
    shape: tuple[int, ...]

    def spelled(self, number: int = 0) -> str:
        """Return its name, in one round of the loop it stands in."""
        return self.prefix + spell(self.name, (number,))

    @property
    def label(self) -> str:
        """Its name as people read it; `k` stands for the number of a round."""
        parts = [part if isinstance(part, str) else "k" for part in self.name]
        return label(self.prefix + "".join(parts))


class Product(NamedTuple):
    """target = β + Ω source, by one matrix product; without β where the map has none.

    `result` names target as people read it where a part ends with the map, `fold.y`; else it is empty.
    """

    source: str
    target: str
    weight: Weight
    bias: Weight | None
    result: str


class Activate(NamedTuple):
    """target = a[target], in place."""

    target: str
    width: int
    function: Elementwise


class Loop(NamedTuple):
    """`times` rounds of one product and its activation, the two buffers changing places after each."""

    times: int
    source: str
    target: str
    body: tuple[Product | Activate, ...]


Kernel = Product | Activate | Loop
_Kernel = TypeVar("_Kernel", bound=Kernel)


class Plan(NamedTuple):
    """What is run for one tile: `kernels` in order, over buffers of `width` elements a row.

    `tile` is how many rows of activations stay in cache.
    """

    name: str
    dtype: str
    input: int
    output: int
    width: int
    tile: int
    kernels: tuple[Kernel, ...]


def make_plan(graph: Graph, name: str, dtype: str) -> Plan:
    """Return the plan of a graph that is a chain; bound its tensors before, since most of what repeats is unrolled.

    Raises TypeError for a graph that is no chain: two buffers hold no result until a later operation reads it.
    """
    if not is_chain(graph):
        raise TypeError("a graph that is no chain, each operation reading the result before it, has no plan yet")
    chain = [
        _in_range(kernel, dtype) for step in steps(graph) for kernel in _kernels(step.graph, step.position, step.prefix)
    ]
    last = max(i for i, kernel in enumerate(chain) if isinstance(kernel, Product))
    placed: list[Kernel] = []
    at, free = "x", ("a", "b")
    widths: list[int] = [1]
    for i, kernel in enumerate(chain):
        if isinstance(kernel, Activate):
            placed.append(kernel._replace(target=at))
        elif isinstance(kernel, Loop):
            source, target = free
            placed.append(kernel._replace(source=source, target=target))
            at = source if kernel.times % 2 == 0 else target
            free = (source, target) if at == source else (target, source)
        else:
            target = "y" if i == last else free[1] if at == free[0] else free[0]
            placed.append(kernel._replace(source=at, target=target))
            at = target
            free = (target, free[1] if target == free[0] else free[0])
            if target != "y":
                widths.append(kernel.weight.shape[0])
    size = {"float32": 4, "float64": 8}[dtype]
    rows = TILE_BYTES // (2 * size * max(widths))
    tile = max(LEAST_TILE, min(MOST_TILE, 1 << max(0, rows.bit_length() - 1)))
    sizes = prod(graph.inputs[0]), prod(graph.output_shapes[0])
    return Plan(name, dtype, *sizes, max(widths), tile, tuple(placed))


def _in_range(kernel: _Kernel, dtype: str) -> _Kernel:
    """Return the kernel with its numbers within the dtype's range: an alpha of 1e-50 is not 0 in float32, nor 1e50 ∞.

    Either would make NaN of 0, where what is lost this way is less than float32 can tell, or more than it can hold.
    """
    if isinstance(kernel, Loop):
        return kernel._replace(body=tuple(_in_range(inner, dtype) for inner in kernel.body))
    if isinstance(kernel, Activate):
        least, most = _RANGES[dtype]
        numbers = (number and min(max(number, least), most) for number in kernel.function.arguments)
        return kernel._replace(function=kernel.function._replace(arguments=tuple(numbers)))
    return kernel


def _kernels(graph: Graph, index: int, prefix: str, rounds: tuple[int, ...] = ()) -> Iterator[Kernel]:
    """Yield what computes one operation, its buffers not yet chosen."""
    node = graph.operations[index]
    if isinstance(node, Affine):
        own = {parameter.role: _weight(prefix, parameter, rounds) for parameter in graph.parameters[index]}
        ends = index == len(graph) - 1 and not rounds
        yield Product("", "", own["Omega"], own.get("beta"), label(f"{prefix}y") if ends else "")
    elif isinstance(node, Elementwise):
        if node.linearity != "affine":
            yield Activate("", prod(graph.shapes[graph.result(index)]), node)
    elif isinstance(node, Repeat):
        if node.times > UNROLLED:
            yield _loop(node, prefix)
        else:
            for number in range(node.times):
                for inner in range(len(node.body)):
                    yield from _kernels(node.body, inner, prefix, (*rounds, number))
    else:
        raise TypeError(f"a {type(node).__name__.lower()} is entered by the walk")


def _loop(node: Repeat, prefix: str) -> Loop:
    """Return the loop over equal layers: one product, and its activation where it has one."""
    body: list[Product | Activate] = []
    for inner in range(len(node.body)):
        for kernel in _kernels(node.body, inner, prefix):
            if isinstance(kernel, Loop):
                raise TypeError("a repeat within a repeat has no loop yet")
            body.append(kernel)
    if sum(isinstance(kernel, Product) for kernel in body) != 1:
        raise TypeError("a loop has one product a round")
    return Loop(node.times, "", "", tuple(body))


def _weight(prefix: str, parameter: Parameter, rounds: tuple[int, ...]) -> Weight:
    """Return the tensor, its number written into its name where the round is known."""
    name: Name = (spell(parameter.name, rounds),) if rounds else parameter.name
    return Weight(prefix, name, parameter.shape)
