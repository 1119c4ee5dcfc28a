"""A training as the command line has it: data read, a recipe told, a model written, and what became of it."""

import os
import signal
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from netspec.cli.epochs import Epochs
from netspec.cli.outcome import FINE, INTERRUPTED, REFUSED, TERMINATED
from netspec.cli.recipes import OPTIONS, recipe_table
from netspec.cli.terminal import complaints, output
from netspec.diagnostics import Diagnostic, FileFault, Place, SpecError, SystemFault, quote, show
from netspec.diagnostics.magnitude import byte_size, magnitude
from netspec.files.writing import atomic_write, check_target
from netspec.layers.faults import Details
from netspec.limits import PATH_LENGTH
from netspec.model import Model, load_model, mapping
from netspec.model.saving import check_suffix, save
from netspec.model.tensors import drawn_seed
from netspec.model.vocabularies import vocabularies
from netspec.runtime.faults import DataFault
from netspec.spec import Draw
from netspec.spec.recipe import Recipe
from netspec.training.data.examples import Examples
from netspec.training.data.layout import Columns
from netspec.training.data.reading import DataFormat, read_examples
from netspec.training.interruption import Interruption
from netspec.training.outcome import Outcome
from netspec.training.recipe_faults import RecipeFault
from netspec.training.sizes import UnfitSizes
from netspec.training.start import going_on
from netspec.training.training import Keeping, Trained, Training, trained_outputs, wanted_kinds

if TYPE_CHECKING:
    from netspec.network import Network
    from netspec.spec import Dtype


_SPARE: Final = 10  # names of what is not used


class Places(NamedTuple):
    """What a training writes: the model, and what else is asked for."""

    model: str
    log: str | None
    plot: str | None
    checkpoint: str | None

    def check(self, read: tuple[str, ...], *, resume: bool) -> None:
        """Refuse, before any work, what cannot be written, and what would be written over something of the training.

        Raises SystemFault. `read` are the files that are read; a checkpoint that is there is for a training that goes
        on.
        """
        check_suffix(self.model)
        named = {"-o": self.model, "--log": self.log, "--plot": self.plot, "--checkpoint": self.checkpoint}
        seen: dict[str, str] = {}
        for option, path in named.items():
            if path is None:
                continue
            check_target(path, protect=read)
            other = seen.setdefault(os.path.realpath(path), option)
            if other != option:
                raise SystemFault("usage", f"{other} and {option} are the same file {quote(path)}", "name two files")
        if self.checkpoint is not None and os.path.exists(self.checkpoint) and not resume:
            headline = f"there is a checkpoint {quote(self.checkpoint)} already"
            raise SystemFault("file-exists", headline, "go on from it with `--resume`, or delete it")
        if self.plot is not None:
            import netspec.plots.training  # noqa: F401  which says what to install, before the work

    def others(self, path: str) -> tuple[str, ...]:
        """Return what is written besides one of them."""
        return tuple(each for each in self if each is not None and each != path)


