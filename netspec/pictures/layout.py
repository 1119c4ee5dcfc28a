"""Where everything stands: boxes in columns from left to right, in rows where that gets too wide, parts within parts.

Each part is laid out alone and is one box of the part around it, so that boxes never overlap and parts never cross.
Within a part a column is a generation of its graph; a wire that passes a column has a lane of its own there. A row
ends only where a single value crosses, whose wires then return to the left between the rows. Where many values cross
for long, the same is laid out downwards in one piece: by turning the sheet, so that x is y.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from netspec.graph.view import generations
from netspec.pictures.nest import Item, Level, Link, Row, sort_columns, spine, stack

ROW_WIDTH: Final = 1120.0
"""Pixels after which a row ends, where it can."""

WIDEST: Final = 1500.0
"""Pixels beyond which a drawing goes downwards instead, if that is narrower."""

_LABEL_HEIGHT: Final = 14.0
_STEM: Final = 18.0  # of a wire that goes down, beside its label, before it turns
_LEAST_ROW: Final = 420.0
_PAD: Final = 16.0  # around what is in a part
_HEAD: Final = 24.0  # for a part's title
_COLUMN_GAP: Final = 40.0
_LABEL_GAP: Final = 26.0  # beside a label on a wire
_ROW_GAP: Final = 46.0
_TURN: Final = 24.0  # at the ends of rows, where a wire turns to the next
_LANE: Final = 6.0  # height of a wire's way past a column
_LEAST_SHARE: Final = 0.3  # of a row's greatest width: no row that is too wide ends after less
_SHARES: Final = 30  # of a row's greatest width: how finely rows are made alike


class Box(NamedTuple):
    """What is drawn of a layer: its size, and the parts around it, the outermost first."""

    name: str
    width: float
    height: float
    parts: tuple[str, ...] = ()


class Wire(NamedTuple):
    """A value that one box reads as its operand of that number; `label` is the width of what is written along it."""

    tail: str
    head: str
    operand: int = 0
    label: float = 0.0


class Rect(NamedTuple):
    """A rectangle in pixels, y downwards."""

    x: float
    y: float
    width: float
    height: float


class Stop(NamedTuple):
    """A stretch of a wire at one height, from `left` to `right`; `channel` is the height of a return before it."""

    left: float
    right: float
    y: float
    channel: float | None = None


class Route(NamedTuple):
    """The way of a wire, and where its label stands: the middle of its foot, None where the value has one already."""

    stops: tuple[Stop, ...]
    label: tuple[float, float] | None


class Layout(NamedTuple):
    """The boxes and the parts by name, the wires in their order, and the size of all of it.

    Where the layout goes `down`, stops are along y, from top to bottom, and their `y` is an x; all else is as it is.
    """

    boxes: Mapping[str, Rect]
    parts: Mapping[str, Rect]
    routes: Sequence[Route]
    width: float
    height: float
    down: bool = False


def lay_out(boxes: Sequence[Box], wires: Sequence[Wire], titles: Mapping[str, float]) -> Layout:
    """Return the layout of a graph without cycles. `titles` are the widths of the parts' titles."""
    across = _Sheet(boxes, wires, titles).layout()
    if across.width <= WIDEST:
        return across
    down = lay_out_down(boxes, wires, titles)
    return down if down.width < across.width else across


def lay_out_down(boxes: Sequence[Box], wires: Sequence[Wire], titles: Mapping[str, float]) -> Layout:
    """Return the layout from top to bottom."""
    turned = [box._replace(width=box.height, height=box.width) for box in boxes]
    found = _Sheet(turned, wires, titles, down=True).layout()
    return Layout(
        {name: _turned(rect) for name, rect in found.boxes.items()},
        {name: _turned(rect) for name, rect in found.parts.items()},
        found.routes,
        found.height,
        found.width,
        down=True,
    )


def _turned(rect: Rect) -> Rect:
    return Rect(rect.y, rect.x, rect.height, rect.width)


