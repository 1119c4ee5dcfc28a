"""The forms in which a difference is written: JSON by its schema, Markdown, text of any width, the picture."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import netspec.review
from netspec.cli import main
from netspec.diagnostics.letters import ascii_only
from netspec.review.alone import Alone, sketched
from netspec.review.changes import Refused
from netspec.review.json_diff import render_json
from netspec.review.markdown import render_markdown
from netspec.review.text import render_text
from tests.review.families import diff, family
from tests.review.update_cases import CASES, names

SCHEMA: dict[str, Any] = json.loads((Path(netspec.review.__file__).parent / "diff.schema.json").read_text("utf-8"))
SVG = "{http://www.w3.org/2000/svg}"


def case(name: str) -> tuple[str, str]:
    """Return the two texts of a case."""
    old, new = ((CASES / name / file).read_text(encoding="utf-8") for file in ("old.yaml", "new.yaml"))
    return old, new


def picture(name: str, tmp_path: Path) -> ET.Element:
    """Return the picture of a case."""
    target = tmp_path / "change.svg"
    assert main(["diff", str(CASES / name / "old.yaml"), str(CASES / name / "new.yaml"), "-o", str(target)]) == 0
    return ET.fromstring(target.read_text(encoding="utf-8"))


def marked(root: ET.Element, kind: str) -> list[str]:
    """Return the first words of the boxes of a kind, as a pointer is told of them."""
    found = []
    for group in root.iter(f"{SVG}g"):
        title, rect = group.find(f"{SVG}title"), group.find(f"{SVG}rect")
        if title is not None and rect is not None and kind in rect.attrib["class"].split():
            found.append((title.text or "").partition(". ")[0])
    return found


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", names())
def test_json_is_as_its_schema_says(name: str) -> None:
    found = diff(*case(name))
    alone = [Alone("a.yaml", "removed"), Alone("n.yaml", "added", sketched(family(case(name)[1])))]
    text = render_json([found], alone, [Refused("b.yaml", ())])
    document = json.loads(text)
    document["refused"][0]["errors"] = 1
    jsonschema.validate(document, SCHEMA)
    assert document["specs"][0]["level"] == found.level
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"


@pytest.mark.parametrize("name", names())
def test_text_keeps_to_a_narrow_terminal_as_far_as_numbers_allow(name: str) -> None:
    lines = render_text(diff(*case(name)), width=72).splitlines()
    assert [line for line in lines if len(line) > 72 and not line.startswith("    ")] == []


@pytest.mark.parametrize("name", names())
def test_text_can_do_with_ascii(name: str) -> None:
    text = render_text(diff(*case(name)), encode=ascii_only)
    assert text.isascii()
    assert "U+" not in text


def test_colours_are_not_all_that_tells() -> None:
    found = diff(*case("kind-replaced"))
    painted = render_text(found, colour=True)
    plain = render_text(found)
    assert "\x1b[" in painted
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[1;36m", "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[1;31m", "\x1b[2m"):
        painted = painted.replace(code, "")
    assert painted == plain


def test_markdown_takes_no_text_of_a_spec_for_its_own() -> None:
    old = "netspec: 1\nname: net\ndescription: plain\ninput: 1\nwidths: [3]\noutput: 1\n"
    new = old.replace("plain", '"<b>|`*_[x](y)` ![z](w) &amp; |"')
    (row,) = [line for line in render_markdown([diff(old, new)]).splitlines() if "description" in line]
    assert row == (
        "| `~` | `description` | plain → \\<b\\>\\|\\`\\*\\_\\[x\\](y)\\` !\\[z\\](w) \\&amp; \\| | cosmetic |"
    )


def test_markdown_tells_the_strictest_first() -> None:
    found = [diff(*case(name)) for name in ("equal", "activation", "input-width", "hidden-layer-widened")]
    text = render_markdown(found)
    assert [text.index(word) for word in ("INTERFACE", "WEIGHTS", "FUNCTION")] == sorted(
        text.index(word) for word in ("INTERFACE", "WEIGHTS", "FUNCTION")
    )
    assert text.endswith("1 more: the networks are equal.\n")


def test_a_picture_marks_what_came_went_and_changed(tmp_path: Path) -> None:
    root = picture("inserted-convolution", tmp_path)
    assert marked(root, "come") == [
        "added, weights: conv_2 conv: channels 16, kernel 5, activation relu, gives (16, 10, 10)",
        "added, function: max_pool_2 max_pool: kernel 2, gives (16, 5, 5)",
    ]
    assert marked(root, "gone") == []
    assert marked(root, "other") == ["changed, weights: dense dense: reads another shape"] * 2
    signs = [each.text for each in root.iter(f"{SVG}text") if "sign" in each.attrib["class"].split()]
    assert signs == ["~", "+", "+", "~"]


def test_a_picture_of_the_other_direction_marks_the_other_side(tmp_path: Path) -> None:
    assert [words.split()[2] for words in marked(picture("removed-layer", tmp_path), "gone")] == ["dense"]
    assert marked(picture("equal", tmp_path), "other") == []


@pytest.mark.parametrize(
    "name", ["hidden-layer-inserted", "much-deeper", "block-inserted-layer", "input-added", "rounds"]
)
def test_a_picture_can_be_drawn_of_any_change(name: str, tmp_path: Path) -> None:
    root = picture(name, tmp_path)
    assert float(root.attrib["width"]) > 200
    assert picture(name, tmp_path) is not root


def test_a_picture_marks_every_place_at_which_a_text_is_applied(tmp_path: Path) -> None:
    words = marked(picture("block-used-twice", tmp_path), "other")
    assert (
        words
        == [
            "changed, weights: conv conv: channels 8 → 6, gives (8, 16, 16) → (6, 16, 16)",
            "changed, weights: res.inner conv: channels 8 → 6, gives (8, 16, 16) → (6, 16, 16) (at 2 places)",
            "changed, weights: res.branch conv: channels 8 → 6, gives (8, 16, 16) → (6, 16, 16) (at 2 places)",
            "changed, weights: res.inner conv: channels 8 → 6, gives (8, 16, 16) → (6, 16, 16) (at 2 places)",
            "changed, weights: res.branch conv: channels 8 → 6, gives (8, 16, 16) → (6, 16, 16) (at 2 places)",
            "changed, weights: conv_2 conv: reads another shape",
        ]
        * 2
    )


def test_a_picture_marks_what_is_called_otherwise_as_that(tmp_path: Path) -> None:
    root = picture("layer-renamed", tmp_path)
    assert marked(root, "other") == ["called otherwise, weights: scores dense: was logits"] * 2
    assert [each.text for each in root.iter(f"{SVG}text") if "sign" in each.attrib["class"].split()] == [">", ">"]


def test_errors_name_every_place_at_which_a_text_is_applied(capsys: pytest.CaptureFixture[str]) -> None:
    folder = CASES / "block-used-twice"
    assert main(["breaking", str(folder / "old.yaml"), str(folder / "new.yaml")]) == 1
    text = capsys.readouterr().out
    assert "^ res.inner, res_2.inner: beta (8,) → (6,), Omega (8, 8, 3, 3) → (6, 6, 3, 3)\n" in text


def test_a_list_that_is_written_otherwise_is_marked_where_it_begins_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    folder = CASES / "layers-folded"
    assert main(["breaking", str(folder / "old.yaml"), str(folder / "new.yaml")]) == 1
    assert "new.yaml:6:5\n  |\n6 |   - repeat:\n" in capsys.readouterr().out.replace("   |", "  |").replace(
        " 6 |", "6 |"
    )
