"""The flowchart: every node, wire and subgraph once, and no sign that Mermaid would read as its own."""

import re

from hypothesis import given, settings

from netspec.graph.view import view
from netspec.pictures.mermaid import CHART_NODES, _text, draw_mermaid
from tests.pictures.networks import MILLION, NESTED, TWO_LAYER, checked, specs


def chart(text: str, *, unrolled: bool = False) -> str:
    return draw_mermaid(*checked(text), repeats="unrolled" if unrolled else "body")


def test_a_small_network_is_drawn_in_a_row() -> None:
    assert chart(TWO_LAYER) == (
        "---\n"
        'title: "two-layer"\n'
        "---\n"
        "flowchart LR\n"
        "  accTitle: two-layer\n"
        "  accDescr: A network from 1 unit to 1 unit: 22 parameters · 6 tensors · 6 hidden units · depth 2.\n"
        '  n0(["in"])\n'
        '  n1["h₁<br/>relu · 3 units<br/>β₀, Ω₀<br/>6 parameters"]:::hidden\n'
        '  n2["h₂<br/>relu · 3 units<br/>β₁, Ω₁<br/>12 parameters"]:::hidden\n'
        '  n3["y<br/>affine · 1 unit<br/>β₂, Ω₂<br/>4 parameters"]:::affine\n'
        '  n4(["out"])\n'
        '  n0 -->|"1"| n1\n'
        '  n1 -->|"3"| n2\n'
        '  n2 -->|"3"| n3\n'
        '  n3 -->|"1"| n4\n'
        "  classDef hidden stroke:#3d82cf,stroke-width:2px\n"
        "  classDef affine stroke:#45a06a,stroke-width:2px\n"
        "  classDef lone stroke:#b98020,stroke-width:2px\n"
    )


def test_a_repeat_has_its_count() -> None:
    assert '[["h₂ … h₁₀₀₀₀₀₀ ×999,999<br/>' in chart(MILLION)


def test_a_longer_one_is_drawn_downwards() -> None:
    assert "flowchart TB\n" in chart(NESTED)


def test_of_many_nodes_the_first_and_the_last_are_drawn() -> None:
    widths = [3 + number % 7 for number in range(1000)]
    text = chart(f"netspec: 1\ninput: 1\nwidths: {widths}\noutput: 1\n")
    assert "  %% The first and the last of 1,003 nodes are drawn.\n" in text
    assert re.search(r'\(\["… 804 more<br/>[0-9,]+ parameters"\]\)', text)
    assert len(re.findall(r"^ *n\d+[\[(]", text, re.MULTILINE)) == CHART_NODES


def test_signs_that_mermaid_reads_are_entities() -> None:
    assert _text('a"b#c&d<e>f`g$h\\') == "a#34;b#35;c#38;d#60;e#62;f#96;g#36;h#92;"


@settings(max_examples=40, deadline=None)
@given(specs())
def test_nodes_wires_and_subgraphs_are_all_there(text: str) -> None:
    network = checked(text)
    seen = view(network.graph)
    lines = draw_mermaid(*network).splitlines()
    assert len([line for line in lines if re.match(r" *n\d+[\[(]", line)]) == len(seen)
    assert len([line for line in lines if " -->|" in line]) == seen.number_of_edges()
    opened = [line for line in lines if line.lstrip().startswith("subgraph ")]
    assert len(opened) == len(set(opened)) == len(seen.graph["parts"])
    depth = 0
    for line in lines:
        if line.strip() == "end":
            depth -= 1
        elif re.match(r" *(subgraph|n\d+[\[(])", line):
            assert len(line) - len(line.lstrip()) == 2 * depth + 2
            depth += line.lstrip().startswith("subgraph ")
        assert depth >= 0
    assert depth == 0
