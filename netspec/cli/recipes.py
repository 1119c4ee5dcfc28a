"""The recipe of a training: what the command line says goes before the spec, and all of it is told."""

from collections.abc import Mapping
from itertools import zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from netspec.diagnostics import SystemFault, show

if TYPE_CHECKING:
    from netspec.network import Network
    from netspec.spec.recipe import Recipe

OPTIONS: Final = {
    "loss": "--loss",
    "optimizer": "--optimizer",
    "learning_rate": "--learning-rate",
    "schedule": "--schedule",
    "batch": "--batch",
    "epochs": "--epochs",
    "weight_decay": "--weight-decay",
    "clip": "--clip",
    "seed": "--seed",
    "shuffle": "--no-shuffle",
    "validation": "--validation",
    "early_stopping": "--early-stopping",
    "standardise": "--standardise",
    "class_weights": "--class-weights",
    "metrics": "--metrics",
    "recompute": "--recompute",
}
"""The keys of a recipe that an option says."""

_LISTS: Final = ("standardise", "metrics", "class_weights")

# Keys that are told where something says them, and else would be noise.
_QUIET: Final = ("weight_decay", "shuffle", "recompute", "batch_norm_momentum", "schedule")
_SPEC: Final = "the spec"
_SHOWN: Final = 240  # characters of a value
_WIDEST: Final = 40  # columns of values
_NARROWEST: Final = 16  # columns of notes, however narrow the terminal


def recipe_of(network: "Network", given: Mapping[str, str]) -> "Recipe":
    """Return the recipe of the spec with the values of options, as text by key, in place of its own.

    Raises SystemFault `usage` for what a spec would refuse, in the same words.
    """
    from netspec.spec.recipe import Recipe

    keys: dict[str, Any] = {}
    for key, text in given.items():
        keys |= _read(key, text, network)
    return (network.part.training or Recipe())._replace(**keys)


def _read(key: str, text: str, network: "Network") -> dict[str, object]:
    """Return the key with what its value means; of one that takes a list, a list may stand without its brackets."""
    from netspec.training.settings import read_keys

    option = OPTIONS[key]
    if not text.strip() or any(letter in text for letter in "\r\n"):
        raise SystemFault("usage", f"{option}: expects a value on one line", f"write it as `{key}` stands in a spec")
    if key in _LISTS and "," in text and not text.lstrip().startswith("["):
        text = f"[{text}]"
    found, faults = read_keys(f"training:\n  {key}: {text}\n", option, network.part.scope.values)
    if faults:
        raise SystemFault("usage", f"{option}: {faults[0].headline}", str(faults[0].help))
    return found


def recipe_table(
    before: "Recipe | None",
    now: "Recipe",
    said: Mapping[str, str],
    files: Mapping[str, str],
    origins: Mapping[str, str],
    width: int | None = None,
    drawn: tuple[int, str] | None = None,
) -> str:
    """Return the recipe in force as lines, with where each key is from that is no default.

    `before` is the spec's own recipe, None where it has none; `said` are the options that were given, by their keys;
    `files` what stands for a key as the name of a file; `origins` where its keys are from, if not the spec itself.
    `width` is the terminal's, in columns; `drawn` the seed of the parameters, and where that is from.
    """
    from netspec.spec.recipe import Recipe

    keys, old, default = _written(now), _written(before or Recipe()), _written(Recipe())
    keys |= {key: show(name, _SHOWN) for key, name in files.items()}
    rows: list[tuple[str, str, str]] = []
    for key in [key for key in Recipe._fields if key in keys or key in said]:
        value, was = keys.get(key, "none"), old.get(key, "none")
        of_the_spec = before is not None and was != default.get(key, "none")
        if key in said:
            what = f"{was} of {origins.get(key, _SPEC)}" if of_the_spec else was
            note = OPTIONS[key] + (f", instead of {what}" if was not in ("none", value) else "")
        elif key == "loss" and key not in old:
            note = "suits the targets"
        elif of_the_spec:
            note = origins.get(key, _SPEC)
        elif key in _QUIET:
            continue
        else:
            note = ""
        rows.append((key, value, note))
        if key == "seed" and drawn is not None:
            rows.append(("parameters", f"seed {drawn[0]}", drawn[1]))
    return _table(rows, width)


def _table(rows: list[tuple[str, str, str]], width: int | None) -> str:
    """Return rows of three columns as lines; a value, or on a narrow terminal a note, goes on in further lines."""
    first, second = max(len(row[0]) for row in rows), min(_WIDEST, max(len(row[1]) for row in rows))
    third = 1_000 if width is None else max(_NARROWEST, width - first - second - 6)
    lines: list[str] = []
    for key, value, note in rows:
        parts = [_wrapped(text, columns) for text, columns in ((value, second), (note, third))]
        for head, middle, end in zip_longest([key], *parts, fillvalue=""):
            lines.append(f"  {head:<{first}}  {middle:<{second}}  {end}".rstrip() + "\n")
    return "".join(lines)


def _wrapped(text: str, columns: int) -> list[str]:
    """Return the lines of a text, broken between words."""
    return wrap(text, columns, break_long_words=False, break_on_hyphens=False)


def _written(recipe: "Recipe") -> dict[str, str]:
    """Return each key as a spec has it, on one line; the loss of a single output without its name."""
    from netspec.spec.training_keys import training_keys

    keys = training_keys(recipe, whole=False)
    if recipe.early_stopping is not None:
        said = {key: value for key, value in recipe.early_stopping._asdict().items() if value not in ("loss", 0.0)}
        keys["early_stopping"] = said["patience"] if len(said) == 1 else said
    return {key: show(_flow(value), _SHOWN) for key, value in keys.items()}


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        if list(value) == ["out"]:
            return _flow(value["out"])
        return f"{{{', '.join(f'{key}: {_flow(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    short = f"{value:g}" if isinstance(value, float) else ""
    return short if short and float(short) == value else str(value)
