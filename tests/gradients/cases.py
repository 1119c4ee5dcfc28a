"""Cases of gradients that PyTorch's are compared with: networks, losses and numbers by formula, the same everywhere.

`tests/torch/training_references.py` computes them in PyTorch, and stores what `test_references.py` reads.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import netspec
from netspec.gradients.program import GradientProgram
from netspec.graph.walk import tensors
from netspec.operations import Graph
from netspec.operations.functions import FUNCTIONS
from netspec.spec.recipe import Loss, LossKind, Optimizer, Recipe
from netspec.training.optimizers import descent
from tests.compiler.test_layers import graph_of
from tests.gradients.test_program import HEADS, RESIDUAL, SHARED, TIED
from tests.layers.rows import ROWS

Array = NDArray[Any]

SPECS: Final = Path(__file__).parents[2] / "specs"
BATCH: Final = 5
KEPT: Final = 12
"""The elements of a large array that are stored one by one, beside two sums over all of them."""


def numbers(seed: int, *shape: int, low: float = -1.0, high: float = 1.0) -> NDArray[np.float64]:
    """Return numbers between two others, element i of them a function of seed and i alone: splitmix64."""
    count = prod(shape)
    z = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed) * np.uint64(2**40)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        z = (z ^ (z >> np.uint64(shift))) * np.uint64(factor)
    z = z ^ (z >> np.uint64(31))
    return (low + (high - low) * (z >> np.uint64(11)).astype(np.float64) * 2.0**-53).reshape(shape)


@dataclass(frozen=True)
class Case:
    """A network with a loss for each output, and all numbers that enter: `targets` by the names of the outputs.

    It `trains` where batch norms normalise by the batch. `probabilities` are outputs that end with a softmax or a
    sigmoid, which the loss takes in.
    """

    name: str
    graph: Graph
    losses: Mapping[str, Loss]
    parameters: dict[str, Array]
    inputs: list[Array]
    targets: dict[str, Array]
    weights: Array | None = None
    class_weights: Mapping[str, Array] = field(default_factory=dict)
    trains: bool = False
    recompute: bool = False
    probabilities: tuple[str, ...] = ()

    def program(self) -> GradientProgram:
        """Return our program in float64."""
        return GradientProgram(
            self.graph,
            "reference",
            "float64",
            self.losses,
            self.parameters,
            class_weights=self.class_weights,
            recompute=self.recompute,
            input_gradients=not self.trains,
        )

    def found(self) -> tuple[float, dict[str, Array]]:
        """Return our loss, and what we compute: gradients by the names of parameters and inputs, or where it trains
        those of the parameters and what batch norms keep.
        """
        program = self.program()
        targets = list(self.targets.values())
        if self.trains:
            loss = program.step(self.inputs, targets, self.weights, (0, 0))
            more = program.state
        else:
            loss, seen = program.derive(self.inputs, targets, self.weights)
            names = zip(self.graph.input_names or ("x",), self.inputs, strict=True)
            floats = {name: x for name, x in names if x.dtype.kind == "f"}
            more = {f"input {name}": seen.get(name, np.zeros_like(x)) for name, x in floats.items()}
        gradients = {name: array.copy() for name, array in program.views(program.gradient).items()}
        return loss, gradients | {name: array.copy() for name, array in more.items()}


def cases() -> Iterator[Case]:
    """Yield every case."""
    yield from _rows()
    yield from _activations()
    yield from _losses()
    yield from _networks()


def _rows() -> Iterator[Case]:
    """Yield every row of the table of layers, with the squared error of each of its outputs."""
    for row in ROWS:
        graph = graph_of(row, free=False)
        losses = {name: Loss("squared_error", weight=1.0 + index) for index, name in enumerate(_outputs(graph))}
        modes = (False, True) if row.keyword == "batch_norm" else (False,)
        for trains in modes:
            yield _case(f"{row}{', training' if trains else ''}", graph, losses, trains=trains)


def _activations() -> Iterator[Case]:
    """Yield every activation with arguments of its own, between two affine maps."""
    for name, function in FUNCTIONS.items():
        given = {each.name: _ARGUMENTS.get((name, each.name), 0.7) for each in function.arguments}
        activation = (
            f"{{{name}: {{{', '.join(f'{key}: {value}' for key, value in given.items())}}}}}" if given else name
        )
        graph = _graph(_ACTIVATED.format(activation=activation))
        yield _case(f"activation {name}", graph, {"out": Loss("squared_error")})


_ACTIVATED: Final = """netspec: 1
input: 6
layers:
  - dense: {{width: 9, activation: {activation}}}
  - dense: 3
output: 3
"""
_ARGUMENTS: Final = {("leaky_relu", "slope"): 0.2, ("hard_tanh", "low"): -0.6, ("celu", "alpha"): 0.5}

_FLAT: Final = "netspec: 1\ninput: 6\nwidths: [7]\noutput: {classes}\nactivation: tanh\n"
_IMAGES: Final = """netspec: 1
input: [2, 4, 5]
layers:
  - conv: {{channels: {classes}, kernel: 2, activation: tanh}}
  - conv: {{channels: {classes}, kernel: 2}}
