"""ResNet-18, GPT-2 small and ViT-B/16 from `specs/` beside the same networks in PyTorch, on the same weights.

    python -m tests.torch.networks

PyTorch's own modules are put together as the papers have them; weights are drawn, and none is left at 0 or 1. The
largest error over the largest |y| is printed; the exit code is 1 where one is beyond 1e-10 in float64, 1e-5 in float32.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

import netspec

SPECS: Final = Path(__file__).parents[2] / "specs"
BOUNDS: Final = {"float64": 1e-10, "float32": 1e-5}

Weights = Mapping[str, torch.Tensor]


def _conv_norm(x: torch.Tensor, w: Weights, name: str, stride: int = 1) -> torch.Tensor:
    Omega = w[f"{name}.conv.Omega"]
    h = functional.conv2d(x, Omega, stride=stride, padding=Omega.shape[-1] // 2)
    norm = f"{name}.batch_norm"
    mean, variance = w[f"{norm}.mean"], w[f"{norm}.variance"]
    return functional.batch_norm(h, mean, variance, w[f"{norm}.gamma"], w[f"{norm}.beta"])


def resnet_18(x: torch.Tensor, w: Weights) -> torch.Tensor:
    """Return the logits of He et al. 2016 for images (N, 3, 224, 224)."""
    h = functional.max_pool2d(functional.relu(_conv_norm(x, w, "stem", 2)), 3, 2, 1)

    def same(h: torch.Tensor, name: str) -> torch.Tensor:
        branch = _conv_norm(functional.relu(_conv_norm(h, w, f"{name}.conv_norm")), w, f"{name}.branch")
        return functional.relu(branch + h)

    for number in range(2):
        h = same(h, f"same.{number}")
    for stage in ("stage", "stage_2", "stage_3"):
        name = f"{stage}.halve"
        branch = _conv_norm(functional.relu(_conv_norm(h, w, f"{name}.conv_norm", 2)), w, f"{name}.branch")
        h = functional.relu(branch + _conv_norm(h, w, f"{name}.shortcut", 2))
        h = same(h, f"{stage}.same.0")
    return functional.linear(h.mean((2, 3)), w["head.Omega"], w["head.beta"])


def _norm(x: torch.Tensor, w: Weights, name: str, epsilon: float) -> torch.Tensor:
    return functional.layer_norm(x, x.shape[-1:], w[f"{name}.gamma"], w[f"{name}.beta"], epsilon)


def _block(
    h: torch.Tensor, w: Weights, name: str, heads: int, epsilon: float, *, causal: bool, gelu: str
) -> torch.Tensor:
    """Return a block of a transformer that norms before it computes."""
    n, t, d = h.shape
    x = _norm(h, w, f"{name}.layer_norm", epsilon)
    parts = []
    for role in ("query", "key", "value"):
        part = functional.linear(x, w[f"{name}.attention.Omega_{role}"], w[f"{name}.attention.beta_{role}"])
        parts.append(part.view(n, t, heads, d // heads).transpose(1, 2))
    mixed = functional.scaled_dot_product_attention(*parts, is_causal=causal).transpose(1, 2).reshape(n, t, d)
    h = h + functional.linear(mixed, w[f"{name}.attention.Omega_output"], w[f"{name}.attention.beta_output"])
    x = _norm(h, w, f"{name}.layer_norm_2", epsilon)
    x = functional.gelu(functional.linear(x, w[f"{name}.mlp.Omega_0"], w[f"{name}.mlp.beta_0"]), approximate=gelu)
    return h + functional.linear(x, w[f"{name}.mlp.Omega_1"], w[f"{name}.mlp.beta_1"])


def gpt2(tokens: torch.Tensor, w: Weights) -> torch.Tensor:
    """Return the logits of Radford et al. 2019 for tokens (N, T)."""
    h = w["words.Omega"][tokens] + w["positional_embedding.Omega"][: tokens.shape[1]]
    for number in range(12):
        h = _block(h, w, f"decoder.{number}", 12, 1e-5, causal=True, gelu="tanh")
    return functional.linear(_norm(h, w, "layer_norm", 1e-5), w["words.Omega"])


def vit_b_16(x: torch.Tensor, w: Weights) -> torch.Tensor:
    """Return the logits of Dosovitskiy et al. 2021 for images (N, 3, 224, 224)."""
    words = functional.conv2d(x, w["conv.Omega"], w["conv.beta"], stride=16).flatten(2).transpose(1, 2)
    token = w["token.Omega"].expand(len(x), 1, -1)
    h = torch.cat([token, words], dim=1) + w["positional_embedding.Omega"]
    for number in range(12):
        h = _block(h, w, f"encoder.{number}", 12, 1e-6, causal=False, gelu="none")
    return functional.linear(_norm(h, w, "norm", 1e-6)[:, 0], w["head.Omega"], w["head.beta"])


NETWORKS: Final[dict[str, tuple[str, Callable[[torch.Tensor, Weights], torch.Tensor]]]] = {
    "ResNet-18": ("vision/resnet_18.yaml", resnet_18),
    "GPT-2 small": ("language/gpt2.yaml", gpt2),
    "ViT-B/16": ("vision/vit_b_16.yaml", vit_b_16),
}


def error(path: Path, function: Callable[[torch.Tensor, Weights], torch.Tensor], dtype: Any) -> float:
    """Return the largest difference of the two results, over the largest |y|."""
    network = netspec.load(path)
    model = network.build(seed=0, dtype=dtype)
    rng = np.random.default_rng(0)
    values: dict[str, NDArray[Any]] = {}
    for name, array in model.parameters.items():
        role = name.rpartition(".")[2].partition("_")[0]
        values[name] = array
        if role in ("beta", "mean"):
            values[name] = (0.1 * rng.standard_normal(array.shape)).astype(dtype)
        elif role in ("gamma", "variance"):
            values[name] = (1 + 0.2 * rng.random(array.shape)).astype(dtype)
    if network.operations.integers:
        x = rng.integers(0, 50257, (2, 33))
    else:
        x = rng.standard_normal((2, 3, 224, 224)).astype(dtype)
    module: dict[str, Any] = {}
    exec(model.source, module)  # the text that netspec emitted
    (ours,) = module["bind"](module["prepare"](values))(x)
    with torch.inference_mode():
        weights = {name: torch.from_numpy(array.copy()) for name, array in values.items()}
        theirs = function(torch.from_numpy(x), weights).numpy()
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype == dtype
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def main() -> int:
    """Print a line for each network; return 1 where one is beyond its bound."""
    print(f"PyTorch {torch.__version__}, NumPy {np.__version__}; the same weights, end to end")
    failed = False
    for name, (path, function) in NETWORKS.items():
        found = {dtype: error(SPECS / path, function, dtype) for dtype in BOUNDS}
        failed |= any(found[dtype] > bound for dtype, bound in BOUNDS.items())
        print(f"{name:16}" + "   ".join(f"{dtype} {value:.1e}" for dtype, value in found.items()), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
