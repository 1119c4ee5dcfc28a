"""The effective dimension of a network at given parameters: the rank of the Jacobian of outputs by parameters.

Its rows are the outputs at many inputs, its columns the parameters: in how many directions of parameter space the
function changes. On one region the derivatives by the parameters are affine in x, so D_i + 1 generic inputs in each
region suffice. Inputs are drawn at many scales, and D_i + 1 of each pattern of pieces that is met go first. Rows and
columns are brought to length 1, which changes no rank, and singular values below TOLERANCE times the largest count as
zero.

The rank is numerical, of float64, and *found* at these parameters. Up to rounding it is a lower bound of the largest
rank over all parameters, for which `symmetry` has an upper bound. It may be less: a unit that is never active, or a
region that no input met, leaves its parameters out.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from netspec.graph import Facts
from netspec.graph.walk import is_plain, visits
from netspec.operations import Affine, Elementwise, Graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TOLERANCE: Final = 1e-9
"""Singular values below so much of the largest count as zero, once rows and columns have length 1."""

MOST_PARAMETERS: Final = 2_000
"""Parameters of a network whose rank is worked out: a block of rows then takes a second or two."""

_SAMPLES: Final = 1 << 15  # inputs whose patterns are looked at
_SCALES: Final = (-3.0, 3.0)  # powers of ten of the inputs drawn
_MOST_ROWS: Final = 24  # of the Jacobian, for each parameter
_PIECES: Final = 1 << 24  # numbers of hidden units held at a time
_STILL: Final = 3  # blocks of rows that add nothing before the rank counts as found


class Rank(NamedTuple):
    """What was found: `rank` of `parameters` columns, from `rows` rows.

    kept and dropped are the smallest singular value counted and the largest not counted, as parts of the largest; 0.0
    where there is none. The wider the gap between them, the surer the rank.
    """

    rank: int
    parameters: int
    rows: int
    kept: float
    dropped: float
    tolerance: float = TOLERANCE


class _Layer(NamedTuple):
    """z = β + Ω h, and the activation; where the tensors stand among the columns, None for a bias there is not."""

    weight: "Floats"
    bias: "Floats | None"
    weight_at: int
    bias_at: int | None
    activation: Elementwise | None


def reason_against(graph: Graph, facts: Facts) -> str:
    """Return why no rank is worked out for a network, or nothing where one is."""
    if not is_plain(graph):
        return "it is not fully connected"
    if facts.parameters > MOST_PARAMETERS:
        return f"it has {facts.parameters:,} parameters, and {MOST_PARAMETERS:,} are the most"
    smooth = next((visit.operation for visit in visits(graph) if _smooth(visit.operation)), None)
    if smooth is not None:
        return f"`{smooth.keyword}` is not piecewise linear"
    return ""


def _smooth(operation: object) -> bool:
    return isinstance(operation, Elementwise) and operation.name not in _SLOPES and operation.linearity != "affine"


def drawn_parameters(graph: Graph, seed: int) -> "dict[str, Floats]":
    """Return generic parameters: all of them normal, β too, with variance 2 / D_k for Ω and 1 for β.

    What a network draws for training has β = 0, where all joints of one input coincide.
    """
    generator = np.random.default_rng(seed)
    found: dict[str, Floats] = {}
    for visit in visits(graph):
        for name, parameter in visit.tensors:
            if name not in found:
                scale = np.sqrt(2 / parameter.shape[-1]) if len(parameter.shape) > 1 else 1.0
                found[name] = scale * generator.standard_normal(parameter.shape)
    return found


def found_rank(
    graph: Graph, facts: Facts, parameters: "Mapping[str, NDArray[Any]]", *, most: int | None = None, seed: int = 0
) -> Rank:
    """Return the numerical rank at the parameters, tensors by name. `most` is a proven bound, at which it is done.

    `seed` is for the inputs. Raises ValueError where `reason_against` has a reason, or a value is not finite.
    """
    against = reason_against(graph, facts)
    if against:
        raise ValueError(f"no rank is worked out: {against}")
    layers, columns = _layers(graph, parameters)
    inputs = layers[0].weight.shape[1] if layers else 0
    if columns == 0:
        return Rank(0, 0, 0, 0.0, 0.0)
    x = _inputs(layers, inputs, seed)
    triangle = np.zeros((0, columns))
    found, still, rows = Rank(0, columns, 0, 0.0, 0.0), 0, 0
    size = max(1, max(columns, 256) // layers[-1].weight.shape[0])
    for start in range(0, len(x), size):
        with np.errstate(all="ignore"):
            block = _jacobian(layers, columns, x[start : start + size])
        block = block[np.isfinite(block).all(axis=1)]
        largest = np.abs(block).max(axis=1, initial=0.0, keepdims=True)  # whose square may be beyond float64, or 0
        block = block[largest[:, 0] > 0] / largest[largest > 0][:, None]
        block /= np.linalg.norm(block, axis=1, keepdims=True)
        rows += len(block)
        triangle = np.asarray(np.linalg.qr(np.concatenate([triangle, block]), mode="r"))
        before, found = found.rank, _rank(triangle, columns, rows)
        still = still + 1 if found.rank == before else 0
        if found.rank == most or still == _STILL or rows >= _MOST_ROWS * columns:
            break
    return found


def _rank(triangle: "Floats", columns: int, rows: int) -> Rank:
    lengths = np.linalg.norm(triangle, axis=0)
    scaled = triangle[:, lengths > 0] / lengths[lengths > 0]
    if not scaled.size:
        return Rank(0, columns, rows, 0.0, 0.0)
    values = np.linalg.svd(scaled, compute_uv=False)
    relative = values / values[0]
    rank = int((relative > TOLERANCE).sum())
    return Rank(rank, columns, rows, float(relative[rank - 1]), float(relative[rank]) if rank < len(relative) else 0.0)


def _layers(graph: Graph, parameters: "Mapping[str, NDArray[Any]]") -> tuple[list[_Layer], int]:
    """Return the layers, equal tensors at equal columns, and how many columns there are."""
    places: dict[str, int] = {}
    columns = 0
    found: list[_Layer] = []
    for visit in visits(graph):
        operation = visit.operation
        if isinstance(operation, Affine):
            held: dict[str, tuple[Floats, int]] = {}
            for name, parameter in visit.tensors:
                value = np.asarray(parameters[name], dtype=np.float64)
                if not np.isfinite(value).all():
                    raise ValueError(f"{name} has a value that is not finite")
                if name not in places:
                    places[name] = columns
                    columns += value.size
                held[parameter.role] = (value, places[name])
            weight, weight_at = held["Omega"]
            bias, bias_at = held.get("beta", (None, None))
            found.append(_Layer(weight, bias, weight_at, bias_at, None))
        elif isinstance(operation, Elementwise) and operation.linearity != "affine":
            if found and found[-1].activation is None:
                found[-1] = found[-1]._replace(activation=operation)
            else:
                width = graph.shapes[0][-1] if not found else found[-1].weight.shape[0]
                found.append(_Layer(np.eye(int(width)), None, -1, None, operation))  # type: ignore[arg-type]  # no free sizes
    return found, columns


def _inputs(layers: Sequence[_Layer], inputs: int, seed: int) -> "Floats":
    """Return inputs in the regions that are met, in an order that takes one of each first: (rows, D_i)."""
    generator = np.random.default_rng(seed)
    scales = 10 ** generator.uniform(*_SCALES, (_SAMPLES, 1))
    x = scales * generator.standard_normal((_SAMPLES, inputs)) + generator.choice([0.0, 0.5], (_SAMPLES, 1))
    units = sum(len(layer.weight) for layer in layers)
    held = max(1, _PIECES // max(units, 1))
    keys: list[bytes] = []
    for start in range(0, _SAMPLES, held):
        with np.errstate(all="ignore"):
            patterns = [piece for _, _, piece in _forward(layers, x[start : start + held])]
        joined = np.packbits(np.concatenate(patterns, axis=1), axis=1) if patterns else np.zeros((held, 1), np.uint8)
        keys += [row.tobytes() for row in joined]
    met: dict[bytes, int] = {}
    turns: list[tuple[int, int]] = []
    for index, key in enumerate(keys):
        turn = met[key] = met.get(key, -1) + 1
        turns.append((turn // (inputs + 1), index))
    turns.sort()
    return np.asarray(x[[index for _, index in turns]])


def _forward(layers: Sequence[_Layer], x: "Floats") -> Iterator[tuple["Floats", "Floats", "NDArray[np.bool_]"]]:
    """Yield for each layer what it reads, the slopes of its activation, and which units are on which piece, as bits."""
    for weight, bias, _, _, activation in layers:
        z = x @ weight.T
        if bias is not None:
            z = z + bias
        value, slope = _activated(activation, z)
        yield (
            x,
            slope,
            np.concatenate([z > joint for joint in _joints(activation)], axis=1) if activation else z > np.inf,
        )
        x = value


def _jacobian(layers: Sequence[_Layer], columns: int, x: "Floats") -> "Floats":
    """Return the derivatives (inputs × D_o, parameters), output by output: reverse mode over the layers."""
    passed = [(read, slope) for read, slope, _ in _forward(layers, x)]
    outputs = layers[-1].weight.shape[0]
    found = np.zeros((outputs, len(x), columns))
    for output in range(outputs):
        back = np.zeros((len(x), outputs))
        back[:, output] = 1.0
        for layer, (read, slope) in zip(reversed(layers), reversed(passed), strict=True):
            delta = back * slope
            if layer.weight_at >= 0:
                size = layer.weight.size
                product = (delta[:, :, None] * read[:, None, :]).reshape(len(x), size)
                found[output, :, layer.weight_at : layer.weight_at + size] += product
            if layer.bias_at is not None:
                found[output, :, layer.bias_at : layer.bias_at + len(layer.weight)] += delta
            back = delta @ layer.weight
    return found.reshape(-1, columns)


def _activated(activation: Elementwise | None, z: "Floats") -> tuple["Floats", "Floats"]:
    """Return the activation and its slope, piece by piece."""
    if activation is None:
        return z, np.ones_like(z)
    joints, slopes, shifts = _pieces(activation)
    piece = sum(((z > joint).astype(np.intp) for joint in joints), np.zeros(z.shape, np.intp))
    slope = np.asarray(slopes)[piece]
    return slope * z + np.asarray(shifts)[piece], slope


def _joints(activation: Elementwise) -> tuple[float, ...]:
    return _pieces(activation)[0]


def _pieces(activation: Elementwise) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """Return the joints of a piecewise linear function, and slope and constant of each piece."""
    found: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]] = _SLOPES[activation.name](
        *activation.arguments
    )
    return found


_SLOPES: Final[dict[str, Any]] = {
    "relu": lambda: ((0.0,), (0.0, 1.0), (0.0, 0.0)),
    "leaky_relu": lambda slope: ((0.0,), (slope, 1.0), (0.0, 0.0)),
    "relu6": lambda: ((0.0, 6.0), (0.0, 1.0, 0.0), (0.0, 0.0, 6.0)),
    "hard_tanh": lambda low, high: ((low, high), (0.0, 1.0, 0.0), (low, 0.0, high)),
    "hard_sigmoid": lambda: ((-3.0, 3.0), (0.0, 1 / 6, 0.0), (0.0, 0.5, 1.0)),
    "soft_shrink": lambda bound: ((-bound, bound), (1.0, 0.0, 1.0), (bound, 0.0, -bound)),
    "hard_shrink": lambda bound: ((-bound, bound), (1.0, 0.0, 1.0), (0.0, 0.0, 0.0)),
    "heaviside": lambda: ((0.0,), (0.0, 0.0), (0.0, 1.0)),
}
