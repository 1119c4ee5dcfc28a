"""`netspec show`: what a network is, in its layers, its equations and its facts."""

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from netspec.cli.choice import ROOT_HELP, SET_HELP, VARIANT_HELP, choice
from netspec.cli.configuring import configured_root
from netspec.cli.opening import MODELS, open_model
from netspec.cli.outcome import FINE
from netspec.cli.terminal import complaints, output
from netspec.diagnostics import SpecError, show
from netspec.diagnostics.text import render_text as render_diagnostics
from netspec.graph import Facts
from netspec.operations import Graph
from netspec.spec import Part
from netspec.validation import check_file

if TYPE_CHECKING:
    from netspec.model import Model

Format = Literal["text", "markdown", "json", "latex"]

_SHOWN: Final = 20  # labels
_LONGEST: Final = 400  # characters of how a model was trained


def command(
    spec: Annotated[
        str, typer.Argument(help="The spec, or a model that was built (.pyz, .safetensors).", metavar="SPEC_OR_MODEL")
    ],
    variant: Annotated[str | None, typer.Option("--variant", help=VARIANT_HELP, metavar="NAME")] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP, metavar="NAME=VALUE")] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    form: Annotated[Format, typer.Option("--format", help="What to print.")] = "text",
    exact: Annotated[
        bool, typer.Option("--exact", help="Write integers beyond 20 digits whole, up to 100,000 digits.")
    ] = False,
) -> int:
    """Print the layers, the equations and the facts of a network.

    Of a model also what its classes are called, and how it was trained.
    FLOPs: a multiply-accumulate is 2, an added bias and an activation 1 each.
    LaTeX asks for the package amsmath, and for longtable where the table is longer than a page.
    """
    if os.path.splitext(spec)[1] in MODELS:
        model, _ = open_model(spec, variant=variant, sets=sets or [], root=root)
        text = _rendered(model.part, model.graph, model.facts, form, exact)
        output().write(_with_training(text, model, form))
        return FINE
    verdict = check_file(spec, root=configured_root(spec, root), choice=choice(variant, sets or []))
    if verdict.part is None or verdict.graph is None or verdict.facts is None:
        raise SpecError(verdict.diagnostics, verdict.sources)
    if verdict.diagnostics:
        errors = complaints()
        errors.write(
            render_diagnostics(
                verdict.diagnostics, verdict.sources, colour=errors.colour, width=errors.width, encode=errors.encode
            )
        )
    output().write(_rendered(verdict.part, verdict.graph, verdict.facts, form, exact))
    return FINE


def _with_training(text: str, model: "Model", form: Format) -> str:
    """Return what is shown of a model: its network, and where it was trained how, and what its classes are called."""
    told = {"labels": {name: list(words) for name, words in model.labels.items()}, "training": model.training}
    told = {key: value for key, value in told.items() if value}
    if form == "json":
        return json.dumps(json.loads(text) | told, indent=2, ensure_ascii=False) + "\n" if told else text
    if form != "text":
        return text
    lines = [f"labels of {name}: {_listed(words)}" for name, words in model.labels.items()]
    if model.training:
        lines.append(f"trained: {show(_account(model.training), _LONGEST)}")
    return text + "".join(f"{line}\n" for line in ["", *lines] if lines)


def _listed(words: tuple[str, ...]) -> str:
    """Return words side by side, of many the first."""
    shown = ", ".join(map(show, words[:_SHOWN]))
    return shown if len(words) <= _SHOWN else f"{shown} and {len(words) - _SHOWN:,} more"


def _account(training: Mapping[str, object]) -> str:
    """Return how a model was trained, in a line: what its parameters reach, as the training itself told at its end.

    Where it could not be measured on the training part, the loss is the mean of the last epoch's steps.
    """
    whole = {key: value for key in ("epochs", "rows") if isinstance(value := training.get(key), int)}
    parts = [f"{value:,} {key}" for key, value in whole.items()]
    parts += _reached(training.get("training_loss", training.get("loss")), training.get("training_metrics"))
    validation = ", ".join(_reached(training.get("validation_loss"), training.get("metrics")))
    parts += [f"validation {validation}"] if validation else []
    return ", ".join([str(training.get("outcome", "")), *parts])


def _reached(loss: object, metrics: object) -> list[str]:
    """Return a loss and metrics with their names, as far as they are numbers."""
    found = {"loss": loss, **(metrics if isinstance(metrics, dict) else {})}
    return [f"{key} {value:.4g}" for key, value in found.items() if isinstance(value, int | float)]


def _rendered(part: Part, graph: Graph, facts: Facts, form: Format, exact: bool) -> str:
    """Return the summary in a format, whose renderer is loaded now."""
    if form == "json":
        from netspec.summary.json_summary import render_json

        return render_json(part, graph, facts)
    if form == "markdown":
        from netspec.summary.markdown import render_markdown

        return render_markdown(part, graph, facts, exact=exact)
    if form == "latex":
        from netspec.summary.latex import render_latex

        return render_latex(part, graph, facts, exact=exact)
    from netspec.summary.text import render_text

    terminal = output()
    return render_text(
        part, graph, facts, exact=exact, colour=terminal.colour, width=terminal.width, encode=terminal.encode
    )
