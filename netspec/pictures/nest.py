"""What a layout works on: items in columns, links between them, and parts as items of the parts around them."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

_STACK_GAP: Final = 18.0  # between boxes of a column
_SWEEPS: Final = 4  # passes in which columns are sorted after their neighbours


class Link:
    """A wire within one part: from one item to another, None where it comes from outside or leads there."""

    __slots__ = ("head", "lanes", "tail", "wire")

    def __init__(self, wire: int, tail: "Item | None", head: "Item | None") -> None:
        self.wire, self.tail, self.head = wire, tail, head
        self.lanes: list[Item] = []

    def chain(self) -> list["Item"]:
        """Return the items that it touches, the lanes on its way among them."""
        return [item for item in (self.tail, *self.lanes, self.head) if item is not None]


class Item:
    """What takes room in a column: a box, a part, or a lane; `enter` and `leave` are heights by wire, from its top."""

    __slots__ = ("column", "enter", "height", "inner", "key", "leave", "rank", "tall", "width", "x", "y")

    def __init__(self, key: str, width: float, height: float) -> None:
        self.key, self.width, self.height = key, width, height
        self.inner: Level | None = None
        self.enter: dict[int, float] = {}
        self.leave: dict[int, float] = {}
        self.tall = False
        self.column, self.rank, self.x, self.y = 0, 0.0, 0.0, 0.0

    @property
    def axis(self) -> float:
        """The height that a row's line goes through: the middle of where wires enter, or leave."""
        heights = (self.enter or self.leave).values()
        return sum(heights) / len(heights) if heights else self.height / 2


class Level:
    """One part, or the whole: its items, its links and, once arranged, its rows and its size."""

    __slots__ = ("columns", "depth", "height", "items", "links", "parts", "rows", "width")

    def __init__(self, parts: tuple[str, ...]) -> None:
        self.parts = parts
        self.depth = len(parts)
        self.items: dict[str, Item] = {}
        self.links: list[Link] = []
        self.columns: list[list[Item]] = []
        self.rows: list[Row] = []
        self.width = self.height = 0.0


class Row:
    """Columns `start` to `stop`: where each begins, how wide it is, and the height of the line through it."""

    __slots__ = ("axis", "bottom", "lefts", "start", "stop", "top", "widths")

    def __init__(self, start: int, stop: int, widths: list[float]) -> None:
        self.start, self.stop, self.widths = start, stop, widths
        self.lefts: list[float] = []
        self.axis = self.top = self.bottom = 0.0


def sort_columns(level: Level) -> None:
    """Sort each column after its neighbours' heights, to and fro, so that wires cross less.

    Source: Sugiyama, Tagawa & Toda 1981, the barycentre method.
    """
    if max(map(len, level.columns)) == 1:
        return
    before: dict[int, list[Item]] = {}
    after: dict[int, list[Item]] = {}
    for link in level.links:
        chain = link.chain()
        for one, other in pairwise(chain):
            after.setdefault(id(one), []).append(other)
            before.setdefault(id(other), []).append(one)
    _rank(level.columns)
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        neighbours = before if forth else after
        for column in level.columns if forth else reversed(level.columns):
            centres = {id(item): _mean(item, neighbours.get(id(item), ())) for item in column}
            column.sort(key=lambda item: centres[id(item)])
            _rank([column])


def _rank(columns: Iterable[list[Item]]) -> None:
    for column in columns:
        for place, item in enumerate(column):
            item.rank = (place + 0.5) / len(column)


def _mean(item: Item, neighbours: Sequence[Item]) -> float:
    return sum(other.rank for other in neighbours) / len(neighbours) if neighbours else item.rank


def stack(column: list[Item], left: float, width: float) -> tuple[float, float]:
    """Set a column's items one below the other around the line y = 0; returns how far they reach over and under it."""
    for item in column:
        item.x = left + (width - item.width) / 2
    if len(column) == 1:
        (item,) = column
        item.y = -item.axis
        return item.axis, item.height - item.axis
    height = sum(item.height for item in column) + _STACK_GAP * (len(column) - 1)
    y = -height / 2
    for item in column:
        item.y = y
        y += item.height + _STACK_GAP
    return height / 2, height / 2


def spine(level: Level, column: int, left: float, width: float, reach: float) -> tuple[float, float]:
    """Set a column's items beside one another as `stack` does; one box among lanes stands on the line y = 0.

    Its lanes keep clear of the widest of such boxes, and of labels that reach so far, so that they are straight.
    """
    items = level.columns[column]
    boxes = [item for item in items if item.key]
    if len(boxes) != 1 or len(items) == 1:
        return stack(items, left, width)
    (box,) = boxes
    for item in items:
        item.x = left + (width - item.width) / 2
    lone = [found[0] for each in level.columns if len(found := [item for item in each if item.key]) == 1]
    place = items.index(box)
    box.y = -box.axis
    over = y = max(reach, *(item.axis for item in lone))
    for item in reversed(items[:place]):
        y += _STACK_GAP + item.height
        item.y = -y
    under = z = max(reach, *(item.height - item.axis for item in lone))
    for item in items[place + 1 :]:
        item.y = z + _STACK_GAP
        z += _STACK_GAP + item.height
    return max(over, y), max(under, z)
