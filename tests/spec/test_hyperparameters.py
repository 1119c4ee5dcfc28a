"""Hyperparameters: declarations, settings, derivation in any order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.layers.scope import MOST_FAULTS, Scope
from netspec.spec import Hyperparameter, declare
from netspec.spec.hyperparameters import RESERVED, values
from netspec.validation import Choice, check_text

FAMILY = """\
netspec: 1
hyperparameters: {D: {default: 4, min: 2, max: 8}, rate: 0.5, double: 2*D, given: int}
input: 1
widths: [D, double, given]
activation: {leaky_relu: {slope: rate}}
output: 1
"""


@pytest.mark.parametrize(
    ("written", "kind", "default", "bounds"),
    [
        (3, "int", 3, (None, None)),
        (0, "int", 0, (None, None)),
        (0.5, "float", 0.5, (None, None)),
        (False, "bool", False, (None, None)),
        ("float", "float", None, (None, None)),
        ({"default": 3, "min": 1}, "int", 3, (1, None)),
        ({"default": 3, "max": 4.5}, "float", 3, (None, 4.5)),
    ],
)
def test_a_declaration_has_a_kind(written: object, kind: str, default: object, bounds: tuple[object, object]) -> None:
    found = declare(written)
    assert found is not None
    assert (found.kind, found.default, (found.least, found.most), found.derived) == (kind, default, bounds, None)


@pytest.mark.parametrize(
    "written", ["", "D +", [], {}, {"default": 3, "min": 4}, {"min": 1}, 10**18, {"default": True}]
)
def test_what_is_no_declaration_is_none(written: object) -> None:
    assert declare(written) is None


def derived(text: str) -> Hyperparameter:
    """Return the declaration that an expression is."""
    found = declare(text)
    assert found is not None
    return found


@settings(max_examples=50, deadline=None)
@given(st.permutations(range(12)))
def test_the_order_of_the_file_is_no_matter(order: list[int]) -> None:
    declared = {"h0": Hyperparameter("int", 1)} | {f"h{i}": derived(f"h{i - 1} + h{i // 2}") for i in range(1, 12)}
    scope, refusals = values({f"h{i}": declared[f"h{i}"] for i in order}, {}, Scope({}))
    expected = [1]
    for i in range(1, 12):
        expected.append(expected[i - 1] + expected[i // 2])
    assert refusals == []
    assert [scope.values[f"h{i}"] for i in range(12)] == expected
    assert not scope.held_back


def test_each_cycle_is_told_once_and_what_uses_it_is_held_back() -> None:
    declared = {
        name: derived(text)
        for name, text in {"a": "b", "b": "c + a", "c": "a", "x": "y", "y": "x", "z": "a + x", "one": "1"}.items()
    }
    scope, refusals = values(declared, {}, Scope({}))
    assert [(refusal.code, refusal.details.words) for refusal in refusals] == [
        ("hyperparameter-cycle", "`a` is derived from itself: a → b → c → a"),
        ("hyperparameter-cycle", "`x` is derived from itself: x → y → x"),
    ]
    assert scope.held_back == {"a", "b", "c", "x", "y", "z"}
    assert dict(scope.values) == {"one": 1}


def test_a_long_cycle_is_told_in_short() -> None:
    declared = {f"h{i}": derived(f"h{(i + 1) % 100}") for i in range(100)}
    _, refusals = values(declared, {}, Scope({}))
    (refusal,) = refusals
    assert refusal.details.words == "`h0` is derived from itself: h0 → h1 → h2 → h3 → h4 → h5 → … → h0"
    assert len(refusal.details.marks) == 7


def test_beyond_so_many_faults_all_is_held_back() -> None:
    declared = {f"h{i}": derived("nothing") for i in range(1000)}
    scope, refusals = values(declared, {}, Scope({}))
    assert len(refusals) == MOST_FAULTS + 1
    assert len(scope.held_back) == 1000


def test_a_part_sees_the_sizes_around_it_and_does_not_copy_them() -> None:
    outer = Scope({"D": 3})
    scope, _ = values({"E": derived("D + 1")}, {}, outer)
    assert dict(scope.values) == {"D": 3, "E": 4}
    assert dict(outer.values) == {"D": 3}
    assert outer.used == scope.used == {"D"}
    assert values({}, {}, outer) == (outer, [])


@pytest.mark.parametrize(
    ("set_to", "code", "headline"),
    [
        ({"D": 9, "given": 1}, "out-of-range", "`hyperparameters.D` is 9; at most 8 is declared"),
        ({"D": 1, "given": 1}, "out-of-range", "`hyperparameters.D` is 1; at least 2 is declared"),
        ({"D": 10**18, "given": 1}, "integer-too-large", "`hyperparameters.D` has 19 digits; at most 18 are read"),
        ({"D": 2.0, "given": 1}, "wrong-type", "`hyperparameters.D` expects an integer, got the number 2.0"),
        ({"rate": True, "given": 1}, "wrong-type", "`hyperparameters.rate` expects a number, got the switch `true`"),
        ({"double": 3, "given": 1}, "derived-hyperparameter", "`double` is derived, as `2*D`, and cannot be set"),
        ({"dd": 3, "given": 1}, "unknown-hyperparameter", "there is no hyperparameter `dd`"),
        (
            {},
            "hyperparameter-not-given",
            "the hyperparameter `given` is declared `int`, without a value, and is not set",
        ),
    ],
)
def test_a_setting_that_does_not_fit_is_refused(set_to: dict[str, object], code: str, headline: str) -> None:
    verdict = check_text(FAMILY, choice=Choice(settings=set_to))
    assert [(fault.code, fault.headline) for fault in verdict.diagnostics] == [(code, headline)]


def test_an_integer_may_be_set_for_a_float() -> None:
    verdict = check_text(FAMILY, choice=Choice(settings={"rate": 1, "given": 2, "D": 3}))
    assert verdict.part is not None
    assert dict(verdict.part.settings) == {"rate": 1.0, "given": 2, "D": 3}
    assert isinstance(verdict.part.settings["rate"], float)
    assert dict(verdict.part.scope.values) == {"rate": 1.0, "given": 2, "D": 3, "double": 6}


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_words_of_the_language_are_no_names(name: str) -> None:
    verdict = check_text(f"netspec: 1\nhyperparameters: {{{name}: 1}}\ninput: 1\nK: 0\noutput: 1\n")
    assert "bad-name" in {fault.code for fault in verdict.diagnostics}
