"""JSON for networks of any form: numbers nested as deep as the inputs' shapes.

A JSON file is an array of examples of the only input, one example, or an object of such arrays by the inputs' names. In
JSON lines each line is an example, or an object of one example for each input. An axis of a free size has as many
elements as in the first example. What is read of the one form is never whole in memory; of an object every input is,
as its array may be the last.
"""

import json
from array import array
from collections.abc import Iterator
from typing import BinaryIO, Final

import numpy as np

from netspec.diagnostics.show import quote
from netspec.runtime.faults import DataFault, count
from netspec.runtime.feeds import Block, Feed, is_integer, narrowed
from netspec.runtime.json_table import DECODER, JsonText
from netspec.runtime.lines import Lines
from netspec.runtime.ports import Port
from netspec.runtime.tables import Array, Place

_BLOCK_NUMBERS: Final = 1 << 16  # of a block where nobody says otherwise
_LONGEST: Final = 1 << 20  # numbers that an example of free sizes may have


class _Examples:
    """Examples of one input, as far as they are read: its shape, once the first has told it, and their numbers."""

    def __init__(self, port: Port) -> None:
        self.port = port
        self.sizes: list[int | None] = [size if isinstance(size, int) else None for size in port.shape]
        self.numbers = array("d")
        self.count = 0

    @property
    def width(self) -> int:
        """How many numbers an example has; those that are not known count as one."""
        width = 1
        for size in self.sizes:
            width *= 1 if size is None else size
        return width

    def take(self, value: object) -> str:
        """Take one example. Return what is wrong with it, or nothing."""
        self.count += 1
        return self._walk(value, ())

    def array(self, start: int, stop: int) -> Array:
        """Return a stretch of the examples as an array of the input's dtype."""
        shape = [size or 0 for size in self.sizes]
        numbers = np.array(self.numbers[start * self.width : stop * self.width])
        return narrowed(numbers.reshape(stop - start, *shape), self.port.dtype)

    def restart(self) -> None:
        """Forget the examples, but not their shape."""
        self.numbers, self.count = array("d"), 0

    def _walk(self, value: object, at: tuple[int, ...]) -> str:
        """Take what stands at a place of an example; the shape bounds how deep it goes."""
        where = f"{self.port.label} at {[*at]}" if at else self.port.label
        if len(at) == len(self.sizes):
            if type(value) is not float:
                return f"{where} is not a number, but {_said(value)}"
            if self.port.dtype == "int64" and not is_integer(np.array(value)):
                return f"{where} is {value!r}, and {self.port.label} is of integers"
            self.numbers.append(value)
            return ""
        if not isinstance(value, list):
            return f"{where} is {_said(value)}, expected an array; an example has the shape {self.port.example}"
        size = self.sizes[len(at)]
        if size is None:
            size = self.sizes[len(at)] = len(value)
        if len(value) != size:
            return f"{where} has {count(len(value), 'element')}, expected {size:,}"
        for index, inner in enumerate(value):
            if wrong := self._walk(inner, (*at, index)):
                return wrong
        return ""


