"""Where losses read a network: what leaves it, or what stands before a last softmax or sigmoid, which they take in."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from netspec.compiler.flow import Flow
from netspec.gradients.obvious import ending_loss
from netspec.operations import Elementwise
from netspec.operations.softmax import Softmax
from netspec.spec.recipe import Loss, class_axis


class Head(NamedTuple):
    """The loss of one output; `value` is what it reads, in the flow's numbers."""

    output: str
    value: int
    loss: Loss


def output_names(flow: Flow) -> tuple[str, ...]:
    """Return what the outputs are called; `out` where there is one without a name."""
    return tuple(flow.graph.output_names) or ("out",)


def ending(flow: Flow, value: int) -> str:
    """Return the word of the last operation where it makes probabilities: softmax, log_softmax or sigmoid, else ``."""
    task = flow.makers().get(value)
    operation = None if task is None else task.operation
    if isinstance(operation, Softmax) and operation.axis == class_axis(flow.shapes[value]):
        return operation.keyword
    return "sigmoid" if isinstance(operation, Elementwise) and operation.name == "sigmoid" else ""


def heads_of(flow: Flow, losses: Mapping[str, Loss] | Sequence[Loss]) -> tuple[Head, ...]:
    """Return the heads, one for each output that has a loss, by its name or in the order of the outputs."""
    names = output_names(flow)
    given = losses if isinstance(losses, Mapping) else dict(zip(names, losses, strict=True))
    return tuple([Head(name, _before(flow, flow.left[names.index(name)], loss), loss) for name, loss in given.items()])


def _before(flow: Flow, value: int, loss: Loss) -> int:
    """Return the logits that a loss of probabilities is computed from."""
    if ending_loss(ending(flow, value)) == loss.kind:
        return flow.makers()[value].operands[0]
    return value
