"""From a model to the steps whose regions are counted, or to the layer that has none and why."""

from collections.abc import Mapping
from typing import Any

from netspec.compiler.flow import Flow, Task, make_flow
from netspec.diagnostics import SpecError, quote
from netspec.layers.faults import Details
from netspec.model import Model
from netspec.model.tensors import Source
from netspec.operations import Elementwise, Graph
from netspec.operations.softmax import Softmax
from netspec.regions.assembly import Assembly, NoRegions, fixed
from netspec.regions.numbers import Array
from netspec.regions.rules import RULES
from netspec.regions.steps import Chain
from netspec.spec import Part


def lower(model: Model, *, exact: bool = False, decimal: bool = False, logits: bool = False) -> Chain:
    """Return the steps of a model on one flat input, in float64 or, where `exact`, in rationals.

    Rationals are the exact values of the parameters as they are stored; with `decimal` the numbers that a spec has
    written, quotients among them; what it has not written, but drawn or read from a file, stays as it is stored. With
    `logits` an output that leaves a softmax or a smooth activation is what goes into it.

    Raises SpecError `no-regions`, naming the layer, for what has no linear regions; SystemFault where it is too long.
    """
    met: list[Task] = []
    try:
        return lower_graph(
            model.graph, model.parameters, model.sources, exact=exact, decimal=decimal, logits=logits, met=met
        )
    except NoRegions as fault:
        raise _refused(model, met[-1] if met else None, str(fault)) from None


def lower_graph(
    graph: Graph,
    parameters: Mapping[str, Array],
    sources: Mapping[str, Source],
    *,
    exact: bool = False,
    decimal: bool = False,
    logits: bool = False,
    met: list[Task] | None = None,
) -> Chain:
    """Return the steps of a graph for given parameters; `met` takes each operation when its turn comes.

    Raises NoRegions for what has no linear regions; SystemFault where it is too long.
    """
    flow = make_flow(graph, exact=True)
    if logits:
        _leave_at_logits(flow)
    assembly = Assembly(parameters, sources, exact, decimal)
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


def _leave_at_logits(flow: Flow) -> None:
    """Let outputs leave before a last softmax or smooth activation, which then nothing reads."""
    makers, readers = flow.makers(), flow.readers()
    for index, value in enumerate(flow.left):
        while value in makers and value not in readers:
            task = makers[value]
            smooth = isinstance(task.operation, Elementwise) and task.operation.linearity == "smooth"
            if not (smooth or isinstance(task.operation, Softmax)):
                break
            flow.without([task])
            (value,) = task.operands
            readers[value].remove(task)
            if readers[value]:
                break
            del readers[value]
        flow.left[index] = value


def _why(operation: Any) -> str:
    linear = operation.linearity
    return "smooth, and has none" if linear == "smooth" else f"{linear}, but is not among what is counted"


def _refused(model: Model, task: Task | None, words: str) -> SpecError:
    part, path = (model.part, ()) if task is None else task.origin
    document = part.document if isinstance(part, Part) else model.part.document
    place = task.place.strip(".") if task is not None else ""
    text = f"{quote(place)} has no linear regions to count: {words}" if place else words
    fault = document.fault("no-regions", path, Details(text, False))
    return SpecError([fault], {document.file: document.source.text})
