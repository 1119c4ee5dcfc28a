"""Where keys and values stand in a TOML text; the parser of the standard library is the oracle for which there are."""

import random
import time
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.configuration.places import Path, Places
from netspec.diagnostics import Span
from netspec.limits import CONFIGURATION_DEPTH, CONFIGURATION_VALUES

TEXT = '''\
# a comment, with [brackets] and "quotes"
strict = true
a.b."c d".'e' = 1 # dotted, quoted
"quoted \\u0041" = [1, [2.5, "x"], {y = 'z'}]
long = """
first "" line \\
  [not.a.table]
"""

[rules]
unused-name = "off"
[[overrides]]
files = [
  "a/**", # the first
  "b/**",
]
budget = { parameters = 5_000, macs.most = 1979-05-27 07:32:00.5-07:00 }

  [overrides.rules]
  unused-name = '\'\'a'b'\'\'

[[overrides]]
[[overrides.deep]]
k = inf
'''.replace("\\'", "'")


def spelled(text: str, span: Span) -> str:
    """Return what stands at a span."""
    lines = text.split("\n")
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    first, last = lines[span.line - 1][span.column - 1 :], lines[span.end_line - 1][: span.end_column - 1]
    return "\n".join([first, *lines[span.line : span.end_line - 1], last])


def paths(data: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Yield the path of everything in parsed data, and what it is."""
    if path:
        yield path, data
    if isinstance(data, dict):
        for key, value in data.items():
            yield from paths(value, (*path, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from paths(value, (*path, i))


def check(text: str) -> None:
    """Hold the places to the parser: the same paths, each key spelled at its place, each value too."""
    data = tomllib.loads(text)
    places = Places(text)
    assert (places.stopped, places.excess) == (None, None)
    found = dict(paths(data))
    assert places.paths == set(found)
    for path, value in found.items():
        key, there = spelled(text, places.key(path)), spelled(text, places.value(path))
        if isinstance(path[-1], str):
            assert next(iter(tomllib.loads(f"{key} = 0"))) == path[-1]
        if not isinstance(value, dict | list) or (there[0] in "{[" and not _is_header(there, text, places.value(path))):
            assert tomllib.loads(f"x = {there}")["x"] == value or value != value


def _is_header(there: str, text: str, span: Span) -> bool:
    """Whether what stands at a span is the header of a table."""
    return there.startswith("[") and not text.split("\n")[span.line - 1][: span.column - 1].strip()


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("strict",), "strict", "true"),
        (("a",), "a", "a"),
        (("a", "b"), "b", "b"),
        (("a", "b", "c d", "e"), "'e'", "1"),
        (("quoted A",), '"quoted \\u0041"', "[1, [2.5, \"x\"], {y = 'z'}]"),
        (("quoted A", 1), '[2.5, "x"]'[:1], '[2.5, "x"]'),
        (("quoted A", 1, 1), '"x"', '"x"'),
        (("quoted A", 2, "y"), "y", "'z'"),
        (("long",), "long", '"""\nfirst "" line \\\n  [not.a.table]\n"""'),
        (("rules",), "rules", "[rules]"),
        (("rules", "unused-name"), "unused-name", '"off"'),
        (("overrides", 0), "[[overrides]]", "[[overrides]]"),
        (("overrides", 0, "files", 1), '"b/**"', '"b/**"'),
        (("overrides", 0, "files"), "files", '[\n  "a/**", # the first\n  "b/**",\n]'),
        (("overrides", 0, "budget", "parameters"), "parameters", "5_000"),
        (("overrides", 0, "budget", "macs", "most"), "most", "1979-05-27 07:32:00.5-07:00"),
        (("overrides", 0, "rules", "unused-name"), "unused-name", "'''a'b'''"),
        (("overrides", 1, "deep", 0, "k"), "k", "inf"),
    ],
)
def test_keys_and_values_are_found_however_they_are_written(path: Path, key: str, value: str) -> None:
    places = Places(TEXT)
    assert path in places
    assert (spelled(TEXT, places.key(path)), spelled(TEXT, places.value(path))) == (key, value)


def test_all_that_the_parser_finds_has_its_place() -> None:
    check(TEXT)


def test_lines_and_columns_count_from_one_in_characters() -> None:
    places = Places('# βΩ\nβ.x = 1\n"β" = [\n 2]\n'.replace("β.x", '"β".x'))
    assert places.key(("β", "x")) == Span(2, 5, 2, 6)
    places = Places('"β" = [\n 2]\n')
    assert places.key(("β",)) == Span(1, 1, 1, 4)
    assert places.value(("β",)) == Span(1, 7, 2, 4)
    assert places.value(("β", 0)) == Span(2, 2, 2, 3)


def test_what_is_not_there_stands_where_the_longest_part_of_it_does() -> None:
    places = Places("[a]\nb = 1\n")
    assert places.key(("a", "b", "c", 3)) == Span(2, 1, 2, 2)
    assert places.value(("a", "z")) == Span(1, 1, 1, 4)
    assert places.key(("z",)) == Span(1, 1, 1, 2)
    assert ("a", "z") not in places


# -- against the parser ---------------------------------------------------------------------------------------------

KEYS = st.one_of(st.sampled_from(["a", "b", "c", "a b", "ä", 'q"', "l\\n", "", "'"]), st.text(max_size=3))
SCALARS = st.one_of(
    st.integers(-99, 10**18), st.booleans(), st.floats(allow_nan=False), st.text(max_size=8), st.dates(), st.datetimes()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


class Writer:
    """Writes data as TOML, in a spelling that is drawn."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def choose(self, *options: str) -> str:
        """Return one of some spellings."""
        return self.data.draw(st.sampled_from(options))

    def key(self, key: str) -> str:
        """Return a key: bare, quoted, or as a literal, where it may be."""
        options = [self.basic(key)]
        if key and all(c.isascii() and (c.isalnum() or c in "-_") for c in key):
            options.append(key)
        if "'" not in key and key.isprintable():
            options.append(f"'{key}'")
        return self.choose(*options)

    def basic(self, text: str) -> str:
        """Return a text in double quotes, with escapes."""
        return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08X}" for c in text) + '"'

    def value(self, value: Any) -> str:
        """Return a value on one line or on several."""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, str):
            options = [self.basic(value), '"""' + self.basic(value)[1:-1] + '"""']
            if "'" not in value and value.isprintable():
                options += [f"'{value}'", f"'''{value}'''", f"'''\n{value}'''"]
            return self.choose(*options)
        if isinstance(value, list):
            gap = self.choose("", " ", "\n  ", " # a ] comment\n")
            inner = f",{gap}".join(self.value(each) for each in value)
            return f"[{gap}{inner}{self.choose('', ',') if value else ''}{gap}]"
        if isinstance(value, dict):
            pairs = (f"{self.key(key)}{self.choose(' = ', '=')}{self.value(each)}" for key, each in value.items())
            return "{" + self.choose("", " ") + ", ".join(pairs) + self.choose("", " ") + "}"
        return self.choose(str(value), str(value).replace(" ", "T"))

    def table(self, table: dict[str, Any], path: tuple[str, ...]) -> str:
        """Return a table: its own keys, some of them dotted, then the tables below it with headers."""
        own, below = "", ""
        for key, value in table.items():
            if isinstance(value, dict) and self.data.draw(st.booleans()):
                header = ".".join(map(self.key, (*path, key)))
                below += (
                    f"{self.choose('', '  ')}[{header}]{self.choose('', ' # [x]')}\n{self.table(value, (*path, key))}"
                )
            elif isinstance(value, dict) and value and self.data.draw(st.booleans()):
                start = self.key(key)
                own += "".join(f"{start}.{self.key(k)} = {self.value(v)}\n" for k, v in value.items())
            elif value and isinstance(value, list) and all(isinstance(each, dict) for each in value):
                header = ".".join(map(self.key, (*path, key)))
                below += "".join(f"[[{header}]]\n{self.table(each, (*path, key))}" for each in value)
            else:
                own += f"{self.choose('', ' ')}{self.key(key)} = {self.value(value)}{self.choose('', ' # = 1')}\n"
        return own + below


