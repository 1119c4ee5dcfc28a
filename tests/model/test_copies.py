"""A model that is pickled, or copied, is what a file of it would be read back as."""

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

import netspec
from netspec.diagnostics import SpecError
from netspec.model import Model

SPECS = Path(__file__).parents[2] / "specs"
NETWORKS = ["deep", "vision/lenet_5", "recurrent/lstm_tagger", "two_layer"]


def assert_same(one: Model, other: Model) -> None:
    """Compare what two models are: spec, program, numbers and all that was chosen."""
    assert one.facts.fingerprint == other.facts.fingerprint
    assert one.source == other.source
    assert (one.seed, one.exact, one.dtype, one.labels) == (other.seed, other.exact, other.dtype, other.labels)
    assert list(one.parameters) == list(other.parameters)
    for name, array in one.parameters.items():
        np.testing.assert_array_equal(array, other.parameters[name])
        assert not other.parameters[name].flags.writeable


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("exact", [False, True])
def test_a_pickle_of_a_model_is_the_model(name: str, exact: bool) -> None:
    model = netspec.load(SPECS / f"{name}.yaml").build(seed=3, dtype="float64", exact=exact)
    model = model.replaced(labels={"out": ("cat", "dog")})
    assert_same(model, pickle.loads(pickle.dumps(model)))


def test_a_model_that_has_computed_is_pickled_and_copied_too() -> None:
    model = netspec.load(SPECS / "deep.yaml").build()
    x = np.linspace(0, 1, 7)[:, None]
    y = model(x)
    model.gradient(x, y)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model), copy.copy(model)):
        assert_same(model, other)
        np.testing.assert_array_equal(other(x), y)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_pickle_of_a_network_is_the_network(name: str) -> None:
    network = netspec.load(SPECS / f"{name}.yaml")
    other = pickle.loads(pickle.dumps(network))
    assert other.fingerprint == network.fingerprint
    assert other.to_yaml() == network.to_yaml()
    assert_same(network.build(), other.build())


def test_a_pickle_whose_spec_is_read_no_more_is_refused_as_a_spec() -> None:
    restored, (said, *rest) = netspec.load(SPECS / "two_layer.yaml").build().__reduce__()
    with pytest.raises(SpecError) as caught:
        restored({**said, "spec": said["spec"].replace("netspec: 1", "netspec: 2")}, *rest)
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.place.file) == ("language-version", "<model>")
