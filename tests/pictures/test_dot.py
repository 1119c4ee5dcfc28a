"""DOT: every node, edge and cluster once, and nothing of a spec is read as DOT."""

import re

import pytest

from netspec.graph.view import view
from netspec.pictures.dot import _label, _quoted, draw_dot
from tests.pictures.networks import LAYERED, NESTED, checked


@pytest.mark.parametrize("text", [NESTED, *LAYERED.values()])
def test_nodes_edges_and_clusters_are_all_there_and_braces_close(text: str) -> None:
    network = checked(text)
    seen = view(network.graph, repeats="body")
    lines = draw_dot(*network).splitlines()
    assert len([line for line in lines if re.match(r' *"[^"]*" \[', line)]) == len(seen)
    assert len([line for line in lines if re.match(r' *"[^"]*" -> "[^"]*" \[', line)]) == seen.number_of_edges()
    assert len([line for line in lines if "subgraph" in line]) == len(seen.graph["parts"])
    assert sum(line.endswith("{") for line in lines) == sum(line.strip() == "}" for line in lines)


def test_quotes_backslashes_and_lines_are_escaped() -> None:
    assert _quoted('a"b\\N\n') == r'"a\"b\\N\n"'
    assert _label("&lt;") == '"&amp;lt;"'


def test_a_repeat_is_a_cluster_with_its_count() -> None:
    assert 'label="repeat ×12";' in draw_dot(*checked(LAYERED["gpt2"]))
