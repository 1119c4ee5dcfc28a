"""Findings are silenced where a comment says so and why, and nowhere else."""

from pathlib import Path

import pytest

from netspec.layers.scope import MOST_FAULTS
from netspec.validation import Choice, check_file, check_text

REST = "input: 1\nwidths: [3]\noutput: 1\n"


def found(text: str) -> list[tuple[str, int]]:
    """Return code and line of each finding about a text."""
    return [(fault.code, fault.place.span.line) for fault in check_text(text).diagnostics if fault.place.span]


@pytest.mark.parametrize(
    "declared",
    [
        "  D: 3  # netspec: ignore[unused-name] kept",
        "  D: 3 #netspec: ignore[unused-name] kept",
        "  # netspec: ignore[unused-name] kept\n  D: 3",
        "  #  netspec: ignore[other, unused-name] kept\n  D: 3",
        "  D: 3  # of the probe; # netspec: ignore[unused-name] kept",
    ],
)
def test_an_ignore_speaks_of_its_line_or_of_the_next_where_it_stands_alone(declared: str) -> None:
    left = found(f"netspec: 1\nhyperparameters:\n{declared}\n{REST}")
    assert ("unused-name", 3) not in left
    assert ("unused-name", 4) not in left
    assert bool(left) == ("other" in declared)


@pytest.mark.parametrize(
    "declared",
    [
        "  D: 3\n  # netspec: ignore[unused-name] kept",
        "  # netspec: ignore[unused-name] kept\n\n  D: 3",
        "  D: 3  # netspec: ignore[unused-names] kept",
        "  D: 3  # netspec ignore[unused-name] kept",
        "  D: 3  # netspec: ignore unused-name",
    ],
)
def test_what_is_no_ignore_of_the_finding_silences_nothing(declared: str) -> None:
    assert "unused-name" in [code for code, _ in found(f"netspec: 1\nhyperparameters:\n{declared}\n{REST}")]


def test_an_ignore_without_a_reason_is_the_finding() -> None:
    assert found(f"netspec: 1\nhyperparameters:\n  D: 3  # netspec: ignore[unused-name]\n{REST}") == [
        ("unused-ignore", 3)
    ]


def test_an_idle_ignore_is_found_with_the_code_that_was_meant() -> None:
    (fault,) = check_text(f"netspec: 1\n{REST}# netspec: ignore[unusedname] kept\n").diagnostics
    assert (fault.code, fault.severity, fault.help) == ("unused-ignore", "warning", "did you mean `unused-name`?")
    (fault,) = check_text(f"netspec: 1\n{REST}# netspec: ignore[unused-name] kept\n").diagnostics
    assert fault.help == "take it out"


def test_an_error_is_never_silenced() -> None:
    text = f"netspec: 1\n{REST}expect: {{parameters: 3}}  # netspec: ignore[expect] let it pass\n"
    assert found(text) == [("expect", 5), ("unused-ignore", 5)]


@pytest.mark.parametrize(
    "description",
    [
        '"# netspec: ignore[unused-name] as text"',
        "'a # netspec: ignore[unused-name] as text'",
        "|\n  # netspec: ignore[unused-name] as text\n  and more",
        ">\n  first\n\n  # netspec: ignore[unused-name] as text",
    ],
)
def test_the_text_of_a_scalar_is_no_comment(description: str) -> None:
    assert found(f"netspec: 1\ndescription: {description}\n{REST}") == []


def test_a_comment_behind_a_scalar_that_speaks_of_ignores_is_one() -> None:
    text = f"netspec: 1\nhyperparameters:\n  D: 3  # netspec: ignore[unused-name] kept\n{REST}"
    assert found(text.replace("netspec: 1\n", 'netspec: 1\ndescription: "netspec: ignore"\n')) == []


def test_an_ignore_speaks_of_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "fold.yaml").write_text(f"netspec: 1\n# netspec: ignore[unused-name] of this file\n{REST}")
    (tmp_path / "spec.yaml").write_text("netspec: 1\nhyperparameters:\n  D: 3\ncompose: [fold.yaml]\n")
    found = [(fault.code, Path(fault.place.file).name) for fault in check_file(str(tmp_path / "spec.yaml")).diagnostics]
    assert found == [("unused-ignore", "fold.yaml"), ("unused-name", "spec.yaml")]


def test_so_many_idle_ignores_are_told_and_no_more() -> None:
    assert len(found(f"netspec: 1\n{REST}" + "# netspec: ignore[a,b,c] x\n" * 1000)) == MOST_FAULTS


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("netspec: }\n", "yaml-syntax"),
        ("netspec: 1\ninput: 0\nwidths: [3]\noutput: 1\n", "out-of-range"),
        ("netspec: 1\nname: a b\ninput: 1\nwidths: [3]\noutput: 1\n", "bad-name"),
    ],
)
def test_where_not_all_was_looked_at_no_ignore_is_blamed(text: str, code: str) -> None:
    assert [found for found, _ in found(f"{text}# netspec: ignore[unused-name] kept\n")] == [code]


def test_under_a_choice_no_ignore_is_blamed(tmp_path: Path) -> None:
    text = "netspec: 1\nhyperparameters: {D: 3}  # netspec: ignore[unused-name] kept\ninput: 1\nK: 0\noutput: 1\n"
    assert check_text(text, choice=Choice(settings={"D": 4})).diagnostics == ()
    (tmp_path / "a.yaml").write_text(text)
    (tmp_path / "spec.yaml").write_text("netspec: 1\nnetworks: {a: {file: a.yaml, set: {D: 4}}}\ncompose: [a]\n")
    assert check_file(str(tmp_path / "spec.yaml")).diagnostics == ()
