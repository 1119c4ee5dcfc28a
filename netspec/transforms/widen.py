"""Hidden layers made wider: units are replicated, and their outgoing columns divided among the copies.

The shares of n copies are powers of two that add up to 1 and are as equal as such can be, such as 1/2, 1/4, 1/4 for
three: so no share is rounded, whereas the thirds of Net2Net would be. A column that would lose digits to subnormal
numbers stays whole with the first copy, and those of the others are 0.

Source: Chen, Goodfellow & Shlens 2016, "Net2Net: accelerating learning via knowledge transfer".
"""

import numpy as np

from netspec.diagnostics import SystemFault
from netspec.equivalence.chain import Array, Chain, chain_of, rounded
from netspec.model import Model, check_memory
from netspec.transforms.deepen import hidden_stages, no_layer
from netspec.transforms.transformed import Transformed, remade


def widen(
    model: Model, width: int, layer: int | None = None, seed: int = 0, *, max_memory: int | None = None
) -> Transformed:
    """Return the model with `width` units in hidden layer `layer`, or in each that has fewer.

    Which units are replicated is drawn from the seed; every unit is before one is twice. Raises SpecError
    `not-fully-connected`; SystemFault `usage` for a layer that there is not, or that is wider already, and `no-memory`.
    """
    chain = chain_of(model)
    hidden = hidden_stages(chain)
    if layer is not None and not 1 <= layer <= len(hidden):
        raise no_layer(layer, len(hidden), 1)
    chosen = hidden if layer is None else [hidden[layer - 1]]
    wide = [k for k in chosen if chain.stages[k].width < width]
    if not wide:
        if not chosen:
            raise SystemFault("usage", "--width: the network has no hidden layer", "deepen it first")
        most = max(chain.stages[k].width for k in chosen)
        raise SystemFault("usage", f"--width: {width} is not more than the {most} units there are", "name a larger one")
    sizes = [width if k in wide else stage.width for k, stage in enumerate(chain.stages)]
    numbers = sum(a * (b + 1) for a, b in zip(sizes, [chain.inputs, *sizes], strict=False))
    check_memory(48 * numbers, max_memory, f"widening {model.name}")
    random = np.random.default_rng(seed)
    notes: list[str] = []
    for k in wide:
        before = chain.stages[k].width
        chain = _widened(chain, k, width, random, model.dtype)
        notes.append(f"h_{hidden.index(k) + 1}: {before} units become {width}; copies share their outgoing column")
    return remade(model, chain, notes)


def _widened(chain: Chain, k: int, width: int, random: np.random.Generator, dtype: str) -> Chain:
    stage, following = chain.stages[k], chain.stages[k + 1]
    units = stage.width
    rounds = -(-(width - units) // units)
    copied = np.concatenate([np.arange(units), *[random.permutation(units) for _ in range(rounds)]])[:width]
    round_of = np.arange(width) // units
    columns = following.Omega[:, copied]
    divided, loses = divide(columns, shares(np.bincount(copied)[copied], round_of), dtype)
    lossy = np.zeros(units, bool)
    np.logical_or.at(lossy, copied, loses.any(0))
    whole = np.where(round_of == 0, columns, 0.0)
    stages = list(chain.stages)
    stages[k] = stage._replace(Omega=stage.Omega[copied], beta=stage.beta[copied], names=("", ""))
    stages[k + 1] = following._replace(Omega=np.where(lossy[copied], whole, divided), names=("", ""))
    return chain._replace(stages=tuple(stages))


def divide(columns: Array, share: Array, dtype: str) -> tuple[Array, Array]:
    """Return float64 numbers times their shares, in a dtype; and which of them lose digits by it."""
    divided = rounded(columns * share, dtype).astype(np.float64)
    return divided, (divided != columns * share) | (divided / share != columns)


def shares(copies: Array, number: Array) -> Array:
    """Return the share of each copy, given how many its unit has and its number among them, from 0 on.

    Of n copies with 2^m ≤ n < 2^(m+1), the first 2^(m+1) - n get 2^-m, the others half of that.
    """
    _, exponent = np.frexp(copies)
    found: Array = np.where(number < 2**exponent - copies, 0.5 ** (exponent - 1), 0.5**exponent)
    return found
