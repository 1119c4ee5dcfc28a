"""Units of hidden layers in another order: rows of Ω_k and β_k, and columns of Ω_{k+1}, exchanged together."""

import numpy as np

from netspec.equivalence.chain import Array, chain_of
from netspec.model import Model
from netspec.transforms.deepen import hidden_stages
from netspec.transforms.transformed import Transformed, remade, unchanged


def permute(model: Model, seed: int = 0) -> Transformed:
    """Return the model with the units of each hidden layer in an order drawn from the seed.

    Layers that are one by their tensors get one order. The numbers are moved and not changed; a program may add them
    up in another order. Raises SpecError `not-fully-connected`.
    """
    chain = chain_of(model)
    random = np.random.default_rng(seed)
    stages = list(chain.stages)
    orders: dict[tuple[str, str], Array] = {}
    hidden = hidden_stages(chain)
    for k in hidden:
        stage, following = stages[k], stages[k + 1]
        order = orders.setdefault(stage.names, random.permutation(stage.width))
        stages[k] = stage._replace(Omega=stage.Omega[order], beta=stage.beta[order])
        stages[k + 1] = following._replace(Omega=following.Omega[:, order])
    if not hidden:
        return unchanged(model, "nothing to permute: the network has no hidden layer")
    layers = "1 hidden layer is" if len(hidden) == 1 else f"{len(hidden)} hidden layers are"
    return remade(model, chain._replace(stages=tuple(stages)), [f"the units of {layers} in another order"])
