"""What the functions of an emitted chain have in common: places of maps, equations, lines of activations."""

from collections.abc import Iterator, Sequence
from typing import Final

from netspec.compiler.activation import filled
from netspec.compiler.kernels.elementwise import activation_lines
from netspec.compiler.plan import Layer, Loop, Plan
from netspec.operations import Elementwise

INDENT: Final = "    "
_FUNCTIONS: Final = (
    "absolute", "add", "copyto", "divide", "exp", "expm1", "heaviside", "logaddexp", "maximum", "minimum", "multiply",
    "negative", "subtract", "tanh",
)  # fmt: skip


class Places:
    """Where in `tensors["maps"]` each map stands: a shared network's once, and those of a loop in a row."""

    def __init__(self, plan: Plan) -> None:
        self.stages: list[Layer | Loop] = []
        self._found: dict[tuple[object, ...], int] = {}
        count = 0
        for stage in plan.stages:
            key = _key(stage)
            if key not in self._found:
                self._found[key] = count
                self.stages.append(stage)
                count += stage.times if isinstance(stage, Loop) else 1

    def of(self, stage: Layer | Loop) -> int:
        """Return the place of a layer's map, or of the first of a loop."""
        return self._found[_key(stage)]


def _key(stage: Layer | Loop) -> tuple[object, ...]:
    layer = stage.layer if isinstance(stage, Loop) else stage
    tensors = [tensor for each in layer.maps for tensor in (each.weight, each.bias) if tensor is not None]
    return tuple((tensor.prefix, tensor.name) for tensor in tensors)


def function(head: str, words: str, bound: Sequence[str], step: str, steps: Sequence[str]) -> Iterator[str]:
    """Yield a function that binds what a step needs and returns it, with the functions of NumPy that its lines call."""
    called = {line.lstrip().partition("(")[0] for line in steps}
    used = [name for name in _FUNCTIONS if name in called]
    yield from ("", "", f"def {head}:", f'{INDENT}"""{words}"""')
    yield from (f"{INDENT}{name} = np.{name}" for name in used)
    yield from (f"{INDENT}{line}" for line in bound)
    yield from ("", f"{INDENT}def {step}:")
    yield from (f"{INDENT}{INDENT}{line}" for line in steps)
    yield from ("", f"{INDENT}return step")


def in_place(functions: Sequence[Elementwise], buffer: str, scratch: str, zero: str = "0.0") -> Iterator[str]:
    """Yield the lines that apply activations to a buffer; `zero` is an array of zeros of its shape, or the number."""
    for each in functions:
        if each.name == "relu":
            yield f"maximum({buffer}, {zero}, out={buffer})"
            continue
        for line in activation_lines(each):
            name, _, arguments = line.partition("(")
            yield f"{name}({filled(arguments, buffer, scratch)}"


def remarks(plan: Plan) -> Iterator[str]:
    """Yield for each stage its equation as a comment, as the lecture writes it.

    h_k counts hidden layers, as a summary does: what a part gives without an activation is its y.
    """
    signal, count = "x", 0
    for i, stage in enumerate(plan.stages):
        last = i == len(plan.stages) - 1
        layer = stage.layer if isinstance(stage, Loop) else stage
        terms = "h" if isinstance(stage, Loop) else signal
        for number, each in enumerate(layer.maps):
            inner = f"({terms})" if number else terms
            terms = f"{each.weight.label} {inner}"
            if each.bias is not None:
                terms = f"{each.bias.label} + {terms}"
        for each_function in layer.functions:
            terms = f"{each_function.name}[{terms}]"
        if isinstance(stage, Loop):
            first, count = count + 1, count + stage.times
            signal = f"h_{count}"
            yield f"# h_{first} … {signal} = {terms}"
            continue
        signal = "y" if last else layer.result if layer.result and not layer.functions else ""
        if not signal:
            count += 1
            signal = f"h_{count}"
        yield f"# {signal} = {terms}"
