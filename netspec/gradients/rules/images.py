"""Convolutions, pools and what normalises channels: upright, (C, *positions, batch)."""

from collections.abc import Iterator
from math import prod
from typing import Any

from netspec.gradients.rule import Room, Rule, Site, call, first, yes
from netspec.gradients.rules.called import called, fields
from netspec.gradients.tape import Entry

_CHUNK = 2**18
"""Numbers of windows that are multiplied at a time: what a second-level cache holds beside their results."""


def _convolve(site: Site) -> Iterator[str]:
    """Yield the call of a function that was bound to its arrays before the first step."""
    joint = site.joint()
    text = call(
        site.kernel("bound_convolution"),
        site.x(),
        site.y(),
        joint or site.tensor("Omega"),
        "None" if joint else site.tensor("beta"),
        joint=bool(joint),
        **_numbers(site),
        windows=site.room("windows"),
        padded=_padded(site, "padded"),
    )
    yield f"{site.bound(text, 'convolve')}()"


def _convolve_back(site: Site) -> Iterator[str]:
    joint = site.joint()
    text = call(
        site.kernel("bound_convolution_back"),
        site.x(),
        site.dy(),
        site.dx(),
        joint or site.tensor("Omega"),
        site.djoint() if joint else site.dtensor("Omega"),
        "None" if joint else site.dtensor("beta"),
        joint=bool(joint),
        **_numbers(site),
        windows=site.room("windows"),
        padded=_padded(site, "padded"),
        dpadded=_padded(site, "dpadded") if site.wants() else "None",
    )
    yield f"{site.bound(text, 'derive')}()"


def _padded(site: Site, name: str) -> str:
    """Return the name of memory for x with its padding, None where there is none."""
    return site.room(name) if any(map(any, site.entry.operation.padding)) else "None"


def _numbers(site: Site) -> dict[str, Any]:
    values = site.entry.operation._asdict()
    return {name: values[name] for name in ("kernel", "stride", "padding", "dilation", "groups")}


def _rooms(entry: Entry, batch: int) -> tuple[Room, ...]:
    """Return memory for some windows, and for x with its padding and its gradient."""
    operation: Any = entry.operation
    channels, *sizes = entry.operands[0].shape
    row = (channels // operation.groups * prod(operation.kernel) + 1) * prod(entry.shape[2:]) * batch
    rows = max(1, min(entry.shape[1], _CHUNK // max(1, row)))
    windows = Room("windows", (row * rows,))
    if not any(map(any, operation.padding)):
        return (windows,)
    padded = [n + low + high for n, (low, high) in zip(sizes, operation.padding, strict=True)]
    whole = (channels * prod(padded) * batch,)
    return (windows, Room("padded", whole), Room("dpadded", whole))


CONVOLVE = Rule(_convolve, _convolve_back, operands=first, rooms=_rooms)
CONVOLVE_TRANSPOSED = called(
    "convolve_transposed",
    tensors=("Omega", "beta"),
    numbers=fields("stride", "padding", "output_padding", "dilation", "groups"),
    reads=True,
    saves=False,
)


def _pool_numbers(site: Site) -> dict[str, Any]:
    operation: Any = site.entry.operation
    names = ["kernel", "stride", "padding", "ceil"]
    names += ["dilation"] if operation.kind == "max" else ["count_padding"]
    values = operation._asdict()
    return {name: values[name] for name in names}


MAX_POOL = called("max_pool", numbers=_pool_numbers, reads=True, result=True, saves=False)
AVERAGE_POOL = called("average_pool", numbers=_pool_numbers, saves=False)
ADAPTIVE_MAX_POOL = called("adaptive_max_pool", numbers=fields("sizes"), reads=True, result=True, saves=False)
ADAPTIVE_AVERAGE_POOL = called("adaptive_average_pool", numbers=fields("sizes"), saves=False)
GROUP_NORM = called("group_norm", tensors=("gamma", "beta"), numbers=fields("groups", "epsilon"), reads=True)
UPSAMPLE_NEAREST = called("upsample_nearest", numbers=fields("factors"), saves=False)
UPSAMPLE_LINEAR = called("upsample_linear", numbers=fields("factors"), saves=False)


def _batch_norm(site: Site) -> Iterator[str]:
    """Yield the normalisation by the batch, whose mean and variance those that are kept follow; or by what was kept."""
    operation: Any = site.entry.operation
    name = "batch_norm" if site.training else "batch_norm_frozen"
    own = {role: site.tensor(role) for role in ("gamma", "beta", "mean", "variance")}
    share = {"momentum": "0.0" if site.again else "momentum"} if site.training else {}
    text = call(site.kernel(f"{name}_forward"), site.x(), y=site.y(), **own, epsilon=operation.epsilon, **share)
    yield f"{site.saved()} = {text}"


def _batch_norm_back(site: Site) -> Iterator[str]:
    name = "batch_norm" if site.training else "batch_norm_frozen"
    yield call(
        site.kernel(f"{name}_backward"),
        site.dy(),
        site.saved(),
        site.x(),
        dx=site.dx(),
        dgamma=site.dtensor("gamma"),
        dbeta=site.dtensor("beta"),
        gamma=site.tensor("gamma"),
    )


BATCH_NORM = Rule(_batch_norm, _batch_norm_back, operands=first, saves=yes)
