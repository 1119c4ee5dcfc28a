"""Accuracy: what netspec computes in float32 beside the same network in float64."""

from collections.abc import Sequence
from typing import Final

import numpy as np

import netspec
from benchmarks import convolutions, networks
from benchmarks.filled import filled
from benchmarks.grid import Point
from benchmarks.harness import ROOT, Settings, Spread
from benchmarks.mlp_peers import naive
from benchmarks.peers import ONNX, TORCH, Array, Parameters, first, installed, runtime, torch_threads
from benchmarks.results import Goal, Result, Table, spell_error, spell_times

AFFINE: Final = (
    Point((3,) * 10, 64),
    Point((5,) * 10, 1024),
    Point((32,) * 10, 1),
    Point((32,) * 130, 64),
    Point((100,) * 10, 64),
    Point((128,) * 10, 1024),
    Point((128,) * 130, 64),
    Point((300,) * 6, 64),
    Point((784, 512, 256, 10), 1024),
    Point((1000,) * 6, 64),
)
_TIMES, _EXACT_TIMES, _SHARE = 4.0, 1.2, 1e-5


def measure(settings: Settings) -> Result:
    """Return the errors; nothing is timed."""
    affine = [_affine(point, settings) for point in settings.choose(AFFINE, 3)]
    tables = [
        Table(
            ("network, batch", "netspec", "netspec, exact", "NumPy by hand", "netspec : by hand", "exact : by hand"),
            [
                (title, *(f"{each:.1e}" for each in (ours, exact, theirs)), *_times_as_large(ours, exact, theirs))
                for title, ours, exact, theirs in affine
            ],
        )
    ]
    times = max(ours / theirs for _, ours, _, theirs in affine)
    exactly = max(exact / theirs for _, _, exact, theirs in affine)
    about = "affine networks: error, to that of float32 by hand"
    goals = [
        Goal(about, f"at most {_TIMES:g} ×", _one(times), _TIMES, spell_times),
        Goal(f"{about}, exact", f"at most {_EXACT_TIMES:g} ×", _one(exactly), _EXACT_TIMES, spell_times),
    ]
    if installed(TORCH) and not settings.tiny:
        torch_threads(1)
        others = [*_convolutions(settings), *_networks(settings)]
        heads = ("network", "netspec", TORCH, *([ONNX] if installed(ONNX) else []))
        rows = [(title, *(f"{error:.1e}" for error in errors)) for title, errors in others]
        tables.append(Table(heads, rows))
        worst = max(errors[0] for _, errors in others)
        words = f"at most {_SHARE:.0e}"
        goals.append(Goal("convolutions and transformers: error", words, _one(worst), _SHARE, spell_error))
    return Result(
        "Accuracy",
        "The largest error over the largest |y|, against the same float32 weights and inputs in float64: for affine "
        "networks by NumPy, for others by torch. netspec is as it comes, with whatever it folds, transforms or fits; "
        "exact is as `--exact` builds it.",
        tables,
        goals,
        {},
    )


def _one(value: float) -> Spread:
    return Spread(value, value, value)


def error(found: Array, exact: Array) -> float:
    """Return the largest error over the largest |y|."""
    return float(np.abs(found.astype(np.float64) - exact).max() / np.abs(exact).max())


def _times_as_large(ours: float, exact: float, theirs: float) -> tuple[str, str]:
    return f"{ours / theirs:.2f} ×", f"{exact / theirs:.2f} ×"


def _affine(point: Point, settings: Settings) -> tuple[str, float, float, float]:
    """Return the title, our error, that of an exact program, and that of float32 by hand."""
    inputs, *hidden, outputs = point.widths
    network = netspec.Network(name="measured", input=inputs, widths=hidden, output=outputs)
    drawn = filled(network, settings.scratch)
    model = drawn.build()
    x = np.random.default_rng(1).standard_normal((point.batch, inputs), np.float32)
    exact = naive({name: array.astype(np.float64) for name, array in model.parameters.items()})(x.astype(np.float64))
    errors = [error(y, exact) for y in (model(x), drawn.build(exact=True)(x), naive(model.parameters)(x))]
    return point.title, errors[0], errors[1], errors[2]


def _convolutions(settings: Settings) -> list[tuple[str, list[float]]]:
    import torch

    found = []
    for point in settings.choose(convolutions.POINTS, 4):
        model = filled(netspec.loads(point.spec), settings.scratch).build()
        x = np.random.default_rng(1).standard_normal((point.batch, point.inputs, point.side, point.side), np.float32)
        parameters = list(model.parameters.values())
        pairs = list(zip(parameters[1::2], parameters[::2], strict=True))
        with torch.inference_mode():
            results = [model(x), convolutions.torch_module(pairs)(torch.from_numpy(x)).numpy()]
            exact = convolutions.torch_module(pairs).double()(torch.from_numpy(x).double()).numpy()
        if installed(ONNX):
            results.append(np.asarray(convolutions.peers(point, parameters)[ONNX](x)()))
        found.append((point.title, [error(result, exact) for result in results]))
    return found


def _networks(settings: Settings) -> list[tuple[str, list[float]]]:
    found = []
    for point in settings.choose(networks.POINTS, 3):
        if point.shape[0] > 1 or point.shape[-1] == 512:
            continue  # more of the same network, which takes long in float64
        model = filled(netspec.load(ROOT / "specs" / point.spec), settings.scratch).build()
        x, parameters = point.input(), model.parameters
        results = [first(model)(x), *_of_torch(point, parameters, x)]
        exact = results.pop()
        if installed(ONNX):
            results.append(np.asarray(runtime(point.onnx(parameters))(x)()))
        found.append((point.title, [error(result, exact) for result in results]))
    return found


def _of_torch(point: networks.Point, parameters: Parameters, x: Array) -> Sequence[Array]:
    """Return the result of torch in float32, and in float64."""
    import torch

    given = torch.from_numpy(x)
    module = point.torch(parameters).eval()
    with torch.inference_mode():
        single = module(given).numpy()
        return single, module.double()(given.double() if x.dtype == np.float32 else given).numpy()
