"""Lists of layers: what reads what, what is called how, and what is told where something does not fit."""

import time
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.network import loads
from netspec.validation import check_text
from tests.compiler.random_specs import EXAMPLES


def told(text: str) -> list[tuple[str, str]]:
    """Return code and headline of each diagnostic of a spec, `netspec: 1` put before it."""
    return [(found.code, found.headline) for found in check_text(f"netspec: 1\n{text}").diagnostics]


def names(text: str) -> list[str]:
    """Return the names of the tensors of a spec."""
    return [tensor.name for tensor in loads(f"netspec: 1\n{text}").tensors()]


def test_a_name_without_as_is_the_first_that_is_left_in_the_list() -> None:
    text = """input: 4
layers:
  - dense: {width: 4, bias: false}
  - dense: {width: 4, bias: false, as: dense_2}
  - repeat: {times: 1, layers: [{dense: {width: 4, bias: false}}]}
  - dense: {width: 4, bias: false}
output: 4
"""
    assert names(text) == ["dense.Omega", "dense_2.Omega", "dense_3.0.Omega", "dense_4.Omega"]


def test_a_network_is_one_instance_and_a_block_is_made_anew_at_each_use() -> None:
    part = "{input: 4, K: 0, output: 4}"
    assert names(f"input: 4\nnetworks: {{t: {part}}}\nlayers: [t, t]\noutput: 4\n") == ["t.beta_0", "t.Omega_0"]
    assert names(f"input: 4\nblocks: {{t: {part}}}\nlayers: [t, t]\noutput: 4\n") == [
        "t.beta_0", "t.Omega_0", "t_2.beta_0", "t_2.Omega_0",
    ]  # fmt: skip


def test_a_network_of_a_block_is_one_instance_in_each_use_of_the_block() -> None:
    text = """input: 4
networks: {all: {input: 4, K: 0, output: 4}}
blocks:
  pair:
    networks: {own: {input: 4, K: 0, output: 4}}
    layers: [own, own, all]
layers: [pair, {repeat: {times: 2, layers: [pair]}}, all]
output: 4
"""
    assert names(text) == [
        "pair.own.beta_0", "pair.own.Omega_0", "all.beta_0", "all.Omega_0", "pair_2.0.own.beta_0",
        "pair_2.0.own.Omega_0", "pair_2.1.own.beta_0", "pair_2.1.own.Omega_0",
    ]  # fmt: skip


def test_a_block_names_the_sizes_that_come_at_each_use_anew() -> None:
    text = """input: [8, 16, 16]
blocks:
  half:
    symbols: [C, H, W]
    input: [C, H, W]
    layers:
      - conv: {channels: C // 2, kernel: 1}
layers: [half, half]
output: [2, 16, 16]
"""
    shapes = loads(f"netspec: 1\n{text}").shapes
    assert (shapes["half.Omega"] if "half.Omega" in shapes else shapes["half.conv.Omega"]) == (4, 8, 1, 1)
    assert shapes["half_2.conv.Omega"] == (2, 4, 1, 1)


def test_a_block_takes_its_hyperparameters_from_the_place_of_its_use() -> None:
    text = """hyperparameters: {channels: 3}
input: 4
blocks:
  body: {hyperparameters: {width: int, bias: true}, layers: [{dense: {width: width, bias: bias}}]}
layers:
  - body: {width: channels}
  - body: {width: channels + 1, bias: false}
output: 4
"""
    assert loads(f"netspec: 1\n{text}").shapes == {
        "body.dense.beta": (3,), "body.dense.Omega": (3, 4), "body_2.dense.Omega": (4, 3),
    }  # fmt: skip


def test_a_tied_tensor_has_one_name_and_is_counted_once() -> None:
    text = """symbols: [T]
inputs: {tokens: {shape: [T], dtype: int32}}
layers:
  - embedding: {vocabulary: 10, width: 4, as: words}
  - dense: {width: 10, bias: false, tie: {Omega: words.Omega}, as: logits}
outputs: {logits: [T, 10]}
"""
    net = loads(f"netspec: 1\n{text}")
    assert names(text) == ["words.Omega"]
    assert net.facts.parameters == 40
    assert "tie" in dict(told(text.replace("words.Omega", "logits.Omega")))
    misfit = "`words.Omega` has shape (10, 4), and `Omega` of `logits` has (9, 4)"
    assert ("tie", misfit) in told(text.replace("width: 10, b", "width: 9, b"))


