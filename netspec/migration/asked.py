"""What is asked of the following of a network: both sides, how layers grow, and how new ones begin."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from netspec.graph.walk import Visit
from netspec.operations import Shape
from netspec.review.changes import Field

Widen = Literal["zero", "copy"]
Deepen = Literal["identity", "drawn"]


class Network(NamedTuple):
    """One side: its operations, the shapes that go in, and the values that come out, by name."""

    visits: Sequence[Visit]
    inputs: Mapping[str, Shape]
    outputs: Mapping[str, int]


class Asked(NamedTuple):
    """How layers grow and how new ones begin; and what the spec says otherwise of its layers, by their names."""

    widen: Widen
    deepen: Deepen
    said: Mapping[str, Sequence[Field]]
