"""What moves elements and computes with none: concat, stack, slice, index, pad and transpose."""

from collections.abc import Iterator
from typing import Any

from netspec.gradients.rule import Rule, Site, every


def axis_of(site: Site, axis: int) -> int:
    """Return the number that an axis of an example has in the array."""
    return axis if site.entry.upright else axis + 1


def _at(site: Site, axis: int, where: str) -> str:
    """Return an index of the whole array: `where` on one axis."""
    return f"[{', '.join([*[':'] * axis_of(site, axis), where])}]"


def _concat(site: Site) -> Iterator[str]:
    names = ", ".join(site.x(index) for index in every(site.entry))
    yield f"np.concatenate(({names},), {axis_of(site, site.entry.operation.axis)}, out={site.y()})"


def _concat_back(site: Site) -> Iterator[str]:
    axis, begin = site.entry.operation.axis, 0
    for index, ref in enumerate(site.entry.operands):
        end = begin + ref.shape[axis]
        if site.wants(index):
            yield f"np.copyto({site.dx(index)}, {site.dy()}{_at(site, axis, f'{begin}:{end}')})"
        begin = end


def _stack(site: Site) -> Iterator[str]:
    names = ", ".join(site.x(index) for index in every(site.entry))
    yield f"np.stack(({names},), {axis_of(site, site.entry.operation.axis)}, out={site.y()})"


def _stack_back(site: Site) -> Iterator[str]:
    for index in every(site.entry):
        if site.wants(index):
            yield f"np.copyto({site.dx(index)}, {site.dy()}{_at(site, site.entry.operation.axis, str(index))})"


def _slice(site: Site) -> Iterator[str]:
    yield f"np.copyto({site.y()}, {site.x()}{_stretch(site)})"


def _slice_back(site: Site) -> Iterator[str]:
    yield f"{site.dx()}.fill(0.0)"
    yield f"np.copyto({site.dx()}{_stretch(site)}, {site.dy()})"


def _stretch(site: Site) -> str:
    operation: Any = site.entry.operation
    stop = "" if operation.stop is None else str(operation.stop)
    return _at(site, operation.axis, f"{operation.start}:{stop}:{operation.step}")


def _index(site: Site) -> Iterator[str]:
    operation: Any = site.entry.operation
    yield f"np.copyto({site.y()}, {site.x()}{_at(site, operation.axis, str(operation.place))})"


def _index_back(site: Site) -> Iterator[str]:
    operation: Any = site.entry.operation
    yield f"{site.dx()}.fill(0.0)"
    yield f"np.copyto({site.dx()}{_at(site, operation.axis, str(operation.place))}, {site.dy()})"


def _pad(site: Site) -> Iterator[str]:
    yield f"{site.y()}.fill({site.entry.operation.value!r})"
    yield f"np.copyto({site.y()}{_inner(site)}, {site.x()})"


def _pad_back(site: Site) -> Iterator[str]:
    yield f"np.copyto({site.dx()}, {site.dy()}{_inner(site)})"


def _inner(site: Site) -> str:
    """Return the index of what stood there before the padding."""
    sizes = site.entry.operands[0].shape
    words = [f"{low}:{low + n}" for (low, _), n in zip(site.entry.operation.widths, sizes, strict=True)]
    return f"[{', '.join(words if site.entry.upright else [':', *words])}]"


def _transpose(site: Site) -> Iterator[str]:
    yield f"np.copyto({site.y()}, {site.x()}.transpose({_order(site, site.entry.operation.axes)}))"


def _transpose_back(site: Site) -> Iterator[str]:
    axes = site.entry.operation.axes
    back = tuple(axes.index(axis) for axis in range(len(axes)))
    yield f"np.copyto({site.dx()}, {site.dy()}.transpose({_order(site, back)}))"


def _order(site: Site, axes: tuple[int, ...]) -> str:
    whole = (*axes, len(axes)) if site.entry.upright else (0, *[axis + 1 for axis in axes])
    return ", ".join(map(str, whole))


CONCAT = Rule(_concat, _concat_back)
STACK = Rule(_stack, _stack_back)
SLICE = Rule(_slice, _slice_back)
INDEX = Rule(_index, _index_back)
PAD = Rule(_pad, _pad_back)
TRANSPOSE = Rule(_transpose, _transpose_back)