@pytest.mark.parametrize(
    ("item", "headline", "help_"),
    [
        ("dense: {width: 8, tie: {weight: a.Omega}}", "`dense` has no tensor `weight`", "it has `beta`, `Omega`"),
        ("dense: {width: 8, tie: {Omga: a.Omega}}", "`dense` has no tensor `Omga`", "did you mean `Omega`?"),
        ("dense: {width: 8, bias: false, tie: {beta: a.beta}}", "`dense` has no tensor `beta`", "it has `Omega`"),
        ("relu: {tie: {Omega: a.Omega}}", "`relu` has no tensor `Omega`", "it has none, so take it out"),
        (
            "attention: {heads: 2, bias: false, tie: {Omega: a.Omega}}", "`attention` has no tensor `Omega`",
            "it has `Omega_query`, `Omega_key`, `Omega_value`, `Omega_output`",
        ),
        ("mlp: {K: 2, widths: 8, output: 8, tie: {Omega_7: a.Omega}}", "`mlp` has no tensor `Omega_7`",
         "did you mean `Omega_0`?"),
        ("mlp: {K: 9, widths: 8, output: 8, tie: {weights: a.Omega}}", "`mlp` has no tensor `weights`",
         "it has `beta_0`, `Omega_0`, `beta_9`, `Omega_9`, …"),
        ("repeat: {times: 2, layers: [relu], tie: {Omega: a.Omega}}", "`repeat` has no tensors itself, and ties none",
         "tie them at a layer of a round"),
        ("dense: {width: 8, tie: {Omega: 3}}", "a tensor is called by its layer and its role", "such as `words.Omega`"),
        ("dense: {width: 8, tie: {Omega: first.Omega}}", "there is no tensor `first.Omega` above",
         "above are `c.gamma`, `c.beta`, `c.mean`, `c.variance`, `a.beta`, `a.Omega`"),
        ("dense: {width: 8, tie: {Omega: a.weight}}", "there is no tensor `a.weight` above",
         "there are `a.beta`, `a.Omega`"),
        ("batch_norm: {as: n, tie: {mean: c.beta}}", "`c.beta` is learned, and `mean` of `n` is state",
         "what is learned is tied to what is learned, and state to state"),
    ],
)  # fmt: skip
def test_a_tie_is_of_a_tensor_that_the_layer_has_to_one_that_is_above(item: str, headline: str, help_: str) -> None:
    above = "batch_norm: {as: c}, dense: {width: 8, as: a}"
    text = f"netspec: 1\ninput: [3, 8]\nlayers: [{above}, {item}]\noutput: [3, 8]\n"
    (fault,) = check_text(text).diagnostics
    assert (fault.code, fault.headline, fault.help) == ("tie", headline, help_)


def test_what_is_tied_itself_is_called_by_its_one_name() -> None:
    above = "dense: {width: 8, as: a}, dense: {width: 8, tie: {Omega: a.Omega}, as: b}"
    text = f"input: 8\nlayers: [{above}, dense: {{width: 8, tie: {{Omega: b.Omega}}}}]\noutput: 8\n"
    assert told(text) == [("tie", "`b.Omega` is tied itself, to `a.Omega`")]


