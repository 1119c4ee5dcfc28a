"""Convolutions of few channels, which are last, such as the first of a network that looks at pictures.

Windows of so few numbers a row cost more to copy apart than to multiply. Here each line of results has one strip, in
which the columns below the window's height lie one behind the other, (columns, height · C). A window is a stretch of
it, and windows that do not overlap are the rows of a matrix; the next such matrix begins one window later.

The text is copied into emitted programs, so these functions need nothing but NumPy and each other.
"""

from collections.abc import Callable

import numpy as np

from netspec.compiler.kernels.buffers import aligned, scratch
from netspec.compiler.kernels.matrices import add_rows, panels
from netspec.compiler.kernels.tiles import tile_of_lines, window_counts

_STRIP_BYTES = 3 * 2**19  # of strips and results at a time


def strip_weights(Omega: np.ndarray) -> np.ndarray:
    """Return Ω as `convolve_strips` reads it: panels of (width · height · C, out). Ω: (out, C, height, width)."""
    return panels(Omega.transpose(3, 2, 1, 0).reshape(1, -1, len(Omega)))


def convolve_strips(
    x: np.ndarray,
    weights: np.ndarray,
    beta: np.ndarray | None,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[tuple[int, int], tuple[int, int]],
    finish: "Callable[[np.ndarray, dict[str, np.ndarray]], object] | None",
    room: dict[str, np.ndarray],
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Return finish(β + Ω ⋆ x), (N, H, W, out). x: (N, H, W, C), weights: of `strip_weights`, β: of `bias_rows`."""
    x = np.ascontiguousarray(x)
    count, _, columns, channels = x.shape
    _, parts, depth, width = weights.shape
    outputs = parts * width
    high, wide = window_counts(x.shape[1:3], kernel, stride, padding, (1, 1))
    y = aligned((count, high, wide, outputs), x.dtype.str) if out is None else out
    if not y.size:
        return y
    (down, right), (left, behind), number = stride, padding[1], x.itemsize
    across = left + columns + behind
    column = kernel[0] * channels
    line = across * column
    matrices = min(wide, -(-kernel[1] // right))
    windows, more = divmod(wide, matrices)
    examples, lines = tile_of_lines(count, high, (line + wide * outputs) * number, _STRIP_BYTES)
    for first in range(0, count, examples):
        for top in range(0, high, lines):
            part = y[first : first + examples, top : top + lines]
            many, rows = part.shape[:2]
            turned = _turned_band(
                x, first, many, top * down - padding[0][0], (rows - 1) * down + kernel[0], left, across, room
            )
            strips = scratch(room, "strips", (many, rows, across, column), x.dtype.str)
            example, along, step, _ = turned.strides
            # a column of a strip is copied as one value
            whole = f"V{column * number}"
            np.copyto(
                np.ndarray((many, rows, across), whole, strips),
                np.ndarray((many, rows, across), whole, turned, 0, (example, down * step, along)),
            )
            for begin, end, each in ((0, more, windows + 1), (more, matrices, windows)):
                if begin < end:
                    jump = right * column * number
                    np.matmul(
                        np.ndarray(
                            (many * rows, end - begin, 1, each, depth),
                            x.dtype,
                            strips,
                            begin * jump,
                            (line * number, jump, 0, matrices * jump, number),
                        ),
                        weights,
                        out=np.ndarray(
                            (many * rows, end - begin, parts, each, width),
                            x.dtype,
                            part,
                            begin * outputs * number,
                            tuple(n * number for n in (wide * outputs, outputs, width, matrices * outputs, 1)),
                        ),
                    )
            part = part.reshape(-1, outputs)
            if beta is not None:
                add_rows(part, beta)
            if finish is not None:
                finish(part, room)
    return y


def _turned_band(
    x: np.ndarray,
    first: int,
    examples: int,
    begin: int,
    lines: int,
    left: int,
    across: int,
    room: dict[str, np.ndarray],
) -> np.ndarray:
    """Return lines of x among zeros, columns before lines: (examples, columns, lines, C)."""
    _, high, columns, channels = x.shape
    band = scratch(room, "turned", (examples, across, lines, channels), x.dtype.str)
    above, end = max(0, -begin), min(lines, high - begin)
    if above:
        band[:, :, :above] = 0
    if end < lines:
        band[:, :, max(0, end) :] = 0
    if above < end:
        band[:, :left, above:end] = 0
        band[:, left + columns :, above:end] = 0
        # a pixel is copied as one value
        pixel = f"V{channels * x.itemsize}"
        example, along, step, _ = band.strides
        shape = (examples, columns, end - above)
        np.copyto(
            np.ndarray(shape, pixel, band, left * along + above * step, (example, along, step)),
            np.ndarray(
                shape,
                pixel,
                x,
                first * x.strides[0] + (begin + above) * x.strides[1],
                (x.strides[0], x.strides[2], x.strides[1]),
            ),
        )
    return band
