"""Which kernel computes a convolution with the channels last: a table, with what was measured in favour of each row.

Measured on one core with AVX-512 and 2 MiB of second-level cache, NumPy 2.4 with OpenBLAS 0.3.31, float32.
"""

from collections.abc import Callable
from math import prod
from typing import Final, Literal, NamedTuple

Kind = Literal["depthwise", "winograd4", "winograd2", "strips", "unfolded"]


class Convolution(NamedTuple):
    """A convolution whose result has `positions`; `exact` asks for sums as the formula has them."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    channels_in: int
    channels_out: int
    positions: tuple[int, ...]
    exact: bool


class Row(NamedTuple):
    """A kernel, and which convolutions it is for."""

    kind: Kind
    suits: Callable[[Convolution], bool]


# of a tile by minimal filtering: positions that are read, and results along an axis
_PRODUCTS: Final = {"winograd4": (36, 4), "winograd2": (16, 2)}

# Loading a number of the weights takes as long as multiplying it with this many tiles: 25 GB/s, 140 · 10⁹ operations.
_LOADING: Final = 11

# Transforms cost less than they save from so many channels on, where a result has so many positions:
# 3×3 windows of 16 channels at 28×28 take 0.93 of the time of plain sums, 64 at 14×14 0.76, 128 at 7×7 0.91;
# 32 at 14×14 1.0, 64 at 7×7 1.05.
_FILTERED: Final = ((16, 784), (64, 196), (128, 1))

# Strips are copied faster than windows, and multiplied a little slower, up to so many channels from so many positions:
# 7×7 windows of 3 channels at 224×224 take 0.76 of the time, 5×5 of 1 at 28×28 0.78, 3×3 of 64 at 56×56 0.91;
# 3×3 of 8 at 28×28 take 1.1.
_NARROW: Final = ((4, 784), (64, 3136))


def convolution_kind(convolution: Convolution) -> Kind:
    """Return the kernel to use."""
    return next(row.kind for row in TABLE if row.suits(convolution))


def kinds_for(convolution: Convolution) -> tuple[Kind, ...]:
    """Return every kernel that can compute a convolution, whichever is quickest."""
    c = convolution
    if _is_depthwise(c):
        return ("depthwise", "unfolded")
    found: list[Kind] = ["unfolded"]
    if len(c.kernel) == 2 and {*c.dilation, c.groups} == {1}:
        found.append("strips")
        if c.kernel == (3, 3) and {*c.stride} == {1} and not c.exact:
            found += ["winograd4", "winograd2"]
    return tuple(found)


def _is_depthwise(c: Convolution) -> bool:
    return 1 < c.groups == c.channels_in == c.channels_out and len(c.kernel) <= 2


def _is_filtered(c: Convolution) -> bool:
    plain = c.kernel == (3, 3) and {*c.stride, *c.dilation, c.groups} == {1}
    channels, positions = min(c.channels_in, c.channels_out), prod(c.positions)
    return plain and not c.exact and any(channels >= least and positions >= many for least, many in _FILTERED)


def _cost(c: Convolution, kind: Literal["winograd4", "winograd2"]) -> int:
    """Return the products of a convolution with the loading of their weights, for each pair of channels."""
    read, along = _PRODUCTS[kind]
    return read * (prod(-(-n // along) for n in c.positions) + _LOADING)


def _is_narrow(c: Convolution) -> bool:
    plain = len(c.kernel) == 2 and {*c.dilation, c.groups} == {1} and max(c.kernel) > 1
    return plain and any(c.channels_in <= most and prod(c.positions) >= many for most, many in _NARROW)


TABLE: Final = (
    # Matrices would be of one column: a sum in passes along the channels is all there is to do.
    Row("depthwise", _is_depthwise),
    # Tiles of 4×4 save most, ×4, but have weights four times those of the window, and more hangs over the edges:
    # 512 channels at 7×7 take 1.64 of the time of 2×2.
    Row("winograd4", lambda c: _is_filtered(c) and _cost(c, "winograd4") < _cost(c, "winograd2")),
    Row("winograd2", _is_filtered),
    Row("strips", _is_narrow),
    # Every other one, 1×1 among them: one product with the windows, or with x as it lies.
    Row("unfolded", lambda _: True),
)
"""The first row that suits a convolution names its kernel."""

WHY: Final[dict[Kind, str]] = {
    "depthwise": "each channel is convolved by itself",
    "winograd4": "3×3 at stride 1: minimal filtering, 36 products for 144",
    "winograd2": "3×3 at stride 1 over few positions: minimal filtering, 16 products for 36",
    "strips": "few channels: windows are stretches of strips, which are copied faster",
    "unfolded": "windows are the rows of one product",
}
"""Each kernel's reason in a few words, for a plan."""
