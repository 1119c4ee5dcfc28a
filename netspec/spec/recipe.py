"""The recipe of a training: which loss, which optimizer, and for how long. Plain data, whoever says it: a spec, the
command line or Python.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

LossKind = Literal["squared_error", "absolute_error", "huber", "cross_entropy", "binary_cross_entropy"]
OptimizerKind = Literal["sgd", "adam", "adamw", "rmsprop"]
ScheduleKind = Literal["constant", "step", "cosine", "exponential"]
Metric = Literal["accuracy", "error", "top_5", "mae", "rmse", "r2"]
Standardised = Literal["inputs", "targets"]

LEARNING_RATES: Final[dict[OptimizerKind, float]] = {"sgd": 0.01, "adam": 0.001, "adamw": 0.001, "rmsprop": 0.01}
"""The learning rate of each optimizer unless one is given."""


class Loss(NamedTuple):
    """What is made small: the mean over the examples, and over the elements of an output, of its `kind`.

    With y the output and t the target: (y - t)²; |y - t|; Huber's with the bend `delta`; -Σ t log softmax(y), where t
    is a class or a row of probabilities, moved by `smoothing` towards the uniform one; and
    -t log σ(y) - (1 - t) log(1 - σ(y)). `weight` is the factor of an output's loss in the sum of several.
    """

    kind: LossKind
    delta: float = 1.0
    smoothing: float = 0.0
    weight: float = 1.0


def class_axis(shape: Sequence[object]) -> int:
    """Return the axis of an output, without the batch axis, that has a number for each class: the last of a sequence
    (T, C), and else the first, that of channels.
    """
    return 1 if len(shape) == 2 else 0


class Optimizer(NamedTuple):
    """How parameters follow the gradient, in the words of torch.optim.

    sgd: `momentum`, `nesterov`; adam and adamw: `beta_1`, `beta_2`, `epsilon`; rmsprop: `beta_2` (its α), `epsilon`,
    `momentum`, `centered`.
    """

    kind: OptimizerKind = "adam"
    momentum: float = 0.0
    nesterov: bool = False
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    centered: bool = False


OPTIMIZERS: Final[dict[OptimizerKind, Optimizer]] = {
    "sgd": Optimizer("sgd"),
    "adam": Optimizer("adam"),
    "adamw": Optimizer("adamw"),
    "rmsprop": Optimizer("rmsprop", beta_2=0.99),
}
"""Each optimizer with the arguments that it has unless others are given, those of torch.optim."""


class Schedule(NamedTuple):
    """The factor of the learning rate in epoch e = 0, 1, …, which for `cosine` and the warm-up moves with every step.

    step: factor^⌊e / every⌋; exponential: factor^e; cosine: from 1 to `minimum` by half a cosine over all epochs after
    the warm-up. For the first `warm_up` epochs it climbs linearly to where the schedule begins.
    """

    kind: ScheduleKind = "constant"
    every: int = 1
    factor: float = 1.0
    minimum: float = 0.0
    warm_up: float = 0.0


class Clip(NamedTuple):
    """A bound on the gradient: on the Euclidean norm of the whole, or on the size of each element."""

    kind: Literal["norm", "value"]
    limit: float


class EarlyStopping(NamedTuple):
    """Training ends when `metric` of the validation part has not got better by `at_least` for `patience` epochs."""

    patience: int
    metric: Literal["loss"] | Metric = "loss"
    at_least: float = 0.0


class Recipe(NamedTuple):
    """How a network is trained.

    `loss` is one for every output, one for each by name, or None for what suits the targets; `batch` None is all rows
    at once; `validation` is the share of the rows that are held back; `class_weights` are by class, or `balanced`, the
    inverse of how often each occurs; `recompute` spares memory by computing what lies between blocks twice;
    `batch_norm_momentum` is the share that a batch has in the mean and variance that batch norms keep.
    """

    loss: Loss | Mapping[str, Loss] | None = None
    optimizer: Optimizer = Optimizer()
    learning_rate: float | None = None
    schedule: Schedule = Schedule()
    batch: int | None = 32
    epochs: int = 100
    shuffle: bool = True
    seed: int = 0
    weight_decay: float = 0.0
    clip: Clip | None = None
    validation: float | None = None
    early_stopping: EarlyStopping | None = None
    standardise: tuple[Standardised, ...] = ()
    class_weights: tuple[float, ...] | Literal["balanced"] | None = None
    metrics: tuple[Metric, ...] = ()
    recompute: bool = False
    batch_norm_momentum: float = 0.1

    @property
    def rate(self) -> float:
        """The learning rate, that of the optimizer unless one is given."""
        return LEARNING_RATES[self.optimizer.kind] if self.learning_rate is None else self.learning_rate
