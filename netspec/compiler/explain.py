"""What the compiler chose: each step with its kernel, why, its work, and about how long it takes.

The estimate is a plain model of one processor: its arithmetic, its passes over values, and calls of NumPy.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Final, NamedTuple

from netspec.compiler.kernels.maps import in_blocks
from netspec.compiler.kernels.upright import beside
from netspec.compiler.plan import ACROSS, Layer, Loop, Plan, has_plan, make_plan
from netspec.operations import Graph, Shape, written
from netspec.sizes import Polynomial

_OPERATIONS: Final = {"float32": 150e9, "float64": 75e9}
"""Floating-point operations a second of a product in a cache, on one processor with AVX-512."""

_PASS: Final = {"float32": 0.12e-9, "float64": 0.24e-9}
"""Seconds for each element that an elementwise function goes over in a cache."""

_SHARES: Final = {"convolve, winograd4": 0.45, "convolve, winograd2": 0.65, "convolve, depthwise": 12.0}
"""What a kernel takes of the time of plain products, its transforms included."""

_NUMBER: Final = 40e-9
"""Seconds of a sum of Python's own numbers."""

_CALL: Final = 0.4e-6
"""Seconds of a call of NumPy."""

_MARKED: Final = re.compile(r"^( {8})# (.+)$", re.MULTILINE)


class Line(NamedTuple):
    """A step: its equation or layer, the shape of its result, the kernel, why, and its multiply-accumulates for a
    batch, None where a size is free. `seconds` is the estimate.
    """

    step: str
    shape: str
    kernel: str
    why: str
    macs: int | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The plan of a network: `lines` in order, for `batch` examples, and what holds for all."""

    name: str
    dtype: str
    exact: bool
    notes: tuple[str, ...]
    make: Callable[[int], Sequence[Line]]

    def lines(self, batch: int = 1) -> Sequence[Line]:
        """Return the steps for a batch."""
        return self.make(batch)

    def table(self, batch: int = 1, measured: Sequence[tuple[str, float]] = ()) -> str:
        """Return the plan as text; `measured` are the seconds of the steps, or of those of a layer, in their order."""
        heads = ["step", "result", "kernel", "macs", "about", *(["took"] if measured else []), "why"]
        waiting = list(measured)
        reasons: dict[str, str] = {}
        rows = [heads]
        for line in self.lines(batch):
            row = [line.step, line.shape, line.kernel, "" if line.macs is None else f"{line.macs:,}"]
            row.append("" if line.seconds is None else spell_time(line.seconds))
            if measured:
                row.append(spell_time(waiting.pop(0)[1]) if waiting and waiting[0][0] == line.step else "")
            given = [reason for reason in line.why.split("; ") if reason]
            rows.append([*row, " ".join(reasons.setdefault(reason, str(len(reasons) + 1)) for reason in given)])
        widths = [max(len(row[i]) for row in rows) for i in range(len(heads) - 1)]
        right = {i for i, head in enumerate(heads) if head in ("macs", "about", "took")}
        text = [f"{self.name}, {self.dtype}, batch {batch:,}{', exact' if self.exact else ''}"]
        text += [f"  {note}" for note in self.notes]
        for row in rows:
            cells = [
                cell.rjust(w) if i in right else cell.ljust(w)
                for i, (cell, w) in enumerate(zip(row[:-1], widths, strict=True))
            ]
            text.append("  ".join([*cells, row[-1]]).rstrip())
        text += ["", *(f"{number:>3}  {reason}" for reason, number in reasons.items())]
        return "\n".join(text) + "\n"

    def __str__(self) -> str:
        return self.table()


def explain(
    graph: Graph, name: str, dtype: str, *, exact: bool = False, choices: Mapping[str, str | int] | None = None
) -> Explanation:
    """Return what the compiler chooses for a graph. Raises SystemFault `too-many-tensors` where it is too long."""
    if has_plan(graph):
        tile = (choices or {}).get("tile")
        plan = make_plan(graph, name, dtype, exact=exact, tile=tile if isinstance(tile, int) else None)
        return Explanation(name, dtype, exact, tuple(_notes(plan)), lambda batch: list(_plan_lines(plan, batch)))
    return _of_listing(graph, name, dtype, exact, choices)


def marked(source: str) -> str:
    """Return an emitted text that calls `mark(step)` before each step and `mark("")` behind the last."""
    head, found, body = source.rpartition("\ndef prepare(")
    text = _MARKED.sub(lambda match: f"{match[1]}mark({match[2]!r})", body)
    text = re.sub(r"^( {8})return ", r'\1mark("")\n\1return ', text, flags=re.MULTILINE)
    return head + found + text.replace("\n\n    return step", '\n        mark("")\n\n    return step')


def _notes(plan: Plan) -> Iterator[str]:
    """Yield what holds for the whole plan."""
    yield f"many rows run in tiles of {plan.tile:,}: both buffers of a tile stay in a core's own cache"
    if not plan.copied:
        yield "parameters are read where they lie: a copy in another layout would be large"
    if plan.is_scalar:
        yield "one example is computed number by number: a call of NumPy costs more than these sums"
    elif plan.carries_first:
        yield "one example: two calls a layer, β below Ωᵀ; the first β is carried on, which spares a copy of x"
    elif plan.copied:
        yield "one example: two calls a layer, as β stands below Ωᵀ and a 1 behind each signal"
    if plan.across > 1:
        yield f"from {ACROSS} rows on examples may stand side by side: registers are full whatever the widths"


def _plan_lines(plan: Plan, batch: int) -> Iterator[Line]:
    from netspec.compiler.chain import remarks

    for i, (stage, remark) in enumerate(zip(plan.stages, remarks(plan), strict=True)):
        layer = stage.layer if isinstance(stage, Loop) else stage
        times = stage.times if isinstance(stage, Loop) else 1
        kernel, why = _product(plan, layer, batch)
        last = i == len(plan.stages) - 1
        passes = 1 if layer.is_relu and not last and not plan.exact and plan.copied else 1 + len(layer.functions)
        if layer.is_relu and not last and batch > 1 and plan.copied and not plan.exact:
            why += "; ReLU as a threshold, β carried on"
        if len(layer.maps) > 1:
            why += f"; {len(layer.maps)} maps composed"
        macs = times * batch * layer.width * layer.reads
        seconds = 2 * macs / _OPERATIONS[plan.dtype] + times * _CALL * (1 + passes)
        seconds += times * passes * batch * layer.width * _PASS[plan.dtype]
        if batch == 1 and plan.is_scalar:
            seconds = _NUMBER * (macs + layer.width)
        yield Line(remark.removeprefix("# "), f"({batch}, {layer.width})", kernel, why, macs, seconds)


def _product(plan: Plan, layer: Layer, batch: int) -> tuple[str, str]:
    """Return the kernel of a layer's product for a batch, and why."""
    rows = min(batch, plan.tile)
    if batch == 1 and plan.is_scalar:
        return "Python numbers", "so few that a call costs more"
    if batch == 1:
        return "ndarray.dot", "a matrix and a vector: bound by how fast Ω is read"
    if plan.exact:
        return "ndarray.dot", "long sums are added up in parts, which rounds less"
    if plan.across > 1 and beside(rows, plan.across, plan.width)[0] > 1:
        return "matmul, upright", "examples side by side: Ω is read once, a few of its rows at a time"
    if in_blocks(rows, layer.reads, layer.width):
        return "matmul, in blocks", "blocks of at most 10⁶ products, which OpenBLAS does not pack"
    few = rows * layer.reads * layer.width <= 10**6
    return "ndarray.dot", "so few products that OpenBLAS does not pack" if few else "so many rows that packing Ω pays"


