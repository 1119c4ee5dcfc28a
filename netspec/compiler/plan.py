"""The plan: the graph laid out as a list of kernels over a few buffers, in the order in which they run.

Two buffers take turns, so that memory does not grow with depth; what an activation needs besides goes into a third.
A stretch of more than 256 equal layers stays one loop, since a line for each would take longer to compile than to run.
"""

import sys
from collections.abc import Iterator
from math import copysign
from typing import Final, NamedTuple, TypeVar

from netspec.compiler.extent import check_extent, is_free, is_loop
from netspec.files.parameters import label
from netspec.graph.walk import is_plain, steps
from netspec.operations import Affine, Elementwise, Graph, Name, Parameter, Repeat, Shape, spell
from netspec.sizes import Polynomial

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


def has_plan(graph: Graph) -> bool:
    """Return whether two buffers hold the network: fully connected, from one input without a name to such an output.

    What has another form, or begins or ends with a loop, has a listing. Raises SystemFault where it is too long.
    """
    if not is_plain(graph) or graph.input_names or graph.output_names:
        return False
    check_extent(graph, loops=True)
    chain = [type(kernel) for kernel in _chain(graph)]
    while chain and chain[-1] is Activate:
        chain.pop()
    return bool(chain) and chain[0] is chain[-1] is Product


def make_plan(graph: Graph, name: str, dtype: str) -> Plan:
    """Return the plan of a graph; bound its tensors before, since most of what repeats is unrolled.

    Raises TypeError for a graph that has none: two buffers hold no result until a later operation reads it.
    """
    if not has_plan(graph):
        raise TypeError("a graph that is no chain of affine maps and activations has no plan, but a listing")
    chain = [_in_range(kernel, dtype) for kernel in _chain(graph)]
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
    return Plan(name, dtype, _width(graph.inputs[0]), _width(graph.output_shapes[0]), max(widths), tile, tuple(placed))


def _chain(graph: Graph) -> Iterator[Kernel]:
    """Yield what computes the network, kernel by kernel."""
    for step in steps(graph):
        yield from _kernels(step.graph, step.position, step.prefix)


def in_range(function: Elementwise, dtype: str) -> Elementwise:
    """Return the function with its numbers within the dtype's range: an alpha of 1e-50 is not 0 in float32, nor 1e50 ∞.

    Either would make NaN of 0, where what is lost this way is less than float32 can tell, or more than it can hold.
    """
    least, most = _RANGES[dtype]
    numbers = (number and copysign(min(max(abs(number), least), most), number) for number in function.arguments)
    return function._replace(arguments=tuple(numbers))


def _in_range(kernel: _Kernel, dtype: str) -> _Kernel:
    """Return the kernel with the numbers of its activations within the dtype's range."""
    if isinstance(kernel, Loop):
        return kernel._replace(body=tuple(_in_range(inner, dtype) for inner in kernel.body))
    if isinstance(kernel, Activate):
        return kernel._replace(function=in_range(kernel.function, dtype))
    return kernel


def _kernels(graph: Graph, index: int, prefix: str, rounds: tuple[int, ...] = ()) -> Iterator[Kernel]:
    """Yield what computes one operation, its buffers not yet chosen."""
    node = graph.operations[index]
    if isinstance(node, Affine):
        own = {parameter.role: _weight(prefix, parameter, rounds) for parameter in graph.parameters[index]}
        ends = index == len(graph) - 1 and not rounds
        yield Product("", "", own["Omega"], own.get("beta"), label(f"{prefix}y") if ends else "")
    elif isinstance(node, Elementwise):
        if not is_free(node):
            yield Activate("", _width(graph.shapes[graph.result(index)]), node)
    elif isinstance(node, Repeat):
        if not rounds and is_loop(node):
            yield _loop(node, prefix)
        else:
            for number in range(node.times):
                for inner in range(len(node.body)):
                    yield from _kernels(node.body, inner, prefix, (*rounds, number))
    else:
        raise TypeError(f"a {type(node).__name__.lower()} is entered by the walk")


def _loop(node: Repeat, prefix: str) -> Loop:
    """Return the loop over equal layers: one product, and its activation where it has one."""
    body = [kernel for inner in range(len(node.body)) for kernel in _kernels(node.body, inner, prefix)]
    return Loop(node.times, "", "", tuple(kernel for kernel in body if not isinstance(kernel, Loop)))


def _width(shape: Shape) -> int:
    """Return the only size of a value; a plan has no other."""
    (size,) = shape
    if isinstance(size, Polynomial):
        raise TypeError(f"a plan has no room for a width of {size}")
    return size


def _weight(prefix: str, parameter: Parameter, rounds: tuple[int, ...]) -> Weight:
    """Return the tensor, its number written into its name where the round is known."""
    name: Name = (spell(parameter.name, rounds),) if rounds else parameter.name
    return Weight(prefix, name, parameter.shape)