class Work(NamedTuple):
    """What is to be done: a network, where it begins, a recipe with the options that `said` some of it and the
    `origins` of other keys, and data.
    """

    network: "Network"
    model: Model
    recipe: Recipe
    said: Mapping[str, str]
    origins: Mapping[str, str]
    data: tuple[str, ...]
    held: tuple[str, ...]
    columns: Columns
    form: DataFormat | None
    limit: int | None

    def training(self) -> Training:
        """Return the training, its data read. Raises DataFault, SystemFault, and SpecError for what a spec says."""
        model = self.model
        examples = self._read(self.data, wanted_kinds(model, self.recipe), self._labels())
        held = self._read(self.held, examples.kinds, examples.labels, examples.columns) if self.held else None
        try:
            return Training(model, examples, self.recipe, validation=held, max_memory=self.limit)
        except UnfitSizes as unfit:
            files = self.held if unfit.held else self.data
            raise DataFault("data-shape", str(unfit), files[-1 if unfit.aimed else 0]) from None  # of a pair of .npy
        except RecipeFault as fault:
            raise self._placed(fault) from fault

    def _placed(self, fault: RecipeFault) -> RecipeFault | SpecError:
        """Return a fault of the recipe with its place, where the spec says that key and no option does."""
        document, path = self.network.part.document, self.network.part.training_path(fault.key)
        if fault.key in self.said or document.source.node(path) is None:
            return fault
        details = Details(fault.headline, subject=False, help=fault.help)
        return SpecError([document.fault(fault.of_a_spec, path, details)], self.network.sources)

    def _read(
        self,
        files: tuple[str, ...],
        kinds: object,
        labels: tuple[tuple[str, ...], ...],
        before: Columns = Columns(),  # noqa: B008  a named tuple cannot be changed
    ) -> Examples:
        return read_examples(
            files,
            self.model.inputs,
            trained_outputs(self.model, self.recipe),
            kinds,  # type: ignore[arg-type]  # of one or of all outputs
            targets=self.columns.targets,
            chosen=self.columns.inputs,
            ignored=self.columns.ignored,
            before=before,
            format=self.form,
            limit=self.limit,
            labels=labels,
            vocabularies=vocabularies(self.model),
        )

    def _labels(self) -> tuple[tuple[str, ...], ...]:
        """Return what a model to begin with calls its classes, so that they keep their numbers."""
        labels = self.model.labels
        return tuple(labels.get(port.name, ()) for port in trained_outputs(self.model, self.recipe)) if labels else ()


def begun(
    network: "Network", begin: str | None, seed: int | None, dtype: "Dtype | None", limit: int | None
) -> Model:  # fmt: skip
    """Return what a training begins with: parameters as `build` makes them, or those of the model in the file `begin`.

    Raises SpecError where that is refused, SystemFault `usage` where it is of another network.
    """
    if begin is None:
        return network.build(seed=seed, dtype=dtype, max_memory=limit)
    called = f"--from: {quote(begin)}"
    found = load_model(begin, max_memory=limit)
    return going_on(found, network.part, network.operations, network.dtype if dtype is None else dtype, called)


def train(
    work: Work, places: Places, read: tuple[str, ...], *, resume: bool, every: float | None, quiet: bool
) -> int:  # fmt: skip
    """Return the exit code of a training.

    Raises SpecError for one that diverges, and for a checkpoint of another; SystemFault where something cannot be
    written, when the model is.
    """
    try:
        training = work.training()
    except DataFault as fault:
        complaints().write(f"{fault}\n")
        return REFUSED
    going_on = resume and places.checkpoint is not None and os.path.exists(places.checkpoint)
    if not quiet:
        output().write(_head(work, training) + _beginning(places, resume=resume, going_on=going_on))
        output().flush()  # what cannot be written is found out now
    keeping = Keeping(places.log, places.checkpoint, going_on, every, None, read)
    epochs = None if quiet else Epochs(complaints(), training.recipe.epochs)
    with Interruption(signal.SIGINT, signal.SIGTERM) as stop:
        try:
            found = training.run(watch=epochs, stop=stop, keeping=keeping, facts={"data": list(work.data)})
        except FileFault as fault:
            file = places.checkpoint or ""
            raise SpecError(
                [Diagnostic(fault.code, f"{quote(file)}: {fault.reason}", Place(file), help=fault.help)]
            ) from fault
        finally:
            if epochs is not None:
                epochs.close()
        written = _write(found, places, read)
    outcome = found.outcome
    if outcome.divergence is not None:
        raise SpecError([_diverged(outcome, training.recipe, written)])
    if not quiet:
        output().write(_end(found, written))
    if outcome.failure is not None:
        raise outcome.failure
    if outcome.ended == "interrupted":
        return TERMINATED if stop.signal == signal.SIGTERM else INTERRUPTED
    return FINE


def _head(work: Work, training: Training) -> str:
    """Return the first lines: what is trained on what, and the recipe in force."""
    model, rows = training.model, len(training.examples)
    text = f"{model.name}: {mapping(model.facts)}, {magnitude(model.facts.parameters)} parameters, {model.dtype}"
    text += f"; trained on {rows:,} row{'' if rows == 1 else 's'}"
    if training.validation is not None:
        text += f", measured on {len(training.validation):,}"
    spare = training.columns.ignored
    if spare:
        shown = ", ".join(show(name) for name in spare[:_SPARE])
        text += f"\nnot used: {shown}" + (f" and {len(spare) - _SPARE:,} more" if len(spare) > _SPARE else "")
    files = {"validation": work.said["validation"]} if work.held else {}
    drawn = _drawn(work)
    return f"{text}\n" + recipe_table(
        work.network.part.training, training.recipe, work.said, files, work.origins, output().width, drawn
    )


