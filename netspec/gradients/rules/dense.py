"""Affine maps, and values turned from one layout into the other."""

from collections.abc import Iterator
from math import prod

from netspec.gradients.rule import Rule, Site, call, first
from netspec.gradients.tape import Entry


def _forward(site: Site) -> Iterator[str]:
    """Yield z = β + Ω x upright, (width, batch); x may lie either way."""
    joint, ones, z = site.joint(), site.with_ones(), site.y()
    if joint and ones:
        yield f"np.dot({joint}, {_columns(site, ones)}, {z})"
        return
    yield f"np.matmul({site.tensor('Omega')}, {_columns(site, site.x())}, out={z})"
    if "beta" in site.entry.tensors:
        yield f"np.add({z}, {site.tensor('beta')}[:, None], out={z})"


def _backward(site: Site) -> Iterator[str]:
    """Yield dΩ = dz xᵀ, dβ = Σ dz and dx = Ωᵀ dz; with a row of ones below x the first two are one product."""
    joint, ones, dz = site.joint(), site.with_ones(), site.dy()
    upright = site.lies_upright()
    if joint and ones:
        yield f"np.dot({dz}, {_rows(site, ones)}, {site.djoint()})"
    else:
        if "Omega" in site.entry.learned:
            yield f"np.matmul({dz}, {_rows(site, site.x())}, out={site.dtensor('Omega')})"
        if "beta" in site.entry.learned:
            yield f"np.add.reduce({dz}, 1, out={site.dtensor('beta')})"
    if site.wants():
        Omega, dx = site.tensor("Omega"), site.dx()
        yield f"np.matmul({Omega}.T, {dz}, out={dx})" if upright else f"np.matmul({dz}.T, {Omega}, out={dx})"


def _columns(site: Site, name: str) -> str:
    """Return an operand with its examples as columns."""
    return name if site.lies_upright() else f"{name}.T"


def _rows(site: Site, name: str) -> str:
    """Return an operand with its examples as rows."""
    return f"{name}.T" if site.lies_upright() else name


def _affine_rows_forward(site: Site) -> Iterator[str]:
    yield call(
        site.kernel("affine_rows_forward"), site.x(), y=site.y(), Omega=site.tensor("Omega"), beta=site.tensor("beta")
    )


def _affine_rows_backward(site: Site) -> Iterator[str]:
    yield call(
        site.kernel("affine_rows_backward"),
        site.dy(),
        "None",
        site.x(),
        dx=site.dx(),
        dOmega=site.dtensor("Omega"),
        dbeta=site.dtensor("beta"),
        Omega=site.tensor("Omega"),
        beta=site.tensor("beta"),
    )


def _turn_forward(site: Site) -> Iterator[str]:
    flat = (prod(site.entry.shape),)
    yield f"np.copyto({site.y(flat)}, {site.x(0, flat)}.T)"


def _turn_backward(site: Site) -> Iterator[str]:
    flat = (prod(site.entry.shape),)
    yield f"np.copyto({site.dx(0, flat)}, {site.dy(flat)}.T)"


def _with_ones(entry: Entry) -> tuple[int, ...]:
    return (0,) if {"Omega", "beta"} <= entry.learned else ()


AFFINE = Rule(_forward, _backward, operands=first, ones=_with_ones)
AFFINE_ROWS = Rule(_affine_rows_forward, _affine_rows_backward, operands=first)
TURN = Rule(_turn_forward, _turn_backward)
