"""The arguments of a recipe's words: which each word takes, what they may be, and how they are read."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from itertools import islice
from typing import Any, Final, NoReturn

from netspec.diagnostics import Mend, did_you_mean, quote, show
from netspec.layers.axes import switch
from netspec.layers.faults import Path, describe, hold_back, refuse, together
from netspec.layers.fields import integer, number
from netspec.layers.scope import MOST_FAULTS, Scope
from netspec.source import REFUSED
from netspec.spec.recipe import LossKind, OptimizerKind, Recipe, ScheduleKind
from netspec.spec.training_words import ARGUMENTS_ELSEWHERE, STOPPING_WORDS, Word, Words

Reader = Callable[[object, Scope, Path], Any]
"""What reads an argument: the value as written, the names in sight, and the path to it from the value of the key."""


def _bounded(within: Callable[[float], bool], words: str) -> Reader:
    """Return what reads a number that has to be within bounds, which are told in words."""

    def read(value: object, scope: Scope, at: Path = ()) -> float:
        """Return the number that a value is; refuses another."""
        found = number(value, scope, at)
        if not within(found):
            written = f" ({quote(value)})" if isinstance(value, str) else ""
            refuse("out-of-range", f"is {show(found)}{written}; it must be {words}", at=at)
        return float(found)

    return read


def _whole(least: int) -> Reader:
    """Return what reads an integer of at least `least`."""

    def read(value: object, scope: Scope, at: Path = ()) -> int:
        """Return the integer that a value is; refuses another."""
        found = integer(value, scope, at=at)
        if found < least:
            written = f" ({quote(value)})" if isinstance(value, str) else ""
            refuse("out-of-range", f"is {found}{written}; at least {least} is needed", at=at)
        return found

    return read


ABOVE_ZERO = _bounded(lambda found: found > 0, "above 0")
AMOUNT = _bounded(lambda found: found >= 0, "at least 0")
SHARE = _bounded(lambda found: 0 <= found < 1, "at least 0 and below 1")
PART = _bounded(lambda found: 0 < found < 1, "above 0 and below 1")
FACTOR = _bounded(lambda found: 0 < found <= 1, "above 0, and at most 1")
LOWEST = _bounded(lambda found: 0 <= found <= 1, "at least 0, and at most 1")
COUNT, COUNTED = _whole(1), _whole(0)


def _metric(value: object, _: Scope, at: Path) -> str:
    return word_of(value, STOPPING_WORDS, at)


LOSS_ARGUMENTS: Final[dict[LossKind, dict[str, Reader]]] = {
    "squared_error": {"weight": ABOVE_ZERO},
    "absolute_error": {"weight": ABOVE_ZERO},
    "huber": {"delta": ABOVE_ZERO, "weight": ABOVE_ZERO},
    "cross_entropy": {"smoothing": SHARE, "weight": ABOVE_ZERO},
    "binary_cross_entropy": {"weight": ABOVE_ZERO},
}
OPTIMIZER_ARGUMENTS: Final[dict[OptimizerKind, dict[str, Reader]]] = {
    "sgd": {"momentum": SHARE, "nesterov": switch},
    "adam": {"beta_1": SHARE, "beta_2": SHARE, "epsilon": ABOVE_ZERO},
    "adamw": {"beta_1": SHARE, "beta_2": SHARE, "epsilon": ABOVE_ZERO},
    "rmsprop": {"beta_2": SHARE, "epsilon": ABOVE_ZERO, "momentum": SHARE, "centered": switch},
}
SCHEDULE_ARGUMENTS: Final[dict[ScheduleKind, dict[str, Reader]]] = {
    "constant": {"warm_up": AMOUNT},
    "step": {"every": COUNT, "factor": FACTOR, "warm_up": AMOUNT},
    "cosine": {"minimum": LOWEST, "warm_up": AMOUNT},
    "exponential": {"factor": FACTOR, "warm_up": AMOUNT},
}
CLIP_ARGUMENTS: Final[dict[str, Reader]] = {"norm": ABOVE_ZERO, "value": ABOVE_ZERO}
STOPPING_ARGUMENTS: Final[dict[str, Reader]] = {"patience": COUNT, "metric": _metric, "at_least": AMOUNT}


def word_of(value: object, words: Words[Word], at: Path = (), *, key: bool = False) -> Word:
    """Return one of a closed set of words; refuses any other, with ours for what other libraries say."""
    if value is REFUSED:
        hold_back()
    if not isinstance(value, str):
        refuse("wrong-type", f"expects {words.noun}, got {describe(value)}", at=at, help=words.listed)
    for each in words.known:
        if each == value:
            return each
    ours = words.ours(value)
    near = "" if words.is_other(value) else did_you_mean(value, words.known)
    if ours is not None:
        near = Mend.by(ours, f"it is called `{ours}` here")
    said = f"there is no {words.noun.partition(' ')[2]} {quote(value)}"
    refuse("unknown-word", said, subject=False, at=at, key=key, help=near or words.listed)


def choice(value: object, words: Words[Word], at: Path = ()) -> tuple[Word, object, Path]:
    """Return the word of `adam`, or of `{adam: {…}}`, with its arguments and the path to them."""
    if value is REFUSED:
        hold_back()
    if not isinstance(value, dict):
        return word_of(value, words, at), {}, at
    if len(value) != 1:
        refuse("wrong-type", f"expects {words.noun}, got {describe(value)}", at=at, help=words.example)
    ((word, given),) = value.items()
    return word_of(word, words, (*at, word), key=True), given, (*at, word)


def arguments(of: str, given: object, readers: Mapping[str, Reader], scope: Scope, at: Path) -> dict[str, Any]:
    """Return the arguments that are given, each by its reader; refuses those that there are not."""
    if given is REFUSED:
        hold_back()
    if not isinstance(given, dict):
        words = f"expects the arguments of `{of}` as a mapping, got {describe(given)}"
        refuse("wrong-type", words, at=at, help=f"such as `{of}: {{{next(iter(readers))}: …}}`")
    own = (partial(reader, given[name], scope, (*at, name)) for name, reader in readers.items() if name in given)
    strangers = (partial(_stranger, of, key, readers, at) for key in islice(given, MOST_FAULTS) if key not in readers)
    return dict(zip([name for name in readers if name in given], together(*own, *strangers), strict=False))


def _stranger(of: str, key: str, known: Collection[str], at: Path) -> NoReturn:
    spelled = key.lower().replace("-", "_")
    ours = ARGUMENTS_ELSEWHERE.get(spelled, spelled)
    near = did_you_mean(key, known) or f"it takes {', '.join(f'`{each}`' for each in known)}"
    if ours in known:
        near = Mend.by(ours, f"it is called `{ours}` here")
    elif ours in Recipe._fields:
        near = f"`{ours}` is a key of `training` itself"
    refuse("unknown-key", f"`{of}` has no argument {quote(key)}", subject=False, at=(*at, key), key=True, help=near)


def need(given: Mapping[str, object], names: tuple[str, ...], at: Path) -> None:
    """Refuse where an argument is missing."""
    for name in names:
        if name not in given:
            refuse("missing-key", f"the key `{name}` is missing", subject=False, at=at, help=f"add `{name}: …`")
