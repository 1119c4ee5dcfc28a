"""The plan of a fully connected network: its affine maps and what follows each, in the order in which they run.

Two buffers take turns, so that memory does not grow with depth; what an activation needs besides goes into a third.
A stretch of more than 32 equal layers stays one loop, since a line for each would take longer to compile than to run.
Two maps with nothing between them are one where that is less work.
"""

import sys
from collections.abc import Iterator
from math import copysign
from typing import Final, NamedTuple

from netspec.compiler.extent import check_extent, is_free, is_loop
from netspec.files.parameters import label
from netspec.graph.walk import is_plain, steps
from netspec.operations import Affine, Elementwise, Graph, Name, Parameter, Repeat, spell

TILE_BYTES: Final = 1 << 20
"""Of both buffers of a tile: half of a core's own cache, so that a layer finds what the one before has left."""

LEAST_TILE, MOST_TILE = 512, 16384
TILES: Final = (256, 512, 1024, 2048, 4096, 8192, 16384)
"""What a tile may be measured to be."""

COPIED_BYTES: Final = 256 << 20
"""Of parameters that are copied into the layout that is multiplied fastest; larger networks are read in place."""

SCALAR_WIDTH: Final = 4
"""Units of the widest layer for which one example is computed number by number: a call costs more than the sums."""

SCALAR_NUMBERS: Final = 4096
CARRIED_NUMBERS: Final = 2**16
"""Of a map that is there once more, with a β that what is carried changes."""

ACROSS: Final = 64
"""Examples that stand side by side, so that registers are full whatever the widths: of the widest registers four."""

NARROW_ACROSS, NARROW_WIDTH = 1024, 16
"""The same where no layer is wider: one call multiplies so little that fewer of them count."""

TURNED_WIDTH = 1024
"""Units of the widest layer for which x is worth turning for a single hidden layer."""

PANEL, PANEL_DEPTH = 64, 256
"""Units of a panel, and how many a layer may read, for which rows are as quick: registers are full along the units."""

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


class Map(NamedTuple):
    """β + Ω h, without β where the spec has none."""

    weight: Weight
    bias: Weight | None

    @property
    def width(self) -> int:
        """How many units it gives."""
        return self.weight.shape[0]


class Layer(NamedTuple):
    """One map, or several composed into one, and the activations of its result.

    `result` names what it gives as people read it where a part ends with the map, `fold.y`; else it is empty.
    """

    maps: tuple[Map, ...]
    functions: tuple[Elementwise, ...]
    result: str

    @property
    def width(self) -> int:
        """How many units it has."""
        return self.maps[-1].width

    @property
    def reads(self) -> int:
        """How many units it reads."""
        return self.maps[0].weight.shape[1]

    @property
    def is_relu(self) -> bool:
        """Whether a ReLU, and nothing else, follows."""
        return [function.name for function in self.functions] == ["relu"]


class Loop(NamedTuple):
    """`times` rounds of a layer that has as many units as it reads."""

    times: int
    layer: Layer


class Plan(NamedTuple):
    """What is run, bottom up. `tile` is how many rows of activations stay in cache; `exact` keeps every sum and its
    order as written, so that nothing is composed or carried on; `copied` says whether tensors are laid out anew.
    """

    name: str
    dtype: str
    input: int
    output: int
    tile: int
    exact: bool
    copied: bool
    stages: tuple[Layer | Loop, ...]

    @property
    def layers(self) -> Iterator[Layer]:
        """Its layers, that of a loop once."""
        return (stage.layer if isinstance(stage, Loop) else stage for stage in self.stages)

    @property
    def width(self) -> int:
        """The units of the widest layer."""
        return max(layer.width for layer in self.layers)

    @property
    def is_scalar(self) -> bool:
        """Whether one example is computed number by number."""
        narrow = max(self.width, self.input) <= SCALAR_WIDTH
        numbers = sum(
            (stage.times if isinstance(stage, Loop) else 1) * layer.width * (layer.reads + 1)
            for stage, layer in zip(self.stages, self.layers, strict=True)
        )
        simple = all(f.name in ("relu", "leaky_relu") for layer in self.layers for f in layer.functions)
        return narrow and simple and numbers <= SCALAR_NUMBERS and self.copied

    @property
    def carries_first(self) -> bool:
        """Whether the offset of the first layer is carried on for a single example too, which spares a copy of x.

        The second map is then there once more, with another β.
        """
        first, *others = self.stages
        if self.exact or not self.copied or not isinstance(first, Layer) or not first.is_relu or not others:
            return False
        second = others[0]
        return isinstance(second, Layer) and second.width * (second.reads + 1) <= CARRIED_NUMBERS

    @property
    def across(self) -> int:
        """How many examples stand side by side at most, a column each; 1 where they lie in rows."""
        work = [(layer.width * layer.reads, _fills_panels(layer)) for layer in self.layers]
        filled = sum(size for size, fills in work if fills)
        shallow = len(self.stages) < 2 or (len(self.stages) == 2 and self.width < TURNED_WIDTH)
        if self.exact or shallow or 2 * filled > sum(size for size, _ in work):
            return 1
        return NARROW_ACROSS if max(self.width, self.input) <= NARROW_WIDTH else ACROSS


def _fills_panels(layer: Layer) -> bool:
    return layer.width % PANEL == 0 and layer.reads <= PANEL_DEPTH


