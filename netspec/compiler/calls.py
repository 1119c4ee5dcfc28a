"""How each operation is computed, as lines of text: calls of NumPy, and of kernels whose texts the program copies.

Numbers enter the lines by `repr`, sizes as expressions over the free ones, names as the plan chose them.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

from netspec.compiler.activation import filled
from netspec.compiler.kernels.elementwise import activation_lines, needs_scratch
from netspec.compiler.library import definitions
from netspec.compiler.listing import Step
from netspec.compiler.passes.layouts import Turn
from netspec.compiler.passes.projections import Columns
from netspec.compiler.plan import in_range
from netspec.compiler.rules import WHY, Convolution, convolution_kind, kinds_for
from netspec.operations import Affine, Elementwise
from netspec.operations.adaptive_pool import AdaptivePool
from netspec.operations.attend import Attend
from netspec.operations.batch_norm import BatchNorm
from netspec.operations.concat import Concat
from netspec.operations.convolve import Convolve
from netspec.operations.convolve_transposed import ConvolveTransposed
from netspec.operations.embed import Embed
from netspec.operations.group_norm import GroupNorm
from netspec.operations.index import Index
from netspec.operations.layer_norm import LayerNorm
from netspec.operations.learned import Learned
from netspec.operations.matmul import Matmul
from netspec.operations.merge import Merge
from netspec.operations.pad import Pad
from netspec.operations.pool import Pool
from netspec.operations.positions import Positions
from netspec.operations.prelu import Prelu
from netspec.operations.reduce import Reduce
from netspec.operations.reshape import Reshape
from netspec.operations.rms_norm import RmsNorm
from netspec.operations.rotate import Rotate
from netspec.operations.scan import Scan
from netspec.operations.sinusoidal import Sinusoidal
from netspec.operations.slice import Slice
from netspec.operations.softmax import Softmax
from netspec.operations.stack import Stack
from netspec.operations.transpose import Transpose
from netspec.operations.upsample import Upsample
from netspec.sizes import Polynomial, Size

SCRATCH: Final = "t"
"""What an activation's scratch is called."""


class Page(Protocol):
    """The text that lines are written for."""

    dtype: str
    exact: bool

    def kernel(self, name: str) -> str:
        """Return the name of a kernel, whose text is then copied."""

    def size(self, size: Size) -> str:
        """Return a size as an expression."""

    def batch(self) -> str:
        """Return the name of the number of examples."""

    def room(self) -> str:
        """Return the name of the memory that is kept from call to call."""

    def tensor(self, step: Step, role: str, form: str = "{}") -> str:
        """Return the name of a tensor in the form that a kernel reads, made once; None where there is none."""

    def finish(self, functions: tuple[Elementwise, ...]) -> str:
        """Return the name of a function that applies activations over a part of a result."""

    def chose(self, step: Step, kernel: str, why: str) -> None:
        """Remember which kernel computes a step, and why."""

    def choices_of(self, step: Step) -> Any:
        """Return the kernel that was measured to be the quickest for a layer, or None."""


def lines(step: Step, page: Page) -> list[str]:
    """Return the lines that compute one step."""
    return list(_EMITTERS[type(step.operation)](step, step.operation, page))


def _call(step: Step, function: str, *arguments: object) -> str:
    """Return `target = function(operands, arguments)`; an argument is text as it is, anything else by `repr`."""
    words = [*step.operands, *(word if isinstance(word, str) else repr(word) for word in arguments)]
    return f"{step.target} = {function}({', '.join(words)})"


def _out(step: Step, page: Page) -> str:
    """Return where the result goes: a slot of memory that is kept, or None for fresh memory."""
    if not step.slot:
        return "None"
    sizes = ", ".join([page.batch(), *map(page.size, step.shape)])
    return f"{page.kernel('scratch')}({page.room()}, {_quoted(step.slot)}, ({sizes}), DTYPE)"


