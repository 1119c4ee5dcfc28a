"""What the backward pass needs of each elementwise function: its result or what it was applied to, and a kernel."""

from typing import Final, Literal, NamedTuple

from netspec.operations.functions import FUNCTIONS


class Slope(NamedTuple):
    """The derivative of a function a[z]: computed from `y` = a[z] alone or from `z` alone, by the kernel of that name.

    `kernel(dy, y_or_z, dx, *arguments)` writes dy · a'(z) into dx, which may be the memory of dy.
    """

    needs: Literal["y", "z"]
    kernel: str


# Those whose result does not tell, or not to enough digits, where on the line it was made.
_OF_Z: Final = frozenset({"silu", "mish", "gelu", "gelu_tanh", "tanh_shrink", "hard_swish"})

SLOPES: Final[dict[str, Slope]] = {name: Slope("z" if name in _OF_Z else "y", f"{name}_slope") for name in FUNCTIONS}
"""The derivative of every activation by its name; the kernels are in `netspec/gradients/kernels/slopes.py`."""
