"""Optimizers: how the parameters follow the gradient, by the formulas of torch.optim, nearly in its order.

Parameters, gradient and moments are flat, and are walked through in chunks that stay in cache over all operations of a
step. The gradient is scratch once a step has read it: the next one writes it anew.
"""

from abc import ABC, abstractmethod
from math import inf, sqrt
from typing import Any, Final

import numpy as np

from netspec.spec.recipe import Clip, OptimizerKind, Recipe
from netspec.training.program import Flat

Views = tuple[Flat, ...]

CHUNK: Final = 32_768
"""Elements of a chunk: in float32, 128 KB of each of at most six arrays."""

_CLIPPED: Final = 1e-6  # added to the norm that is divided by, as torch.nn.utils.clip_grad_norm_ has it


class Descent(ABC):
    """An optimizer at work on one flat array of parameters, which every step changes in place.

    `moments` are the arrays that it keeps beside, by name and as long as the parameters, zero at first; `taken` counts
    the steps. Both may be written by whoever resumes a training.
    """

    names: tuple[str, ...] = ()

    def __init__(self, recipe: Recipe, parameters: Flat, gradient: Flat) -> None:
        self.taken = 0
        self.moments: dict[str, Flat] = {name: np.zeros_like(parameters) for name in self.names}
        self._type = parameters.dtype.type
        self._decay = self._number(recipe.weight_decay) if recipe.weight_decay else None
        self._scratch = np.empty(min(CHUNK, parameters.size), parameters.dtype)
        self._chunks = _chunks(self._scratch, parameters, gradient, *self.moments.values())

    @abstractmethod
    def step(self, rate: float) -> None:
        """Move the parameters by the gradient, with the learning rate `rate`; the gradient is spoilt."""

    def _number(self, value: float) -> Any:
        """Return a number in the dtype of the parameters, as an operand that a ufunc need not convert."""
        return np.asarray(self._type(value))

    def _add_decay(self, p: Flat, g: Flat, a: Flat) -> None:
        """Add the gradient of the coupled weight decay, λ/2 Σ p², to the gradient."""
        if self._decay is not None:
            np.multiply(p, self._decay, out=a)
            np.add(g, a, out=g)


class Sgd(Descent):
    """m ← μ m + g, p ← p - η m; with Nesterov's momentum p ← p - η (g + μ m); without momentum p ← p - η g.

    Source: torch.optim.SGD, dampening 0; Sutskever et al. 2013 for Nesterov's.
    """

    def __init__(self, recipe: Recipe, parameters: Flat, gradient: Flat) -> None:
        chosen = recipe.optimizer
        if chosen.momentum:
            self.names = ("momentum",)
        super().__init__(recipe, parameters, gradient)
        self._momentum, self._nesterov = self._number(chosen.momentum), chosen.nesterov

    def step(self, rate: float) -> None:
        """Move the parameters by the gradient."""
        self.taken += 1
        eta, mu = self._number(rate), self._momentum
        for a, p, g, *moments in self._chunks:
            self._add_decay(p, g, a)
            way = g
            for m in moments:
                np.multiply(m, mu, out=m)
                np.add(m, g, out=m)
                if self._nesterov:
                    np.multiply(m, mu, out=a)
                    np.add(g, a, out=g)
                else:
                    way = m
            np.multiply(way, eta, out=g)
            np.subtract(p, g, out=p)


class Adam(Descent):
    """m ← m + (1 - β₁)(g - m), v ← β₂ v + (1 - β₂) g², p ← p - η / (1 - β₁ᵗ) m / (√v / √(1 - β₂ᵗ) + ε).

    Weight decay adds λ p to the gradient, or, `decoupled`, multiplies p by 1 - η λ before the step (AdamW).

    Source: torch.optim.Adam and AdamW; Kingma & Ba 2015, Loshchilov & Hutter 2019.
    """

    names = ("first_moment", "second_moment")

    def __init__(self, recipe: Recipe, parameters: Flat, gradient: Flat) -> None:
        super().__init__(recipe, parameters, gradient)
        chosen = recipe.optimizer
        self._betas = (chosen.beta_1, chosen.beta_2)
        self._lerp, self._beta_2 = self._number(1 - chosen.beta_1), self._number(chosen.beta_2)
        self._rest_2, self._epsilon = self._number(1 - chosen.beta_2), chosen.epsilon
        self._decoupled = recipe.weight_decay if chosen.kind == "adamw" else 0.0
        if self._decoupled:
            self._decay = None

    def step(self, rate: float) -> None:
        """Move the parameters by the gradient."""
        self.taken += 1
        beta_1, beta_2 = self._betas
        root = sqrt(1 - beta_2**self.taken)
        # m / (√v / root + ε) = root m / (√v + root ε): one division less for every element, of which there are two
        size, epsilon = self._number(rate * root / (1 - beta_1**self.taken)), self._number(root * self._epsilon)
        lerp, keep, rest = self._lerp, self._beta_2, self._rest_2
        shrink = self._number(1 - rate * self._decoupled) if self._decoupled else None
        for a, p, g, m, v in self._chunks:
            if shrink is not None:
                np.multiply(p, shrink, out=p)
            self._add_decay(p, g, a)
            np.subtract(g, m, out=a)
            np.multiply(a, lerp, out=a)
            np.add(m, a, out=m)
            np.multiply(g, rest, out=a)
            np.multiply(a, g, out=a)
            np.multiply(v, keep, out=v)
            np.add(v, a, out=v)
            np.sqrt(v, out=a)
            np.add(a, epsilon, out=a)
            np.divide(m, a, out=a)
            np.multiply(a, size, out=a)
            np.subtract(p, a, out=p)


