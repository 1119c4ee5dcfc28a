"""A plan read back from its JSON, which anyone may have edited: checked, and held against the network and the file."""

import json
from collections.abc import Mapping
from typing import Any, Final, NoReturn, TypeVar, get_args

from netspec.diagnostics import Diagnostic, FileFault, Place, Span, SpecError, quote
from netspec.files.folder import read_named
from netspec.limits import PLAN_BYTES, TENSORS
from netspec.migration.exporters import permuted
from netspec.migration.json_plan import PLAN_VERSION
from netspec.migration.steps import ACTS, BEGINS, FILLS, GROUNDS, Edge, Plan, Side, Sizes, Step, Verdict
from netspec.migration.wanted import Wanted
from netspec.migration.weights import Weights
from netspec.spec import Dtype

_RANK: Final = 32
_MARKS: Final = 75 * TENSORS.value  # of twice as many steps, each with its keys, shapes and edges
_OBJECTS: Final = 10 * TENSORS.value  # of twice as many steps, each with edges on all axes of a kernel
_KEYS: Final = 16
_T = TypeVar("_T", str, int, bool, list, dict)  # type: ignore[type-arg]


class _Fault(Exception):
    """What is wrong with a document: where in it, and why, in one clause."""


def read_plan(path: str) -> Plan:
    """Return the plan in a file. Raises SpecError `bad-plan`, located, where it is none, and `file-too-large`."""
    try:
        data = read_named(path, PLAN_BYTES)
    except FileFault as fault:
        raise _refused(path, fault.reason, fault.code, help_=fault.help) from fault
    try:
        marks = sum(map(data.count, (b",", b"[", b"{")))
        if marks > _MARKS:
            raise _Fault(f"it has {marks:,} commas and brackets; at most {_MARKS:,} are read")
        document = json.loads(
            data.decode(), object_pairs_hook=_Once(), parse_float=_no_number, parse_constant=_no_number
        )
        return _plan(document)
    except json.JSONDecodeError as error:
        raise _refused(path, "it is no JSON", line=error.lineno, column=error.colno) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise _refused(path, "it is no JSON") from error
    except ValueError as error:  # a number with thousands of digits
        raise _refused(path, "it has a number that is no size") from error
    except _Fault as fault:
        raise _refused(path, str(fault)) from fault


def check_plan(path: str, plan: Plan, fingerprint: str, network: Wanted, weights: Weights) -> None:
    """Refuse a plan that is of another network, or of another file of weights. Raises SpecError `bad-plan`."""
    try:
        if plan.new.fingerprint != fingerprint:
            raise _Fault("it leads to another network: the fingerprints differ")
        targets = [step.target for step in plan.steps if step.target is not None]
        if sorted(targets) != sorted(network.tensors):
            raise _Fault("its targets are not the network's tensors, each once")
        for number, step in enumerate(plan.steps):
            _check_step(f"steps[{number}]", step, network, weights)
        named = {step.source for step in plan.steps}
        silent = next((name for name in weights.tensors if name not in named), None)
        if silent is not None:
            raise _Fault(f"it says nothing of the file's {quote(silent)}")
    except _Fault as fault:
        raise _refused(path, str(fault)) from fault


def _check_step(at: str, step: Step, network: Wanted, weights: Weights) -> None:
    shape: Sizes = ()
    if step.target is not None:
        shape = network.tensors[step.target].shape
        if step.new_shape != shape:
            raise _Fault(f"{at}: {quote(step.target)} has the shape {shape}")
    if step.source is None:
        if step.target is None:
            raise _Fault(f"{at}: it is of no tensor")
        if step.begins == "identity" and (len(shape) < 2 or shape[0] < shape[1]):
            raise _Fault(f"{at}: {quote(step.target)} cannot be the identity")
        return
    stored = weights.tensors.get(step.source)
    if stored is None or stored.shape != step.old_shape:
        raise _Fault(f"{at}: the file has no {quote(step.source)} of this shape")
    if step.target is None:
        return
    if not stored.taken:
        raise _Fault(f"{at}: {quote(step.source)} holds {stored.dtype}")
    if step.axes and sorted(step.axes) != list(range(len(stored.shape))):
        raise _Fault(f"{at}: its axes are not those of {quote(step.source)}")
    sizes = list(permuted(stored.shape, step.axes))
    for edge in step.edges:
        _check_edge(at, edge, sizes)
    if tuple(sizes) != shape:
        raise _Fault(f"{at}: it does not lead to the shape {shape}")


def _check_edge(at: str, edge: Edge, sizes: list[int]) -> None:
    """Hold an edge against the axis that it is of, and put its new length there."""
    if edge.axis >= len(sizes) or sizes[edge.axis] != edge.old or edge.old < 1:
        raise _Fault(f"{at}: an edge is of an axis that there is not")
    if edge.old == edge.new or (edge.fill is None) != (edge.new < edge.old):
        raise _Fault(f"{at}: axis {edge.axis} is filled where it grows, and not where it is cut")
    if edge.old % edge.block or edge.new % edge.block:
        raise _Fault(f"{at}: axis {edge.axis} has no blocks of {edge.block}")
    sizes[edge.axis] = edge.new


