"""From a model to the steps whose regions are counted, or to the layer that has none and why."""

from collections.abc import Mapping
from typing import Any

from netspec.compiler.flow import Task, make_flow
from netspec.diagnostics import SpecError, quote
from netspec.layers.faults import Details
from netspec.model import Model
from netspec.operations import Graph
from netspec.regions.assembly import Assembly, NoRegions, fixed
from netspec.regions.numbers import Array
from netspec.regions.rules import RULES
from netspec.regions.steps import Chain


def lower(model: Model, *, exact: bool = False, decimal: bool = False) -> Chain:
    """Return the steps of a model on one flat input, in float64 or, where `exact`, in rationals.

    Rationals are the exact values of the parameters as they are stored; with `decimal` the shortest decimals that
    print as they do, which are the numbers that a spec has written.

    Raises SpecError `no-regions`, naming the layer, for what has no linear regions; SystemFault where it is too long.
    """
    met: list[Task] = []
    try:
        return lower_graph(model.graph, model.parameters, exact=exact, decimal=decimal, met=met)
    except NoRegions as fault:
        raise _refused(model, met[-1] if met else None, str(fault)) from None


def lower_graph(
    graph: Graph,
    parameters: Mapping[str, Array],
    *,
    exact: bool = False,
    decimal: bool = False,
    met: list[Task] | None = None,
) -> Chain:
    """Return the steps of a graph for given parameters; `met` takes each operation when its turn comes.

    Raises NoRegions for what has no linear regions; SystemFault where it is too long.
    """
    flow = make_flow(graph, exact=True)
    assembly = Assembly(parameters, exact, decimal)
    assembly.begin([fixed(shape) for shape in graph.inputs], graph.integers)
    for task in flow.tasks:
        if met is not None:
            met.append(task)
        rule = RULES.get(type(task.operation))
        if rule is None:
            raise NoRegions(f"{task.operation.keyword} is {_why(task.operation)}")
        fixed(task.shape)
        rule(assembly, task)
    return assembly.end(flow.left)


def _why(operation: Any) -> str:
    linear = operation.linearity
    return "smooth, and has none" if linear == "smooth" else f"{linear}, but is not among what is counted"


def _refused(model: Model, task: Task | None, words: str) -> SpecError:
    document = model.part.document
    place = task.place.strip(".") if task is not None else ""
    text = f"{quote(place)} has no linear regions to count: {words}" if place else words
    return SpecError([document.fault("no-regions", (), Details(text, False))], {document.file: document.source.text})
