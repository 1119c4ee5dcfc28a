"""The names of the initialisations, and which one a layer draws from where its file does not say."""

from typing import Final

INITS: Final[tuple[str, ...]] = (
    "he_normal",
    "he_uniform",
    "glorot_normal",
    "glorot_uniform",
    "lecun_normal",
    "lecun_uniform",
    "zeros",
)
"""What `parameters: {init: …}` may say. The formulas are in `netspec.model.drawing`; a name is never taken back."""

_RECTIFIERS: Final = frozenset(
    {"relu", "leaky_relu", "relu6", "elu", "celu", "silu", "mish", "gelu_tanh", "hard_swish"}
)


def default_init(activation: str | None) -> str:
    """Return the initialisation of the weights that lead into an activation, named by its keyword; None: no activation.

    `he_normal` for relu and its like, which let through one side and so about half of the signal's variance (He et al.
    2015), and `glorot_normal` otherwise.
    """
    return "he_normal" if activation in _RECTIFIERS else "glorot_normal"
