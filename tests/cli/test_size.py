"""`netspec size`: budgets, and the width that a precision takes."""

import csv
import io
import json

import pytest

from tests.cli.test_compare import printed, refused


def test_471_parameters_in_five_layers(capsys: pytest.CaptureFixture[str]) -> None:
    budget = ("--inputs", "1", "--outputs", "1", "--parameters", "471")
    data = json.loads(printed(capsys, "size", *budget, "--depth", "5", "--format", "json"))
    assert (data["sizing"], data["budget"], data["unit"], data["depth"]) == (1, 471, "parameters", 5)
    equal = data["fits"]["equal widths"]
    assert (equal["widths"], equal["parameters"], equal["left"]) == ([[5, 10]], 471, 0)
    assert equal["regions"]["maximum"] == 161_051
    uneven = data["fits"]["unequal widths"]
    assert uneven["parameters"] <= 471
    assert uneven["regions"]["maximum"] > 161_051


def test_without_a_depth_every_depth_is_tried(capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(printed(capsys, "size", "--parameters", "471", "--format", "json"))
    assert data["complete"] is True
    assert data["fits"]["most by exact maximum"]["widths"] == [[39, 3]]
    assert data["fits"]["most by exact maximum"]["regions"]["maximum"] == str(4**39)
    assert [each["depth"] for each in data["by_depth"]] == list(range(1, 11))
    assert data["by_depth"][4]["widths"] == [[5, 10]]
    text = printed(capsys, "size", "--parameters", "471")
    assert "most by lower bound" in text
    assert "K = 10" in text
    rows = list(csv.DictReader(io.StringIO(printed(capsys, "size", "--parameters", "471", "--format", "csv"))))
    assert [row["fit"] for row in rows[:3]] == ["most by lower bound", "most by upper bound", "most by exact maximum"]
    assert "| K = 1 |" in printed(capsys, "size", "--parameters", "471", "--format", "markdown")


def test_hidden_units_are_a_budget_too(capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(printed(capsys, "size", "--capacity", "20", "--depth", "3", "--format", "json"))
    assert data["fits"]["unequal widths"]["widths"] == [[1, 6], [2, 7]]
    assert data["fits"]["unequal widths"]["regions"]["maximum"] == 7 * 8 * 8


def test_the_width_that_a_precision_takes(capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(printed(capsys, "size", "--polyline", "examples/wave.csv", "--format", "json"))["precisions"]
    assert data[0]["units"] == 0
    assert [each["pieces"] for each in data] == sorted(each["pieces"] for each in data)
    assert all(each["parameters"] == max(2, 3 * each["units"] + 1) for each in data)
    text = printed(capsys, "size", "--polyline", "examples/wave.csv")
    assert "pieces, fewest" in text
    rows = printed(capsys, "size", "--polyline", "examples/wave.csv", "--format", "csv").splitlines()
    assert len(rows) == len(data) + 1
    assert "| ---: |" in printed(capsys, "size", "--polyline", "examples/wave.csv", "--format", "markdown")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "one budget is needed"),
        (["--parameters", "5", "--capacity", "5"], "one budget is needed"),
        (["--parameters", "3"], "no network of 1 hidden layer fits 3 parameters\n   = help: at least 4 are needed"),
        (["--parameters", "30", "--depth", "90"], "no network of 90 hidden layers fits 30 parameters"),
        (["--capacity", "1", "--depth", "2"], "fits 1 hidden unit\n   = help: at least 2 are needed"),
        (["--parameters", "5", "--depth", "99999999"], "depth is 99999999; expected 1 to 10,000,000"),
        (["--parameters", "10000000000000"], "parameters is 10000000000000; expected 1 to 1,000,000,000,000"),
        (["--polyline", "examples/wave.csv", "--depth", "2"], "takes no budget and no depth"),
    ],
)
def test_what_makes_no_budget_is_refused(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert words in refused(capsys, "size", *arguments)


def test_networks_of_a_million_layers_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(printed(capsys, "size", "--parameters", "12000000", "--format", "json"))
    known = data["fits"]["most by exact maximum"]
    assert known["depth"] > 900_000
    assert known["regions"]["exact"] is True
    assert known["regions"]["maximum"] is None, "more than 100,000 digits"
