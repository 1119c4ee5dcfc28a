"""What must hold of a whole network: the author's assertions, the values of parameters, names that are used."""

from netspec.rules.effort import Effort, excess
from netspec.rules.expect import check_expectations
from netspec.rules.ignores import silence
from netspec.rules.parameters import check_values
from netspec.rules.shadowed_layers import check_shadowed_layers
from netspec.rules.unused_names import check_unused_names

__all__ = [
    "Effort",
    "check_expectations",
    "check_shadowed_layers",
    "check_unused_names",
    "check_values",
    "excess",
    "silence",
]