def _layer(step: Step) -> str:
    """Return the layer's name as a literal, for the messages of kernels that look at values."""
    return _quoted(step.place.strip(".") or "the network")


def _quoted(word: str) -> str:
    """Return a name of the language as a literal: letters, digits, `_` and `.` alone."""
    return f'"{word}"'


_PLAIN_MAP: Final = 64 * 64
"""Elements of Ω up to which one product of NumPy is quicker than what divides it into blocks."""


def _affine(step: Step, node: Affine, page: Page) -> Iterator[str]:
    gives, reads = step.tensors["Omega"].shape
    if page.exact or gives * reads <= _PLAIN_MAP:
        small = "Ω is small: what divides it into blocks would cost more"
        page.chose(step, "np.matmul", "long sums are added up in parts, which rounds less" if page.exact else small)
        target = step.target
        out = f", out={_out(step, page)}" if step.slot else ""
        yield f"{target} = np.matmul({step.operands[0]}, {page.tensor(step, 'Omega', '{}.T')}{out})"
        if node.bias:
            yield f"{target} += {page.tensor(step, 'beta')}"
        if step.onto:
            yield f"{target} += {step.onto}"
        if step.functions:
            yield f"{page.finish(step.functions)}({target}, {page.room()})"
        return
    beta = page.tensor(step, "beta", "in_rows({})")
    page.chose(step, "affine", "blocks that OpenBLAS does not pack, finished while they are in the cache")
    Omega = page.tensor(step, "Omega", "in_panels({}.T)")
    words = (Omega, beta, step.onto or "None", page.finish(step.functions), _out(step, page), page.room())
    yield _call(step, page.kernel("affine"), *words)


def _elementwise(step: Step, node: Elementwise, page: Page) -> Iterator[str]:
    """Yield the activation in place where its operand is not read again, and else on a copy of it."""
    function = in_range(node, page.dtype)
    (source,), target = step.operands, step.target
    work = list(activation_lines(function))
    name, _, arguments = work[0].partition("(")
    first = arguments[:-1].split(", ")
    if step.spare[0]:
        if target != source:
            yield f"{target} = {source}"
    elif first[0] == "h" and first[-1] == "out=h" and "t" not in first and name not in definitions():
        words = [source if word == "h" else word for word in first[:-1]]
        yield f"{target} = np.{name}({', '.join(words)})"
        del work[0]
    else:
        yield f"{target} = {source}.copy()"
    scratch = needs_scratch(function)
    if scratch:
        yield f"{SCRATCH} = np.empty_like({target})"
    for line in work:
        name, _, arguments = line.partition("(")
        called = page.kernel(name) if name in definitions() else f"np.{name}"
        yield f"{called}({filled(arguments, target, SCRATCH)}"
    if scratch:
        yield f"del {SCRATCH}"


_UFUNCS: Final = {"add": "add", "subtract": "subtract", "multiply": "multiply", "abs_difference": "subtract"}


def _merge(step: Step, node: Merge, page: Page) -> Iterator[str]:  # noqa: ARG001 - one signature
    """Yield one call for each operand after the first, into memory that is not read again where there is such."""
    function, target = _UFUNCS[node.kind], step.target
    left, shape = step.operands[0], step.operand_shapes[0]
    for i, right in enumerate(step.operands[1:], 1):
        shape = Merge(node.kind).shape(shape, step.operand_shapes[i])
        free = [left] if left == target or (i == 1 and step.spare[0]) else []
        free += [right] if step.spare[i] else []
        sizes = {left: step.operand_shapes[0] if i == 1 else None, right: step.operand_shapes[i]}
        out = next((name for name in free if sizes[name] == shape), None)
        yield f"{target} = np.{function}({left}, {right}{f', out={out}' if out else ''})"
        left = target
    if node.kind == "abs_difference":
        yield f"np.absolute({target}, out={target})"


_FREE: Final = 64
"""What a size that is known only when a program runs counts as, where a kernel is chosen by it."""


