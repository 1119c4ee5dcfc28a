"""`netspec new`: a file to begin with, which is valid, and never the end of another."""

import os
import re
from pathlib import Path

import pytest

from netspec.cli import main
from netspec.cli.new import TEMPLATES
from netspec.validation import check_file

FOLDER = Path(__file__).parents[2] / "netspec" / "spec" / "templates"


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_every_template_can_be_named() -> None:
    assert sorted(TEMPLATES) == sorted(path.stem for path in FOLDER.iterdir())


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_becomes_a_valid_spec_of_the_given_name(template: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "mine", "--template", template]) == 0
    assert capsys.readouterr() == ("mine.yaml is written\nnext: netspec validate mine.yaml\n", "")
    assert Path("mine.yaml").read_bytes() == (FOLDER / f"{template}.yaml").read_bytes()
    assert os.listdir() == ["mine.yaml"]
    verdict = check_file("mine.yaml")
    assert verdict.diagnostics == ()
    assert verdict.part is not None
    assert verdict.part.name == "mine"


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_fits_a_terminal_and_says_what_its_keys_mean(template: str) -> None:
    text = (FOLDER / f"{template}.yaml").read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= 120
    assert text.count("#") >= 4


def test_without_a_template_the_network_is_shallow() -> None:
    assert main(["new", "mine.yaml"]) == 0
    assert Path("mine.yaml").read_bytes() == (FOLDER / "shallow.yaml").read_bytes()


def test_a_name_may_lead_into_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    Path("nets").mkdir()
    assert main(["new", "nets/v1.2"]) == 0
    assert Path("nets/v1.2.yaml").exists()
    assert main(["new", "nowhere/a"]) == 2
    assert "error[no-such-folder]" in capsys.readouterr().err


@pytest.mark.parametrize("present", ["file", "folder", "link"])
def test_what_is_there_is_not_written_over(present: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("mine.yaml")
    if present == "file":
        path.write_text("netspec: 1\n")
    elif present == "folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere")
    assert main(["new", "mine"]) == 2
    assert capsys.readouterr().err == (
        "error[file-exists]: `mine.yaml` is there already\n   = help: choose another name, or add `--force`\n"
    )
    assert path.is_symlink() or path.is_dir() or path.read_text() == "netspec: 1\n"


def test_a_file_is_written_over_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.yaml").write_text("old")
    assert main(["new", "mine", "-t", "deep", "--force"]) == 0
    assert Path("mine.yaml").read_bytes() == (FOLDER / "deep.yaml").read_bytes()
    Path("link.yaml").symlink_to("mine.yaml")
    assert main(["new", "link", "--force"]) == 2, "a link is no file to write over"
    assert "error[bad-target]" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "a b", "1a", ".yaml", "nets/", "-", "é", "a" * 65, "\x1b[31m"])
def test_what_is_no_name_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "--", name]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error[usage]: `")
    assert "is not a name for a network" in printed.err
    assert "\x1b" not in printed.err
    assert os.listdir() == []


def test_a_template_that_does_not_exist_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "mine", "-t", "dep"]) == 2
    assert capsys.readouterr().err == (
        "error[usage]: --template: there is no template `dep`\n   = help: did you mean `deep`?\n"
    )
    assert main(["new", "mine", "-t", "q"]) == 2
    assert capsys.readouterr().err.endswith("= help: one of shallow, deep, composition, values\n")


def test_a_sawtooth_is_made_and_valid(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "saw", "--sawtooth", "10", "5"]) == 0
    assert capsys.readouterr().out == "saw.yaml is written\nnext: netspec validate saw.yaml\n"
    verdict = check_file("saw.yaml")
    assert verdict.diagnostics == ()
    assert verdict.facts is not None
    assert verdict.facts.parameters == 471
    assert main(["new", "one", "--sawtooth", "10", "5", "--shared"]) == 0
    assert check_file("one.yaml").diagnostics == ()


def test_a_polyline_is_made_and_its_distance_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("points.csv").write_text("x,y\n0,0\n1,1\n2,0\n3,2\n")
    assert main(["new", "line", "--polyline", "points.csv"]) == 0
    assert "line.yaml is written: 3 pieces, 3 units, exactly on the polyline\n" in capsys.readouterr().out
    assert main(["new", "near", "--polyline", "points.csv", "--within", "0.5"]) == 0
    told = capsys.readouterr().out
    assert "near.yaml is written: 2 pieces, the fewest, 1 unit, at most 0.5 off the polyline\n" in told
    for name in ("line", "near"):
        assert check_file(f"{name}.yaml").diagnostics == ()
    assert main(["new", "line", "--polyline", "points.csv"]) == 2
    assert "error[file-exists]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--sawtooth", "2", "3"], 2, "needs at least 3 units"),
        (["--sawtooth", "1000", "2"], 2, "shared they are fewer"),
        (["--sawtooth", "3", "3", "--polyline", "points.csv"], 2, "make two specs"),
        (["--sawtooth", "3", "3", "-t", "deep"], 2, "--template is for a spec that is not made"),
        (["--shared"], 2, "--shared is for a sawtooth"),
        (["--within", "1"], 2, "--within is for a polyline"),
        (["--polyline", "points.csv", "--within", "nan"], 2, "--within: `nan` is no distance"),
        (["--polyline", "points.csv", "--within", "1e999"], 2, "--within: `1e999` is no distance"),
        (["--polyline", "nowhere.csv"], 2, "error[no-such-file]"),
        (["--polyline", "points.csv"], 1, "error[data-not-a-number]"),
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_written(
    arguments: list[str], status: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("points.csv").write_text("0,0\n1,one\n")
    assert main(["new", "mine", *arguments]) == status
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert os.listdir() == ["points.csv"]


def test_a_template_shows_how_a_network_is_trained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "mine", "--template", "deep"]) == 0
    rows = "".join(f"{x / 10},{x * x / 100}\n" for x in range(20))
    Path("rows.csv").write_text(f"x,y\n{rows}", encoding="utf-8")
    capsys.readouterr()
    assert main(["train", "mine.yaml", "rows.csv", "--variant", "small", "--epochs", "1"]) == 0
    assert re.search(r"validation +0.2 +the spec\n", capsys.readouterr().out)
