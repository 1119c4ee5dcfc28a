"""`netspec train`: from a spec and data to a trained model."""

import os
from typing import Annotated, Final, Literal

import typer

from netspec.cli.blas import set_threads
from netspec.cli.choice import ROOT_HELP, SET_HELP, VARIANT_HELP
from netspec.cli.opening import DTYPE_HELP, MEMORY_HELP, amount, default_model, open_network, refuse_folder
from netspec.cli.origins import origins
from netspec.cli.outcome import FINE
from netspec.cli.recipes import recipe_of
from netspec.cli.terminal import output
from netspec.diagnostics import SystemFault, quote, show
from netspec.limits import PATH_LENGTH
from netspec.source.scalars import resolve

Form = Literal["csv", "tsv", "npy", "npz", "parquet"]

_PICTURES: Final = (".svg", ".png", ".pdf")
_SEED_HELP: Final = "What parameters and the order of the rows are drawn from; the spec's own unless given."


def command(
    spec: Annotated[str, typer.Argument(help="The spec.", metavar="SPEC")],
    data: Annotated[
        str | None,
        typer.Argument(help="The examples: .csv, .tsv, .npz, .parquet, or .npy of inputs.", metavar="DATA"),
    ] = None,
    targets: Annotated[
        str | None, typer.Argument(help="The .npy of targets, where DATA is one of inputs.", metavar="TARGETS")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            help="Where to write the model; the suffix picks the form: .pyz, .py or .safetensors. "
            "build/<stem of SPEC>.pyz unless given, build/<stem of SPEC>-<NAME>.pyz of a variant.",
            metavar="MODEL",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--target", help="The columns of the targets; the last ones unless given.", metavar="NAME,…"),
    ] = None,
    inputs: Annotated[
        str | None,
        typer.Option("--inputs", help="The columns of the inputs; all others unless given.", metavar="NAME,…"),
    ] = None,
    ignore: Annotated[
        str | None, typer.Option("--ignore", help="Columns that are not read, such as an id.", metavar="NAME,…")
    ] = None,
    form: Annotated[Form | None, typer.Option("--format", help="What DATA is, where its name does not say so.")] = None,
    loss: Annotated[
        str | None, typer.Option("--loss", help="What is made small, such as cross_entropy.", metavar="LOSS")
    ] = None,
    optimizer: Annotated[
        str | None, typer.Option("--optimizer", help="Such as adam, or '{sgd: {momentum: 0.9}}'.", metavar="OPTIMIZER")
    ] = None,
    learning_rate: Annotated[str | None, typer.Option("--learning-rate", help="The step.", metavar="NUMBER")] = None,
    schedule: Annotated[
        str | None, typer.Option("--schedule", help="Such as cosine, or '{cosine: …}'.", metavar="SCHEDULE")
    ] = None,
    batch: Annotated[
        str | None, typer.Option("--batch", help="The rows of one step, or full for all.", metavar="N|full")
    ] = None,
    epochs: Annotated[str | None, typer.Option("--epochs", help="How often every row is seen.", metavar="N")] = None,
    weight_decay: Annotated[
        str | None, typer.Option("--weight-decay", help="By how much weights are drawn to 0.", metavar="NUMBER")
    ] = None,
    clip: Annotated[
        str | None,
        typer.Option("--clip", help="A bound on the gradient: '{norm: 1}' or '{value: 0.5}'.", metavar="BOUND"),
    ] = None,
    validation: Annotated[
        str | None,
        typer.Option(
            "--validation",
            help="What is measured on: a share of the rows such as 0.2, or a file; X.npy,Y.npy of a pair.",
            metavar="SHARE|FILE",
        ),
    ] = None,
    early_stopping: Annotated[
        str | None,
        typer.Option(
            "--early-stopping", help="End after so many epochs in which validation got no better.", metavar="EPOCHS"
        ),
    ] = None,
    standardise: Annotated[
        str | None,
        typer.Option("--standardise", help="Give mean 0 and variance 1 to inputs, targets or both.", metavar="WHAT"),
    ] = None,
    class_weights: Annotated[
        str | None,
        typer.Option("--class-weights", help="balanced, or a weight for each class: 1,2.5.", metavar="WEIGHTS"),
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option("--metrics", help="What is measured besides the loss, such as accuracy,top_5.", metavar="NAME,…"),
    ] = None,
    recompute: Annotated[
        bool, typer.Option("--recompute", help="Spare memory: what lies between blocks is computed twice.")
    ] = False,
    no_shuffle: Annotated[
        bool, typer.Option("--no-shuffle", help="Take the rows in their order, each epoch the same.")
    ] = False,
    seed: Annotated[str | None, typer.Option("--seed", help=_SEED_HELP, metavar="N")] = None,
    begin: Annotated[
        str | None, typer.Option("--from", help="Begin with the parameters of a model of this network.", metavar="FILE")
    ] = None,
    log: Annotated[
        str | None, typer.Option("--log", help="Write each epoch to a file, as JSON lines.", metavar="FILE")
    ] = None,
    plot: Annotated[
        str | None,
        typer.Option("--plot", help="Draw loss and metrics over the epochs: *.svg, *.png or *.pdf.", metavar="FILE"),
    ] = None,
    checkpoint: Annotated[
        str | None,
        typer.Option("--checkpoint", help="Write all that is needed to go on, after each epoch.", metavar="FILE"),
    ] = None,
    every: Annotated[
        float | None,
        typer.Option("--checkpoint-every", help="And within epochs, this often.", metavar="SECONDS", min=0, max=10**9),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint, to the same result as without a break.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print the program of a step, and train nothing; DATA may be left out.")
    ] = False,
    threads: Annotated[
        int | None,
        typer.Option("--threads", help="Threads of BLAS; 1 for small networks unless given.", min=1, max=1024),
    ] = None,
    dtype: Annotated[Literal["float32", "float64"] | None, typer.Option("--dtype", help=DTYPE_HELP)] = None,
    variant: Annotated[str | None, typer.Option("--variant", help=VARIANT_HELP, metavar="NAME")] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP, metavar="NAME=VALUE")] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    max_memory: Annotated[str | None, typer.Option("--max-memory", help=MEMORY_HELP, metavar="SIZE")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print faults only.")] = False,
) -> int:
    """Train a network on data, and write it as a model.

    The recipe is that under `training:` of the spec; an option goes before its key, is written as the spec has it,
    and the first lines say what is in force. Ctrl-C ends the training after a step and writes the best model so far,
    or the last where no rows are held back; pressed twice it ends at once. A training that diverges says where it
    did, and exits with 1.
    """
    refuse_folder(out, spec, ".pyz")
    file = None if validation is None or _is_share(validation) else validation
    said = {
        "loss": loss,
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "schedule": schedule,
        "batch": batch,
        "epochs": epochs,
        "weight_decay": weight_decay,
        "clip": clip,
        "seed": seed,
        "shuffle": "false" if no_shuffle else None,
        "validation": validation if file is None else None,
        "early_stopping": early_stopping,
        "standardise": standardise,
        "class_weights": class_weights,
        "metrics": metrics,
        "recompute": "true" if recompute else None,
    }
    given = {key: text for key, text in said.items() if text is not None}
    network = open_network(spec, variant, sets or [], root)
    recipe = recipe_of(network, given)
    if file is not None:
        recipe = recipe._replace(validation=None)
        given["validation"] = file
    if explain and recipe.batch is None:
        raise SystemFault("usage", "--explain: a step of all rows has no number of rows yet", "add `--batch N`")
    if not explain:
        _refuse_odd(spec, data, checkpoint, plot, resume=resume, every=every)
    set_threads(threads, network, recipe.batch)
    limit = amount(max_memory)

    from netspec.cli.trained import Places, Work, begun, train  # NumPy, which reads once how many threads there are
    from netspec.training.data.layout import Columns

    model = begun(network, begin, recipe.seed if seed is not None else None, dtype, limit)
    if explain:
        from netspec.training.explaining import explained_step

        output().write(explained_step(model, recipe, recipe.batch or 1))
        return FINE
    files = tuple(name for name in (data, targets) if name is not None)
    held = () if file is None else _pair(file)
    read = (*network.files, *files, *held, *(() if begin is None else (begin,)))
    places = Places(default_model(spec, variant) if out is None else out, log, plot, checkpoint)
    places.check(read, resume=resume)
    columns = Columns(_names(inputs), _names(target), _names(ignore))
    work = Work(network, model, recipe, given, origins(network, sets or []), files, held, columns, form, limit)
    return train(work, places, read, resume=resume, every=every, quiet=quiet)


