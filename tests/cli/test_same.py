"""`netspec same`: verdicts in words and as JSON, and exit codes."""

import json
from pathlib import Path

import pytest

from netspec.cli import main

FOLD = "netspec: 1\nname: fold\ninput: 1\nwidths: [2]\noutput: 1\nparameters:\n"
ONE = FOLD + "  β_0: [0, -0.5]\n  Ω_0: [[2], [4]]\n  β_1: [0]\n  Ω_1: [[1, -1]]\n"
SWAPPED = FOLD + "  β_0: [-0.5, 0]\n  Ω_0: [[4], [2]]\n  β_1: [0]\n  Ω_1: [[-1, 1]]\n"
OTHER = FOLD + "  β_0: [0, -0.5]\n  Ω_0: [[2], [4]]\n  β_1: [0]\n  Ω_1: [[1, -2]]\n"
DRAWN = "netspec: 1\nname: drawn\ninput: 1\nwidths: [2]\noutput: 1\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("one", ONE), ("swapped", SWAPPED), ("other", OTHER), ("drawn", DRAWN)):
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = main(["same", *arguments])
    return status, capsys.readouterr().out


def test_networks_that_are_one(capsys: pytest.CaptureFixture[str]) -> None:
    same = "equal everywhere: the same operations on the same numbers\n"
    assert said(capsys, "one.yaml", "one.yaml") == (0, same)
    form = "equal everywhere: both have one normal form, as their numbers are written, in\n  rationals\n"
    assert said(capsys, "one.yaml", "swapped.yaml") == (0, form)


def test_networks_that_differ(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = said(capsys, "one.yaml", "other.yaml", "--box", "-1,1")
    assert (status, text) == (
        1,
        (
            "different on [-1, 1]: |f - g| is at most 3.5, from their pieces in rationals\n"
            "  x             1.0\n  one.yaml      -1.5\n  other.yaml    -5.0\n  |difference|  3.5\n"
            "  y in rationals, rounded once to float64\n"
        ),
    )
    status, text = said(capsys, "one.yaml", "other.yaml", "--box", "-1,0.125")
    assert status == 0
    assert (
        text == "equal for x in [-1, 0.125]: both have one normal form, as their numbers are\n  written, in rationals\n"
    )
    assert said(capsys, "one.yaml", "other.yaml", "--box", "-1,1", "--tolerance", "4")[0] == 0


def test_specs_without_parameters_are_compared_as_architectures(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = said(capsys, "one.yaml", "drawn.yaml")
    assert status == 0
    assert text.startswith("equal: as architectures: their graphs are equal,")
    assert "(drawn.yaml gives no parameters; `--drawn` draws them)" in text
    status, text = said(capsys, "one.yaml", "drawn.yaml", "--drawn")
    assert status == 1
    assert text.startswith("different: their last slopes differ")
    Path("deep.yaml").write_text("netspec: 1\ninput: 1\nK: 1000000\nwidths: 3\noutput: 1\n", encoding="utf-8")
    status, text = said(capsys, "drawn.yaml", "deep.yaml")
    assert status == 1
    assert "depth 1 and 1,000,000" in text.replace("\n  ", " ")


def test_json_is_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = said(capsys, "one.yaml", "other.yaml", "--box", "-1,1", "--format", "json")
    found = json.loads(text)
    assert status == 1
    assert found["outcome"] == "different"
    assert found["counterexample"] == {"x": [1.0], "first": [-1.5], "second": [-5.0], "difference": 3.5, "exact": True}
    assert found["proven"] is True


def test_a_search_says_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    text = DRAWN.replace("input: 1", "input: 3").replace("[2]", "[8]")
    Path("wide.yaml").write_text(text + "activation: tanh\n", encoding="utf-8")
    assert main(["build", "wide.yaml", "-o", "wide.safetensors"]) == 0
    assert main(["build", "wide.yaml", "--dtype", "float64", "-o", "wide64.safetensors"]) == 0
    capsys.readouterr()
    status, told = said(capsys, "wide.safetensors", "wide64.safetensors", "--tolerance", "0.01")
    assert status == 0
    assert told.startswith("no difference found in 4,")
    assert "points and 64 lines of the box [-10, 10]^3" in told.replace("\n  ", " ")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["one.yaml"], "usage"),
        (["one.yaml", "missing.yaml"], "no-such-file"),
        (["one.yaml", "one.csv"], "not-a-model"),
        (["one.yaml", "other.yaml", "--box", "0,1", "--box", "0,1"], "usage"),
        (["one.yaml", "other.yaml", "--box", "1"], "usage"),
        (["one.yaml", "other.yaml", "--tolerance", "-1"], "usage"),
        (["one.yaml", "broken.yaml"], "missing-key"),
        (["broken.safetensors", "one.yaml"], "parameters-unreadable"),
    ],
)
def test_what_cannot_be_compared(arguments: list[str], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("broken.yaml").write_text("netspec: 1\ninput: 1\n", encoding="utf-8")
    Path("broken.safetensors").write_text("", encoding="utf-8")
    assert main(["same", *arguments]) in (1, 2)
    told = capsys.readouterr()
    assert f"error[{code}]" in told.err
    assert told.out == ""


FAMILY = """\
netspec: 1
input: 1
hyperparameters: {D: 2}
widths: [D]
output: 1
activation: relu
variants:
  wide: {D: 3}
  steep: {D: 4}
"""


def test_variants_and_settings_are_of_either_side(capsys: pytest.CaptureFixture[str]) -> None:
    Path("family.yaml").write_text(FAMILY, encoding="utf-8")
    family = ("family.yaml", "family.yaml")
    for options in ((), ("--variant-a", "wide", "--set-b", "D=3"), ("--set-a", "D=5", "--set-b", "D=5")):
        status, text = said(capsys, *family, *options)
        assert (status, text.startswith("equal: as architectures: their graphs are equal,")) == (0, True)
    status, text = said(capsys, *family, "--variant-b", "wide")
    assert status == 1
    assert "capacity 2 and 3;" in text
    assert "(family.yaml and family.yaml wide give no parameters; `--drawn` draws them)" in text.replace("\n  ", " ")
    status, text = said(capsys, *family, "--variant-a", "steep", "--drawn", "--box", "-1,1")
    assert status == 1
    assert "\n  family.yaml steep  " in text
    assert "\n  family.yaml        " in text


def test_what_no_side_has_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "one.yaml", "-o", "one.safetensors"]) == 0
    capsys.readouterr()
    for options, refused in (
        (("--variant-a", "big"), "--variant-a is for a spec; a model is as it was built"),
        (("--set-a", "D=3"), "--set-a is for a spec; a model is as it was built"),
    ):
        assert main(["same", "one.safetensors", "one.yaml", *options]) == 2
        assert capsys.readouterr().err == f"error[usage]: {refused}\n   = help: leave it out\n"
    assert main(["same", "one.yaml", "one.yaml", "--variant-b", "none"]) == 1
    assert "error[unknown-variant]" in capsys.readouterr().err
