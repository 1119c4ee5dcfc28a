"""The fields of layers whose windows move over positions: numbers for each axis, and padding."""

from typing import Annotated, Literal

from pydantic import Discriminator, PlainValidator, Tag, WithJsonSchema

from netspec.layers.faults import describe, hold_back, refuse
from netspec.layers.fields import Amount, Count, integer, one_or_list, patient
from netspec.layers.scope import Scope
from netspec.operations import OperationFault, Shape
from netspec.source import REFUSED

Counts = Annotated[Annotated[Count, Tag("·one")] | Annotated[list[Count], Tag("·list")], Discriminator(one_or_list)]
"""One number for all axes of positions, or a list with one for each."""
Amounts = Annotated[Annotated[Amount, Tag("·one")] | Annotated[list[Amount], Tag("·list")], Discriminator(one_or_list)]
"""The same, of numbers that may be 0."""

Pairs = tuple[tuple[int, int], ...]
Padded = int | tuple[int | tuple[int, int], ...] | Literal["same", "valid"]


def _padding(value: object, scope: Scope) -> Padded:
    if value is REFUSED:
        hold_back()
    if value == "same":
        return "same"
    if value == "valid":
        return "valid"
    if isinstance(value, list):
        return tuple([_axis(each, scope, (i,)) for i, each in enumerate(value)])
    if isinstance(value, dict) or value is None:
        words = f"expects numbers, `same` or `valid`, got {describe(value)}"
        refuse("wrong-type", words, help="such as 1, or [1, 2], or [[0, 1], [0, 1]] for before and behind each axis")
    return _amount(value, scope, ())


def _axis(value: object, scope: Scope, at: tuple[int, ...]) -> int | tuple[int, int]:
    if isinstance(value, list):
        if len(value) != 2:
            refuse("wrong-type", f"expects the padding before and behind, got {describe(value)}", at=at)
        low, high = (_amount(each, scope, (*at, i)) for i, each in enumerate(value))
        return low, high
    return _amount(value, scope, at)


def _amount(value: object, scope: Scope, at: tuple[int, ...]) -> int:
    amount = integer(value, scope, "a padding", at)
    if not 0 <= amount < 10**9:
        refuse("out-of-range", f"is {amount}; 0 or more is needed", at=at)
    return amount


Padding = Annotated[
    Padded,
    PlainValidator(patient(_padding)),
    WithJsonSchema(
        {
            "anyOf": [{"type": ["integer", "string"]}, {"type": "array"}],
            "description": "zeros around each axis: a number, one for each axis, pairs for before and behind, or "
            "`same` (as many positions leave as come, at stride 1) or `valid` (none)",
        }
    ),
]


def _borders(value: object, scope: Scope) -> Pairs:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, list) or not value:
        words = f"expects a list with one entry for each axis, got {describe(value)}"
        refuse("wrong-type", words, help="such as [0, [1, 2]]: none on axis 0, 1 before and 2 behind on axis 1")
    found = [_axis(each, scope, (i,)) for i, each in enumerate(value)]
    return tuple([each if isinstance(each, tuple) else (each, each) for each in found])


Borders = Annotated[
    Pairs,
    PlainValidator(patient(_borders)),
    WithJsonSchema(
        {
            "type": "array",
            "items": {"type": ["integer", "string", "array"]},
            "minItems": 1,
            "description": "one entry for each axis: a number, or a pair for before and behind",
        }
    ),
]


def borders(widths: Pairs, x: Shape) -> Pairs:
    """Return the numbers before and behind each axis; raises OperationFault where x has more or fewer axes."""
    if len(widths) != len(x):
        raise OperationFault(f"`widths` lists {len(widths)} for {len(x)} {'axis' if len(x) == 1 else 'axes'}")
    return widths


def axes_of(x: Shape) -> int:
    """Return how many axes of positions stand behind the channels; raises OperationFault unless it is one to three."""
    if not 2 <= len(x) <= 4:
        more = "; a `flatten` went before it, or the axis of channels is missing" if len(x) == 1 else ""
        raise OperationFault(f"it reads (channels, positions …) with one to three axes of positions{more}")
    return len(x) - 1


def spread(value: int | list[int], axes: int, noun: str) -> tuple[int, ...]:
    """Return one number for each axis; raises OperationFault where a list has another length."""
    if not isinstance(value, list):
        return (value,) * axes
    if len(value) != axes:
        raise OperationFault(f"`{noun}` lists {len(value)} for {axes} {'axis' if axes == 1 else 'axes'} of positions")
    return tuple(value)


def padded(padding: Padded, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]) -> Pairs:
    """Return the padding before and behind each axis.

    `same` keeps the number of positions, and is for stride 1 alone, as in PyTorch; the odd one of an even window goes
    behind.
    """
    axes = len(kernel)
    if padding == "valid":
        return ((0, 0),) * axes
    if padding == "same":
        if any(s != 1 for s in stride):
            raise OperationFault("`padding: same` is for a stride of 1: with another, write how much")
        totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        return tuple([(total // 2, total - total // 2) for total in totals])
    if isinstance(padding, int):
        return ((padding, padding),) * axes
    if len(padding) != axes:
        raise OperationFault(
            f"`padding` lists {len(padding)} for {axes} {'axis' if axes == 1 else 'axes'} of positions"
        )
    return tuple([each if isinstance(each, tuple) else (each, each) for each in padding])
