"""`netspec compare`: the same facts in every format, and words that are kept apart."""

import csv
import io
import json
from pathlib import Path

import pytest

from netspec.cli import main

DEEP, SHALLOW = "specs/problem_4_11/deep.yaml", "specs/problem_4_11/shallow.yaml"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what a command prints that is fine."""
    assert main(list(arguments)) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what is said to arguments that make no call."""
    assert main(list(arguments)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_every_format_has_the_same_facts(capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(printed(capsys, "compare", DEEP, SHALLOW, "--format", "json"))
    assert data["comparison"] == 1
    deep, shallow = data["networks"]
    assert (deep["parameters"], shallow["parameters"]) == (286, 286)
    assert (deep["regions"]["maximum"], shallow["regions"]["maximum"]) == (60_466_176, 96)
    assert (deep["widths"], shallow["widths"]) == ([[10, 5]], [[1, 95]])
    assert deep["effective_dimension"] == {"upper_bound": 236, "found": None, "found_at": ""}
    rows = list(csv.DictReader(io.StringIO(printed(capsys, "compare", DEEP, SHALLOW, "--format", "csv"))))
    assert [row["regions_maximum"] for row in rows] == ["60466176", "96"]
    assert [row["widths"] for row in rows] == ["10x5", "1x95"]
    for form in ("text", "markdown"):
        text = printed(capsys, "compare", DEEP, SHALLOW, "--format", form)
        assert "60,466,176" in text
        assert "maximum (exact)" in text
        assert "bound" not in text, "where the maximum is known, bounds are not told"


def test_what_is_no_maximum_is_called_a_bound(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "compare", "specs/figure_4_7/ten_inputs.yaml")
    assert "maximum" not in text
    told = {line[:20].strip(): line[20:].strip() for line in text.splitlines()}
    assert told["regions, lower bound"] == "≈ 1.8·10^41"
    assert told["regions, upper bound"] == "≈ 4.4·10^50"
    whole = printed(capsys, "compare", "specs/figure_4_7/ten_inputs.yaml", "--exact")
    assert str(6**40 * 13_432_735_556) in whole
    (row,) = json.loads(printed(capsys, "compare", "specs/figure_4_7/ten_inputs.yaml", "--format", "json"))["networks"]
    assert row["regions"]["maximum"] is None
    assert row["regions"]["lower_bound"] == str(6**40 * 13_432_735_556)


def test_the_variants_follow_their_spec(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "compare", "specs/notebook_20_2.yaml", "--variants", "--format", "json")
    rows = json.loads(out)["networks"]
    assert [(row["variant"], row["parameters"]) for row in rows] == [
        (None, 15_208),
        ("two", 15_210),
        ("three", 15_235),
        ("four", 15_319),
    ]


def test_other_networks_have_dashes_for_what_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    for spec in ("specs/vision/resnet_18.yaml", "specs/recurrent/lstm_tagger.yaml"):
        out = printed(capsys, "compare", spec, DEEP)
        assert next(line for line in out.splitlines() if line.startswith("widths")).split()[1] == "–"
        assert next(line for line in out.splitlines() if line.startswith("regions, upper")).split()[3] == "–"
        data = json.loads(printed(capsys, "compare", spec, "--format", "json"))["networks"][0]
        assert (data["widths"], data["regions"], data["symmetry"]) == (None, None, None)


def test_a_rank_is_found_and_called_so(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "compare", "specs/notebook_3_1.yaml", "specs/notebook_10_2.yaml", "--rank")
    assert "effective dimension, at most             7" in out
    assert "effective dimension, found               7" in out
    assert "notebook-3-1: found at the values given: singular values from 1 to " in out
    assert "notebook-10-2: no effective dimension, since it is not fully connected" in out
    drawn = printed(capsys, "compare", "specs/notebook_8_1.yaml", "specs/two_layer.yaml", "--rank", "--seed", "3")
    assert "two-layer: found at drawn values, seed 3" in drawn
    assert "and 2,000 are the most" in drawn
    again = printed(capsys, "compare", "specs/notebook_8_1.yaml", "specs/two_layer.yaml", "--rank", "--seed", "3")
    assert drawn == again


def test_exact_bounds_are_worked_out_where_they_were_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "wide.yaml"
    spec.write_text("netspec: 1\ninput: 150\nK: 20\nwidths: 200\noutput: 1\n")
    quick = json.loads(printed(capsys, "compare", str(spec), "--format", "json"))["networks"][0]["regions"]
    out = printed(capsys, "compare", str(spec), "--exact-bounds", "--format", "json")
    exact = json.loads(out)["networks"][0]["regions"]
    assert (quick["hinz"], quick["serra"]) == (None, None)
    assert quick["upper_bound_source"].startswith("product")
    assert int(exact["hinz"]) < int(exact["serra"])
    assert exact["upper_bound"] == exact["hinz"]
    assert exact["upper_bound_log10"] < quick["upper_bound_log10"]


def test_a_family_has_the_points_of_figure_4_7(capsys: pytest.CaptureFixture[str]) -> None:
    points = json.loads(printed(capsys, "compare", "--family", "1", "--family", "10", "--format", "json"))["points"]
    assert len(points) == 50 + 25
    (highlighted,) = [p for p in points if (p["inputs"], p["depth"], p["width"]) == (1, 5, 10)]
    assert (highlighted["parameters"], highlighted["maximum"], highlighted["exact"]) == (471, 161_051, True)
    (other,) = [p for p in points if (p["inputs"], p["depth"], p["width"]) == (10, 5, 50)]
    assert (other["parameters"], other["maximum"], other["exact"]) == (10_801, None, False)
    out = printed(capsys, "compare", "--family", "2", "--widths", "4,6-8/2", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["width"] for row in rows[:3]] == ["4", "6", "8"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "there is nothing to compare"),
        (["--family", "1", DEEP], "--family draws curves"),
        (["--family", "1", "--depths", "0"], "--family: depths: expected 1 to"),
        (["--family", "1", "--depths", "1-"], "--depths: `1-` is no list of numbers"),
        (["--family", "1", "--widths", "3-1"], "runs backward"),
        (["--family", "1", "--widths", "1-6000"], "more than 5,000 numbers"),
        (["--family", "1", "--widths", "1-5000"], "25,000 points are more than 5,000"),
        ([DEEP, "--variants", "--variant", "a"], "--variants has every variant"),
        (["no-such.yaml"], "no-such-file"),
    ],
)
def test_what_makes_no_comparison_is_refused(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert words in refused(capsys, "compare", *arguments)


def test_a_spec_at_fault_is_told_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "bad.yaml"
    spec.write_text("netspec: 1\ninput: 1\nwidths: [0]\noutput: 1\n")
    assert main(["compare", DEEP, str(spec)]) == 1
    assert "bad.yaml:3:10" in capsys.readouterr().err
