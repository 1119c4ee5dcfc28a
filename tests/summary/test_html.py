"""The summary for notebooks."""

from html.parser import HTMLParser

import pytest

from netspec.summary.html import render_html
from tests.summary.networks import DEEP, LISTED, MILLION, SHARED, SMOOTH, network

VOID = ("br",)


class Reader(HTMLParser):
    """Reads a fragment, and knows what it opened, fetched or left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.cells: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["td"]:
            self.cells.append(data)


@pytest.mark.parametrize("spec", [DEEP, LISTED, MILLION, SHARED, SMOOTH])
def test_the_fragment_is_well_formed_and_stands_alone(spec: str) -> None:
    text = render_html(*network(spec))
    found = Reader(text)
    assert found.open == []
    assert found.tags <= {
        "div",
        "style",
        "b",
        "small",
        "br",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "pre",
        "code",
    }
    assert found.attributes <= {"class", "scope", "colspan"}
    assert "url(" not in text
    assert len(text) < 20_000


def test_the_cells_are_those_of_the_table() -> None:
    cells = Reader(render_html(*network(MILLION))).cells
    run = cells.index("1 … 999,999")
    assert cells[run : run + 7] == ["1 … 999,999", "×999,999", "affine, relu", "10", "10", "10×10", "109,999,890"]


def test_colours_are_those_of_the_page() -> None:
    style = render_html(*network(DEEP)).partition("</style>")[0]
    assert "color:inherit" in style
    assert "#" not in style


def test_a_long_network_is_cut() -> None:
    widths = ", ".join(str(1 + k % 2) for k in range(300))
    text = render_html(*network(f"{{netspec: 1, input: 5, widths: [{widths}], output: 1}}"), most=20)
    assert "<div>… and 281 more layers</div>" in text
