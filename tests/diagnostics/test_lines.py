"""The lines of faults, and what is the same of them when a file has changed elsewhere."""

import pytest

from netspec.diagnostics import Diagnostic, Place, Span
from netspec.diagnostics.lines import Line, fingerprints, line_hashes, lines_of

FAULT = Diagnostic("widths-count", "K is 3, but widths lists 2", Place("a.yaml", Span(2, 9, 2, 15)))
TEXT = "K: 3\nwidths: [3, 3]\noutput: 1\n"
GREETING = [
    "e9496ae3ebfced30:1",
    "fb7c023a8b9ccb3f:1",
    "ce8ba1a563dcdaca:1",
    "e20e36e16fcb0cc8:1",
    "b3edc88f2938467e:1",
    "c8e28b0b4002a3a0:1",
    "c129715d7a2bc9a3:1",
]


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        ("", ["c129715d7a2bc9a3:1"]),
        (" a\nb\n  \t\tc\n d", ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]),
        (" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", GREETING),
        (" hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r", GREETING),
        (" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n", GREETING),
        (
            "Lorem ipsum dolor sit amet.\n" * 10,
            [
                *(f"a7f2ff13bc495cf2:{i}" for i in range(1, 7)),
                "a7f2ff1481e87703:1",
                "a9cf91f7bbf1862b:1",
                "55ec222b86bcae53:1",
                "cc97dc7b1d7d8f7b:1",
                "c129715d7a2bc9a3:1",
            ],
        ),
    ],
)
def test_the_hash_of_a_line_is_the_one_that_github_works_out(text: str, hashes: list[str]) -> None:
    """The numbers are those of the tests of `github/codeql-action`, which adds the hash where a log has none."""
    assert line_hashes(text, set(range(1, 20))) == dict(enumerate(hashes, 1))


def test_lines_that_nobody_asks_for_are_counted() -> None:
    text = "Lorem ipsum dolor sit amet.\n" * 10
    assert line_hashes(text, {3, 99}) == {3: "a7f2ff13bc495cf2:3"}


def test_a_character_beyond_the_first_plane_is_two_for_github() -> None:
    """As `charCodeAt` of JavaScript has it: worked out by hand, with the factor 37 and the end as 65535."""
    value = 0
    for code in (0xD83D, 0xDE00, 65535, *[0] * 97):
        value = (value * 37 + code) % 2**64
    assert line_hashes("\U0001f600", {1}) == {1: f"{value:x}:1"}


def test_lines_are_of_faults_with_a_place_in_a_text_that_is_there() -> None:
    unplaced = FAULT._replace(place=Place("a.yaml"))
    elsewhere = FAULT._replace(place=Place("b.yaml", Span(1, 1, 1, 2)))
    beyond = FAULT._replace(place=Place("a.yaml", Span(9, 1, 9, 2)))
    assert list(lines_of([FAULT, unplaced, elsewhere, beyond], {"a.yaml": TEXT})) == [FAULT]


def prints(text: str, *faults: Diagnostic) -> list[str]:
    return fingerprints(faults, lines_of(faults, {"a.yaml": text, "b.yaml": text}))


def moved(lines: int) -> Diagnostic:
    return FAULT._replace(place=Place("a.yaml", Span(2 + lines, 9, 2 + lines, 15)))


def test_a_fingerprint_stays_when_lines_move_and_are_indented_otherwise() -> None:
    before = prints(TEXT, FAULT)
    assert prints(f"# a comment\n\n{TEXT}", moved(2)) == before
    assert prints(TEXT.replace("widths: ", "  widths:   "), FAULT) == before
    assert prints(TEXT, FAULT._replace(headline="K is 4, but widths lists 2")) == before


@pytest.mark.parametrize(
    "other",
    [
        FAULT._replace(code="out-of-range"),
        FAULT._replace(place=Place("b.yaml", Span(2, 9, 2, 15))),
        FAULT._replace(place=Place("a.yaml", Span(1, 1, 1, 2))),
    ],
)
def test_a_fault_of_another_code_or_file_or_line_has_another_fingerprint(other: Diagnostic) -> None:
    assert prints(TEXT, other) != prints(TEXT, FAULT)


def test_faults_with_all_in_common_are_counted() -> None:
    second = FAULT._replace(place=Place("a.yaml", Span(2, 12, 2, 13)))
    first, other = prints(TEXT, FAULT, second)
    assert first != other
    assert prints(f"\n{TEXT}", moved(1), second._replace(place=Place("a.yaml", Span(3, 12, 3, 13)))) == [first, other]


def test_without_a_line_the_headline_without_its_numbers_tells_faults_apart() -> None:
    whole = FAULT._replace(place=Place("a.yaml"))
    others = [whole._replace(headline=text) for text in ("K is 4, but widths lists 2,000", "another")]
    first, second, third = (prints(TEXT, fault)[0] for fault in (whole, *others))
    assert first == second != third


def test_the_name_of_a_file_may_be_written_in_more_ways_than_one() -> None:
    names = [fingerprints([FAULT._replace(place=Place(name))], {}) for name in ("nets/a.yaml", "./nets//a.yaml")]
    assert names[0] == names[1]


def test_what_is_kept_of_a_line_does_not_grow_with_it() -> None:
    long = TEXT.replace("3, 3", "3, " * 50_000)
    assert [len(part) for part in lines_of([FAULT], {"a.yaml": long})[FAULT]] == [64, 18]


def test_a_fault_that_is_not_placed_is_told_apart_by_its_code() -> None:
    undone = [Diagnostic(code, "why", Place("")) for code in ("no-specs", "read-failed")]
    assert len(set(fingerprints(undone, dict.fromkeys(undone, Line())))) == 2
