"""Networks that are lists of layers, whose summaries are compared whole."""

from typing import Final

LENET: Final = """\
netspec: 1
name: lenet
input: [1, 28, 28]
layers:
  - conv: {channels: 6, kernel: 5, padding: 2, activation: relu}
  - max_pool: 2
  - conv: {channels: 16, kernel: 5, activation: relu}
  - max_pool: 2
  - flatten
  - mlp: {widths: [120, 84], output: 10}
output: 10
"""

RESIDUAL: Final = """\
netspec: 1
name: residual-mlp
hyperparameters: {D: 64, rounds: 4}
input: 32
blocks:
  res:
    layers:
      - dense: {width: 4*D, activation: relu}
      - dense: {width: D, as: branch}
      - add: [branch, in]
layers:
  - dense: {width: D, activation: relu}
  - repeat: {times: rounds, layers: [res]}
  - dense: 10
output: 10
"""

GPT2: Final = """\
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
"""

SIAMESE: Final = """\
netspec: 1
name: siamese
inputs: {a: 784, b: 784}
networks:
  tower: {input: 784, widths: [64, 64, 64, 64], output: 16}
layers:
  - tower: {from: a, as: left}
  - tower: {from: b, as: right}
  - abs_difference: [left, right]
  - dense: 1
  - sigmoid
output: 1
"""

STAGES: Final = """\
netspec: 1
name: stages
input: [3, 32, 32]
blocks:
  res:
    hyperparameters: {channels: int}
    layers:
      - conv: {channels: channels, kernel: 3, padding: same, bias: false}
      - batch_norm
      - relu: {as: branch}
      - conv: {from: in, channels: channels, kernel: 1, as: shortcut}
      - add: [branch, shortcut]
layers:
  - res: {channels: 8}
  - max_pool: 2
  - repeat: {times: 3, layers: [{res: {channels: 16}}]}
  - repeat:
      times: 2
      layers:
        - conv: {channels: 16, kernel: 3, padding: same}
        - batch_norm
        - relu
  - global_average_pool
  - dense: 10
output: 10
"""
