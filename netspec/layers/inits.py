"""The closed table of initialisations, by name; how each draws stands in `netspec.model.drawing`."""

from typing import Final

INITS: Final = (
    "he_normal",
    "he_uniform",
    "glorot_normal",
    "glorot_uniform",
    "lecun_normal",
    "lecun_uniform",
    "zeros",
)

_RECTIFIERS: Final = frozenset(
    {"relu", "leaky_relu", "relu6", "elu", "celu", "silu", "mish", "gelu_tanh", "hard_swish"}
)


def default_init(activation: str | None) -> str:
    """Return what Ω is drawn by before an activation (None: an affine map alone): He's for those that pass one side."""
    return "he_normal" if activation in _RECTIFIERS else "glorot_normal"