def _convolve(step: Step, node: Convolve, page: Page) -> Iterator[str]:
    """Yield the call of the kernel that the rules name, with its weights in the form that it reads."""
    positions = tuple(size if isinstance(size, int) else _FREE for size in step.shape[:-1])
    channels = int(str(step.operand_shapes[0][-1]))
    where = (node.kernel, node.stride, node.dilation, node.groups)
    convolution = Convolution(*where, channels, node.channels, positions, page.exact)
    kind = convolution_kind(convolution)
    tuned = page.choices_of(step)
    why = WHY[kind]
    if tuned in kinds_for(convolution):
        kind, why = tuned, f"measured to be the quickest: {WHY[tuned]}"
    beta = page.tensor(step, "beta", "bias_rows({})")
    ends = (page.finish(step.functions), page.room(), _out(step, page))
    page.chose(step, f"convolve, {kind}", why)
    if kind in ("winograd4", "winograd2"):
        Omega = page.tensor(step, "Omega", f"winograd_weights({{}}, {kind[-1]})")
        yield _call(step, page.kernel("convolve_winograd"), Omega, beta, node.padding, *ends)
    elif kind == "strips":
        Omega = page.tensor(step, "Omega", "strip_weights({})")
        yield _call(step, page.kernel("convolve_strips"), Omega, beta, node.kernel, node.stride, node.padding, *ends)
    elif kind == "depthwise":
        Omega = page.tensor(step, "Omega", "depthwise_weights({})")
        yield _call(
            step, page.kernel("convolve_depthwise"), Omega, beta, node.stride, node.padding, node.dilation, *ends
        )
    else:
        Omega = page.tensor(step, "Omega", f"unfolded_weights({{}}, {node.groups})")
        numbers = (node.kernel, node.stride, node.padding, node.dilation, node.groups)
        yield _call(step, page.kernel("convolve_unfolded"), Omega, beta, *numbers, *ends)


def _convolve_transposed(step: Step, node: ConvolveTransposed, page: Page) -> Iterator[str]:
    own = (page.tensor(step, "Omega"), page.tensor(step, "beta"))
    numbers = (node.stride, node.padding, node.output_padding, node.dilation, node.groups)
    yield _call(step, page.kernel("convolve_transposed"), *own, *numbers)


def _pool(step: Step, node: Pool, page: Page) -> Iterator[str]:
    kernel = page.kernel(f"{node.kind}_pool")
    ends = (1 if step.last else 2, _out(step, page))
    if node.kind == "max":
        yield _call(step, kernel, node.kernel, node.stride, node.padding, node.dilation, node.ceil, *ends)
    else:
        yield _call(step, kernel, node.kernel, node.stride, node.padding, node.ceil, node.count_padding, *ends)


def _adaptive_pool(step: Step, node: AdaptivePool, page: Page) -> Iterator[str]:
    yield _call(step, page.kernel(f"adaptive_{node.kind}_pool"), node.sizes)


def _batch_norm(step: Step, node: BatchNorm, page: Page) -> Iterator[str]:  # noqa: ARG001 - one signature
    """Yield a scale and a shift, over the operand where it is not read again."""
    (x,), target = step.operands, step.target
    form = "{}" if step.last else f"{{}}.reshape({', '.join(['-1', *['1'] * (len(step.shape) - 1)])})"
    out = f", out={x}" if step.spare[0] else ""
    yield f"{target} = np.multiply({x}, {page.tensor(step, 'scale', form)}{out})"
    yield f"{target} += {page.tensor(step, 'shift', form)}"


def _layer_norm(step: Step, node: LayerNorm, page: Page) -> Iterator[str]:
    own = (page.tensor(step, "gamma"), page.tensor(step, "beta"))
    yield _call(step, page.kernel("layer_norm"), *own, node.axes, node.epsilon, _out(step, page))


