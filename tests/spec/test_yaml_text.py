"""What is written is read back the same: by netspec's reader with either parser, and by readers of YAML 1.1 and 1.2."""

import math

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from netspec.source import read_source
from netspec.source.decoding import forbidden
from netspec.spec.yaml_text import WIDTH, write

# Texts that some reader takes for something else, or that are no text without quotes.
AWKWARD = (
    "", "y", "n", "Y", "N", "yes", "No", "ON", "off", "true", "False", "null", "~", "NULL", "=", "<<", "1", "-1", "+1",
    "1.5", "1e3", "1e-3", ".5", "-.5", "1_000", "0x1F", "0o7", "010", "0b1", "12:30", "1:59:59", "2024-01-31",
    "2024-1-31 10:00:00", ".inf", "-.INF", ".nan", "- a", "-", "--", "---", "--- a", "...", "... a", "? a", "?", ": a",
    ":", "a: b", "a:", "a:b", "a #b", "a#b", "#a", "[a]", "{a}", "a, b", "a]", "&a", "*a", "!a", "|", ">", "'a'", '"a"',
    "%a", "@a", "`a`", " a", "a ", "a\tb", "a\nb", "a\n\nb\n", "a\n b\n\n", "\na\nb", " a\nb", "a \nb", "a\\b", "2*D",
    "-D", "-2 * D", "(D + 1) // 2", "16/3", "-16/3", "D % heads == 0", "fold.yaml", "../a/b.npz", "./a", "β_0", "Ω_0",
    "é", "日本", "𝔘", "a\u00a0", "sha256:00ff", "https://a.b/c", "a\u2009b", ",a", "a?", "a!", "-a", "-0x1", "-e5", "+",
    ".", "..", "-.5*D", "0 # a", "a'b", 'a"b', "D**2", "x\n---\ny", "x\n# y\nz", "_a", "1/2", "0.1.2", "in", "-(D)",
)  # fmt: skip

letters = st.characters(exclude_categories=("Cs", "Cc")).filter(lambda character: not forbidden(character))
texts = st.sampled_from(AWKWARD) | st.text(letters, max_size=24) | st.text("ab01 .:-#,[]{}\n\"'\\*/yn", max_size=12)
floats = st.floats(allow_nan=False, allow_infinity=False)
scalars = texts | floats | st.booleans() | st.integers(-(10**30), 10**30)
keys = texts.filter(lambda text: text not in ("<<",))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=24,
)


def same(a: object, b: object) -> bool:
    """Return whether two pieces of plain data are equal in value and type, -0.0 and order of keys included."""
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return a == b and math.copysign(1, a) == math.copysign(1, b)
    return type(a) is type(b) and a == b


def read_by_all(text: str) -> list[object]:
    """Return what netspec, PyYAML (1.1) and ruamel.yaml (1.2) read, each with both of its parsers."""
    found: list[object] = []
    for pure in (False, True):
        source = read_source(text.encode(), "a.yaml", pure=pure)
        assert source.faults == []
        found.append(source.data())
    found += [yaml.load(text, loader) for loader in (yaml.SafeLoader, yaml.CSafeLoader)]
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    found.append(reader.load(text))
    return found


def test_the_comparison_tells_apart_what_differs() -> None:
    assert not same([1], [True])
    assert not same(1, 1.0)
    assert not same(0.0, -0.0)
    assert not same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert not same([1], [1, 2])
    assert same({"a": [1, "b"]}, {"a": [1, "b"]})


@settings(deadline=None)  # five readers, two of them in Python
@given(st.dictionaries(keys, values, min_size=1, max_size=6))
@example({text: text for text in AWKWARD if text != "<<"})
@example({"a": list(AWKWARD), "b": [{text: text} for text in AWKWARD if text != "<<"]})
@example({"a": [[[]], [{}], [[{"a": {}}]], [["x\ny"]]], "b": {"c": {"d": []}}})
@example({"a": [-0.0, 5e-324, 1.7976931348623157e308, 1e16, 1e-05, 1e22, 0.1, 123456789.0]})
def test_every_reader_reads_back_what_was_written(data: dict[str, object]) -> None:
    text = write(data)
    for found in read_by_all(text):
        assert same(found, data), text


