"""From a plan to the text of the program: straight-line NumPy, with everything bound before the first row is computed.

The text is what runs in memory and what is shipped. What enters it are names by the language's grammar, shapes, and
numbers by `repr`; no other text of a spec.
"""

import re
from collections.abc import Iterator
from typing import Final

from netspec.compiler.chain import Places
from netspec.compiler.emit_many import Many
from netspec.compiler.emit_one import One, OneByNumbers
from netspec.compiler.library import kernel_lines, needs_math
from netspec.compiler.plan import Layer, Loop, Map, Plan, Weight
from netspec.version import __version__

_CALLED: Final = re.compile(r"\b([A-Za-z_]\w*)\(")


def emit(plan: Plan) -> str:
    """Return the text of a module that defines INPUT, OUTPUT, DTYPE and TILE, `prepare(parameters)`, `one(tensors)`,
    which computes an example, and `many(tensors, rows)`.
    """
    places = Places(plan)
    one = OneByNumbers if plan.is_scalar else One
    body = [*_prepare(plan, places), *one(plan, places).lines(), *Many(plan, places).lines()]
    called = set(_CALLED.findall("\n".join([line for line in body if "(" in line])))
    text = [
        f'"""{plan.name}: y = f[x] in {plan.dtype}, x (rows, {plan.input}), y (rows, {plan.output}).',
        "",
        f"Emitted by netspec {__version__}; of the parameters, Ω is (out, in) and β (out,).",
        '"""',
        "",
        *(["import math", ""] if needs_math(called) else []),
        "import numpy as np",
        "",
        f"INPUT = {plan.input}",
        f"OUTPUT = {plan.output}",
        f'DTYPE = "{plan.dtype}"',
        f"TILE = {plan.tile}",
        *kernel_lines(called),
        *body,
    ]
    return "\n".join(text) + "\n"


def _prepare(plan: Plan, places: Places) -> Iterator[str]:
    """Yield the function that lays out the tensors."""
    yield from ("", "", "def prepare(parameters):")
    if plan.copied:
        yield '    """Return the tensors as they are multiplied, for all threads: each map is Ωᵀ with β below it."""'
    else:
        yield '    """Return the tensors where they lie, for all threads: each map is Ωᵀ, β. A copy would be large."""'
    yield "    maps = ["
    yield from (f"        {_map_text(stage, plan)}" for stage in places.stages)
    yield "    ]"
    yield '    return {"maps": maps}'


def _map_text(stage: Layer | Loop, plan: Plan) -> str:
    """Return the expression that a map, or those of a loop, are made by."""
    if isinstance(stage, Loop):
        (each,) = stage.layer.maps
        return f"*[{_laid_out(each, plan)} for k in range({stage.times})],  # {_shapes(each)}"
    text = ", ".join(_laid_out(each, plan) for each in stage.maps)
    return f"{text if len(stage.maps) == 1 else f'composed({text})'},  # {'; '.join(map(_shapes, stage.maps))}"


def _laid_out(each: Map, plan: Plan) -> str:
    weight, bias = _looked_up(each.weight), "None" if each.bias is None else _looked_up(each.bias)
    return f"affine_map({weight}, {bias})" if plan.copied else f"({weight}.T, {bias})"


def _looked_up(weight: Weight) -> str:
    """Return the expression that finds a tensor, in a loop in round k: `parameters["beta_" + str(1 + k)]`."""
    parts: list[str] = []
    text = weight.prefix
    for part in weight.name:
        if isinstance(part, str):
            text += part
        else:
            parts += [f'"{text}"', f"str({part.offset} + k)"]
            text = ""
    if text:
        parts.append(f'"{text}"')
    return f"parameters[{' + '.join(parts)}]"


def _shapes(each: Map) -> str:
    out, reads = each.weight.shape
    words = f"{each.weight.label} {out} × {reads}"
    return words if each.bias is None else f"{words}, {each.bias.label} ({out},)"
