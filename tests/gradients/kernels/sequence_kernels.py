"""The kernels of sequences as a table, and the laws that each of them keeps."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.gradients.kernels import (
    attention,
    embedding,
    matrix_products,
    rotation,
    row_maps,
    scanning,
    sequence_norms,
)

Array = NDArray[Any]
Arrays = Mapping[str, Array | None]


class Pair(NamedTuple):
    """A forward kernel and its backward one, what they read by position, and their tensors by role.

    The backward kernel takes the operands once more where it `reads` them, and y behind them if it reads the `result`.
    """

    forward: Callable[..., Any]
    backward: Callable[..., None]
    operands: tuple[str, ...] = ("x",)
    tensors: tuple[str, ...] = ()
    reads: bool = False
    result: bool = False


_SCANNED: Final = ("Omega_input", "beta_input", "Omega_hidden", "beta_hidden")
_ATTENDED: Final = ("query", "key", "value")

PAIRS: Final = {
    "attend": Pair(attention.attend_forward, attention.attend_backward, _ATTENDED, reads=True),
    "rotate": Pair(rotation.rotate_forward, rotation.rotate_backward),
    "rnn": Pair(scanning.rnn_forward, scanning.rnn_backward, tensors=_SCANNED, reads=True, result=True),
    "lstm": Pair(scanning.lstm_forward, scanning.lstm_backward, tensors=_SCANNED, reads=True, result=True),
    "gru": Pair(scanning.gru_forward, scanning.gru_backward, tensors=_SCANNED, reads=True, result=True),
    "embed": Pair(embedding.embed_forward, embedding.embed_backward, ("indices",), ("Omega",), reads=True),
    "positions": Pair(embedding.positions_forward, embedding.positions_backward, tensors=("Omega",)),
    "sinusoidal": Pair(embedding.sinusoidal_forward, embedding.sinusoidal_backward),
    "layer_norm": Pair(
        sequence_norms.layer_norm_forward, sequence_norms.layer_norm_backward, tensors=("gamma", "beta")
    ),
    "rms_norm": Pair(sequence_norms.rms_norm_forward, sequence_norms.rms_norm_backward, tensors=("gamma",)),
    "matmul": Pair(matrix_products.matmul_forward, matrix_products.matmul_backward, ("a", "b"), reads=True),
    "affine_rows": Pair(
        row_maps.affine_rows_forward, row_maps.affine_rows_backward, tensors=("Omega", "beta"), reads=True
    ),
}
"""By name."""


def forward(name: str, arrays: Arrays, shape: tuple[int, ...], **options: Any) -> tuple[Array, Any]:
    """Return y, of the shape, and what is saved. y is NaN before, so that all of it must be written."""
    pair = PAIRS[name]
    tensors = {role: arrays[role] for role in pair.tensors}
    dtype = next(value.dtype for value in arrays.values() if value is not None and value.dtype.kind == "f")
    y = np.full(shape, np.nan, dtype)
    saved = pair.forward(*(arrays[operand] for operand in pair.operands), y=y, **tensors, **options)
    return y, saved


def backward(
    name: str, arrays: Arrays, dy: Array, y: Array, saved: Any, wanted: tuple[str, ...], **options: Any
) -> dict[str, Array]:
    """Return the gradients that are wanted. Those of tensors are strided views, as of [Ω β]."""
    pair = PAIRS[name]
    targets: dict[str, Array] = {}
    for one in wanted:
        value = arrays[one]
        assert value is not None
        memory = np.full((*value.shape, 2) if one in pair.tensors else value.shape, np.nan, dy.dtype)
        targets[one] = memory[..., 0] if one in pair.tensors else memory
    given = [*([arrays[one] for one in pair.operands] if pair.reads else []), *([y] if pair.result else [])]
    # the embedding's is the one backward kernel that does not take its tensor
    tensors = {role: arrays[role] for role in pair.tensors} if name != "embed" else {}
    found = {f"d{one}": target for one, target in targets.items()}
    pair.backward(dy, saved, *given, **tensors, **found, **options)
    return targets


def gradients(name: str, arrays: Arrays, dy: Array, **options: Any) -> dict[str, Array]:
    """Return the gradients of Σ dy y for all arrays of numbers."""
    y, saved = forward(name, arrays, dy.shape, **options)
    return backward(name, arrays, dy, y, saved, differentiated(name, arrays), **options)


def differentiated(name: str, arrays: Arrays) -> tuple[str, ...]:
    """Return the names of the arrays that have a gradient."""
    pair = PAIRS[name]
    present = ((one, arrays[one]) for one in (*pair.operands, *pair.tensors))
    return tuple(one for one, value in present if value is not None and value.dtype.kind == "f")


def assert_derivatives(name: str, arrays: Arrays, expected: Array, seed: int = 0, **options: Any) -> None:
    """Assert that a pair of kernels, in float64, gives what its twin gives, and the gradients of that.

    They are the central differences of Σ dy y; each is the same to the bit when it is wanted alone, in another run;
    nothing that is read is changed; and float32 gives the same in its precision, as float32.
    """
    kept = {one: None if value is None else value.copy() for one, value in arrays.items()}
    y, saved = forward(name, arrays, expected.shape, **options)
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-12)
    dy = np.random.default_rng(seed).normal(0, 1, y.shape)
    given, wanted = dy.copy(), differentiated(name, arrays)
    found = backward(name, arrays, dy, y, saved, wanted, **options)
    for one, difference in _central_differences(name, arrays, dy, **options):
        np.testing.assert_allclose(found[one], difference, rtol=1e-6, atol=1e-7, err_msg=one)
    for one in wanted:
        alone = backward(name, arrays, dy, y, saved, (one,), **options)
        assert np.array_equal(alone[one], found[one]), one
    assert np.array_equal(dy, given)
    for one, value in arrays.items():
        copy = kept[one]
        assert value is None or (copy is not None and np.array_equal(value, copy)), one
    short = {
        one: value.astype(np.float32) if value is not None and value.dtype.kind == "f" else value
        for one, value in arrays.items()
    }
    z, saved = forward(name, short, expected.shape, **options)
    _assert_about(z, expected)
    for one, gradient in backward(name, short, dy.astype(np.float32), z, saved, wanted, **options).items():
        _assert_about(gradient, found[one])


def _assert_about(x: Array, expected: Array) -> None:
    """Assert that a float32 array is another, beside the largest of that."""
    assert x.dtype == np.float32
    np.testing.assert_allclose(x, expected, rtol=1e-4, atol=2e-5 * max(1.0, np.abs(expected).max(initial=0.0)))


def _central_differences(name: str, arrays: Arrays, dy: Array, **options: Any) -> Iterator[tuple[str, Array]]:
    """Yield the name of each array that is differentiated, and the differences of Σ dy y over each of its elements."""
    step = 1e-5
    for one in differentiated(name, arrays):
        value = arrays[one]
        assert value is not None
        difference = np.empty(value.shape)
        for place in np.ndindex(*value.shape):
            sums = []
            for sign in (1, -1):
                moved = value.copy()
                moved[place] += sign * step
                y, _ = forward(name, {**arrays, one: moved}, dy.shape, **options)
                sums.append(float(np.sum(dy * y)))
            difference[place] = (sums[0] - sums[1]) / (2 * step)
        yield one, difference
