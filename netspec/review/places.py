"""Where the text says what changed: the field itself where it is written, else the layer, else the list."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Final

from netspec.diagnostics import Place
from netspec.layers.registry import KEYWORDS, kind
from netspec.limits import EXPRESSION_LENGTH
from netspec.operations import Graph, Path
from netspec.review.changes import Field
from netspec.review.outline import ACTIVATION, OUTPUT, Layer
from netspec.spec import Document, Part

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def home(layer: Layer) -> Place | None:
    """Return where a layer is written."""
    document = _document(layer.graph)
    return None if document is None else document.source.place(layer.path)


class Beside:
    """Where in a list the layers of another one would stand. `partner` leads from there to the list's own layers."""

    def __init__(self, graph: Graph, layers: Sequence[Layer], partner: Mapping[int, int]) -> None:
        self._graph, self._layers = graph, layers
        self._numbers = sorted(partner)
        self._first: list[int] = []  # of those from each number on, the first that stands in the list
        least = len(layers)
        for number in reversed(self._numbers):
            least = min(least, partner[number])
            self._first.append(least)
        self._first.reverse()

    def place(self, number: int) -> Place | None:
        """Return the place of the layer whose partner follows the one of that number; at the end, of the last one."""
        after = bisect_right(self._numbers, number)
        if after < len(self._first):
            return home(self._layers[self._first[after]])
        if self._layers:
            return home(self._layers[-1])
        document = _document(self._graph)
        part = self._graph.part
        return document.source.place(part.path) if document is not None and isinstance(part, Part) else None


def field_place(layer: Layer, fields: Sequence[Field]) -> Place | None:
    """Return where the first of the fields is written that is; else the layer's own place."""
    document = _document(layer.graph)
    if document is None:
        return None
    for field in fields:
        for path in _paths(layer, field.name):
            if document.source.node(path) is not None:
                return document.source.place(path)
        if layer.connected and field.name == "activation":  # left out, for all layers
            return document.source.place((*_base(layer), "widths"), key=True)
    return document.source.place(layer.path)


def text_of(layer: Layer) -> object:
    """Return what is written of a layer, as data: of one of a fully connected network its width and activation."""
    document = _document(layer.graph)
    if document is None:
        return None
    if layer.connected:
        base, key = _base(layer), "output_activation" if layer.word == OUTPUT else "activation"
        return _data(document.data, layer.path), _data(document.data, (*base, key))
    data = _data(document.data, layer.path)
    if isinstance(data, dict) and len(data) == 1:
        ((word, arguments),) = data.items()
        if layer.word == "repeat" and isinstance(arguments, dict):
            return word, {key: each for key, each in arguments.items() if key != "layers"}
    return data


def said_count(layer: Layer) -> tuple[Place | None, object]:
    """Return where a fully connected network says how many hidden layers there are, and what it says."""
    document = _document(layer.graph)
    if document is None:
        return None, None
    base = _base(layer)
    path = next((p for p in ((*base, "K"), (*base, "widths")) if document.source.node(p) is not None), base)
    return document.source.place(path), _data(document.data, path)


def names_in(text: object) -> tuple[str, ...]:
    """Return the names in the expressions of a text, as data, each once."""
    found: dict[str, None] = {}
    waiting = [text]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list | tuple):
            waiting += each
        elif isinstance(each, str) and len(each) <= EXPRESSION_LENGTH.value:
            found.update(dict.fromkeys(_NAME.findall(each)))
    return tuple(found)


def _paths(layer: Layer, name: str) -> list[Path]:
    if layer.connected:
        base = _base(layer)
        if name == "activation":
            key = "output_activation" if layer.word == OUTPUT else "activation"
            return [(*base, key, layer.path[-1]), (*base, key)]
        return [layer.path]
    document = _document(layer.graph)
    data = None if document is None else _data(document.data, layer.path)
    word = next(iter(data), "") if isinstance(data, dict) else ""
    found: list[Path] = [(*layer.path, word, name)]
    if word in KEYWORDS and kind(word).shorthand == name and not isinstance(data[word], dict):  # type: ignore[index]
        found.append((*layer.path, word))
    if name == "from" and isinstance(data, dict) and isinstance(data.get(word), list):
        found.append((*layer.path, word))
    if layer.word == ACTIVATION and name == "function":
        found.append(layer.path)
    return found


def _base(layer: Layer) -> Path:
    """Return where the keys stand that say a fully connected network."""
    return layer.path[:-2] if isinstance(layer.path[-1], int) else layer.path[:-1]


def _data(data: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _document(graph: Graph) -> Document | None:
    return graph.part.document if isinstance(graph.part, Part) else None
