"""What is computed element by element: activations, merges, dropout."""

from collections.abc import Iterator
from math import prod
from typing import Any

from netspec.compiler.activation import filled
from netspec.compiler.kernels.elementwise import activation_lines, needs_scratch
from netspec.compiler.library import definitions
from netspec.compiler.plan import in_range
from netspec.gradients.rule import Room, Rule, Site, call, every, yes
from netspec.gradients.slope_table import SLOPES
from netspec.gradients.tape import Entry
from netspec.operations import Elementwise


def _activate(site: Site) -> Iterator[str]:
    """Yield the calls that write a[x], in place where x lies where the result does."""
    function = in_range(site.entry.operation, site.dtype)
    x, y = site.x(), site.y()
    if function.name == "relu":
        yield f"np.maximum({x}, {_zeros(site)}, out={y})"
        return
    scratch = site.room("t") if needs_scratch(function) else ""
    work = list(activation_lines(function))
    if not site.in_place():
        name, _, arguments = work[0].partition("(")
        words = arguments[:-1].split(", ")
        if words[0] == "h" and words[-1] == "out=h" and "t" not in words and name not in definitions():
            yield f"np.{name}({', '.join([x, *words[1:-1]])}, out={y})"
            del work[0]
        else:
            yield f"np.copyto({y}, {x})"
    for line in work:
        name, _, arguments = line.partition("(")
        if line == f"{name}(h, out=h)" and name in definitions():
            yield f"{site.kernel('in_pieces')}({site.kernel(name)}, {y})"
            continue
        called = site.kernel(name) if name in definitions() else f"np.{name}"
        yield f"{called}({filled(arguments, y, scratch)}"


_LONG = 1024
"""Numbers along which NumPy goes over two arrays at full speed; with a number for one of them it takes four times as
long."""


def _zeros(site: Site) -> str:
    """Return the name of zeros in the shape of the last axes of a value, as many as make a long run."""
    shape = (*site.entry.shape, site.batch) if site.entry.upright else (site.batch, *site.entry.shape)
    axes = next((axes for axes in range(1, len(shape)) if prod(shape[-axes:]) >= _LONG), len(shape))
    return site.bound(f"np.zeros({shape[-axes:]!r}, DTYPE)", "zeros")


def _slope(site: Site) -> Iterator[str]:
    function = in_range(site.entry.operation, site.dtype)
    slope = SLOPES[function.name]
    read = site.y() if slope.needs == "y" else site.x()
    yield call(site.kernel(slope.kernel), site.dy(), read, site.dx(), *map(repr, function.arguments))


def _rooms(entry: Entry, batch: int) -> tuple[Room, ...]:
    if not needs_scratch(entry.operation):
        return ()
    shape = (*entry.shape, batch) if entry.upright else (batch, *entry.shape)
    return (Room("t", shape),)


def _reads_operand(entry: Entry) -> tuple[int, ...]:
    return (0,) if _needs(entry.operation) == "z" else ()


def _reads_result(entry: Entry) -> bool:
    return _needs(entry.operation) == "y"


def _needs(operation: Elementwise) -> str:
    return SLOPES[operation.name].needs


_UFUNCS = {"add": "add", "subtract": "subtract", "multiply": "multiply", "abs_difference": "subtract"}


def _merge(site: Site) -> Iterator[str]:
    kind, y = site.entry.operation.kind, site.y()
    left = site.x(0)
    for index in range(1, len(site.entry.operands)):
        yield f"np.{_UFUNCS[kind]}({left}, {site.x(index)}, out={y})"
        left = y
    if kind == "abs_difference":
        yield f"np.absolute({y}, out={y})"


def _merge_back(site: Site) -> Iterator[str]:
    """Yield the gradient of each operand, summed over the axes along which it was repeated; the first, which may lie
    where that of the result does, is the last.
    """
    kind = site.entry.operation.kind
    for index in reversed(every(site.entry)):
        if not site.wants(index):
            continue
        if kind in ("add", "subtract"):
            yield from _passed_on(site, index, negative=kind == "subtract" and index > 0)
            continue
        others = [site.x(other) for other in every(site.entry) if other != index]
        kernel = site.kernel("product_backward" if kind == "multiply" else "difference_backward")
        if kind == "multiply":
            yield call(kernel, site.dy(), f"({', '.join(others)},)", site.dx(index))
        else:
            yield call(kernel, site.dy(), site.x(index), others[0], site.dx(index))


def _passed_on(site: Site, index: int, *, negative: bool) -> Iterator[str]:
    dy, dx = site.dy(), site.dx(index)
    if site.entry.operands[index].shape != site.entry.shape:
        yield call(site.kernel("sum_repeated"), dy, dx)
        if negative:
            yield f"np.negative({dx}, out={dx})"
    elif negative:
        yield f"np.negative({dy}, out={dx})"
    elif not site.shares(index):
        yield f"np.copyto({dx}, {dy})"


def _merge_reads(entry: Entry) -> tuple[int, ...]:
    return every(entry) if entry.operation.kind in ("multiply", "abs_difference") else ()


def _merges_in_place(entry: Entry) -> bool:
    """Return whether the sum may be written over the first operand: of one shape, and not read again on the way."""
    values = [ref.value for ref in entry.operands]
    return entry.operands[0].shape == entry.shape and values.count(values[0]) == 1


def _adds(entry: Entry) -> bool:
    return entry.operation.kind in ("add", "subtract") and _merges_in_place(entry)


def _drop(site: Site) -> Iterator[str]:
    operation: Any = site.entry.operation
    generator = f"{site.kernel('mask_generator')}(key, {site.entry.number})"
    yield f"{site.saved()} = " + call(
        site.kernel("drop_forward"), site.x(), y=site.y(), rate=operation.rate, generator=generator
    )


def _drop_back(site: Site) -> Iterator[str]:
    operation: Any = site.entry.operation
    yield call(site.kernel("drop_backward"), site.dy(), site.saved(), dx=site.dx(), rate=operation.rate)


ELEMENTWISE = Rule(
    _activate,
    _slope,
    operands=_reads_operand,
    result=_reads_result,
    in_place=yes,
    back_in_place=yes,
    rooms=_rooms,
)
MERGE = Rule(_merge, _merge_back, operands=_merge_reads, in_place=_merges_in_place, back_in_place=_adds)
DROP = Rule(_drop, _drop_back, saves=yes, back_in_place=yes)