output: [{classes}, 2, 3]
"""
_WORDS: Final = "netspec: 1\ninput: [4, 3]\nlayers:\n  - dense: {classes}\noutput: [4, {classes}]\n"


def _losses() -> Iterator[Case]:
    """Yield every loss with its options, on a vector, images and a sequence."""
    weights, classes = numbers(50, BATCH, low=0.5, high=2.0), 4
    own = numbers(51, classes, low=0.5, high=2.0)
    for where, text in (("vector", _FLAT), ("images", _IMAGES), ("sequence", _WORDS)):
        graph = _graph(text.format(classes=classes))
        for weighted in (None, weights):
            said = f"{where}, {'weighted' if weighted is not None else 'alike'}"
            kinds: tuple[tuple[LossKind, float], ...] = (
                ("squared_error", 1.0), ("absolute_error", 1.0), ("huber", 0.3), ("huber", 1.7),
            )  # fmt: skip
            for kind, delta in kinds:
                yield _case(f"{kind} {delta}, {said}", graph, {"out": Loss(kind, delta, weight=1.5)}, weights=weighted)
            for smoothing in (0.0, 0.2):
                for by_class in ({}, {"out": own}):
                    for soft in (False, True):
                        name = f"cross_entropy {smoothing} of {'probabilities' if soft else 'classes'}, {said}"
                        name += ", classes weighted" if by_class else ""
                        loss = Loss("cross_entropy", smoothing=smoothing)
                        yield _case(name, graph, {"out": loss}, weights=weighted, class_weights=by_class, soft=soft)
            for by_class in ({}, {"out": own[:2]}):
                name = f"binary_cross_entropy, {said}{', classes weighted' if by_class else ''}"
                yield _case(
                    name, graph, {"out": Loss("binary_cross_entropy")}, weights=weighted, class_weights=by_class
                )


_NORMED: Final = """netspec: 1
input: [2, 6, 6]
layers:
  - conv: {channels: 6, kernel: 3, padding: 1, as: one}
  - batch_norm
  - relu
  - conv: {channels: 6, kernel: 3, padding: 1, bias: false}
  - batch_norm: {as: two}
  - add: [two, one]
  - relu
  - max_pool: 2
  - flatten
  - dense: 12
  - batch_norm: {affine: false}
  - tanh
  - dense: {width: 4, as: y}
  - softmax
output: 4
"""
_BLOCK: Final = """netspec: 1
input: [6, 8]
layers:
  - repeat:
      times: 2
      layers:
        - layer_norm: {as: normed}
        - attention: {heads: 2, causal: true, as: mixed}
        - add: {from: [mixed, in], as: sum}
        - layer_norm
        - mlp: {widths: [16], output: 8, activation: gelu, as: mlp}
        - add: [mlp, sum]
  - dense: 3
output: [6, 3]
"""
_READER: Final = """netspec: 1
input: {shape: [7], dtype: int64}
layers:
  - embedding: {vocabulary: 11, width: 4}
  - lstm: {width: 5, bidirectional: true, as: one}
  - gru: {width: 3, give: last}
  - dense: {width: 1, as: z}
  - sigmoid
