"""Lists of layers as rows."""

import json
import re
import time

import pytest

from netspec.summary.html import render_html
from netspec.summary.json_summary import render_json
from netspec.summary.latex import escaped, render_latex
from netspec.summary.listing import is_listed, listing
from netspec.summary.markdown import render_markdown
from netspec.summary.text import render_text
from tests.summary.layered import GPT2, LENET, RESIDUAL, SIAMESE, STAGES
from tests.summary.networks import DEEP, SHARED, network

LISTS = {"lenet": LENET, "residual": RESIDUAL, "gpt2": GPT2, "siamese": SIAMESE, "stages": STAGES}


def test_only_a_list_of_layers_is_listed() -> None:
    assert all(is_listed(network(spec)[1]) for spec in LISTS.values())
    assert not any(is_listed(network(spec)[1]) for spec in (DEEP, SHARED))


@pytest.mark.parametrize("name", LISTS)
def test_the_rows_of_the_list_itself_hold_all_parameters(name: str) -> None:
    _, graph, facts = network(LISTS[name])
    top = listing(graph)[0]
    assert sum(line.parameters for line in top.lines if line.level == 0) == facts.parameters


def test_a_block_is_listed_once_for_each_shape_that_it_reads() -> None:
    _, graph, _ = network(STAGES)
    assert [(part.name, part.uses) for part in listing(graph)] == [("", 1), ("res", 1), ("res (2)", 1), ("res (3)", 2)]


def test_a_network_is_shared_and_its_parameters_are_told_once() -> None:
    _, graph, _ = network(SIAMESE)
    left, right, *_ = listing(graph)[0].lines
    assert (left.shared, left.again, right.again, right.parameters) == (True, False, True, 0)


def test_a_hundred_thousand_rounds_are_shown_at_once() -> None:
    found = network(RESIDUAL.replace("rounds: 4", "rounds: 100000"))
    start = time.perf_counter()
    text = render_text(*found)
    assert time.perf_counter() - start < 1
    assert "res.0 … 99,999  res ×100,000" in text


@pytest.mark.parametrize("name", LISTS)
def test_the_table_keeps_within_100_columns(name: str) -> None:
    assert max(map(len, render_text(*network(LISTS[name]), width=100).splitlines())) <= 100


def test_the_document_tells_sizes_that_are_free_as_expressions() -> None:
    found = json.loads(render_json(*network(GPT2)))
    assert (found["macs"], found["input"], found["outputs"]) == (
        "768*T*(24*T + 160849)",
        ["T"],
        {"logits": ["T", 50257]},
    )
    assert found["parts"][0]["layers"][-1]["tied"] == {"Omega": "words.Omega"}


@pytest.mark.parametrize("name", LISTS)
def test_every_format_is_drawn(name: str) -> None:
    found = network(LISTS[name])
    assert render_html(*found).startswith('<div class="netspec">')
    assert render_markdown(*found).startswith("## `")
    assert render_latex(*found).count(r"\begin{tabular}") == 2


HOSTILE = "\\input{/etc/passwd} $x$ & 50% #1 {a} b_c^2 ~ é\u202e\n"


def test_no_text_is_a_command_of_latex() -> None:
    plain = escaped(HOSTILE)
    known = r"\\(textbackslash|textasciicircum|textasciitilde)\{\}|\\[{}$&#%_]"
    rest = re.sub(known, "", plain)
    assert not set(rest) & set("\\{}$&#%_^~\n\u202e")


def test_a_name_is_escaped_in_equations_too() -> None:
    text = (
        "{netspec: 1, networks: {h_1: {input: 1, K: 0, output: 1}, x: {input: 1, K: 0, output: 1}}, compose: [h_1, x]}"
    )
    assert r"  y &= \mathrm{x}[\mathrm{h\_1}[x]]" in render_latex(*network(text))


def test_the_index_of_a_tensor_stands_below_it() -> None:
    assert escaped("β_0 32, Ω_key 8_2") == r"$\beta_{0}$ 32, $\Omega_{\mathrm{key}}$ 8\_2"


def test_a_table_longer_than_a_page_breaks_across_pages() -> None:
    layers = "".join("  - dense: 3\n" for _ in range(41))
    text = render_latex(*network(f"netspec: 1\ninput: 3\nlayers:\n{layers}output: 3\n"))
    assert text.count(r"\begin{longtable}[l]{llllr}") == text.count(r"\end{longtable}") == 1
    assert text.count(r"\begin{tabular}") == 1
