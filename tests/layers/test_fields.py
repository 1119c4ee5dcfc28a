"""The fields of a layer: what each accepts, and that one mistake is one fault."""

from typing import Any

import pytest
from pydantic import ValidationError

from netspec.layers.faults import HELD_BACK, Details, describe, mend_name
from netspec.layers.fields import FILE_NAME, NAME, NUMBER, named_value, word
from netspec.layers.layer import Layer
from netspec.layers.mlp import Mlp
from netspec.layers.scope import MOST_FAULTS, Scope
from netspec.operations import FUNCTIONS, Builder, Elementwise, Graph
from netspec.source import REFUSED

SIZES = Scope({"D": 3, "rate": 0.5, "bias": True})


def read(scope: Scope | None = SIZES, **keys: Any) -> Mlp:
    """Return the layer that the keys are read as."""
    return Mlp.model_validate({"output": 1} | keys, context=scope)


def refused(**keys: Any) -> list[tuple[str, str, str]]:
    """Return code, words and help of each fault of the keys."""
    with pytest.raises(ValidationError) as raised:
        read(Scope(SIZES.values), **keys)
    found: list[tuple[str, str, str]] = []
    for error in raised.value.errors():
        details = error.get("ctx", {}).get("details")
        found.append(
            (error["type"], details.words, details.help) if isinstance(details, Details) else (error["type"], "", "")
        )
    return found


@pytest.mark.parametrize(
    ("written", "width"), [(3, 3), ("D", 3), ("2*D + 1", 7), ("1+1", 2), ("-D + 4", 1), (10**9, 10**9), ("D**D", 27)]
)
def test_a_width_is_an_integer_or_an_expression(written: object, width: int) -> None:
    assert read(widths=[written]).widths == [width]
    assert read(K=2, widths=written).widths == width


def test_without_a_scope_no_names_are_seen() -> None:
    assert read(None, K=0, output=2).output == 2
    with pytest.raises(ValidationError):
        read(None, K=0, output="D")


@pytest.mark.parametrize(
    ("written", "code", "words", "help_"),
    [
        (True, "wrong-type", "expects a width, got the switch `true`", ""),
        (3.0, "wrong-type", "expects a width, got the number 3.0", "write 3"),
        (3.5, "wrong-type", "expects a width, got the number 3.5", ""),
        ([28, 28], "wrong-type", "expects a width, got a list of 2", "write 784: it has one axis"),
        ([5], "wrong-type", "expects a width, got a list of 1", "write 5"),
        ([0, 28], "wrong-type", "expects a width, got a list of 2", ""),
        ([10**9] * 3, "wrong-type", "expects a width, got a list of 3", ""),
        ("", "wrong-type", "expects a width, got an empty text", ""),
        ({}, "wrong-type", "expects a width, got an empty mapping", ""),
        ("3", "quoted-number", "expects a width, got the quoted text `3`", "leave the quotes out"),
        ("-1_0.5e3", "quoted-number", "expects a width, got the quoted text `-1_0.5e3`", "leave the quotes out"),
        (0, "out-of-range", "is 0; at least 1 is needed", ""),
        ("D - 5", "out-of-range", "is -2 (`D - 5`); at least 1 is needed", ""),
        (
            10**9 + 1,
            "width-too-large",
            "is 1,000,000,001; the limit is 1,000,000,000",
            "`netspec limits` lists the limits",
        ),
        (10**18, "integer-too-large", "has 19 digits; at most 18 are read", ""),
    ],
)
def test_a_width_that_is_none_is_one_fault(written: object, code: str, words: str, help_: str) -> None:
    assert refused(K=0, output=written) == [(code, words, help_)]


@pytest.mark.parametrize(
    ("written", "words"), [("rate", "`rate` is 0.5, not an integer"), ("bias", "`bias` is true, not an integer")]
)
def test_a_name_of_another_kind_is_one_fault(written: str, words: str) -> None:
    assert [fault[:2] for fault in refused(K=0, output=written)] == [("not-an-integer", words)]


def test_an_unknown_name_is_one_fault_with_a_near_one() -> None:
    assert refused(K=0, output="d + 1") == [("unknown-size", "no size is called `d` here", "did you mean `D`?")]


@pytest.mark.parametrize("text", ["1", "-1", "+1", "1.5", "1_000", "1e5", "1.5e-3", "0.5"])
def test_a_quoted_number_is_seen_to_be_one(text: str) -> None:
    assert NUMBER.match(text)


@pytest.mark.parametrize("text", ["1+1", "3-1", "D", "1*2", "2**3", "", "e5", "1 + 1"])
def test_an_expression_is_no_quoted_number(text: str) -> None:
    assert not NUMBER.match(text)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_activation_is_read_by_its_name_and_with_its_arguments(name: str) -> None:
    arguments = FUNCTIONS[name].arguments
    defaults = Elementwise(name, tuple(argument.default for argument in arguments))
    assert read(widths=[3], activation=name).activation == defaults
    assert read(widths=[3], activation={name: {}}).activation == defaults
    given = {argument.name: 2 + i for i, argument in enumerate(arguments)}
    numbers = tuple(map(float, given.values()))
    assert read(widths=[3], activation={name: given}).activation == Elementwise(name, numbers)
    said = {argument.name: "rate" for argument in arguments[-1:]}
    numbers = (*defaults.arguments[:-1], *(0.5 for _ in said))
    assert read(widths=[3], activation=[{name: said}]).activation == [Elementwise(name, numbers)]


