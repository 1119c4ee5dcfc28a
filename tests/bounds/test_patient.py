"""Exact bounds for those who wait: against the quick ones, the definition, and a recursion of remainders."""

import time
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.bounds.bounds import Stage, cut_by_steps, product_of_cells, region_bounds
from netspec.bounds.patient import HINZ_WIDTH, count_regions, patient_bounds
from netspec.bounds.stages import joined
from tests.bounds.test_bounds import by_definition, relu

PRIME = 2_147_483_647

stages_of = st.lists(
    st.builds(
        lambda count, units, rank, breakpoints, collapses: Stage(
            count, units, min(rank, units), breakpoints, collapses
        ),
        st.sampled_from([1, 1, 2, 3, 7, 200]),
        st.integers(1, 9),
        st.integers(1, 9),
        st.integers(0, 3),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


@given(st.integers(1, 9), stages_of)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_patience_changes_no_bound(inputs: int, stages: list[Stage]) -> None:
    cut = cut_by_steps(joined(stages))
    by_cells = product_of_cells(inputs, cut)
    quick = region_bounds(inputs, stages)
    for hinz, expected in ((False, quick.serra), (True, quick.hinz)):
        found = count_regions(inputs, cut, hinz, by_cells)
        assert expected is not None
        assert found is not None
        assert found[0] == expected.value


@given(st.integers(1, 30), st.lists(st.tuples(st.integers(1, 4), st.integers(1, 25)), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_serra_is_its_definition(inputs: int, widths: list[tuple[int, int]]) -> None:
    stages = [relu(count, units) for count, units in widths]
    found = patient_bounds(inputs, stages).serra
    assert found is not None
    assert found.value == by_definition(inputs, [relu(1, units) for count, units in widths for _ in range(count)])


def remainder(inputs: int, count: int, units: int) -> int:
    """Return Serra's bound for equal ReLU layers modulo a prime, from the whole matrix of each layer."""
    binomials = [comb(units, j) % PRIME for j in range(inputs + 1)]
    matrix = np.zeros((inputs + 1, inputs + 1), dtype=np.int64)
    for d in range(inputs + 1):
        for j in range(d + 1):
            left = min(d, units - j)
            matrix[d, left] = (matrix[d, left] + binomials[j]) % PRIME
    values = np.ones(inputs + 1, dtype=np.int64)
    for _ in range(count):
        values = (matrix * values % PRIME).sum(axis=1) % PRIME
    return int(values[inputs])


def test_a_hundred_layers_of_a_thousand_units_are_an_exact_integer_in_ten_seconds() -> None:
    start = time.perf_counter()
    found = patient_bounds(784, [relu(100, 1000)])
    seconds = time.perf_counter() - start
    assert found.serra is not None
    assert found.serra.value is not None
    assert found.serra.value % PRIME == remainder(784, 100, 1000)
    assert found.serra.log10 == 30073.992759
    assert found.upper == found.serra
    assert found.hinz is None, "wider than 200"
    assert seconds < 10


def test_hinz_is_worked_out_to_a_width_of_200() -> None:
    quick = region_bounds(150, [relu(10, 200)])
    found = patient_bounds(150, [relu(10, HINZ_WIDTH)])
    assert quick.hinz is None
    assert found.hinz is not None
    assert found.serra is not None
    assert found.hinz.value is not None
    assert found.serra.value is not None
    assert found.hinz.value < found.serra.value
    assert found.upper == found.hinz
    assert patient_bounds(150, [relu(10, HINZ_WIDTH + 1)]).hinz is None


@pytest.mark.parametrize(
    ("inputs", "stages"),
    [
        (10**9, [relu(10**7, 10**9)]),
        (20_000, [relu(1, 20_000 - i) for i in range(2000)]),
        (9000, [relu(10**7, 10_000)]),
        (3072, [relu(1, 65_536, 3072), relu(1, 32_768), relu(1, 16_384)]),
    ],
)
def test_what_is_more_than_a_minute_of_work_is_left_as_it_was(inputs: int, stages: list[Stage]) -> None:
    start = time.perf_counter()
    assert patient_bounds(inputs, stages).upper == region_bounds(inputs, stages).upper
    assert time.perf_counter() - start < 5


def test_what_has_too_many_digits_is_a_closer_logarithm() -> None:
    stages = [relu(1, 150 + i % 100) for i in range(6_000)]
    quick, found = region_bounds(190, stages), patient_bounds(190, stages)
    assert found.upper.value is None
    assert found.lower.log10 <= found.upper.log10 < quick.upper.log10 - 1_000


def test_without_a_hidden_layer_there_is_one_region() -> None:
    assert patient_bounds(7, []) == region_bounds(7, [])
