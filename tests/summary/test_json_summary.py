"""The summary for tools."""

import json
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from netspec.summary.json_summary import MOST_LISTED, render_json, summary
from netspec.validation import Choice
from tests.summary.networks import DEEP, LARGE, LISTED, MILLION, SHARED, SMOOTH, network

WORDS = ("parameters", "tensors", "capacity", "depth", "macs", "flops", "parameter_bytes", "activation_bytes")


def read(spec: str, choice: Choice | None = None) -> dict[str, Any]:
    """Return the document as a reader of JSON sees it."""
    document = render_json(*network(spec, choice or Choice()))
    assert document.isascii()
    found = json.loads(document)
    assert isinstance(found, dict)
    return found


def test_the_numbers_are_the_facts() -> None:
    for spec in (DEEP, SHARED, LISTED, MILLION, SMOOTH):
        _, _, facts = network(spec)
        found = read(spec)
        assert [found[word] for word in WORDS] == [
            facts.parameters,
            facts.tensors,
            facts.capacity,
            facts.depth,
            facts.macs,
            facts.flops,
            facts.parameter_bytes,
            facts.activation_bytes,
        ]
        assert found["fingerprint"] == facts.fingerprint


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=4), st.integers(1, 10**9))
def test_an_integer_that_a_reader_would_round_is_text(widths: list[int], after: int) -> None:
    part, graph, facts = network(f"{{netspec: 1, input: 3, widths: {widths}, output: {after}}}")
    found = summary(part, graph, facts)
    expected = {"parameters": facts.parameters, "macs": facts.macs, "flops": facts.flops}
    for word, value in expected.items():
        assert isinstance(value, int)
        if value <= 2**53:
            assert found[word] == value
            assert f"{word}_log10" not in found
        else:
            assert found[word] == str(value)
            assert found[f"{word}_log10"] == round(math.log10(value), 6)


def test_the_bounds_on_regions() -> None:
    regions = read(DEEP)["regions"]
    assert (regions["at_least"]["value"], regions["at_most"]["value"]) == (161_051, 161_051)
    regions = read(LARGE)["regions"]
    assert regions["at_least"]["value"].startswith("179")  # the book's 1.8·10^41, proven attainable
    assert len(regions["at_least"]["value"]) == 42
    assert int(regions["at_least"]["value"]) < int(regions["at_most"]["value"])


def test_a_bound_of_more_than_100_000_digits_is_known_by_its_logarithm() -> None:
    regions = read(MILLION)["regions"]
    assert regions["at_most"]["value"] is None
    assert regions["at_least"]["log10"] <= 10**6 * math.log10(11) <= regions["at_most"]["log10"]


def test_what_is_not_piecewise_linear_names_the_activations() -> None:
    found = read(SMOOTH)
    assert (found["regions"], found["smooth"]) == (None, ["tanh", "sigmoid"])


def test_the_choice_is_told() -> None:
    found = read(DEEP, Choice("small"))
    assert (found["name"], found["variant"], found["hyperparameters"]) == ("deep", "small", {"D": 4, "depth": 5})
    found = read(DEEP, Choice("small", {"depth": 2}))
    assert (found["variant"], found["hyperparameters"]) == ("small", {"D": 4, "depth": 2})


def test_a_layer_within_a_run_has_its_own_parameters() -> None:
    layer = read(MILLION)["parts"][0]["layers"][1]
    assert layer == {
        "k": 1,
        "layers": 999_999,
        "operation": "affine",
        "activation": "relu",
        "output": [10],
        "tensors": {"beta": [10], "Omega": [10, 10]},
        "parameters": 110,
    }


def test_beyond_5000_rows_the_rest_is_counted() -> None:
    widths = ", ".join(str(1 + k % 2) for k in range(6_000))
    found = read(f"{{netspec: 1, input: 5, widths: [{widths}], output: 1}}")
    (part,) = found["parts"]
    assert 1 + len(part["layers"]) == MOST_LISTED
    assert 1 + len(part["layers"]) + found["unlisted"] == 1 + 6_001
