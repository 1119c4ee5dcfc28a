"""How long each step of a model takes: the program's own text, with a clock read at each of its remarks."""

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from netspec.compiler.explain import marked
from netspec.runtime.execution import load_program

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from netspec.model.model import Model

FREE_SIZE: Final = 64
"""What a size that is known only when a program runs is set to."""

_CLOCK: Final = '''
from time import perf_counter

MARKS = []


def mark(step):
    """Remember when a step begins."""
    MARKS.append((step, perf_counter()))

'''


def step_times(model: "Model", batch: int, rounds: int = 7) -> Sequence[tuple[str, float]]:
    """Return the seconds of each step of a call with `batch` random examples, medians of so many rounds.

    A step is called as its remark in the text is, a layer by its name alone.
    """
    return source_times(model, model.source, batch, rounds)


def source_times(model: "Model", source: str, batch: int, rounds: int) -> Sequence[tuple[str, float]]:
    """Return the seconds of each step of a text that computes a model."""
    head, found, body = marked(source).partition("\nimport numpy as np\n")
    program: Any = load_program(head + found + _CLOCK + body, model.parameters, model.name)
    of_any_form = hasattr(program, "compute")
    defined = program._bind.__globals__ if of_any_form else program._page.defined
    marks: list[tuple[str, float]] = defined["MARKS"]
    inputs = random_inputs(model, batch)
    taken: list[list[float]] = []
    names: list[str] = []
    for _ in range(rounds + 1):
        marks.clear()
        program(*inputs)
        size = next(i for i, (name, _) in enumerate(marks) if not name) + 1  # of a tile, whose end has no name
        spent = [after - before for (_, before), (_, after) in pairwise(marks)]
        names = [re.sub(r": .*", "", name) if of_any_form else name for name, _ in marks[: size - 1]]
        taken.append([sum(spent[i::size]) for i in range(size - 1)])
    return [(name, median(times)) for name, times in zip(names, zip(*taken[1:], strict=True), strict=True)]


def random_inputs(model: "Model", batch: int) -> "list[NDArray[Any]]":
    """Return `batch` examples for each input, the same each time: numbers, or zeros for integers; free sizes are 64."""
    import numpy as np

    draw = np.random.default_rng(0)
    found: list[NDArray[Any]] = []
    for port in model.inputs:
        shape = (batch, *(size if isinstance(size, int) else FREE_SIZE for size in port.shape))
        whole = port.dtype.startswith("int")
        found.append(np.zeros(shape, np.int64) if whole else draw.standard_normal(shape).astype(model.dtype))
    return found
