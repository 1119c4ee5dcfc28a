"""The values of a spec as its text has them, exactly."""

from fractions import Fraction
from typing import Any

from netspec.network import Network
from netspec.spec import Values


def exact_values(network: Network) -> dict[str, Any]:
    """Return the tensors that a spec writes out, by their names there, as nested lists of fractions."""
    values = network.part.claims.parameters
    assert isinstance(values, Values)
    return {name: _exact(numbers) for name, numbers in values.tensors.items()}


def _exact(numbers: object) -> Any:
    if isinstance(numbers, list):
        return [_exact(each) for each in numbers]
    assert isinstance(numbers, int | float | str)
    return Fraction(numbers)