class Rmsprop(Descent):
    """v ← α v + (1 - α) g², p ← p - η g / (√v + ε), with α the recipe's β₂.

    `centered` takes from v the square of the mean of g, kept likewise; with momentum b ← μ b + g / (√v + ε),
    p ← p - η b.

    Source: torch.optim.RMSprop; Hinton 2012, Graves 2013 for the centred one. Where rounding makes a centred variance
    negative, PyTorch gives NaN and we take 0.
    """

    def __init__(self, recipe: Recipe, parameters: Flat, gradient: Flat) -> None:
        chosen = recipe.optimizer
        self.names = ("second_moment", *["mean"] * chosen.centered, *["momentum"] * bool(chosen.momentum))
        super().__init__(recipe, parameters, gradient)
        self._alpha, self._rest = self._number(chosen.beta_2), self._number(1 - chosen.beta_2)
        self._epsilon, self._momentum = self._number(chosen.epsilon), self._number(chosen.momentum)
        self._zero, self._centered, self._moving = self._number(0.0), chosen.centered, bool(chosen.momentum)

    def step(self, rate: float) -> None:
        """Move the parameters by the gradient."""
        self.taken += 1
        eta, alpha, rest = self._number(rate), self._alpha, self._rest
        for a, p, g, v, *others in self._chunks:
            self._add_decay(p, g, a)
            np.multiply(g, rest, out=a)
            np.multiply(a, g, out=a)
            np.multiply(v, alpha, out=v)
            np.add(v, a, out=v)
            if self._centered:
                mean = others[0]
                np.subtract(g, mean, out=a)
                np.multiply(a, rest, out=a)
                np.add(mean, a, out=mean)
                np.multiply(mean, mean, out=a)
                np.subtract(v, a, out=a)
                np.maximum(a, self._zero, out=a)
                np.sqrt(a, out=a)
            else:
                np.sqrt(v, out=a)
            np.add(a, self._epsilon, out=a)
            if self._moving:
                b = others[-1]
                np.divide(g, a, out=g)
                np.multiply(b, self._momentum, out=b)
                np.add(b, g, out=b)
                np.multiply(b, eta, out=g)
            else:
                np.multiply(g, eta, out=g)
                np.divide(g, a, out=g)
            np.subtract(p, g, out=p)


_KINDS: Final[dict[OptimizerKind, type[Descent]]] = {"sgd": Sgd, "adam": Adam, "adamw": Adam, "rmsprop": Rmsprop}


def descent(recipe: Recipe, parameters: Flat, gradient: Flat) -> Descent:
    """Return the recipe's optimizer at work on `parameters`, which follow `gradient`; both flat, of one dtype."""
    return _KINDS[recipe.optimizer.kind](recipe, parameters, gradient)


class Clipping:
    """Bounds a gradient before each step, in place.

    Source: torch.nn.utils.clip_grad_norm_, g ← g min(1, limit / (‖g‖ + 1e-6)), and clip_grad_value_.
    """

    def __init__(self, clip: Clip, gradient: Flat) -> None:
        self._clip = clip
        self._upper = np.asarray(gradient.dtype.type(clip.limit))
        self._lower = -self._upper
        self._chunks = [g for (g,) in _chunks(gradient)]

    def apply(self) -> float:
        """Return the Euclidean norm of the whole gradient before it was bounded; not finite where an element is not."""
        norm = sqrt(sum(float(np.dot(g, g)) for g in self._chunks))
        if norm == inf:  # a square overflowed
            largest = max(float(np.abs(g).max()) for g in self._chunks)
            shares = (np.divide(g, largest, dtype=np.float64) for g in self._chunks)
            norm = largest * sqrt(sum(float(np.dot(share, share)) for share in shares)) if largest < inf else inf
        if self._clip.kind == "value":
            for g in self._chunks:
                np.maximum(g, self._lower, out=g)
                np.minimum(g, self._upper, out=g)
        elif not (factor := self._clip.limit / (norm + _CLIPPED)) >= 1.0:  # what is not a number stays that
            number = np.asarray(self._upper.dtype.type(factor))
            for g in self._chunks:
                np.multiply(g, number, out=g)
        return norm


def _chunks(*arrays: Flat) -> list[Views]:
    """Return views of the arrays, chunk by chunk; of the first no more than there is, so that scratch serves all."""
    size = arrays[-1].size
    found: list[Views] = []
    for start in range(0, size, CHUNK):
        length = min(CHUNK, size - start)
        found.append(tuple(_part(array, start, length, size) for array in arrays))
    return found


def _part(array: Flat, start: int, length: int, size: int) -> Flat:
    return array[start : start + length] if array.size == size else array[:length]