class _Sheet:
    """The work of one layout."""

    def __init__(
        self, boxes: Sequence[Box], wires: Sequence[Wire], titles: Mapping[str, float], *, down: bool = False
    ) -> None:
        self.boxes, self.wires, self.titles, self.down = boxes, wires, titles, down
        self.top = Level(())
        self.levels: dict[tuple[str, ...], Level] = {(): self.top}
        self.placed: dict[str, Rect] = {}
        self.parts: dict[str, Rect] = {}
        self.stops: list[list[tuple[int, list[Stop]]]] = [[] for _ in wires]
        self.labels: list[tuple[float, float] | None] = [None] * len(wires)
        self._common: list[int] = []

    def layout(self) -> Layout:
        """Return the finished layout."""
        self._nest()
        for parts in sorted(self.levels, key=len, reverse=True):  # the innermost first: they give the others' sizes
            self._arrange(self.levels[parts])
        self._place(self.top, 0.0, 0.0)
        routes = tuple(
            Route(tuple(stop for _, stops in sorted(found, key=lambda pair: pair[0]) for stop in stops), label)
            for found, label in zip(self.stops, self.labels, strict=True)
        )
        return Layout(self.placed, self.parts, routes, self.top.width, self.top.height)

    # -- which box is where in the nest of parts --------------------------------------------------------------------

    def _nest(self) -> None:
        """Make the levels, their items and their links."""
        around = {box.name: box.parts for box in self.boxes}
        operands: dict[str, list[int]] = {}
        for number, wire in enumerate(self.wires):
            operands.setdefault(wire.head, []).append(number)
        for box in self.boxes:
            for depth in range(len(box.parts)):
                outer, key = box.parts[:depth], box.parts[: depth + 1]
                if key not in self.levels:
                    self.levels[key] = Level(key)
                    item = self.levels[outer].items[key[-1]] = Item(key[-1], 0.0, 0.0)
                    item.inner = self.levels[key]
            item = self.levels[box.parts].items[box.name] = Item(box.name, box.width, box.height)
            read = sorted(operands.get(box.name, ()), key=lambda number: (self.wires[number].operand, number))
            for place, number in enumerate(read, 1):
                item.enter[number] = box.height * place / (len(read) + 1)
        for number, wire in enumerate(self.wires):
            tail, head = around[wire.tail], around[wire.head]
            self.levels[tail].items[wire.tail].leave[number] = self.levels[tail].items[wire.tail].height / 2
            common = 0
            while common < min(len(tail), len(head)) and tail[common] == head[common]:
                common += 1
            self._common.append(common)
            for depth in range(len(tail), common, -1):
                level = self.levels[tail[:depth]]
                level.links.append(Link(number, level.items[(*tail, wire.tail)[depth]], None))
            level = self.levels[tail[:common]]
            level.links.append(
                Link(number, level.items[(*tail, wire.tail)[common]], level.items[(*head, wire.head)[common]])
            )
            for depth in range(common + 1, len(head) + 1):
                level = self.levels[head[:depth]]
                level.links.append(Link(number, None, level.items[(*head, wire.head)[depth]]))

    # -- one level --------------------------------------------------------------------------------------------------

    def _arrange(self, level: Level) -> None:
        """Give the items of a level their places within it, and the level its size."""
        for item in level.items.values():
            if item.inner is not None:
                self._take_over(item, item.inner)
        self._fill_columns(level)
        sort_columns(level)
        gaps = self._gaps(level)
        self._break_rows(level, gaps)
        self._set_rows(level, gaps)

    def _take_over(self, item: Item, inner: Level) -> None:
        """Give the item that is a part the size of what is in it, and the heights at which wires enter and leave."""
        item.width, item.height = inner.width, inner.height
        item.tall = len(inner.rows) > 1
        for link in inner.links:
            if link.tail is None:
                first = link.chain()[0]
                item.enter[link.wire] = first.y + first.enter.get(link.wire, first.height / 2)
            if link.head is None:
                last = link.chain()[-1]
                item.leave[link.wire] = last.y + last.leave.get(link.wire, last.height / 2)

    def _fill_columns(self, level: Level) -> None:
        """Put the items into the columns of their generations, and a lane wherever a link passes a column."""
        inner = [(link.tail.key, link.head.key) for link in level.links if link.tail and link.head]
        level.columns = [[level.items[key] for key in keys] for keys in generations(level.items, inner)]
        for number, column in enumerate(level.columns):
            for item in column:
                item.column = number
        for link in level.links:
            start = -1 if link.tail is None else link.tail.column
            stop = len(level.columns) if link.head is None else link.head.column
            for number in range(start + 1, stop):
                lane = Item("", 0.0, _LANE)
                lane.column = number
                link.lanes.append(lane)
                level.columns[number].append(lane)

    def _gaps(self, level: Level) -> list[float]:
        """Return the room behind each column: enough for what is written along the wires that begin there."""
        gaps = [_COLUMN_GAP] * len(level.columns)
        for link in level.links:
            if link.tail is not None and self._common[link.wire] == level.depth:
                at = link.tail.column
                label = _STEM if self.down else self.wires[link.wire].label
                gaps[at] = max(gaps[at], label + _LABEL_GAP)
        return gaps

    def _reach(self, level: Level) -> float:
        """Return how far labels beside wires that go down reach out."""
        begun = (link.wire for link in level.links if link.tail is not None and self._common[link.wire] == level.depth)
        return max((self.wires[wire].label + 12 for wire in begun), default=0.0)

    def _break_rows(self, level: Level, gaps: list[float]) -> None:
        """Divide the columns into rows. A part that takes several rows has one of its own, if wires let it."""
        if self.down:
            widths = [max(item.width for item in column) for column in level.columns]
            level.rows.append(Row(0, len(widths), widths))
            return
        crossing: list[set[str]] = [set() for _ in level.columns]
        for link in level.links:
            for before, after in pairwise(link.chain()):
                for column in range(before.column, after.column):
                    crossing[column].add(self.wires[link.wire].tail)
        widths = [max(item.width for item in column) for column in level.columns]
        tall = [any(item.tall for item in column) for column in level.columns]

        def starts(most: float) -> list[int]:
            """Return the first column of each row, so that none is wider than `most` if that can be."""
            found, used, possible = [0], widths[0], 0
            for column in range(1, len(widths)):
                if len(crossing[column - 1]) == 1:
                    possible = column
                used += gaps[column - 1] + widths[column]
                forced = possible == column and (tall[column] or tall[column - 1])
                rest = sum(widths[possible : column + 1]) + sum(gaps[possible:column])
                worth_it = forced or (used > most and used - rest > _LEAST_SHARE * most)
                if worth_it and possible > found[-1]:
                    found.append(possible)
                    used = rest
            return found

        most = max(_LEAST_ROW, ROW_WIDTH - 2 * (_PAD + _TURN) * level.depth)
        rows = starts(most)
        for share in range(_SHARES // 3, _SHARES):  # as few rows as that, and of like widths
            even = starts(most * share / _SHARES)
            if len(even) == len(rows):
                rows = even
                break
        for start, stop in pairwise([*rows, len(widths)]):
            level.rows.append(Row(start, stop, widths[start:stop]))

    def _set_rows(self, level: Level, gaps: list[float]) -> None:
        """Give rows and items their coordinates within the level, its padding and title included."""
        nested = level.depth > 0
        pad = _PAD if nested else 0.0
        head = _HEAD if nested else 0.0
        indent = pad + (_TURN if len(level.rows) > 1 else 0.0)
        y = pad + (0.0 if self.down else head)
        title = self.titles.get(level.parts[-1], 0.0) + pad if nested else 0.0
        reach = self._reach(level) if self.down else 0.0
        right = 0.0 if self.down else title
        for row in level.rows:
            x = indent + (head if self.down else 0.0)
            above = max(reach, title - pad) if self.down else 0.0  # a wire enters beside the title
            below = reach
            for column, width in zip(range(row.start, row.stop), row.widths, strict=True):
                row.lefts.append(x)
                column_of = level.columns[column]
                over, under = spine(level, column, x, width, reach) if self.down else stack(column_of, x, width)
                above, below = max(above, over), max(below, under)
                x += width + gaps[column]
            right = max(right, x - gaps[row.stop - 1] + indent - pad)
            row.top, row.axis, row.bottom = y, y + above, y + above + below
            for column in range(row.start, row.stop):
                for item in level.columns[column]:
                    item.y += row.axis
            y = row.bottom + _ROW_GAP
        level.width = right + pad
        level.height = level.rows[-1].bottom + pad
        if self.down:
            level.height = max(level.height, title + pad)

    # -- from a level's coordinates to the sheet's ------------------------------------------------------------------

    def _place(self, level: Level, x: float, y: float) -> None:
        """Record everything of a level whose corner is at (x, y)."""
        if level.depth:
            self.parts[level.parts[-1]] = Rect(x, y, level.width, level.height)
        for item in level.items.values():
            if item.inner is None:
                self.placed[item.key] = Rect(x + item.x, y + item.y, item.width, item.height)
            else:
                self._place(item.inner, x + item.x, y + item.y)
        row_of = [row for row in level.rows for _ in range(row.start, row.stop)]
        begun: dict[str, list[tuple[int, list[Stop]]]] = {}
        for link in level.links:
            stops = self._route(level, link, row_of, x, y)
            if self._common[link.wire] == level.depth:
                begun.setdefault(self.wires[link.wire].tail, []).append((link.wire, stops))
        for alike in begun.values():  # wires of one value have one label
            wire = alike[0][0]
            place = _label_below if self.down else _label
            self.labels[wire] = place([stops for _, stops in alike], self.wires[wire].label)

    def _route(self, level: Level, link: Link, row_of: list[Row], x: float, y: float) -> list[Stop]:
        """Record the way of a link, and return it: along each column that it touches, and from row to row."""
        wire = link.wire
        stops: list[Stop] = []
        before: Row | None = None
        for item in link.chain():
            row = row_of[item.column]
            left = row.lefts[item.column - row.start]
            right = left + row.widths[item.column - row.start]
            channel = None
            if before is not None and row is not before:
                channel = y + (before.bottom + row.top) / 2
            before = row
            if item is link.tail:
                height = item.leave.get(wire, item.height / 2)
                stem = _STEM if self.down and self._common[wire] == level.depth else 0.0
                stops.append(Stop(x + item.x + item.width, x + right + stem, y + item.y + height))
            elif item is link.head:
                height = item.enter.get(wire, item.height / 2)
                stops.append(Stop(x + left, x + item.x, y + item.y + height, channel))
            else:
                stops.append(Stop(x + left, x + right, y + item.y + item.height / 2, channel))
        if link.tail is None:
            stops.insert(0, Stop(x, x, stops[0].y))
        if link.head is None:
            stops.append(Stop(x + level.width, x + level.width, stops[-1].y))
        common = self._common[wire]
        side = -level.depth if link.head is None else level.depth
        self.stops[wire].append(
            (side - common if link.tail is None else common + side if link.head is None else 0, stops)
        )
        return stops


def _label_below(ways: list[list[Stop]], width: float) -> tuple[float, float]:
    """Return the foot of a value's label where the layout goes down: under its box, on the side where no wire goes."""
    first = ways[0][0]
    to_the_right = any(way[1].y > first.y for way in ways)
    side = -1 if to_the_right and not any(way[1].y < first.y for way in ways) else 1
    return first.y + side * (7 + width / 2), first.left + _LABEL_HEIGHT


def _label(ways: list[list[Stop]], width: float) -> tuple[float, float]:
    """Return the foot of a value's label: beside the first stretch of its ways, where none of them goes."""
    first, second = ways[0][0], ways[0][1]
    if second.channel is not None:
        return first.right - width / 2, second.channel - 6
    rises, falls = (any(turn * (way[1].y - first.y) > 0 for way in ways) for turn in (-1, 1))
    straight = any(way[1].y == first.y for way in ways)
    middle = (first.right + second.left) / 2
    if rises and falls and not straight:
        return middle + 6, first.y + 4  # in the fork
    return (middle if straight else first.right + 4 + width / 2), first.y + (15 if rises else -6)
