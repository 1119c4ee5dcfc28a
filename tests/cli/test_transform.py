"""`netspec transform`: what it takes, prints and writes, and its exit codes."""

import os
from fractions import Fraction
from pathlib import Path

import pytest

from netspec import load_model
from netspec.cli import main
from netspec.cli.points import intervals
from netspec.cli.transform import TAKES
from netspec.diagnostics import SystemFault

DEEP = (
    "netspec: 1\nname: deep\nhyperparameters: {D: 3}\ninput: 2\nwidths: [D, D]\noutput: 1\nvariants:\n  big: {D: 5}\n"
)
NEEDED = {"embed": ["--depth", "4"], "widen": ["--width", "9"]}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("deep.yaml").write_text(DEEP, encoding="utf-8")


@pytest.mark.parametrize("name", TAKES)
def test_each_transform_writes_what_is_valid_and_the_same(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["transform", name, "deep.yaml", "-o", "out.yaml", *NEEDED.get(name, [])]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{name}: deep\n")
    assert "\n  parameters " in said
    assert "\n  check: " in said
    assert said.endswith("\n  written: out.yaml\n")
    assert all(len(line) < 80 for line in said.splitlines())
    assert main(["validate", "out.yaml"]) == 0
    assert main(["same", "--drawn", "deep.yaml", "out.yaml", "--tolerance", "1e-4"]) == 0


@pytest.mark.parametrize("name", TAKES)
def test_each_transform_takes_a_model(name: str) -> None:
    assert main(["build", "deep.yaml", "-o", "deep.safetensors"]) == 0
    assert main(["transform", name, "deep.safetensors", "-o", "out.safetensors", *NEEDED.get(name, [])]) == 0
    assert load_model("out.safetensors").facts.input == (2,)


def test_without_a_place_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["transform", "permute", "deep.yaml"]) == 0
    assert "written" not in capsys.readouterr().out
    assert os.listdir() == ["deep.yaml"]


def test_a_variant_and_settings_choose_the_network(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["transform", "permute", "deep.yaml", "--variant", "big", "-o", "big.yaml"]) == 0
    assert "parameters 51 → 51" in capsys.readouterr().out
    assert main(["transform", "permute", "deep.yaml", "--set", "D=4", "--dtype", "float64", "-o", "four.yaml"]) == 0
    assert "dtype: float64" in Path("four.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["widen", "deep.yaml"], "widen needs --width"),
        (["embed", "deep.yaml"], "embed needs --depth"),
        (["permute", "deep.yaml", "--depth", "3"], "--depth is for embed, not for permute"),
        (["collapse", "deep.yaml", "--seed", "3"], "--seed is for widen, rescale, permute, not for collapse"),
        (["embed", "deep.yaml", "--depth", "1"], "--depth: the network has 2 hidden layers already, and 1 are fewer"),
        (["embed", "deep.yaml", "--depth", "99999999999999"], "have more tensors than a model may have"),
        (["widen", "deep.yaml", "--width", "3"], "--width: 3 is not more than the 3 units there are"),
        (["widen", "deep.yaml", "--width", "4", "--layer", "3"], "--layer: there is no hidden layer 3"),
        (["factor", "deep.yaml", "--layer", "3"], "there is no Ω_3; the last is Ω_2"),
        (["prune", "deep.yaml", "--box", "1"], "--box: `1` is no interval"),
        (["prune", "deep.yaml", "--box", "1,0"], "--box: `1,0` does not go up"),
        (["prune", "deep.yaml", "--box", "0,1", "--box", "0,1", "--box", "0,1"], "--box: 3 intervals for 2 inputs"),
        (["prune", "deep.yaml", "--box", "0,nan"], "is no number"),
        (["prune", "deep.yaml", "--box", "0,1e999999999"], "is no number"),
        (["prune", "deep.yaml", "--box", "0,1/0"], "is no number"),
        (["mend", "deep.yaml"], "'mend' is not one of"),
        (["permute", "deep.onnx"], "is neither a model nor a spec by its name"),
        (["permute", "missing.yaml"], "missing.yaml"),
        (["permute", "deep.yaml", "-o", "out.onnx"], "names neither a spec nor a model"),
        (["permute", "deep.yaml", "-o", "."], "names a folder"),
        (["permute", "deep.yaml", "-o", "deep.yaml"], "is the same file as the input"),
        (["permute", "deep.yaml", "-o", "no/out.yaml"], "there is no folder"),
        (["permute", "deep.yaml", "--max-memory", "much"], "is no amount of memory"),
        (["widen", "deep.yaml", "--width", "9000", "--max-memory", "1MB"], "but --max-memory allows 1.0 MB"),
        (["permute", "deep.safetensors", "--variant", "big"], "--variant is for a spec"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["transform", *arguments]) in (1, 2)
    told = capsys.readouterr()
    assert said in told.err
    assert "Traceback" not in told.err
    assert told.out == ""
    assert os.listdir() == ["deep.yaml"]
    assert Path("deep.yaml").read_text(encoding="utf-8") == DEEP


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("empty.yaml", "", "empty-file"),
        ("huge.yaml", "netspec: 1\ninput: 1\nK: 1000000\nwidths: 3\noutput: 1\n", "too-many-tensors"),
        ("nan.yaml", "netspec: 1\ninput: 1\nK: 0\noutput: 1\nparameters: {β_0: [.nan], Ω_0: [[1]]}\n", "not-finite"),
        (
            "conv.yaml",
            "netspec: 1\ninput: [1, 8]\nlayers: [{conv: {channels: 2, kernel: 3}}]\noutput: [2, 6]\n",
            "not-fully-connected",
        ),
        ("tanh.yaml", "netspec: 1\ninput: 1\nwidths: [2]\nactivation: tanh\noutput: 1\n", "not-homogeneous"),
        ("empty.safetensors", "", "parameters-unreadable"),
        ("empty.pyz", "", "archive-unreadable"),
    ],
)
def test_hostile_and_other_inputs_are_refused(
    name: str, text: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(name).write_text(text, encoding="utf-8")
    assert main(["transform", "rescale", name]) in (1, 2)
    assert f"error[{code}]" in capsys.readouterr().err


def test_a_box_is_read_exactly() -> None:
    assert intervals(None) == []
    assert intervals(["-1,1"]) == [(Fraction(-1), Fraction(1))]
    assert intervals(["-0.1,1e-3", "1/3, 2"]) == [(Fraction(-1, 10), Fraction(1, 1000)), (Fraction(1, 3), Fraction(2))]
    for bad in ("", ",", "a,b", "1,2,3", "0,1,", "-1:1", "0,inf", "0," + "9" * 100):
        with pytest.raises(SystemFault, match="--box"):
            intervals([bad])
