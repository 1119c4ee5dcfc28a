"""`--variant` and `--set`."""

import pytest

from netspec.cli.choice import choice
from netspec.diagnostics import SystemFault
from netspec.validation import AS_WRITTEN, Choice


def test_nothing_given_is_the_spec_as_written() -> None:
    assert choice(None, []) == AS_WRITTEN


def test_values_are_read_by_the_grammar_of_specs() -> None:
    made = choice("small", ["D=64", "rate=1e-3", "shift=-0.5", "bias=true"])
    assert made == Choice("small", {"D": 64, "rate": 0.001, "shift": -0.5, "bias": True})
    assert [type(value) for value in made.settings.values()] == [int, float, float, bool]


@pytest.mark.parametrize(
    ("sets", "headline", "help_"),
    [
        (["D"], "--set: `D` is no setting", "write NAME=VALUE, such as `--set D=64`"),
        (["=3"], "--set: `=3` is no setting", "write NAME=VALUE, such as `--set D=64`"),
        (["\x1b[1m=3"], "--set: `U+001B[1m=3` is no setting", "write NAME=VALUE, such as `--set D=64`"),
        (["D=3", "D=4"], "--set: `D` is set twice", "keep one of them"),
        (["D="], "--set: `D` is set to nothing, which is no value", "write a number, `true` or `false`"),
        (["D=2*H"], "--set: `D` is set to `2*H`, which is no value", "write a number, `true` or `false`"),
        (["D= 3"], "--set: `D` is set to ` 3`, which is no value", "write a number, `true` or `false`"),
        (
            ["D=1_000"],
            "--set: `D`: `1_000` is a number to some YAML readers, text to others",
            "write `1000`",
        ),
        (["bias=yes"], "--set: `bias` is set to `yes`, which is no value", "write a number, `true` or `false`"),
        (["rate=.inf"], "--set: `rate`: `.inf` is not a finite number", "write a finite number"),
    ],
)
def test_what_is_no_setting_is_a_fault_of_usage(sets: list[str], headline: str, help_: str) -> None:
    with pytest.raises(SystemFault) as caught:
        choice(None, sets)
    assert (caught.value.code, caught.value.headline, caught.value.help) == ("usage", headline, help_)