def test_a_hidden_layer_among_equal_ones_is_tied_and_tied_to() -> None:
    text = """input: 8
layers:
  - dense: {width: 8, bias: false, as: a}
  - mlp: {K: 4, widths: 8, output: 8, tie: {Omega_1: a.Omega}, as: m}
  - dense: {width: 8, bias: false, tie: {Omega: m.Omega_3}}
output: 8
"""
    assert names(text) == [
        "a.Omega", "m.beta_0", "m.Omega_0", "m.beta_1", "m.beta_2", "m.Omega_2", "m.beta_3", "m.Omega_3", "m.beta_4",
        "m.Omega_4",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("{convv: {channels: 8, kernel: 3, as: a}}", "unknown-layer"),
        ("{conv: {channels: 8, kernal: 3, as: a}}", "unknown-key"),
        ("{conv: {channels: 8, kernel: 30, as: a}}", "layer-misfit"),
        ("{flatten: {}, as: a}", "beside-item"),
    ],
)
def test_what_reads_a_layer_at_fault_is_not_blamed(item: str, code: str) -> None:
    reader = "conv: {channels: 8, kernel: 3, as: b, tie: {Omega: a.Omega}}"
    text = f"input: [3, 8, 8]\nlayers: [{item}, {reader}, add: [a, b]]\noutputs: {{a: 3}}\n"
    assert [found for found, _ in told(text)] == [code]


def test_a_layer_at_fault_without_a_name_is_no_value() -> None:
    text = "input: [3, 8, 8]\nlayers: [{convv: {as: 3}}, {denze: 4}, add: [convv, in]]\noutput: 3\n"
    assert [found for found, _ in told(text)] == ["unknown-layer", "bad-name", "unknown-layer", "unknown-value"]


def test_a_shape_is_asserted_of_one_value() -> None:
    text = "input: 8\nlayers: [split: {into: [p, q], shape: [4], as: s}, add: [s.p, s.q]]\noutput: 4\n"
    assert told(text) == [("several-results", "`shape` is asserted of one value, and `s` gives several")]


def test_a_network_may_be_tied_to() -> None:
    text = """input: 4
networks: {tower: {input: 4, K: 0, output: 4}}
layers: [tower, {dense: {width: 4, bias: false, tie: {Omega: tower.Omega_0}}}]
output: 4
"""
    assert names(text) == ["tower.beta_0", "tower.Omega_0"]


def test_sizes_are_equal_under_what_the_checks_say() -> None:
    text = """symbols: [H, W]
checks: [H % 4 == 0, W % 4 == 0]
input: [1, H, W]
layers:
  - identity: {as: start}
  - max_pool: 4
  - upsample: {factor: 4, as: again}
  - add: [start, again]
output: [1, H, W]
"""
    assert told(text) == []
    (fault,) = told(text.replace("checks: [H % 4 == 0, W % 4 == 0]\n", ""))
    joined = "it joins [1, H, W] and [1, 4*(H // 4), 4*(W // 4)], which differ on axis 1: H and 4*(H // 4)"
    joined += ", and on axis 2: W and 4*(W // 4)"
    assert fault == ("layer-misfit", f"`add` does not fit: {joined}")


def test_a_repeat_whose_rounds_change_the_shape_stands_in_the_graph_round_by_round() -> None:
    text = """input: 4
layers: [{repeat: {times: 3, index: i, layers: [{dense: {width: 8 * 2**i, bias: false}}]}}]
output: 32
"""
    shapes = loads(f"netspec: 1\n{text}").shapes
    assert shapes == {"dense.0.Omega": (8, 4), "dense.1.Omega": (16, 8), "dense.2.Omega": (32, 16)}


def test_what_reads_what_is_at_fault_is_not_blamed_again() -> None:
    text = """input: 4
layers:
  - dense: {width: 0, as: a}
  - relu: {as: b}
  - add: [a, b]
  - dense: {from: c, width: 4}
output: 4
"""
    assert [code for code, _ in told(text)] == ["out-of-range", "unknown-value"]