def _of_listing(
    graph: Graph, name: str, dtype: str, exact: bool, choices: Mapping[str, str | int] | None
) -> Explanation:
    from netspec.compiler.flow import make_flow
    from netspec.compiler.listing import VIEWS, make_listing
    from netspec.compiler.page import ListingPage, emit_on, reserved
    from netspec.compiler.rewriting import rewrite

    listing = make_listing(rewrite(make_flow(graph, exact=exact)), name, dtype, reserved(), choices)
    page = ListingPage(listing)
    emit_on(page)

    def lines(batch: int) -> list[Line]:
        found: list[Line] = []
        for step in listing.steps:
            if isinstance(step.operation, VIEWS):
                continue
            choice = page.choices.get(id(step))
            kernel = choice.kernel if choice else _keyword(step.operation)
            macs = _macs(step, batch)
            seconds = None
            if macs is not None:
                elements = batch * prod(int(str(size)) for size in step.shape)
                share = _SHARES.get(kernel, 1.0)
                seconds = (
                    2 * macs * share / _OPERATIONS[dtype] + elements * _PASS[dtype] * (1 + len(step.functions)) + _CALL
                )
            why = choice.why if choice else ""
            if step.functions:
                names = ", ".join(function.name for function in step.functions)
                why += f"; {names} applied tile by tile" if why else names
            if step.onto:
                why += f"; {step.onto} added with β"
            place = step.place.strip(".") or step.target
            found.append(Line(place, written(step.shape), kernel, why, macs, seconds))
        return found

    slots = {step.slot for step in listing.steps if step.slot}
    own = (step.tensors.values() for step in listing.steps if not isinstance(step.operation, VIEWS))
    numbers = sum(prod(tensor.shape) for tensors in own for tensor in tensors)
    megabytes = numbers * {"float32": 4, "float64": 8}[dtype] / 1e6
    notes = (
        f"results lie in {len(slots)} slots of memory that is kept from call to call",
        f"tensors of {megabytes:.3g} MB are laid out once for all threads, beside those that are given",
    )
    return Explanation(name, dtype, exact, notes, lines)


def _keyword(operation: Any) -> str:
    """Return what an operation is called; those that only passes make have no keyword."""
    word = getattr(operation, "keyword", "")
    return str(word) if word else type(operation).__name__.lower()


def _macs(step: Any, batch: int) -> int | None:
    """Return the multiply-accumulates of a step for a batch, None where a size is free."""
    shapes: tuple[Shape, ...] = (step.shape, *step.operand_shapes)
    if any(isinstance(size, Polynomial) for shape in shapes for size in shape):
        return None
    if "Omega" not in step.tensors or not hasattr(step.operation, "cost"):
        return 0
    results = prod(int(str(size)) for size in step.shape)
    inputs: int = prod(step.tensors["Omega"].shape[1:])
    return batch * results * inputs


def spell_time(seconds: float) -> str:
    """Return a time with three digits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
