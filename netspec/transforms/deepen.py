"""One hidden layer more, the identity, behind a hidden layer of choice: the deepening of Net2Net.

Source: Chen, Goodfellow & Shlens 2016, "Net2Net: accelerating learning via knowledge transfer".
"""

from netspec.diagnostics import SystemFault
from netspec.equivalence.chain import Chain, chain_of
from netspec.model import Model
from netspec.transforms.embed import with_identities
from netspec.transforms.transformed import Transformed, check_size, remade


def deepen(model: Model, layer: int | None = None, *, max_memory: int | None = None) -> Transformed:
    """Return the model with a layer added behind hidden layer `layer`, the last unless given; 0 is behind x.

    Raises SpecError `not-fully-connected`, SystemFault `usage` for a layer that there is not, `no-memory`.
    """
    chain = chain_of(model)
    hidden = hidden_stages(chain)
    wanted = len(hidden) if layer is None else layer
    if not 0 <= wanted <= len(hidden):
        raise no_layer(wanted, len(hidden), 0)
    made, note = with_identities(chain, 0 if wanted == 0 else hidden[wanted - 1] + 1, 1)
    check_size(model, made, max_memory)
    return remade(model, made, [f"behind {f'h_{wanted}' if wanted else 'x'}: {note}"])


def hidden_stages(chain: Chain) -> list[int]:
    """Return which stages are hidden layers: all with an activation but the last."""
    return [k for k, stage in enumerate(chain.stages[:-1]) if stage.activation is not None]


def no_layer(layer: int, hidden: int, first: int) -> SystemFault:
    """Return the fault for a hidden layer that there is not."""
    there = f"hidden layers are 1 to {hidden}" if hidden else "the network has no hidden layer"
    help_ = f"{there}; 0 is x" if first == 0 else there
    return SystemFault("usage", f"--layer: there is no hidden layer {layer}", help_)
