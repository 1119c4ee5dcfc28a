"""How a network is trained, as a spec says it: `training`. Loaded where a spec has one."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Final, Literal, TypeVar, get_args

from pydantic import Field, PlainValidator, WithJsonSchema

from netspec.diagnostics import Diagnostic, did_you_mean
from netspec.layers.axes import Switch
from netspec.layers.bounds import Positive
from netspec.layers.faults import Path, describe, hold_back, refuse, together
from netspec.layers.fields import patient
from netspec.layers.layer import Strict
from netspec.layers.scope import MOST_FAULTS, Scope
from netspec.source import REFUSED
from netspec.spec.document import Document
from netspec.spec.recipe import (
    OPTIMIZERS,
    Clip,
    EarlyStopping,
    Loss,
    Metric,
    Optimizer,
    Recipe,
    Schedule,
    Standardised,
)
from netspec.spec.training_arguments import (
    ABOVE_ZERO,
    AMOUNT,
    CLIP_ARGUMENTS,
    COUNT,
    COUNTED,
    FACTOR,
    LOSS_ARGUMENTS,
    OPTIMIZER_ARGUMENTS,
    PART,
    SCHEDULE_ARGUMENTS,
    STOPPING_ARGUMENTS,
    Reader,
    arguments,
    choice,
    need,
    word_of,
)
from netspec.spec.training_words import (
    BATCH_WORDS,
    LOSS_WORDS,
    METRIC_WORDS,
    OPTIMIZER_WORDS,
    SCHEDULE_WORDS,
    Word,
    Words,
)

Read = TypeVar("Read")

_METRICS: Final[tuple[Metric, ...]] = get_args(Metric)
_BALANCED: Final = "balanced"


def _loss(value: object, scope: Scope) -> Loss | dict[str, Loss]:
    if not isinstance(value, dict) or not value or not _by_output(value):
        return _one_loss(value, scope, ())
    if all(key in LOSS_ARGUMENTS for key in value) and len(value) > 1:
        words = f"expects one loss, or the outputs by name with a loss each, got {len(value)} losses"
        refuse("wrong-type", words, help="such as `{class: cross_entropy, box: huber}`")
    losses = _in_turn([partial(_one_loss, each, scope, (name,)) for name, each in value.items()])
    return dict(zip(value, losses, strict=True))


def _by_output(value: Mapping[str, object]) -> bool:
    """Return whether a mapping has losses by output: `{class: huber}`, and not `{huber: {delta: 1}}`."""
    if len(value) > 1:
        return True
    (inner,) = value.values()
    return isinstance(inner, str) or (
        isinstance(inner, dict) and len(inner) == 1 and next(iter(inner)) in LOSS_ARGUMENTS
    )


def _one_loss(value: object, scope: Scope, at: Path) -> Loss:
    kind, given, path = choice(value, LOSS_WORDS, at)
    return Loss(kind, **arguments(kind, given, LOSS_ARGUMENTS[kind], scope, path))


def _optimizer(value: object, scope: Scope) -> Optimizer:
    kind, given, at = choice(value, OPTIMIZER_WORDS)
    found = arguments(kind, given, OPTIMIZER_ARGUMENTS[kind], scope, at)
    if found.get("nesterov"):
        if "momentum" not in found:
            words = "the key `momentum` is missing: `nesterov` looks ahead by it"
            refuse("missing-key", words, subject=False, at=(*at, "nesterov"), help="add `momentum: 0.9`")
        if not found["momentum"]:
            refuse("out-of-range", "is 0; with `nesterov` it must be above 0", at=(*at, "momentum"))
    return OPTIMIZERS[kind]._replace(**found)


def _schedule(value: object, scope: Scope) -> Schedule:
    kind, given, at = choice(value, SCHEDULE_WORDS)
    found = arguments(kind, given, SCHEDULE_ARGUMENTS[kind], scope, at)
    need(found, tuple(name for name in ("every", "factor") if name in SCHEDULE_ARGUMENTS[kind]), at)
    return Schedule(kind, **found)


def _clip(value: object, scope: Scope) -> Clip:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, dict) or not value:
        refuse("wrong-type", f"expects a bound on the gradient, got {describe(value)}", help="such as `{norm: 1.0}`")
    found = arguments("clip", value, CLIP_ARGUMENTS, scope, ())
    if len(found) > 1:
        words = "expects one bound on the gradient, got both `norm` and `value`"
        refuse("wrong-type", words, help="keep one of them")
    ((kind, limit),) = found.items()
    return Clip(kind, limit)  # type: ignore[arg-type]  # one of the two


def _early_stopping(value: object, scope: Scope) -> EarlyStopping:
    if isinstance(value, bool):
        refuse(
            "wrong-type", f"expects a patience, got {describe(value)}", help="write after how many epochs, such as 10"
        )
    if not isinstance(value, dict):
        return EarlyStopping(COUNT(value, scope, ()))
    found = arguments("early_stopping", value, STOPPING_ARGUMENTS, scope, ())
    need(found, ("patience",), ())
    return EarlyStopping(**found)


def _batch(value: object, scope: Scope) -> int | None:
    if isinstance(value, str) and (value in BATCH_WORDS.known or BATCH_WORDS.ours(value)):
        word_of(value, BATCH_WORDS)
        return None
    return int(COUNT(value, scope, ()))


def _several(words: Words[Word]) -> Callable[[object], tuple[Word, ...]]:
    """Return what reads a word, or a list of different ones."""

    def read(value: object) -> tuple[Word, ...]:
        if value is REFUSED:
            hold_back()
        if not isinstance(value, list):
            return (word_of(value, words),)
        found = together(*(partial(word_of, each, words, (i,)) for i, each in enumerate(value[:MOST_FAULTS])))
        for i, word in enumerate(found):
            if word in found[:i]:
                refuse("wrong-type", f"lists `{word}` twice", at=(), help="keep one of them")
        return tuple(found)

    return read


def _class_weights(value: object, scope: Scope) -> tuple[float, ...] | Literal["balanced"]:
    if value is REFUSED:
        hold_back()
    if value == _BALANCED:
        return "balanced"
    if not isinstance(value, list) or not value:
        near = did_you_mean(value, (_BALANCED,)) if isinstance(value, str) else ""
        help_ = near or f"write `{_BALANCED}`, or a list such as `[1, 2.5]`"
        refuse("wrong-type", f"expects a weight for each class, got {describe(value)}", help=help_)
    return tuple(_in_turn([partial(ABOVE_ZERO, each, scope, (i,)) for i, each in enumerate(value)]))


def _in_turn(readings: Sequence[Callable[[], Read]]) -> list[Read]:
    """Return what each of any number of readings gives; what stands far behind one that refuses is not read."""
    found: list[Read] = []
    for start in range(0, len(readings), MOST_FAULTS):
        found += together(*readings[start : start + MOST_FAULTS])
    return found


def _field(reader: Reader) -> PlainValidator:
    return PlainValidator(patient(lambda value, scope: reader(value, scope, ())))


_NUMBER: Final[dict[str, Any]] = {"type": ["number", "string"]}
_INTEGER: Final[dict[str, Any]] = {"type": ["integer", "string"]}


def _number_schema(meaning: str, **bounds: float) -> WithJsonSchema:
    return WithJsonSchema({**_NUMBER, **bounds, "description": meaning})


def _chosen_schema(kinds: Mapping[str, Mapping[str, Reader]]) -> dict[str, Any]:
    """Return the schema of a word, or of one with its arguments."""
    arguments = {
        kind: {
            "type": "object",
            "properties": {name: {"type": ["number", "string", "boolean"]} for name in readers},
            "additionalProperties": False,
        }
        for kind, readers in kinds.items()
    }
    one = {"minProperties": 1, "maxProperties": 1, "properties": arguments, "additionalProperties": False}
    return {"anyOf": [{"type": "string", "enum": list(kinds)}, {"type": "object", **one}]}


def _words_schema(known: tuple[str, ...]) -> dict[str, Any]:
    return {
        "anyOf": [
            {"type": "string", "enum": list(known)},
            {"type": "array", "items": {"type": "string", "enum": list(known)}, "uniqueItems": True},
        ]
    }


class Training(Strict):
    """How the network is trained: each key has its default where it is left out.

    Example:
        training: {optimizer: {sgd: {momentum: 0.9}}, learning_rate: 0.05, batch: 100, epochs: 50}
    """

    loss: (
        Annotated[
            Loss | dict[str, Loss],
            PlainValidator(patient(_loss)),
            WithJsonSchema(
                {
                    "anyOf": [
                        {"type": "string", "enum": list(LOSS_ARGUMENTS)},
                        {"type": "object", "minProperties": 1, "additionalProperties": {"type": ["string", "object"]}},
                    ]
                }
            ),
        ]
        | None
    ) = Field(
        None, description="what is made small, or that of each output by its name; what suits the targets unless given"
    )
    optimizer: (
        Annotated[Optimizer, PlainValidator(patient(_optimizer)), WithJsonSchema(_chosen_schema(OPTIMIZER_ARGUMENTS))]
        | None
    ) = Field(None, description="how parameters follow the gradient; `adam` unless given")
    learning_rate: Positive | None = Field(None, description="the step; that of the optimizer unless given")
    schedule: (
        Annotated[Schedule, PlainValidator(patient(_schedule)), WithJsonSchema(_chosen_schema(SCHEDULE_ARGUMENTS))]
        | None
    ) = Field(None, description="how the learning rate changes; `constant` unless given")
    batch: (
        Annotated[
            int | None,
            PlainValidator(patient(_batch)),
            WithJsonSchema({**_INTEGER, "minimum": 1, "description": "rows, or `full` for all"}),
        ]
        | None
    ) = Field(32, description="the rows of one step, or `full` for all")
    epochs: Annotated[int, _field(COUNT), WithJsonSchema({**_INTEGER, "minimum": 1})] = Field(
        100, description="how often every row is seen"
    )
    weight_decay: Annotated[float, _field(AMOUNT), _number_schema("a number of 0 or more", minimum=0)] = Field(
        0.0, description="by how much of it each step draws a weight towards 0, over the learning rate"
    )
    clip: (
        Annotated[
            Clip,
            PlainValidator(patient(_clip)),
            WithJsonSchema(
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "properties": {kind: {**_NUMBER, "exclusiveMinimum": 0} for kind in CLIP_ARGUMENTS},
                    "additionalProperties": False,
                }
            ),
        ]
        | None
    ) = Field(None, description="a bound on the gradient: on its `norm`, or on the `value` of each element")
    seed: Annotated[int, _field(COUNTED), WithJsonSchema({**_INTEGER, "minimum": 0})] = Field(
        0, description="what the order of the rows, and what dropout drops, are drawn from"
    )
    shuffle: Switch = Field(True, description="whether each epoch has the rows in an order of its own")
    validation: (
        Annotated[
            float,
            _field(PART),
            _number_schema("a share of the rows", exclusiveMinimum=0, exclusiveMaximum=1),
        ]
        | None
    ) = Field(None, description="the share of the rows that are held back, to be measured on")
    early_stopping: (
        Annotated[
            EarlyStopping,
            PlainValidator(patient(_early_stopping)),
            WithJsonSchema(
                {
                    "anyOf": [
                        {**_INTEGER, "minimum": 1},
                        {
                            "type": "object",
                            "properties": {
                                "patience": {**_INTEGER, "minimum": 1},
                                "metric": {"type": "string", "enum": ["loss", *_METRICS]},
                                "at_least": {**_NUMBER, "minimum": 0},
                            },
                            "required": ["patience"],
                            "additionalProperties": False,
                        },
                    ]
                }
            ),
        ]
        | None
    ) = Field(None, description="after how many epochs in which validation got no better training ends")
    standardise: Annotated[
        tuple[Standardised, ...],
        PlainValidator(_several(Words("a part of the data", get_args(Standardised)))),
        WithJsonSchema(_words_schema(get_args(Standardised))),
    ] = Field((), description="what is given mean 0 and variance 1: `inputs`, `targets` or both")
    class_weights: (
        Annotated[
            tuple[float, ...] | Literal["balanced"],
            PlainValidator(patient(_class_weights)),
            WithJsonSchema(
                {
                    "anyOf": [
                        {"type": "string", "enum": [_BALANCED]},
                        {"type": "array", "minItems": 1, "items": {**_NUMBER, "exclusiveMinimum": 0}},
                    ]
                }
            ),
        ]
        | None
    ) = Field(None, description="the weight of each class, or `balanced`: the inverse of how often it occurs")
    metrics: Annotated[
        tuple[Metric, ...], PlainValidator(_several(METRIC_WORDS)), WithJsonSchema(_words_schema(_METRICS))
    ] = Field((), description="what is measured besides the loss")
    recompute: Switch = Field(False, description="whether what lies between blocks is computed twice, to spare memory")
    batch_norm_momentum: Annotated[float, _field(FACTOR), _number_schema("a share", exclusiveMinimum=0, maximum=1)] = (
        Field(0.1, description="the share that a batch has in the mean and variance that batch norms keep")
    )


def read_training(
    document: Document, sections: Mapping[Path, object], scope: Scope
) -> tuple[Recipe | None, list[Diagnostic]]:
    """Return the recipe that the sections of a spec mean together, by their paths, and its faults.

    The keys of a later section go before those of an earlier one. None where one is at fault.
    """
    keys: dict[str, Any] = {}
    faults: list[Diagnostic] = []
    sound = True
    for path, data in sections.items():
        found, more = document.read(Training, data, path, scope)
        faults += more
        sound = sound and found is not None
        keys.update({} if found is None else {key: said for key, said in found if key in found.model_fields_set})
    return Recipe(**keys) if sound else None, faults
