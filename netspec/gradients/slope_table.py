"""What the derivative of each activation is computed from."""

from typing import Final, Literal, NamedTuple


class Slope(NamedTuple):
    """The kernel that multiplies by a'(z), and what it reads: the result y = a(z), or z."""

    needs: Literal["y", "z"]
    kernel: str


SLOPES: Final[dict[str, Slope]] = {
    "relu": Slope("y", "relu_slope"),
    "tanh": Slope("y", "tanh_slope"),
}
