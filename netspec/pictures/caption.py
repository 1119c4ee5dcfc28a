"""What a picture says of one layer, in words: its name, what it does, its tensors, how much it learns."""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from netspec.diagnostics import show
from netspec.diagnostics.magnitude import magnitude
from netspec.files.parameters import label
from netspec.graph import Facts
from netspec.operations import Shape
from netspec.pictures.excerpt import LEFT_OUT
from netspec.sizes import Size
from netspec.spec import Part

_NUMBERED: Final = re.compile(r"(.+)_(\d+)")
_BARE: Final = re.compile(r"(\.\d+)+$")
_SHOWN_TENSORS: Final = 3
_LONGEST_NAME: Final = 40
_LONGEST_SIZE: Final = 28
_LONGEST_WORD: Final = 30
_LONGEST: Final = 300  # characters of the author's description that a picture repeats


Sizes = tuple[Size | str, ...]
"""The sizes of a value's axes; a free one as itself or as its text."""


class Caption(NamedTuple):
    """The words of a node: `title` and `lines` stand in it, `details` is all of it for a tooltip or a reader."""

    title: str
    lines: tuple[str, ...]
    details: str


def caption(name: str, node: Mapping[str, Any]) -> Caption:
    """Return the words for a node of `netspec.graph.view` or an excerpt, user text only as `show` gives it back."""
    title: str = node["label"]
    shape: Sizes = node["shape"]
    if node["kind"] in ("input", "output"):
        details = f"{show(name)}: {'what comes in' if node['kind'] == 'input' else 'what leaves'}, {elements(shape)}"
        return Caption(title, (), details + _place(node))
    if node["kind"] == LEFT_OUT:
        learns = counted(node["parameters"], "parameter")
        return Caption(title, (learns,), f"{title} layers, {learns}")
    tensors: Mapping[str, Shape] = node["tensors"]
    count = _learns(node)
    if "arguments" in node:
        lines = [_item(title, node), *_cut(node["arguments"]), *([count] if node["parameters"] else [])]
        details = ", ".join([f"{show(name)}: {_item('', node)}", *_shapes(tensors, node["count"]), *lines[1:]])
        title = title if node["kind"] == "repeat" else show(title, _LONGEST_NAME)  # `rounds 2 … 10` is no user's text
        return Caption(title, tuple(lines), details + _place(node))
    lines = [f"{does(node)} · {elements(shape)}"]
    if tensors:
        lines += [tensor_names(node), count]
    details = ", ".join([f"{show(name)}: {lines[0]}", *_shapes(tensors, node["count"]), *lines[2:]])
    return Caption(title, tuple(lines), details + _place(node))


def _item(title: str, node: Mapping[str, Any]) -> str:
    """Return what an item of a list is: its word unless its title says it, its activation, and what it gives."""
    kind = node["kind"]
    said = kind in (title, title.split(".", 1)[0]) or _NUMBERED.sub(r"\1", title.split(".", 1)[0]) == kind
    words = [] if said else [kind]
    words += [node["activation"]] if node["activation"] else []
    return " · ".join([*(show(word, _LONGEST_WORD) for word in words), elements(node["shape"])])


def _cut(text: str) -> list[str]:
    """Return as many of the arguments as one line takes."""
    told = text.split(", ")
    while len(told) > 1 and len(", ".join(told)) > _LONGEST_NAME:
        told.pop()
    line = ", ".join(told)
    return [show(line, _LONGEST_NAME) + (", …" if line != text else "")] if text else []


def _learns(node: Mapping[str, Any]) -> str:
    """Return how many numbers a layer learns; of the layers of a round, how many in each."""
    number, rounds = node["parameters"], node.get("rounds", 1)
    count = counted(number, "parameter")
    if rounds > 1 and number and number % rounds == 0 and not node["shared"]:
        count = f"{magnitude(rounds)} × {counted(number // rounds, 'parameter')}"
    return f"shared: {count}" if node["shared"] else count


def counted(number: Size, noun: str) -> str:
    """Return `1 parameter`, `2 parameters`, `12,000 parameters`."""
    if not isinstance(number, int):
        return f"{number} {noun}s"
    return f"{magnitude(number)} {noun}" if number == 1 else f"{magnitude(number)} {noun}s"


