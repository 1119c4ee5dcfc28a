"""Every kind of layer has its page, its example runs as it is printed, and the overview leaves none out."""

import re
from pathlib import Path

import pytest

from netspec.diagnostics.pages import codes
from netspec.layers.pages import ENTRIES, FAMILIES, example, overview, page, summary, torch_names
from netspec.layers.registry import KEYWORDS, KINDS, kind
from netspec.validation import check_file
from tests.docs.session import ROOT
from tests.docs.update import layer_files

each_keyword = pytest.mark.parametrize("keyword", KEYWORDS)


def test_every_kind_stands_in_one_family() -> None:
    listed = [entry.keyword for entries in FAMILIES.values() for entry in entries]
    assert sorted(listed) == list(KEYWORDS)


@pytest.fixture(scope="module")
def made() -> dict[Path, str]:
    return layer_files()


@pytest.mark.parametrize("keyword", KINDS)
def test_the_documentation_has_the_page_and_the_picture_of_every_kind(keyword: str, made: dict[Path, str]) -> None:
    for path in (ROOT / "docs" / "layers" / f"{keyword}.md", ROOT / "docs" / "pictures" / "layers" / f"{keyword}.svg"):
        assert path.read_text(encoding="utf-8") == made[path], "run `python -m tests.docs.update`"


def test_a_picture_names_its_layer(made: dict[Path, str]) -> None:
    """Every box has the layer's keyword, or what it stands for, in its title."""
    for path, text in made.items():
        if path.suffix == ".svg":
            assert re.search(rf"<title>[^<]*\b{path.stem}\b", text), path.stem


def test_the_documentation_has_no_page_or_picture_without_a_kind() -> None:
    for folder in ("layers", "pictures/layers"):
        assert {path.stem for path in (ROOT / "docs" / folder).iterdir()} == set(KINDS)


@each_keyword
def test_the_example_of_a_page_gives_the_shape_that_it_says(keyword: str, tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(example(keyword), encoding="utf-8")
    assert [found.headline for found in check_file(str(path)).diagnostics] == []
    assert example(keyword) in (page(keyword) or "")


@each_keyword
def test_a_page_describes_every_argument(keyword: str) -> None:
    text = page(keyword) or ""
    for name, field in kind(keyword).model_fields.items():
        row = re.search(rf"^\* `{name}` \((.+?); (.+?)\): (.+)$", text, re.MULTILINE)
        assert row is not None, name
        assert row[3] == field.description
        assert (row[2] == "required") == field.is_required()


@each_keyword
def test_a_page_says_what_the_layer_is(keyword: str) -> None:
    assert summary(keyword).endswith(".")
    assert f"\n  {keyword} " in overview()
    assert keyword not in codes(), "`netspec explain` would not know which"


@pytest.mark.parametrize("keyword", KINDS)
def test_the_overview_and_the_source_agree_on_the_names_of_pytorch(keyword: str) -> None:
    """Of the words in the overview that PyTorch has, the source names the first."""
    first = re.match(r"[A-Za-z0-9]+", ENTRIES[keyword].torch)
    assert first is None or first[0] in [*torch_names(keyword), "slicing"]


def test_a_word_that_is_no_kind_has_no_page() -> None:
    assert page("layers") is None
    assert page("usage") is None
