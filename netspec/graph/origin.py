"""What a spec says of a layer: where, by which word, and with which arguments."""

from typing import Any, Final

from netspec.diagnostics import show
from netspec.layers.registry import KEYWORDS, kind
from netspec.layers.scope import Scope
from netspec.operations import Call, Graph, Path
from netspec.sizes import ExpressionFault, Polynomial, parse
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


def arguments_text(graph: Graph, index: int, word: str, arguments: dict[str, object]) -> str:
    """Return the arguments of an item as text, those left out that are seen elsewhere; a lone one has its name.

    An expression is told by its value, where that is the same in every round.
    """
    short = kind(word).shorthand if word in KEYWORDS else None
    part = graph.part
    model = part.models.get(item_path(graph, index)) if isinstance(part, Part) else None
    read = {} if model is None else dict(model)
    told = []
    for key, value in arguments.items():
        name = key or short or ""
        if name and key not in _WIRING and name not in _SEEN and not isinstance(value, dict):
            known = _meant(value, read.get(name), part.scope if isinstance(part, Part) else Scope({}))
            if known != name:
                told.append(show(f"{name} {_written(known)}", _LONGEST))
    return ", ".join(told)


def _meant(written: object, read: object, scope: Scope) -> object:
    """Return the value of an expression, or of each in a list; anything else as it is written."""
    if isinstance(written, list):
        each = read if isinstance(read, list | tuple) and len(read) == len(written) else [None] * len(written)
        return [_meant(one, other, scope) for one, other in zip(written, each, strict=True)]
    if not isinstance(written, str) or not isinstance(read, int | float | Polynomial):
        return written
    try:
        names = parse(written).names
    except ExpressionFault:
        return written
    return read if all(name in scope.values for name in names) else written


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
