"""From a plan to the text of the program: straight-line NumPy, with everything bound before the first row is computed.

The text is what runs in memory and what is shipped. What enters it are names by the language's grammar, shapes, and
numbers by `repr`; no other text of a spec.
"""

from collections.abc import Iterator
from typing import Final

from netspec.compiler.activation import filled
from netspec.compiler.kernels.elementwise import activation_lines, needs_scratch
from netspec.compiler.library import kernel_lines, needs_math
from netspec.compiler.plan import Activate, Kernel, Loop, Plan, Product, Weight
from netspec.version import __version__

_INDENT: Final = "    "
_FUNCTIONS: Final = (
    "absolute", "add", "divide", "exp", "expm1", "heaviside", "logaddexp", "matmul", "maximum", "minimum", "multiply",
    "negative", "subtract", "tanh",
)  # fmt: skip


def emit(plan: Plan) -> str:
    """Return the text of a module that defines INPUT, OUTPUT, DTYPE, TILE and `bind(parameters, rows)`."""
    names = _Names(plan)
    steps: list[str] = []
    for kernel, remark in zip(plan.kernels, _remarks(plan), strict=True):
        steps += [] if remark is None else [remark]
        steps += _lines(kernel, names)
    used = [name for name in _FUNCTIONS if any(line.lstrip().startswith(f"{name}(") for line in steps)]
    called = {line.lstrip().partition("(")[0] for line in steps}
    text = [
        f'"""{plan.name}: y = f[x] in {plan.dtype}, x (rows, {plan.input}), y (rows, {plan.output}).',
        "",
        f"Emitted by netspec {__version__}; Ω is stored (out, in), and read transposed.",
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
        "",
        "",
        "def bind(parameters, rows):",
        '    """Return step(x, y), which computes `rows` rows. It owns its buffers: bind one for each thread."""',
        *(f"    {name} = np.{name}" for name in used),
        *(f"    {line}" for line in names.bindings()),
        *(f"    {line}" for line in _buffers(plan)),
        "",
        "    def step(x, y):",
        *(f"        {line}" for line in steps),
        "",
        "    return step",
        "",
    ]
    return "\n".join(text)


class _Names:
    """Python's names for tensors: `fold.beta_0` is `fold__beta_0`; told apart where two would be the same."""

    def __init__(self, plan: Plan) -> None:
        self._names: dict[str, str] = {}
        self._loops: dict[int, str] = {}
        self._lines: list[str] = []
        for kernel in plan.kernels:
            if isinstance(kernel, Loop):
                self._bind_loop(kernel)
            elif isinstance(kernel, Product):
                for weight in (kernel.bias, kernel.weight):
                    self._bind(weight)

    def bindings(self) -> list[str]:
        """Return the lines that bind every tensor before the first row."""
        return self._lines

    def of(self, weight: Weight) -> str:
        """Return the name that a tensor is bound to."""
        return self._names[weight.spelled()]

    def loop(self, loop: Loop) -> str:
        """Return the name of the list that a loop runs over."""
        return self._loops[id(loop)]

    def _bind(self, weight: Weight | None) -> None:
        if weight is None or weight.spelled() in self._names:
            return
        wanted = name = weight.spelled().replace(".", "__")
        number = 1
        while name in self._names.values():
            number += 1
            name = f"{wanted}__{number}"
        self._names[weight.spelled()] = name
        transposed = ".T" if len(weight.shape) == 2 else ""
        self._lines.append(f'{name} = parameters["{weight.spelled()}"]{transposed}  # {_shape(weight)}')

    def _bind_loop(self, loop: Loop) -> None:
        name = self._loops[id(loop)] = f"rounds_{len(self._loops) + 1}"
        weights = _weights(loop)
        items = ", ".join(_looked_up(weight) for weight in weights)
        self._lines.append(f"{name} = [({items}{',' * (len(weights) == 1)}) for k in range({loop.times})]")


def _weights(loop: Loop) -> list[Weight]:
    products = [kernel for kernel in loop.body if isinstance(kernel, Product)]
    return [weight for product in products for weight in (product.bias, product.weight) if weight is not None]


def _looked_up(weight: Weight) -> str:
    """Return the expression that finds a tensor in round k: `parameters["beta_" + str(1 + k)]`."""
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
    return f"parameters[{' + '.join(parts)}]{'.T' if len(weight.shape) == 2 else ''}"


def _shape(weight: Weight) -> str:
    sizes = " × ".join(map(str, weight.shape)) if len(weight.shape) > 1 else f"({weight.shape[0]},)"
    return f"{weight.label} {sizes}"


