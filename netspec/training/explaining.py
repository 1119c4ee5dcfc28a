"""What a step of training would do, before there are any data."""

from typing import Final

from netspec.gradients.explain import explained
from netspec.gradients.heads import ending, output_names
from netspec.gradients.obvious import ending_loss, obvious_loss
from netspec.gradients.program import GradientProgram, plain_flow
from netspec.gradients.training_graph import training_graph
from netspec.model import Model
from netspec.spec.recipe import Loss, Recipe
from netspec.training.data.kinds import possible_kinds
from netspec.training.training import given_loss, trained_outputs

EXPLAINED_SIZE: Final = 64
"""What stands for each free size."""


def explained_step(model: Model, recipe: Recipe, batch: int) -> str:
    """Return the program of a step of so many rows as text, each free size being 64.

    Where neither the recipe nor the network says the loss, it is that of the likeliest targets: classes for two outputs
    or more, numbers for one.
    """
    flow = plain_flow(model.graph)
    values, told = dict(zip(output_names(flow), flow.left, strict=True)), []
    losses: dict[str, Loss] = {}
    for port in trained_outputs(model, recipe):
        loss, word = given_loss(recipe, port.name), ending(flow, values[port.name])
        if loss is None:
            loss = Loss(obvious_loss(word, possible_kinds(None, port)[0][0].kind))
            if ending_loss(word) is None:
                told.append(f"  the loss of {port.label} is told by the data: here it is {loss.kind}")
        losses[port.name] = loss
    program = GradientProgram(
        model.graph,
        model.name,
        model.dtype,
        losses,
        model.parameters,
        training=training_graph(model.part, model.graph),
        recompute=recipe.recompute,
        momentum=recipe.batch_norm_momentum,
    )
    free = [str(size) for shape in model.graph.inputs for size in shape if not isinstance(size, int)]
    head, gap, rest = explained(program, batch, dict.fromkeys(free, EXPLAINED_SIZE)).partition("\n\n")
    return "\n".join([head, *told]) + gap + rest
