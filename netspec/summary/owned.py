"""The tensors of one layer as its row tells them: by role and shape, what is tied, and what is kept and not learned."""

from collections.abc import Iterable, Iterator
from math import prod
from typing import Final, NamedTuple

from netspec.operations import Name, Parameter
from netspec.summary.numbers import dimensions

_LETTERS: Final = {"beta": "β", "gamma": "γ", "Omega": "Ω"}


class Held(NamedTuple):
    """A tensor that a layer reads: its name within the layer, such as `Omega_query`, and its shape.

    `learned` is false for state; `tied` is the name of the tensor that it is, where that belongs to another layer.
    """

    name: str
    shape: tuple[int, ...]
    learned: bool = True
    tied: str = ""

    @property
    def counted(self) -> int:
        """The parameters that are counted here."""
        return 0 if self.tied or not self.learned else prod(self.shape)


def held(parameters: Iterable[Parameter]) -> tuple[Held, ...]:
    """Return the tensors of operations of one layer."""
    found = []
    for each in parameters:
        name = bare(each.name)
        if each.tied:
            found.append(Held(each.role, each.shape, each.learned, name))
        else:
            found.append(Held(name.rpartition(".")[2], each.shape, each.learned))
    return tuple(found)


def bare(name: Name) -> str:
    """Return a name without the rounds in it, as it is called from the list that it stands in."""
    return "".join(part if isinstance(part, str) else "k" for part in name).replace(".k.", ".")


def told(tensors: Iterable[Held]) -> str:
    """Return the tensors as text: `β 6, Ω 6×1×5×5`, `γ, β 64; state mean, variance 64`, `Ω = words.Ω`.

    Those that are alike in all but what tells them apart are told together: `query, key: β 768, Ω 768×768`.
    """
    return "; ".join(_groups(list(tensors)))


def _groups(tensors: list[Held]) -> Iterator[str]:
    tags: dict[str, dict[str, tuple[int, ...]]] = {}
    for each in tensors:
        if each.learned and not each.tied:
            letter, tag = _apart(each.name)
            tags.setdefault(tag, {})[letter] = each.shape
    alike: dict[tuple[tuple[str, tuple[int, ...]], ...], list[str]] = {}
    for tag, shapes in tags.items():
        alike.setdefault(tuple(shapes.items()), []).append(tag)
    for shapes_of, names in alike.items():
        if names == [""]:
            yield _by_shape(shapes_of)
        elif len(names) == 1 and (names[0].isdecimal() or names[0] == "k"):
            yield _by_shape(tuple((f"{letter}_{names[0]}", shape) for letter, shape in shapes_of))
        else:
            yield f"{', '.join(name or 'own' for name in names)}: {_by_shape(shapes_of)}"
    for each in tensors:
        if each.tied:
            path, dot, last = each.tied.rpartition(".")
            letter, tag = _apart(last)
            yield f"{_letter(each.name)} = {path}{dot}{letter}{f'_{tag}' if tag else ''}"
    state = tuple((each.name, each.shape) for each in tensors if not each.learned)
    if state:
        yield f"state {_by_shape(state)}"


def _by_shape(shapes: tuple[tuple[str, tuple[int, ...]], ...]) -> str:
    """Return tensors by name and shape, those of one shape together: `γ, β 64`."""
    groups: dict[tuple[int, ...], list[str]] = {}
    for name, shape in shapes:
        groups.setdefault(shape, []).append(name)
    return ", ".join(f"{', '.join(names)} {dimensions(shape)}" for shape, names in groups.items())


def _letter(role: str) -> str:
    letter, tag = _apart(role)
    return f"{letter}_{tag}" if tag else letter


def _apart(name: str) -> tuple[str, str]:
    """Return the letter of a tensor and what tells it apart: `Ω` and `query` of `Omega_query`."""
    role, _, tag = name.partition("_")
    return (_LETTERS[role], tag) if role in _LETTERS else (name, "")
