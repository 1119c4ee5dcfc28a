"""The drawing: well-formed, safe, readable in light and dark, bounded, and its texts within their boxes."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from netspec.diagnostics import SystemFault
from netspec.pictures import lettering
from netspec.pictures.mermaid import draw_mermaid
from netspec.pictures.sheet import COLOURS, Header, document, number
from netspec.pictures.svg import draw_svg
from netspec.pictures.units import draw_units
from tests.pictures.networks import MILLION, NESTED, TWO_LAYER, branched, checked, specs

SVG = "{http://www.w3.org/2000/svg}"


def drawn(text: str, *, unrolled: bool = False) -> ElementTree.Element:
    return ElementTree.fromstring(draw_svg(*checked(text), repeats="unrolled" if unrolled else "body"))


def words(svg: ElementTree.Element) -> list[str]:
    return ["".join(element.itertext()) for element in svg.iter(f"{SVG}text")]


def test_the_header_says_name_and_totals() -> None:
    svg = drawn(TWO_LAYER)
    assert words(svg)[:2] == ["two-layer", "22 parameters · 6 tensors · 6 hidden units · depth 2"]
    assert svg.findtext(f"{SVG}title") == "two-layer"
    assert svg.findtext(f"{SVG}desc") == (
        "A network from 1 unit to 1 unit: 22 parameters · 6 tensors · 6 hidden units · depth 2."
    )
    assert svg.get("role") == "img"


def test_a_layer_says_what_it_is_and_where() -> None:
    svg = drawn(TWO_LAYER)
    found = words(svg)
    at = found.index("h2")
    assert found[at : at + 4] == ["h2", "relu · 3 units", "β1, Ω1", "12 parameters"]
    details = [element.text for element in svg.iter(f"{SVG}title")]
    assert details[3] == "h_2: relu · 3 units, β_1: 3, Ω_1: 3×3, 12 parameters (spec.yaml:4:10)"


def test_a_repeat_shows_its_count_and_the_span_of_its_tensors() -> None:
    assert {"×999,999", "h2 … h1000000", "βk, Ωk, k = 1 … 999,999", "11,999,988 parameters"} <= set(
        words(drawn(MILLION))
    )


def test_a_part_met_before_is_marked() -> None:
    assert {"tower", "tower · shared", "tower_2 · tower · shared", "narrow", "shared: 80 parameters"} <= set(
        words(drawn(NESTED))
    )


def test_words_of_the_author_are_escaped() -> None:
    text = draw_svg(*checked(NESTED))
    assert "Two uses of a &lt;shared&gt; tower &amp; a &quot;narrow&quot; one." in text


def test_of_many_nodes_the_first_and_the_last_are_drawn() -> None:
    widths = [3 + number % 7 for number in range(1000)]
    svg = drawn(f"netspec: 1\ninput: 1\nwidths: {widths}\noutput: 1\n")
    found = words(svg)
    assert "The first and the last of 1,003 nodes are drawn." in found
    assert "… 604 more" in found
    assert sum("box" in (rect.get("class") or "") for rect in svg.iter(f"{SVG}rect")) == 400


def test_unrolled_each_layer_has_a_box() -> None:
    text = "netspec: 1\ninput: 1\nK: 30\nwidths: 3\noutput: 1\n"
    assert "h30" in words(drawn(text, unrolled=True))
    assert "h2 … h30" in words(drawn(text))


def test_unrolling_a_million_layers_is_refused() -> None:
    with pytest.raises(SystemFault, match="the limit is 20,000"):
        drawn(MILLION, unrolled=True)


@settings(max_examples=30, deadline=None)
@given(specs())
def test_every_drawing_is_well_formed_and_its_text_is_within_the_sheet(text: str) -> None:
    svg = drawn(text)
    assert re.fullmatch(r"0 0 [\d.]+ [\d.]+", svg.get("viewBox", ""))
    assert not {element.tag for element in svg.iter()} & {f"{SVG}script", f"{SVG}foreignObject", f"{SVG}image"}


def test_the_text_of_each_box_fits_in_it() -> None:
    """Boxes are as wide as the widest of their lines, by widths that were measured in a wide face."""
    for group in drawn(NESTED).iter(f"{SVG}g"):
        boxes = group.findall(f"{SVG}rect")
        if group.find(f"{SVG}title") is None or "end" in (boxes[-1].get("class") or "").split():
            continue
        right = float(boxes[-1].get("x", "")) + float(boxes[-1].get("width", ""))
        for element in group.findall(f"{SVG}text"):
            if "flush" not in (element.get("class") or ""):
                line = "".join(element.itertext())
                assert float(element.get("x", "")) + lettering.width(line, 12) <= right


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`. Source: WCAG 2.2."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_and_lines_stand_out_in_both_themes(theme: str) -> None:
    """Text has a contrast of 4.5 to whatever it stands on, lines and borders one of 3. Source: WCAG 2.2, AA."""
    colours = {(c.selector, c.property): c.light if theme == "light" else c.dark for c in COLOURS}
    grounds = [colours[name, "fill"] for name in (".sheet", ".part", ".part.odd")]
    boxes = {name: colours[name, "fill"] for name in (".hidden", ".affine", ".lone", ".end")}
    for text in ("text", "text.faint"):
        for ground in (*grounds, *boxes.values()):
            assert contrast(colours[text, "fill"], ground) >= 4.5, (text, ground)
    for ground in grounds:
        assert contrast(colours["text.mark", "fill"], ground) >= 4.5
        assert contrast(colours[".wire", "stroke"], ground) >= 3
        assert contrast(colours[".part.shared", "stroke"], ground) >= 3
    assert contrast(colours["text.badge", "fill"], boxes[".hidden"]) >= 4.5
    for name in boxes:
        assert contrast(colours[name, "stroke"], colours[".sheet", "fill"]) >= 3


def test_every_colour_is_in_both_themes_of_the_document() -> None:
    text = draw_svg(*checked(TWO_LAYER))
    light, dark = text.split("@media (prefers-color-scheme: dark)")
    assert all(f"svg.netspec {c.selector} {{ {c.property}: {c.light} }}" in light for c in COLOURS)
    assert all(f"svg.netspec {c.selector} {{ {c.property}: {c.dark} }}" in dark for c in COLOURS)


def test_every_class_has_a_style() -> None:
    styled = set(re.findall(r"\.([a-z]+)", draw_svg(*checked(TWO_LAYER)).partition("<rect")[0]))
    for text in (draw_svg(*checked(NESTED)), draw_svg(*checked(MILLION)), draw_units(*checked(TWO_LAYER))):
        used = {word for found in re.findall(r'class="([^"]*)"', text) for word in found.split()}
        assert used <= styled, used - styled


def test_a_header_wider_than_the_drawing_widens_the_sheet() -> None:
    svg = ElementTree.fromstring(document(Header("n", "total " * 40, "d"), [], 10, 10))
    assert float(svg.get("width", "")) > lettering.width("total " * 40, 13)


@pytest.mark.parametrize(
    ("value", "written"), [(0.0, "0"), (-0.04, "0"), (1.0, "1"), (1.25, "1.2"), (-3.06, "-3.1"), (1e5, "100000")]
)
def test_a_coordinate_has_one_decimal_at_most(value: float, written: str) -> None:
    assert number(value) == written


def test_a_graph_with_branches_is_drawn_with_curves_and_its_merges_stand_alone() -> None:
    """No spec can say one yet: the words around it are those of another network."""
    part, _, facts = checked(TWO_LAYER)
    text = draw_svg(part, branched(6, within=branched(2)), facts)
    svg = ElementTree.fromstring(text)
    assert any("C" in path.get("d", "") for path in svg.iter(f"{SVG}path"))
    assert sum("lone" in (rect.get("class") or "") for rect in svg.iter(f"{SVG}rect")) == 6 + 3 * 2
    assert ":::lone" in draw_mermaid(part, branched(1), facts)
