"""The text of kernels: what an emitted program copies, so that it needs nothing but NumPy.

A kernel is a plain function in a module of `netspec.compiler.kernels`, which uses NumPy, `math`, and functions and
constants of these modules. Copied are those that a program calls and what they use in turn, nothing else.
"""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

MODULES: Final = (
    "buffers", "matrices", "products", "upright", "maps", "folding", "tiles", "convolution", "channels_last", "strips",
    "winograd", "pooling", "normalisation", "softmax", "special", "finishing", "resampling", "shapes", "picking",
    "sequence", "recurrent",
)  # fmt: skip
"""The modules of kernels, in the order of their texts."""

DERIVATIVES: Final = (
    "losses", "merges", "dropping", "slopes", "prelu", "convolutions", "transposed", "pools", "channel_norms",
    "resampling_gradients", "reductions", "softmax_gradients", "row_maps", "matrix_products", "sequence_norms",
    "embedding", "rotation", "attention", "scanning", "pieces",
)  # fmt: skip
"""Those of `netspec.gradients.kernels`, which programs of gradients call besides."""


class Definition(NamedTuple):
    """A function or a constant: its name, its text with the comments above it, and the names that it uses."""

    name: str
    text: str
    uses: frozenset[str]
    is_function: bool


@cache
def definitions(*, derivatives: bool = False) -> dict[str, Definition]:
    """Return everything that the modules of kernels define, by name, in their order; with `derivatives` those that
    programs of gradients call, too.
    """
    found: dict[str, Definition] = dict(definitions()) if derivatives else {}
    package, modules = (
        ("netspec.gradients.kernels", DERIVATIVES) if derivatives else ("netspec.compiler.kernels", MODULES)
    )
    for module in modules:
        text = (files(package) / f"{module}.py").read_text(encoding="utf-8")
        for definition in _defined(text):
            if definition.name in found:
                raise ValueError(f"two kernels are called {definition.name}")
            found[definition.name] = definition
    return found


def kernel_texts(called: Iterable[str], *, derivatives: bool = False) -> list[Definition]:
    """Return the definitions that the named functions need, themselves included, each once and in their order."""
    every = definitions(derivatives=derivatives)
    needed: set[str] = set()
    waiting = list(called)
    while waiting:
        name = waiting.pop()
        if name in every and name not in needed:
            needed.add(name)
            waiting.extend(every[name].uses)
    return [definition for name, definition in every.items() if name in needed]


def kernel_lines(called: Iterable[str], *, derivatives: bool = False) -> Iterator[str]:
    """Yield the texts that the named functions need, with the blank lines that Python has between them."""
    constants = False
    for definition in kernel_texts(called, derivatives=derivatives):
        if definition.is_function:
            yield from ("", "")
        elif not constants:
            yield ""
        constants = not definition.is_function
        yield definition.text


def needs_math(called: Iterable[str], *, derivatives: bool = False) -> bool:
    """Return whether the texts use the module `math`."""
    return any("math" in definition.uses for definition in kernel_texts(called, derivatives=derivatives))


def _defined(text: str) -> Iterator[Definition]:
    """Yield the functions and constants of a module."""
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            name = node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper():
            name = node.targets[0].id  # a constant, where a type has another spelling
        else:
            continue
        first = node.lineno - 1
        while first and lines[first - 1].startswith("#"):
            first -= 1
        uses = frozenset(inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))
        yield Definition(name, "\n".join(lines[first : node.end_lineno]), uses, isinstance(node, ast.FunctionDef))
