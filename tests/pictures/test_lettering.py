"""Letters: subscripts, escapes, and widths that no text exceeds."""

import pytest

from netspec.pictures.lettering import drawn, width


def test_a_symbol_has_its_number_as_a_subscript_and_the_text_goes_on_on_the_line() -> None:
    assert drawn("β_10, Ω_k") == (
        'β<tspan class="sub" dy="0.25em">10</tspan><tspan dy="-0.18em">, Ω</tspan>'
        '<tspan class="sub" dy="0.25em">k</tspan>'
    )


@pytest.mark.parametrize("text", ["leaky_relu", "tower_2", "h_one", "xh_1", "h_1a"])
def test_other_underscores_stay(text: str) -> None:
    assert drawn(text) == text


def test_signs_of_markup_are_escaped() -> None:
    assert drawn('<a href="x">&h_1<') == (
        '&lt;a href=&quot;x&quot;&gt;&amp;h<tspan class="sub" dy="0.25em">1</tspan><tspan dy="-0.18em">&lt;</tspan>'
    )


@pytest.mark.parametrize(
    ("text", "bold", "measured"),
    [  # as Chromium measures them at 100 pixels: DejaVu Sans, Sans Bold, Serif Bold Italic
        ("relu · 512 units", False, 755.5),
        ("401,920 parameters", False, 1025.3),
        ("leaky_relu(slope=0.1)", False, 1092.6),
        ("WWWMMMmmmwww", False, 1093.1),
        ("The Quick Brown Fox", False, 1049.2),
        ("h1 … h1000000", False, 799.3),
        ("×999,999", False, 497.3),
        ("iiilllj..,", False, 289.8),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", False, 1747.2),
        ("relu · 512 units", True, 857.8),
        ("401,920 parameters", True, 1142.6),
        ("leaky_relu(slope=0.1)", True, 1228.1),
        ("WWWMMMmmmwww", True, 1219.2),
        ("The Quick Brown Fox", True, 1183.2),
        ("h1 … h1000000", True, 868.7),
        ("×999,999", True, 539.3),
        ("iiilllj..,", True, 353.9),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", True, 1962.7),
        ("relu · 512 units", True, 860.9),
        ("401,920 parameters", True, 1127.5),
        ("leaky_relu(slope=0.1)", True, 1217.7),
        ("WWWMMMmmmwww", True, 1244.7),
        ("The Quick Brown Fox", True, 1197.7),
        ("h1 … h1000000", True, 871.7),
        ("×999,999", True, 536.1),
        ("iiilllj..,", True, 368.6),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", True, 2089),
    ],
)
def test_a_width_is_no_less_than_what_a_browser_measures(text: str, bold: bool, measured: float) -> None:
    assert measured <= width(text, 100, bold=bold) <= 1.35 * measured