def _plan(document: object) -> Plan:
    keys = _mapping("", document, "plan new old weights dtype verdict notes counts empty steps")
    if type(keys["plan"]) is not int or keys["plan"] != PLAN_VERSION:
        raise _Fault(f"plan: it is not of version {PLAN_VERSION}")
    verdict = _mapping("verdict", keys["verdict"], "outcome grounds")
    steps = _typed("steps", keys["steps"], list)
    dtype: Dtype = _word("dtype", keys["dtype"], get_args(Dtype))
    return Plan(
        _side("new", keys["new"]),
        None if keys["old"] is None else _side("old", keys["old"]),
        _typed("weights", keys["weights"], str),
        dtype,
        tuple(_step(f"steps[{number}]", each) for number, each in enumerate(steps)),
        Verdict(_word("verdict.outcome", verdict["outcome"], ("keeps", "unproven", "unknown"))),
    )


def _side(at: str, value: object) -> Side:
    keys = _mapping(at, value, "file name fingerprint")
    return Side(*[_typed(f"{at}.{key}", keys[key], str) for key in ("file", "name", "fingerprint")])


def _step(at: str, value: object) -> Step:
    keys = _mapping(at, value, "act source target old_shape new_shape axes edges begins grounds copy why")
    names = [None if keys[key] is None else _typed(f"{at}.{key}", keys[key], str) for key in ("source", "target")]
    shapes = [None if keys[key] is None else _sizes(f"{at}.{key}", keys[key]) for key in ("old_shape", "new_shape")]
    edges = _typed(f"{at}.edges", keys["edges"], list)
    if len(edges) > _RANK:
        raise _Fault(f"{at}.edges: there are too many")
    step = Step(
        names[0],
        names[1],
        shapes[0],
        shapes[1],
        _sizes(f"{at}.axes", keys["axes"]),
        tuple(_edge(f"{at}.edges[{number}]", each) for number, each in enumerate(edges)),
        "" if keys["begins"] is None else _word(f"{at}.begins", keys["begins"], BEGINS),
        "" if keys["grounds"] is None else _word(f"{at}.grounds", keys["grounds"], GROUNDS),
        _typed(f"{at}.copy", keys["copy"], bool),
        _typed(f"{at}.why", keys["why"], str),
    )
    if step.act != _word(f"{at}.act", keys["act"], ACTS):
        raise _Fault(f"{at}.act: what it says is to {step.act}")
    if (step.source is None) != (step.begins != ""):
        raise _Fault(f"{at}.begins: a new tensor begins in some way, and no other does")
    return step


def _edge(at: str, value: object) -> Edge:
    keys = _mapping(at, value, "axis old new fill block")
    numbers = {key: _size(f"{at}.{key}", keys[key]) for key in ("axis", "old", "new", "block")}
    if not numbers["block"]:
        raise _Fault(f"{at}.block: it is 1 or more")
    fill = None if keys["fill"] is None else _word(f"{at}.fill", keys["fill"], FILLS)
    return Edge(numbers["axis"], numbers["old"], numbers["new"], fill, numbers["block"])


def _mapping(at: str, value: object, names: str) -> Mapping[str, Any]:
    wanted = set(names.split())
    if not isinstance(value, dict) or set(value) != wanted:
        raise _Fault(f"{f'{at}: ' if at else ''}it does not have just the keys {', '.join(sorted(wanted))}")
    return value


def _typed(at: str, value: object, kind: type[_T]) -> _T:
    if type(value) is not kind:
        words = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "an object"}
        raise _Fault(f"{at}: {words[kind]} is expected")
    return value


def _word(at: str, value: object, words: tuple[Any, ...]) -> Any:
    if not isinstance(value, str) or value not in words:
        raise _Fault(f"{at}: one of {', '.join(words)} is expected")
    return value


def _size(at: str, value: object) -> int:
    number = _typed(at, value, int)
    if not 0 <= number < 10**18:
        raise _Fault(f"{at}: it is no size")
    return number


def _sizes(at: str, value: object) -> Sizes:
    numbers = _typed(at, value, list)
    if len(numbers) > _RANK:
        raise _Fault(f"{at}: it has more than {_RANK} axes")
    return tuple(_size(f"{at}[{number}]", each) for number, each in enumerate(numbers))


class _Once:
    """Makes the objects of a document, each key once, and no more of them than a plan has."""

    def __init__(self) -> None:
        self._left = _OBJECTS

    def __call__(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise _Fault("an object has a key twice")
        if len(found) > _KEYS:
            raise _Fault(f"an object has {len(found):,} keys; at most {_KEYS} are read")
        self._left -= 1
        if self._left < 0:
            raise _Fault(f"it has more than {_OBJECTS:,} objects")
        return found


def _no_number(text: str) -> NoReturn:
    raise _Fault(f"it has the number {quote(text)}, which is no size")


def _refused(
    path: str, words: str, code: str = "bad-plan", *, line: int = 1, column: int = 1, help_: str = ""
) -> SpecError:
    place = Place(path, Span(line, column, line, column))
    return SpecError([Diagnostic(code, f"{quote(path)}: {words}", place, help=help_)])
