"""The facts of a network as lines: a word, a value, and what it is to be read with."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from netspec.graph import Facts
from netspec.graph.facts import NO_CONSTRUCTION
from netspec.graph.walk import is_chain
from netspec.operations import Call, Elementwise, Graph, Operation, Repeat
from netspec.sizes import Polynomial, Size
from netspec.spec import Layered, Part
from netspec.summary.numbers import amount, bound, dimensions, number, plain

FLOPS_CONVENTION: Final = "a mac is 2; an added bias, an activation 1"
_SHOWN_SETTINGS: Final = 8  # hyperparameters named above the table; a count beyond

_SHOWN_KEYWORDS: Final = 4  # operations that a remark names; a count beyond


class Heading(NamedTuple):
    """The name of a network; what it maps, and in which dtype; the setting that makes it this one of its family; how it
    is trained, where its spec says so.
    """

    name: str
    mapping: str
    setting: str
    training: str = ""


class Total(NamedTuple):
    """One fact: its word, as `expect` has it; its value as text, numbers for the right edge; a remark."""

    word: str
    value: str
    remark: str = ""


def heading(part: Part, facts: Facts) -> Heading:
    """Return what stands above the table."""
    values = [f"{name} = {plain(part.scope.values[name])}" for name in list(part.declared)[:_SHOWN_SETTINGS]]
    if len(part.declared) > _SHOWN_SETTINGS:
        values.append(f"… {len(part.declared) - _SHOWN_SETTINGS} more")
    variant = [] if part.variant is None else [f"variant {part.variant}"]
    mapping = f"{_inputs(part, facts)} → {_outputs(facts)}, {part.head.dtype}"
    return Heading(part.name, mapping, ", ".join([*variant, *values]), _training(part))


def _training(part: Part) -> str:
    """Return the training in short, empty where the spec has none."""
    recipe = part.training
    if recipe is None:
        return ""
    losses = recipe.loss.items() if isinstance(recipe.loss, Mapping) else [("", recipe.loss)]
    told = [f"{name} {each.kind}".strip() for name, each in losses if each is not None][:_SHOWN_SETTINGS]
    told += [recipe.optimizer.kind, f"learning rate {plain(recipe.rate)}"]
    told += [] if recipe.schedule.kind == "constant" else [f"schedule {recipe.schedule.kind}"]
    told.append("full batch" if recipe.batch is None else f"batch {plain(recipe.batch)}")
    told.append("1 epoch" if recipe.epochs == 1 else f"{plain(recipe.epochs)} epochs")
    return f"trained by {', '.join(told)}"


def _inputs(part: Part, facts: Facts) -> str:
    """Return what comes in: shapes, with their names where they have some, and dtypes where those are others."""
    dtypes = input_dtypes(part)
    found = []
    for name, shape in facts.inputs.items():
        dtype = dtypes.get(name, part.head.dtype)
        text = dimensions(shape) if name == "in" else f"{name}: {dimensions(shape)}"
        found.append(text if dtype == part.head.dtype else f"{text} {dtype}")
    return ", ".join(found)


def input_dtypes(part: Part) -> dict[str, str]:
    """Return the dtypes of the inputs that say one, by name; the only input that has no name is `in`."""
    body = part.body
    if not isinstance(body, Layered):
        return {}
    intakes = {"in": body.input} if body.inputs is None else body.inputs
    return {name: each.dtype for name, each in intakes.items() if each is not None and each.dtype is not None}


def _outputs(facts: Facts) -> str:
    """Return what leaves: shapes, with their names where they have some."""
    return ", ".join(
        dimensions(shape) if name == "out" else f"{name}: {dimensions(shape)}" for name, shape in facts.outputs.items()
    )


def totals(graph: Graph, facts: Facts, *, exact: bool = False) -> list[Total]:
    """Return all facts but the fingerprint, in the order of the language's description."""
    state = [Total("state", number(facts.state, exact=exact), "kept, not learned, not counted")] if facts.state else []
    peak, field = facts.activation_bytes, facts.receptive_field
    found = [
        Total("parameters", number(facts.parameters, exact=exact)),
        *state,
        Total("tensors", number(facts.tensors, exact=exact)),
        Total("capacity", number(facts.capacity, exact=exact), "hidden units"),
        Total("depth", number(facts.depth, exact=exact), "hidden layers"),
        Total("macs", number(facts.macs, exact=exact), "multiply-accumulates for one example"),
        Total("flops", number(facts.flops, exact=exact), FLOPS_CONVENTION),
        Total("parameter_bytes", number(facts.parameter_bytes, exact=exact), amount(facts.parameter_bytes)),
        Total("activation_bytes", "–", "which moment is the peak hangs on free sizes")
        if peak is None
        else Total("activation_bytes", number(peak, exact=exact), _peak(peak)),
    ]
    if field is not None:
        found.append(Total("receptive_field", dimensions(field), "positions that one of the output sees"))
    regions = facts.regions
    if regions is None:
        return [*found, Total("regions", "–", _no_regions(graph))]
    lower, upper = bound(regions.lower, exact=exact), bound(regions.upper, exact=exact)
    source = regions.lower.source
    least = source if source == NO_CONSTRUCTION else f"some parameters give as many: {source}"
    return [
        *found,
        Total("regions, at least", lower, least),
        Total("regions, at most", upper, f"no parameters give more: {regions.upper.source}"),
    ]


def _no_regions(graph: Graph) -> str:
    """Return why no bounds on regions are told."""
    if any(tensor < len(graph.inputs) for tensor in graph.integers):
        return "they are cut out of inputs that are numbers, and here are integers"
    names = smooth(graph)
    if names:
        return f"not piecewise linear: {_listed(names)} {'is' if len(names) == 1 else 'are'} smooth"
    if not is_chain(graph):
        return "nothing is known where ways through a network part and meet"
    if any(isinstance(size, Polynomial) for size in graph.inputs[0]):
        return "nothing is known while sizes of the input are free"
    bent = _keywords(graph, lambda node: node.linearity == "piecewise linear" and not isinstance(node, Elementwise))
    return f"nothing is proven of {_listed(bent)}" if bent else "there are too many different layers"


def _listed(names: list[str]) -> str:
    more = len(names) - _SHOWN_KEYWORDS
    return ", ".join([*names[:_SHOWN_KEYWORDS], f"{more} more"] if more > 0 else names)


def smooth(graph: Graph) -> list[str]:
    """Return the operations that keep a network from being piecewise linear, each once, in the order of the graph."""
    return _keywords(graph, lambda node: node.linearity == "smooth")


def _keywords(graph: Graph, asked: Callable[[Operation], bool]) -> list[str]:
    """Return the operations of which something holds, each once; a graph that is used again is not read again."""
    found: dict[str, None] = {}
    known: set[int] = set()

    def enter(graph: Graph) -> None:
        if id(graph) not in known:
            known.add(id(graph))
            for node in graph.operations:
                if isinstance(node, Repeat | Call):
                    enter(node.body)
                elif asked(node):
                    found[node.keyword] = None

    enter(graph)
    return list(found)


def _peak(size: Size) -> str:
    shown = amount(size)
    return f"{shown}, at their peak for one example" if shown else "at their peak for one example"
