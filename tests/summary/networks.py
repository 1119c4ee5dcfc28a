"""The networks whose summaries are compared whole, and the way from their text to part, graph and facts."""

from typing import Final

from netspec.graph import Facts
from netspec.operations import Graph
from netspec.spec import Part
from netspec.validation import AS_WRITTEN, Choice, check_text

TWO_LAYER: Final = """\
netspec: 1
name: two-layer
input: 1
K: 2
widths: [3, 3]
output: 1
"""

DEEP: Final = """\
netspec: 1
name: deep
description: the book's figure 4.7, naïvely told
hyperparameters:
  D: 10
  depth: 5
input: 1
K: depth
widths: D
output: 1
variants:
  small: {D: 4}
  large: {D: 64, depth: 8}
"""

SHARED: Final = """\
netspec: 1
name: shared
networks:
  fold: {input: 1, widths: [3], output: 1}
  bend: {input: 1, widths: [3, 3], output: 1, activation: {leaky_relu: {slope: 0.25}}}
  pair:
    networks:
      tilt: {input: 1, K: 0, output: 1}
    compose: [bend, tilt, bend]
compose: [fold, bend, pair, pair]
"""

MILLION: Final = """\
netspec: 1
name: million
input: 1
K: 1000000
widths: 10
output: 1
"""

AFFINE: Final = """\
netspec: 1
name: affine
dtype: float64
input: 4
K: 0
output: 2
"""

LISTED: Final = f"""\
netspec: 1
name: listed
input: 2
widths: [{", ".join(str(2 + 7 * k % 30) for k in range(30))}]
output: 3
"""

SMOOTH: Final = """\
netspec: 1
name: smooth
input: 4
widths: [5, 2, 2, 2, 4]
activation: [relu, relu, relu, {leaky_relu: {slope: 0.1}}, tanh]
output_activation: sigmoid
output: 1
"""

LARGE: Final = """\
netspec: 1
name: large
input: 10
K: 5
widths: 50
output: 1
"""


def network(text: str, choice: Choice = AS_WRITTEN) -> tuple[Part, Graph, Facts]:
    """Return the part, the graph and the facts of a spec that is valid."""
    verdict = check_text(text, choice=choice)
    assert verdict.part is not None, verdict.diagnostics
    assert verdict.graph is not None
    assert verdict.facts is not None
    return verdict.part, verdict.graph, verdict.facts
