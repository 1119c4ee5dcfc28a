"""The long form of a list of layers: every default and name written out, and every size that is the same at each use.

What a block takes at each use, the numbers of rounds and the sizes that come in stay as they are written: they have no
one value.
"""

import re
from collections.abc import Mapping
from typing import Any

from netspec.layers.layer import Strict
from netspec.limits import EXPRESSION_LENGTH
from netspec.operations import Elementwise, Shape
from netspec.sizes import ExpressionFault, Polynomial, parse, parse_comparison
from netspec.sizes.tokens import tokens
from netspec.spec.items import REPEAT, Item
from netspec.spec.layered import Intake, Layered
from netspec.spec.part import Part


def layered_keys(part: Part, body: Layered) -> dict[str, object]:
    """Return the keys of the body, those that say what comes in first; a block with one input takes what comes."""
    open_ = open_names(part)
    keys: dict[str, object] = {}
    if body.symbols:
        keys["symbols"] = list(body.symbols)
    if part.head.checks and part.checks:
        keys["checks"] = [
            check.text if _uses_any(check.text, open_) else f"{check.left} {check.operator} {check.right}"
            for check in part.checks
        ]
    if body.inputs is not None:
        keys["inputs"] = _inputs(part, body.inputs, open_)
    elif body.input is not None:
        keys["input"] = _kept(part, _raw(part, "input"), open_, _intake(body.input))
    taken = frozenset(body.inputs or ())
    keys["layers"] = [_item(part, item, open_, taken) for item in part.items if item is not None]
    if body.output is not None:
        keys["output"] = _kept(part, _raw(part, "output"), open_, _shape(body.output))
    if body.outputs is not None:
        keys["outputs"] = _outputs(part, body.outputs, open_)
    return keys


def open_names(part: Part) -> frozenset[str]:
    """Return the names in a part that have no one value: those of the blocks it stands in, and its free sizes there."""
    found: set[str] = set()
    if part.block is not None:
        found |= set(part.declared)
    if (part.path or part.block is not None) and isinstance(part.body, Layered):
        found |= set(part.body.symbols)
    return frozenset(found | _around(part))


def _around(part: Part) -> set[str]:
    """Return the names that the blocks around a part take at each use."""
    found: set[str] = set()
    for i, step in enumerate(part.path):
        if step == "blocks" and i + 1 < len(part.path):
            node: Any = part.document.data
            for key in part.path[: i + 2]:
                node = node[key]
            found |= set(node.get("hyperparameters") or ()) | set(node.get("symbols") or ())
    return found


def _raw(part: Part, key: str) -> Any:
    node: Any = part.document.data
    for step in part.path:
        node = node[step]
    return node.get(key)


def _inputs(part: Part, inputs: Mapping[str, Intake], open_: frozenset[str]) -> object:
    if any(intake.shape is None for intake in inputs.values()):
        return list(inputs)
    raw = _raw(part, "inputs")
    return {name: _kept(part, raw.get(name), open_, _intake(intake)) for name, intake in inputs.items()}


def _outputs(part: Part, outputs: Mapping[str, Shape | None], open_: frozenset[str]) -> object:
    raw = _raw(part, "outputs")
    if not isinstance(raw, dict):
        return list(outputs)
    return {name: _kept(part, raw[name], open_, _shape(shape)) for name, shape in outputs.items()}


def _intake(intake: Intake) -> object:
    shape = _shape(intake.shape)
    return shape if intake.dtype is None else {"shape": shape, "dtype": intake.dtype}


def _shape(shape: object) -> object:
    if isinstance(shape, tuple):
        sizes = [str(size) if isinstance(size, Polynomial) else size for size in shape]
        return sizes[0] if len(sizes) == 1 else sizes
    return shape


