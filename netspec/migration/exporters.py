"""What other libraries call the tensors of a layer, and in which order of axes they store them.

Sources: torch.nn's state dictionaries; Keras's and Flax's variables, whose `kernel` has the inputs before the outputs.
A name is taken only where the operation is known, so that its meaning and its layout are: `weight` of a dense layer is
Ω, of a normalisation γ.
"""

from typing import Final, NamedTuple

from netspec.migration.steps import Sizes
from netspec.operations import Operation

_FACTORS: Final = ("weight", "scale", "gamma")
_SUMMANDS: Final = ("bias", "beta")
_TABLES: Final = ("weight", "embedding", "embeddings")

IGNORED: Final = ("num_batches_tracked",)
"""What they store besides, and no network needs to compute."""

_ROLES: Final[dict[str, dict[str, str]]] = {
    "affine": {"weight": "Omega", "kernel": "Omega", "bias": "beta"},
    "convolve": {"weight": "Omega", "kernel": "Omega", "bias": "beta"},
    "convolve_transposed": {"weight": "Omega", "bias": "beta"},
    "batch_norm": {
        **dict.fromkeys(_FACTORS, "gamma"), **dict.fromkeys(_SUMMANDS, "beta"),
        **dict.fromkeys(("running_mean", "moving_mean", "mean"), "mean"),
        **dict.fromkeys(("running_var", "moving_variance", "var"), "variance"),
    },
    **{
        norm: {**dict.fromkeys(_FACTORS, "gamma"), **dict.fromkeys(_SUMMANDS, "beta")}
        for norm in ("layer_norm", "group_norm", "rms_norm")
    },
    **{table: dict.fromkeys(_TABLES, "Omega") for table in ("embed", "positions", "learned")},
    "prelu": {"weight": "slope"},
    **{
        scan: {
            "weight_ih_l0": "Omega_input", "weight_hh_l0": "Omega_hidden",
            "bias_ih_l0": "beta_input", "bias_hh_l0": "beta_hidden",
        }
        for scan in ("rnn", "lstm", "gru")
    },
}  # fmt: skip


class Meaning(NamedTuple):
    """What a name means: the role of a tensor in its operation, and which stored axis each of its axes is."""

    role: str
    axes: Sizes = ()


def meaning(operation: Operation, name: str, rank: int) -> Meaning | None:
    """Return what the last part of a tensor's name means in an operation; None where it means nothing there."""
    role = _ROLES.get(operation.keyword, {}).get(name)
    if role is None:
        return None
    if name == "kernel" and operation.keyword == "affine" and rank == 2:
        return Meaning(role, (1, 0))
    if name == "kernel" and operation.keyword == "convolve" and rank > 2:
        return Meaning(role, (rank - 1, rank - 2, *range(rank - 2)))
    return None if name == "kernel" else Meaning(role)


def permuted(shape: Sizes, axes: Sizes) -> Sizes:
    """Return the shape with its axes in another order."""
    return tuple(shape[axis] for axis in axes) if axes else shape
