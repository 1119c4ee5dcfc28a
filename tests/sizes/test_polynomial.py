"""Polynomials with floors: arithmetic in one form, bounded, and the same at every point as that of integers."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.sizes import Polynomial, Size, SizeFault, evaluate, parse, substitute, symbol, symbols
from tests.sizes.free import POINTS, H, T, W, attempt, leave, size, texts

SIZES = texts(leaves=6).map(attempt)

SAME = [
    ("(2*T) // 2", "T"),
    ("(H - 1) // 2 + 1", "(H + 1) // 2"),
    ("(6*H + 5) // 4", "H + (H + 2) // 2"),
    ("(4*H + 7) // 6", "(2*H + 3) // 3"),
    ("(H + 2*W + 1) // 2", "W + (H + 1) // 2"),
    ("H // 2 // 3", "H // 6"),
    ("(H // 2 + 1) // 3", "(H + 2) // 6"),
    ("(2*H) // 3 // 2", "H // 3"),
    ("(2*(H // 3) + 1) // 2", "H // 3"),
    ("(3*(H // 4)) // 2", "H // 4 + H // 8"),
    ("((H + 1) // 2 + 1) // 2", "(H + 3) // 4"),
    ("(W + H // 2) // 3", "(H + 2*W) // 6"),
    ("-H // 2 // 2", "-H // 4"),
    ("H % 4", "H - 4*(H // 4)"),
    ("(H + 8) % 4", "H % 4"),
    ("(H % 4) // 4", "0"),
    ("(H % 4) % 4", "H % 4"),
    ("(3*H) // 1", "3*H"),
    ("(H + W)**2 - (H - W)**2", "4*H*W"),
    ("H**0", "1"),
    ("T - T", "0"),
    ("7 - T + T", "7"),
    ("0*T", "0"),
]


@pytest.mark.parametrize(("text", "other"), SAME)
def test_spellings_of_one_size_have_one_form(text: str, other: str) -> None:
    assert size(text) == size(other)
    assert hash(size(text)) == hash(size(other))


def test_a_constant_is_an_integer_and_nothing_else_is_one() -> None:
    assert type(size("T - T + 3")) is int
    assert type(size("(2*T + 1) // 2 - T")) is int
    assert isinstance(size("T"), Polynomial)
    assert T != 1
    assert T != "T"
    assert size("T + 1") != size("T + 2")


@given(texts(), POINTS)
def test_a_size_is_at_each_point_what_its_text_is(text: str, point: dict[str, int]) -> None:
    found = attempt(text)
    assert evaluate(found, point) == parse(text).evaluate(point)
    assert symbols(found) <= set(parse(text).names)


@given(SIZES, SIZES, SIZES, st.integers(1, 9), st.integers(1, 9))
def test_the_laws_of_rings_and_of_floors_hold_for_the_forms(a: Size, b: Size, c: Size, m: int, n: int) -> None:
    try:
        assert a + b == b + a
        assert (a + b) + c == a + (b + c)
        assert a * b == b * a
        assert (a * b) * c == a * (b * c)
        assert a * (b + c) == a * b + a * c
        assert a - b == -(b - a)
        assert a + 0 == a * 1 == a // 1 == a
        assert a * 0 == a - a == a % 1 == 0
        assert (a + b) ** 2 == a**2 + 2 * a * b + b**2
        assert (n * a + b) // n == a + b // n
        assert (m * a) // (m * n) == a // n
        assert a % n + n * (a // n) == a
    except SizeFault as fault:
        leave(fault)


@given(texts(leaves=4), texts(leaves=4), texts(leaves=4), POINTS)
def test_substitution_is_evaluation_at_sizes(a: str, b: str, c: str, point: dict[str, int]) -> None:
    try:
        found = substitute(attempt(a), {"H": attempt(b), "W": attempt(c)})
    except SizeFault as fault:
        leave(fault)
    there = {**point, "H": evaluate(size(b), point), "W": evaluate(size(c), point)}
    assert evaluate(found, point) == evaluate(size(a), there)


def test_substitution_is_of_all_symbols_at_once_and_leaves_others() -> None:
    assert substitute(size("H // 2 + W*T"), {"H": W, "W": H}) == size("W // 2 + H*T")
    assert substitute(size("H // 4"), {"H": 16 * H}) == 4 * H
    assert substitute(size("H // 4 + T"), {"H": 9, "T": 1}) == 3
    assert substitute(T, {"H": 1}) is T
    assert substitute(7, {"H": 1}) == 7


def test_a_point_has_every_symbol() -> None:
    assert evaluate(size("64*(H // 4)*(W // 4)"), {"H": 9, "W": 8, "T": 1}) == 256
    assert evaluate(5, {}) == 5
    with pytest.raises(KeyError):
        evaluate(H, {})


def test_symbols_are_found_within_floors() -> None:
    assert symbols(size("(H // 3 + 2*W) // 5 + 1")) == {"H", "W"}
    assert symbols(3) == frozenset()


REFUSED = {
    "H // W": ("free-divisor", "`W` is free: a size is divided by a number alone"),
    "7 // (W + 1)": ("free-divisor", "`W + 1` is free: a size is divided by a number alone"),
    "H % W": ("free-divisor", "`W` is free: a size is divided by a number alone"),
    "7 % W": ("free-divisor", "`W` is free: a size is divided by a number alone"),
    "H // -2": ("free-divisor", "`-2` is negative: a free size is divided by positive numbers"),
    "H % -2": ("free-divisor", "`-2` is negative: a free size is divided by positive numbers"),
    "H // 0": ("division-by-zero", "a division by zero"),
    "H % 0": ("division-by-zero", "a division by zero"),
    "H**W": ("free-exponent", "`W` is free: a size is raised to a number alone"),
    "2**W": ("free-exponent", "`W` is free: a size is raised to a number alone"),
    "H**-1": ("negative-power", "a power of -1"),
    "H**17": ("size-too-complex", "the size is too large to work with"),
    "(H*W)**9": ("size-too-complex", "the size is too large to work with"),
    "10**60*H": ("size-too-complex", "the size is too large to work with"),
    "H // 10**60": ("size-too-complex", "the size is too large to work with"),
    "H // 10**30 // 10**30": ("size-too-complex", "the size is too large to work with"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_has_no_form_or_too_large_a_one_is_refused(text: str) -> None:
    with pytest.raises(SizeFault) as caught:
        eval(text, {"H": H, "W": W})
    assert (caught.value.code, caught.value.message) == REFUSED[text]
    assert str(caught.value) == caught.value.message
    assert isinstance(caught.value, ValueError)


def test_the_bounds_are_on_what_is_built() -> None:
    assert evaluate(H**16, {"H": 2}) == 65536
    assert evaluate((10**60 - 1) * H, {"H": 1}) == 10**60 - 1
    nested: Size = H
    for _ in range(8):
        nested = (2 * nested + W) // 3
    with pytest.raises(SizeFault):
        (2 * nested + W) // 3
    with pytest.raises(SizeFault):
        sum(H // n for n in range(2, 2000))
    many = sum((symbol(f"s{n}") for n in range(40)), start=H)
    with pytest.raises(SizeFault):
        many * many


def test_a_polynomial_survives_a_pickle() -> None:
    """Its hash is of texts, which have another one in each process, so it is not kept."""
    found = size("64*(H // 4)*(W // 4) + T")
    copy = pickle.loads(pickle.dumps(found))
    assert copy == found
    assert len({copy, found}) == 1


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "dilation", "text"),
    [
        (3, 1, 1, 1, "H"),
        (5, 1, 0, 1, "H - 4"),
        (3, 2, 1, 1, "(H + 1) // 2"),
        (7, 2, 3, 1, "(H + 1) // 2"),
        (3, 2, 0, 1, "(H - 1) // 2"),
        (2, 2, 0, 1, "H // 2"),
        (4, 4, 0, 1, "H // 4"),
        (3, 1, 2, 2, "H"),
        (11, 4, 2, 1, "(H - 3) // 4"),
    ],
)
def test_the_output_of_a_convolution(kernel: int, stride: int, padding: int, dilation: int, text: str) -> None:
    """torch.nn.Conv2d: ⌊(H + 2·padding - dilation·(kernel - 1) - 1) / stride + 1⌋."""
    found = (H + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    assert str(found) == text
    for height in range(12, 40):
        assert evaluate(found, {"H": height}) == (height + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def test_strides_one_after_the_other_are_one_stride() -> None:
    halved: Size = H
    for _ in range(5):
        halved = (halved - 1) // 2 + 1
    assert str(halved) == "(H + 31) // 32"


def test_the_macs_of_attention() -> None:
    D = symbol("D")
    macs = 4 * T * D**2 + 2 * T * T * D
    assert macs == 2 * T**2 * D + 4 * T * D**2
    assert evaluate(macs, {"T": 1024, "D": 768}) == 2 * 1024**2 * 768 + 4 * 1024 * 768**2
    assert str(substitute(macs, {"D": 768})) == "1536*T*(T + 1536)"
