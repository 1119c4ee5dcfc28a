"""How far the integers of inputs may go."""

from typing import TYPE_CHECKING

from netspec.gradients.program import plain_flow
from netspec.operations.embed import Embed

if TYPE_CHECKING:
    from netspec.model.model import Model


def vocabularies(model: "Model") -> dict[str, int]:
    """Return how many rows the embeddings have that read an input, by the input's name."""
    flow = plain_flow(model.graph)
    found: dict[str, int] = {}
    for task in flow.tasks:  # nothing but an embedding reads integers
        for value in task.operands:
            if isinstance(task.operation, Embed) and value < len(model.inputs):
                name = model.inputs[value].name
                found[name] = min(found.get(name, task.operation.vocabulary), task.operation.vocabulary)
    return found
