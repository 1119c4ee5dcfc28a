"""A fixed sequence of gradients, exact in every dtype, and what is compared with PyTorch along it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from netspec.spec.recipe import Clip, Optimizer, Recipe, Schedule

SIZE: Final = 12
STEPS: Final = 100
KEPT: Final = (1, 2, 10, 100)
"""The steps after which the parameters are compared."""

RECIPES: Final[dict[str, Recipe]] = {
    "sgd": Recipe(optimizer=Optimizer("sgd")),
    "sgd, decay": Recipe(optimizer=Optimizer("sgd"), weight_decay=0.01),
    "sgd, momentum": Recipe(optimizer=Optimizer("sgd", momentum=0.9)),
    "sgd, Nesterov, decay": Recipe(optimizer=Optimizer("sgd", momentum=0.9, nesterov=True), weight_decay=0.01),
    "adam": Recipe(),
    "adam, decay": Recipe(optimizer=Optimizer("adam", beta_1=0.8, beta_2=0.99, epsilon=1e-6), weight_decay=0.02),
    "adamw": Recipe(optimizer=Optimizer("adamw"), weight_decay=0.05, learning_rate=0.01),
    "rmsprop": Recipe(optimizer=Optimizer("rmsprop", beta_2=0.99), weight_decay=0.01),
    "rmsprop, momentum": Recipe(optimizer=Optimizer("rmsprop", beta_2=0.99, momentum=0.9)),
    "rmsprop, centred": Recipe(optimizer=Optimizer("rmsprop", beta_2=0.95, centered=True)),
    "rmsprop, centred, momentum": Recipe(optimizer=Optimizer("rmsprop", beta_2=0.9, centered=True, momentum=0.5)),
}

CLIPS: Final[dict[str, Clip]] = {
    "norm": Clip("norm", 0.5),
    "norm, not reached": Clip("norm", 100.0),
    "value": Clip("value", 0.25),
}

SCHEDULES: Final[dict[str, tuple[Schedule, float, int, int]]] = {
    "constant": (Schedule(), 0.1, 3, 4),
    "constant, warm-up": (Schedule(warm_up=1.5), 0.1, 4, 5),
    "step": (Schedule("step", every=2, factor=0.5), 0.1, 3, 7),
    "step, warm-up": (Schedule("step", every=2, factor=0.5, warm_up=2), 0.1, 3, 9),
    "exponential": (Schedule("exponential", factor=0.9), 0.1, 3, 5),
    "exponential, warm-up": (Schedule("exponential", factor=0.9, warm_up=1), 0.1, 3, 5),
    "cosine": (Schedule("cosine"), 0.1, 5, 4),
    "cosine, minimum": (Schedule("cosine", minimum=0.05), 0.1, 5, 4),
    "cosine, warm-up": (Schedule("cosine", minimum=0.1, warm_up=0.8), 0.1, 5, 4),
}
"""Schedule, learning rate, steps of an epoch, epochs."""


def start(size: int) -> NDArray[np.float64]:
    """Return where the parameters begin: multiples of 1/64 between -1 and 1."""
    return (np.arange(size) * 37 % 129 - 64) / 64


def gradient(size: int, step: int) -> NDArray[np.float64]:
    """Return the gradient of a step: multiples of 1/512 between -1 and 1, which repeat after 1025 elements."""
    i = np.arange(size)
    return ((i * i * 31 + i * (77 + step) + step * step * 13 + 5) % 1025 - 512) / 512
