"""Text that recurs, against the same text written round by round."""

from hypothesis import given
from hypothesis import strategies as st

from netspec.graph.recurrence import HOLE, Again, Pattern, Stretch, growth, write


def plain(pattern: Pattern, numbers: list[int]) -> str:
    """Return what a pattern says, one number after the other."""
    found = ""
    left = list(numbers)
    for part in pattern:
        if isinstance(part, str):
            before, *rest = part.split(HOLE)
            found += before + "".join(f"{left.pop(0)}{after}" for after in rest)
            continue
        own = [left.pop(0) for _ in part.steps]
        for _ in range(part.times):
            found += plain(part.pattern, own)
            own = [number + step for number, step in zip(own, part.steps, strict=True)]
    return found


def said(pattern: Pattern, numbers: list[int]) -> str:
    """Return what is written."""
    parts: list[bytes] = []
    write(pattern, numbers, parts.append)
    return b"".join(parts).decode()


@st.composite
def stretches(draw: st.DrawFn, depth: int = 2) -> tuple[Pattern, list[int]]:
    """Return a pattern and its numbers, which grow, stay, or shrink."""
    pattern: list[str | Again] = []
    numbers: list[int] = []
    for _ in range(draw(st.integers(1, 3))):
        if depth and draw(st.booleans()):
            inner, own = draw(stretches(depth - 1))
            steps = draw(st.lists(st.sampled_from([0, 1, 7, 45, -1]), min_size=len(own), max_size=len(own)))
            pattern.append(Again(draw(st.sampled_from([1, 2, 30] if depth == 1 else [1, 12])), inner, tuple(steps)))
            numbers += own
        else:
            pattern.append(draw(st.sampled_from(["a;", f"b{HOLE};", f"<{HOLE},{HOLE}>", HOLE])))
            numbers += draw(st.lists(st.integers(1, 2000), min_size=pattern[-1].count(HOLE), max_size=2))[
                : pattern[-1].count(HOLE)
            ]
    return tuple(pattern), numbers


@given(stretches())
def test_what_recurs_is_written_as_often(drawn: tuple[Pattern, list[int]]) -> None:
    assert said(*drawn) == plain(*drawn)


def test_blocks_of_growing_numbers_are_written_digit_for_digit() -> None:
    for step, start in ((1, 1), (1, 990), (3, 999), (1000, 5), (77, 123_456)):
        pattern = (Again(12_345, (f"x{HOLE}<{HOLE},{HOLE}>",), (step, 0, 2 * step + 1)),)
        assert said(pattern, [start, 4, 10]) == plain(pattern, [start, 4, 10])


def test_long_rounds_are_written_one_after_the_other() -> None:
    pattern = (Again(3, (f"{HOLE}" + "y" * 200_000,), (2,)), "z" * 9)
    assert said(pattern, [5]) == plain(pattern, [5])


def test_numbers_grow_between_two_stretches_of_one_pattern() -> None:
    one, other, third = Stretch(), Stretch(), Stretch()
    one.add((f"a{HOLE}", f"b{HOLE}"), [1, 2])
    other.add((f"a{HOLE}b{HOLE}",), [4, 2])
    third.add((f"a{HOLE}c{HOLE}",), [4, 2])
    assert growth(one, other) == (3, 0)
    assert growth(one, third) is None
