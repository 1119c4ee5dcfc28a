"""The file of a picture: its bytes, its letters, its colours."""

import os
import subprocess
import sys
from itertools import combinations, pairwise

import matplotlib
import numpy as np
import pytest

from netspec.plots.canvas import COLOURS, FORMATS, Picture, number, picture

DRAW = (
    "import sys; from netspec.plots.canvas import picture\n"
    "with picture(3, 2) as p:\n"
    "    axes = p.subplots(); axes.plot([0, 1], [0, 1], label='β_0'); axes.set_xlim(0, 1); axes.legend()\n"
    "sys.stdout.buffer.write(p.data(sys.argv[1]))"
)


def drawn() -> Picture:
    with picture(3, 2) as figure:
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], label="β_0")
        axes.set_xlim(0, 1)
        axes.legend()
    return figure


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_picture_is_the_same_bytes_in_any_process(form: str) -> None:
    one = drawn().data(form)
    code = [sys.executable, "-c", DRAW, form]
    other = subprocess.run(
        code, capture_output=True, check=True, env=os.environ | {"PYTHONHASHSEED": "7", "MPLBACKEND": "svg"}
    )
    assert (one, b"") == (other.stdout, other.stderr)
    figure = drawn()
    assert [figure.data(each) for each in (*FORMATS, form)][-1] == one


def test_settings_of_the_user_are_neither_used_nor_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = drawn().data()
    with matplotlib.rc_context({"lines.linewidth": 9, "font.size": 20, "svg.hashsalt": "other", "axes.grid": True}):
        before = dict(matplotlib.rcParams)
        assert drawn().data() == plain
        assert dict(matplotlib.rcParams) == before


def test_notebooks_show_a_picture() -> None:
    assert drawn()._repr_svg_().startswith("<?xml")


def test_a_form_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="form is 'gif'; expected one of svg, png, pdf"):
        drawn().data("gif")


def test_an_svg_has_neither_a_date_nor_a_library_in_it() -> None:
    text = drawn().data().decode()
    assert "<dc:date>" not in text
    assert "matplotlib" not in text.replace("matplotlib.axis", "")
    assert "<text" not in text  # letters are outlines, the same wherever they are shown


def _linear(colour: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    found: np.ndarray[tuple[int], np.dtype[np.float64]] = np.where(
        rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4
    )
    return found


# Viénot, Brettel & Mollon 1999: what a protanope and a deuteranope see, in linear RGB.
PROTAN = np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]])
DEUTAN = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])


@pytest.mark.parametrize("seen", [np.eye(3), PROTAN, DEUTAN])
def test_colours_are_told_apart_by_the_colour_blind(seen: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    for one, other in combinations(COLOURS, 2):
        assert np.abs(seen @ _linear(one) - seen @ _linear(other)).max() > 0.04, (one, other)


def test_neighbouring_colours_differ_in_grey() -> None:
    grey = [_linear(each) @ (0.2126, 0.7152, 0.0722) for each in (*COLOURS, COLOURS[0])]
    assert all(abs(one - other) > 0.04 for one, other in pairwise(grey))


@pytest.mark.parametrize(
    ("value", "text"), [(-1, "−1"), (-0.0, "0"), (2 / 3, "0.6667"), (1e6, "1e+06"), (12345, "1.234e+04")]
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text
