"""Lists of layers at their places in a whole network: within parts, in rounds, in an `mlp`."""

from typing import NamedTuple

from netspec.graph.walk import Frames
from netspec.operations import Call, Graph, Repeat
from netspec.review.matching import Pairs
from netspec.review.outline import HIDDEN, Layer, hidden, outline, together
from netspec.review.spelling import spelled
from netspec.review.tensors import Held, held

Ranges = tuple[tuple[int, int], ...]


class Scope(NamedTuple):
    """A list of layers at one place of the whole network: the prefixes of the names of tensors there, the rounds around
    it within its part, how often it stands there, the name of the place, and whether its tensors are met first here.
    """

    graph: Graph
    layers: list[Layer]
    frames: Frames = ("",)
    ranges: Ranges = ()
    times: int = 1
    name: str = ""
    first: bool = True


def called(scope: Scope, layer: Layer, call: Call, met: set[str]) -> Scope:
    """Return the list of a part that is applied; of a network the tensors are met first at its first use."""
    frames = scope.frames[: max(1, len(scope.frames) - call.up)]
    prefix = f"{frames[-1]}{spelled(call.name, scope.ranges)}."
    first, count = scope.first, scope.times
    if call.shared:
        first, count = prefix not in met, 1
        met.add(prefix)
    name = f"{scope.name}{layer.name}."
    return Scope(call.body, outline(call.body), (*frames, prefix), (), count, name, first)


def in_rounds(scope: Scope, layer: Layer, start: int, stop: int) -> Scope:
    """Return the list of a repeat in the rounds from `start` up to `stop`, which are alike."""
    segment = next(each for each in layer.segments if each.first <= start < each.first + each.times)
    ranges = (*scope.ranges, (start - segment.first, stop - 1 - segment.first))
    return scope._replace(
        graph=segment.body,
        layers=outline(segment.body, layer.items),
        ranges=ranges,
        times=scope.times * (stop - start),
    )


def within_mlp(scope: Scope, layer: Layer) -> Scope:
    """Return the layers of an `mlp`."""
    return scope._replace(layers=hidden(layer.graph, layer.stretch, layer.path), name=f"{scope.name}{layer.name}.")


def regrouped(old: Scope, new: Scope, pairs: Pairs) -> tuple[Scope, Scope, Pairs]:
    """Return the lists with hidden layers together that are equal and that became equal ones, and their pairs."""
    partner, back = dict(pairs), {j: i for i, j in pairs}

    def apart(layers: list[Layer], i: int) -> bool:
        return i == 0 or layers[i].word != HIDDEN or layers[i].stretch != layers[i - 1].stretch

    def breaks(ours: list[Layer], theirs: list[Layer], ways: dict[int, int]) -> list[bool]:
        found = []
        for i in range(len(ours)):
            here, before = ways.get(i), ways.get(i - 1)
            follows = here == before if here is None or before is None else here == before + 1
            found.append(apart(ours, i) or not follows or (here is not None and apart(theirs, here)))
        return found

    a, ours = together(old.layers, breaks(old.layers, new.layers, partner))
    b, theirs = together(new.layers, breaks(new.layers, old.layers, back))
    joined = list(dict.fromkeys((ours[i], theirs[j]) for i, j in pairs))
    return old._replace(layers=a), new._replace(layers=b), joined


def own_tensors(scope: Scope, layer: Layer) -> list[Held]:
    """Return the tensors of a layer's own operations by their full names."""
    ranges, count = scope.ranges, scope.times
    if any(isinstance(layer.graph.operations[index], Repeat) for index in layer.stretch):
        ranges = (*ranges, (layer.offset, layer.offset + layer.times - 1))
        count *= layer.times
    return [held(each, scope.frames, ranges, count) for each in layer.parameters]
