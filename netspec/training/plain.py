"""A recipe as plain data, as JSON has it."""

from collections.abc import Iterator, Mapping

from netspec.spec.recipe import Recipe


def plain(recipe: Recipe) -> dict[str, object]:
    """Return a recipe as mappings, lists, texts and numbers, its keys in the recipe's order."""
    return {key: _plain(value) for key, value in recipe._asdict().items()}


def differences(before: Mapping[str, object], now: Mapping[str, object]) -> Iterator[tuple[str, object, object]]:
    """Yield each key at which two plain recipes differ, `optimizer.momentum`, with both values."""
    for key in [*now, *(key for key in before if key not in now)]:
        one, other = before.get(key), now.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            for inner, first, second in differences(one, other):
                yield f"{key}.{inner}", first, second
        elif one != other or isinstance(one, bool) != isinstance(other, bool):
            yield key, one, other


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        fields: tuple[str, ...] | None = getattr(value, "_fields", None)
        if fields is None:
            return [_plain(inner) for inner in value]
        return {name: _plain(inner) for name, inner in zip(fields, value, strict=True)}
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return value
