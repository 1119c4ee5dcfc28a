"""What is known of each operation's derivative: which lines compute its result and its gradients, and what they read.

A rule writes text. The forward lines write the result where the page says; the backward lines write, never add, the
gradient of each operand and tensor that is wanted where the page says. What they read besides is kept for them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from netspec.gradients.tape import Entry, Sizes


class Room(NamedTuple):
    """Memory of a rule's own while its lines run: numbers of the program's dtype, batch axis included."""

    name: str
    shape: Sizes


class Site(Protocol):
    """One entry, as a rule sees it when its lines are written."""

    entry: Entry
    batch: int
    dtype: str
    training: bool
    again: bool

    def x(self, index: int = 0, shape: Sizes | None = None) -> str:
        """Return the name of an operand, whole, in the shape that it is read in or another of as many elements."""

    def with_ones(self, index: int = 0) -> str:
        """Return the name of an operand with a row of ones below it, (D + 1, batch), or beside rows a column."""

    def y(self, shape: Sizes | None = None) -> str:
        """Return the name of the result."""

    def dy(self, shape: Sizes | None = None) -> str:
        """Return the name of the gradient of the result."""

    def dx(self, index: int = 0, shape: Sizes | None = None) -> str:
        """Return the name of the memory for the gradient of an operand, `None` where it is not wanted."""

    def wants(self, index: int = 0) -> bool:
        """Return whether the gradient of an operand is wanted."""

    def tensor(self, role: str) -> str:
        """Return the name of a tensor in the spec's layout, `None` where there is none."""

    def dtensor(self, role: str) -> str:
        """Return the name of the memory for the gradient of a tensor, `None` where it has none."""

    def lies_upright(self, index: int = 0) -> bool:
        """Return whether an operand has the batch axis last."""

    def derived(self) -> bool:
        """Return whether the entry has backward lines in this program."""

    def in_place(self) -> bool:
        """Return whether the result lies where the first operand does."""

    def shares(self, index: int = 0) -> bool:
        """Return whether the gradient of an operand lies where that of the result does."""

    def joint(self) -> str:
        """Return the name of [Ω β], Ω as a matrix with β as its last column, empty where they do not lie so."""

    def djoint(self) -> str:
        """Return the name of the memory for the gradient of [Ω β]; it is asked for where it is written."""

    def room(self, name: str) -> str:
        """Return the name of the rule's own memory."""

    def saved(self) -> str:
        """Return the name of what the forward lines leave to the backward lines."""

    def kernel(self, name: str) -> str:
        """Return the name of a kernel, whose text is then copied."""

    def bound(self, text: str, name: str) -> str:
        """Return the name of what `text` makes, once, before the first step."""


Lines = Callable[[Site], Iterator[str]]


def none(_: Entry) -> tuple[int, ...]:
    """Return no operands."""
    return ()


def no(_: Entry) -> bool:
    """Return False."""
    return False


def no_rooms(_entry: Entry, _batch: int) -> tuple[Room, ...]:
    """Return no memory."""
    return ()


@dataclass(frozen=True, slots=True)
class Rule:
    """How an operation is computed and derived.

    `operands` and `result` say which of them the backward lines read, of an entry; `ones` which operands are wanted
    with a row of ones; `in_place` that the result may lie where the first operand does, `back_in_place` that the
    gradient of the first operand may lie where that of the result does. `rooms` is memory of its own, `saves` whether
    the forward lines leave something that is no array of the page's.
    """

    forward: Lines
    backward: Lines
    operands: Callable[[Entry], tuple[int, ...]] = none
    result: Callable[[Entry], bool] = no
    ones: Callable[[Entry], tuple[int, ...]] = none
    in_place: Callable[[Entry], bool] = no
    back_in_place: Callable[[Entry], bool] = no
    rooms: Callable[[Entry, int], tuple[Room, ...]] = no_rooms
    saves: Callable[[Entry], bool] = no


def every(entry: Entry) -> tuple[int, ...]:
    """Return the numbers of all operands."""
    return tuple(range(len(entry.operands)))


def first(_: Entry) -> tuple[int, ...]:
    """Return the number of the first operand."""
    return (0,)


def yes(_: Entry) -> bool:
    """Return True."""
    return True


def call(kernel: str, /, *arguments: str, **named: Any) -> str:
    """Return a call's text; named arguments that are not text enter by `repr`."""
    words = [*arguments, *(f"{key}={value if isinstance(value, str) else repr(value)}" for key, value in named.items())]
    return f"{kernel}({', '.join(words)})"
