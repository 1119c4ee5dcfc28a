"""What an author expects is compared with what is inferred."""

from fractions import Fraction

import pytest

from netspec.bounds.bounds import Bound
from netspec.rules.expect import _holds
from netspec.validation import check_text

NET = "netspec: 1\ninput: 2\nwidths: [3, 3]\noutput: 1\n"
FACTS = {
    "parameters": 25,
    "capacity": 6,
    "depth": 2,
    "macs": 18,
    "flops": 49,
    "parameter_bytes": 100,
    "activation_bytes": 24,
}


def found(expect: str, text: str = NET) -> list[tuple[str, str]]:
    """Return headline and help of what is wrong with an expectation."""
    verdict = check_text(f"{text}expect: {{{expect}}}\n")
    assert {fault.code for fault in verdict.diagnostics} <= {"expect"}
    return [(fault.headline, fault.help) for fault in verdict.diagnostics]


@pytest.mark.parametrize(("word", "value"), FACTS.items())
def test_every_fact_is_compared_exactly_and_within_bounds(word: str, value: int) -> None:
    assert found(f"{word}: {value}") == []
    assert found(f"{word}: {{at_least: {value}, at_most: {value}}}") == []
    assert found(f"{word}: {value + 1}") == [
        (f"`{word}` is {value}, but {value + 1} is expected", f"if the change is meant, write `{word}: {value}`")
    ]
    assert found(f"{word}: {{at_least: {value + 1}}}") == [
        (f"`{word}` is {value}, but at least {value + 1} is expected", "")
    ]
    assert found(f"{word}: {{at_most: {value - 1}}}") == [
        (f"`{word}` is {value}, but at most {value - 1} is expected", "")
    ]


def test_large_numbers_that_look_alike_are_told_apart() -> None:
    text = "netspec: 1\ninput: 1000000000\nK: 10000000\nwidths: 1000000000\noutput: 1\n"
    ((headline, help_),) = found("macs: 10 ** 25 + 1", text)
    assert headline.startswith("`macs` is ≈ 1.0·10^25, but ≈ 1.0·10^25 is expected: they differ by ")
    assert help_ == ""


@pytest.mark.parametrize(
    ("expect", "headlines"),
    [
        ("regions: {at_least: 16}", []),
        ("regions: {at_most: 40}", []),
        ("regions: {at_least: 17}", ["at least 16 linear regions are proven, but at least 17 are expected"]),
        ("regions: {at_most: 39}", ["at most 40 linear regions are proven, but at most 39 are expected"]),
        (
            "regions: {at_least: 17, at_most: 39}",
            [
                "at least 16 linear regions are proven, but at least 17 are expected",
                "at most 40 linear regions are proven, but at most 39 are expected",
            ],
        ),
        ("regions: 20", ["at least 16 linear regions are proven, but exactly 20 are expected"]),
        ("regions: 10", ["at most 40 linear regions are proven, but exactly 10 are expected"]),
    ],
)
def test_of_regions_the_proven_bounds_are_compared(expect: str, headlines: list[str]) -> None:
    assert [headline for headline, _ in found(expect)] == headlines


def test_a_number_of_regions_asserts_both_bounds() -> None:
    ((_, help_),) = found("regions: 20")
    assert help_ == "a number asserts both bounds, at least and at most: 16 and 40 are proven"
    assert found("regions: 16", "netspec: 1\ninput: 1\nwidths: [3, 3]\noutput: 1\n") == []


def test_of_a_smooth_network_nothing_is_proven() -> None:
    ((headline, help_),) = found("regions: 4", f"{NET}activation: tanh\n")
    assert headline == "the network is not piecewise linear, so nothing is proven of its linear regions"
    assert help_ == "take `regions` out"


@pytest.mark.parametrize(
    ("value", "log10", "at_least", "at_most"),
    [
        (10**600, 600.5, False, False),
        (10**599, 600.5, True, False),
        (10**601, 600.5, False, True),
        (1, 600.5, True, False),
        (0, 600.5, True, False),
        (-(10**700), 600.5, True, False),
    ],
)
def test_where_only_the_logarithm_is_known_it_must_prove_the_assertion(
    value: int, log10: float, at_least: bool, at_most: bool
) -> None:
    """What is claimed holds of every number whose logarithm, rounded outward, is this one."""
    bound = Bound(None, log10, "")
    assert (_holds(value, bound, True), _holds(value, bound, False)) == (at_least, at_most)
    if value > 0 and at_least:
        assert Fraction(10) ** int(log10) >= value


FREE = (
    "netspec: 1\nsymbols: [T]\nchecks: [T % 2 == 0]\ninput: [T, 8]\nlayers: [dense: 4, max_pool: 1]\noutput: [T, 4]\n"
)


def test_what_hangs_on_free_sizes_is_asserted_by_an_expression_in_them() -> None:
    assert found("macs: 32*T, flops: 2*T*40 - 12*T", FREE.replace(", max_pool: 1", "")) == []
    assert found("macs: 64*(T // 2)", FREE.replace(", max_pool: 1", "")) == []
    assert found("macs: 32*T + 1", FREE) == [
        ("`macs` is 32*T, but 32*T + 1 is expected", "if the change is meant, write `macs: 32*T`")
    ]
    assert found("capacity: T", FREE) == [
        ("`capacity` is 0, but T is expected", "if the change is meant, write `capacity: 0`")
    ]
    assert found("macs: {at_least: 3}", FREE) == [
        ("`macs` is 32*T, which hangs on free sizes, so that no number can be asserted of it", "take `macs` out")
    ]


def test_a_fact_too_long_to_type_is_not_offered() -> None:
    names = [f"T{i}" + "a" * 50 for i in range(4)]
    layers = ", ".join(f"dense: {{from: x{i}, width: 4, as: y{i}}}" for i in range(4))
    inputs = ", ".join(f"x{i}: [{name}, 8]" for i, name in enumerate(names))
    outputs = ", ".join(f"y{i}" for i in range(4))
    text = (
        f"netspec: 1\nsymbols: [{', '.join(names)}]\ninputs: {{{inputs}}}\nlayers: [{layers}]\noutputs: [{outputs}]\n"
    )
    assert [help_ for _, help_ in found(f"macs: {names[0]}", text)] == [""]
    assert [help_ for _, help_ in found("macs: 3", text)] == ["take `macs` out"]
