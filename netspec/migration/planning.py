"""The plan: what becomes of each tensor of a file where its network is another, from headers alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from netspec.diagnostics import Diagnostic, SpecError, quote, show
from netspec.diagnostics.suggest import nearest
from netspec.graph.walk import outputs_of
from netspec.migration.asked import Asked, Deepen, Network, Widen
from netspec.migration.exporters import permuted
from netspec.migration.kinship import Followed, follow
from netspec.migration.matched import Matched, matched
from netspec.migration.pairing import Pair, Pairing, pair
from netspec.migration.renames import Rename, check_targets, renamed
from netspec.migration.steps import HELD, Edge, Fill, Grounds, Plan, Recast, Side, Sizes, Step, Verdict
from netspec.migration.wanted import Wanted, wanted
from netspec.migration.weights import Weights, at, narrows
from netspec.review.spelling import shape as spelled
from netspec.review.telling import key_rows
from netspec.review.written import reordered
from netspec.spec import Dtype
from netspec.validation import Member

_GATED: Final = ("lstm", "gru")
_COMPARED: Final = 1_000  # names that a suggestion is looked for among
_NAMED: Final = 3  # tensors that a note names
_NOT_KNOWN: Final = "nobody said of which network the file is: `--from OLD.yaml` does"
_EDITED: Final = "its steps are none that `netspec plan` finds: it was edited"
_TOO_MANY: Final = "it has too many operations to be followed"


class Wish(NamedTuple):
    """What the caller says: how layers grow, how new ones begin, renamings, and a dtype over the spec's."""

    widen: Widen = "zero"
    deepen: Deepen = "identity"
    renames: tuple[Rename, ...] = ()
    dtype: Dtype | None = None


class Known(NamedTuple):
    """A network by its name as it was asked for."""

    file: str
    member: Member

    @property
    def side(self) -> Side:
        """What a plan says of it."""
        return Side(self.file, self.member.part.name, self.member.facts.fingerprint)


def make_plan(new: Known, weights: Weights, old: Known | None, wish: Wish) -> Plan:
    """Return the plan for a file of weights of the `old` network, or of one that is not known.

    Raises SpecError where the file does not fit the old network, or holds numbers that the new one's dtype would round
    without being asked to; SystemFault `usage` for renamings that mean nothing, and `too-many-tensors`.
    """
    network = wanted(new.member.graph)
    dtype: Dtype = new.member.part.head.dtype if wish.dtype is None else wish.dtype
    if wish.dtype is None:
        _refuse_narrowing(weights, dtype)
    followed: Followed | None = None
    if old is None:
        named = _by_names(weights, network, wish)
        steps, notes = _steps(weights, network, named.pairs, frozenset(), ()), list(named.notes)
        verdict = Verdict("unknown", (_NOT_KNOWN,))
    else:
        before = wanted(old.member.graph)
        fitting, notes = fit(weights, before, old.file), list(_reordered(old.member, new.member))
        found = matched(old.member, new.member, before.shapes, network.shapes)
        steps = _by_layers(found, weights, network, before, fitting, wish)
        asked = Asked(wish.widen, wish.deepen, found.fields)
        followed = _follow(new, old, network, before, fitting, steps, asked)
        verdict = Verdict("unproven", (_TOO_MANY,))
        if followed is not None:
            verdict = Verdict("keeps" if followed.keeps else "unproven", followed.grounds)
            steps = _settled(steps, followed)
    other = recast(weights, steps, dtype)
    notes += _recasts(other, dtype)
    side = None if old is None else old.side
    return Plan(new.side, side, weights.path, dtype, tuple(steps), verdict, tuple(notes), _recast(other))


def judged(plan: Plan, new: Known, weights: Weights, old: Known | None) -> Plan:
    """Return a plan out of a file with the verdict that is proven of its steps, whatever it says of itself.

    It is not known where the old network is not, and where the steps are none that following both networks finds.
    """
    verdict = Verdict("unknown", (_NOT_KNOWN,)) if old is None else _judged(plan.steps, new, weights, old)
    claimed = plan.verdict.outcome == "keeps" and verdict.outcome == "unknown"
    other = recast(weights, plan.steps, plan.dtype)
    side = None if old is None else old.side
    return plan._replace(old=side, weights=weights.path, verdict=verdict, recast=_recast(other), claimed=claimed)


