"""A training from end to end: a network, examples and a recipe are settled, a program is compiled, and a model made."""

import os
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from netspec.compiler.flow import Flow
from netspec.diagnostics import SystemFault, quote
from netspec.files.writing import check_target
from netspec.gradients.heads import ending, output_names
from netspec.gradients.obvious import ending_loss, obvious_loss
from netspec.gradients.program import GradientProgram, plain_flow
from netspec.gradients.training_graph import training_graph
from netspec.model import Model, check_memory, mapping
from netspec.model.tensors import Held, Source
from netspec.runtime.ports import Port
from netspec.spec.recipe import Loss, LossKind, Recipe
from netspec.training.account import account
from netspec.training.checkpoints import Checkpoints, Identity, read_checkpoint
from netspec.training.class_weights import class_weights
from netspec.training.data.columns import Column
from netspec.training.data.examples import Examples
from netspec.training.data.kinds import TargetKind, target_kind
from netspec.training.data.layout import kept
from netspec.training.data.splits import split
from netspec.training.data.standardisation import Standardiser, learn, standardised
from netspec.training.folding import Folding, folding_of
from netspec.training.identity import digest
from netspec.training.journal import Journal
from netspec.training.loop import Watch, train
from netspec.training.metrics import SUITED, Measure, measures
from netspec.training.outcome import Outcome
from netspec.training.program import Array
from netspec.training.recipe_faults import RecipeFault, check_numbers, check_stopping
from netspec.training.sizes import check_sizes
from netspec.training.smallest_batch import check_batch, smallest_batch

_OF_CLASSES: Final[tuple[LossKind, ...]] = ("cross_entropy", "binary_cross_entropy")
"""The losses whose targets are no numbers that could be moved and scaled."""


class Trained(NamedTuple):
    """What a training gives: the model, how it ended, and the recipe with its losses settled."""

    model: Model
    outcome: Outcome
    recipe: Recipe

    @property
    def labels(self) -> Mapping[str, tuple[str, ...]]:
        """What the classes of an output are called, by its name, where its targets were words; those of the model."""
        return self.model.labels

    def __repr__(self) -> str:
        model, outcome = self.model, self.outcome
        return f"<netspec.Trained {model.name}: {mapping(model.facts)}, {outcome.short}>"


class Keeping(NamedTuple):
    """What a training writes on its way: a journal, and a checkpoint, from which it goes on where `resume`.

    `protect` are files that neither replaces; `every_seconds` and `every_steps` ask for checkpoints within epochs.
    """

    journal: str | None = None
    checkpoint: str | None = None
    resume: bool = False
    every_seconds: float | None = None
    every_steps: int | None = None
    protect: tuple[str, ...] = ()


def trained_outputs(model: Model, recipe: Recipe) -> tuple[Port, ...]:
    """Return the outputs that have a loss, and targets: those that a recipe names, else all.

    Raises SystemFault `usage` for a name that none has.
    """
    if not isinstance(recipe.loss, Mapping):
        return model.outputs
    names = [port.name for port in model.outputs]
    for name in recipe.loss:
        if name not in names:
            headline = f"there is a loss of `{name}`, which is no output"
            raise SystemFault("usage", headline, f"the outputs are {', '.join(names)}")
    if not recipe.loss:
        raise SystemFault("usage", "the recipe has a loss of no output", f"the outputs are {', '.join(names)}")
    return tuple([port for port in model.outputs if port.name in recipe.loss])


def wanted_kinds(model: Model, recipe: Recipe) -> list[TargetKind | None]:
    """Return what the targets of each trained output are: by its loss, or by what it ends with; None where data have to
    say. Raises SystemFault as `trained_outputs`.
    """
    flow = plain_flow(model.graph)
    values = dict(zip(output_names(flow), flow.left, strict=True))
    found: list[TargetKind | None] = []
    for port in trained_outputs(model, recipe):
        value = values[port.name]
        loss = given_loss(recipe, port.name)
        kind = ending_loss(ending(flow, value)) if loss is None else loss.kind
        found.append(None if kind is None else target_kind(kind, port.shape))
    return found


