"""Which networks have a convolution as their one hidden layer, and whether its numbers can be chosen freely."""

from typing import Any

import pytest

from netspec.bounds.windows import Axis, Windows
from netspec.efficiency.comparison import compared
from netspec.graph.filters import Filters
from netspec.network import Network

WINDOWS = Windows(1, 2, 1, (Axis(6, 4, 3),))
CONV = {"conv": {"channels": 2, "kernel": 3}}
LAST = ("flatten", {"dense": 1})


def filters(size: list[int], *layers: Any, output: Any = 1) -> Filters | None:
    """Return what is found in a list of layers."""
    return Network(input=size, layers=list(layers), output=output).facts.filters


def without_bias(**keys: Any) -> dict[str, Any]:
    """Return the convolution without a bias."""
    return {"conv": {"channels": 2, "kernel": 3, "bias": False, **keys}}


@pytest.mark.parametrize(
    ("size", "layers", "output"),
    [
        ([1, 6], (CONV, "relu", *LAST), 1),
        ([1, 6], (CONV, "relu"), [2, 4]),
        ([1, 6], (CONV, "identity", "relu", "identity", *LAST), 1),
        ([1, 6], (CONV, "batch_norm", "relu", *LAST), 1),
        ([1, 6], (without_bias(), "batch_norm", "relu", "batch_norm", *LAST), 1),
        ([6, 1], ({"transpose": [1, 0]}, CONV, "relu", *LAST), 1),
        ([6], ({"reshape": [1, 6]}, CONV, "relu", *LAST), 1),
        ([1, 6], (CONV, "relu", {"conv": {"channels": 1, "kernel": 2, "stride": 2}}, *LAST), 1),
        ([1, 6], (CONV, "relu", {"average_pool": 2}, *LAST), 1),
        ([1, 6], (CONV, "relu", {"global_average_pool": {}}, {"dense": 1}), 1),
    ],
)
def test_a_convolution_of_the_inputs_is_found_and_free(size: list[int], layers: Any, output: Any) -> None:
    assert filters(size, *layers, output=output) == Filters(WINDOWS, free=True)


@pytest.mark.parametrize(
    "layers",
    [
        (without_bias(), "relu", *LAST),
        (without_bias(), {"batch_norm": {"affine": False}}, "relu", *LAST),
        (CONV, "relu", {"conv": {"channels": 1, "kernel": 1, "stride": 2}}, *LAST),
        (CONV, "relu", {"conv": {"channels": 1, "kernel": 3, "stride": 2}}, *LAST),
        (CONV, "relu", {"average_pool": 3}, *LAST),
        (CONV, "relu", {"slice": {"axis": 1, "start": 1}}, *LAST),
    ],
)
def test_where_a_unit_is_not_read_or_no_bias_is_learned_nothing_is_free(layers: Any) -> None:
    assert filters([1, 6], *layers) == Filters(WINDOWS, free=False)


@pytest.mark.parametrize(
    ("size", "layers"),
    [
        ([1, 6], (CONV, "relu", CONV, "relu", *LAST)),
        ([1, 6], (CONV, CONV, "relu", *LAST)),
        ([1, 6], (CONV, *LAST)),
        ([1, 6], (CONV, "heaviside", *LAST)),
        ([1, 6], (CONV, "tanh", *LAST)),
        ([1, 6], ({"average_pool": 2}, CONV, "relu", *LAST)),
        ([1, 6], (CONV, {"transpose": [1, 0]}, "batch_norm", "relu", *LAST)),
        ([1, 6], (CONV, "relu", {"max_pool": 2}, *LAST)),
        ([1, 6], (CONV, "relu", {"repeat": {"times": 2, "layers": ["identity"]}}, *LAST)),
        ([6], ({"dense": 3}, "relu", {"dense": 1})),
    ],
)
def test_of_other_networks_there_is_none(size: list[int], layers: Any) -> None:
    assert filters(size, *layers) is None


def test_an_affine_map_at_each_position_is_one_with_windows_of_one() -> None:
    expected = Filters(Windows(1, 5, 3, (Axis(4, 4, 1), Axis(2, 2, 1))), free=True)
    assert filters([4, 2, 3], {"dense": 5}, "relu", *LAST) == expected


def test_channels_in_groups_strides_and_dilations_are_those_of_the_layer() -> None:
    keys = {"channels": 6, "kernel": [3, 2], "stride": [2, 1], "dilation": [1, 2], "padding": [1, 0], "groups": 2}
    found = filters([4, 7, 8], {"conv": keys}, "relu", *LAST)
    assert found == Filters(Windows(2, 3, 2, (Axis(7, 4, 3, 2, 1, 1), Axis(8, 6, 2, 1, 2, 0))), free=True)


def test_tied_filters_are_not_free() -> None:
    again = {"conv": {"channels": 1, "kernel": 1, "tie": {"Omega": "first.Omega"}}}
    layers = [{"conv": {"channels": 1, "kernel": 1, "as": "first"}}, "relu", again, *LAST]
    net = Network(input=[1, 6], layers=layers, output=1)
    found = net.facts.filters
    assert found is not None
    assert not found.free


def test_a_network_with_windows_has_the_same_bounds_when_compared() -> None:
    net = Network(input=[1, 6], layers=[CONV, "relu", *LAST], output=1)
    regions = compared("one", None, net.operations, net.facts).regions
    assert regions is not None
    assert net.facts.regions is not None
    assert (regions.lower, regions.upper) == (net.facts.regions.lower, net.facts.regions.upper)
    assert regions.exact
