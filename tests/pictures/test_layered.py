"""Pictures of networks with a list of layers: rounds, skips, free sizes, and what a diagram of units is not for."""

import json
import time
from xml.etree import ElementTree

import pytest

from netspec.cli import main
from netspec.diagnostics import SystemFault
from netspec.graph.view import view
from netspec.pictures.json_graph import draw_json
from netspec.pictures.layout import WIDEST
from netspec.pictures.mermaid import draw_mermaid
from netspec.pictures.svg import draw_svg
from netspec.pictures.units import draw_units
from tests.pictures.networks import LAYERED, checked
from tests.pictures.test_layout import check, laid_out
from tests.pictures.test_svg import words

PLAIN = "netspec: 1\ninput: 4\nlayers:\n  - dense: {width: 3, activation: relu}\n  - dense: 2\noutput: 2\n"
DEEP = """\
netspec: 1
input: 8
layers:
  - repeat:
      times: 100000
      layers: [{dense: {width: 8, activation: relu, as: h}}, {add: [h, in]}]
output: 8
"""


@pytest.mark.parametrize("name", LAYERED)
def test_layouts_keep_the_laws(name: str) -> None:
    check(*laid_out(checked(LAYERED[name]).graph))


@pytest.mark.parametrize("name", LAYERED)
def test_a_drawing_is_no_wider_than_a_page_scrolls(name: str) -> None:
    svg = ElementTree.fromstring(draw_svg(*checked(LAYERED[name])))
    assert float(svg.get("width", "")) <= WIDEST


def test_a_repeat_is_a_frame_with_its_count_around_its_layers_once() -> None:
    found = words(ElementTree.fromstring(draw_svg(*checked(LAYERED["gpt2"]))))
    assert {"repeat ×12", "decoder", "12 × 2,362,368 parameters", "shared: 38,597,376 parameters"} <= set(found)


def test_expanded_the_first_two_rounds_and_the_last_are_drawn() -> None:
    found = words(ElementTree.fromstring(draw_svg(*checked(LAYERED["gpt2"]), repeats="rounds")))
    assert {"decoder.0", "decoder.1", "rounds 2 … 10", "decoder.11"} <= set(found)
    assert "decoder.2" not in found


@pytest.mark.parametrize("repeats", ["node", "body", "rounds"])
def test_a_block_that_is_repeated_often_is_drawn_at_once(repeats: str) -> None:
    network = checked(DEEP)
    before = time.perf_counter()
    seen = view(network.graph, repeats=repeats)  # type: ignore[arg-type]  # one of the words
    assert len(seen) < 12
    draw_svg(*network)
    draw_mermaid(*network)
    assert time.perf_counter() - before < 2


def test_json_says_free_sizes_as_text() -> None:
    data = json.loads(draw_json(*checked(LAYERED["gpt2"])))
    assert data["nodes"][1]["shape"] == ["T", 768]
    assert data["graph"]["parts"]["repeat"]["count"] == 12


def test_units_of_a_list_of_fully_connected_layers_are_drawn_as_those_of_a_body_without_one() -> None:
    svg = ElementTree.fromstring(draw_units(*checked(PLAIN)))
    assert len(svg.findall(".//{http://www.w3.org/2000/svg}circle")) == 4 + 3 + 2


def test_units_are_refused_where_the_list_has_other_layers() -> None:
    with pytest.raises(SystemFault, match="is for fully connected layers alone, and `abs_difference` is none"):
        draw_units(*checked(LAYERED["siamese"]))
    with pytest.raises(SystemFault, match="is for fully connected layers alone, and `in` is none"):
        draw_units(*checked(LAYERED["u-net"]))


@pytest.mark.parametrize(("suffix", "begins"), [("dot", "digraph "), ("graphml", "<?xml "), ("svg", "<svg ")])
def test_the_command_writes_each_format_with_rounds_expanded(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, suffix: str, begins: str
) -> None:
    monkeypatch.chdir(str(tmp_path))
    with open("n.yaml", "w", encoding="utf-8") as stream:
        stream.write(LAYERED["gpt2"])
    assert main(["graph", "n.yaml", "--expand", "-o", f"n.{suffix}"]) == 0
    with open(f"n.{suffix}", encoding="utf-8") as stream:
        assert stream.read().startswith(begins)


@pytest.mark.parametrize("other", ["--units", "--unrolled"])
def test_expand_goes_with_neither_units_nor_unrolled(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], other: str
) -> None:
    monkeypatch.chdir(str(tmp_path))
    with open("n.yaml", "w", encoding="utf-8") as stream:
        stream.write(PLAIN)
    assert main(["graph", "n.yaml", "--expand", other, "--format", "svg"]) == 2
    assert capsys.readouterr().err.startswith(f"error[usage]: {other} draws ")