@given(st.dictionaries(keys, values, min_size=1, max_size=6))
def test_the_same_data_gives_the_same_text(data: dict[str, object]) -> None:
    text = write(data)
    assert write(read_source(text.encode(), "a.yaml").data()) == text


@given(st.text(max_size=12))
def test_what_a_spec_may_not_hold_reaches_the_reader_and_is_refused_there(text: str) -> None:
    written = write({"a": text})
    source = read_source(written.encode(), "a.yaml")
    assert {fault.code for fault in source.faults} <= {"control-character"}
    assert source.faults or source.data() == {"a": text}


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_number_that_is_not_finite_is_refused_by_the_reader(value: float) -> None:
    (fault,) = read_source(write({"a": value}).encode(), "a.yaml").faults
    assert fault.code == "not-finite"


def test_quotes_stand_only_where_they_are_needed() -> None:
    plain = ("relu", "2*D", "(D + 1) // 2", "16/3", "fold.yaml", "../a.npz", "-D", "Two layers", "β_0", "D % h == 0")
    assert write({"a": dict.fromkeys(plain, 1), "b": list(plain)}).count('"') == 0
    assert write({"y": "no", "1": "1"}) == '"y": "no"\n"1": "1"\n'


def test_a_comma_needs_quotes_inside_brackets_only() -> None:
    assert write({"a": "one, two", "b": ["one, two"]}) == 'a: one, two\nb: ["one, two"]\n'


def test_the_layout_is_blocks_with_short_leaves_in_brackets() -> None:
    data = {
        "netspec": 1,
        "description": "Two lines:\nthe second.\n",
        "widths": [3, 3],
        "activation": ["relu", {"leaky_relu": {"slope": 0.01}}],
        "parameters": {"beta_0": [0, 0, -0.67], "Omega_0": [[-1.0], [1.0], ["16/3"]]},
        "expect": {"parameters": 22, "capacity": 6, "regions": {"at_most": 16}},
        "nothing": {"list": [], "mapping": {}},
        "matrix": [[0.125] * 12, [0.25] * 12],
        "long": [[0.12345678] * 10, 1],
    }
    assert (
        write(data)
        == """\
netspec: 1
description: |
  Two lines:
  the second.
widths: [3, 3]
activation:
  - relu
  - leaky_relu: {slope: 0.01}
parameters:
  beta_0: [0, 0, -0.67]
  Omega_0: [[-1.0], [1.0], [16/3]]
expect:
  parameters: 22
  capacity: 6
  regions: {at_most: 16}
nothing:
  list: []
  mapping: {}
matrix:
  - [0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125]
  - [0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25]
long:
  - - 0.12345678
    - 0.12345678
    - 0.12345678
    - 0.12345678
    - 0.12345678
    - 0.12345678
    - 0.12345678
    - 0.12345678
    - 0.12345678
    - 0.12345678
  - 1
"""
    )


@given(st.lists(st.integers(0, 10**6), max_size=40), st.text("abc", min_size=1, max_size=90))
def test_brackets_end_before_the_line_does(items: list[int], key: str) -> None:
    for line in write({key: items}).splitlines():
        assert len(line) <= WIDTH or "[" not in line


def test_an_integer_of_a_thousand_digits_is_written_whole() -> None:
    assert read_source(write({"a": 10**999}).encode(), "a.yaml").data() == {"a": 10**999}
    assert len(write({"a": 10**5000})) == 5005


@pytest.mark.parametrize("value", [None, {1: 2}, b"a", {"a": (1, 2)}, 1j])
def test_other_types_are_refused(value: object) -> None:
    with pytest.raises(TypeError, match="expects a"):
        write({"a": value})
