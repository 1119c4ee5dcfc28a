"""`netspec plot`: what is written where, what is listed, and what is refused before anything is written."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from netspec.cli import main
from tests.docs.session import ROOT

SPECS = ROOT / "specs"
N1 = str(SPECS / "notebook_4_1" / "n1.yaml")
COMPOSED = str(SPECS / "notebook_4_1" / "n2_after_n1.yaml")
BEGINS = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF-"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.yaml").write_text("netspec: 1\ninput: 2\nwidths: [3]\noutput: 1\n")
    (tmp_path / "points.csv").write_text("0,0\n1,1\n2,0\n3,2\n")
    (tmp_path / "level.csv").write_text("0,1\n1,1\n")
    (tmp_path / "smooth.yaml").write_text("netspec: 1\ninput: 1\nwidths: [3]\noutput: 1\nactivation: tanh\n")
    (tmp_path / "family.yaml").write_text(
        "netspec: 1\nname: family\nhyperparameters: {D: 2}\ninput: 1\nwidths: [D]\noutput: 1\n"
        "variants: {large: {D: 5}}\n"
    )
    return tmp_path


@pytest.mark.parametrize("form", BEGINS)
def test_the_suffix_says_what_to_draw_and_a_format_goes_before_it(
    folder: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    assert main(["plot", "function", N1, "-o", f"a.{form}", "--no-hidden"]) == 0
    assert main(["plot", "function", N1, "-o", "b.dat", "--format", form, "--no-hidden"]) == 0
    one, other = Path(f"a.{form}").read_bytes(), Path("b.dat").read_bytes()
    assert one == other
    assert one.startswith(BEGINS[form])
    assert capsys.readouterr() == ("", "")


def test_pixels_and_box_and_hidden_units_are_chosen(folder: Path) -> None:
    arguments = ["plot", "function", N1, "--no-hidden", "-o"]
    assert main([*arguments, "a.png"]) == 0
    assert main([*arguments, "b.png", "--dpi", "75"]) == 0
    width = {name: int.from_bytes(Path(name).read_bytes()[16:20]) for name in ("a.png", "b.png")}
    assert width == {"a.png": 1200, "b.png": 600}
    assert main([*arguments, "c.png", "--box", "-1,1"]) == 0
    assert main(["plot", "function", N1, "-o", "d.png"]) == 0
    assert len({Path(name).read_bytes() for name in ("a.png", "b.png", "c.png", "d.png")}) == 4


PLANE = ["--plane", "0,0", "1,0", "0,1"]
PIECES = ["--show", "pieces", "--box", "0,2", "--dpi", "70"]


def test_regions_are_filled_by_value_or_by_units(folder: Path) -> None:
    for options in ([], ["--show", "units"], ["--box", "0,1"], ["--box", "0,1", "--box=-1,1/2"], PLANE, PIECES):
        assert main(["plot", "regions", "two.yaml", "-o", "x.svg", *options]) == 0
        (folder / f"{len(options)}{options[:1]}.svg").write_bytes(Path("x.svg").read_bytes())
    assert len({path.read_bytes() for path in folder.glob("*.svg")}) == 6


def test_depth_and_precision_take_no_network(folder: Path) -> None:
    assert main(["plot", "depth", "--inputs", "2", "-o", "x.svg"]) == 0
    one = Path("x.svg").read_bytes()
    assert main(["plot", "depth", "--inputs", "3", "-o", "x.svg"]) == 0
    assert Path("x.svg").read_bytes() != one
    assert main(["plot", "precision", "points.csv", "-o", "x.svg"]) == 0
    assert Path("x.svg").read_bytes() != one


def test_a_model_is_drawn_as_the_spec_that_it_was_built_of(folder: Path) -> None:
    assert main(["build", N1, "-o", "n1.safetensors", "--dtype", "float64"]) == 0
    assert main(["plot", "folding", "n1.safetensors", "-o", "a.svg", "--box", "-1,1"]) == 0
    assert main(["plot", "folding", N1, "-o", "b.svg", "--box", "-1,1"]) == 0
    assert Path("a.svg").read_bytes() == Path("b.svg").read_bytes()


def test_seed_dtype_variant_and_setting_choose_the_network(folder: Path) -> None:
    drawn = set()
    for options in ([], ["--seed", "3"], ["--dtype", "float32"], ["--variant", "large"], ["--set", "D=3"]):
        assert main(["plot", "function", "family.yaml", "--no-hidden", "-o", "x.svg", *options]) == 0
        drawn.add(Path("x.svg").read_bytes())
    assert len(drawn) == 5


def test_folds_are_listed_where_there_is_no_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", "folding", N1, "--box", "-1,1", "--rational"]) == 0
    assert capsys.readouterr().out == (
        "n1 on [-1, 1]: each value is hit up to 3 times\n"
        "\n"
        "values             hit  by x in\n"
        "-101/100 < y < -1    2  [2/3, 67/100] [67/100, 4231/6300]\n"
        "-1 < y < 1           3  [-1, 0] [0, 2/3] [4231/6300, 2077/2100]\n"
        "1 < y < 1069/1000    1  [2077/2100, 1]\n"
        "y = -101/100         1  67/100\n"
        "y = -1               3  -1, 2/3, 4231/6300\n"
        "y = 1                2  0, 2077/2100\n"
        "y = 1069/1000        1  1\n"
    )


def test_folds_of_a_composition_are_those_of_its_first_part_or_of_the_whole(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plot", "folding", COMPOSED]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "the first part of n2-after-n1 on all of R: each value is hit up to 3 times"
    assert said[3] == "-∞ < y < -1.01    1  (-∞, -1.005]"
    assert main(["plot", "folding", COMPOSED, "--after", "0", "--rational"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "n2-after-n1 on all of R: each value is hit up to 7 times, ∞ where y is flat"
    assert "y = 1/2               ∞" in "\n".join(said)
    assert any(line.startswith("9/100 < y < 1/2       7  [-201/200, -4/5] ") for line in said)
    assert any(line.endswith(" more") for line in said)
    assert max(map(len, said)) < 80


def test_folds_as_json_have_every_interval(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", "folding", N1, "--format", "json", "--rational"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["network"], found["parts"], found["most"]) == ("n1", None, 3)
    assert found["hits"][0] == {"low": None, "high": "-101/100", "times": 1, "inputs": [[None, "-201/200"]]}
    assert found["levels"] == [{"y": "-101/100", "times": 2}, {"y": "1", "times": 2}]
    assert [lap["end"] for lap in found["laps"]] == ["1", "-101/100", None]
    assert main(["plot", "folding", COMPOSED, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["network"], found["parts"], found["most"]) == ("n2-after-n1", 1, 3)
    assert main(["plot", "folding", N1, "--format", "json", "-o", "folds.json"]) == 0
    assert json.loads(Path("folds.json").read_text())["hits"][1]["times"] == 3


def test_a_bounded_number_of_intervals_is_listed(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netspec.regions.folds.MOST_LISTED", 4)
    assert main(["plot", "folding", N1]) == 2
    said = "error[usage]: 5 intervals of inputs are too many to list; the most is 4\n"
    assert capsys.readouterr().err == f"{said}   = help: take a smaller box\n"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["function", N1], 2, "error[usage]: a picture is written to a file\n"),
        (["folding", N1, "--format", "svg"], 2, "error[usage]: svg is written to a file\n"),
        (["function", N1, "-o", "x.gif"], 2, "error[usage]: -o: the name `x.gif` does not say what to draw\n"),
        (["function", N1, "-o", "x", "--format", "json"], 2, "error[usage]: function has no list as json\n"),
        (["function", N1, "-o", "."], 2, "error[bad-target]: "),
        (["function", N1, "-o", "x.svg", "--after", "1"], 2, "error[usage]: --after is for folding\n"),
        (["function", N1, "-o", "x.svg", "--rational"], 2, "error[usage]: --rational is for folding\n"),
        (["folding", N1, "-o", "x.svg", "--rational"], 2, "error[usage]: --rational is for what is listed"),
        (["folding", N1, "--no-hidden"], 2, "error[usage]: --no-hidden is for function\n"),
        (["function", N1, "-o", "x.svg", "--box", "1"], 2, "error[usage]: --box: `1` is no interval\n"),
        (["function", N1, "-o", "x.svg", "--box", "a,1"], 2, "error[usage]: --box: `a` is no number\n"),
        (["function", N1, "-o", "x.svg", "--box", "nan,1"], 2, "error[usage]: --box: `nan` is no number\n"),
        (["function", N1, "-o", "x.svg", "--box", "1,1/0"], 2, "error[usage]: --box: `1/0` is no number\n"),
        (["function", N1, "-o", "x.svg", "--box", "2,1"], 2, "error[usage]: --box: `2,1` does not go up"),
        (["function", N1, "-o", "x.svg", "--box", "0,1e999999999"], 2, "error[usage]: --box: "),
        (
            ["function", N1, "-o", "x.svg", "--box", "0,1", "--box", "0,1"],
            2,
            "error[usage]: the box has 2 intervals, and the network 1 input\n",
        ),
        (
            ["folding", N1, "--box", "0,1", "--box", "0,1"],
            2,
            "error[usage]: the box has 2 intervals, and the network 1 input\n",
        ),
        (["folding", N1, "--after", "1"], 2, "error[usage]: between the parts of the network pass 0 numbers"),
        (["folding", COMPOSED, "--after", "2"], 2, "error[usage]: between the parts of the network passes one number"),
        (["folding", "two.yaml"], 2, "error[usage]: folds are told of one input and one output, and not of 2 and 1\n"),
        (["function", "two.yaml", "-o", "x.svg"], 2, "error[usage]: two has 2 inputs; a curve is drawn of one\n"),
        (["function", "smooth.yaml", "-o", "x.svg"], 1, "error[no-regions]: "),
        (["function", "none.yaml", "-o", "x.svg"], 2, "error[no-such-file]: "),
        (["function", "two.txt", "-o", "x.svg"], 2, "error[not-a-model]: "),
        (["function", "family.yaml", "-o", "family.yaml", "--format", "svg"], 2, "error[target-is-input]: "),
        (["function", N1, "-o", "nowhere/x.svg"], 2, "error[no-such-folder]: "),
        (["surface", N1, "-o", "x.svg"], 2, "error[usage]: "),
        (["function", "-o", "x.svg"], 2, "error[usage]: missing argument 'SPEC_OR_MODEL'\n"),
        (["function"], 2, "error[usage]: missing argument 'SPEC_OR_MODEL'\n"),
        (["function", N1, "-o", "x.svg", "--show", "units"], 2, "error[usage]: --show is for regions\n"),
        (["regions", N1, "-o", "x.svg"], 2, "error[usage]: n1 has 1 input; regions are drawn of two\n"),
        (["function", N1, "-o", "x.svg", "--plane", "0", "1", "2"], 2, "error[usage]: --plane is for regions\n"),
        (
            ["regions", "two.yaml", "-o", "x.svg", "--plane", "0,0", "1,0", "0,1", "--box", "0,1"],
            2,
            "error[usage]: --box and --plane are domains of their own\n",
        ),
        (
            ["regions", "two.yaml", "-o", "x.svg", "--plane", "0,0", "1,0", "2,0"],
            2,
            "error[usage]: the three inputs lie on one line: they span no plane\n",
        ),
        (
            ["regions", "two.yaml", "-o", "x.svg", "--plane", "0,0", "1,0", "2"],
            2,
            "error[usage]: --plane: `2` has 1 numbers, and the network takes 2\n",
        ),
        (
            ["regions", "two.yaml", "-o", "x.svg", "--plane", "0,0", "1,0", "points.csv:99"],
            1,
            "error[data-shape]: there is no row 99: the table has 4 rows\n  --> points.csv\n",
        ),
        (["regions", "two.yaml"], 2, "error[usage]: a picture is written to a file\n"),
        (["depth", N1, "-o", "x.svg"], 2, "error[usage]: depth is about families of networks, and not about "),
        (["depth", "-o", "x.svg", "--seed", "0"], 2, "error[usage]: --seed is for function, regions and folding\n"),
        (["depth", "-o", "x.svg", "--box", "0,1"], 2, "error[usage]: --box is for function, regions and folding\n"),
        (["depth", "-o", "x.svg", "--inputs", "10000000000"], 2, "error[usage]: inputs: expected 1 to "),
        (["depth", "-o", "x.svg", *["--inputs", "1"] * 5], 2, "error[usage]: 5 panels are asked for; there are 1 to 4"),
        (["function", N1, "-o", "x.svg", "--inputs", "1"], 2, "error[usage]: --inputs is for depth\n"),
        (["depth"], 2, "error[usage]: a picture is written to a file\n   = help: `-o depth.svg`\n"),
        (["precision", "-o", "x.svg"], 2, "error[usage]: missing argument: a table of points\n"),
        (["precision", "none.csv", "-o", "x.svg"], 2, "error[no-such-file]: "),
        (["precision", "level.csv", "-o", "x.svg"], 2, "error[usage]: the points lie on one level"),
        (["precision", "points.csv", "-o", "points.csv", "--format", "svg"], 2, "error[target-is-input]: "),
        (["precision", "points.csv", "-o", "x.svg", "--variant", "a"], 2, "error[usage]: --variant is for function"),
        (["function", N1, "-o", "x.png", "--dpi", "10000"], 2, "error[usage]: "),
    ],
)
def test_what_is_refused_is_told_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, said: str
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main(["plot", *arguments]) == status
    assert capsys.readouterr().err.startswith(said)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_without_matplotlib_pictures_are_refused_and_folds_are_listed(folder: Path) -> None:
    code = "import sys; sys.modules['matplotlib'] = None; from netspec.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "plot", "function", N1, "-o", "x.svg"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error[usage]: pictures are drawn by matplotlib, which is not installed\n"
        "   = help: pip install 'netspec-lang[plot]'\n"
    )
    assert not Path("x.svg").exists()
    assert subprocess.run([sys.executable, "-c", code, "plot", "folding", N1], capture_output=True).returncode == 0
