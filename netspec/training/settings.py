"""Keys of a recipe that are said beside a spec, in Python or on the command line: read as those of a spec are."""

from collections.abc import Mapping
from typing import Any, Final

from netspec.diagnostics import Diagnostic, SystemFault, quote
from netspec.diagnostics.suggest import nearest
from netspec.layers.scope import Scope
from netspec.spec.document import TRAINING_ELSEWHERE
from netspec.spec.library import Library
from netspec.spec.part import Part
from netspec.spec.recipe import Clip, EarlyStopping, Loss, Optimizer, Recipe, Schedule
from netspec.spec.training import read_training
from netspec.spec.yaml_text import from_keys

_PARTS: Final = (Clip, EarlyStopping, Loss, Optimizer, Schedule)
"""What a recipe holds; such a value is taken as it is."""


def read_keys(text: str, name: str, sizes: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], list[Diagnostic]]:
    """Return the fields of a recipe that a text in YAML, `training: {…}`, gives, and the faults that it has.

    `sizes` are the hyperparameters that it may name.
    """
    document = Library(None).add(text.encode(errors="surrogatepass"), name, name)
    faults = list(document.source.faults)
    said = document.data.get("training", {})
    if faults or not isinstance(said, dict):
        return {}, faults
    recipe, faults = read_training(document, {("training",): said}, Scope(dict(sizes or {})))
    return {} if recipe is None else {key: value for key, value in recipe._asdict().items() if key in said}, faults


def recipe_of(part: Part, given: Recipe | None, settings: Mapping[str, Any]) -> Recipe:
    """Return the recipe that is given, else that of a spec, with settings in place of some keys.

    Raises SystemFault `usage` as `with_settings` does.
    """
    check_type("recipe", given, Recipe, "a Recipe")
    recipe = (part.training or Recipe()) if given is None else given
    return with_settings(recipe, settings, part.scope.values)


def check_type(name: str, value: object, kind: type, expected: str) -> None:
    """Refuse an argument of another type; None is none. Raises TypeError."""
    if value is not None and not isinstance(value, kind):
        raise TypeError(f"{name} is of type {type(value).__name__}; expected {expected}")


def with_settings(recipe: Recipe, settings: Mapping[str, Any], sizes: Mapping[str, Any] | None = None) -> Recipe:
    """Return the recipe with some keys said anew, spelled as in a spec: `optimizer={"sgd": {"momentum": 0.9}}`.

    What a recipe holds, and None for what is left out, is taken as it is. Raises SystemFault `usage` for what a spec
    would be refused for.
    """
    found: dict[str, Any] = {}
    for key, value in settings.items():
        if key not in Recipe._fields:
            raise SystemFault("usage", f"a recipe has no key {quote(key)}", _meant(key))
        if value is None and key != "batch" and Recipe._field_defaults[key] is not None:
            raise SystemFault("usage", f"`{key}` is None, and a training needs one", f"leave `{key}` out, or say which")
        losses = isinstance(value, Mapping) and any(isinstance(inner, Loss) for inner in value.values())
        if value is None or losses or isinstance(value, _PARTS):
            found[key] = value
        else:
            said, faults = read_keys(from_keys({"training": {key: value}}), "<settings>", sizes)
            if faults:
                headline = faults[0].headline
                named = headline if key in headline else f"`{key}`: {headline}"
                raise SystemFault("usage", named, str(faults[0].help))
            found |= said
    return recipe._replace(**found)


def _meant(key: str) -> str:
    """Return the help for a key that is none: the one that was meant, else all."""
    near = TRAINING_ELSEWHERE.get(key.lower()) or nearest(key, Recipe._fields)
    return f"did you mean `{near}`?" if near else f"there are {', '.join(Recipe._fields)}"
