"""`netspec explain`."""

import io
import sys

import pytest

from netspec.cli import main
from netspec.diagnostics.pages import codes, page, summary
from netspec.layers import pages


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError


def test_the_page_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "usage"]) == 0
    assert capsys.readouterr() == (page("usage"), "")


def test_without_a_code_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [tuple(row.split(maxsplit=1)) for row in rows] == [(code, summary(code)) for code in codes()]


@pytest.mark.parametrize("keyword", ["conv", "relu"])
def test_a_kind_of_layer_has_its_page(capsys: pytest.CaptureFixture[str], keyword: str) -> None:
    assert main(["explain", keyword]) == 0
    assert capsys.readouterr() == (pages.page(keyword), "")


def test_layers_lists_the_kinds_by_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "layers"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows[:3] == ["Dense", "", "  dense                  The dense layer: an affine map over the last axis."]


@pytest.mark.parametrize(("typed", "meant"), [("widths-cout", "widths-count"), ("atention", "attention")])
def test_an_unknown_word_is_near_to_a_code_or_a_layer(
    capsys: pytest.CaptureFixture[str], typed: str, meant: str
) -> None:
    assert main(["explain", typed]) == 2
    told = f"error[unknown-code]: there is no code and no layer `{typed}`\n   = help: did you mean `{meant}`?\n"
    assert capsys.readouterr() == ("", told)


def test_an_unknown_code_is_shown_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "\x1b[31m"]) == 2
    assert capsys.readouterr() == (
        "",
        (
            "error[unknown-code]: there is no code and no layer `U+001B[31m`\n"
            "   = help: `netspec explain` lists all codes, `netspec explain layers` all layers\n"
        ),
    )


def test_on_a_terminal_headings_are_bold_and_examples_cyan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    assert main(["explain", "usage"]) == 0
    rows = screen.getvalue().splitlines()
    assert rows[0] == "\x1b[1m# usage\x1b[0m"
    assert "\x1b[36mnetspec explain --help\x1b[0m" in rows
    assert screen.getvalue().replace("\x1b[1m", "").replace("\x1b[36m", "").replace("\x1b[0m", "") == page("usage")


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_declined(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    assert main(["explain", "usage"]) == 0
    assert screen.getvalue() == page("usage")
