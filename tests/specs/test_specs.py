"""Every spec of `specs/`: valid, described, asserting its facts, and built into a model that computes."""

from pathlib import Path

import numpy as np
import pytest

import netspec
from netspec.validation import check_file

SPECS = Path(__file__).parents[2] / "specs"
FILES = sorted(SPECS.rglob("*.yaml"))
LARGE = 1_000_000
"""Parameters beyond which a network is not built here."""


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
    assert "Prince, Understanding Deep Learning" in text.partition("netspec: 1\n")[0]
    network = netspec.load(path)
    assert network.description is not None
    expect = network.part.claims.expect
    assert expect is not None
    assert expect.parameters is not None
    assert all(len(line) <= 120 for line in text.splitlines())


def test_names_are_told_apart() -> None:
    names = [netspec.load(path).name for path in FILES]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("path", FILES, ids=_id)
def test_a_model_of_it_computes(path: Path) -> None:
    """The arrays have the inferred shapes, and y is finite and of the inferred width."""
    network = netspec.load(path)
    assert network.facts.parameters <= LARGE
    model = network.build()
    assert {name: array.shape for name, array in model.parameters.items()} == network.shapes
    assert sum(array.size for array in model.parameters.values()) == network.facts.parameters
    y = model(np.linspace(-1, 1, 7 * model.input).reshape(7, model.input))
    assert y.shape == (7, network.facts.output[0])
    assert y.dtype == np.float32
    assert np.isfinite(y).all()


@pytest.mark.parametrize("path", FILES, ids=_id)
def test_its_long_form_is_the_same_network(path: Path) -> None:
    network = netspec.load(path)
    long = netspec.loads(network.expand())
    assert long.fingerprint == network.fingerprint
    assert long.shapes == network.shapes
    x = np.linspace(-1, 1, 5 * network.facts.input[0]).reshape(5, -1)
    assert np.array_equal(long.build()(x), network.build()(x))