@pytest.mark.parametrize(
    ("layers", "code"),
    [
        ("[{dense: 4, relu: 3}]", "beside-item"),
        ("[3]", "wrong-type"),
        ("[[relu]]", "wrong-type"),
        ("[{flatten: 3, as: x}]", "beside-item"),
        ("[{repeat: 3}]", "wrong-type"),
        ("[{repeat: {times: 2}}]", "missing-key"),
        ("[{repeat: {times: -1, layers: [relu]}}]", "out-of-range"),
        ("[{relu: {as: in}}]", "bad-name"),
        ("[{relu: {as: 3}}]", "bad-name"),
        ("[{relu: {as: a}}, {relu: {as: a}}]", "name-taken"),
        ("[{relu: {from: [in, in]}}]", "reads"),
        ("[{add: [in]}]", "reads"),
        ("[{add: {}}]", "reads"),
        ("[{learned: {shape: 4, from: in}}]", "reads"),
        ("[{attention: {from: {query: in, key: in}, heads: 1}}]", "reads"),
        ("[{relu: {shape: [5]}}]", "size-asserted"),
        ("[{relu: {from: a.b}}]", "unknown-value"),
        ("[{split: {into: [a, b], as: c}}, relu]", "reads"),
        ("[{split: {into: [a, b], as: c}}, {relu: {from: c.d}}]", "unknown-value"),
        ("[{relu: {as: a}}, {relu: {from: a.b}}]", "unknown-value"),
        ("[{dense: {width: 4, tie: 3}}]", "tie"),
    ],
)
def test_a_list_that_cannot_be_is_refused(layers: str, code: str) -> None:
    assert code in [found for found, _ in told(f"input: 4\nlayers: {layers}\noutput: 4\n")]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("layers: [relu]\noutput: 4\n", "missing-key"),
        ("input: 4\nlayers: [relu]\n", "missing-key"),
        ("input: 4\ninputs: {a: 4}\nlayers: [relu]\noutput: 4\n", "two-bodies"),
        ("input: 4\nlayers: [{relu: {as: a}}]\noutput: 4\noutputs: {a: 4}\n", "two-bodies"),
        ("input: 4\nlayers: [relu]\nwidths: [3]\noutput: 4\n", "two-bodies"),
        ("input: 4\nlayers: []\noutput: 4\n", "wrong-type"),
        ("inputs: [a]\nlayers: [relu]\noutput: 4\n", "missing-key"),
        ("inputs: {in: 4}\nlayers: [relu]\noutput: 4\n", "bad-name"),
        ("inputs: {a: {shape: 4, type: int32}}\nlayers: [relu]\noutput: 4\n", "unknown-key"),
        ("inputs: {a: {shape: 4, dtype: int32}}\nlayers: [{dense: 4}]\noutput: 4\n", "layer-misfit"),
        ("symbols: [T, T]\ninput: [T]\nlayers: [relu]\noutput: [T]\n", "name-taken"),
        ("hyperparameters: {T: 3}\nsymbols: [T]\ninput: [T]\nlayers: [relu]\noutput: [T]\n", "name-taken"),
        ("input: 4\nblocks: {b: {layers: [b]}}\nlayers: [b]\noutput: 4\n", "reference-cycle"),
        ("input: 4\nblocks: {b: {layers: [c]}, c: {layers: [b]}}\nlayers: [b]\noutput: 4\n", "reference-cycle"),
        ("input: 4\nblocks: {b: {hyperparameters: {w: int}, layers: [{dense: w}]}}\nlayers: [b]\noutput: 4\n",
         "hyperparameter-not-given"),
        ("input: 4\nblocks: {b: {layers: [relu]}}\nlayers: [{b: {w: 3}}]\noutput: 4\n", "unknown-hyperparameter"),
        ("input: 4\nnetworks: {n: {input: 4, K: 0, output: 4}}\nlayers: [{n: {w: 3}}]\noutput: 4\n", "unknown-key"),
        ("input: 4\nnetworks: {n: {input: 5, K: 0, output: 4}}\nlayers: [n]\noutput: 4\n", "layer-misfit"),
        ("input: 4\nblocks: {b: {input: 5, layers: [relu]}}\nlayers: [b]\noutput: 4\n", "size-asserted"),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_is_refused(body: str, code: str) -> None:
    assert code in [found for found, _ in told(body)]


PIECES = st.sampled_from(
    ["dense", "relu", "repeat", "from", "as", "in", "layers", "times", "add", "tower", "res", "tie", "shape", "T", "3",
     "-1", "[", "]", "{", "}", ":", ",", " ", "\n", "  - ", "conv", "kernel", "2*T", "split", "into", "code.a", "''"]
)  # fmt: skip


