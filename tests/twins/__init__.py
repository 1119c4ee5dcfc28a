"""The plain twin of every operation: float64, one formula, no buffers. What the compiler emits is compared with it."""

from tests.twins.network import twin

__all__ = ["twin"]
