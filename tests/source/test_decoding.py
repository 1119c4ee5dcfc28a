"""Bytes to text: each way of not being plain UTF-8 text is refused, with its code and its place."""

import unicodedata

import pytest

from netspec.limits import SPEC_BYTES
from netspec.source import read_source
from netspec.source.decoding import decode, forbidden

REFUSED = [
    (b"a: \x00", "control-character", (1, 4)),
    (b"a: 1 # \x1b[2J", "control-character", (1, 8)),
    (b"a: 1\n\x7f", "control-character", (2, 1)),
    ("a: \x80".encode(), "control-character", (1, 4)),
    ("a: \x9b".encode(), "control-character", (1, 4)),
    (b"a: 1\x0b", "control-character", (1, 5)),
    (b"a: 1\rb: 2", "line-break", (1, 5)),
    (b"a: 1\r\r\n", "line-break", (1, 5)),
    ("a: 1\r\nb:\x85 2".encode(), "line-break", (2, 3)),
    ("é: 1\u2028".encode(), "line-break", (1, 5)),
    ("a: 1\n# \u2029".encode(), "line-break", (2, 3)),
    ("a: \ufeff1".encode(), "hidden-character", (1, 4)),
    ("\ufeff\ufeffa: 1".encode(), "hidden-character", (1, 1)),
    ("a: 1 # \u202e".encode(), "hidden-character", (1, 8)),
    ("a\u200b: 1".encode(), "hidden-character", (1, 2)),
    ("a\u00ad: 1".encode(), "hidden-character", (1, 2)),
    ("a: \U000e0041".encode(), "hidden-character", (1, 4)),
    ("a: \uffff".encode(), "hidden-character", (1, 4)),
    ("a: \ufdd0".encode(), "hidden-character", (1, 4)),
    ("a: \U0010fffe".encode(), "hidden-character", (1, 4)),
    (b"a:\t1", "tab", (1, 3)),
    (b"a: \xff", "not-utf8", (1, 4)),
    (b"a: 1\r\nb: \xc3", "not-utf8", (2, 4)),
    (b"\xef\xbb\xbfa: \xc0\x80", "not-utf8", (1, 4)),
    ("é: ".encode() + b"\xed\xa0\x80", "not-utf8", (1, 4)),
    ("a: 1".encode("utf-16"), "not-utf8", (1, 1)),
    ("a: 1".encode("utf-16-be"), "control-character", (1, 1)),
]


@pytest.mark.parametrize(("data", "code", "place"), REFUSED)
def test_a_character_that_no_spec_holds_is_refused_where_it_stands(
    data: bytes, code: str, place: tuple[int, int]
) -> None:
    source = read_source(data, "f.yaml")
    assert source.tree is None
    assert [fault.code for fault in source.faults] == [code]
    span = source.faults[0].place.span
    assert span is not None
    assert (span.line, span.column) == place


def test_each_character_is_reported_once_with_a_count() -> None:
    faults = read_source("a: \x00\x00\u202e\x00".encode(), "f.yaml").faults
    assert [(fault.headline, fault.label) for fault in faults] == [
        ("U+0000 is a control character", "and 2 more in this file"),
        ("U+202E is an invisible or reordering character", ""),
    ]


def test_a_byte_order_mark_at_the_start_and_crlf_are_accepted() -> None:
    source = read_source(b"\xef\xbb\xbfa: 1\r\nb: 'x\r\n\r\n  y'\r\n", "f.yaml")
    assert source.faults == []
    assert source.data() == {"a": 1, "b": "x\ny"}
    assert source.text == "a: 1\nb: 'x\n\n  y'\n"


def test_a_file_beyond_the_limit_is_refused_before_it_is_decoded() -> None:
    assert read_source(b"a: 1\n" + b"#" * (SPEC_BYTES.value - 5), "f.yaml").faults == []
    (fault,) = read_source(b"\xff" * (SPEC_BYTES.value + 1), "f.yaml").faults
    assert fault.code == "file-too-large"


def test_letters_of_every_script_are_text() -> None:
    text, faults = decode("a: αβΩ Привет 你好 é € 😀 ﬁ ½\n".encode(), "f.yaml")
    assert (text, faults) == ("a: αβΩ Привет 你好 é € 😀 ﬁ ½\n", [])


def test_every_format_and_control_character_that_shows_nothing_is_forbidden() -> None:
    """The table is written out; here it is held against the running Python's, a few marks with a shape excepted."""
    shown = {0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    shown |= set(range(0x13430, 0x13440))  # joiners of hieroglyphs
    for point in range(0x110000):
        if unicodedata.category(chr(point)) in ("Cc", "Cf", "Zl", "Zp") and point not in shown:
            assert forbidden(chr(point)) is (chr(point) not in "\n\t"), hex(point)