def settled(model: Model, recipe: Recipe, examples: Examples) -> Recipe:
    """Return the recipe with a loss for every trained output by name. Raises SystemFault as `trained_outputs`."""
    flow = plain_flow(model.graph)
    values = dict(zip(output_names(flow), flow.left, strict=True))
    losses = {
        port.name: given_loss(recipe, port.name) or Loss(obvious_loss(ending(flow, values[port.name]), kind.kind))
        for port, kind in zip(trained_outputs(model, recipe), examples.kinds, strict=True)
    }
    for kind, (name, loss) in zip(examples.kinds, losses.items(), strict=True):
        if loss.kind == "cross_entropy" and kind.classes == 1:
            headline = f"the cross-entropy of `{name}` is 0 whatever the network gives: it has one class"
            raise RecipeFault("loss", headline, "`binary_cross_entropy` tells two classes by one number")
    return recipe._replace(loss=losses)


def given_loss(recipe: Recipe, output: str) -> Loss | None:
    """Return the loss that a recipe has for an output, None where data have to say."""
    return recipe.loss.get(output) if isinstance(recipe.loss, Mapping) else recipe.loss


def _loss_of(recipe: Recipe, output: str) -> Loss:
    """Return the loss of an output in a recipe whose losses are settled."""
    found = given_loss(recipe, output)
    if found is None:
        raise ValueError(f"the recipe has no loss of {output}")
    return found


class Training:
    """A training that is ready to run, from the parameters that a model has.

    Attributes: `recipe`, its losses settled; `program`; `examples` and `validation`; `measures`.

    Raises SystemFault `usage` for a recipe that does not fit network and data, `no-memory` for a step that needs more;
    UnfitSizes, a ValueError, for examples whose free sizes do not fit.
    """

    @np.errstate(all="ignore")  # what standardising makes of large numbers is held against being finite
    def __init__(
        self,
        model: Model,
        examples: Examples,
        recipe: Recipe,
        *,
        validation: Examples | None = None,
        weights: Array | None = None,
        validation_weights: Array | None = None,
        max_memory: int | None = None,
    ) -> None:
        self.model = model
        self.recipe = recipe = settled(self.model, recipe, examples)
        check_numbers(recipe, model.dtype)
        self.labels, self.columns = examples.labels, kept(examples.columns)
        outputs = trained_outputs(model, recipe)
        check_sizes(model, outputs, examples)
        if validation is not None:
            check_sizes(model, outputs, validation, held=True)
        if validation is None and recipe.validation is not None:
            examples, validation, weights, validation_weights = _parted(examples, recipe, recipe.validation, weights)
        losses = {port.name: _loss_of(recipe, port.name) for port in outputs}
        _refuse_idle(recipe, losses)
        flow = plain_flow(self.model.graph)
        self._fewest = smallest_batch(flow)
        check_batch(self._fewest, recipe.batch, len(examples))
        self._foldings = _foldings(flow, recipe, losses)
        self._scalings = _scalings(examples, recipe)
        self.measures = _measures(recipe, losses, self._scalings[len(examples.inputs) :])
        done: dict[int, Column] = {}
        self.examples = _scaled(examples, self._scalings, done)
        self.validation = None if validation is None else _scaled(validation, self._scalings, done)
        self.weights, self.validation_weights = weights, validation_weights
        check_stopping(recipe, self.measures, validated=validation is not None)

        def allow(needed: int) -> None:
            check_memory(needed, max_memory, f"a step of training {model.name}")

        self.program = GradientProgram(
            model.graph,
            model.name,
            model.dtype,
            losses,
            self._begun(),
            training=training_graph(model.part, model.graph),
            class_weights=_class_weights(recipe, losses, self.examples, model.dtype),
            recompute=recipe.recompute,
            momentum=recipe.batch_norm_momentum,
            allow=allow,
        )

    def run(
        self,
        *,
        watch: Watch | None = None,
        stop: Callable[[], bool] | None = None,
        keeping: Keeping = Keeping(),  # noqa: B008  a named tuple cannot be changed
        facts: Mapping[str, object] | None = None,
    ) -> Trained:
        """Return the trained model, and how the training ended; `facts` begin the journal.

        Raises SystemFault where something cannot be written, and FileFault for a checkpoint that does not fit.
        """
        checkpoint = resume = None
        journal_protects, checkpoint_protects = _protected(keeping)
        if keeping.checkpoint is not None:
            check_target(
                keeping.checkpoint, protect=checkpoint_protects
            )  # one that failed later would end the training
            identity = self._identity()
            checkpoint = Checkpoints(
                keeping.checkpoint, identity, keeping.every_seconds, keeping.every_steps, checkpoint_protects
            )
            if keeping.resume:
                resume = read_checkpoint(
                    keeping.checkpoint, self.program, self.recipe, identity, self.measures, self._fewest
                )
        journal = None
        if keeping.journal is not None:
            said = {"network": self.model.name, "fingerprint": self.model.facts.fingerprint, "rows": len(self.examples)}
            journal = Journal(keeping.journal, {**said, **(facts or {})}, journal_protects)
        outcome = train(
            self.program,
            self.recipe,
            self.examples,
            self.validation,
            measured=self.measures,
            weights=self.weights,
            validation_weights=self.validation_weights,
            fewest=self._fewest,
            measure_training=True,
            watch=watch,
            stop=stop,
            journal=journal,
            checkpoint=checkpoint,
            resume=resume,
        )
        told = account(outcome, self.recipe, len(self.examples), self.columns)
        return Trained(self.trained().replaced(training=told), outcome, self.recipe)

    @np.errstate(all="ignore")
    def trained(self) -> Model:
        """Return the model with the parameters that there are now, as the network's own: what data were standardised
        by is in its first and last layers.
        """
        tensors = {name: array.copy() for name, array in self.program.tensors().items()}
        for folding, scaling in zip(self._foldings, self._scalings, strict=True):
            if folding is not None and scaling is not None:
                folding.fold(tensors, scaling)
        model = self.model
        sources: dict[str, Source] = {}
        for name in model.sources:
            tensors[name].flags.writeable = False
            sources[name] = Held(tensors[name])
        names = [port.name for port in trained_outputs(model, self.recipe)]
        labels = {name: words for name, words in model.labels.items() if name not in names}
        labels |= {name: words for name, words in zip(names, self.labels, strict=True) if words}
        return model.replaced(sources=sources, labels=labels, training={})

    def _begun(self) -> Mapping[str, Array]:
        """Return the parameters to begin with. Those that are given, and not drawn, are of the network's own function:
        what data are standardised by is taken out of its first and last layers.
        """
        tensors = dict(self.model.parameters)
        given = {name for name, source in self.model.sources.items() if isinstance(source, Held)}
        for folding, scaling in zip(self._foldings, self._scalings, strict=True):
            if folding is not None and scaling is not None:
                folding.unfold(tensors, scaling, given)
        return tensors

    def _identity(self) -> Identity:
        """Return what a checkpoint of this training belongs to."""
        data = digest(self.examples, self.weights, self.validation, self.validation_weights)
        held = 0 if self.validation is None else len(self.validation)
        return Identity(self.model.facts.fingerprint, len(self.examples), held, data)