def _group_norm(step: Step, node: GroupNorm, page: Page) -> Iterator[str]:
    own = (page.tensor(step, "gamma"), page.tensor(step, "beta"))
    yield _call(step, page.kernel("group_norm"), *own, node.groups, node.epsilon)


def _rms_norm(step: Step, node: RmsNorm, page: Page) -> Iterator[str]:
    yield _call(step, page.kernel("rms_norm"), page.tensor(step, "gamma"), node.epsilon, _out(step, page))


def _softmax(step: Step, node: Softmax, page: Page) -> Iterator[str]:
    yield _call(step, page.kernel("log_softmax" if node.log else "softmax"), node.axis + 1)


def _upsample(step: Step, node: Upsample, page: Page) -> Iterator[str]:
    yield _call(step, page.kernel(f"upsample_{node.kind}"), node.factors)


def _attend(step: Step, node: Attend, page: Page) -> Iterator[str]:
    numbers = (node.heads, node.key_heads, node.causal, node.scale)
    yield _call(step, page.kernel("attend"), *numbers, _out(step, page), page.room())


def _rotate(step: Step, node: Rotate, page: Page) -> Iterator[str]:
    yield _call(step, page.kernel("rotate"), node.heads, node.base)


def _sinusoidal(step: Step, node: Sinusoidal, page: Page) -> Iterator[str]:  # noqa: ARG001 - one signature
    length, width = map(page.size, step.operand_shapes[0][-2:])
    table = f"{page.kernel('sinusoidal')}({length}, {width}, {_quoted(page.dtype)})"
    yield f"{step.target} = {step.operands[0]} + {table}"


def _positions(step: Step, node: Positions, page: Page) -> Iterator[str]:  # noqa: ARG001 - one signature
    length = page.size(step.operand_shapes[0][-2])
    table = f"{page.kernel('first_rows')}({page.tensor(step, 'Omega')}, {length}, {_layer(step)})"
    yield f"{step.target} = {step.operands[0]} + {table}"


def _scan(step: Step, node: Scan, page: Page) -> Iterator[str]:
    own = [page.tensor(step, role) for role in ("Omega_input", "Omega_hidden", "beta_input", "beta_hidden")]
    function = (_quoted(node.function),) if node.kind == "rnn" else ()
    yield _call(step, page.kernel(node.kind), *own, node.reverse, *function)


def _pad(step: Step, node: Pad, page: Page) -> Iterator[str]:
    yield _call(step, page.kernel("pad"), node.widths, node.value)


def _embed(step: Step, node: Embed, page: Page) -> Iterator[str]:  # noqa: ARG001 - one signature
    yield _call(step, page.kernel("look_up"), page.tensor(step, "Omega"), _layer(step))


def _prelu(step: Step, node: Prelu, page: Page) -> Iterator[str]:
    form = "{}"
    if node.channels and not step.last:
        form = f"{{}}.reshape({', '.join(['-1', *['1'] * (len(step.shape) - 1)])})"
    slope = page.tensor(step, "slope", form)
    (x,) = step.operands
    yield f"{step.target} = np.maximum({x}, 0.0) + {slope} * np.minimum({x}, 0.0)"


def _reduce(step: Step, node: Reduce, page: Page) -> Iterator[str]:
    if step.last and node.kind in ("mean", "max"):
        yield _call(step, page.kernel("global_average_pool" if node.kind == "mean" else "global_max_pool"))
        return
    keep = ["keepdims=True"] if node.keep else []
    yield _call(step, f"np.{node.kind}", tuple(axis + 1 for axis in node.axes), *keep)


def _concat(step: Step, node: Concat, page: Page) -> Iterator[str]:  # noqa: ARG001 - one signature
    yield f"{step.target} = np.concatenate([{', '.join(step.operands)}], {node.axis + 1})"


def _stack(step: Step, node: Stack, page: Page) -> Iterator[str]:  # noqa: ARG001 - one signature
    yield f"{step.target} = np.stack([{', '.join(step.operands)}], {node.axis + 1})"


