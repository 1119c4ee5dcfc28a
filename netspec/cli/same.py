"""`netspec same`: are two networks one function?"""

import os
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from netspec.cli.opening import MEMORY_HELP, amount, is_spec, open_model, open_network
from netspec.cli.outcome import FINE, REFUSED
from netspec.cli.points import BOX_FORM, BOX_HELP, box_for, intervals
from netspec.cli.terminal import output
from netspec.diagnostics import show

if TYPE_CHECKING:
    from netspec.equivalence import Verdict
    from netspec.model import Model
    from netspec.operations import Graph


def command(
    first: Annotated[str, typer.Argument(help="A spec, or a model (.pyz, .safetensors).", metavar="A")],
    second: Annotated[str, typer.Argument(help="Another.", metavar="B")],
    box: Annotated[
        list[str] | None,
        typer.Option(
            "--box",
            help=f"Where to compare; everywhere, or on -10,10 for a search, unless given. {BOX_HELP}",
            metavar=BOX_FORM,
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", help="What the points of a search are drawn from.", min=0, max=10**18 - 1)
    ] = 0,
    tolerance: Annotated[
        float, typer.Option("--tolerance", help="The largest difference of outputs that counts as none.", min=0)
    ] = 0.0,
    drawn: Annotated[
        bool, typer.Option("--drawn", help="Compare parameters that are drawn too, as the specs say.")
    ] = False,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="What to print.")] = "text",
    max_memory: Annotated[str | None, typer.Option("--max-memory", help=MEMORY_HELP, metavar="SIZE")] = None,
) -> int:
    """Tell whether two networks are the same function.

    Proven where it can be, in rationals; else an input is searched for that tells them apart. Specs that give no
    parameters are compared as architectures. Exit code 1 where they differ.
    """
    verdict = _verdict((first, second), intervals(box), (seed, tolerance, drawn), amount(max_memory))
    if form == "json":
        import json

        output().write(json.dumps(verdict.to_json(), indent=2) + "\n")
    else:
        from netspec.equivalence.report import verdict_text

        names = [show(os.path.basename(path), 30) for path in (first, second)]
        one, other = names if names[0] != names[1] else ("A", "B")
        output().write(verdict_text(verdict, one, other))
    return FINE if verdict.same else REFUSED


class _Side(NamedTuple):
    """One of the two: its graph, and what makes a model of it, None where the spec gives no parameters."""

    graph: "Graph"
    build: "Callable[[], Model] | None"


def _verdict(
    paths: tuple[str, str],
    sides: list[tuple[Fraction, Fraction]],
    how: tuple[int, float, bool],
    limit: int | None,
) -> "Verdict":
    """Return the verdict on two files: on their graphs where one gives no parameters, else on their functions."""
    from netspec.equivalence import Question, compare, compare_architectures
    from netspec.equivalence.evaluation import sizes

    seed, tolerance, drawn = how
    one, other = (_open(path, drawn, limit) for path in paths)
    if one.build is None or other.build is None:
        found = compare_architectures(one.graph, other.graph)
        without = [
            show(os.path.basename(path), 30)
            for path, side in zip(paths, (one, other), strict=True)
            if side.build is None
        ]
        who = " and ".join(dict.fromkeys(without))
        gives = "give" if len(set(without)) > 1 else "gives"
        return found._replace(grounds=f"{found.grounds} ({who} {gives} no parameters; `--drawn` draws them)")
    f, g = one.build(), other.build()
    inputs = sizes(f)
    return compare(f, g, Question(None if inputs is None else box_for(sides, inputs), tolerance, seed))


def _open(path: str, drawn: bool, limit: int | None) -> _Side:
    """Return one side, checked. Raises SpecError where it is refused, SystemFault where it is no spec and no model."""
    if not is_spec(path):
        model, _ = open_model(path, max_memory=limit)
        return _Side(model.graph, lambda: model)
    network = open_network(path, None, (), None)

    from netspec.model import holds_values
    from netspec.model.tensors import Held

    if not drawn and not holds_values(network.part):
        return _Side(network.operations, None)
    built = network.build(max_memory=limit)
    given = drawn or all(isinstance(source, Held) for source in built.sources.values())
    return _Side(network.operations, (lambda: built) if given else None)
