"""What the recurrent layers share: their fields' words, and one or two directions over a sequence."""

from typing import Annotated, Literal

from pydantic import PlainValidator, WithJsonSchema

from netspec.layers.fields import patient, word
from netspec.layers.scope import Scope
from netspec.operations import Builder, Tensor
from netspec.operations.concat import Concat
from netspec.operations.index import Index
from netspec.operations.scan import Scan


def _give(value: object, _: Scope) -> str:
    return word(value, ("every", "last"), "which states are given")


Give = Annotated[
    Literal["every", "last"],
    PlainValidator(patient(_give)),
    WithJsonSchema({"type": "string", "enum": ["every", "last"]}),
]


def scanned(net: Builder, x: Tensor, scan: Scan, give: Give, *, bidirectional: bool) -> Tensor:
    """Return the states of a scan over x, every one or the last; behind them on the last axis those of its reverse.

    The last state of the reverse is that of position 0, where it ends: as torch gives it.
    """

    def direction(*, reverse: bool) -> Tensor:
        tag = "reverse" if reverse else None
        states = net.apply(scan._replace(reverse=reverse), x, tag=tag)
        if give == "every":
            return states
        length = net.shape(states)[0]
        last = length - 1 if isinstance(length, int) else -1
        return net.apply(Index(0, 0 if reverse else last), states)

    forward = direction(reverse=False)
    if not bidirectional:
        return forward
    return net.apply(Concat(1 if give == "every" else 0), forward, direction(reverse=True))