def _judged(steps: Sequence[Step], new: Known, weights: Weights, old: Known) -> Verdict:
    """Return what following both networks finds of steps that anyone may have edited."""
    network, before = wanted(new.member.graph), wanted(old.member.graph)
    fitting = fit(weights, before, old.file)
    turned = {each.source: each.axes for each in fitting.values()}
    bare: list[Step] = []
    for step in steps:
        if step.target is None or step.source is None:
            bare.append(step if step.target is None else step._replace(begins="drawn"))
        elif turned.get(step.source) != step.axes:
            return Verdict("unknown", (_EDITED,))
        else:
            stored = permuted(weights.tensors[step.source].shape, step.axes)
            bare.append(step._replace(edges=_edges(stored, network.tensors[step.target].shape)))
    copies = any(edge.fill in ("copies", "shares") for step in steps for edge in step.edges)
    said = matched(old.member, new.member, before.shapes, network.shapes).fields
    deepens: tuple[Deepen, ...] = ("identity", "drawn")
    for deepen in deepens:
        asked = Asked("copy" if copies else "zero", deepen, said)
        followed = _follow(new, old, network, before, fitting, bare, asked)
        if followed is None:
            return Verdict("unproven", (_TOO_MANY,))
        if _settled(bare, followed) == [*steps]:
            return Verdict("keeps" if followed.keeps else "unproven", followed.grounds)
    return Verdict("unknown", (_EDITED,))


def _recast(found: Mapping[str, list[str]]) -> Recast:
    """Return what happens to numbers by the dtypes that they are of in the file."""
    return "rounded" if "float64" in found else "widened" if found else ""


def recast(weights: Weights, steps: Iterable[Step], dtype: Dtype) -> dict[str, list[str]]:
    """Return by their dtype the names of the file's tensors that go on in another."""
    found: dict[str, list[str]] = {}
    for step in steps:
        if step.source is not None and step.target is not None:
            stored = weights.tensors[step.source].dtype
            if stored != dtype and step.source not in found.setdefault(stored, []):
                found[stored].append(step.source)
    return {stored: names for stored, names in found.items() if names}


def fit(weights: Weights, network: Wanted, file: str) -> Mapping[str, Pair]:
    """Return which of the file's tensors are a network's, all of which it has in their shapes.

    Raises SpecError where that is not so: one fault for the file, since what is wrong is most often the spec.
    """
    found = pair(weights.tensors, network, {})
    faults: list[tuple[str, str]] = []
    near = ""
    used = {each.source for each in found.pairs.values()}
    left = [name for name, tensor in weights.tensors.items() if tensor.taken and name not in used]
    for name, parameter in network.tensors.items():
        each = found.pairs.get(name)
        if each is None:
            near = near or nearest(name, left[:_COMPARED]) or ""
            faults.append(("parameter-missing", f"{quote(name)} {spelled(parameter.shape)} is missing"))
        elif permuted(weights.tensors[each.source].shape, each.axes) != parameter.shape:
            stored = weights.tensors[each.source].shape
            words = f"{quote(name)} is {_cut(stored)}, expected {spelled(parameter.shape)}"
            faults.append(("parameter-shape", words))
    if not faults:
        faults = [("parameter-unexpected", f"{quote(name)} is no tensor of it") for name in left]
    if faults:
        listed = "; ".join(words for _, words in faults[:_NAMED])
        more = f"; and {len(faults) - _NAMED:,} more" if len(faults) > _NAMED else ""
        headline = f"the file has no weights of {_of(file)}: {listed}{more}"
        suggested = f"the file has {quote(near)}; " if near else ""
        help_ = f"{suggested}`--from OLD.yaml` names the spec that the weights are of"
        raise SpecError([Diagnostic(faults[0][0], headline, at(weights.path), help=help_)])
    return found.pairs


def _of(file: str) -> str:
    """Return the network that a file of weights is to be of."""
    return "the spec in it" if file.endswith(HELD) else quote(file)


def _by_names(weights: Weights, network: Wanted, wish: Wish) -> Pairing:
    """Return the pairs of a file whose network is not known."""
    told = renamed(weights.tensors, wish.renames)
    found = pair(weights.tensors, network, told)
    taken = {each.source: name for name, each in found.pairs.items()}
    check_targets(told, taken, network.tensors)
    return found


def _by_layers(
    found: Matched, weights: Weights, network: Wanted, before: Wanted, fitting: Mapping[str, Pair], wish: Wish
) -> list[Step]:
    """Return the steps of a file whose network is known, by the layers that both have."""
    told = renamed(before.tensors, wish.renames)
    check_targets(told, {name: new for name, new in told.items() if new in network.tensors}, network.tensors)
    order = [fitting[name].source for name in before.tensors]
    pairs: dict[str, Pair] = {}
    for name, was in found.old.items():
        if was not in told and name not in told.values():
            grounds: Grounds = "by name" if name == was else "by layer"
            here = fitting[was]
            pairs[name] = here._replace(grounds=here.grounds if here.grounds in ("by place", "by shape") else grounds)
    for was, name in told.items():
        pairs[name] = fitting[was]._replace(grounds="as told")
    return _steps(
        weights, network, {name: pairs[name] for name in network.tensors if name in pairs}, found.copies, order
    )


