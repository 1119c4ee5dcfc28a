"""Activations in place: `h` is the buffer, `t` a scratch of its shape. No exponential overflows, whatever h holds.

Each line is one call that writes where it is told: of a function of NumPy, or of `gelu` from `special`. Names and
numbers are filled in from the closed table of functions, never from the text of a spec.
"""

from typing import Final

from netspec.operations import Elementwise

_SELU_SCALE: Final = 1.0507009873554804934193349852946
_SELU_ALPHA: Final = 1.6732632423543772848170429916717
_GELU_SCALE: Final = 0.79788456080286535587989211986876  # √(2/π)

_CLAMP: Final = ("maximum(h, {low}, out=h)", "minimum(h, {high}, out=h)")
_DENOMINATOR: Final = ("absolute(h, out=t)", "negative(t, out=t)", "exp(t, out=t)", "add(t, 1.0, out=t)")
_SIXTH: Final = (
    "divide(h, 6.0, out={0})",
    "add({0}, 0.5, out={0})",
    "maximum({0}, 0.0, out={0})",
    "minimum({0}, 1.0, out={0})",
)

_LINES: Final[dict[str, tuple[str, ...]]] = {
    "relu": ("maximum(h, 0.0, out=h)",),
    "elu": (
        "minimum(h, 0.0, out=t)",
        "expm1(t, out=t)",
        "multiply(t, {alpha}, out=t)",
        "maximum(h, 0.0, out=h)",
        "add(h, t, out=h)",
    ),
    "selu": (
        "minimum(h, 0.0, out=t)",
        "expm1(t, out=t)",
        f"multiply(t, {_SELU_ALPHA!r}, out=t)",
        "maximum(h, 0.0, out=h)",
        "add(h, t, out=h)",
        f"multiply(h, {_SELU_SCALE!r}, out=h)",
    ),
    "celu": (
        "minimum(h, 0.0, out=t)",
        "divide(t, {alpha}, out=t)",
        "expm1(t, out=t)",
        "multiply(t, {alpha}, out=t)",
        "maximum(h, 0.0, out=h)",
        "add(h, t, out=h)",
    ),
    # exp(min(z, 0)) / (1 + exp(-|z|)): full relative accuracy on both sides
    "sigmoid": (*_DENOMINATOR, "minimum(h, 0.0, out=h)", "exp(h, out=h)", "divide(h, t, out=h)"),
    "silu": (
        *_DENOMINATOR,
        "divide(h, t, out=t)",
        "minimum(h, 0.0, out=h)",
        "exp(h, out=h)",
        "multiply(h, t, out=h)",
    ),
    "tanh": ("tanh(h, out=h)",),
    "softplus": ("logaddexp(h, 0.0, out=h)",),
    "softsign": ("absolute(h, out=t)", "add(t, 1.0, out=t)", "divide(h, t, out=h)"),
    "mish": ("logaddexp(h, 0.0, out=t)", "tanh(t, out=t)", "multiply(h, t, out=h)"),
    # z/2 · (1 + tanh(√(2/π) · z · (1 + 0.044715 z²)))
    "gelu_tanh": (
        "multiply(h, h, out=t)",
        "multiply(t, 0.044715, out=t)",
        "add(t, 1.0, out=t)",
        "multiply(t, h, out=t)",
        f"multiply(t, {_GELU_SCALE!r}, out=t)",
        "tanh(t, out=t)",
        "add(t, 1.0, out=t)",
        "multiply(t, 0.5, out=t)",
        "multiply(h, t, out=h)",
    ),
    "gelu": ("gelu(h, out=h)",),
    "log_sigmoid": ("negative(h, out=h)", "logaddexp(h, 0.0, out=h)", "negative(h, out=h)"),
    "tanh_shrink": ("tanh(h, out=t)", "subtract(h, t, out=h)"),
    "soft_shrink": ("maximum(h, -{bound}, out=t)", "minimum(t, {bound}, out=t)", "subtract(h, t, out=h)"),
    "hard_shrink": (
        "absolute(h, out=t)",
        "subtract(t, {bound}, out=t)",
        "heaviside(t, 0.0, out=t)",
        "multiply(h, t, out=h)",
    ),
    "relu6": tuple(line.format(low="0.0", high="6.0") for line in _CLAMP),
    "hard_tanh": _CLAMP,
    "hard_sigmoid": tuple(line.format("h") for line in _SIXTH),
    "hard_swish": (*(line.format("t") for line in _SIXTH), "multiply(h, t, out=h)"),
    "heaviside": ("heaviside(h, 0.0, out=h)",),
}


def activation_lines(function: Elementwise) -> tuple[str, ...]:
    """Return the calls that turn the buffer `h` into a[h], with a scratch `t` of its shape."""
    if function.name == "leaky_relu":
        (slope,) = function.arguments
        if slope == 0.0:  # as a product it would make 0 · ∞ of an infinite signal
            return _LINES["relu"]
        larger = "maximum" if slope <= 1.0 else "minimum"
        return (f"multiply(h, {slope!r}, out=t)", f"{larger}(h, t, out=h)")
    names = (argument.name for argument in function.function.arguments)
    numbers = dict(zip(names, map(repr, function.arguments), strict=True))
    return tuple(line.format(**numbers) for line in _LINES[function.name])


def needs_scratch(function: Elementwise) -> bool:
    """Return whether the lines of a function use `t`."""
    return any("t" in _operands(line) for line in activation_lines(function))


def _operands(line: str) -> set[str]:
    arguments = line[line.index("(") + 1 : -1].replace("out=", "")
    return {argument.strip() for argument in arguments.split(",")}
