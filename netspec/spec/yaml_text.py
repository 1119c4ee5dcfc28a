"""Plain data written as YAML: one text for one value, and one value to every reader of YAML 1.1 and 1.2.

Mappings stand in block style, one key to a line; a list of scalars, or of such lists, and a mapping of a few scalars
stand in brackets where they fit on the line. There are no anchors, tags or folded lines.
"""

from collections.abc import Mapping
from math import prod
from typing import Any, Final

from netspec.diagnostics.magnitude import decimal
from netspec.layers.faults import Path
from netspec.limits import YAML_DEPTH, YAML_VALUES
from netspec.source.decoding import forbidden
from netspec.source.spelling import is_plain, key_text, quoted
from netspec.spec.document import spell

WIDTH: Final = 100
_INDENT: Final = 2
_LEAF: Final = 4  # keys of a mapping in brackets; more read better one below the other


def write(data: Mapping[str, object]) -> str:
    """Return the keys and values as YAML, ending with a line end; the same data gives the same text.

    Values are dict, list, str, int, float and bool, nested at most as deep as Python recurses. What no spec may hold,
    such as a control character or an infinite number, is written so that every reader reads it, and netspec refuses
    it at its place. Raises TypeError for any other type.
    """
    lines: list[str] = []
    _block(lines, data, 0)
    return "".join(f"{line}\n" for line in lines)


def from_keys(keys: Mapping[str, object]) -> str:
    """Return the keys of a spec, given in Python, as YAML, so that they are read and judged like any other file.

    A list may be a tuple, and values arrays: whatever has a `dtype` and a `tolist`, as numpy's arrays and scalars do. A
    `Fraction` is written as a quotient of integers, which stays exact. Raises TypeError that names the key for what is
    nothing a spec holds, and ValueError for more, or deeper nested, than one holds.
    """
    return write(_Keys().mapping(keys, ()))


class _Keys:
    """One conversion of Python values to plain data, which counts what it has met."""

    def __init__(self) -> None:
        self._values = 0

    def mapping(self, value: Mapping[Any, object], path: Path) -> dict[str, object]:
        """Return a mapping with plain keys and values; `path` names it in faults."""
        found: dict[str, object] = {}
        for key, inner in value.items():
            if not isinstance(key, str):
                where = f" of `{spell(path)}`" if path else ""
                raise TypeError(f"the keys{where} are texts, got {_article(key)} ({key!r:.60})")
            self._count(1, path)
            found[str.__str__(key)] = self.plain(inner, (*path, key))
        return found

    def plain(self, value: object, path: Path) -> object:
        """Return a value as dict, list, str, int, float or bool of exactly these types."""
        self._count(1, path)
        if len(path) > YAML_DEPTH.value:
            raise ValueError(f"`{spell(path[:1])}` nests deeper than {YAML_DEPTH.value} levels")
        if isinstance(value, bool):
            return value
        if isinstance(value, str):  # and not `str(value)`, which members of an enumeration answer with their name
            return str.__str__(value)
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            return float(value)
        if isinstance(value, Mapping):
            return self.mapping(value, path)
        if isinstance(value, list | tuple):
            return [self.plain(item, (*path, i)) for i, item in enumerate(value)]
        return self._other(value, path)

    def _other(self, value: object, path: Path) -> object:
        """Return what an array or a fraction holds; both are known by what they can do, and need not be imported."""
        above, below = getattr(value, "numerator", None), getattr(value, "denominator", None)
        if isinstance(above, int) and isinstance(below, int):
            return above if below == 1 else f"{decimal(above)}/{decimal(below)}"
        tolist = getattr(value, "tolist", None)
        if tolist is not None and hasattr(value, "dtype"):
            self._count(0, path, prod(getattr(value, "shape", ())))
            held = tolist()
            if type(held) is not type(value):  # a number that Python has no type for is given back as it is
                self._values -= 1  # counted as the array, and now as what it holds
                return self.plain(held, path)
        expected = "a text, a number, a switch, a list, a mapping or an array"
        raise TypeError(f"`{spell(path)}` expects {expected}, got {_article(value)}")

    def _count(self, number: int, path: Path, ahead: int = 0) -> None:
        """Count values, and refuse them where with those `ahead` there are too many: before a list is made of them."""
        self._values += number
        if self._values + ahead > YAML_VALUES.value:
            words = f"a spec holds at most {YAML_VALUES.value:,} keys and values, and there are more up to"
            raise ValueError(f"{words} `{spell(path)}`; parameters belong in a file")


