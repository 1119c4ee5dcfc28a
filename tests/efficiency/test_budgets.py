"""The networks that fit a budget: the closed formula and the searches against trying everything."""

from itertools import product
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.efficiency.budgets import (
    Budget,
    best_fits,
    deepest,
    fit,
    parameters_of,
    uneven_fit,
    widest,
)
from netspec.efficiency.expressed import expressed
from netspec.network import Network

budgets = st.builds(Budget, st.integers(1, 12), st.integers(1, 8), st.integers(1, 900), st.just("parameters"))


@pytest.mark.parametrize(
    ("inputs", "widths", "outputs", "parameters"),
    [
        (1, [(5, 10)], 1, 471),
        (1, [(1, 161_050)], 1, 483_151),
        (10, [(5, 50)], 1, 10_801),
        (4, [(1, 5), (1, 2), (1, 4)], 1, 54),
        (5, [(1, 20), (1, 10), (1, 7)], 4, 439),
        (1, [(1, 95)], 1, 286),
        (1, [(10, 5)], 1, 286),
        (40, [(1, 298)], 10, 15_208),
        (40, [(2, 100)], 10, 15_210),
        (40, [(3, 75)], 10, 15_235),
        (40, [(4, 63)], 10, 15_319),
        (3, [], 2, 8),
    ],
)
def test_the_books_networks_have_their_parameters(
    inputs: int, widths: list[tuple[int, int]], outputs: int, parameters: int
) -> None:
    assert parameters_of(inputs, widths, outputs) == parameters
    written = [width for count, width in widths for _ in range(count)]
    assert Network(input=inputs, widths=written, output=outputs).facts.parameters == parameters


def test_471_parameters_are_ten_units_in_five_layers_and_470_are_nine() -> None:
    assert widest(Budget(1, 1, 471), 5) == 10
    assert widest(Budget(1, 1, 470), 5) == 9


@given(budgets, st.integers(1, 9))
@settings(max_examples=400, deadline=None, derandomize=True)
def test_the_widest_fits_and_one_more_does_not(budget: Budget, depth: int) -> None:
    width = widest(budget, depth)
    assert width == 0 or parameters_of(budget.inputs, [(depth, width)], budget.outputs) <= budget.amount
    assert parameters_of(budget.inputs, [(depth, width + 1)], budget.outputs) > budget.amount


@given(budgets, st.integers(1, 40))
@settings(max_examples=400, deadline=None, derandomize=True)
def test_the_deepest_fits_and_one_more_does_not(budget: Budget, width: int) -> None:
    depth = deepest(budget, width)
    assert depth == 0 or parameters_of(budget.inputs, [(depth, width)], budget.outputs) <= budget.amount
    assert parameters_of(budget.inputs, [(depth + 1, width)], budget.outputs) > budget.amount


@given(st.integers(1, 500), st.integers(1, 30))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_a_budget_of_hidden_units_is_divided(amount: int, number: int) -> None:
    budget = Budget(1, 1, amount, "capacity")
    assert widest(budget, number) == deepest(budget, number) == amount // number


@given(budgets, st.integers(1, 6))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_an_uneven_last_layer_is_the_best_of_all(budget: Budget, depth: int) -> None:
    found = uneven_fit(budget, depth)
    tried = []
    for width in range(1, budget.amount + 1):
        for last in range(1, budget.amount + 1):
            widths = [width] * (depth - 1) + [last]
            runs = [(1, each) for each in widths]
            used = parameters_of(budget.inputs, runs, budget.outputs)
            if used > budget.amount:
                break
            tried.append((depth, width, last, used))
        if depth == 1 or parameters_of(budget.inputs, [(depth - 1, width), (1, 1)], budget.outputs) > budget.amount:
            break
    even = widest(budget, depth)
    if not even:
        assert found is None
        return
    assert found is not None
    assert found.parameters <= budget.amount
    assert found.left == budget.amount - found.parameters
    near = [(width, last) for _, width, last, _ in tried if depth == 1 or even - 64 <= width <= even]
    widest_last: dict[int, int] = {}
    for width, last in near:
        key = 0 if depth == 1 else width
        widest_last[key] = max(last, widest_last.get(key, 0))
    best = max(
        expressed(budget.inputs, [*([(depth - 1, width)] if depth > 1 else []), (1, last)]).lower.log10
        for width, last in widest_last.items()
    )
    assert found.regions.lower.log10 == best
    equal = fit(budget, depth)
    assert equal is not None
    assert found.regions.lower.log10 >= equal.regions.lower.log10


