"""What a project allows a network to cost."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from netspec.diagnostics import Diagnostic, Note, Place, show
from netspec.diagnostics.magnitude import magnitude
from netspec.graph import Facts
from netspec.sizes import Polynomial, Size
from netspec.spec import Part

if TYPE_CHECKING:
    from netspec.configuration.policy import Setting

_FACTS: Final[Mapping[str, Callable[[Facts], Size | None]]] = {
    "parameters": lambda facts: facts.parameters,
    "capacity": lambda facts: facts.capacity,
    "depth": lambda facts: facts.depth,
    "macs": lambda facts: facts.macs,
    "flops": lambda facts: facts.flops,
    "parameter_bytes": lambda facts: facts.parameter_bytes,
    "activation_bytes": lambda facts: facts.activation_bytes,
}
_BODIES: Final = ("layers", "compose", "widths", "K")
"""The keys that say what a network is made of, at the first of which it is blamed."""


def check_budget(part: Part, facts: Facts, budget: "Mapping[str, Setting[int]]") -> Iterator[Diagnostic]:
    """Yield an error for each fact of a network that is beyond its budget, and for each that is no number."""
    for word, most in budget.items():
        fact = _FACTS[word](facts)
        if isinstance(fact, int) and fact <= most.value:
            continue
        notes = () if most.place is None else (Note(most.place, "the budget"),)
        if isinstance(fact, int):
            headline = f"`{word}` is {magnitude(fact)}, and the budget is {magnitude(most.value)}"
            help_ = "make the network smaller, or the budget larger"
        else:
            said = f"is {show(str(fact))}, which" if isinstance(fact, Polynomial) else "is no number here: it"
            headline = f"`{word}` {said} hangs on free sizes, so that no budget can hold it"
            help_ = f'give the sizes numbers, or take the budget back: `{word} = "off"` under `[[overrides]]`'
        yield Diagnostic("over-budget", headline, _place(part), notes=notes, help=help_)


def _place(part: Part) -> Place:
    """Return where it stands what a network is made of."""
    source = part.document.source
    key = next((key for key in _BODIES if source.node((key,)) is not None), None)
    return source.place(() if key is None else (key,), key=True)