def _matmul(step: Step, node: Matmul, page: Page) -> Iterator[str]:  # noqa: ARG001 - one signature
    turned = zip(step.operands, (node.transpose_first, node.transpose_second), strict=True)
    a, b = (f"np.swapaxes({name}, -1, -2)" if turn else name for name, turn in turned)
    yield f"{step.target} = np.matmul({a}, {b})"


def _reshape(step: Step, node: Reshape, page: Page) -> Iterator[str]:  # noqa: ARG001 - one signature
    sizes = ", ".join([f"len({step.operands[0]})", *map(page.size, step.shape)])
    yield f"{step.target} = {step.operands[0]}.reshape({sizes})"


def _transpose(step: Step, node: Transpose, page: Page) -> Iterator[str]:  # noqa: ARG001 - one signature
    axes = ", ".join(["0", *(str(axis + 1) for axis in node.axes)])
    yield f"{step.target} = {step.operands[0]}.transpose({axes})"


def _slice(step: Step, node: Slice, page: Page) -> Iterator[str]:
    """Yield a slice; of an axis whose size is free the kernel looks whether it is long enough."""
    if isinstance(step.operand_shapes[0][node.axis], Polynomial):
        place = (node.axis + 1, node.start, node.stop, node.step)
        yield _call(step, page.kernel("stretch"), *place, _layer(step))
        return
    stop = "" if node.stop is None else repr(node.stop)
    part = f"{node.start!r}:{stop}" + (f":{node.step!r}" if node.step != 1 else "")
    yield f"{step.target} = {step.operands[0]}[{':, ' * (node.axis + 1)}{part}]"


def _index(step: Step, node: Index, page: Page) -> Iterator[str]:
    if isinstance(step.operand_shapes[0][node.axis], Polynomial):
        yield _call(step, page.kernel("element"), node.axis + 1, node.place, _layer(step))
    else:
        yield f"{step.target} = {step.operands[0]}[{':, ' * (node.axis + 1)}{node.place!r}]"


def _learned(step: Step, node: Learned, page: Page) -> Iterator[str]:
    sizes = ", ".join([page.batch(), *map(repr, node.sizes)])
    yield f"{step.target} = np.broadcast_to({page.tensor(step, 'Omega')}, ({sizes}))"


def _columns(step: Step, node: Columns, page: Page) -> Iterator[str]:  # noqa: ARG001 - one signature
    yield f"{step.target} = {step.operands[0]}[..., {node.start} : {node.stop}]"


def _turn(step: Step, node: Turn, page: Page) -> Iterator[str]:
    yield _call(step, page.kernel("channels_last" if node.last else "channels_first"), _out(step, page))


_EMITTERS: Final[dict[type[Any], Callable[[Step, Any, Page], Iterator[str]]]] = {
    AdaptivePool: _adaptive_pool,
    Affine: _affine,
    Attend: _attend,
    BatchNorm: _batch_norm,
    Columns: _columns,
    Concat: _concat,
    Convolve: _convolve,
    ConvolveTransposed: _convolve_transposed,
    Elementwise: _elementwise,
    Embed: _embed,
    GroupNorm: _group_norm,
    Index: _index,
    LayerNorm: _layer_norm,
    Learned: _learned,
    Matmul: _matmul,
    Merge: _merge,
    Pad: _pad,
    Pool: _pool,
    Positions: _positions,
    Prelu: _prelu,
    Reduce: _reduce,
    Reshape: _reshape,
    RmsNorm: _rms_norm,
    Rotate: _rotate,
    Scan: _scan,
    Sinusoidal: _sinusoidal,
    Slice: _slice,
    Softmax: _softmax,
    Stack: _stack,
    Transpose: _transpose,
    Turn: _turn,
    Upsample: _upsample,
}
"""What writes the lines of each operation; a test holds it to the operations that there are."""
