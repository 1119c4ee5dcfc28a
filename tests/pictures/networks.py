"""Small networks for the tests of views and pictures, and graphs that no spec can say yet."""

from collections.abc import Mapping
from typing import NamedTuple

from hypothesis import strategies as st

from netspec.graph import Facts
from netspec.operations import Builder, Elementwise, Graph
from netspec.spec import Part
from netspec.validation import check_text

TWO_LAYER = "netspec: 1\nname: two-layer\ninput: 1\nwidths: [3, 3]\noutput: 1\n"
MILLION = "netspec: 1\nname: million\ninput: 1\nK: 1000000\nwidths: 3\noutput: 1\n"
NESTED = """\
netspec: 1
name: nested
description: Two uses of a <shared> tower & a "narrow" one.
networks:
  tower: {input: 4, K: 12, widths: 16, output: 4}
  inner:
    networks:
      narrow: {input: 4, widths: [8, 5], activation: {leaky_relu: {slope: 0.1}}, output: 4, output_activation: sigmoid}
    compose: [tower, narrow, tower]
compose: [tower, inner, tower]
"""
SPECS: Mapping[str, str] = {"two-layer": TWO_LAYER, "million": MILLION, "nested": NESTED}
LAYERED: Mapping[str, str] = {
    "gpt2": """\
netspec: 1
name: gpt2-small
hyperparameters: {D: 768, heads: 12, depth: 12, vocabulary: 50257, context: 1024, rate: 0.1}
symbols: [T]
checks: [D % heads == 0, T <= context]
inputs:
  tokens: {shape: [T], dtype: int32}
blocks:
  decoder:
    layers:
      - layer_norm
      - attention: {heads: heads, causal: true}
      - dropout: {rate: rate, as: attended}
      - add: {from: [in, attended], as: middle}
      - layer_norm
      - mlp: {widths: [4*D], output: D, activation: gelu_tanh}
      - dropout: {rate: rate, as: fed}
      - add: [middle, fed]
layers:
  - embedding: {vocabulary: vocabulary, width: D, as: words}
  - positional_embedding: {length: context}
  - dropout: rate
  - repeat: {times: depth, layers: [decoder]}
  - layer_norm
  - dense: {width: vocabulary, bias: false, tie: {Omega: words.Omega}, as: logits}
outputs: {logits: [T, vocabulary]}
""",
    "dense-block": """\
netspec: 1
name: densenet-block
input: [16, 32, 32]
blocks:
  grow:
    layers:
      - batch_norm
      - relu
      - conv: {channels: 12, kernel: 3, padding: same}
layers:
  - grow: {from: in, as: g1}
  - concat: {from: [in, g1], as: c1}
  - grow: {as: g2}
  - concat: {from: [in, g1, g2], as: c2}
  - grow: {as: g3}
  - concat: {from: [in, g1, g2, g3], as: c3}
  - grow: {as: g4}
  - concat: {from: [in, g1, g2, g3, g4], as: c4}
  - conv: {channels: 32, kernel: 1}
  - average_pool: 2
output: [32, 16, 16]
""",
    "siamese": """\
netspec: 1
name: siamese
inputs: {a: 784, b: 784}
networks:
  tower: {input: 784, widths: [256, 128], output: 64}
layers:
  - tower: {from: a, as: left}
  - tower: {from: b, as: right}
  - abs_difference: [left, right]
  - dense: 1
  - sigmoid
output: 1
""",
    "rounds": """\
netspec: 1
name: rounds
input: 32
layers:
  - dense: {width: 16, as: memory}
  - repeat:
      times: 4
      layers:
        - dense: {width: 16, as: inner}
        - add: [inner, memory]
        - repeat: {times: 3, layers: [{dense: {width: 16, activation: relu}}]}
  - repeat: {times: 3, index: i, layers: [{dense: {width: 8 * 2**i}}]}
  - dense: 10
output: 10
""",
    "u-net": """\
netspec: 1
name: u-net
symbols: [H, W]
checks: [H % 4 == 0, W % 4 == 0]
input: [1, H, W]
blocks:
  double:
    hyperparameters: {channels: int}
    layers:
      - conv: {channels: channels, kernel: 3, padding: same, activation: relu}
      - conv: {channels: channels, kernel: 3, padding: same, activation: relu}
layers:
  - double: {channels: 8, as: level_1}
  - max_pool: 2
  - double: {channels: 16, as: level_2}
  - max_pool: 2
  - double: {channels: 32, as: bottom}
  - conv_transpose: {channels: 16, kernel: 2, stride: 2, as: up_2}
  - concat: [level_2, up_2]
  - double: {channels: 16}
  - conv_transpose: {channels: 8, kernel: 2, stride: 2, as: up_1}
  - concat: [level_1, up_1]
  - double: {channels: 8}
  - conv: {channels: 2, kernel: 1}
output: [2, H, W]
""",
}
"""Networks with a list of layers: rounds, values from around them, skips, long skips, shared parts, free sizes."""