def _protected(keeping: Keeping) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the journal and the checkpoint never replace: what is protected, and each other.

    Raises SystemFault `usage` where they are the same file, which may not be there yet.
    """
    journal, checkpoint = keeping.journal, keeping.checkpoint
    if journal is None or checkpoint is None:
        return keeping.protect, keeping.protect
    if os.path.realpath(journal) == os.path.realpath(checkpoint):
        raise SystemFault("usage", f"journal and checkpoint are the same file {quote(journal)}", "name two files")
    return (*keeping.protect, checkpoint), (*keeping.protect, journal)


def _parted(
    examples: Examples, recipe: Recipe, share: float, weights: Array | None
) -> tuple[Examples, Examples, Array | None, Array | None]:
    """Return the examples that are trained on and those that are held back, with their weights."""
    try:
        kept, held = split(len(examples), share, recipe.seed, examples.classes())
    except ValueError as refused:
        words = f"of {len(examples):,} rows none can be held back: {refused}"
        raise RecipeFault("validation", words, "train on more rows, or measure on a file") from None
    parts = [None, None] if weights is None else [weights[kept], weights[held]]
    return examples.part(kept), examples.part(held), parts[0], parts[1]


def _refuse_idle(recipe: Recipe, losses: Mapping[str, Loss]) -> None:
    """Refuse what would have no effect beside these losses. Raises RecipeFault."""
    kinds = dict.fromkeys(loss.kind for loss in losses.values())
    suited = dict.fromkeys(metric for kind in kinds for metric in SUITED[kind])
    for metric in recipe.metrics:
        if metric not in suited:
            headline = f"the metric `{metric}` says nothing beside {' and '.join(kinds)}"
            raise RecipeFault("metrics", headline, f"there are {', '.join(suited)}")
    if "targets" in recipe.standardise and all(kind in _OF_CLASSES for kind in kinds):
        headline = "targets are standardised where they are numbers, and here they are classes"
        raise RecipeFault("standardise", headline, "leave `targets` out of `standardise`")


def _foldings(flow: Flow, recipe: Recipe, losses: Mapping[str, Loss]) -> list[Folding | None]:
    """Return how what the inputs, and then the trained outputs, are standardised by becomes a part of the network.

    Raises SystemFault `usage` where it cannot.
    """
    inputs = range(len(flow.graph.inputs))
    found: list[Folding | None] = [
        folding_of(flow, value, "inputs")
        if "inputs" in recipe.standardise and value not in flow.graph.integers
        else None
        for value in inputs
    ]
    values = dict(zip(output_names(flow), flow.left, strict=True))
    for name, loss in losses.items():
        value = values[name]
        numbers = loss.kind not in _OF_CLASSES
        found.append(folding_of(flow, value, "targets") if "targets" in recipe.standardise and numbers else None)
    return found


def _scalings(examples: Examples, recipe: Recipe) -> list[Standardiser | None]:
    """Return what each input and each target is standardised by, learned from these examples alone.

    Raises SystemFault `usage` for numbers whose variance is not finite.
    """
    found: list[Standardiser | None] = []
    for word, columns in (("inputs", examples.inputs), ("targets", examples.targets)):
        for index, column in enumerate(columns):
            numbers = np.dtype(column.dtype).kind == "f" and (
                word == "inputs" or examples.kinds[index].kind == "numbers"
            )
            scaling = learn(column, examples.rows) if word in recipe.standardise and numbers else None
            if scaling is not None and not all(np.isfinite(part).all() for part in scaling):
                headline = f"{word} are too large to be standardised: their variance is not finite"
                raise RecipeFault("standardise", headline, "scale them before, or leave `standardise` out")
            found.append(scaling)
    return found


def _measures(
    recipe: Recipe, losses: Mapping[str, Loss], scalings: Sequence[Standardiser | None]
) -> tuple[Measure, ...]:
    """Return what is measured: of standardised targets in the unit that they had."""
    found: list[Measure] = []
    for measure in measures(recipe, losses):
        scaling = scalings[measure.output]
        deviation = () if scaling is None else tuple(scaling.deviation.reshape(-1).tolist())
        found.append(measure._replace(deviation=deviation))
    return tuple(found)


def _scaled(examples: Examples, scalings: Sequence[Standardiser | None], done: MutableMapping[int, Column]) -> Examples:
    """Return the examples standardised.

    `done` are the columns of other parts that were, by the identity of what they came of: parts of the same columns
    share them, so that no number is held anew.
    """
    if not any(scalings):
        return examples
    columns: list[Column] = []
    for column, scaling in zip((*examples.inputs, *examples.targets), scalings, strict=True):
        if scaling is not None and id(column) not in done:
            done[id(column)] = standardised(column, scaling)
        columns.append(column if scaling is None else done[id(column)])
    count = len(examples.inputs)
    return Examples(columns[:count], columns[count:], examples.kinds, examples.labels, examples.rows)


def _class_weights(
    recipe: Recipe, losses: Mapping[str, Loss], examples: Examples, dtype: str
) -> dict[str, Array] | None:
    """Return the weights of the classes of each output whose targets are classes."""
    if recipe.class_weights is None:
        return None
    found: dict[str, Array] = {}
    for index, (name, loss) in enumerate(losses.items()):
        if loss.kind in _OF_CLASSES:
            count = examples.kinds[index].classes if loss.kind == "cross_entropy" else 2
            found[name] = class_weights(recipe.class_weights, examples, index, count).astype(dtype)
    if not found:
        words = "class weights are for targets that are classes"
        raise RecipeFault("class_weights", words, "leave `class_weights` out")
    return found
