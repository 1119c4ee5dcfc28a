"""When are two networks one function: proofs in rationals where there are any, else a search for a counter-example."""

from netspec.equivalence.architectures import compare_architectures
from netspec.equivalence.box import Box
from netspec.equivalence.chain import Chain, Stage, chain_of
from netspec.equivalence.compare import Question, compare
from netspec.equivalence.line import Stretch, stretches
from netspec.equivalence.normal_form import normal_form
from netspec.equivalence.verdict import Counterexample, Verdict

__all__ = [
    "Box",
    "Chain",
    "Counterexample",
    "Question",
    "Stage",
    "Stretch",
    "Verdict",
    "chain_of",
    "compare",
    "compare_architectures",
    "normal_form",
    "stretches",
]
