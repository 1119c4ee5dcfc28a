"""netspec: a declarative language for neural networks, its validator and its compiler.

`load` reads a spec into a `Network`, with its shapes, facts and graph; `network.build()` makes a `Model`, a function
of NumPy arrays, and `network.train()` a `Trained` one; `validate` gives the diagnostics of a file, and `load_model`
reads a model back.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netspec.diagnostics import Diagnostic, NetspecError, SpecError, SystemFault
    from netspec.model import Model, load_model
    from netspec.network import Network, load, loads, validate
    from netspec.spec.recipe import Recipe
    from netspec.training.loop import Watch
    from netspec.training.outcome import DivergenceWarning, Outcome
    from netspec.training.progress import Epoch
    from netspec.training.training import Keeping, Trained
    from netspec.version import __version__

__all__ = [
    "Diagnostic",
    "DivergenceWarning",
    "Epoch",
    "Keeping",
    "Model",
    "NetspecError",
    "Network",
    "Outcome",
    "Recipe",
    "SpecError",
    "SystemFault",
    "Trained",
    "Watch",
    "__version__",
    "load",
    "load_model",
    "loads",
    "validate",
]

_HOMES = {
    "netspec.diagnostics": ("Diagnostic", "NetspecError", "SpecError", "SystemFault"),
    "netspec.model": ("Model", "load_model"),
    "netspec.network": ("Network", "load", "loads", "validate"),
    "netspec.spec.recipe": ("Recipe",),
    "netspec.training.loop": ("Watch",),
    "netspec.training.outcome": ("DivergenceWarning", "Outcome"),
    "netspec.training.progress": ("Epoch",),
    "netspec.training.training": ("Keeping", "Trained"),
    "netspec.version": ("__version__",),
}


def __getattr__(name: str) -> Any:
    """Return a public name, its module loaded when the name is first asked for."""
    for home, names in _HOMES.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(home), name)
    raise AttributeError(f"module 'netspec' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