def _refuse_odd(
    spec: str, data: str | None, checkpoint: str | None, plot: str | None, *, resume: bool, every: float | None
) -> None:
    """Raise SystemFault `usage` for arguments that do not go together."""
    if data is None:
        raise SystemFault("usage", "missing argument 'DATA'", f"`netspec train {show(spec, PATH_LENGTH.value)} DATA`")
    if checkpoint is None and (resume or every is not None):
        option = "--resume" if resume else "--checkpoint-every"
        raise SystemFault("usage", f"{option} is for a training with checkpoints", "add `--checkpoint FILE`")
    if plot is not None and os.path.splitext(plot)[1].lower() not in _PICTURES:
        words = f"--plot: the name {quote(plot)} does not say what to draw"
        raise SystemFault("usage", words, f"end it in {', '.join(_PICTURES)}")


def _names(text: str | None) -> tuple[str, ...]:
    """Return the names of columns in an option."""
    return () if text is None else tuple(name.strip() for name in text.split(","))


def _is_share(text: str) -> bool:
    """Return whether a text is a number, and no name of a file."""
    value = resolve(text)
    return isinstance(value, int | float)


def _pair(text: str) -> tuple[str, ...]:
    """Return the file that a text names, or the two of a pair of `.npy`."""
    parts = text.split(",")
    return tuple(parts) if len(parts) == 2 and all(part.endswith(".npy") for part in parts) else (text,)
