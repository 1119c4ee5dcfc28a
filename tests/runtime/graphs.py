"""Programs of networks of any form, emitted by the compiler, with small parameters that are easy to check."""

from typing import Any

import numpy as np

import netspec
from netspec.model import Model
from netspec.runtime.graph_program import GraphProgram

IMAGE = "name: image\ninput: [2, 3]\nlayers: [{transpose: {axes: [1, 0]}}, tanh]\noutput: [3, 2]\n"
PAIR = """\
name: pair
symbols: [T]
checks: [T <= 4]
inputs: {tokens: {shape: [T], dtype: int32}, scale: [T, 2]}
layers:
  - embedding: {from: tokens, vocabulary: 5, width: 2, as: words}
  - multiply: {from: [words, scale], as: scaled}
  - sum: {axes: 0, as: total}
outputs: {total: 2, scaled: [T, 2]}
"""
TOKENS = """\
name: words
symbols: [T]
inputs: {tokens: {shape: [T], dtype: int32}}
layers: [{embedding: {vocabulary: 5, width: 2}}]
output: [T, 2]
"""
ENDS = """\
name: ends
inputs: {a: [2, 2], b: 1}
layers: [{dense: {from: a, width: 1, as: u}}, {tanh: {from: b, as: v}}]
outputs: {u: [2, 1], v: 1}
"""


def model(text: str) -> Model:
    """Return the model of a spec, in float64."""
    return netspec.loads(f"netspec: 1\ndtype: float64\n{text}").build(seed=1)


def program(text: str) -> GraphProgram:
    """Return its program."""
    found = model(text).program
    assert isinstance(found, GraphProgram)
    return found


def computed(found: GraphProgram, *inputs: Any) -> list[Any]:
    """Return the outputs in a list."""
    results = found(*inputs)
    return list(results.values()) if isinstance(results, dict) else [results]


def array(shape: tuple[int, ...]) -> Any:
    """Return numbers in a shape."""
    return np.arange(int(np.prod(shape)), dtype=np.float64).reshape(shape) / 8