output: 1
"""


def _networks() -> Iterator[Case]:
    """Yield networks whose parts are shared, repeated, tied or several."""
    mse, entropy = {"out": Loss("squared_error")}, {"out": Loss("cross_entropy")}
    for recompute in (False, True):
        more = ", computed again" if recompute else ""
        yield _case(f"repeated blocks{more}", _graph(RESIDUAL), mse, recompute=recompute, trains=recompute)
        yield _case(f"shared network{more}", _graph(SHARED), mse, recompute=recompute, trains=recompute)
        yield _case(f"tied tensors{more}", _graph(TIED), mse, recompute=recompute, trains=recompute)
        normed = _graph(_NORMED)
        yield _case(f"batch norms{more}", normed, entropy, recompute=recompute, trains=True, probabilities=("out",))
        yield _case(f"transformer blocks{more}", _graph(_BLOCK), entropy, recompute=recompute, trains=recompute)
    yield _case("batch norms that are kept", _graph(_NORMED), entropy, probabilities=("out",))
    losses = {"box": Loss("huber", weight=0.5), "label": Loss("cross_entropy")}
    yield _case("several outputs", _graph(HEADS), losses, probabilities=("label",))
    bce = {"out": Loss("binary_cross_entropy")}
    yield _case("reader of words", _graph(_READER), bce, probabilities=("out",))


def _graph(text: str) -> Graph:
    return netspec.loads(text).operations


def _outputs(graph: Graph) -> tuple[str, ...]:
    return tuple(graph.output_names) or ("out",)


def _case(
    name: str,
    graph: Graph,
    losses: Mapping[str, Loss],
    *,
    weights: Array | None = None,
    class_weights: Mapping[str, Array] | None = None,
    soft: bool = False,
    trains: bool = False,
    recompute: bool = False,
    probabilities: tuple[str, ...] = (),
) -> Case:
    """Return a case with its numbers."""
    inputs = []
    for index, shape in enumerate(graph.inputs):
        x = numbers(index, BATCH, *map(int, shape), low=-2.0, high=2.0)  # type: ignore[arg-type]
        inputs.append(np.floor((x + 2.0) * 2.5).astype(np.int64) if index in graph.integers else x)
    targets = {}
    for index, (output, shape) in enumerate(zip(_outputs(graph), graph.output_shapes, strict=True)):
        sizes = tuple(map(int, shape))  # type: ignore[arg-type]
        targets[output] = target(losses[output], sizes, images=len(sizes) == 3, soft=soft, seed=20 + index)
    return Case(
        name, graph, losses, drawn(graph), inputs, targets, weights, class_weights or {}, trains, recompute,
        probabilities,
    )  # fmt: skip


def target(loss: Loss, shape: tuple[int, ...], *, images: bool, soft: bool, seed: int) -> Array:
    """Return a target for outputs of a shape, whose classes are the first axis in images, else the last."""
    t = numbers(seed, BATCH, *shape)
    if loss.kind == "cross_entropy":
        axis = 1 if images else t.ndim - 1
        shares: Array = np.abs(t) / np.abs(t).sum(axis, keepdims=True)
        return shares if soft else np.asarray(t.argmax(axis))
    return (t > 0).astype(np.float64) if loss.kind == "binary_cross_entropy" else 2.0 * t


def drawn(graph: Graph) -> dict[str, Array]:
    """Return every tensor with numbers that leave nothing at zero; variances are positive."""
    found = {}
    for index, tensor in enumerate(tensors(graph)):
        low = 0.5 if tensor.name.endswith("variance") else -0.8
        found[tensor.name] = numbers(100 + index, *tensor.shape, low=low, high=low + 1.6)
    return found


# -- whole trainings -----------------------------------------------------------------------------------------------

SIGNALS: Final = "netspec: 1\nname: signals\ninput: 40\nwidths: [100, 100]\noutput: 10\n"


@dataclass(frozen=True)
class Run:
    """A training: a network, a recipe, and how many steps of `batch` examples, which come in their own order."""

    name: str
    graph: Graph
    recipe: Recipe
    steps: int
    batch: int
    shape: tuple[int, ...]
    classes: int = 10

    def parameters(self) -> dict[str, Array]:
        """Return where the parameters begin: by He's variance, as numbers of a uniform distribution."""
        found = {}
        for index, tensor in enumerate(tensors(self.graph)):
            bound = (6.0 / prod(tensor.shape[1:])) ** 0.5 if len(tensor.shape) > 1 else 0.1
            found[tensor.name] = numbers(200 + index, *tensor.shape, low=-bound, high=bound)
        return found

    def examples(self) -> tuple[Array, Array]:
        """Return five batches of examples: a pattern for each class, moved by noise."""
        rows = 5 * self.batch
        labels = np.floor(numbers(300, rows, low=0.0, high=self.classes)).astype(np.int64)
        patterns = numbers(301, self.classes, *self.shape)
        return patterns[labels] + 0.7 * numbers(302, rows, *self.shape), labels


def runs() -> Iterator[Run]:
    """Yield the trainings that are followed."""
    signals = _graph(SIGNALS)
    sgd = Recipe(Loss("cross_entropy"), Optimizer("sgd", momentum=0.9), learning_rate=0.05)
    adam = Recipe(Loss("cross_entropy"), Optimizer("adam"), learning_rate=0.003)
    yield Run("signals, SGD with momentum", signals, sgd, 100, 100, (40,))
    yield Run("signals, Adam", signals, adam, 100, 100, (40,))
    lenet = netspec.load(SPECS / "vision" / "lenet_5.yaml").operations
    yield Run("LeNet-5, SGD with momentum", lenet, sgd, 20, 20, (1, 28, 28))
    yield Run("LeNet-5, Adam", lenet, adam, 20, 20, (1, 28, 28))


def trained(run: Run) -> tuple[list[float], dict[str, Array]]:
    """Return our losses of all steps of a training, and the parameters behind them."""
    x, labels = run.examples()
    loss = run.recipe.loss
    assert isinstance(loss, Loss)
    program = GradientProgram(run.graph, "reference", "float64", {"out": loss}, run.parameters())
    walk = descent(run.recipe, program.parameters, program.gradient)
    losses = []
    for step in range(run.steps):
        rows = slice(step % 5 * run.batch, (step % 5 + 1) * run.batch)
        losses.append(program.step([x[rows]], [labels[rows]], None, (0, step)))
        walk.step(run.recipe.rate)
    return losses, program.tensors()


# -- what is stored ------------------------------------------------------------------------------------------------


def digest(array: Array) -> list[float]:
    """Return a small array element by element; of a large one some elements and two sums over all of them."""
    flat = np.asarray(array, np.float64).reshape(-1)
    if flat.size <= 2 * KEPT:
        return [float(value) for value in flat]
    places = np.linspace(0, flat.size - 1, KEPT).round().astype(np.int64)
    sums = [flat @ numbers(seed, flat.size) for seed in (400, 401)]
    return [float(value) for value in (*flat[places], *sums)]
