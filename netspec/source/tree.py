"""The tree of a spec file: scalars, sequences and mappings, each with the span it was written at."""

from typing import Final, TypeAlias

from netspec.diagnostics import Span


class Refused:
    """The type of `REFUSED`, which stands where a fault has been reported already: later rooms pass over it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "REFUSED"


REFUSED: Final = Refused()

Value = bool | int | float | str | Refused
Path = tuple[str | int, ...]


class Scalar:
    """One scalar. `text` is its content, unquoted and unfolded; `value` what the YAML 1.2 core schema makes of it."""

    __slots__ = ("quoted", "span", "text", "value")

    def __init__(self, span: Span, text: str, quoted: bool, value: Value) -> None:
        self.span, self.text, self.quoted, self.value = span, text, quoted, value


class Sequence:
    """A list, in flow or block style. The span of a block list ends with its last item."""

    __slots__ = ("items", "span")

    def __init__(self, span: Span, items: list["Node"]) -> None:
        self.span, self.items = span, items


class Mapping:
    """A mapping in the order written: `keys` holds the key as it stands, `values` what it leads to."""

    __slots__ = ("keys", "span", "values")

    def __init__(self, span: Span, keys: dict[str, Scalar], values: dict[str, "Node"]) -> None:
        self.span, self.keys, self.values = span, keys, values


Node: TypeAlias = Scalar | Sequence | Mapping


def plain(node: Node) -> object:
    """Return the node as plain Python: dict, list, bool, int, float, str, and `REFUSED` where a fault stands.

    Recursion is bounded: the reader refuses a tree deeper than YAML_DEPTH before it is made.
    """
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, value in node.values.items()}