def test_the_worked_example_of_500_parameters() -> None:
    found = uneven_fit(Budget(1, 1, 500), 5)
    assert found is not None
    assert (found.widths, found.parameters, found.regions.maximum) == (((4, 9), (1, 19)), 498, 200_000)


def test_hidden_units_dealt_evenly_give_the_maximum_of_all_deals() -> None:
    """One input, fourteen units in four layers of 3 or more: every way to deal them."""
    found = uneven_fit(Budget(1, 1, 14, "capacity"), 4)
    assert found is not None
    assert found.widths == ((2, 3), (2, 4))
    deals = product(range(1, 12), repeat=3)
    every = [(a + 1) * (b + 1) * (c + 1) * (15 - a - b - c) for a, b, c in deals if a + b + c < 14]
    assert found.regions.maximum == max(every) == 400


@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 260), st.sampled_from(["parameters", "capacity"]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_the_best_depth_and_width_are_the_best_of_all(inputs: int, outputs: int, amount: int, unit: str) -> None:
    budget = Budget(inputs, outputs, amount, "parameters" if unit == "parameters" else "capacity")
    found = best_fits(budget)
    every = []
    depth = 1
    while most := widest(budget, depth):
        every += [expressed(inputs, [(depth, width)]) for width in range(1, most + 1)]
        depth += 1
    if not every:
        assert found is None
        return
    assert found is not None
    assert found.complete
    assert found.by_lower.regions.lower.value == max(each.lower.value or 0 for each in every)
    assert found.by_upper.regions.upper.value == max(each.upper.value or 0 for each in every)
    if inputs == 1:
        assert found.by_maximum is not None
        assert found.by_maximum.regions.maximum == max(each.maximum or 0 for each in every)
    else:
        assert found.by_maximum is None


def test_regions_alone_ask_for_layers_of_three() -> None:
    """Of the networks whose maximum is known: 4^K with 12 K - 2 parameters."""
    found = best_fits(Budget(1, 1, 10_000))
    assert found is not None
    assert found.by_maximum is not None
    assert found.by_maximum.widths == ((833, 3),)
    assert found.by_maximum.regions.maximum == 4**833


@pytest.mark.parametrize("amount", [10**12, 10**9, 10_801])
def test_large_budgets_take_a_bounded_time(amount: int) -> None:
    found = best_fits(Budget(10, 10, amount))
    assert found is not None
    assert found.by_lower.parameters <= amount


@pytest.mark.parametrize(
    ("budget", "depth", "words"),
    [
        (Budget(0, 1, 5), 1, "inputs is 0"),
        (Budget(1, 0, 5), 1, "outputs is 0"),
        (Budget(1, 1, 0), 1, "parameters is 0"),
        (Budget(1, 1, 10**12 + 1, "capacity"), 1, "capacity is 1000000000001"),
        (Budget(1, 1, 5), 0, "depth is 0"),
        (Budget(1, 1, 5), 10**7 + 1, "depth is 10000001"),
    ],
)
def test_a_budget_without_sense_is_refused(budget: Budget, depth: int, words: str) -> None:
    for search in (fit, uneven_fit):
        with pytest.raises(ValueError, match=words):
            search(budget, depth)


def test_a_budget_that_nothing_fits_has_no_answer() -> None:
    assert fit(Budget(1, 1, 3), 1) is None
    assert uneven_fit(Budget(1, 1, 3), 1) is None
    assert best_fits(Budget(1, 1, 3)) is None


def test_the_books_formula_for_ten_inputs_is_a_lower_bound_and_no_maximum() -> None:
    found = expressed(10, [(5, 50)])
    assert found.lower.value == 6**40 * sum(comb(50, j) for j in range(11))
    assert found.maximum is None
    assert not found.exact
    assert expressed(2, [(2, 2)]).upper.value == 11
    assert expressed(2, [(2, 2)]).maximum is None


def test_the_maximum_is_known_beyond_the_digits_that_are_written() -> None:
    found = expressed(1, [(10**7, 10)])
    assert found.exact
    assert found.maximum is None
    assert not expressed(1, [(1, 2), (10**7, 10)]).exact


def test_the_largest_budget_of_hidden_units_is_searched_in_bounded_time() -> None:
    """Of 10^12 units some hundred million widths fit; those of the most layers there may be come first."""
    found = best_fits(Budget(1, 1, 10**12, "capacity"))
    assert found is not None
    assert found.by_lower.widths == ((10_000_000, 100_000),)
    assert not found.complete
