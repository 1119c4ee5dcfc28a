"""The largest single product, against a count by hand."""

from typing import Any

import pytest

from netspec import Network
from netspec.graph.products import largest_product

T, BATCH = 64, 10  # what stands for a free size, and rows


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"input": 7, "widths": [5, 11], "output": 2}, BATCH * 5 * 11),
        ({"input": [20, 6], "output": [20, 8], "layers": [{"dense": 8}, {"attention": 2}]}, BATCH * 20 * 8 * 8),
        ({"symbols": ["T"], "input": ["T", 6], "output": ["T", 8], "layers": [{"dense": 8}]}, BATCH * T * 6 * 8),
        ({"input": [20, 6], "output": [20, 5], "layers": [{"lstm": 5}]}, BATCH * 20 * 6 * 4 * 5),
        (
            {"input": [3, 8, 8], "output": [4, 6, 6], "layers": [{"conv": {"channels": 4, "kernel": 3}}]},
            BATCH * 4 * 36 * 27,
        ),
        ({"input": 4, "output": 4, "layers": [{"repeat": {"times": 9, "layers": [{"dense": 4}, "relu"]}}]}, BATCH * 16),
        ({"input": [90, 2], "output": [90, 2], "layers": [{"attention": 1}]}, 90 * 90 * 4),
    ],
)
def test_the_largest_product_is_of_the_batch_or_of_an_example(keys: dict[str, Any], expected: int) -> None:
    assert largest_product(Network(**keys).operations, BATCH) == expected


def test_many_small_products_are_no_large_one() -> None:
    layers = [{"dense": 32}, "relu"] * 40
    network = Network(input=[20, 32], output=[20, 32], layers=layers)
    assert largest_product(network.operations, 32) == 32 * 20 * 32 * 32 == network.facts.macs * 32 // 40
