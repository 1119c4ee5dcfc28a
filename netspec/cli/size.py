"""`netspec size`: the networks that fit a budget."""

from typing import Annotated, Final, Literal

import typer

from netspec.cli.outcome import FINE
from netspec.cli.terminal import output
from netspec.diagnostics import SystemFault
from netspec.runtime.faults import count

Format = Literal["text", "markdown", "csv", "json"]

_UNITS: Final = {"parameters": "parameter", "capacity": "hidden unit"}


def command(
    inputs: Annotated[int, typer.Option("--inputs", help="D_i.", min=1)] = 1,
    outputs: Annotated[int, typer.Option("--outputs", help="D_o.", min=1)] = 1,
    parameters: Annotated[
        int | None, typer.Option("--parameters", help="The budget: so many parameters at most.", min=1)
    ] = None,
    capacity: Annotated[
        int | None, typer.Option("--capacity", help="The budget: so many hidden units at most.", min=1)
    ] = None,
    depth: Annotated[int | None, typer.Option("--depth", help="K; every depth is tried unless given.", min=1)] = None,
    polyline: Annotated[
        str | None,
        typer.Option(
            "--polyline", help="Instead of a budget: a CSV of x and y, and the width for each precision.", metavar="CSV"
        ),
    ] = None,
    exact_bounds: Annotated[
        bool, typer.Option("--exact-bounds", help="Work bounds out as exact integers, where that takes a minute too.")
    ] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Write integers beyond 20 digits whole.")] = False,
    form: Annotated[Format, typer.Option("--format", help="What to print.")] = "text",
) -> int:
    """Find the networks that fit a budget.

    They are fully connected with ReLU, and the budget is of parameters or of hidden units. With --depth: the largest D
    of K equal layers, and widths that use the budget better. Without: the K and D with the most regions, by the lower
    bound, by the upper bound, and by the exact maximum where it is known, and the widest network of each depth to 10.

    With --polyline: how many units a shallow network through points takes to be within half their range, a quarter, and
    so on, with the fewest pieces for each.
    """
    from netspec.efficiency.budgets import Budget, parameters_of  # which load NumPy
    from netspec.summary.sizing import best_answer, depth_answer, render_precisions, render_sizing

    if polyline is not None:
        if parameters is not None or capacity is not None or depth is not None:
            raise SystemFault("usage", "--polyline takes no budget and no depth", "leave them out")
        from netspec.constructions.points import read_points
        from netspec.constructions.polyline import precision_curve

        output().write(render_precisions(precision_curve(read_points(polyline)), form))
        return FINE
    if (parameters is None) == (capacity is None):
        raise SystemFault(
            "usage",
            "one budget is needed",
            "give `--parameters 471` or `--capacity 50`, or points by `--polyline points.csv`",
        )
    amount = parameters if capacity is None else capacity
    budget = Budget(inputs, outputs, amount or 0, "parameters" if capacity is None else "capacity")
    try:
        answer = (
            best_answer(budget, exact=exact_bounds)
            if depth is None
            else depth_answer(budget, depth, exact=exact_bounds)
        )
    except ValueError as error:
        raise SystemFault("usage", str(error)) from None
    if answer is None:
        layers = depth or 1
        least = layers if budget.unit == "capacity" else parameters_of(inputs, [(layers, 1)], outputs)
        words = f"no network of {count(layers, 'hidden layer')} fits {count(budget.amount, _UNITS[budget.unit])}"
        raise SystemFault("usage", words, f"at least {least:,} are needed")
    output().write(render_sizing(answer, form, exact=exact, columns=output().width))
    return FINE
