"""`netspec graph`: what is written where, and what is refused before anything is written."""

import json
from pathlib import Path

import pytest

from netspec.cli import main
from tests.pictures.networks import MILLION, TWO_LAYER


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "two.yaml").write_text(TWO_LAYER)
    (tmp_path / "many.yaml").write_text(MILLION)
    (tmp_path / "wrong.yaml").write_text("netspec: 1\ninput: 1\nwidths: [3, -3]\noutput: 1\n")
    (tmp_path / "family.yaml").write_text(
        "netspec: 1\nhyperparameters: {D: 2}\ninput: 1\nwidths: [D]\noutput: 1\nvariants: {large: {D: 64}}\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "begins"), [("x.svg", "<svg "), ("x.SVG", "<svg "), ("x.mmd", "---\n"), ("x.json", "{\n")]
)
def test_the_suffix_says_what_to_draw(folder: Path, capsys: pytest.CaptureFixture[str], name: str, begins: str) -> None:
    assert main(["graph", "two.yaml", "-o", name]) == 0
    assert (folder / name).read_text(encoding="utf-8").startswith(begins)
    assert capsys.readouterr() == ("", "")


def test_without_a_file_the_flowchart_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "two.yaml"]) == 0
    assert capsys.readouterr().out.splitlines()[3] == "flowchart LR"


@pytest.mark.parametrize(("form", "begins"), [("svg", "<svg "), ("json", "{"), ("mermaid", "---")])
def test_a_format_goes_before_the_suffix(
    folder: Path, capsys: pytest.CaptureFixture[str], form: str, begins: str
) -> None:
    assert main(["graph", "two.yaml", "--format", form]) == 0
    assert capsys.readouterr().out.startswith(begins)
    assert main(["graph", "two.yaml", "--format", form, "-o", "picture.txt"]) == 0
    assert (folder / "picture.txt").read_text(encoding="utf-8").startswith(begins)


def test_units_are_drawn_as_svg(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "two.yaml", "--units"]) == 0
    assert "<circle" in capsys.readouterr().out


def test_a_variant_and_a_setting_choose_the_network(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options, width in ((["--variant", "large"], 64), (["--set", "D=7"], 7), ([], 2)):
        assert main(["graph", "family.yaml", "--format", "json", *options]) == 0
        assert json.loads(capsys.readouterr().out)["nodes"][1]["shape"] == [width]


def test_unrolled_has_every_layer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "two.yaml", "--unrolled", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["nodes"]) == 5


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["two.yaml", "-o", "x.png"], 2, "error[usage]: -o: the name `x.png` does not say what to draw\n"),
        (["two.yaml", "-o", "x.json", "--units"], 2, "error[usage]: --units draws SVG, and not json\n"),
        (["two.yaml", "--units", "--unrolled"], 2, "error[usage]: --units draws every layer"),
        (["many.yaml", "--units"], 2, "error[usage]: a diagram of units has up to 15 layers"),
        (["many.yaml", "--unrolled"], 2, "error[too-many-tensors]: unrolled, the graph has 2,000,002 tensors"),
        (["two.yaml", "-o", "two.yaml", "--format", "svg"], 2, "error[target-is-input]: "),
        (["wrong.yaml", "-o", "x.svg"], 1, "error["),
        (["none.yaml"], 2, "error[no-such-file]: "),
    ],
)
def test_what_is_refused_is_told_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, said: str
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main(["graph", *arguments]) == status
    assert capsys.readouterr().err.startswith(said)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