def _drawn(work: Work) -> tuple[int, str] | None:
    """Return the seed of the parameters that are drawn, and where it is from; None where none are."""
    seed = drawn_seed(work.model.sources)
    if seed is None:
        return None
    if "seed" in work.said:
        return seed, OPTIONS["seed"]
    return seed, "the spec" if isinstance(work.network.part.claims.parameters, Draw) and seed else ""


def _beginning(places: Places, *, resume: bool, going_on: bool) -> str:
    if not resume:
        return ""
    shown = show(places.checkpoint, PATH_LENGTH.value)
    return f"going on from {shown}\n" if going_on else f"there is no {shown} yet: the training begins anew\n"


def _write(found: Trained, places: Places, read: tuple[str, ...]) -> str:
    """Write the model where there is one better than the beginning, and the picture; return the model's line, or ``."""
    outcome, model = found.outcome, found.model
    line = ""
    if outcome.steps if outcome.divergence is None else outcome.is_better:
        save(model, places.model, (*read, *places.others(places.model)))
        size = byte_size(os.stat(places.model).st_size)
        numbers = f"{magnitude(model.facts.parameters)} parameters, {model.dtype}, {size}"
        line = f"{show(places.model, PATH_LENGTH.value)}: {numbers}"
    if places.plot is not None and outcome.history:
        from netspec.plots.training import training as drawn

        title = f"{model.name}: {found.recipe.optimizer.kind}, {len(outcome.history):,} epochs"
        form = os.path.splitext(places.plot)[1][1:].lower()
        data = drawn(title, outcome.history, outcome.best_epoch).data(form)
        with atomic_write(places.plot, protect=(*read, *places.others(places.plot)), size=len(data)) as stream:
            stream.write(data)
    return line


def _end(found: Trained, written: str) -> str:
    """Return the last lines: how it ended, which parameters there are, and what was written and reached."""
    outcome = found.outcome
    text = outcome.sentence
    if not outcome.restored and 0 < outcome.best_epoch < outcome.epochs:
        text += f"; the best was epoch {outcome.best_epoch:,} ({outcome.best:.4g})"
    if not written:
        return f"{text}\nnothing is written: no step was done\n"
    return "; ".join([f"{text}\n{written}", *_reached(outcome)]) + "\n"


def _reached(outcome: Outcome) -> list[str]:
    """Return what the parameters reach on the training part, or where that is not known the loss of their epoch, and on
    the validation part.
    """
    training, last, found = outcome.training, outcome.kept, []
    if training is not None:
        found.append(_told(training.loss, training.metrics))
    elif last is not None:
        found.append(_told(last.loss, {}))
    if last is not None and last.validation_loss is not None:
        found.append(f"validation {_told(last.validation_loss, last.metrics)}")
    return found


def _told(loss: float, metrics: Mapping[str, float]) -> str:
    """Return a loss and metrics with their names."""
    return ", ".join(f"{name} {value:.4g}" for name, value in {"loss": loss, **metrics}.items())


def _diverged(outcome: Outcome, recipe: Recipe, written: str) -> Diagnostic:
    """Return the fault of a training that diverged."""
    what, epoch, step = outcome.divergence or ("", 0, 0)
    headline = f"the training diverged in epoch {epoch:,}, step {step:,}: {what}"
    help_ = f"try a smaller learning rate than {recipe.rate:.4g}"
    if recipe.clip is None:
        help_ += ", or `--clip '{norm: 1}'`"
    if not recipe.standardise:
        help_ += ", or `--standardise inputs`"
    if written:
        kept = f"; written are the parameters of epoch {outcome.best_epoch:,}, the best ({outcome.best:.4g})"
    else:
        kept = "; no model is written, since none was better than the first step"
    return Diagnostic("training-diverged", headline + kept, Place(""), help=help_)
