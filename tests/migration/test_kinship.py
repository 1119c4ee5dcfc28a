"""What keeps a function, operation by operation: each proof is tried out, and each end of one is named."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from netspec.equivalence.intervals import Bounds, image
from netspec.migration.asked import Widen
from netspec.migration.carrying import Order, carry_out
from netspec.migration.handing import NEVER_NEGATIVE, hands_on
from netspec.migration.planning import fit
from netspec.migration.wanted import wanted
from netspec.migration.weights import read_weights
from netspec.operations import FUNCTIONS, Elementwise
from tests.migration.networks import known, planned, save
from tests.twins.activations import activation


class Case(NamedTuple):
    """A body, its beginning, what is another in the new one, and where a proof of the function ends; empty if not."""

    body: str
    old: str
    new: str
    ends: str = ""
    head: str = "input: [3, 6, 6]"
    tail: str = "  - flatten\n  - dense: {width: 2, as: last}\noutput: 2\n"
    widen: tuple[Widen, ...] = ("zero", "copy")

    def text(self, what: str) -> str:
        """Return the spec with one of both."""
        return f"netspec: 1\n{self.head}\nlayers:\n{self.body.replace('@', what)}{self.tail}"


CONV = "  - conv: {channels: @, kernel: 3, padding: 1, as: conv}\n"
SEQUENCE = "symbols: [T]\ninput: [T, 4]"
STEM = "  - conv: {channels: 3, kernel: 1, as: stem}\n@"
WAYS = CONV.replace("as: conv", "as: one") + CONV.replace("as: conv", "as: two, from: in")
WORDS = "symbols: [T]\ninputs:\n  x: {shape: [T], dtype: int64}"
ROW = "  - dense: {width: 2}\noutput: 2\n"
OUT = "  - dense: {width: 2, as: last}\noutputs: {last: [T, 2]}\n"
CASES = {
    "a pool and a mean over positions": Case(
        CONV + "  - relu\n  - max_pool: 2\n  - global_average_pool\n", "4", "6", tail=ROW
    ),
    "a mean that keeps its axes": Case(CONV + "  - mean: {axes: [1, 2], keep: true}\n", "4", "6"),
    "an adaptive pool and an upsampling": Case(
        CONV + "  - adaptive_average_pool: 2\n  - upsample: 2\n  - adaptive_max_pool: 2\n", "4", "7"
    ),
    "channels moved behind": Case(
        CONV + "  - transpose: [1, 2, 0]\n", "4", "6",
        tail="  - dense: {width: 2, as: last}\noutput: [6, 6, 2]\n",
    ),
    "a depthwise convolution": Case(CONV + "  - depthwise_conv: {kernel: 3, padding: 1}\n", "4", "6"),
    "a slope for all": Case(CONV + "  - prelu\n", "4", "6"),
    "a slope for each channel": Case(CONV + "  - prelu: channel\n", "4", "6"),
    "a normalisation of a row": Case(CONV + "  - flatten\n  - batch_norm\n", "2", "4", tail=ROW),
    "two ways that are added": Case(WAYS + "  - add: [one, two]\n", "4", "6"),
    "one way and the other joined": Case(
        WAYS + "  - concat: [one, two]\n",
        "4", "6", "`concat` joins units that are new with those that there were",
    ),
    "channels that are summed": Case(
        CONV + "  - sum: {axes: [0]}\n", "4", "6", "`sum` joins units that are new with those that there were"
    ),
    "another stride": Case(
        "  - conv: {channels: 4, kernel: 3, stride: @, as: conv}\n", "1", "2", "`conv`: stride 1 → 2"
    ),
    "groups of channels": Case(
        "  - conv: {channels: 6, kernel: 3, padding: 1, groups: @, as: conv}\n", "3", "1",
        "`conv` has groups of channels"
    ),
    "an epsilon": Case("  - batch_norm: {epsilon: @, as: norm}\n", "0.1", "0.01", "`norm`: epsilon 0.1 → 0.01"),
    "a pool of other strides": Case(
        "  - max_pool: {kernel: 2, stride: @, as: pool}\n", "2", "1", "`pool`: stride 2 → 1"
    ),
    "another activation": Case(
        "  - repeat: {times: 2, layers: [{dense: {width: 16, activation: @, as: h}}]}\n", "relu", "gelu",
        "`h.0`: activation relu → gelu", head="input: 16\n", tail="  - dense: {width: 2, as: last}\noutput: 2\n",
    ),
    "an activation before another": Case(
        "  - dense: {width: 4, as: h}\n@  - tanh: {as: bent}\n", "", "  - gelu: {as: more}\n",
        "`more` applies gelu, which the old network does not", head="input: 3\n",
        tail="  - dense: {width: 2, as: last}\noutput: 2\n",
    ),
    "more heads in wider rounds": Case(
        "  - repeat: {times: 2, layers: [{attention: {heads: @, as: seen}}]}\n", "2", "4", "`seen.0`: heads 2 → 4",
        head=SEQUENCE, tail=OUT,
    ),
    "a normalisation of another kind": Case(
        "  - @, as: norm}\n", "layer_norm: {bias: false", "rms_norm: {epsilon: 0.1",
        "`norm` is rms_norm, and was layer_norm",
        head=SEQUENCE, tail=OUT,
    ),
    "fewer channels": Case(CONV, "4", "3", "`conv` has 3 units, which were 4"),
    "an embedding of more columns": Case(
        "  - embedding: {vocabulary: 9, width: @}\n", "4", "6", head=WORDS,
        tail=OUT,
    ),
    "an embedding of fewer rows": Case(
        "  - embedding: {vocabulary: @, width: 4, as: words}\n", "9", "5",
        "`words` has a table of another shape, 5 for 9",
        head=WORDS,
        tail=OUT,
    ),
    "positions of wider units": Case(
        "  - dense: {width: @}\n  - positional_embedding: {length: 9, as: where}\n", "4", "6",
        "`where` joins units that are new", head=SEQUENCE, tail=OUT,
    ),
    "attention to wider units": Case(
        "  - dense: {width: @}\n  - attention: {heads: 2, as: seen}\n", "4", "6", "", head=SEQUENCE,
        tail=OUT, widen=(),
    ),
    "a branch with a normalisation at its end": Case(
        STEM, "",
        "  - conv: {channels: 3, kernel: 3, padding: 1, as: more}\n  - batch_norm: {as: norm}\n  - add: [norm, stem]\n",
    ),
    "a branch that ends in an activation": Case(
        STEM, "",
        "  - conv: {channels: 3, kernel: 3, padding: 1, activation: tanh, as: more}\n  - add: [more, stem]\n",
        "`more` is new",
    ),
    "a product with a branch": Case(
        STEM, "",
        "  - conv: {channels: 3, kernel: 1, as: more}\n  - multiply: [more, stem]\n", "`more` is new",
    ),
    "a value that is doubled": Case(
        STEM, "", "  - relu: {as: more}\n  - add: [more, stem]\n", "`more` ",
    ),
    "a layer that is linear": Case(
        "  - conv: {channels: 4, kernel: 1, as: conv}\n@", "", "  - conv: {channels: 4, kernel: 1, as: more}\n"
    ),
    "a rectifier behind a pool of rectified ones": Case(
        "  - relu\n  - average_pool: 2\n@", "", "  - relu: {as: again}\n"
    ),
    "a rectifier behind any value": Case(
        "  - average_pool: 2\n@", "", "  - relu: {as: again}\n", "`again` applies relu, which the old network does not"
    ),
    "a shrunken kernel": Case(
        "  - conv: {channels: 4, kernel: @, as: conv}\n", "3", "1", "`conv`: kernel 3 → 1"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_function_is_kept_or_the_proof_ends_where_it_is_said(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    old, new = case.text(case.old), case.text(case.new)
    random = np.random.default_rng(3)
    arrays = {
        each: random.integers(1, 4, parameter.shape).astype("float32")
        for each, parameter in wanted(known(old).member.graph).tensors.items()
    }
    path = save(tmp_path / "old.safetensors", arrays)
    before = known(old, "old.yaml")
    for widen in case.widen:
        plan = planned(new, path, old, widen=widen)
        if case.ends:
            assert plan.verdict.outcome == "unproven"
            assert plan.verdict.grounds[0].startswith(case.ends), plan.verdict.grounds
        else:
            assert plan.verdict.outcome == "keeps", plan.verdict.grounds
        fitting = fit(read_weights(str(path)), wanted(before.member.graph), "old.yaml")
        made = carry_out(Order(plan, known(new), before, fitting), str(tmp_path / "new.safetensors"))
        assert (made.outputs is None) == bool(case.ends)  # where they differ, it raises


def test_inputs_and_outputs_are_told_by_name(tmp_path: Path) -> None:
    text = """netspec: 1
