"""What the compiler can choose, measured: the kernel of each convolution, or the rows of a tile."""

from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final

from netspec.compiler import has_plan, program_text
from netspec.compiler.explain import explain
from netspec.compiler.plan import TILES
from netspec.model.timing import random_inputs, source_times
from netspec.runtime.execution import load_program

if TYPE_CHECKING:
    from netspec.model.model import Model

KINDS: Final = ("unfolded", "strips", "winograd4", "winograd2", "depthwise")
_CLEARLY: Final = 0.95
"""The share of the time of what the rules choose that another choice must stay below, as times vary."""

_ROUNDS: Final = 7


def tuned(model: "Model", batch: int) -> dict[str, str | int]:
    """Return what is quickest for batches of so many examples, where that is not what the rules choose."""
    return _tile(model, batch) if has_plan(model.graph) else _kernels(model, batch)


def _kernels(model: "Model", batch: int) -> dict[str, str | int]:
    """Return the quickest kernel of each convolution by its layer; every kind is tried in all layers at once."""
    ruled = _convolutions(model, {})
    limits = {name: _CLEARLY * seconds for name, seconds in _times(model, {}, batch).items() if name in ruled}
    found: dict[str, str | int] = {}
    for kind in KINDS:
        wanted: dict[str, str | int] = dict.fromkeys(ruled, kind)
        others = {name for name, kernel in _convolutions(model, wanted).items() if kernel != ruled[name]}
        if not others:
            continue
        for name, seconds in _times(model, wanted, batch).items():
            if name in others and seconds < limits[name]:
                limits[name], found[name] = seconds, kind
    return found


def _convolutions(model: "Model", choices: dict[str, str | int]) -> dict[str, str]:
    """Return the kernel of each convolution, by its layer, where these choices are made as far as they can be."""
    plan = explain(model.graph, model.name, model.dtype, exact=model.exact, choices=choices)
    return {line.step: line.kernel for line in plan.lines() if line.kernel.startswith("convolve, ")}


def _times(model: "Model", choices: dict[str, str | int], batch: int) -> dict[str, float]:
    source = program_text(model.graph, model.name, model.dtype, exact=model.exact, choices=choices)
    return dict(source_times(model, source, batch, _ROUNDS))


def _tile(model: "Model", batch: int) -> dict[str, str | int]:
    """Return the rows of a tile that is clearly quicker than the rule's, in turns."""
    (x,) = random_inputs(model, batch)
    ruled = load_program(program_text(model.graph, model.name, model.dtype, exact=model.exact), model.parameters)
    programs = {0: ruled}
    for tile in TILES:
        if tile < 2 * batch:
            text = program_text(model.graph, model.name, model.dtype, exact=model.exact, choices={"tile": tile})
            programs[tile] = load_program(text, model.parameters)
    taken: dict[int, list[float]] = {tile: [] for tile in programs}
    for round_ in range(_ROUNDS + 1):
        for tile, program in programs.items():
            start = perf_counter()
            program(x)
            if round_:
                taken[tile].append(perf_counter() - start)
    times = {tile: median(spent) for tile, spent in taken.items()}
    best = min(times, key=times.__getitem__)
    return {"tile": best} if best and times[best] < _CLEARLY * times[0] else {}