def _buffers(plan: Plan) -> Iterator[str]:
    """Yield the lines that make the buffers; each kernel takes as much of them as its width asks for."""
    used = {place for kernel in plan.kernels for place in _places(kernel)}
    for buffer in ("a", "b"):
        widths = sorted({width for name, width in used if name == buffer}, reverse=True)
        if widths:
            yield f"{buffer} = np.empty(rows * {widths[0]}, DTYPE)"
            yield from (f"{buffer}_{width} = {buffer}[: rows * {width}].reshape(rows, {width})" for width in widths)
    scratch = sorted({k.width for k in _activations(plan.kernels) if needs_scratch(k.function)}, reverse=True)
    if scratch:
        yield f"t = np.empty(rows * {scratch[0]}, DTYPE)"
        yield from (f"t_{width} = t[: rows * {width}].reshape(rows, {width})" for width in scratch)


def _activations(kernels: tuple[Kernel, ...]) -> Iterator[Activate]:
    for kernel in kernels:
        for inner in kernel.body if isinstance(kernel, Loop) else (kernel,):
            if isinstance(inner, Activate):
                yield inner


def _places(kernel: Kernel) -> Iterator[tuple[str, int]]:
    """Yield each buffer that a kernel writes or reads, with its width there."""
    if isinstance(kernel, Loop):
        width = _weights(kernel)[-1].shape[0]
        yield from ((kernel.source, width), (kernel.target, width))
    elif isinstance(kernel, Product):
        yield from ((kernel.target, kernel.weight.shape[0]), (kernel.source, kernel.weight.shape[1]))


def _named(buffer: str, width: int) -> str:
    return buffer if buffer in ("x", "y") else f"{buffer}_{width}"


def _lines(kernel: Kernel, names: _Names) -> Iterator[str]:
    """Yield the lines of one kernel."""
    if isinstance(kernel, Product):
        rows, columns = kernel.weight.shape
        source, target = _named(kernel.source, columns), _named(kernel.target, rows)
        yield f"matmul({source}, {names.of(kernel.weight)}, out={target})"
        if kernel.bias is not None:
            yield f"add({target}, {names.of(kernel.bias)}, out={target})"
    elif isinstance(kernel, Activate):
        yield from _activation(kernel, _named(kernel.target, kernel.width))
    else:
        weights = _weights(kernel)
        width = weights[-1].shape[0]
        yield f"h, other = {_named(kernel.source, width)}, {_named(kernel.target, width)}"
        yield f"for {'beta, Omega' if len(weights) == 2 else 'Omega,'} in {names.loop(kernel)}:"
        yield f"{_INDENT}matmul(h, Omega, out=other)"
        if len(weights) == 2:
            yield f"{_INDENT}add(other, beta, out=other)"
        for inner in kernel.body:
            if isinstance(inner, Activate):
                yield from (f"{_INDENT}{line}" for line in _activation(inner, "other"))
        yield f"{_INDENT}h, other = other, h"


def _remarks(plan: Plan) -> Iterator[str | None]:
    """Yield for each kernel the equation that begins with it, as the lecture writes it; None where one goes on.

    h_k counts hidden layers, as a summary does: what a part gives without an activation is its y.
    """
    signal, count = "x", 0
    kernels = plan.kernels
    for i, kernel in enumerate(kernels):
        if isinstance(kernel, Activate):
            yield None
            continue
        if isinstance(kernel, Loop):
            functions = [inner.function.name for inner in kernel.body if isinstance(inner, Activate)]
            first, count = count + 1, count + kernel.times
            bias, weight = _weights(kernel)[0].label, _weights(kernel)[-1].label
            terms = f"{bias} + {weight} h" if bias != weight else f"{weight} h"
            signal = f"h_{count}"
            yield (
                f"# h_{first} … {signal} = {functions[0]}[{terms}]"
                if functions
                else f"# h_{first} … {signal} = {terms}"
            )
            continue
        following = kernels[i + 1] if i + 1 < len(kernels) else None
        terms = f"{kernel.weight.label} {signal}"
        if kernel.bias is not None:
            terms = f"{kernel.bias.label} + {terms}"
        if isinstance(following, Activate):
            terms = f"{following.function.name}[{terms}]"
        signal = "y" if kernel.target == "y" else kernel.result
        if not signal:
            count += 1
            signal = f"h_{count}"
        yield f"# {signal} = {terms}"


def _activation(kernel: Activate, buffer: str) -> Iterator[str]:
    for line in activation_lines(kernel.function):
        name, _, arguments = line.partition("(")
        yield f"{name}({filled(arguments, buffer, f't_{kernel.width}')}"
