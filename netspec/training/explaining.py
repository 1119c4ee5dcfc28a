"""What a step of training would do, before there are any data."""

from typing import Final

from netspec.gradients.explain import explained
from netspec.gradients.program import GradientProgram
from netspec.gradients.training_graph import training_graph
from netspec.model import Model
from netspec.spec.recipe import Loss, Recipe
from netspec.training.data.kinds import obvious_loss, possible_kinds
from netspec.training.training import given_loss, trained_outputs, wanted_kinds

EXPLAINED_SIZE: Final = 64
"""What stands for each free size."""


def explained_step(model: Model, recipe: Recipe, batch: int) -> str:
    """Return the program of a step of so many rows as text, each free size being 64.

    Where neither the recipe nor the network says the loss, it is that of the likeliest targets: classes for two outputs
    or more, numbers for one.
    """
    losses = {
        port.name: given_loss(recipe, port.name) or Loss(obvious_loss(kind or possible_kinds(None, port)[0][0]))
        for port, kind in zip(trained_outputs(model, recipe), wanted_kinds(model, recipe), strict=True)
    }
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
    return explained(program, batch, dict.fromkeys(free, EXPLAINED_SIZE))
