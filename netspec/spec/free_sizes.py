"""The free sizes that a part names under `symbols`, and what they are where the part is used."""

from collections import ChainMap
from collections.abc import Mapping
from typing import Any

from netspec.diagnostics import Diagnostic
from netspec.layers.faults import Details, Path
from netspec.layers.scope import Named, Scope
from netspec.operations import Shape
from netspec.sizes import Size, symbol
from netspec.spec.document import Document


def with_symbols(
    document: Document,
    path: Path,
    data: Mapping[str, Any],
    scope: Scope,
    incoming: tuple[Shape, ...] | None,
    faults: list[Diagnostic],
) -> Scope:
    """Return the scope with the free sizes that a part names: free still, or what comes in where it is used.

    `faults` grows by names that are taken.
    """
    listed = data.get("symbols")
    names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    if not names:
        return scope
    bound = {} if incoming is None else _bound(names, data, incoming)
    own: dict[str, Named] = {}
    for i, name in enumerate(names):
        if name in scope.values:
            words = f"the name `{name}` is taken: a hyperparameter or another free size has it"
            details = Details(words, False, ("symbols", i), help="rename one of them")
            faults.append(document.fault("name-taken", path, details))
        else:
            own[name] = bound.get(name, symbol(name))
    within = Scope(ChainMap(own, scope.values), scope.held_back, scope.digits, scope.used)  # type: ignore[arg-type]
    within.blind = scope.blind
    return within


def _bound(names: list[str], data: Mapping[str, Any], incoming: tuple[Shape, ...]) -> dict[str, Size]:
    """Return the sizes that come in where a part names them: `input: [C, H, W]` is named anew at each use."""
    inputs = data.get("inputs")
    written = list(inputs.values()) if isinstance(inputs, dict) else [data.get("input")]
    bound: dict[str, Size] = {}
    for axes, shape in zip(written, incoming, strict=False):
        listed = axes.get("shape") if isinstance(axes, dict) else axes
        listed = listed if isinstance(listed, list) else [listed]
        if len(listed) == len(shape):
            for name, size in zip(listed, shape, strict=True):
                if isinstance(name, str) and name in names:
                    bound.setdefault(name, size)
    return bound
