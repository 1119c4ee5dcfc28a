"""Hyperparameters: the named numbers and switches that fix one network of a family."""

from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping
from functools import partial
from itertools import islice, pairwise
from typing import Annotated, Literal, NamedTuple, cast

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from netspec.diagnostics import did_you_mean, quote
from netspec.layers.faults import Details, Mark, Path, describe, hold_back, mend_name, refusals, refuse, together
from netspec.layers.fields import NAME, evaluate
from netspec.layers.scope import MOST_FAULTS, Number, Scope
from netspec.limits import INTEGER_DIGITS
from netspec.sizes import Expression, ExpressionFault, parse
from netspec.source import REFUSED

Kind = Literal["int", "float", "bool"]
_KINDS: dict[str, Kind] = {"int": "int", "float": "float", "bool": "bool"}
RESERVED = frozenset({"from", "as", "shape", "tie", "expect", "parameters", "training", "int", "float", "bool"})
_BOUNDED = ("default", "min", "max")
_SHOWN_CHAIN = 8


class Hyperparameter(NamedTuple):
    """One declaration: a default, with bounds where given; or an expression it is derived by; or neither: required."""

    kind: Kind
    default: Number | None = None
    least: Number | None = None
    most: Number | None = None
    derived: Expression | None = None


class Refusal(NamedTuple):
    """A fault found outside a model: its code, the path of the value, and what it says."""

    code: str
    path: Path
    details: Details


def _kind(value: Number) -> Kind:
    return "bool" if isinstance(value, bool) else "int" if isinstance(value, int) else "float"


def _declaration(value: object) -> Hyperparameter:
    if value is REFUSED:
        hold_back()
    if isinstance(value, bool | int | float):
        _readable(value, ())
        return Hyperparameter(_kind(value), value)
    if isinstance(value, str):
        if value in _KINDS:
            return Hyperparameter(_KINDS[value])
        if not value:
            refuse("wrong-type", "expects a number, a switch or an expression, got an empty text")
        try:
            return Hyperparameter("int", derived=parse(value))
        except ExpressionFault as fault:
            refuse(fault.code, fault.message, subject=False, start=fault.start, end=fault.end, help=fault.help)
    if not isinstance(value, dict):
        refuse("wrong-type", f"expects a number, a switch or an expression, got {describe(value)}")
    return _bounded(value)


def _bounded(value: dict[str, object]) -> Hyperparameter:
    together(*(partial(_bound, key, number) for key, number in islice(value.items(), MOST_FAULTS)))
    default, least, most = (value.get(key) for key in _BOUNDED)
    if default is None:
        refuse("missing-key", "the key `default` is missing", subject=False, help="add `default`")
    numbers = [number for number in (default, least, most) if isinstance(number, int | float)]
    kind: Kind = "int" if all(isinstance(number, int) for number in numbers) else "float"
    declared = Hyperparameter(kind, default, least, most)  # type: ignore[arg-type]  # checked above, key by key
    outside = _outside(declared.default, declared)
    if outside:
        refuse("out-of-range", f"is {default}; {outside}", at=("default",))
    return declared


def _bound(key: str, number: object) -> None:
    """Refuse what is no key of a bounded hyperparameter, or no number."""
    if key not in _BOUNDED:
        near = did_you_mean(key, _BOUNDED) or "it has a `default`, a `min` and a `max`"
        words = f"a hyperparameter has no key {quote(key)}"
        refuse("unknown-key", words, subject=False, at=(key,), key=True, help=near)
    if number is REFUSED:
        hold_back()
    if isinstance(number, bool) or not isinstance(number, int | float):
        refuse("wrong-type", f"expects a number, got {describe(number)}", at=(key,))
    _readable(number, (key,))


def _readable(value: Number, at: Path) -> None:
    if isinstance(value, int) and abs(value) >= 10**INTEGER_DIGITS.value:
        refuse(
            "integer-too-large", f"has {len(str(abs(value)))} digits; at most {INTEGER_DIGITS.value} are read", at=at
        )


def _outside(value: Number | None, declared: Hyperparameter) -> str:
    """Return why a value breaks the bounds, or an empty text: the check and its reason are one."""
    if value is not None and declared.least is not None and value < declared.least:
        return f"at least {declared.least} is declared"
    if value is not None and declared.most is not None and value > declared.most:
        return f"at most {declared.most} is declared"
    return ""


Declaration = Annotated[
    Hyperparameter,
    PlainValidator(_declaration),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": ["number", "boolean"]},
                {
                    "type": "string",
                    "description": "an expression it is derived by, or `int`, `float`, `bool` if it must be given",
                },
                {
                    "type": "object",
                    "properties": {key: {"type": "number"} for key in _BOUNDED},
                    "required": ["default"],
                    "additionalProperties": False,
                },
            ],
            "description": "a number, a switch, a bounded number, or an expression over the others",
        }
    ),
]


