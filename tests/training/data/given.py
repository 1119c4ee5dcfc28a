"""Networks' ends and files of data for the tests, and what is said to them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from netspec.runtime.faults import DataFault
from netspec.runtime.ports import Port
from netspec.training.data.examples import Examples
from netspec.training.data.reading import read_examples


class Ends(NamedTuple):
    """The inputs and outputs of a network."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


def ends(inputs: tuple[int | str, ...] = (2,), outputs: tuple[int | str, ...] = (3,), dtype: str = "float32") -> Ends:
    """Return the ends of a network with one input and one output without names."""
    return Ends((Port("in", inputs, dtype),), (Port("out", outputs, "float32"),))


PAIR = Ends(
    (Port("a", (2,), "float32"), Port("b", (), "int64")),
    (Port("u", (1,), "float32"), Port("v", (3,), "float32")),
)


def taken(examples: Examples) -> list[Any]:
    """Return all inputs and then all targets, as lists."""
    inputs, targets = examples.take(np.arange(len(examples)))
    for array in (*inputs, *targets):
        assert array.flags.c_contiguous
        assert array.dtype in (np.float32, np.int64)
    return [array.tolist() for array in (*inputs, *targets)]


def read(folder: Path, name: str, data: bytes | str, network: Ends, **options: Any) -> Examples:
    """Return the examples in a file of these bytes."""
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_examples([str(path)], network.inputs, network.outputs, **options)


def refusal(folder: Path, name: str, data: bytes | str, network: Ends, **options: Any) -> str:
    """Return the drawn fault that a file meets with, without its folder."""
    with pytest.raises(DataFault) as caught:
        read(folder, name, data, network, **options)
    return str(caught.value).replace(f"{folder}/", "")


def refusal_of(folder: Path, paths: Sequence[Path], network: Ends) -> str:
    """Return the drawn fault that files meet with, without their folder."""
    with pytest.raises(DataFault) as caught:
        read_examples(list(map(str, paths)), network.inputs, network.outputs)
    return str(caught.value).replace(f"{folder}/", "")
