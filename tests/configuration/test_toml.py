"""TOML that is refused: each fault in its place, and in words that name no part of a program."""

import random
import time
import tomllib

import pytest

from netspec.configuration.toml import read_toml
from netspec.diagnostics import Diagnostic, Place, Span, SpecError


def refused(data: bytes) -> Diagnostic:
    """Return the one fault of a file."""
    with pytest.raises(SpecError) as caught:
        read_toml(data, "netspec.toml")
    (fault,) = caught.value.diagnostics
    assert set(caught.value.sources) == {fault.place.file} == {"netspec.toml"}
    return fault


def test_data_text_and_places_are_those_of_the_file() -> None:
    toml = read_toml(b"a = 1\r\n[b]\r\n'c' = 2\r\n", "netspec.toml")
    assert (toml.data, toml.text) == ({"a": 1, "b": {"c": 2}}, "a = 1\n[b]\n'c' = 2\n")
    assert toml.key(("b", "c")) == Place("netspec.toml", Span(3, 1, 3, 4))
    assert toml.value(("b", "c")) == Place("netspec.toml", Span(3, 7, 3, 8))


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a = 1\nb\n", 2, 2, "expected '=' after a key in a key/value pair"),
        ("a = off\n", 1, 5, "no value; a text needs quotes"),
        ("x = 1\na = [1\n", 2, 5, "unclosed array"),
        ("x = 1\na = [[1], [2\n\n", 2, 11, "unclosed array"),
        ('x = 1\na = "x\n', 2, 7, "a character that TOML does not allow"),
        ('x = 1\na = """x\n', 2, 5, "unterminated string"),
        ("a = 1\na = 2\n", 2, 6, "a key that has a value already is given again"),
        ("[a]\n[a]\n", 2, 3, "a table that is there already is declared again, or added to"),
        ("a = {b = 1}\n[a.c]\n", 2, 5, "a table that is there already is declared again, or added to"),
        ("a = {b = 1, b = 2}\n", 1, 18, "a key that has a value already is given again"),
        ("a\0b = 1\n", 1, 2, "expected '=' after a key in a key/value pair"),
        ("a = 1 # \0\n", 1, 9, "a character that TOML does not allow"),
        ("= 1\n", 1, 1, "invalid statement"),
        ("a. = 1\n", 1, 4, "a key is missing, or needs quotes"),
        ('a = "\\q"\n', 1, 8, "a backslash that begins no escape; write two, or the text in single quotes"),
        ("a = 2026-02-30\n", 1, 5, "invalid date or datetime"),
        ("\ufeffa = 1\n", 1, 1, "invalid statement"),
        ("a = 1 b = 2\n", 1, 7, "expected newline or end of document after a statement"),
    ],
)
def test_a_fault_of_syntax_is_in_its_place(text: str, line: int, column: int, words: str) -> None:
    place = Place("netspec.toml", Span(line, column, line, column + 1))
    assert refused(text.encode()) == Diagnostic("toml-syntax", f"this is not TOML: {words}", place)


def test_bytes_that_are_no_utf8_are_placed() -> None:
    place = Place("netspec.toml", Span(2, 6, 2, 7))
    headline = "byte 0xFF is not UTF-8"
    assert refused(b"a = 1\r\nb = '\xff'\n") == Diagnostic("not-utf8", headline, place, help="save the file as UTF-8")
    assert refused("a = 1\n".encode("utf-16")).place.span == Span(1, 1, 1, 2)


@pytest.mark.parametrize(
    ("text", "span", "headline"),
    [
        ("x = 1\n" + "a." * 40 + "a = 1\n", Span(2, 1, 2, 66), "this is more than 32 levels deep"),
        ("a = [\n" + "[\n" * 40, Span(33, 1, 33, 2), "this is more than 32 levels deep"),
        ("a = " + "9" * 401, Span(1, 5, 1, 406), "a value of 401 characters without quotes is none that netspec reads"),
        ("a = [" + "1,\n" * 20_000 + "]", Span(20_000, 1, 20_000, 2), "the file has more than 20,000 keys and values"),
    ],
)
def test_what_is_beyond_a_limit_is_placed_and_not_parsed(
    text: str, span: Span, headline: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(tomllib, "loads")
    fault = refused(text.encode())
    assert (fault.headline, fault.place.span) == (headline, span)
    assert fault.help == "`netspec limits` lists the limits"


def test_what_the_scan_does_not_know_is_refused_even_if_the_parser_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not counted is not parsed beyond a few letters."""
    seen: list[str] = []

    def loads(text: str) -> dict[str, object]:
        seen.append(text)
        return {}

    monkeypatch.setattr(tomllib, "loads", loads)
    place = Place("netspec.toml", Span(1, 5, 1, 6))
    text = "a = @\n" + "b = 1\n" * 1_000
    assert refused(text.encode()) == Diagnostic("toml-syntax", "this is not TOML", place)
    assert seen == [text[:204]]


def test_whatever_the_bytes_the_fault_is_in_place_and_nothing_unescaped_is_shown() -> None:
    drawn = random.Random(3)
    seed = b'[tool.netspec]\nstrict = true\nexclude = ["a/**", "b"]\n[tool.netspec.rules]\nunused-name = "off"\n'
    for _ in range(3_000):
        data = bytearray(seed)
        for _ in range(drawn.randint(1, 4)):
            at = drawn.randrange(len(data))
            data[at : at + drawn.randint(0, 2)] = bytes(drawn.choices(b"\x00\x1b\xff\xc3[]{}=\"'\\\n.,#a1 ", k=2))
        try:
            read_toml(bytes(data), "netspec.toml")
        except SpecError as error:
            (fault,) = error.diagnostics
            span = fault.place.span
            assert span is not None
            text = error.sources["netspec.toml"]
            assert 1 <= span.line <= text.count("\n") + 1
            assert 1 <= span.column <= len(text.split("\n")[span.line - 1]) + 1
            assert all(" " <= c <= "~" for c in fault.headline)


def test_the_worst_file_within_the_limits_is_read_within_a_second() -> None:
    worst = ("a = [" + "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]," * 660 + "]\n").encode()
    deep = "".join(f"{'a.' * 29}k{i} = 1\n" for i in range(4_000)).encode()[: 1 << 18].rpartition(b"\n")[0]
    strings = b'a = """' + b'"\\"' * 80_000 + b'"""\n'
    for data in (worst, deep, strings, b"#" * (1 << 18), b"\n" * (1 << 18), b"a = '" + b"x" * 200_000 + b"'"):
        start = time.process_time()
        read_toml(data, "netspec.toml")
        assert time.process_time() - start < 5  # five times what is promised, since the machine is shared