inputs: {a: 2, b: 2}
layers:
  - dense: {width: 2, from: a, as: one}
  - dense: {width: 2, from: b, as: two}
outputs: {one: 2, two: 2}
"""
    arrays = {
        name: np.ones(parameter.shape, "float32")
        for name, parameter in wanted(known(text).member.graph).tensors.items()
    }
    path = save(tmp_path / "old.npz", arrays)
    assert planned(text, path, text).verdict.outcome == "keeps"
    swapped = text.replace("{one: 2, two: 2}", "{two: 2, one: 2}").replace("{a: 2, b: 2}", "{b: 2, a: 2}")
    assert planned(swapped, path, text).verdict.outcome == "keeps"
    assert planned(text.replace(", two: 2}", "}"), path, text).verdict.grounds[-1] == "the output `two` is gone"
    more = text.replace("{a: 2, b: 2}", "{a: 2, b: 2, c: 2}").replace("from: b", "from: c")
    assert "the input `c` is new" in planned(more, path, text).verdict.grounds


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_activation_hands_on_what_another_gives_only_where_it_does(name: str) -> None:
    """By numbers, and for what is never negative by the bounds that the transforms know."""
    arguments = tuple(argument.default for argument in FUNCTIONS[name].arguments)
    one = Elementwise(name, arguments)
    zero = np.zeros(1)
    values = image(one, Bounds(zero, zero, np.ones(1, bool), np.ones(1, bool)))
    assert (not values.open_low[0] and values.low[0] >= 0) == (name in NEVER_NEGATIVE)
    assert not hands_on(one, None) or one.linearity == "affine"
    for other_name in FUNCTIONS:
        other = Elementwise(other_name, tuple(argument.default for argument in FUNCTIONS[other_name].arguments))
        if hands_on(other, one):
            given = _computed(one, np.linspace(-9, 9, 1001))
            np.testing.assert_array_equal(_computed(other, given), given)


def _computed(operation: Elementwise, z: "NDArray[np.float64]") -> "NDArray[np.float64]":
    return activation(operation.name, operation.arguments, z)
