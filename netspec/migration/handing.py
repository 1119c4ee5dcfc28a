"""Which activations give back what they read, for the values that another one gives: a[v] = v."""

from typing import Final

from netspec.operations import Elementwise, Operation

NEVER_NEGATIVE: Final = frozenset({"relu", "relu6", "sigmoid", "hard_sigmoid", "softplus", "heaviside"})
"""Activations whose values are 0 or more, whatever their arguments."""

_ABOVE_ZERO: Final = frozenset({"relu", "leaky_relu", "elu"})
"""Activations that give back every value that is 0 or more, whatever their arguments."""

_ONCE: Final = frozenset({"relu", "relu6", "hard_tanh", "heaviside"})
"""Activations that give back every value of their own."""


def hands_on(operation: Operation, behind: Elementwise | None) -> bool:
    """Whether an operation gives back each value that the activation `behind` gives, to the bit; None is any value."""
    if operation.keyword == "prelu":
        return behind is not None and behind.name in NEVER_NEGATIVE
    if not isinstance(operation, Elementwise):
        return False
    if operation.linearity == "affine":
        return True
    if behind is None:
        return False
    if operation == behind and operation.name in _ONCE:
        return True
    return operation.name in _ABOVE_ZERO and behind.name in NEVER_NEGATIVE
