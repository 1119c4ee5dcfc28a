"""Well-known networks of `specs/`, whole: ResNets, GPT-2 small and ViT-B/16."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from benchmarks import resnets, transformers
from benchmarks.alone import measured, note
from benchmarks.bars import NETSPEC, Bar, goals
from benchmarks.grid import rows
from benchmarks.harness import ROOT, Samples, Settings, interleave
from benchmarks.peers import ONNX, TORCH, Array, Parameters, Peer, installed, runtime, torch_eager
from benchmarks.results import Result, Table


class Point(NamedTuple):
    """A network, the spec that declares it, the shape of its input, and how its peers are made.

    `vocabulary` is not 0 where the input is tokens.
    """

    title: str
    spec: str
    shape: tuple[int, ...]
    onnx: Callable[[Parameters], bytes]
    torch: Callable[[Parameters], Any]
    vocabulary: int = 0

    def input(self) -> Array:
        """Return an input, images or tokens, the same each time."""
        draw = np.random.default_rng(0)
        if self.vocabulary:
            return draw.integers(0, self.vocabulary, self.shape)
        return draw.standard_normal(self.shape, np.float32)


def _resnet(name: str, depth: int, batch: int) -> Point:
    title = f"{name}, batch {batch}"
    spec = f"vision/resnet_{depth}.yaml"
    return Point(title, spec, (batch, 3, 224, 224), resnets.onnx_bytes, resnets.torch_module)


def _gpt_2(tokens: int) -> Point:
    title, spec = f"GPT-2 small, {tokens} tokens", "language/gpt2.yaml"
    make = transformers.gpt_2_onnx
    return Point(title, spec, (1, tokens), lambda p: make(p, tokens), transformers.gpt_2_torch, 50257)


POINTS: Final = (
    _resnet("ResNet-18", 18, 1),
    _resnet("ResNet-18", 18, 8),
    _resnet("ResNet-50", 50, 1),
    _gpt_2(128),
    _gpt_2(512),
    Point("ViT-B/16, batch 1", "vision/vit_b_16.yaml", (1, 3, 224, 224), transformers.vit_onnx, transformers.vit_torch),
)
_RESNET_18: Final = [point.title for point in POINTS if point.title.startswith("ResNet-18")]
_TRANSFORMERS: Final = [point.title for point in POINTS if point.title.startswith(("GPT-2", "ViT"))]
BARS: Final = (
    Bar("ResNet-18, batch 1 and 8", ONNX, 0.85, _RESNET_18),
    Bar("ResNet-18, batch 1 and 8", TORCH, 1.2, _RESNET_18),
    Bar("GPT-2 small and ViT-B/16", ONNX, 0.8, _TRANSFORMERS),
    Bar("GPT-2 small and ViT-B/16", TORCH, 0.9, _TRANSFORMERS),
)


def measure(settings: Settings) -> Result:
    """Return what whole networks cost, and how many times as long they take the others."""
    samples = measured("networks", settings)
    peers = [peer for peer in (ONNX, TORCH) if peer in next(iter(samples.values()))]
    return Result(
        "Well-known networks",
        "`specs/vision/resnet_18.yaml` and others as they stand, images of 224 × 224, float32, on one processor with "
        "one thread. The peers have the same weights, every offset, mean and variance drawn, and agree in their "
        "results: onnxruntime has a file of the usual operators, which it fuses as it likes; torch has modules as "
        "torchvision and transformers put them together, with its own attention, in inference mode. GPT-2 gives the "
        "logits of every position.",
        [Table(("network", NETSPEC, *peers), rows(samples, peers))],
        goals(BARS, samples),
        samples,
    )


def peers(point: Point, parameters: Parameters) -> dict[str, Peer]:
    """Return the peers that are installed, with the parameters of a spec."""
    makers: dict[str, Callable[[], Peer]] = {
        ONNX: lambda: runtime(point.onnx(parameters)),
        TORCH: lambda: torch_eager(point.torch(parameters)),
    }
    return {name: make() for name, make in makers.items() if installed(name)}


def points(settings: Settings) -> dict[str, Samples]:
    """Return the samples of every point; RuntimeError where a peer computes another function."""
    import netspec
    from benchmarks.filled import filled
    from benchmarks.peers import first, here, systems, torch_threads

    if installed(TORCH):
        torch_threads(1)
    found: dict[str, Samples] = {}
    for point in settings.choose(POINTS, 3):
        note(point.title)
        network = netspec.load(ROOT / "specs" / point.spec)
        model = filled(network, settings.scratch).build()
        others = peers(point, model.parameters)
        found[point.title] = interleave(
            systems({NETSPEC: here(first(model)), **others}, point.input()), settings.rounds
        )
    return found
