"""Writes tests/gradients/references/images.json: gradients of small cases that PyTorch gives in float64.

Arrays are as PyTorch has them, the batch first: `{"shape": [...], "values": [...]}`. A case has what a kernel takes by
its names, and `results`. `tests/gradients/kernels/test_references_images.py` and `test_slopes.py` read them.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F  # noqa: N812 - its usual name

from tests.torch.activations import ACTIVATIONS

TARGET: Final = Path(__file__).parents[1] / "gradients" / "references" / "images.json"
BENDS: Final = (-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0)
SMOOTH: Final = (-30.0, -12.0, -5.0, -1.5, -0.001, 0.002, 0.75, 2.0, 5.5, 30.0)
OTHERS: Final = {
    "leaky_relu": [[0.01], [0.0], [1.5]],
    "elu": [[0.73], [1.0], [2.5]],
    "celu": [[0.5], [1.0], [2.0]],  # PyTorch has 1 / α as a float32
    "hard_tanh": [[-1.33, 0.73], [-1.0, 1.0]],
}
"""Arguments of activations that are not what a third of their bounds gives."""

Array = NDArray[np.float64]
Case = dict[str, Any]


def main() -> None:
    """Write the file, the same each time."""
    random = np.random.default_rng(0)
    cases = [*slopes(), *pools(random), *maps(random), *norms(random), *others(random)]
    body = ",\n".join(json.dumps({name: plain(value) for name, value in case.items()}) for case in cases)
    TARGET.write_text(f"[\n{body}\n]\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(cases)} cases by PyTorch {torch.__version__}, {TARGET.stat().st_size} bytes")


def slopes() -> Iterator[Case]:
    """Yield the slope of every activation, at the points where some bend as well."""
    for name, (function, bounds) in ACTIVATIONS.items():
        drawn_between = [round(low + (high - low) / 3, 2) for low, high in bounds]
        for numbers in OTHERS.get(name, [drawn_between]):
            z = torch.tensor(sorted({*BENDS, *SMOOTH, *numbers}), dtype=torch.float64, requires_grad=True)
            if name == "heaviside":
                slope = torch.zeros_like(z)  # PyTorch has none
            else:
                (slope,) = torch.autograd.grad(function(z, *numbers).sum(), z)
            yield {"activation": name, "arguments": numbers, "z": z.detach().numpy(), "results": slope.numpy()}


def pools(random: np.random.Generator) -> Iterator[Case]:
    """Yield pools of one to three axes, of whole numbers as well, so that many are equally large."""
    for positions, kernel, stride, padding, dilation, ceil in (
        ((4, 6), (2, 2), (2, 2), (0, 0), (1, 1), False),
        ((5, 7), (2, 2), (2, 2), (0, 0), (1, 1), False),
        ((5, 7), (2, 2), (2, 2), (0, 0), (1, 1), True),
        ((6, 5), (3, 2), (2, 1), (1, 1), (1, 1), False),
        ((7, 6), (2, 3), (1, 2), (1, 1), (2, 1), True),
        ((4, 4), (2, 2), (2, 2), (1, 1), (1, 1), False),
        ((9,), (3,), (3,), (0,), (1,), False),
        ((9,), (3,), (2,), (1,), (2,), True),
        ((2, 4, 4), (2, 2, 2), (2, 2, 2), (0, 0, 0), (1, 1, 1), False),
        ((3, 3, 4), (2, 3, 2), (1, 2, 2), (1, 1, 1), (1, 1, 1), False),
        ((3, 3), (1, 1), (1, 1), (0, 0), (1, 1), False),
    ):
        axes = len(positions)
        numbers = {"kernel": kernel, "stride": stride, "padding": [[p, p] for p in padding], "ceil": ceil}
        largest: Any = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[axes - 1]
        mean: Any = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[axes - 1]
        for x in (drawn(random, 2, 2, *positions), np.floor(2 * drawn(random, 2, 2, *positions))):
            yield case(
                "max_pool",
                lambda x, f=largest: f(x, kernel, stride, padding, dilation, ceil),  # noqa: B023
                {"x": x},
                {**numbers, "dilation": dilation},
            )
        if set(dilation) == {1}:
            for count in (True, False):
                yield case(
                    "average_pool",
                    lambda x, f=mean: f(x, kernel, stride, padding, ceil, count),  # noqa: B023
                    {"x": drawn(random, 2, 2, *positions)},
                    {**numbers, "count_padding": count},
                )
    for positions, sizes in (((4, 6), (2, 3)), ((5, 7), (3, 2)), ((4, 4), (1, 1)), ((7,), (3,)), ((2, 3), (4, 2))):
        largest = (F.adaptive_max_pool1d, F.adaptive_max_pool2d)[len(positions) - 1]
        mean = (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d)[len(positions) - 1]
        for x in (drawn(random, 2, 2, *positions), np.floor(drawn(random, 2, 2, *positions))):
            yield case("adaptive_max_pool", lambda x, f=largest: f(x, sizes), {"x": x}, {"sizes": sizes})  # noqa: B023
        yield case("adaptive_average_pool", lambda x, f=mean: f(x, sizes), {"x": x}, {"sizes": sizes})  # noqa: B023


def maps(random: np.random.Generator) -> Iterator[Case]:
    """Yield transposed convolutions and upsampling of one to three axes."""
    for positions, kernel, stride, padding, more, dilation, groups in (
        ((3, 4), (2, 2), (2, 2), (0, 0), (0, 0), (1, 1), 1),
        ((3, 4), (3, 2), (2, 1), (1, 0), (1, 0), (1, 1), 2),
        ((3, 3), (2, 3), (1, 2), (1, 1), (0, 1), (2, 1), 1),
        ((2, 2), (1, 2), (3, 1), (0, 0), (2, 0), (1, 1), 1),
        ((5,), (4,), (2,), (1,), (0,), (1,), 2),
        ((2, 2, 3), (2, 1, 2), (2, 1, 1), (0, 0, 1), (1, 0, 0), (1, 1, 1), 1),
    ):
        function = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[len(positions) - 1]
        for bias in (True, False)[: 1 + (len(positions) == 1)]:
            tensors = {"x": drawn(random, 2, 4, *positions), "Omega": drawn(random, 4, 2, *kernel)}
            if bias:
                tensors["beta"] = drawn(random, 2 * groups)
            yield case(
                "convolve_transposed",
                lambda x, Omega, beta=None, f=function: f(x, Omega, beta, stride, padding, more, groups, dilation),  # noqa: B023
                tensors,
                {
                    "stride": stride,
                    "padding": [[p, p] for p in padding],
                    "output_padding": more,
                    "dilation": dilation,
                    "groups": groups,
                },
            )
    for positions, factors in (((4,), (3,)), ((2, 3), (2, 2)), ((3, 1), (1, 4)), ((2, 2, 3), (2, 1, 3))):
        linear = ("linear", "bilinear", "trilinear")[len(positions) - 1]
        for kind, mode in (("nearest", "nearest"), ("linear", linear)):
            yield case(
                f"upsample_{kind}",
                lambda x, m=mode: F.interpolate(x, scale_factor=factors, mode=m),  # noqa: B023
                {"x": drawn(random, 2, 2, *positions)},
                {"factors": factors},
            )


def norms(random: np.random.Generator) -> Iterator[Case]:
    """Yield normalisations of channels, with the state that training leaves."""
    for positions, affine in (((), True), ((3,), False), ((2, 3), True)):
        x = 3.0 + 2.0 * drawn(random, 4, 6, *positions)
        learned = {"gamma": drawn(random, 6), "beta": drawn(random, 6)} if affine else {}
        for trains in (True, False):
            mean, variance = drawn(random, 6), 0.5 + random.random(6).round(3)
            after = [torch.from_numpy(mean.copy()), torch.from_numpy(variance.copy())]
            numbers: dict[str, Any] = {"epsilon": 1e-3, "mean": mean, "variance": variance}
            found = case(
                "batch_norm" if trains else "batch_norm_frozen",
                lambda x, gamma=None, beta=None: F.batch_norm(x, after[0], after[1], gamma, beta, trains, 0.3, 1e-3),  # noqa: B023
                {"x": x, **learned},
                {**numbers, "momentum": 0.3} if trains else numbers,
            )
            found["results"] |= {"mean": plain(after[0].numpy()), "variance": plain(after[1].numpy())}
            yield found
        for groups in (1, 2, 6):
            if groups < 6 or positions:
                yield case(
                    "group_norm",
                    lambda x, gamma=None, beta=None: F.group_norm(x, groups, gamma, beta, 1e-3),  # noqa: B023
                    {"x": x, **learned},
                    {"groups": groups, "epsilon": 1e-3},
                )


def others(random: np.random.Generator) -> Iterator[Case]:
    """Yield reductions, the softmax and its logarithm, and the rectifier with a learned slope."""
    x = drawn(random, 3, 4, 2, 3)
    for axes in ((1,), (2, 3), (1, 3), (1, 2, 3)):
        yield case("sum", lambda x: x.sum(axes), {"x": x}, {"axes": axes, "keep": False})  # noqa: B023
        yield case("mean", lambda x: x.mean(axes), {"x": x}, {"axes": axes, "keep": False})  # noqa: B023
        for y in (x, np.floor(x)):
            yield case("max", lambda x: torch.amax(x, axes), {"x": y}, {"axes": axes, "keep": False})  # noqa: B023
    for axis in (1, 2, 3):
        yield case("softmax", lambda x: torch.softmax(x, axis), {"x": x}, {"axis": axis})  # noqa: B023
        yield case("log_softmax", lambda x: torch.log_softmax(x, axis), {"x": x}, {"axis": axis})  # noqa: B023
    for slope in (np.array([0.25]), drawn(random, 4)):
        yield case("prelu", F.prelu, {"x": np.floor(x) + (x > 1), "slope": slope}, {"axis": 1}, {"x": "x"})


def case(
    operation: str,
    function: Callable[..., Any],
    tensors: dict[str, Array],
    numbers: dict[str, Any],
    names: dict[str, str] | None = None,
) -> Case:
    """Return a case of an operation: its tensors and numbers, a dy, and what PyTorch gives."""
    leaves = {name: torch.from_numpy(value).requires_grad_() for name, value in tensors.items()}
    y = function(*leaves.values()) if names else function(**leaves)
    dy = np.random.default_rng(y.numel()).normal(0, 1, tuple(y.shape)).round(3)
    found = torch.autograd.grad(y, list(leaves.values()), torch.from_numpy(dy))
    results = {
        "y": y.detach().numpy(),
        **{f"d{name}": value.numpy() for name, value in zip(leaves, found, strict=True)},
    }
    return {
        "operation": operation,
        **tensors,
        "dy": dy,
        **numbers,
        "results": {name: plain(value) for name, value in results.items()},
    }


def drawn(random: np.random.Generator, *shape: int) -> Array:
    """Return numbers around zero that are short to write."""
    return random.normal(0, 1.5, shape).round(3)


def plain(value: Any) -> Any:
    """Return a value as JSON has it, numbers with 12 digits."""
    if not isinstance(value, np.ndarray):
        return value
    return {"shape": value.shape, "values": [float(f"{number:.12g}") for number in value.ravel().tolist()]}


if __name__ == "__main__":
    main()
