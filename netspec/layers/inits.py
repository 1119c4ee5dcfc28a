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


def default_init(activation: str | None) -> str:
    """Return the initialisation of the weights that lead into an activation, named by its keyword; None: no activation.

    `he_normal` for relu, which lets through one side and so half of the signal's variance (He et al. 2015), and
    `glorot_normal` otherwise (Glorot & Bengio 2010).
    """
    return "he_normal" if activation == "relu" else "glorot_normal"