def setting(value: object, name: str, declared: Mapping[str, Hyperparameter], at: Path) -> Number:
    """Return the value that a variant, `set` or `--set` gives to a hyperparameter; refuses what does not fit."""
    if value is REFUSED:
        hold_back()
    if name not in declared:
        near = did_you_mean(name, declared)
        listed = ", ".join(quote(known) for known in islice(declared, 8)) + ", …" * (len(declared) > 8)
        known = f"it has {listed}" if declared else "the spec declares none"
        words = f"there is no hyperparameter {quote(name)}"
        refuse("unknown-hyperparameter", words, subject=False, at=at, key=True, help=near or known)
    wanted = declared[name]
    if wanted.derived is not None:
        words = f"`{name}` is derived, as {quote(wanted.derived.text)}, and cannot be set"
        sources = " and ".join(f"`{source}`" for source in wanted.derived.names[:_SHOWN_CHAIN])
        help_ = f"set {sources}, which it is derived from" if sources else "declare it as a number"
        refuse("derived-hyperparameter", words, subject=False, at=at, key=True, help=help_)
    if not isinstance(value, bool | int | float) or (wanted.kind == "bool") != isinstance(value, bool):
        expected = {"int": "an integer", "float": "a number", "bool": "`true` or `false`"}[wanted.kind]
        refuse("wrong-type", f"expects {expected}, got {describe(value)}", at=at)
    if wanted.kind == "int" and not isinstance(value, int):
        refuse("wrong-type", f"expects an integer, got {describe(value)}", at=at)
    _readable(value, at)
    outside = _outside(value, wanted)
    if outside:
        refuse("out-of-range", f"is {value}; {outside}", at=at)
    return float(value) if wanted.kind == "float" else value


def values(
    declared: Mapping[str, Hyperparameter], settings: Mapping[str, Number], outer: Scope
) -> tuple[Scope, list[Refusal]]:
    """Return the scope under the settings, and what is wrong with the derived ones; the order of the file is no matter.

    `outer` is what the part sees around it. A name that cannot be evaluated is held back, so that its uses are not
    blamed as well.
    """
    if not declared:
        return outer, []
    own: dict[str, Number] = {}
    known: Mapping[str, Number] = own
    if outer.values:  # not copied: for thousands of parts that would add up
        known = ChainMap(own, cast("MutableMapping[str, Number]", outer.values))
    scope = Scope(known, outer.held_back, used=outer.used)

    def hold(*names: str) -> None:
        if scope.held_back is outer.held_back:  # copied only by a part with faults of its own
            scope.held_back = set(outer.held_back)
        cast("set[str]", scope.held_back).update(names)

    refused: list[Refusal] = []
    for name, hyperparameter in declared.items():
        if name in settings:
            own[name] = settings[name]
        elif hyperparameter.default is not None:
            own[name] = hyperparameter.default
        elif hyperparameter.derived is None:
            hold(name)
            words = f"the hyperparameter `{name}` is declared `{hyperparameter.kind}`, without a value, and is not set"
            help_ = f"give it a value, or set it for one run with `--set {name}=…`"
            refused.append(
                Refusal("hyperparameter-not-given", ("hyperparameters", name), Details(words, False, help=help_))
            )
    derived = {name: h.derived for name, h in declared.items() if h.derived is not None}
    order = _derivation_order(derived)
    if len(order) < len(derived):
        circular = set(derived).difference(order)
        hold(*circular)
        refused += _cycles({name: expression for name, expression in derived.items() if name in circular})
    for name in order:
        if len(refused) > MOST_FAULTS:
            hold(name)
            continue
        try:
            own[name] = evaluate(derived[name], scope, INTEGER_DIGITS.value)
        except PydanticCustomError as error:
            hold(name)
            refused.extend(Refusal(code, ("hyperparameters", name), details) for code, details in refusals(error))
    return scope, refused


def declare(value: object) -> Hyperparameter | None:
    """Return the declaration that a value is, or None where it is at fault, which the head's reading reports."""
    try:
        return _declaration(value)
    except PydanticCustomError:
        return None


def _derivation_order(derived: Mapping[str, Expression]) -> list[str]:
    """Return the derived names, each after those it uses; those on a cycle, and those that use them, are left out.

    Source: Kahn, *Topological sorting of large networks*, 1962.
    """
    waits = {name: sum(other in derived for other in expression.names) for name, expression in derived.items()}
    users: dict[str, list[str]] = {name: [] for name in derived}
    for name, expression in derived.items():
        for other in expression.names:
            if other in derived:
                users[other].append(name)
    order = [name for name, count in waits.items() if not count]
    for name in order:  # which grows on the way
        for user in users[name]:
            waits[user] -= 1
            if not waits[user]:
                order.append(user)
    return order


def _cycles(derived: Mapping[str, Expression]) -> Iterator[Refusal]:
    """Yield a refusal for each cycle that is met when every name leads to the first one it waits for."""
    following = {name: next(o for o in expression.names if o in derived) for name, expression in derived.items()}
    met: dict[str, str] = {}  # each name, and from which one it was reached
    for start in following:
        name = start
        while name not in met:
            met[name] = start
            name = following[name]
        if met[name] != start:
            continue
        cycle = [name]
        while following[cycle[-1]] != name:
            cycle.append(following[cycle[-1]])
        cycle.append(name)
        marks = tuple(
            Mark(("hyperparameters", one), f"uses `{other}`") for one, other in pairwise(cycle[: _SHOWN_CHAIN + 1])
        )
        words = f"`{name}` is derived from itself: {_chain(cycle)}"
        at = ("hyperparameters", name)
        yield Refusal(
            "hyperparameter-cycle", (), Details(words, False, at, False, marks[0].text, marks[1:], "make one a number")
        )


def _chain(names: list[str]) -> str:
    """Return what leads to what, its middle left out where it is long."""
    shown = names if len(names) <= _SHOWN_CHAIN else [*names[: _SHOWN_CHAIN - 2], "…", names[-1]]
    return " → ".join(shown)


def _checked_name(name: str) -> str:
    if not NAME.match(name):
        refuse("bad-name", f"{quote(name)} is not a name", subject=False, help=mend_name(name, NAME))
    if name in RESERVED:
        words = f"`{name}` is a word of the language, not a name for a hyperparameter"
        refuse("bad-name", words, subject=False, help="call it something else")
    return name


HyperparameterName = Annotated[str, PlainValidator(_checked_name), WithJsonSchema({"type": "string"})]
