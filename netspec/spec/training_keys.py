"""A recipe written as the keys of a spec."""

from collections.abc import Collection

from netspec.spec.recipe import OPTIMIZERS, Loss, Optimizer, Recipe, Schedule
from netspec.spec.training_arguments import LOSS_ARGUMENTS, OPTIMIZER_ARGUMENTS, SCHEDULE_ARGUMENTS


def training_keys(recipe: Recipe, *, whole: bool = True) -> dict[str, object]:
    """Return a recipe as the keys of a spec, every default written out; what it leaves to the run stays out.

    Where it is not `whole`, words stand without the arguments that they have anyway.
    """
    keys: dict[str, object] = {}
    if isinstance(recipe.loss, Loss):
        keys["loss"] = _loss(recipe.loss, whole)
    elif recipe.loss is not None:
        keys["loss"] = {name: _loss(each, whole) for name, each in recipe.loss.items()}
    own = OPTIMIZERS[recipe.optimizer.kind]
    keys["optimizer"] = _chosen(recipe.optimizer, own, OPTIMIZER_ARGUMENTS[recipe.optimizer.kind], whole)
    keys["learning_rate"] = recipe.rate
    schedule = recipe.schedule
    keys["schedule"] = _chosen(schedule, Schedule(schedule.kind), SCHEDULE_ARGUMENTS[schedule.kind], whole)
    keys["batch"] = "full" if recipe.batch is None else recipe.batch
    keys |= {"epochs": recipe.epochs, "weight_decay": recipe.weight_decay}
    if recipe.clip is not None:
        keys["clip"] = {recipe.clip.kind: recipe.clip.limit}
    keys |= {"seed": recipe.seed, "shuffle": recipe.shuffle}
    if recipe.validation is not None:
        keys["validation"] = recipe.validation
    if recipe.early_stopping is not None:
        keys["early_stopping"] = recipe.early_stopping._asdict()
    if whole or recipe.standardise:
        keys["standardise"] = list(recipe.standardise)
    if recipe.class_weights is not None:
        balanced = recipe.class_weights == "balanced"
        keys["class_weights"] = "balanced" if balanced else list(recipe.class_weights)
    if whole or recipe.metrics:
        keys["metrics"] = list(recipe.metrics)
    keys["recompute"] = recipe.recompute
    return keys | {"batch_norm_momentum": recipe.batch_norm_momentum}


def _loss(loss: Loss, whole: bool) -> object:
    return _chosen(loss, Loss(loss.kind), LOSS_ARGUMENTS[loss.kind], whole)


def _chosen(
    chosen: Loss | Optimizer | Schedule, own: Loss | Optimizer | Schedule, names: Collection[str], whole: bool
) -> object:
    """Return a word with the arguments that it takes; `own` has those that it has anyway."""
    has = own._asdict()
    given = {name: value for name, value in chosen._asdict().items() if name in names and (whole or value != has[name])}
    return {chosen.kind: given} if given else chosen.kind