def has_plan(graph: Graph) -> bool:
    """Return whether two buffers hold the network: fully connected, from one input without a name to such an output.

    What has another form, or begins or ends with a loop, has a listing. Raises SystemFault where it is too long.
    """
    if not is_plain(graph) or graph.input_names or graph.output_names:
        return False
    check_extent(graph, loops=True)
    chain = list(_stages(graph))
    return bool(chain) and not any(isinstance(chain[end], Loop | Elementwise) for end in (0, -1))


def make_plan(graph: Graph, name: str, dtype: str, *, exact: bool = False, tile: int | None = None) -> Plan:
    """Return the plan of a graph; bound its tensors before, since most of what repeats is unrolled. `tile` is measured.

    Raises TypeError for a graph that has none: two buffers hold no result until a later operation reads it.
    """
    if not has_plan(graph):
        raise TypeError("a graph that is no chain of affine maps and activations has no plan, but a listing")
    stages = [_in_range(stage, dtype) for stage in _stages(graph) if not isinstance(stage, Elementwise)]
    size = {"float32": 4, "float64": 8}[dtype]
    numbers = sum(
        (stage.times if isinstance(stage, Loop) else 1) * layer.width * (layer.reads + 1)
        for stage, layer in zip(stages, (s.layer if isinstance(s, Loop) else s for s in stages), strict=True)
    )
    copied = numbers * size <= COPIED_BYTES
    if copied and not exact:
        stages = list(_composed(stages))
    (reads,), (gives,) = graph.inputs[0], graph.output_shapes[0]
    plan = Plan(name, dtype, int(str(reads)), int(str(gives)), 0, exact, copied, tuple(stages))
    rows = TILE_BYTES // (2 * size * plan.width)
    ruled = max(LEAST_TILE, min(MOST_TILE, 1 << max(0, rows.bit_length() - 1)))
    return plan._replace(tile=tile if tile in TILES else ruled)


def _stages(graph: Graph) -> Iterator[Layer | Loop | Elementwise]:
    """Yield what computes the network; an activation that no map is below stays by itself."""
    waiting: Layer | None = None
    for part in _parts(graph):
        if isinstance(part, Elementwise) and waiting is not None:
            waiting = waiting._replace(functions=(*waiting.functions, part))
            continue
        if waiting is not None:
            yield waiting
        waiting = part if isinstance(part, Layer) else None
        if not isinstance(part, Layer):
            yield part
    if waiting is not None:
        yield waiting


def _parts(graph: Graph) -> Iterator[Layer | Loop | Elementwise]:
    """Yield the maps, the activations and the loops, one by one."""
    for step in steps(graph):
        yield from _part(step.graph, step.position, step.prefix)


def _part(graph: Graph, index: int, prefix: str, rounds: tuple[int, ...] = ()) -> Iterator[Layer | Loop | Elementwise]:
    node = graph.operations[index]
    if isinstance(node, Affine):
        own = {each.role: _weight(prefix, each, rounds) for each in graph.parameters[index]}
        ends = index == len(graph) - 1 and not rounds
        yield Layer((Map(own["Omega"], own.get("beta")),), (), label(f"{prefix}y") if ends else "")
    elif isinstance(node, Elementwise):
        if not is_free(node):
            yield node
    elif isinstance(node, Repeat):
        if not rounds and is_loop(node):
            inner = [part for i in range(len(node.body)) for part in _part(node.body, i, prefix)]
            layer = next(part for part in inner if isinstance(part, Layer))
            yield Loop(
                node.times, layer._replace(functions=tuple(part for part in inner if isinstance(part, Elementwise)))
            )
        else:
            for number in range(node.times):
                for inner_index in range(len(node.body)):
                    yield from _part(node.body, inner_index, prefix, (*rounds, number))
    else:
        raise TypeError(f"a {type(node).__name__.lower()} is entered by the walk")


def _weight(prefix: str, parameter: Parameter, rounds: tuple[int, ...]) -> Weight:
    """Return the tensor, its number written into its name where the round is known."""
    name: Name = (spell(parameter.name, rounds),) if rounds else parameter.name
    return Weight(prefix, name, parameter.shape)


def _composed(stages: list[Layer | Loop]) -> Iterator[Layer | Loop]:
    """Yield the stages with every two maps that nothing is between in one, where that is less work."""
    waiting: Layer | None = None
    for stage in stages:
        if (
            isinstance(stage, Layer)
            and waiting is not None
            and not waiting.functions
            and waiting.reads * stage.width <= waiting.reads * waiting.width + stage.reads * stage.width
        ):
            waiting = Layer((*waiting.maps, *stage.maps), stage.functions, stage.result)
            continue
        if waiting is not None:
            yield waiting
        waiting = stage if isinstance(stage, Layer) else None
        if isinstance(stage, Loop):
            yield stage
    if waiting is not None:
        yield waiting


def in_range(function: Elementwise, dtype: str) -> Elementwise:
    """Return the function with its numbers within the dtype's range: an alpha of 1e-50 is not 0 in float32, nor 1e50 ∞.

    Either would make NaN of 0, where what is lost this way is less than float32 can tell, or more than it can hold.
    """
    least, most = _RANGES[dtype]
    numbers = (number and copysign(min(max(abs(number), least), most), number) for number in function.arguments)
    return function._replace(arguments=tuple(numbers))


def _in_range(stage: Layer | Loop, dtype: str) -> Layer | Loop:
    """Return the stage with the numbers of its activations within the dtype's range."""
    if isinstance(stage, Loop):
        return Loop(
            stage.times, stage.layer._replace(functions=tuple(in_range(f, dtype) for f in stage.layer.functions))
        )
    return stage._replace(functions=tuple(in_range(f, dtype) for f in stage.functions))