def _steps(
    weights: Weights, network: Wanted, pairs: Mapping[str, Pair], copies: frozenset[str], order: Sequence[str]
) -> list[Step]:
    """Return what becomes of each tensor, those of the network in its order, then those that are dropped.

    `order` are the file's names in the order of the old network, empty where that is not known.
    """
    gated = {
        name for owner in network.owners if owner.operation.keyword in _GATED for name in owner.names.values()
    }  # fmt: skip
    found: list[Step] = []
    used: set[str] = set()
    for name, parameter in network.tensors.items():
        each = pairs.get(name)
        why = ""
        if each is not None:
            stored = weights.tensors[each.source].shape
            turned = permuted(stored, each.axes)
            why = _unlike(turned, parameter.shape, name in gated)
            if not why:
                used.add(each.source)
                edges = _edges(turned, parameter.shape)
                grounds = each.grounds
                copy = name in copies
                found.append(Step(each.source, name, stored, parameter.shape, each.axes, edges, "", grounds, copy))
                continue
        found.append(Step(None, name, None, parameter.shape, begins="drawn", why=why))
    for name in dict.fromkeys((*order, *weights.tensors)):
        tensor = weights.tensors[name]
        if name not in used:
            found.append(Step(name, None, tensor.shape, None, why="" if tensor.taken else f"holds {tensor.dtype}"))
    return found


def _unlike(stored: Sizes, shape: Sizes, gated: bool) -> str:
    """Return why a tensor cannot be made of one of another shape; empty where it can."""
    if len(stored) != len(shape):
        return f"the file's has {len(stored)} axes"
    if 0 in stored and stored != shape:
        return "the file's is empty"
    if gated and stored[0] != shape[0]:
        return "its gates lie one behind the other"
    return ""


def _edges(stored: Sizes, shape: Sizes) -> tuple[Edge, ...]:
    """Return the axes of another length: 0 is of what a map gives, any other of what it reads."""
    found: list[Edge] = []
    for axis, (old, new) in enumerate(zip(stored, shape, strict=True)):
        if old != new:
            fill: Fill | None = None if old > new else "drawn" if axis == 0 else "zero"
            found.append(Edge(axis, old, new, fill))
    return tuple(found)


def _follow(
    new: Known,
    old: Known,
    network: Wanted,
    before: Wanted,
    fitting: Mapping[str, Pair],
    steps: Sequence[Step],
    asked: Asked,
) -> Followed | None:
    """Return what following the new network finds; None where one of them has too many operations."""
    if network.visits is None or before.visits is None:
        return None
    called = {each.source: name for name, each in fitting.items()}
    by_name = {
        step.target: step._replace(source=called[step.source]) if step.source is not None else step
        for step in steps
        if step.target is not None
    }
    ours = Network(before.visits, old.member.facts.inputs, _outputs(old))
    theirs = Network(network.visits, new.member.facts.inputs, _outputs(new))
    return follow(ours, theirs, by_name, asked)


def _outputs(known: Known) -> dict[str, int]:
    graph = known.member.graph
    return dict(zip(graph.output_names or ("out",), outputs_of(graph), strict=True))


def _settled(steps: Sequence[Step], followed: Followed) -> list[Step]:
    """Return the steps with what following them settled."""
    found: list[Step] = []
    for step in steps:
        name = step.target or ""
        if name in followed.edges:
            edges = {edge.axis: edge for edge in (*step.edges, *followed.edges[name])}
            found.append(step._replace(edges=tuple(edges[axis] for axis in sorted(edges))))
        elif name in followed.begins:
            found.append(step._replace(begins=followed.begins[name]))
        else:
            found.append(step)
    return found


def _refuse_narrowing(weights: Weights, dtype: Dtype) -> None:
    """Refuse float64 in a float32 network, which is one mistake of the whole file."""
    wide = narrows(weights.tensors, dtype)
    if wide:
        more = f" and {len(wide) - 1:,} more are" if len(wide) > 1 else " is"
        words = f"{quote(wide[0])}{more} float64, the network is float32"
        help_ = "write `dtype: float64` in the spec, or round them with `--dtype float32`"
        raise SpecError([Diagnostic("parameter-dtype", words, at(weights.path), help=help_)])


def _recasts(found: Mapping[str, list[str]], dtype: Dtype) -> Iterator[str]:
    """Yield what is to be said of dtypes that become another."""
    for stored, names in found.items():
        listed = ", ".join(map(quote, names[:_NAMED]))
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        done = "rounded" if stored == "float64" else "widened"
        yield f"{listed}{more} {'is' if len(names) == 1 else 'are'} {stored}, and {done} to {dtype}"


def _reordered(old: Member, new: Member) -> Iterator[str]:
    """Yield what is to be said of inputs and outputs that come in another order: tensors do not depend on it."""
    for row in key_rows([*reordered(old, new)]):
        yield f"the {row.subject} {row.text}; a function is compared by their names"


def _cut(shape: Sizes) -> str:
    """Return the shape of a file's tensor, cut short where a hostile file has one of many sizes."""
    return show(spelled(shape))
