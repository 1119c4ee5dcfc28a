"""Parts that hold themselves, by way of others or at once, used or not."""

import time

import pytest

from netspec.layers.scope import MOST_FAULTS
from netspec.validation import check_text

NET = "{input: 1, widths: [3], output: 1}"
LONG = ", ".join(f"{a}: {{layers: [{b}]}}" for a, b in zip("abcdefghi", "bcdefghia", strict=True))


def told(parts: str, body: str) -> list[tuple[str, str]]:
    """Return code and headline of each error of a spec with some parts."""
    verdict = check_text(f"netspec: 1\n{parts}\n{body}\n")
    return [(found.code, found.headline) for found in verdict.diagnostics if found.severity == "error"]


@pytest.mark.parametrize("body", ["input: 4\nlayers: [dense: 4]\noutput: 4", "input: 4\nlayers: [a]\noutput: 4"])
@pytest.mark.parametrize(
    ("parts", "chain"),
    [
        ("blocks: {a: {layers: [dense: 4, a]}}", "a → a"),
        ("blocks: {a: {layers: [{a: {from: in}}]}}", "a → a"),
        ("networks: {a: {input: 4, layers: [a], output: 4}}", "a → a"),
        ("blocks: {a: {layers: [b]}, b: {layers: [a]}}", "a → b → a"),
        (
            "networks: {a: {input: 4, layers: [b]}, b: {input: 4, layers: [c]}, c: {input: 4, layers: [a]}}",
            "a → b → c → a",
        ),
        ("blocks: {a: {layers: [repeat: {times: 0, layers: [a]}]}}", "a → a"),
        ("blocks: {a: {networks: {b: {input: 4, layers: [a]}}, layers: [b]}}", "b → a → b"),
        (f"blocks: {{{LONG}}}", "a → b → c → d → e → f → … → a"),
    ],
)
def test_a_part_that_is_applied_within_itself_is_refused_with_the_way_round(parts: str, chain: str, body: str) -> None:
    assert told(parts, body) == [("reference-cycle", f"`{chain[0]}` is applied within itself: {chain}")]


def test_compositions_that_name_each_other_are_a_circle_though_they_see_what_is_above_alone() -> None:
    parts = "networks: {a: {compose: [b]}, b: {compose: [c]}, c: {compose: [a]}}"
    assert told(parts, "compose: [a]") == [("reference-cycle", "`a` is applied within itself: a → b → c → a")]


@pytest.mark.parametrize(
    "parts",
    [
        f"networks: {{b: {NET}, a: {{networks: {{b: {{compose: [b]}}}}, compose: [b]}}}}",
        f"networks: {{b: {NET}, a: {{networks: {{c: {{compose: [b]}}, b: {{compose: [c]}}}}, compose: [b]}}}}",
        f"networks: {{a: {NET}}}\nblocks: {{b: {{compose: [a]}}}}",
        f"blocks: {{c: 3, b: {{layers: [{{}}, {{repeat: 3}}, 4, dense: 4]}}}}\nnetworks: {{a: {NET}}}",
        f"networks: {{a: {NET}, b: {{compose: [{{}}, other.yaml, a]}}}}",
    ],
)
def test_a_name_around_a_part_is_no_circle(parts: str) -> None:
    assert "reference-cycle" not in dict(told(parts, "compose: [a]"))


def test_circles_without_number_are_told_in_bounded_time() -> None:
    each = ", ".join(f"b{i}" for i in range(150))
    start = time.perf_counter()
    found = told(
        f"blocks: {{{', '.join(f'b{i}: {{layers: [{each}]}}' for i in range(150))}}}", "input: 4\nlayers: [b0]"
    )
    assert len(found) == MOST_FAULTS
    assert {code for code, _ in found} == {"reference-cycle"}
    assert time.perf_counter() - start < 5
