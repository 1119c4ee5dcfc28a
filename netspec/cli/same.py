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
from netspec.diagnostics import SystemFault, show

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
    variant_a: Annotated[
        str | None, typer.Option("--variant-a", help="The variant of A; as written unless given.", metavar="NAME")
    ] = None,
    variant_b: Annotated[
        str | None, typer.Option("--variant-b", help="The variant of B; as written unless given.", metavar="NAME")
    ] = None,
    sets_a: Annotated[
        list[str] | None,
        typer.Option(
            "--set-a", help="Set a hyperparameter of A, such as --set-a D=64; may be repeated.", metavar="NAME=VALUE"
        ),
    ] = None,
    sets_b: Annotated[
        list[str] | None, typer.Option("--set-b", help="Set a hyperparameter of B.", metavar="NAME=VALUE")
    ] = None,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="What to print.")] = "text",
    max_memory: Annotated[str | None, typer.Option("--max-memory", help=MEMORY_HELP, metavar="SIZE")] = None,
) -> int:
    """Tell whether two networks, or variants, are one function.

    Proven where it can be, in rationals; else an input is searched for that tells them apart. Specs that give no
    parameters are compared as architectures. Exit code 1 where they differ.
    """
    asked = _Asked(first, "a", variant_a, sets_a or []), _Asked(second, "b", variant_b, sets_b or [])
    verdict = _verdict(asked, intervals(box), (seed, tolerance, drawn), amount(max_memory))
    if form == "json":
        import json

        output().write(json.dumps(verdict.to_json(), indent=2) + "\n")
    else:
        from netspec.equivalence.report import verdict_text

        names = [each.name for each in asked]
        one, other = names if names[0] != names[1] else ("A", "B")
        output().write(verdict_text(verdict, one, other))
    return FINE if verdict.same else REFUSED


class _Asked(NamedTuple):
    """One of the two, as it was asked for: which of them it is, the variant, and the hyperparameters that are set."""

    path: str
    letter: Literal["a", "b"]
    variant: str | None
    sets: list[str]

    @property
    def name(self) -> str:
        """What it is called: its file, and the variant."""
        name = show(os.path.basename(self.path), 30)
        return name if self.variant is None else f"{name} {show(self.variant, 30)}"


class _Side(NamedTuple):
    """One of the two: its graph, and what makes a model of it, None where the spec gives no parameters."""

    graph: "Graph"
    build: "Callable[[], Model] | None"


def _verdict(
    asked: tuple[_Asked, _Asked],
    sides: list[tuple[Fraction, Fraction]],
    how: tuple[int, float, bool],
    limit: int | None,
) -> "Verdict":
    """Return the verdict on two files: on their graphs where one gives no parameters, else on their functions."""
    from netspec.equivalence import Question, compare, compare_architectures
    from netspec.equivalence.evaluation import sizes

    seed, tolerance, drawn = how
    one, other = (_open(each, drawn, limit) for each in asked)
    if one.build is None or other.build is None:
        found = compare_architectures(one.graph, other.graph)
        without = [each.name for each, side in zip(asked, (one, other), strict=True) if side.build is None]
        who = " and ".join(dict.fromkeys(without))
        gives = "give" if len(set(without)) > 1 else "gives"
        return found._replace(grounds=f"{found.grounds} ({who} {gives} no parameters; `--drawn` draws them)")
    f, g = one.build(), other.build()
    inputs = sizes(f)
    return compare(f, g, Question(None if inputs is None else box_for(sides, inputs), tolerance, seed))


def _open(asked: _Asked, drawn: bool, limit: int | None) -> _Side:
    """Return one side, checked. Raises SpecError where it is refused; SystemFault where it is no spec and no model, and
    where a variant or a setting is for a model.
    """
    if not is_spec(asked.path):
        for option, given in (("variant", asked.variant), ("set", asked.sets)):
            if given:
                headline = f"--{option}-{asked.letter} is for a spec; a model is as it was built"
                raise SystemFault("usage", headline, "leave it out")
        model, _ = open_model(asked.path, max_memory=limit)
        return _Side(model.graph, lambda: model)
    network = open_network(asked.path, asked.variant, asked.sets, None)

    from netspec.model import holds_values
    from netspec.model.tensors import Held

    if not drawn and not holds_values(network.part):
        return _Side(network.operations, None)
    built = network.build(max_memory=limit)
    whole = drawn or all(isinstance(source, Held) for source in built.sources.values())
    return _Side(network.operations, (lambda: built) if whole else None)
