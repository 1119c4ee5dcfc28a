"""Networks that are trained, of their specs and as PyTorch's users write them, with the same weights."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

import netspec
from benchmarks import mlp_peers, resnets, transformers
from benchmarks.harness import ROOT
from benchmarks.peers import Array, Parameters
from benchmarks.torch_weights import convolution, held, linear


class Trained(NamedTuple):
    """A network that gives logits: its spec, the shape of a batch, and the module of torch made of its parameters.

    `fitted` are the widths where it is one that scikit-learn has.
    """

    title: str
    spec: str
    shape: tuple[int, ...]
    module: Callable[[Parameters], Any]
    fitted: tuple[int, ...] = ()

    def network(self) -> netspec.Network:
        """Return the network; a spec is a file below `specs`, or text."""
        return netspec.loads(self.spec) if "\n" in self.spec else netspec.load(ROOT / "specs" / self.spec)

    def batch(self, classes: int) -> tuple[Array, Array]:
        """Return inputs and classes, the same each time."""
        draw = np.random.default_rng(0)
        return draw.standard_normal(self.shape, np.float32), draw.integers(0, classes, self.shape[0])


def _mlp(widths: tuple[int, ...], batch: int) -> Trained:
    first, *hidden, last = widths
    spec = f"netspec: 1\nname: measured\ninput: {first}\nwidths: {hidden}\noutput: {last}\n"
    title = f"{'-'.join(map(str, widths))}, batch {batch}"
    return Trained(title, spec, (batch, first), mlp_peers.torch_module, widths)


def _lenet_torch(parameters: Parameters) -> Any:
    from torch import nn

    return nn.Sequential(
        convolution(parameters, "conv.Omega", "conv.beta", padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        convolution(parameters, "conv_2.Omega", "conv_2.beta"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        linear(parameters, "mlp.Omega_0", "mlp.beta_0"),
        nn.ReLU(),
        linear(parameters, "mlp.Omega_1", "mlp.beta_1"),
        nn.ReLU(),
        linear(parameters, "mlp.Omega_2", "mlp.beta_2"),
    )


def _signals_torch(parameters: Parameters) -> Any:
    """Return the network of notebook 10.2."""
    from torch import nn

    def convolve(name: str) -> Any:
        Omega, beta = parameters[f"{name}.Omega"], parameters[f"{name}.beta"]
        return held(lambda: nn.Conv1d(Omega.shape[1], Omega.shape[0], 3, 2), weight=Omega, bias=beta)

    layers = [layer for name in ("conv", "conv_2", "conv_3") for layer in (convolve(name), nn.ReLU())]
    return nn.Sequential(*layers, nn.Flatten(), linear(parameters, "dense.Omega", "dense.beta"))


_BLOCKS: Final = """netspec: 1
name: blocks
input: [64, 128]
blocks:
  encoder:
    layers:
      - layer_norm
      - attention: {heads: 4, as: attention}
      - add: {from: [attention, in], as: sum}
      - layer_norm
      - mlp: {widths: [512], output: 128, activation: gelu, as: mlp}
      - add: [mlp, sum]
layers:
  - repeat: {times: 2, layers: [encoder]}
  - mean: {axes: 0}
  - dense: {width: 10, as: head}
output: 10
"""
_READER: Final = """netspec: 1
name: reader
input: [40, 32]
layers:
  - lstm: {width: 64, give: last}
  - dense: {width: 10, as: head}
output: 10
"""


def _blocks_torch(parameters: Parameters) -> Any:
    from torch import nn

    form = transformers.Form("encoder", 4, 1e-5, "none", causal=False)

    class Blocks(nn.Module):  # type: ignore[misc]  # torch is not there where types are checked
        def __init__(self) -> None:
            super().__init__()
            self.blocks = transformers.torch_blocks(parameters, form)
            self.head = linear(parameters, "head.Omega", "head.beta")

        def forward(self, x: Any) -> Any:
            return self.head(self.blocks(x).mean(1))

    return Blocks()


def _reader_torch(parameters: Parameters) -> Any:
    from torch import nn

    class Reader(nn.Module):  # type: ignore[misc]  # as above
        def __init__(self) -> None:
            super().__init__()
            roles = {"weight": "Omega", "bias": "beta"}, {"ih": "input", "hh": "hidden"}
            own = {
                f"{kind}_{side}_l0": parameters[f"lstm.{roles[0][kind]}_{roles[1][side]}"]
                for kind in roles[0]
                for side in roles[1]
            }
            self.lstm = held(lambda: nn.LSTM(32, 64, batch_first=True), **own)
            self.head = linear(parameters, "head.Omega", "head.beta")

        def forward(self, x: Any) -> Any:
            return self.head(self.lstm(x)[1][0][0])

    return Reader()


SIGNALS: Final = _mlp((40, 100, 100, 10), 100)
DIGITS: Final = _mlp((784, 512, 512, 10), 128)
LENET: Final = Trained("LeNet-5, batch 100", "vision/lenet_5.yaml", (100, 1, 28, 28), _lenet_torch)
NOTEBOOK: Final = Trained("notebook 10.2, batch 100", "notebook_10_2.yaml", (100, 1, 40), _signals_torch)
BLOCKS: Final = Trained("two transformer blocks, batch 16", _BLOCKS, (16, 64, 128), _blocks_torch)
READER: Final = Trained("LSTM of 40 steps, batch 64", _READER, (64, 40, 32), _reader_torch)
RESNET: Final = Trained("ResNet-18, batch 8", "vision/resnet_18.yaml", (8, 3, 224, 224), resnets.torch_module)