def sizes(shape: Sizes) -> str:
    """Return a shape as pictures write it: `3`, `16×28×28`; a number alone is `1`."""
    return "×".join(map(_size, shape)) if shape else "1"


def _size(size: Size | str) -> str:
    """Return a size as pictures write it; one that is known only when it runs as its expression."""
    if isinstance(size, int):
        return magnitude(size)
    text = show(str(size), _LONGEST_SIZE)
    return f"({text})" if " " in text else text


def elements(shape: Sizes) -> str:
    """Return what a value consists of: `3 units`, or its sizes where it has several axes."""
    if len(shape) != 1:
        return sizes(shape)
    (size,) = shape
    return counted(size, "unit") if isinstance(size, int) else f"{_size(size)} units"


def totals(facts: Facts) -> str:
    """Return the totals of a network as one line."""
    return " · ".join(
        (
            counted(facts.parameters, "parameter"),
            counted(facts.tensors, "tensor"),
            *_capacity(facts.capacity),
            f"depth {magnitude(facts.depth)}",
        )
    )


def in_a_sentence(facts: Facts) -> str:
    """Return a network in one sentence, for readers who do not see the picture."""
    return f"A network from {_values(facts.inputs)} to {_values(facts.outputs)}: {totals(facts)}."


def _values(shapes: Mapping[str, Shape]) -> str:
    if len(shapes) == 1:
        return elements(next(iter(shapes.values())))
    return " and ".join(f"{show(name)} ({elements(shape)})" for name, shape in shapes.items())


def _capacity(capacity: Size) -> list[str]:
    """Return the hidden units in words, where they are a number or a short expression."""
    words = counted(capacity, "hidden unit")
    return [words] if len(words) <= _LONGEST_NAME else []


def describe(part: Part, facts: Facts) -> str:
    """Return a network in one sentence, after the words of its author."""
    said = part.head.description
    return f"{show(said, _LONGEST)} {in_a_sentence(facts)}" if said else in_a_sentence(facts)


def part_title(said: Mapping[str, Any]) -> str:
    """Return the title of a part: its name, its network's where that is another, and whether it was met before."""
    if "count" in said:
        name = "repeat" if _NUMBERED.fullmatch(said["name"]) or "." in said["name"] else show(said["name"])
        return f"{name} ×{magnitude(said['count'])}"
    name, network = show(said["name"], _LONGEST_NAME), show(said["network"], _LONGEST_NAME)
    title = name if network in (name, _BARE.sub("", name)) else f"{name} · {network}"
    return f"{title} · shared" if said["shared"] else title


def does(node: Mapping[str, Any]) -> str:
    """Return what a layer does in one word: its activation, or what it is."""
    return show(node["activation"] or node["kind"], _LONGEST_WORD)


def tensor_names(node: Mapping[str, Any]) -> str:
    """Return the names of a layer's tensors below their part: `β_0, Ω_0`; of equal layers `β_k, Ω_k, k = 1 … 9`."""
    tensors, last = node["tensors"], node["last"]
    names = [name.rsplit(".", 1)[-1] for name in tensors]
    ends = [name.rsplit(".", 1)[-1] for name in last]
    numbered = [(_NUMBERED.fullmatch(name), _NUMBERED.fullmatch(end)) for name, end in zip(names, ends, strict=True)]
    spans = {(first[2], final[2]) for first, final in numbered if first and final}
    tail = ""
    if names != ends and len(spans) == 1 and all(first and final for first, final in numbered):
        ((first_k, last_k),) = spans
        names = [f"{first[1]}_k" for first, _ in numbered if first]
        tail = f", k = {int(first_k):,} … {int(last_k):,}"
    if len(names) > _SHOWN_TENSORS:
        tail = f", … {len(names) - _SHOWN_TENSORS} more{tail}"
        del names[_SHOWN_TENSORS:]
    return ", ".join(show(label(name)) for name in names) + tail


def _shapes(tensors: Mapping[str, Shape], count: int) -> list[str]:
    return [
        *([f"{magnitude(count)} in a row"] if count > 1 else []),
        *(f"{show(label(name))}: {sizes(shape)}" for name, shape in list(tensors.items())[:_SHOWN_TENSORS]),
    ]


def _place(node: Mapping[str, Any]) -> str:
    return "" if node["file"] is None else f" ({show(node['file'])}:{node['line']}:{node['column']})"
