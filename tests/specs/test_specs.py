"""Every spec of `specs/`: valid, described, asserting its facts, and built into a model that computes."""

import re
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import netspec
from netspec import Network
from netspec.sizes import evaluate, symbols
from netspec.validation import check_file

SPECS = Path(__file__).parents[2] / "specs"
FILES = sorted(SPECS.rglob("*.yaml"))
LARGE = 1_000_000
"""Parameters beyond which a network is not built here."""
LARGEST_WORK = 200_000_000
"""Multiply-accumulates for one example beyond which it is not run here."""


def _id(path: Path) -> str:
    return path.relative_to(SPECS).with_suffix("").as_posix()


def test_there_are_specs() -> None:
    assert len(FILES) > 30


@pytest.mark.parametrize("path", FILES, ids=_id)
@pytest.mark.parametrize("pure", [False, True], ids=["libyaml", "pure"])
def test_a_spec_is_valid_with_all_its_variants(path: Path, *, pure: bool) -> None:
    assert check_file(str(path), pure=pure).diagnostics == ()


@pytest.mark.parametrize("path", FILES, ids=_id)
def test_a_spec_says_what_it_is(path: Path) -> None:
    """Its source in a comment on top, a name of its own, a description, and what is expected of its facts."""
    text = path.read_text(encoding="utf-8")
    source = text.partition("netspec: 1\n")[0]
    assert "Prince, Understanding Deep Learning" in source or re.search(r"(19|20)\d\d", source)
    network = netspec.load(path)
    assert network.description is not None
    expect = network.part.claims.expect
    assert expect is not None
    assert expect.parameters is not None
    assert all(len(line) <= 120 for line in text.splitlines())


def test_names_are_told_apart() -> None:
    names = [netspec.load(path).name for path in FILES]
    assert sorted(names) == sorted(set(names))


def inputs(network: Network, batch: int) -> dict[str, NDArray[Any]]:
    """Return arrays for every input; free sizes are 16."""
    found: dict[str, NDArray[Any]] = {}
    for number, (name, shape) in enumerate(network.facts.inputs.items()):
        sizes = [size if isinstance(size, int) else 16 for size in shape]
        if number in network.operations.integers:
            found[name] = np.arange(batch * prod(sizes)).reshape(batch, *sizes) % 2
        else:
            found[name] = np.linspace(-1, 1, batch * prod(sizes), dtype=np.float32).reshape(batch, *sizes)
    return found


def small(path: Path) -> Network:
    """Return the network of a spec, that of its variant `tiny` where it has one; skip it where it is large."""
    variant = "tiny" if "\n  tiny:" in path.read_text(encoding="utf-8") else None
    network = netspec.load(path, variant=variant)
    work = network.facts.macs
    if network.facts.parameters > LARGE or (isinstance(work, int) and work > LARGEST_WORK):
        pytest.skip("large")
    return network


def results(network: Network, batch: int) -> dict[str, NDArray[Any]]:
    """Return what a model of the network gives, by name."""
    given = inputs(network, batch)
    y = network.build()(*given.values())
    return y if isinstance(y, dict) else dict(zip(network.facts.outputs, [y], strict=True))


@pytest.mark.parametrize("path", FILES, ids=_id)
def test_a_model_of_it_computes(path: Path) -> None:
    """The arrays have the inferred shapes, and y is finite and of the inferred shape."""
    network = small(path)
    model = network.build()
    assert {name: array.shape for name, array in model.parameters.items()} == network.shapes
    for name, y in results(network, 3).items():
        assert y.shape == (
            3,
            *[evaluate(size, dict.fromkeys(symbols(size), 16)) for size in network.facts.outputs[name]],
        )
        assert y.dtype == np.float32
        assert np.isfinite(y).all()


@pytest.mark.parametrize("path", FILES, ids=_id)
def test_its_long_form_is_the_same_network(path: Path) -> None:
    network = netspec.load(path)
    long = netspec.loads(network.expand())
    assert long.fingerprint == network.fingerprint
    assert long.shapes == network.shapes


@pytest.mark.parametrize("path", FILES, ids=_id)
def test_its_long_form_computes_the_same(path: Path) -> None:
    network = small(path)
    long = netspec.loads(network.expand())
    for name, y in results(network, 2).items():
        assert np.array_equal(y, results(long, 2)[name])