class _JsonFeed(Feed):
    """What both forms of JSON have in common."""

    def __init__(self, stream: BinaryIO, file: str, ports: tuple[Port, ...], batch: int | None) -> None:
        self.stream, self.file, self.batch = stream, file, batch
        self.ports = ports
        sizes = [port.size for port in ports]
        self.width = _LONGEST if None in sizes else sum(size or 0 for size in sizes)
        self._places: list[tuple[int, int]] = []

    def fault(self, code: str, headline: str, place: Place = (None, None), advice: str = "") -> DataFault:
        """Return the fault, with the name of the file."""
        return DataFault(code, headline, self.file, *place, advice)

    def place(self, row: int, column: int) -> Place:  # noqa: ARG002  an example has one place
        """Return where an example of the block given last begins."""
        return self._places[row] if self._places else (None, None)

    def take(self, examples: _Examples, value: object, place: tuple[int, int]) -> None:
        """Take one example. Raises DataFault, placed where it begins."""
        if wrong := examples.take(value):
            raise self.fault("data-not-a-number" if "not a number" in wrong else "data-shape", wrong, place)

    def full(self, examples: list[_Examples]) -> bool:
        """Return whether a block is full."""
        most = (
            max(1, _BLOCK_NUMBERS // max(1, *(each.width for each in examples))) if self.batch is None else self.batch
        )
        return examples[0].count >= most


class JsonFeed(_JsonFeed):
    """Examples from one JSON value."""

    def __init__(self, stream: BinaryIO, file: str, ports: tuple[Port, ...], batch: int | None) -> None:
        super().__init__(stream, file, ports, batch)
        self._text = JsonText(self)
        if not self._text.peek():
            raise self.fault("data-empty", "there is nothing in it")
        self._opened = self._text.take("[{")
        self._first: tuple[object, tuple[int, int]] | None = None
        if self._opened == "[" and len(ports) > 1:
            names = ", ".join(f"{json.dumps(port.name)}: […]" for port in ports)
            raise self.fault("data-shape", "an array has no names for several inputs", (1, 1), f"write {{{names}}}")
        if self._opened == "[" and self._text.peek() != "]":
            value, _, place = self._text.value()
            self._first = value, place
            self.alone = _depth(value) < len(ports[0].shape)

    def blocks(self) -> Iterator[Block]:
        """Give the examples. Raises DataFault at the first that is refused."""
        yield from self._named() if self._opened == "{" else self._only()

    def _check_end(self) -> None:
        """Raise DataFault where anything follows the value."""
        if self._text.peek():
            advice = "for several values, one to a line, say --format jsonl"
            raise self._text.fault("text follows after the value", advice=advice)

    def _only(self) -> Iterator[Block]:
        """Give the examples of the only input, up to the end of the array."""
        examples = _Examples(self.ports[0])
        if self._first is None:
            self._text.take("]")
            self._check_end()
            return
        value, place = self._first
        if self.alone:
            whole = [value]
            while self._text.take(",]") == ",":
                whole.append(self._text.value()[0])
            self._check_end()
            self.take(examples, whole, (1, 1))
            self._places = [(1, 1)]
            yield (examples.array(0, 1),)
            return
        while True:
            self.take(examples, value, place)
            self._places.append(place)
            more = self._text.take(",]") == ","
            if not more:
                self._check_end()
            if self.full([examples]) or not more:
                yield (examples.array(0, examples.count),)
                examples.restart()
                self._places = []
            if not more:
                return
            value, _, place = self._text.value()

    def _named(self) -> Iterator[Block]:
        """Give the examples of an object, which are read whole, as its order is not that of the inputs."""
        found: dict[str, _Examples] = {}
        names = {port.name: port for port in self.ports}
        mark = self._text.take("}") if self._text.peek() == "}" else ","
        while mark == ",":
            key, _, place = self._text.value()
            if not isinstance(key, str) or key not in names or key in found:
                what = "given twice" if key in found else f"no input; there {_listed(list(names))}"
                raise self.fault("data-shape", f"{quote(key) if isinstance(key, str) else _said(key)} is {what}", place)
            examples = found[key] = _Examples(names[key])
            self._text.take(":")
            self._text.take("[")
            mark = self._text.take("]") if self._text.peek() == "]" else ","
            while mark == ",":
                value, _, place = self._text.value()
                self.take(examples, value, place)
                mark = self._text.take(",]")
            mark = self._text.take(",}")
        self._check_end()
        missing = [name for name in names if name not in found]
        if missing:
            raise self.fault(
                "data-shape", f"{', '.join(map(quote, missing))} {'is' if len(missing) == 1 else 'are'} missing"
            )
        ordered = [found[name] for name in names]
        for other in ordered[1:]:
            if other.count != ordered[0].count:
                one = f"{ordered[0].port.label} has {count(ordered[0].count, 'example')}"
                raise self.fault("data-shape", f"{one}, and {other.port.label} has {count(other.count, 'example')}")
        total = ordered[0].count
        step = self.batch or max(1, _BLOCK_NUMBERS // max(1, *(each.width for each in ordered)))
        for start in range(0, total, step):
            stop = min(total, start + step)
            yield tuple([each.array(start, stop) for each in ordered])


class JsonLinesFeed(_JsonFeed):
    """Examples from lines that are each a JSON value."""

    def __init__(self, stream: BinaryIO, file: str, ports: tuple[Port, ...], batch: int | None) -> None:
        super().__init__(stream, file, ports, batch)
        self._lines = Lines(stream, file, self.width)
        self._first = next(self._lines.each, None)
        if self._first is None:
            raise self.fault("data-empty", "there is nothing in it")

    def blocks(self) -> Iterator[Block]:
        """Give the examples. Raises DataFault at the first line that is refused."""
        examples = [_Examples(port) for port in self.ports]
        line = self._first
        while line is not None and line.strip():
            place = self._lines.number, 1
            for each, value in zip(examples, self._values(line, place), strict=True):
                self.take(each, value, place)
            self._places.append(place)
            self._lines.forget()
            if self.full(examples):
                yield self._block(examples)
                self._restart(examples)
            line = next(self._lines.each, None)
        if line is not None:
            self._check_end()
        if examples[0].count:
            yield self._block(examples)

    def _block(self, examples: list[_Examples]) -> Block:
        """Return what was read as a block."""
        return tuple([each.array(0, each.count) for each in examples])

    def _restart(self, examples: list[_Examples]) -> None:
        """Begin the next block, whoever got the last one having looked at it."""
        for each in examples:
            each.restart()
        self._places = []

    def _values(self, line: str, place: tuple[int, int]) -> list[object]:
        """Return the value of each input in a line. Raises DataFault."""
        try:
            value = DECODER.decode(line)
        except json.JSONDecodeError as error:
            at = place[0], min(error.pos, len(line.rstrip())) + 1
            raise self.fault("data-unreadable", "the line is no JSON", at) from None
        except RecursionError:
            raise self.fault("data-unreadable", "it is nested too deeply", place) from None
        names = [port.name for port in self.ports]
        if isinstance(value, dict):
            if value.keys() != set(names):
                found = f"the keys {', '.join(map(quote, value))}" if value else "no keys"
                raise self.fault("data-shape", f"the line has {found}; there {_listed(names)}", place)
            return [value[name] for name in names]
        if len(names) > 1:
            raise self.fault("data-shape", f"expected an object of {', '.join(map(quote, names))}", place)
        return [value]

    def _check_end(self) -> None:
        """Raise DataFault where anything follows an empty line."""
        empty = self._lines.number
        for line in self._lines.each:
            self._lines.forget()
            if line.strip():
                raise self.fault("data-unreadable", "the line is empty", (empty, 1), "write one example to a line")


def _said(value: object) -> str:
    """Return a value as a message says it; of a collection only that it is one, as it may be long."""
    return (
        "an array" if isinstance(value, list) else "an object" if isinstance(value, dict) else quote(json.dumps(value))
    )


def _depth(value: object) -> int:
    """Return how deep arrays are nested, looking at the first element of each."""
    depth = 0
    while isinstance(value, list):
        depth += 1
        value = value[0] if value else None
    return depth


def _listed(names: list[str]) -> str:
    """Return the inputs there are, in words."""
    return f"{'is' if len(names) == 1 else 'are'} {', '.join(map(quote, names))}"
