"""What a spec says of a layer: where, by which word, and with which arguments."""

from typing import Any, Final

from netspec.diagnostics import show
from netspec.layers.registry import KEYWORDS, kind
from netspec.operations import Call, Graph, Path
from netspec.spec import Part
from netspec.spec.document import spell as spell_path

_WIRING: Final = ("from", "as", "shape", "tie", "activation", "layers", "times", "index")  # what is seen elsewhere
_SEEN: Final = ("width", "channels", "output")  # what the result's shape says
_LONGEST: Final = 60


def item_path(graph: Graph, index: int) -> Path:
    """Return where the item of a list stands that an operation comes from; else where the operation does."""
    path = graph.paths[index]
    if not graph.layers[index]:
        return path
    for end in range(len(path), 1, -1):
        if path[end - 2] == "layers" and isinstance(path[end - 1], int):
            return path[:end]
    return path


def written_item(graph: Graph, index: int) -> tuple[str, dict[str, Any]]:
    """Return the word that the item of a list begins with, and its arguments as they are written; empty without one."""
    if not isinstance(graph.part, Part):
        return "", {}
    value: Any = graph.part.document.data
    for key in item_path(graph, index):
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return "", {}
    if isinstance(value, str):
        return value, {}
    if not isinstance(value, dict) or len(value) != 1:
        return "", {}
    ((word, arguments),) = value.items()
    return word, arguments if isinstance(arguments, dict) else {"": arguments}


def arguments_text(word: str, arguments: dict[str, object]) -> str:
    """Return the arguments of an item as text, those left out that are seen elsewhere; a lone one has its name."""
    short = kind(word).shorthand if word in KEYWORDS else None
    told = [(key or short or "", value) for key, value in arguments.items() if key not in _WIRING]
    return ", ".join(
        show(f"{key} {_written(value)}".strip(), _LONGEST)
        for key, value in told
        if key and not isinstance(value, dict) and key not in _SEEN and value != key
    )


def _written(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def said(graph: Graph, path: Path) -> dict[str, object]:
    """Return where the spec says what stands at a path of the graph's part, as attributes of a node."""
    part = graph.part
    if not isinstance(part, Part):
        return {"path": None, "file": None, "line": None, "column": None}
    document = part.document
    span = document.source.place(path).span
    return {
        "path": spell_path(path),
        "file": document.relative,
        "line": None if span is None else span.line,
        "column": None if span is None else span.column,
    }


def input_said(graph: Graph, name: str) -> dict[str, object]:
    """Return where the width of x is said: by the part itself, or by the network that reads it."""
    return _end(graph, "input", 0, ("inputs", name) if graph.input_names else ("input",))


def output_said(graph: Graph, name: str) -> dict[str, object]:
    """Return where the width of y is said: by the part itself, or by the network that gives it."""
    return _end(graph, "output", -1, ("outputs", name) if graph.output_names else ("output",))


def _end(graph: Graph, key: str, index: int, path: Path) -> dict[str, object]:
    part = graph.part
    while isinstance(part, Part) and part.document.source.node((*part.path, *path)) is None:
        node = graph.operations[index] if len(graph) else None
        if not isinstance(node, Call):
            break
        graph, part, path = node.body, node.body.part, (key,)
    return said(graph, (*part.path, *path) if isinstance(part, Part) else ())