def _item(part: Part, item: Item, open_: frozenset[str], taken: frozenset[str]) -> object:
    """Return an item with all its arguments by name."""
    model = part.models.get(item.path)
    own: dict[str, object] = {}
    if item.word == REPEAT and not item.part:
        index = item.fields.get("index")
        within = open_ | {index} if isinstance(index, str) else open_
        own["times"] = _kept(part, item.fields.get("times"), open_, getattr(model, "times", None))
        if index is not None:
            own["index"] = index
        layers: list[object] = [_item(part, each, within, taken) for each in item.inner if each is not None]
        if getattr(model, "times", None) == 0:  # what no round reads has no sizes
            layers = ["identity"]
        common = _common(part, item, open_, named=item.named)
        return {REPEAT: {**common, **own, "layers": layers}}
    if item.part:
        own = {key: _settled(part, value, open_) for key, value in item.fields.items()}
    elif isinstance(model, Strict):
        for name, value in model:
            if value is not None:
                own[name] = _kept(part, item.fields.get(name), open_, _plain(value))
    named = item.named or (item.name not in taken and not _is_network(part, item))
    arguments = {**_common(part, item, open_, named=named), **own}
    return {item.word: arguments} if arguments else item.word


def _is_network(part: Part, item: Item) -> bool:
    return item.part and any(item.word in networks.parts for networks in (part.networks, *part.around))


def _common(part: Part, item: Item, open_: frozenset[str], *, named: bool) -> dict[str, object]:
    """Return the arguments that every item has."""
    found: dict[str, object] = {}
    if item.reads is not None:
        found["from"] = item.reads
    if named:
        found["as"] = item.name
    if item.shape is not None:
        asserted = part.models.get((*item.path, "shape"))
        found["shape"] = _kept(part, item.shape, open_, _shape(getattr(asserted, "shape", item.shape)))
    if item.tie is not None:
        found["tie"] = item.tie
    return found


def _settled(part: Part, written: Any, open_: frozenset[str]) -> object:
    """Return a setting of a block: its value where that is one, else as it is written."""
    if not isinstance(written, str) or _uses(written, open_):
        return partly(part, written, open_)
    value = part.scope.values.get(written)
    if value is None:
        value = parse(written).evaluate(part.scope.values)
    return str(value) if isinstance(value, Polynomial) else value


def _kept(part: Part, written: Any, open_: frozenset[str], value: object) -> object:
    """Return a value as it was read, or as it is written where that uses a name without one value."""
    return partly(part, written, open_) if written is not None and _uses(written, open_) else value


def partly(part: Part, written: Any, open_: frozenset[str]) -> object:
    """Return what is written with the names in it that have one value, as that value."""
    if isinstance(written, list):
        return [partly(part, each, open_) for each in written]
    if isinstance(written, dict):
        return {key: partly(part, each, open_) for key, each in written.items()}
    if not isinstance(written, str) or len(written) > EXPRESSION_LENGTH.value:
        return written
    text, end = "", 0
    for token in tokens(written):
        known = token.kind == "name" and token.text not in open_
        value = part.scope.values.get(token.text) if known else None
        if type(value) is int or isinstance(value, Polynomial):
            text += written[end : token.start] + (f"({value})" if str(value) != token.text else token.text)
            end = token.end
    return re.sub(r"\((\d+)\)", r"\1", text + written[end:])


def _uses(written: Any, open_: frozenset[str]) -> bool:
    if isinstance(written, list):
        return any(_uses(each, open_) for each in written)
    if isinstance(written, dict):
        return any(_uses(each, open_) for each in written.values())
    if not isinstance(written, str) or len(written) > EXPRESSION_LENGTH.value:
        return False
    try:
        return not open_.isdisjoint(parse(written).names)
    except ExpressionFault:
        return False


def _uses_any(written: str, open_: frozenset[str]) -> bool:
    """Whether a comparison uses a name without one value."""
    comparison = parse_comparison(written)
    return not open_.isdisjoint((*comparison.left.names, *comparison.right.names))


def _plain(value: object) -> object:
    """Return a field's value as a spec writes it."""
    if isinstance(value, Elementwise):
        return activation_keys(value)
    if isinstance(value, Polynomial):
        return str(value)
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value


def activation_keys(activation: Elementwise) -> object:
    """Return an activation by its name, or with its arguments where it takes any."""
    arguments = activation.function.arguments
    if not arguments:
        return activation.name
    values = zip(arguments, activation.arguments, strict=True)
    return {activation.name: {argument.name: value for argument, value in values}}
