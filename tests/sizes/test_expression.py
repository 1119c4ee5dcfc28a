"""Expressions: Python's meaning where Python has one, bounded, and a clear word for everything else."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netspec.limits import EXPECTED_DIGITS, EXPRESSION_DEPTH, EXPRESSION_LENGTH, INTEGER_DIGITS
from netspec.sizes import Comparison, Expression, ExpressionFault, Polynomial, parse, parse_comparison, symbol

SIZES = {"D": 10, "depth": 5, "heads": 4, "minus": -3, "zero": 0}

VALUES = {
    "7": 7, "D": 10, " ( D ) ": 10, "2*D": 20, "(D + 1) // 2": 5, "3*D + 1 + (depth - 1)*D*(D + 1)": 471,
    "-2**2": -4, "(-2)**2": 4, "2**3**2": 512, "2**(3**2)": 512, "(2**3)**2": 64, "- -3": 3, "--D": 10, "2--3": 5,
    "10 - 4 - 3": 3, "24 // 4 // 3": 2, "2 * 3 // 4": 1, "7 % 3 * 2": 2, "-7 // 2": -4, "-7 % 3": 2, "7 % -3": -2,
    "7 // -2": -4, "minus % 2": 1, "D**0": 1, "0**0": 1, "1**999999999999": 1, "(-1)**999999999999": -1,
    "zero**D": 0, "D**3 // D**2": 10, "999999999999999999": 10**18 - 1, "a_b1": 3, "2*-3": -6, "2**-(-1)": 2,
    "10**30 // 10**20": 10**10, "10**17*9": 9 * 10**17,
}  # fmt: skip


@pytest.mark.parametrize("text", VALUES)
def test_an_expression_has_its_value(text: str) -> None:
    assert parse(text).evaluate({**SIZES, "a_b1": 3}) == VALUES[text]


REFUSED = {
    "": ("bad-expression", "expected a number or a name, got the end", 0, 1, ""),
    "   ": ("bad-expression", "expected a number or a name, got the end", 3, 4, ""),
    "1 +": ("bad-expression", "expected a number or a name, got the end", 3, 4, ""),
    "* 2": ("bad-expression", "expected a number or a name, got `*`", 0, 1, ""),
    "+1": ("bad-expression", "expected a number or a name, got `+`", 0, 1, ""),
    "(1": ("bad-expression", "expected `)`, got the end", 2, 3, ""),
    "()": ("bad-expression", "expected a number or a name, got `)`", 1, 2, ""),
    "1)": ("bad-expression", "expected an operator, got `)`", 1, 2, ""),
    "a b": ("bad-expression", "expected an operator, got `b`", 2, 3, ""),
    "2 (D)": ("bad-expression", "expected an operator, got `(`", 2, 3, "write `*` to multiply"),
    "a and b": ("bad-expression", "expected an operator, got `and`", 2, 5, "write two checks"),
    "D / 2": ("bad-expression", "`/` has no place in an expression", 2, 3, "write `//` for whole division"),
    "D ^ 2": ("bad-expression", "`^` has no place in an expression", 2, 3, "write `**` for a power"),
    "${D}": ("bad-expression", "`$` has no place in an expression", 0, 1, "write the bare name: D, not ${D}"),
    "{{D}}": ("bad-expression", "`{` has no place in an expression", 0, 1, "write the bare name: D, not ${D}"),
    "1, 2": (
        "bad-expression",
        "`,` has no place in an expression",
        1,
        2,
        "write one expression; a list stands in brackets, such as [3, 3]",
    ),
    "D = 2": ("bad-expression", "`=` has no place in an expression", 2, 3, "write `==` to compare"),
    "2 × D": ("bad-expression", "`U+00D7` has no place in an expression", 2, 3, "write `*`"),
    "D\n": (
        "bad-expression",
        "`\\n` has no place in an expression",
        1,
        2,
        "an expression has integers, names, + - * // % ** and parentheses",
    ),
    "max(D)": (
        "bad-expression",
        "`max` is called, and expressions have no functions",
        0,
        3,
        "write it out as an expression; `*` multiplies",
    ),
    "2D": ("bad-expression", "`2D` is no number and no name", 0, 2, "write 2*D"),
    "1_000": ("bad-expression", "`1_000` is no number and no name", 0, 5, "write decimal digits alone"),
    "0x10": ("bad-expression", "`0x10` is no number and no name", 0, 4, "write decimal digits alone"),
    "_a": (
        "bad-expression",
        "`_` has no place in an expression",
        0,
        1,
        "an expression has integers, names, + - * // % ** and parentheses",
    ),
    "010": ("bad-expression", "`010` begins with a zero that means nothing", 0, 3, "leave out the leading zeros"),
    "D * 1.5": ("not-an-integer", "`1.5` is no integer", 4, 7, ""),
    "D*.5": ("not-an-integer", "`.5` is no integer", 2, 4, ""),
    "D == 2": ("bad-expression", "`==` compares, and a value is wanted", 2, 4, "comparisons stand in `checks`"),
    "a" * 65: ("bad-expression", "a name of 65 letters; at most 64", 0, 65, "shorten the name"),
    "9" * 19: ("integer-too-large", "an integer of 19 digits; at most 18 are read here", 0, 19, ""),
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:20])
def test_what_is_no_expression_is_refused_with_a_word(text: str) -> None:
    with pytest.raises(ExpressionFault) as caught:
        parse(text)
    fault = caught.value
    assert (fault.code, fault.message, fault.start, fault.end, fault.help) == REFUSED[text]
    assert str(fault) == fault.message


UNDEFINED = {
    "D // zero": ("division-by-zero", "a division by zero: `zero` is 0", 5, 9, "bound the sizes in it"),
    "1 % (D - 10)": ("division-by-zero", "a division by zero: `(D - 10)` is 0", 4, 12, "bound the sizes in it"),
    "2**-1": ("negative-power", "a power of -1: `-1` is negative", 3, 5, "divide by a power instead"),
    "1**minus": ("negative-power", "a power of -3: `minus` is negative", 3, 8, "divide by a power instead"),
    "2*deph": ("unknown-size", "no size is called `deph` here", 2, 6, "did you mean `depth`?"),
    "x": ("unknown-size", "no size is called `x` here", 0, 1, ""),
    "1 + bias": ("not-an-integer", "`bias` is true, not an integer", 4, 8, "write a quotient of integers, with //"),
    "rate": ("not-an-integer", "`rate` is 0.5, not an integer", 0, 4, "write a quotient of integers, with //"),
    "1 + 10**18": ("integer-too-large", "`1 + 10**18` has more than 18 digits", 0, 10, ""),
    "-(10**18)": ("integer-too-large", "`-(10**18)` has more than 18 digits", 0, 9, ""),
    "1 - 10**10**10": ("integer-too-large", "`10**10**10` is too large", 4, 14, ""),
    "(10**50) * (10**50)": ("integer-too-large", "`(10**50) * (10**50)` is too large", 0, 19, ""),
    "D**999999999999999999": ("integer-too-large", "`D**999999999999999999` is too large", 0, 21, ""),
}


@pytest.mark.parametrize("text", UNDEFINED)
def test_what_has_no_value_is_refused_where_it_arises(text: str) -> None:
    values: dict[str, int] = {**SIZES, "bias": True, "rate": 0.5}  # type: ignore[dict-item]  # what it must refuse
    with pytest.raises(ExpressionFault) as caught:
        parse(text).evaluate(values)
    fault = caught.value
    assert (fault.code, fault.message, fault.start, fault.end, fault.help) == UNDEFINED[text]


def test_the_length_and_the_depth_are_bounded() -> None:
    fits = EXPRESSION_LENGTH.value
    assert parse("1" + "+1" * ((fits - 1) // 2) + " ").evaluate({}) == (fits - 1) // 2 + 1
    levels = EXPRESSION_DEPTH.value - 1
    assert parse("(" * levels + "D" + ")" * levels).evaluate(SIZES) == 10
    assert parse("-" * levels + "D").evaluate(SIZES) == -10
    for text in ("1" * (fits + 1), "(" * 33 + "D" + ")" * 33, "-" * 33 + "D", "2" + "**1" * 33):
        with pytest.raises(ExpressionFault) as caught:
            parse(text)
        assert caught.value.code == "expression-too-long"


def test_more_digits_are_read_where_they_are_expected() -> None:
    digits = EXPECTED_DIGITS.value
    assert parse("11 ** 50").evaluate({}, digits=digits) == 11**50
    assert parse("9" * 200, digits=digits).evaluate({}, digits=digits) == 10**200 - 1
    assert parse("10 ** 999").evaluate({}, digits=digits) == 10**999
    with pytest.raises(ExpressionFault, match="has more than 1000 digits"):
        parse("10 ** 1000").evaluate({}, digits=digits)
    with pytest.raises(ExpressionFault, match="too large"):
        parse("10 ** 9999").evaluate({}, digits=digits)


def test_an_expression_knows_its_names_in_order() -> None:
    expression = parse("b + a*b - 2 + c")
    assert (expression.text, expression.names) == ("b + a*b - 2 + c", ("b", "a", "c"))
    assert parse("12").names == ()


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("D % heads == 0", (False, 2, 0)),
        ("D != 4", (True, 10, 4)),
        ("D < 10", (False, 10, 10)),
        ("D <= 10", (True, 10, 10)),
        ("D > 2*heads", (True, 10, 8)),
        ("D>=10+1", (False, 10, 11)),
    ],
)
def test_a_comparison_gives_its_verdict_and_its_sides(text: str, result: tuple[bool, int, int]) -> None:
    comparison = parse_comparison(text)
    assert isinstance(comparison, Comparison)
    assert comparison.text == text
    assert comparison.evaluate(SIZES) == result
    assert isinstance(comparison.left, Expression)


@pytest.mark.parametrize(
    ("text", "message", "start", "fix"),
    [
        ("D", "`D` compares nothing", 0, "write a comparison such as D % heads == 0"),
        ("1 < D < 3", "a second comparison in one check", 6, "write two checks"),
        ("D <", "expected a number or a name, got the end", 3, ""),
        ("D == 1)", "expected an operator, got `)`", 6, ""),
        ("(D == 1)", "expected `)`, got `==`", 3, ""),
        ("D == 1 and D", "expected an operator, got `and`", 7, "write two checks"),
    ],
)
def test_what_is_no_comparison_is_refused(text: str, message: str, start: int, fix: str) -> None:
    with pytest.raises(ExpressionFault) as caught:
        parse_comparison(text)
    fault = caught.value
    assert (fault.code, fault.message, fault.start, fault.help) == ("bad-expression", message, start, fix)


def test_the_sides_of_a_comparison_keep_their_offsets() -> None:
    with pytest.raises(ExpressionFault) as caught:
        parse_comparison("D == 1 // zero").evaluate(SIZES)
    assert (caught.value.start, caught.value.end) == (10, 14)


FREE: dict[str, float | Polynomial] = {**SIZES, "T": symbol("T"), "S": symbol("S")}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("T", "T"),
        ("2*T + D", "2*T + 10"),
        ("D - -T", "T + 10"),
        ("(T + D // 4) // heads % 3", "(T + 2) // 4 % 3"),
        ("T**2 - T*(T - 1) - T", "0"),
        ("2**D + T - T", "1024"),
    ],
)
def test_an_expression_over_free_sizes_has_a_free_value(text: str, value: str) -> None:
    found = parse(text).evaluate(FREE)
    assert found == parse(value).evaluate(FREE)
    assert isinstance(found, int) == value.isdecimal()


FREE_REFUSED = {
    "D // T": (
        "free-divisor",
        "`T` is free: a size is divided by a number alone",
        5,
        6,
        "declare it under `hyperparameters`, where it has a value",
    ),
    "T % (S + 1)": (
        "free-divisor",
        "`S + 1` is free: a size is divided by a number alone",
        4,
        11,
        "declare it under `hyperparameters`, where it has a value",
    ),
    "1 + 2**T": (
        "free-exponent",
        "`T` is free: a size is raised to a number alone",
        7,
        8,
        "declare it under `hyperparameters`, where it has a value",
    ),
    "T // minus": ("free-divisor", "`-3` is negative: a free size is divided by positive numbers", 5, 10, ""),
    "T // zero": ("division-by-zero", "a division by zero: `zero` is 0", 5, 9, "bound the sizes in it"),
    "T % (D - 10)": ("division-by-zero", "a division by zero: `(D - 10)` is 0", 4, 12, "bound the sizes in it"),
    "T**minus": ("negative-power", "a power of -3: `minus` is negative", 3, 8, "divide by a power instead"),
    "1 + T**20": ("size-too-complex", "the size is too large to work with", 4, 9, ""),
    "T + deph": ("unknown-size", "no size is called `deph` here", 4, 8, "did you mean `depth`?"),
    "T + rate": ("not-an-integer", "`rate` is 0.5, not an integer", 4, 8, "write a quotient of integers, with //"),
    "T + 10**10**10": ("integer-too-large", "`10**10**10` is too large", 4, 14, ""),
    "T*10**18": ("integer-too-large", "`T*10**18` has more than 18 digits", 0, 8, ""),
    "T - T + 10**18": ("integer-too-large", "`T - T + 10**18` has more than 18 digits", 0, 14, ""),
}


@pytest.mark.parametrize("text", FREE_REFUSED)
def test_what_has_no_free_value_is_refused_where_it_arises(text: str) -> None:
    with pytest.raises(ExpressionFault) as caught:
        parse(text).evaluate({**FREE, "rate": 0.5})
    fault = caught.value
    assert (fault.code, fault.message, fault.start, fault.end, fault.help) == FREE_REFUSED[text]


NAMES = st.sampled_from(sorted(SIZES))
ATOMS = st.integers(0, 99).map(str) | NAMES
TEXTS = st.recursive(
    ATOMS,
    lambda inner: (
        st.tuples(inner, st.sampled_from([" + ", "-", "*", " // ", "%", "**"]), inner).map("".join)
        | inner.map("-{}".format)
        | inner.map("({})".format)
    ),
    max_leaves=12,
)


def outcome(text: str) -> int | ExpressionFault:
    """Return the value of an expression, or its fault."""
    try:
        return parse(text).evaluate(SIZES)
    except ExpressionFault as fault:
        return fault


@given(TEXTS)
@example("-2**-2")
@example("2**3**2")
@example("1 // (D - 10)")
def test_python_reads_an_expression_the_same_way(text: str) -> None:
    """A value is Python's; where there is none, Python sees the operand that makes it so."""
    found = outcome(text)
    if isinstance(found, int):
        assert found == eval(text, {}, SIZES)
        return
    operand = text[found.start : found.end]
    if found.code == "division-by-zero":
        assert eval(operand, {}, SIZES) == 0
    elif found.code == "negative-power":
        assert eval(operand, {}, SIZES) < 0
    else:
        assert found.code in (INTEGER_DIGITS.code, "expression-too-long")


@given(st.text("D19 +-*/%()=<>!_.$a", max_size=20) | st.text(max_size=10))
def test_any_text_is_an_expression_or_a_fault_within_it(text: str) -> None:
    found = outcome(text)
    if isinstance(found, ExpressionFault):
        assert 0 <= found.start < found.end <= len(text) + 1
        assert found.message.isprintable()
