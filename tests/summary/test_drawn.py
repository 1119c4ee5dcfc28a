"""Summaries compared whole. `python -m tests.summary.test_drawn` rewrites them; review the difference by eye."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from netspec.diagnostics.letters import ascii_only
from netspec.summary.html import render_html
from netspec.summary.json_summary import render_json
from netspec.summary.latex import render_latex
from netspec.summary.markdown import render_markdown
from netspec.summary.text import render_text
from netspec.validation import AS_WRITTEN, Choice
from tests.summary.layered import GPT2, LENET, RESIDUAL, SIAMESE, STAGES
from tests.summary.networks import AFFINE, DEEP, LARGE, LISTED, MILLION, SHARED, SMOOTH, TWO_LAYER, network

WIDE: Final = {"gpt2-wide.txt", "siamese.txt", "stages.txt"}  # long names, which are never cut
GOLDEN: Final = Path(__file__).parent / "golden"


def text(spec: str, choice: Choice = AS_WRITTEN) -> str:
    return render_text(*network(spec, choice))


DRAWN: Final[dict[str, Callable[[], str]]] = {
    "two-layer.txt": lambda: text(TWO_LAYER),
    "deep.txt": lambda: text(DEEP),
    "deep-small.txt": lambda: text(DEEP, Choice("small")),
    "deep-set.txt": lambda: text(DEEP, Choice("small", {"depth": 2})),
    "shared.txt": lambda: text(SHARED),
    "million.txt": lambda: text(MILLION),
    "affine.txt": lambda: text(AFFINE),
    "listed.txt": lambda: text(LISTED),
    "smooth.txt": lambda: text(SMOOTH),
    "large.txt": lambda: text(LARGE),
    "large-exact.txt": lambda: render_text(*network(LARGE), exact=True),
    "million-ascii.txt": lambda: render_text(*network(MILLION), encode=ascii_only),
    "shared-colour.txt": lambda: render_text(*network(SHARED), colour=True),
    "deep.md": lambda: render_markdown(*network(DEEP)),
    "shared.md": lambda: render_markdown(*network(SHARED)),
    "deep.json": lambda: render_json(*network(DEEP)),
    "shared.json": lambda: render_json(*network(SHARED)),
    "lenet.txt": lambda: text(LENET),
    "residual.txt": lambda: text(RESIDUAL),
    "gpt2-wide.txt": lambda: render_text(*network(GPT2), width=100),
    "siamese.txt": lambda: text(SIAMESE),
    "stages.txt": lambda: text(STAGES),
    "residual.md": lambda: render_markdown(*network(RESIDUAL)),
    "residual.json": lambda: render_json(*network(RESIDUAL)),
    "residual.html": lambda: f"{render_html(*network(RESIDUAL))}\n",
    "residual.tex": lambda: render_latex(*network(RESIDUAL)),
    "shared.tex": lambda: render_latex(*network(SHARED)),
    "shared.html": lambda: f"{render_html(*network(SHARED))}\n",
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_summary_is_drawn_as_reviewed(name: str) -> None:
    assert DRAWN[name]() == (GOLDEN / name).read_text(encoding="utf-8")


def test_nothing_else_is_kept() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(DRAWN)


@pytest.mark.parametrize(
    "name", [name for name in DRAWN if name.endswith(".txt") and "colour" not in name and name not in WIDE]
)
def test_an_ordinary_network_fits_80_columns(name: str) -> None:
    rows = DRAWN[name]().splitlines()
    assert max(map(len, rows)) <= 80
    assert all(row == row.rstrip() for row in rows)


def test_the_spelling_for_ascii_is_ascii() -> None:
    assert DRAWN["million-ascii.txt"]().isascii()


def test_remarks_keep_within_a_narrow_terminal_and_use_a_wide_one() -> None:
    found = network(LARGE)
    narrow, wide = (render_text(*found, width=width) for width in (60, 200))
    facts = narrow.splitlines()[-20:-2]
    assert max(map(len, facts)) <= 60
    assert "zig-zag construction (Montúfar et al. 2014; Serra et al. 2018, theorem 6)" in wide


def test_beyond_200_lines_the_rest_is_counted() -> None:
    widths = ", ".join(str(1 + k % 2) for k in range(1_000))
    drawn = text(f"{{netspec: 1, input: 5, widths: [{widths}], output: 1}}").splitlines()
    assert drawn[202].startswith("199  affine, relu")
    assert drawn[203] == "… and 801 more layers"


def test_beyond_200_lines_parts_are_counted_too() -> None:
    networks = ", ".join(f"n{k}: {{input: 1, K: 0, output: 1}}" for k in range(120))
    names = ", ".join(f"n{k}" for k in range(120))
    drawn = text(f"{{netspec: 1, networks: {{{networks}}}, compose: [{names}]}}")
    assert "\nn99\n  0  affine           1    1  1×1           2\n… and 20 more layers and 20 more parts\n" in drawn
    assert "\nn22\n  y = β_0 + Ω_0 x\n… and the equations of 97 more parts\n" in drawn


def test_many_hyperparameters_are_counted() -> None:
    numbers = ", ".join(f"D{k}: {k + 1}" for k in range(12))
    used = ", ".join(f"D{k}" for k in range(12))
    drawn = text(f"{{netspec: 1, hyperparameters: {{{numbers}}}, input: 1, widths: [{used}], output: 1}}")
    assert drawn.splitlines()[1] == "D0 = 1, D1 = 2, D2 = 3, D3 = 4, D4 = 5, D5 = 6, D6 = 7, D7 = 8, … 4 more"


if __name__ == "__main__":
    for path, draw in DRAWN.items():
        (GOLDEN / path).write_text(draw(), encoding="utf-8")
