"""How a plan is told in words, the same for a terminal and for a page."""

from collections.abc import Sequence
from typing import Final

from netspec.diagnostics import show
from netspec.limits import PATH_LENGTH
from netspec.migration.rows import Row, folded
from netspec.migration.steps import HELD, Act, Edge, Plan, Side, Step, counted
from netspec.review.spelling import shape as spelled

ARROW: Final = "→"
_SHOWN: Final = 160
_DONE: Final[dict[Act, str]] = {
    "keep": "kept", "rename": "renamed", "permute": "permuted", "slice": "sliced", "pad": "padded", "untie": "untied",
    "initialise": "initialised", "drop": "dropped",
}  # fmt: skip
_ALWAYS: Final = ("keep", "initialise", "drop")
_VERDICTS: Final = {
    "keeps": "it keeps the function",
    "unproven": "it is not proven to keep the function",
    "unknown": "whether it keeps the function is not known",
}
_PLACES: Final = {0: "rows", 1: "columns"}


def verdict(plan: Plan) -> str:
    """Return what the plan does to the function, in a few words."""
    if plan.empty and plan.verdict.outcome == "keeps":
        return "nothing is to do: the file is what the network takes, and it keeps the function"
    words = _VERDICTS[plan.verdict.outcome]
    if plan.verdict.outcome == "keeps" and plan.recast == "rounded":
        words += f", but for numbers that are rounded to {plan.dtype}"
    return f"{words}; the plan says that it does" if plan.claimed else words


def summary(plan: Plan) -> str:
    """Return how many tensors each of the words is of: `12 kept, 1 padded, 0 initialised, 0 dropped`."""
    counts = counted(plan.steps)
    return ", ".join(f"{count:,} {_DONE[act]}" for act, count in counts.items() if count or act in _ALWAYS)


def grounds(plan: Plan) -> list[str]:
    """Return the steps of the proof, or where it ends, those of rounds that are alike in one."""
    return [row.name for row in folded([Row("keep", each, "", "") for each in plan.verdict.grounds])]


def rows(steps: Sequence[Step]) -> list[Row]:
    """Return a row for each step, but those of rounds that are alike in one."""
    return folded([_row(step) for step in steps])


def _row(step: Step) -> Row:
    source, target = (None if name is None else clean(name) for name in (step.source, step.target))
    if step.target is None or step.source is None:
        words = step.why if step.target is None else _begins(step)
        return Row(step.act, source or target or "", spelled(step.old_shape or step.new_shape), words)
    name = source or ""
    if source != target:
        name += f" {ARROW} {target}"
    shapes = spelled(step.old_shape)
    if step.old_shape != step.new_shape:
        shapes += f" {ARROW} {spelled(step.new_shape)}"
    return Row(step.act, name, shapes, ", ".join([*_words(step)]))


def _begins(step: Step) -> str:
    words = {"identity": "the identity", "zeros": "zeros", "drawn": "as `build` begins it"}[step.begins or "drawn"]
    return f"{words}; {step.why}" if step.why else words


def _words(step: Step) -> list[str]:
    found = []
    if step.axes:
        found.append(f"axes {', '.join(map(str, step.axes))}")
    if step.copy:
        found.append("a copy of its own")
    vector = len(step.new_shape or ()) == 1
    found += [edge_words(edge, vector=vector) for edge in step.edges]
    if step.grounds in ("by place", "by shape", "as told"):
        found.append(step.grounds)
    return found


def edge_words(edge: Edge, *, vector: bool) -> str:
    """Return what becomes of an axis: `44 rows drawn`, `the first 64 columns of 84`."""
    noun = "elements" if vector else _PLACES.get(edge.axis, f"of axis {edge.axis}")
    if edge.fill is None:
        return f"the first {edge.new:,} of {edge.old:,} {noun}"
    more = edge.new - edge.old
    if more == 1:
        noun = noun.removesuffix("s") if noun in ("rows", "columns", "elements") else noun
    done = {"drawn": "drawn", "zero": "of zeros", "copies": "copied", "shares": "shared with copies"}[edge.fill]
    if edge.fill == "drawn" and vector:
        done = "as built"
    return f"{more:,} {noun} {done}"


def clean(name: str) -> str:
    """Return a tensor's name; of a file, it may hold anything, which is escaped."""
    return name if name.isprintable() and len(name) <= _SHOWN else show(name, _SHOWN)


def head(plan: Plan) -> str:
    """Return from what to what it leads: the file, its network where that is known, and the new one."""
    weights, new = (show(name, PATH_LENGTH.value) for name in (plan.weights, plan.new.file))
    of = f" of {called(plan.old)}" if plan.old is not None else ""
    return f"{weights}{of} {ARROW} {new}"


def called(side: Side) -> str:
    """Return what a network is called: by its file, or as the spec that the file of weights holds."""
    return "the spec in it" if side.file.endswith(HELD) else show(side.file, PATH_LENGTH.value)