@EXAMPLES
@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_list_gets_a_verdict_and_every_fault_a_place(pieces: str) -> None:
    text = "netspec: 1\nsymbols: [T]\ninput: [T, 4]\nblocks: {res: {layers: [relu]}}\n"
    text += f"networks: {{tower: {{input: 4, K: 0, output: 4}}}}\nlayers:\n  - relu\n{pieces}\noutput: [T, 4]\n"
    verdict = check_text(text)
    assert all(fault.place.span for fault in verdict.diagnostics)
    assert verdict.valid == (verdict.facts is not None)


def test_a_block_repeated_often_costs_what_is_written() -> None:
    text = """netspec: 1
input: 32
blocks: {res: {layers: [{dense: {width: 64, activation: relu}}, {dense: {width: 32, as: b}}, {add: [b, in]}]}}
layers: [{repeat: {times: 100000, layers: [res]}}]
output: 32
"""
    start = time.process_time()
    facts = loads(text).facts
    assert facts.parameters == 100_000 * (64 * 33 + 32 * 65)
    assert facts.depth == 100_000
    assert facts.capacity == 6_400_000
    assert facts.fingerprint
    assert time.process_time() - start < 5


def test_a_transformer_of_a_trillion_parameters_is_inferred_without_an_array() -> None:
    text = """netspec: 1
symbols: [T]
inputs: {tokens: {shape: [T], dtype: int32}}
blocks:
  decoder:
    layers:
      - layer_norm
      - attention: {heads: 128, causal: true, as: attended}
      - add: {from: [in, attended], as: middle}
      - layer_norm
      - mlp: {widths: [65536], output: 16384, activation: gelu, as: fed}
      - add: [middle, fed]
layers:
  - embedding: {vocabulary: 100000, width: 16384, as: words}
  - repeat: {times: 310, layers: [decoder]}
  - dense: {width: 100000, bias: false, as: logits}
outputs: {logits: [T, 100000]}
"""
    start = time.process_time()
    facts = loads(text).facts
    D, F = 16384, 65536
    block = 4 * (D * D + D) + 4 * D + F * (D + 1) + D * (F + 1)
    assert facts.parameters == 310 * block + 2 * prod((100_000, D))
    assert facts.parameters > 10**12
    assert str(facts.capacity) == f"{310 * F}*T"
    assert time.process_time() - start < 5


def notes(text: str) -> list[list[str]]:
    """Return the texts of the notes of each error."""
    errors = (found for found in check_text(f"netspec: 1\n{text}").diagnostics if found.severity == "error")
    return [[note.text for note in found.notes] for found in errors]


def test_a_fault_within_a_part_says_by_which_use_it_was_found_and_is_told_once() -> None:
    block = "blocks: {half: {layers: [max_pool: 2]}, all: {layers: [{repeat: {times: 9, layers: [half]}}]}}"
    given = "`in` gives [1, 1, 1]"
    text = f"input: [1, 4, 4]\n{block}\nlayers: [half, half, half]\noutput: 3\n"
    assert notes(text) == [[given, "used here"]]
    text = f"input: [1, 4, 4]\n{block}\nlayers: [{{all: {{as: one}}}}, {{all: {{from: in}}}}]\noutput: 3\n"
    assert notes(text) == [[given, "used here, in round 2", "used here"]]
    text = f"input: [1, 4, 4]\n{block}\nlayers: [{{repeat: {{times: 3, layers: [all]}}}}]\noutput: 3\n"
    assert notes(text) == [[given, "used here, in round 2", "used here, in round 0"]]


def test_what_is_wrong_whatever_comes_in_is_told_without_a_use() -> None:
    text = "input: [1, 4, 4]\nblocks: {half: {layers: [max_pool: 2, denze]}}\nlayers: [half, half]\noutput: 3\n"
    assert notes(text) == [[]]
    block = "blocks: {b: {layers: [max_pool: 2, {dense: 0}]}}"
    layers = "[b, {b: {from: in}}, max_pool: {from: in, kernel: 2}, b]"
    text = f"input: [1, 9, 9]\n{block}\nlayers: {layers}\noutput: 3\n"
    assert notes(text) == [["used here"]]


