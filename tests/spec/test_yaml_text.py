"""What is written is read back the same: by netspec's reader with either parser, and by readers of YAML 1.1 and 1.2."""

import enum
import math
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from netspec.source import read_source
from netspec.source.decoding import forbidden
from netspec.spec.yaml_text import WIDTH, from_keys, write
from netspec.validation import check_text

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


# -- keys given in Python ----------------------------------------------------------------------------------------------


class Kind(str, enum.Enum):  # noqa: UP042 - the older form, whose str() is its name
    RELU = "relu"


class Count(enum.IntEnum):
    TWO = 2


def read(keys: Mapping[str, object]) -> object:
    """Return what netspec reads of the keys."""
    source = read_source(from_keys(keys).encode(), "a.yaml")
    assert source.faults == []
    return source.data()


@given(st.dictionaries(keys, values, max_size=6))
def test_plain_keys_are_read_back_as_they_are(data: dict[str, object]) -> None:
    assert same(read(data), data)


def test_python_has_more_types_for_the_same_values() -> None:
    given: dict[str, Any] = {
        "tuple": (1, (2.5, "a")),
        "mapping": MappingProxyType({"a": True}),
        "members": [Kind.RELU, Count.TWO],
        "fractions": [Fraction(16, 3), Fraction(-1, 7), Fraction(4, 2)],
        "scalars": [np.float64(0.1), np.float32(0.1), np.int64(3), np.bool_(True), np.str_("a"), np.float16(0.5)],
        "array": np.array([[1, 2], [3, 4]], "f4"),
        "point": np.array(5.0),
        "integers": np.arange(3),
        "nothing": np.empty((0, 2)),
    }
    assert same(
        read(given),
        {
            "tuple": [1, [2.5, "a"]],
            "mapping": {"a": True},
            "members": ["relu", 2],
            "fractions": ["16/3", "-1/7", 2],
            "scalars": [0.1, 0.10000000149011612, 3, True, "a", 0.5],
            "array": [[1.0, 2.0], [3.0, 4.0]],
            "point": 5.0,
            "integers": [0, 1, 2],
            "nothing": [],
        },
    )


def test_keys_make_a_network() -> None:
    parameters = {"beta_0": np.zeros(2), "Omega_0": np.eye(2), "β_1": [Fraction(1, 3)], "Omega_1": [(1, 2)]}
    text = from_keys({"netspec": 1, "input": 2, "widths": (2,), "output": 1, "parameters": parameters})
    assert check_text(text).diagnostics == ()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"K": None}, "`K` expects a text, a number, a switch, a list, a mapping or an array, got None"),
        ({"widths": [3, {1, 2}]}, r"`widths\[1\]` expects .*, got a value of type set"),
        ({"widths": iter([3])}, "`widths` expects .*, got a value of type list_iterator"),
        ({"a": {"b": 1j}}, r"`a\.b` expects .*, got a value of type complex"),
        ({"a": b"x"}, "`a` expects .*, got a value of type bytes"),
        ({"a": np.array([None])}, r"`a\[0\]` expects .*, got None"),
        ({"a": np.array("2020-01-01", "M8[D]")}, "`a` expects .*, got a value of type date"),
        ({"a": np.longdouble(1)}, "`a` expects .*, got a value of type longdouble"),
        ({"a": {1: 2}}, r"the keys of `a` are texts, got a value of type int \(1\)"),
        ({1: 2}, r"the keys are texts, got a value of type int \(1\)"),
    ],
)
def test_what_no_spec_holds_is_refused_by_its_key(keys: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}$"):
        from_keys(keys)


def test_what_holds_itself_and_what_is_too_much_is_refused_before_it_is_written() -> None:
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="`a` nests deeper than 32 levels"):
        from_keys({"a": circle})
    with pytest.raises(ValueError, match=r"at most 100,000 keys and values, and there are more up to `a\.b`"):
        from_keys({"a": {"b": np.broadcast_to(1.0, (10**6, 10**6))}})
    with pytest.raises(ValueError, match="at most 100,000"):
        from_keys({"a": [0] * 100_000})


def test_as_deep_and_as_much_as_a_spec_holds_is_written() -> None:
    deep: object = 1
    for _ in range(31):
        deep = [deep]
    assert same(read({"a": deep}), {"a": deep})
    assert read({"a": np.zeros(99_997)}) == {"a": [0.0] * 99_997}


@given(st.text(max_size=12))
def test_no_text_breaks_the_writing(text: str) -> None:
    source = read_source(from_keys({"a": text, text: "a"} if text else {"a": text}).encode(), "a.yaml")
    assert {fault.code for fault in source.faults} <= {"control-character", "duplicate-key"}
