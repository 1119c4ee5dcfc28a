"""Unquoted scalars: what YAML 1.1 and 1.2 read alike is accepted, with its value; the rest is refused by its code."""

import math
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from netspec.source.scalars import Unreadable, is_text, resolve

ACCEPTED = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "0": 0, "-0": 0, "+1": 1, "12": 12, "-7": -7, "9" * 1000: int("9" * 1000),
    "0.5": 0.5, "-0.5": -0.5, "+1.5": 1.5, "5.": 5.0, ".5": 0.5, "0.0": 0.0, "0e0": 0.0,
    "1e3": 1000.0, "1e-3": 0.001, "1.5E+3": 1500.0, "1e-400": 0.0,
    "y": "y", "n": "n", "Y": "Y", "N": "N", "trUE": "trUE", "yEs": "yEs", "nUll": "nUll", "nan": "nan", "inf": "inf",
    "relu": "relu", "2*D": "2*D", "16/3": "16/3", "-D": "-D", "-": "-", "+": "+", ".": ".", "1.2.3": "1.2.3",
    "10 - 4": "10 - 4", "10-4-2": "10-4-2", "2024-1": "2024-1", "2024-1-1": "2024-1-1", "1e": "1e", "1e+": "1e+",
    "0x": "0x", "0x1.8": "0x1.8", "1_a": "1_a", "1:a": "1:a", "1:": "1:", "12:60": "12:60", "-.": "-.", "e5": "e5",
    "20240-01-01": "20240-01-01", "2024-01-01x": "2024-01-01x", "2024-001-01": "2024-001-01", "2024-01-": "2024-01-",
    "٣": "٣", "1٣": "1٣",
}  # fmt: skip

REFUSED = {
    "no-value": ["~", "null", "Null", "NULL"],
    "ambiguous-word": ["yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "=", "<<"],
    "number-spelling": [
        *(
            "010",
            "00",
            "-01",
            "0x10",
            "-0x1F",
            "0o17",
            "0b101",
            "1_000",
            "._",
            "-.__e+5",
            "1_0.5",
            "12:30",
            "1:2:3",
            "-1:30.5",
            "1:2_3:04",
        ),
        *("-.5", "+.5e3", "00.5", "01e5", "0x_1", "0X1F", "0.0" + "1" * 1100, "0x" + "f" * 100, "+12:30"),
    ],
    "date": ["2024-01-31", "2024-1-31 10:00:00", "2024-01-31T10:00:00Z", "2024-01-1t1:00:00", "9999-99-99"],
    "not-finite": [".inf", "-.Inf", "+.INF", ".nan", ".NaN", ".NAN", "1e999", "-1e400", "9" * 400 + ".0"],
    "integer-too-large": ["1" * 1001, "-" + "1" * 1001, "1" * 5000],
}


@pytest.mark.parametrize("text", ACCEPTED, ids=lambda text: text[:20])
def test_what_is_read_alike_has_its_value(text: str) -> None:
    value = resolve(text)
    assert (type(value), value) == (type(ACCEPTED[text]), ACCEPTED[text])


@pytest.mark.parametrize(
    ("text", "code"), [(text, code) for code, texts in REFUSED.items() for text in texts], ids=lambda text: text[:20]
)
def test_what_is_read_otherwise_is_refused(text: str, code: str) -> None:
    value = resolve(text)
    assert isinstance(value, Unreadable)
    assert (value.code, bool(value.headline), bool(value.help)) == (code, True, True)


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("010", "write `10` for the decimal number"),
        ("-007", "write `-7` for the decimal number"),
        ("00", "write `0` for the decimal number"),
        ("0x10", "write `16`"),
        ("-0o17", "write `-15`"),
        ("0b12", "write it in decimal"),
        ("0x" + "f" * 30, "write it in decimal"),
        ("1_000", "write `1000`"),
        ("._", "write it in quotes"),
        ("-.5", "write `-0.5`"),
        ("+.5", "write `0.5`"),
        ("no", 'write `false` for the switch, or "no" in quotes for the word'),
    ],
)
def test_the_help_is_the_spelling_to_use(text: str, fix: str) -> None:
    value = resolve(text)
    assert isinstance(value, Unreadable)
    assert value.help == fix


@pytest.mark.parametrize("text", ["a", "D", "β_0", "y", "2*D", "--"])
def test_a_word_may_be_a_key(text: str) -> None:
    assert is_text(text)


@pytest.mark.parametrize("text", ["1", "true", "on", "~", "1.5", "010", "2024-01-31", "=", ".inf"])
def test_a_number_or_a_switch_is_no_key(text: str) -> None:
    assert not is_text(text)


# YAML 1.2.2, section 10.3.2, and the types of YAML 1.1 (yaml.org/type), y and n left out
CORE = {
    "null": r"null|Null|NULL|~|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN",
}
OLDER = {
    "null": r"~|null|Null|NULL|",
    "bool": r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF",
    "int": r"[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+",
    "float": r"[-+]?([0-9][0-9_]*)?\.[0-9_]+([eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
    "timestamp": r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:.*",
    "value": "=",
    "merge": "<<",
}

NUMBERISH = st.text("0123456789+-._:eExobT ", min_size=1, max_size=12)
WORDS = st.sampled_from([*ACCEPTED, *(text for texts in REFUSED.values() for text in texts)])


def kind(types: dict[str, str], text: str) -> str:
    """Return the type that a version of YAML gives an unquoted scalar."""
    return next((name for name, pattern in types.items() if re.fullmatch(pattern, text)), "str")


@given(NUMBERISH | WORDS | st.text("yYnNoOfFuUlLtTrReEsSaA~=<", min_size=1, max_size=5))
def test_accepted_means_the_same_to_yaml_1_1_and_1_2(text: str) -> None:
    value = resolve(text)
    if isinstance(value, Unreadable):
        return
    ours = {bool: "bool", int: "int", float: "float", str: "str"}[type(value)]
    assert kind(CORE, text) == ours
    exponent = ours == "float" and "e" in text.lower()
    if not exponent:
        assert kind(OLDER, text) == ours
        read = yaml.load(yaml.serialize(yaml.ScalarNode("tag:yaml.org,2002:str", text)), yaml.SafeLoader)
        assert read == text
        resolver = yaml.SafeLoader("")
        tag = resolver.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]  # in its stubs
        assert tag == f"tag:yaml.org,2002:{ours}"
    if isinstance(value, float):
        assert math.isfinite(value)
        assert value == float(text)
    if type(value) is int:
        assert value == int(text)
