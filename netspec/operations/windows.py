"""Windows that move over positions: the sizes of what they give, for convolutions and pools."""

from netspec.operations.operation import OperationFault, Shape, written
from netspec.sizes import Polynomial, Size

Padding = tuple[tuple[int, int], ...]
"""What is put before and behind each axis."""


def check_axes(x: Shape, axes: int) -> None:
    """Refuse what is not channels at so many axes of positions; raises OperationFault."""
    if len(x) != axes + 1:
        raise OperationFault(f"it reads (channels, positions …) and {axes + 1} axes, and gets {written(x)}")


def positions(
    sizes: Shape,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: Padding,
    dilation: tuple[int, ...],
    *,
    ceil: bool = False,
) -> Shape:
    """Return ⌊(n + low + high - dilation (kernel - 1) - 1) / stride⌋ + 1 for each axis.

    With `ceil` the last window may hang over the end, as long as it begins before the padding behind does: what
    torch.nn.MaxPool2d means by ceil_mode. So may the only one, where it hangs over by less than a stride.

    Raises OperationFault where a window has no place.
    """
    found: list[Size] = []
    for n, k, s, (low, high), d in zip(sizes, kernel, stride, padding, dilation, strict=True):
        more = low + high - d * (k - 1) - 1
        room: Size = n + more
        # ⌈(room + s) / s⌉, but no more than the ⌈(n + low) / s⌉ windows that begin before the padding behind
        count = (n + min(more + s, low) + s - 1) // s if ceil else room // s + 1
        if not isinstance(count, Polynomial) and count < 1:
            spread = f" (spread to {d * (k - 1) + 1} by its dilation)" if d > 1 else ""
            padded = f", padded to {n + low + high}" if low + high else ""
            raise OperationFault(f"a window of {k}{spread} does not fit into {n} position{'s' * (n != 1)}{padded}")
        found.append(count)
    return tuple(found)
