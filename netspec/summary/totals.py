"""The facts of a network as lines: a word, a value, and what it is to be read with."""

from typing import Final, NamedTuple

from netspec.graph import Facts, steps
from netspec.graph.facts import NO_CONSTRUCTION
from netspec.operations import Elementwise, Graph, Repeat
from netspec.spec import Part
from netspec.summary.numbers import amount, bound, dimensions, number

FLOPS_CONVENTION: Final = "a mac is 2; an added bias, an activation 1"
_SHOWN_SETTINGS: Final = 8  # hyperparameters named above the table; a count beyond


class Heading(NamedTuple):
    """The name of a network; what it maps, and in which dtype; the setting that makes it this one of its family."""

    name: str
    mapping: str
    setting: str


class Total(NamedTuple):
    """One fact: its word, as `expect` has it; its value as text, numbers for the right edge; a remark."""

    word: str
    value: str
    remark: str = ""


def heading(part: Part, facts: Facts) -> Heading:
    """Return what stands above the table."""
    values = [f"{name} = {_plain(part.scope.values[name])}" for name in list(part.declared)[:_SHOWN_SETTINGS]]
    if len(part.declared) > _SHOWN_SETTINGS:
        values.append(f"… {len(part.declared) - _SHOWN_SETTINGS} more")
    variant = [] if part.variant is None else [f"variant {part.variant}"]
    mapping = f"{dimensions(facts.input)} → {dimensions(facts.output)}, {part.head.dtype}"
    return Heading(part.name, mapping, ", ".join([*variant, *values]))


def totals(graph: Graph, facts: Facts, *, exact: bool = False) -> list[Total]:
    """Return all facts but the fingerprint, in the order of the language's description."""
    found = [
        Total("parameters", number(facts.parameters, exact=exact)),
        Total("tensors", number(facts.tensors, exact=exact)),
        Total("capacity", number(facts.capacity, exact=exact), "hidden units"),
        Total("depth", number(facts.depth, exact=exact), "hidden layers"),
        Total("macs", number(facts.macs, exact=exact), "multiply-accumulates for one example"),
        Total("flops", number(facts.flops, exact=exact), FLOPS_CONVENTION),
        Total("parameter_bytes", number(facts.parameter_bytes, exact=exact), amount(facts.parameter_bytes)),
        Total("activation_bytes", number(facts.activation_bytes, exact=exact), _peak(facts.activation_bytes)),
    ]
    regions = facts.regions
    if regions is None:
        names = smooth(graph)
        if not names:
            return [*found, Total("regions", "–", "nothing is known where ways through a network part and meet")]
        remark = f"not piecewise linear: {', '.join(names)} {'is' if len(names) == 1 else 'are'} smooth"
        return [*found, Total("regions", "–", remark)]
    lower, upper = bound(regions.lower, exact=exact), bound(regions.upper, exact=exact)
    source = regions.lower.source
    least = source if source == NO_CONSTRUCTION else f"some parameters give as many: {source}"
    return [
        *found,
        Total("regions, at least", lower, least),
        Total("regions, at most", upper, f"no parameters give more: {regions.upper.source}"),
    ]


def smooth(graph: Graph) -> list[str]:
    """Return the activations that keep a network from being piecewise linear, each once, in the order of the graph."""
    found: dict[str, None] = {}
    for step in steps(graph):
        inner = step.node.body.operations if isinstance(step.node, Repeat) else [step.node]
        found.update(
            (node.name, None) for node in inner if isinstance(node, Elementwise) and node.linearity == "smooth"
        )
    return list(found)


def _peak(size: int) -> str:
    shown = amount(size)
    return f"{shown}, at their peak for one example" if shown else "at their peak for one example"


def _plain(value: float) -> str:
    """Return a value of a hyperparameter as a spec has it."""
    return str(value).lower() if isinstance(value, bool) else repr(value)