@pytest.mark.parametrize(
    ("written", "code", "words"),
    [
        (3, "wrong-type", "expects the name of an activation, got the integer 3"),
        ({"relu": {}, "elu": {}}, "wrong-type", "expects the name of an activation, got a mapping with the key `relu`"),
        ({}, "wrong-type", "expects the name of an activation, got an empty mapping"),
        ({"relu": 3}, "wrong-type", "expects the arguments of `relu` as a mapping, got the integer 3"),
        ("log_softmax", "unknown-activation", "`log_softmax` is a layer, not an activation: it is not elementwise"),
        ({"nothing": {}}, "unknown-activation", "there is no activation `nothing`"),
        ({"elu": {"beta": 1}}, "unknown-key", "`elu` has no argument `beta`"),
        ({"elu": {"alpha": 0}}, "out-of-range", "is 0; it must be above 0"),
        ({"leaky_relu": {"slope": -1e-9}}, "out-of-range", "is -1e-09; at least 0 is needed"),
        ({"hard_tanh": {"high": -2}}, "out-of-range", "is -2.0; it must be above `low`, -1.0"),
        ({"hard_tanh": {"low": 3}}, "out-of-range", "is 3.0; it must be below `high`, 1.0"),
        ({"elu": {"alpha": True}}, "wrong-type", "expects a number, got the switch `true`"),
        ({"elu": {"alpha": "bias"}}, "wrong-type", "expects a number, and `bias` is the switch `true`"),
        ({"elu": {"alpha": "rat"}}, "wrong-type", "expects a number or the name of one, got the text `rat`"),
        ({"elu": {"alpha": "0.5"}}, "quoted-number", "expects a number, got the quoted text `0.5`"),
        ({"elu": {"alpha": 10**18}}, "integer-too-large", "has 19 digits; at most 18 are read"),
        (REFUSED, HELD_BACK, ""),
        ({"elu": REFUSED}, HELD_BACK, ""),
        ({"elu": {"alpha": REFUSED}}, HELD_BACK, ""),
    ],
)
def test_an_activation_that_is_none_is_one_fault(written: object, code: str, words: str) -> None:
    assert [fault[:2] for fault in refused(widths=[3], activation=written)] == [(code, words)]


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("GELU_new", "gelu_tanh"),
        ("Swish", "silu"),
        ("sigmoid_linear", "silu"),
        ("linear", "identity"),
        ("Leaky", "leaky_relu"),
        ("LeakyReLU", "leaky_relu"),
        ("hardtanh", "hard_tanh"),
        ("clip", "hard_tanh"),
        ("Hardswish", "hard_swish"),
        ("LogSigmoid", "log_sigmoid"),
        ("Softshrink", "soft_shrink"),
    ],
)
def test_names_from_elsewhere_are_known(name: str, known: str) -> None:
    ((_, _, help_),) = refused(widths=[3], activation=name)
    assert help_ == f"it is called `{known}` here"


def test_beyond_so_many_faults_a_list_is_held_back() -> None:
    found = [code for code, _, _ in refused(widths=[0] * 1000)]
    assert found.count("out-of-range") == MOST_FAULTS
    assert set(found) == {"out-of-range", HELD_BACK}


def test_what_is_at_fault_elsewhere_is_not_blamed() -> None:
    for scope in (Scope({}, frozenset({"D"})), Scope({})):
        scope.blind = "D" not in scope.held_back
        for keys in ({"output": "2*D"}, {"output_activation": {"elu": {"alpha": "D"}}}):
            with pytest.raises(ValidationError) as raised:
                read(scope, K=0, **keys)
            assert [error["type"] for error in raised.value.errors()] == [HELD_BACK]


def test_a_scope_collects_the_names_that_are_asked_for() -> None:
    scope = Scope(SIZES.values)
    read(scope, widths=["D + D"], activation={"elu": {"alpha": "rate"}})
    assert scope.used == {"D", "rate"}
    assert named_value("bias", scope) is True
    assert named_value(3, scope) == 3
    assert scope.used == {"D", "rate", "bias"}


def test_a_word_that_the_text_refuses_is_held_back() -> None:
    with pytest.raises(Exception, match="held back"):
        word(REFUSED, ("a",), "a word")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "the switch `true`"),
        (3, "the integer 3"),
        (0.5, "the number 0.5"),
        ("a", "the text `a`"),
        ("", "an empty text"),
        ([1], "a list of 1"),
        ([], "an empty list"),
        ({"a": 1}, "a mapping with the key `a`"),
        ({}, "an empty mapping"),
        (REFUSED, "nothing"),
    ],
)
def test_a_value_is_described_in_the_words_of_its_user(value: object, words: str) -> None:
    assert describe(value) == words


@pytest.mark.parametrize(
    ("written", "help_"),
    [
        ("hidden-width", "write `hidden_width`"),
        (" two layer ", "write `two_layer`"),
        ("a" * 70, f"write `{'a' * 64}`"),
        ("2nd", "a name is a letter, then letters, digits or `_`, 64 at most"),
        ("Größe", "a name is a letter, then letters, digits or `_`, 64 at most"),
    ],
)
def test_a_text_that_is_no_name_is_mended_where_it_can_be(written: str, help_: str) -> None:
    assert mend_name(written, NAME) == help_


def test_a_name_of_a_file_may_have_more_characters() -> None:
    assert mend_name("two layer", FILE_NAME) == "write `two-layer`"
    assert mend_name("2nd", FILE_NAME) == "a name is a letter, then letters, digits or `_`, `-` or `.`, 64 at most"


def test_a_layer_says_what_it_means() -> None:
    with pytest.raises(NotImplementedError):
        Layer().build(Builder(Graph(((1,),))), 0)
