"""What stands above the table: where a spec says how its network is trained, that in one line."""

import pytest

from netspec.summary.html import render_html
from netspec.summary.latex import render_latex
from netspec.summary.markdown import render_markdown
from netspec.summary.text import render_text
from netspec.summary.totals import heading
from tests.summary.networks import network

SPEC = "netspec: 1\nname: small\ninput: 4\nwidths: [8]\noutput: 3\n"
TRAINED = f"{SPEC}training: {{loss: huber, optimizer: sgd, batch: 100, epochs: 5}}\n"
LINE = "trained by huber, sgd, learning rate 0.01, batch 100, 5 epochs"
TWO = """\
netspec: 1
input: 4
layers:
  - dense: {width: 3, as: class}
  - dense: {from: in, width: 2, as: box}
outputs: {class: 3, box: 2}
"""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (SPEC, ""),
        (TRAINED, LINE),
        (f"{SPEC}training: {{}}\n", "trained by adam, learning rate 0.001, batch 32, 100 epochs"),
        (
            f"{SPEC}training: {{batch: full, epochs: 1, schedule: cosine}}\n",
            "trained by adam, learning rate 0.001, schedule cosine, full batch, 1 epoch",
        ),
        (
            f"{TWO}training: {{loss: {{class: cross_entropy, box: {{huber: {{delta: 2}}}}}}}}\n",
            "trained by class cross_entropy, box huber, adam, learning rate 0.001, batch 32, 100 epochs",
        ),
    ],
)
def test_the_training_is_told_in_short(text: str, line: str) -> None:
    part, _, facts = network(text)
    assert heading(part, facts).training == line


def test_every_form_tells_it_behind_what_the_network_maps() -> None:
    found = network(TRAINED)
    assert render_text(*found).splitlines()[:3] == ["small: 4 → 3, float32", LINE, ""]
    assert render_markdown(*found).splitlines()[:3] == ["## `small`", "", f"4 → 3, float32; {LINE}"]
    assert f"<small>4 → 3, float32</small><br><small>{LINE}</small></div>" in render_html(*found)
    assert f"float32; {LINE}" in render_latex(*found)
