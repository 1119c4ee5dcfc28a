"""A network within a deeper one: layers that hand on what they read. A deep family holds every shallower one.

After an activation that is never negative, such as a ReLU, the layer h = ReLU[I v + 0] gives back the v that it reads,
to the bit; after a hard tanh, one of the same hard tanh does. Any other signal v is carried by its two halves, ReLU[v]
and ReLU[-v], which take two units for each of its own:

    h = ReLU[[I; -I] v],  z = β + [Ω, -Ω] h  = β + Ω v

Source: Chen, Goodfellow & Shlens 2016, "Net2Net", for the layer that is the identity.
"""

import numpy as np

from netspec.diagnostics import SystemFault
from netspec.equivalence.chain import Chain, Stage, chain_of
from netspec.equivalence.intervals import Bounds, image
from netspec.limits import TENSORS
from netspec.model import Model
from netspec.operations import Elementwise
from netspec.transforms.transformed import Transformed, check_size, remade, unchanged

_RELU = Elementwise("relu")


def embed(model: Model, depth: int, *, max_memory: int | None = None) -> Transformed:
    """Return the model with `depth` hidden layers, those that are added before the last map.

    Raises SpecError `not-fully-connected`; SystemFault `usage` where the model is deeper already, or the depth is
    beyond the tensors that a model may have, and `no-memory`.
    """
    chain = chain_of(model)
    hidden = sum(stage.activation is not None for stage in chain.stages[:-1])
    if depth < hidden:
        layers = f"{hidden} hidden layers" if hidden != 1 else "1 hidden layer"
        headline = f"--depth: the network has {layers} already, and {depth} are fewer"
        raise SystemFault("usage", headline, f"`--depth {hidden}` or more")
    if 2 * (depth + 2) > TENSORS.value:
        headline = f"--depth: {depth:,} layers have more tensors than a model may have"
        raise SystemFault("usage", headline, f"at most {TENSORS.value // 2 - 2:,}")
    added = depth - hidden
    if not added:
        return unchanged(model, f"nothing to add: the network has {hidden} hidden layers")
    made, note = with_identities(chain, len(chain.stages) - 1, added)
    check_size(model, made, max_memory)
    return remade(model, made, [note])


def with_identities(chain: Chain, before: int, count: int) -> tuple[Chain, str]:
    """Return the chain with `count` hidden layers more in front of the stage `before`, and what they are."""
    stages = list(chain.stages)
    width = chain.widths[before]
    behind = stages[before - 1].activation if before else None
    layers = "layer" if count == 1 else "layers"
    handing = _handing(behind)
    if handing is not None:
        stages[before:before] = [_identity(width, handing)] * count
        note = f"{count} {layers} of {width} units added with Ω = I, β = 0, which hand on {behind} to the bit"
        return chain._replace(stages=tuple(stages)), note
    eye = np.eye(width)
    halves = Stage(np.concatenate([eye, 0.0 - eye]), np.zeros(2 * width), _RELU)
    following = stages[before]
    stages[before] = following._replace(
        Omega=np.concatenate([following.Omega, 0.0 - following.Omega], axis=1), names=("", "")
    )
    stages[before:before] = [halves, *[_identity(2 * width, _RELU)] * (count - 1)]
    note = f"{count} {layers} of {2 * width} units added, which carry a signal of both signs as its two halves"
    return chain._replace(stages=tuple(stages)), note


def _handing(behind: Elementwise | None) -> Elementwise | None:
    """Return the activation that gives back whatever one gave: a[v] = v for every value v of it; None for none."""
    if behind is None:
        return None
    if behind.name == "hard_tanh":
        return behind
    nothing = np.zeros(1)
    values = image(behind, Bounds(nothing, nothing, np.ones(1, bool), np.ones(1, bool)))
    return _RELU if not values.open_low[0] and values.low[0] >= 0 else None


def _identity(width: int, activation: Elementwise) -> Stage:
    return Stage(np.eye(width), np.zeros(width), activation)