def _article(value: object) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _block(lines: list[str], value: object, indent: int) -> None:
    """Append a mapping or a list that begins at the column `indent`, one key or item to a line."""
    margin = " " * indent
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _entry(lines, f"{margin}{_key(key)}:", inner, indent + _INDENT)
        if not value:
            lines.append(f"{margin}{{}}")
        return
    for item in value if isinstance(value, list) else ():
        if isinstance(item, Mapping | list) and _flow(item, WIDTH - indent - _INDENT) is None:
            first = len(lines)
            _block(lines, item, indent + _INDENT)
            lines[first] = f"{margin}- {lines[first][indent + _INDENT :]}"
        else:
            _entry(lines, f"{margin}-", item, indent + _INDENT)


def _entry(lines: list[str], lead: str, value: object, indent: int) -> None:
    """Append a value behind its key or dash: on the same line where it fits, else below, from the column `indent`."""
    if isinstance(value, str) and _is_paragraphs(value):
        lines.append(f"{lead} {'|' if value.endswith(chr(10)) else '|-'}")
        lines.extend(f"{' ' * indent}{row}" if row else "" for row in value.removesuffix("\n").split("\n"))
    elif isinstance(value, Mapping | list):
        flow = _flow(value, WIDTH - len(lead) - 1)
        if flow is None:
            lines.append(lead)
            _block(lines, value, indent)
        else:
            lines.append(f"{lead} {flow}")
    else:
        lines.append(f"{lead} {_scalar(value, flow=False)}")


def _flow(value: object, room: int) -> str | None:
    """Return a list of scalars or lists, or a mapping of scalars, in brackets; None where `room` columns are too few.

    A mapping stands in brackets only where it holds nothing but scalars, and no list does that holds a mapping.
    """
    if room < 2 or (isinstance(value, Mapping) and len(value) > _LEAF):
        return None
    parts: list[str] = []
    taken = 2
    lead = ""
    for item in value.items() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        inner = item
        if isinstance(value, Mapping):
            key, inner = item
            lead = f"{_key(key)}: "
        if isinstance(inner, Mapping) or (isinstance(inner, list) and isinstance(value, Mapping)):
            return None
        part = _flow(inner, room - taken) if isinstance(inner, list) else _scalar(inner, flow=True)
        if part is None:
            return None
        parts.append(lead + part)
        taken += len(parts[-1]) + (2 if len(parts) > 1 else 0)
        if taken > room:
            return None
    text = ", ".join(parts)
    return f"{{{text}}}" if isinstance(value, Mapping) else f"[{text}]"


def _scalar(value: object, *, flow: bool) -> str:
    """Return a scalar as every reader takes it for what it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return decimal(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, str):
        return value if is_plain(value, flow=flow) else quoted(value)
    raise TypeError(f"expects a text, a number or a switch, got {type(value).__name__}")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"expects a key that is a text, got {type(key).__name__}")
    return key_text(key)


def _float(value: float) -> str:
    """Return the shortest digits that give the number back; with a point, which YAML 1.1 asks for: 1.0e-05."""
    text = repr(value)
    if text.lstrip("-") in ("inf", "nan"):
        return f"-.{text[1:]}" if text[0] == "-" else f".{text}"
    mantissa, mark, exponent = text.partition("e")
    return f"{mantissa}{'' if '.' in mantissa else '.0'}{mark}{exponent}"


def _is_paragraphs(text: str) -> bool:
    """Return whether a text of several lines may stand below its key as it is."""
    rows = text.removesuffix("\n").split("\n")
    return (
        len(rows) > 1
        and rows[0][:1] not in ("", " ")
        and rows[-1] != ""
        and not any(row.endswith(" ") or "\t" in row for row in rows)
        and not forbidden(text)
    )