class Checked(NamedTuple):
    """A valid spec: what functions that draw take."""

    part: Part
    graph: Graph
    facts: Facts


def checked(text: str) -> Checked:
    """Return the network that a valid spec is."""
    verdict = check_text(text, "spec.yaml")
    assert verdict.part is not None, verdict.diagnostics
    assert verdict.graph is not None
    assert verdict.facts is not None
    return Checked(verdict.part, verdict.graph, verdict.facts)


ACTIVATIONS = st.sampled_from(["relu", "tanh", "identity", "{leaky_relu: {slope: 0.1}}"])


@st.composite
def bodies(draw: st.DrawFn, size: int = 2) -> str:
    """Draw the keys of a fully connected network from `size` units to `size` units, in one line of YAML."""
    hidden = draw(st.lists(st.integers(1, 3), max_size=5))
    keys = [f"input: {size}", f"output: {size}"]
    if draw(st.booleans()):
        keys += [f"K: {len(hidden)}", f"widths: {draw(st.integers(1, 9))}"]
    elif hidden:
        keys.append(f"widths: {hidden}")
        keys.append(f"activation: [{', '.join(draw(ACTIVATIONS) for _ in hidden)}]")
    else:
        keys.append("K: 0")
    if draw(st.booleans()):
        keys.append(f"output_activation: {draw(ACTIVATIONS)}")
    return ", ".join(keys)


@st.composite
def specs(draw: st.DrawFn) -> str:
    """Draw a spec: a network alone, or a composition of shared networks, one of which may be composed itself."""
    if draw(st.booleans()):
        return f"{{netspec: 1, {draw(bodies())}}}\n"
    names = ["a", "b", "c"][: draw(st.integers(1, 3))]
    networks = [f"  {name}: {{{draw(bodies())}}}" for name in names]
    inner = draw(st.lists(st.sampled_from(names), max_size=3))
    if inner:
        networks.append(f"  d: {{compose: [{', '.join(inner)}]}}")
        names.append("d")
    used = draw(st.lists(st.sampled_from(names), min_size=1, max_size=4))
    return "\n".join(["netspec: 1", "networks:", *networks, f"compose: [{', '.join(used)}]", ""])


def branched(blocks: int, *, within: Graph | None = None) -> Graph:
    """Return a graph of residual blocks on 4 units, whose merge (a stand-in) reads a branch and the block's input.

    With `within`, every other branch is that graph as a part.
    """
    graph = Graph(((4,),))
    net = Builder(graph)
    merge = Elementwise("identity")
    x = 0
    for block in range(blocks):
        h = net.activate(net.affine(x, 8, init="zeros", tag=2 * block), Elementwise("relu"))
        h = net.affine(h, 4, init="zeros", tag=2 * block + 1)
        if within is not None and block % 2:
            (h,) = net.call((x,), (f"part_{block}",), within)
        x = net.apply(merge, h, x, h)
    graph.outputs = (x,)
    return graph