@given(st.dictionaries(KEYS, VALUES, max_size=5), st.data())
def test_whatever_is_written_however_it_is_written_is_found_in_its_place(
    table: dict[str, Any], data: st.DataObject
) -> None:
    text = Writer(data).table(table, ())
    assert tomllib.loads(text) == table
    check(text)


PIECES = (
    '"""', "'''", "[[", "[a]", "a = ", "b.c = ", '"x"', "'y'", "1", "true", "\n", "# c\n", "{", "}", "[", "]", ",", ".",
    "=", " ", '"', "\\", "1979-05-27 07:32:00", "1.5e3", "inf", "[t]", "[[t]]", "[t.u]", "\\n", "\\u0041", "0xF", "é",
    "-", "+1", "a", "b", "c", '"\\\n', "\t", "\r",
)  # fmt: skip


def test_the_scan_stops_only_where_the_parser_refuses() -> None:
    """So that all that is parsed was counted before."""
    drawn = random.Random(7)
    sound = 0
    for _ in range(6_000):
        text = "".join(drawn.choices(PIECES, k=drawn.randint(1, 12)))
        if drawn.random() < 0.4:
            at = drawn.randrange(len(TEXT))
            text = TEXT[:at] + text + TEXT[at + drawn.randint(0, 3) :]
        places = Places(text)
        try:
            data = tomllib.loads(text)
        except ValueError:
            continue
        sound += 1
        assert (places.stopped, places.excess) == (None, None), text
        assert places.paths == {path for path, _ in paths(data)}, text
    assert sound > 100


# -- limits ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a." * 20_000 + "a = 1\n",
        "[" + "a." * 20_000 + "a]\nb = 1\n",
        "a = " + "[" * 100_000,
        "a = " + "{a = " * 100_000,
        "[[a]]\n" * 3 + "[" + "a." * 50 + "a]\n",
    ],
)
def test_nesting_is_counted_before_the_parser_sees_it(text: str) -> None:
    """Its time grows with the square of the parts of a key: 40 KB take it 11 seconds."""
    start = time.process_time()
    excess = Places(text).excess
    assert excess is not None
    assert (excess.code, excess.headline) == ("too-deep", f"this is more than {CONFIGURATION_DEPTH.value} levels deep")
    assert time.process_time() - start < 1


def test_values_are_counted() -> None:
    most = CONFIGURATION_VALUES.value
    assert Places("".join(f"k{i} = 1\n" for i in range(most))).excess is None
    for text in ("".join(f"k{i} = 1\n" for i in range(most + 1)), "a = [" + "1," * most + "]", "[[a]]\n" * most):
        excess = Places(text).excess
        assert excess is not None
        assert (excess.code, excess.headline) == ("too-many-values", "the file has more than 20,000 keys and values")


def test_a_number_of_many_digits_is_not_parsed() -> None:
    excess = Places(f"a = {'9' * 5_000}\n").excess
    assert excess is not None
    assert excess.headline == "a value of 5,000 characters without quotes is none that netspec reads"
    assert Places(f"a = '{'9' * 5_000}'\n").excess is None