def test_a_layer_in_a_repeat_that_does_not_fit_says_in_which_round() -> None:
    text = "input: [1, 8, 8]\nlayers: [{repeat: {times: 9, layers: [max_pool: 2]}}]\noutput: 3\n"
    assert notes(text) == [["`in` gives [1, 1, 1]", "in round 3"]]


STRIDED = "{from: in, channels: 4, kernel: 1, stride: 2, as: shortcut}"


@pytest.mark.parametrize(
    ("shape", "branch", "help_"),
    [
        ("[8, 6, 6]", "conv: {channels: 4, kernel: 1, as: b}",
         "give the shortcut that shape, `conv: {from: in, channels: 4, kernel: 1, as: shortcut}`, and add that"),
        ("[8, 7, 7]", "conv: {channels: 4, kernel: 1, stride: 2, as: b}",
         f"give the shortcut that shape, `conv: {STRIDED}`, and add that"),
        ("8", "dense: {width: 4, as: b}",
         "give the shortcut that width, `dense: {from: in, width: 4, as: shortcut}`, and add that"),
        ("[8, 6, 6]", "conv: {channels: 4, kernel: 3, as: b}", ""),
        ("[8, 6, 6]", "flatten: {as: b}", ""),
    ],
)  # fmt: skip
def test_a_shortcut_of_another_shape_has_the_layer_that_mends_it(shape: str, branch: str, help_: str) -> None:
    text = f"netspec: 1\ninput: {shape}\nlayers: [{branch}, {{add: [b, in]}}]\noutput: 3\n"
    assert [fault.help for fault in check_text(text).diagnostics if fault.code == "layer-misfit"] == [help_]


def test_no_layer_is_offered_for_a_merge_of_three_or_of_free_sizes() -> None:
    text = "symbols: [T, S]\ninputs: {a: T, b: S}\nlayers: [add: [a, b]]\noutput: 3\n"
    assert notes(text) == [["`a` gives T", "`b` gives S"]]
    text = "inputs: {a: 3, b: 4}\nlayers: [add: [a, b, a]]\noutput: 3\n"
    assert notes(text) == [["`a` gives 3", "`b` gives 4"]]


@pytest.mark.parametrize(
    ("axis", "help_"),
    [
        ("8*N", "such as `M`, in `symbols`, with `checks: [M % 8 == 0]`; `N` is then `M // 8`"),
        ("2*N + 1", "such as `M`, in `symbols`, with `checks: [M % 2 == 1]`; `N` is then `(M - 1) // 2`"),
        ("2*N - 1", "such as `M`, in `symbols`, with `checks: [M % 2 == 1]`; `N` is then `(M + 1) // 2`"),
        ("N + 1", "such as `M`, in `symbols`, and compute with it elsewhere"),
        ("2*N*N", "such as `M`, in `symbols`, and compute with it elsewhere"),
    ],
)
def test_an_axis_that_computes_is_named_itself(axis: str, help_: str) -> None:
    text = f"netspec: 1\nsymbols: [N]\ninput: [1, {axis}]\nlayers: [relu]\noutput: [1, {axis}]\n"
    (fault,) = check_text(text).diagnostics
    assert (fault.code, fault.help) == ("input-axis", f"name the axis itself, {help_}")


def test_a_tie_in_a_round_is_to_the_tensor_of_that_round() -> None:
    """That of a part of the round as that of a layer."""
    text = """\
netspec: 1
input: 4
blocks: {k: {layers: [{dense: {width: 4, as: e}}]}}
layers: [{repeat: {times: 3, layers: [{k: {as: k1}}, {dense: {width: 4, bias: false, tie: {Omega: k1.e.Omega}}}]}}]
output: 4
"""
    model = loads(text).build()
    x = np.linspace(-1, 1, 8).reshape(2, 4).astype(np.float32)
    found = x
    for number in range(3):
        omega, beta = (model.parameters[f"k1.{number}.e.{role}"] for role in ("Omega", "beta"))
        found = (found @ omega.T + beta) @ omega.T
    assert np.allclose(model(x), found, atol=1e-5)
