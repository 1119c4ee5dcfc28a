"""The receptive field against the positions that each position sees, followed one by one."""

from itertools import product
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.diagnostics import SpecError
from netspec.graph.walk import outputs_of, visits
from netspec.network import Network
from netspec.operations import Operation
from netspec.operations.convolve import Convolve
from netspec.operations.pool import Pool
from netspec.operations.upsample import Upsample
from tests.compiler.random_specs import EXAMPLES

POSITIONS: Final = 48
Seen = list[frozenset[int]]


def network(items: list[dict[str, Any]]) -> Network | None:
    """Return the network of some layers over one channel; None where too few positions are left."""
    ((word, keys),) = items[-1].items()
    named = {word: {"from": keys, "as": "y"} if isinstance(keys, list) else {**keys, "as": "y"}}
    try:
        return Network(netspec=1, input=[1, POSITIONS], layers=[*items[:-1], named], outputs=["y"])
    except SpecError as fault:
        if all(each.code == "layer-misfit" for each in fault.diagnostics):
            return None
        raise


def read_by(operation: Operation, position: int, count: int) -> list[int]:
    """Return the positions of its operand that one position of a result reads."""
    if isinstance(operation, Convolve | Pool):
        (kernel,), (stride,), ((before, _),), (dilation,) = operation[1:5]
        found = [stride * position + dilation * k - before for k in range(kernel)]
        return [each for each in found if 0 <= each < count]
    if isinstance(operation, Upsample):
        (factor,) = operation.factors
        if operation.kind == "nearest":
            return [position // factor]
        below, rest = divmod(2 * position + 1 - factor, 2 * factor)
        return [min(max(each, 0), count - 1) for each in ([below, below + 1] if rest else [below])]
    return [position]


def widest(net: Network) -> int:
    """Return how many positions lie between the outermost two of the input that one position of the output sees."""
    values: dict[int, Seen] = {0: [frozenset([position]) for position in range(POSITIONS)]}
    for visit in visits(net.operations):
        count = visit.graph.shapes[visit.graph.results[visit.position][0]][1]
        assert isinstance(count, int)
        values[visit.results[0]] = [
            frozenset[int]().union(
                *(
                    values[operand][each]
                    for operand in visit.operands
                    for each in read_by(visit.operation, position, len(values[operand]))
                )
            )
            for position in range(count)
        ]
    return max(max(seen) - min(seen) + 1 for seen in values[outputs_of(net.operations)[0]] if seen)


@st.composite
def windows(draw: st.DrawFn) -> dict[str, Any]:
    """Return an item that reads windows and keeps one channel."""
    low, high = draw(st.integers(0, 2)), draw(st.integers(0, 2))
    kernel, stride, dilation = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    keys = {"kernel": kernel, "stride": stride, "padding": [[low, high]], "dilation": dilation}
    return {"conv": {"channels": 1, **keys}}


@settings(EXAMPLES)
@given(st.lists(windows(), min_size=1, max_size=3))
def test_windows_in_a_row_see_what_is_followed(items: list[dict[str, Any]]) -> None:
    net = network(items)
    if net is None:
        return
    found = net.facts.receptive_field
    whole = widest(net)
    assert found is None or found[0] >= whole
    (positions,) = net.facts.output[1:]
    if isinstance(positions, int) and positions >= 12:  # there is a position whose windows are all within
        assert (found or (1,))[0] == whole


@pytest.mark.parametrize(("one", "other"), list(product(([0, 2], [1, 1], [2, 0]), repeat=2)))
def test_ways_that_meet_are_seen_from_end_to_end(one: list[int], other: list[int]) -> None:
    conv = {"channels": 1, "kernel": 3, "from": "in"}
    layers: list[dict[str, Any]] = [
        {"conv": {**conv, "padding": [one], "as": "a"}},
        {"conv": {**conv, "padding": [other], "as": "b"}},
    ]
    net = network([*layers, {"add": ["a", "b"]}])
    assert net is not None
    assert net.facts.receptive_field == (widest(net),)


@settings(EXAMPLES)
@given(
    st.lists(
        st.one_of(
            windows(),
            st.builds(
                lambda factor, mode: {"upsample": {"factor": factor, "mode": mode}},
                st.integers(2, 4),
                st.sampled_from(["nearest", "linear"]),
            ),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_behind_an_upsampling_no_position_sees_more(items: list[dict[str, Any]]) -> None:
    net = network(items)
    if net is None:
        return
    assert (net.facts.receptive_field or (1,))[0] >= widest(net)


def test_an_upsampling_and_a_convolution_see_what_is_followed() -> None:
    for factor, mode, kernel in product((2, 3, 4), ("nearest", "linear"), (1, 2, 3, 5)):
        layers: list[dict[str, Any]] = [
            {"upsample": {"factor": factor, "mode": mode}},
            {"conv": {"channels": 1, "kernel": kernel}},
        ]
        net = network(layers)
        assert net is not None
        assert (net.facts.receptive_field or (1,))[0] == widest(net), (factor, mode, kernel)
