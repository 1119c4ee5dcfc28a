"""Every kind of layer with parameters or options beside the module of PyTorch that it is said to be.

    python -m tests.torch.layers [CASES]

Options and shapes are drawn; the weights that netspec draws are copied into the module, both compute in float64 and in
float32, and the largest error of a kind, over the largest |y| of its case, is printed. The exit code is 1 where one is
beyond 1e-10, or 1e-5. PyTorch is needed, and no test of the main run needs it.
"""

import random
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from netspec import Network

Array = NDArray[Any]
Draw = random.Random
BOUNDS: Final = {"float64": 1e-10, "float32": 1e-5}


class Case(NamedTuple):
    """A layer with its arguments, the shape of what it reads, and the same in PyTorch, given the tensors by name."""

    arguments: dict[str, Any]
    shape: tuple[int, ...]
    module: Callable[[Mapping[str, torch.Tensor]], Callable[[torch.Tensor], Any]]
    keyword: str


def loaded(module: nn.Module, **tensors: torch.Tensor) -> Callable[[torch.Tensor], Any]:
    """Return the module with its parameters and buffers as given."""
    module.load_state_dict(tensors, strict=False)
    ready: Callable[[torch.Tensor], Any] = module.eval()
    return ready


def _conv(draw: Draw, *, transposed: bool = False) -> Case:
    axes = draw.choice((1, 2, 3))
    groups = draw.choice((1, 2))
    channels, out = groups * draw.randint(1, 3), groups * draw.randint(1, 3)
    kernel = [draw.randint(1, 3) for _ in range(axes)]
    stride = [draw.randint(1, 3) for _ in range(axes)]
    dilation = [draw.randint(1, 2) for _ in range(axes)]
    padding = [draw.randint(0, d * (k - 1) // 2 if transposed else 2) for k, d in zip(kernel, dilation, strict=True)]
    bias = draw.random() < 0.7
    shape = (channels, *[draw.randint(6, 9) for _ in range(axes)])
    arguments = {
        "channels": out, "kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation,
        "groups": groups, "bias": bias,
    }  # fmt: skip
    extra: dict[str, Any] = {}
    if transposed:
        extra["output_padding"] = [draw.randint(0, max(s, d) - 1) for s, d in zip(stride, dilation, strict=True)]
        if any(p >= max(s, d) for p, s, d in zip(extra["output_padding"], stride, dilation, strict=True)):
            extra = {}
        extra = {key: [min(v, s - 1) for v, s in zip(value, stride, strict=True)] for key, value in extra.items()}
    kinds = (
        (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
        if transposed
        else (nn.Conv1d, nn.Conv2d, nn.Conv3d)
    )

    def module(t: Mapping[str, torch.Tensor]) -> Callable[[torch.Tensor], Any]:
        made = kinds[axes - 1](
            channels, out, kernel, stride=stride, padding=padding, dilation=dilation, groups=groups, bias=bias, **extra
        )
        given = {"weight": t["Omega"]} | ({"bias": t["beta"]} if bias else {})
        return loaded(made.to(t["Omega"].dtype), **given)

    return Case(arguments | extra, shape, module, "conv_transpose" if transposed else "conv")


def _same(draw: Draw) -> Case:
    kernel, dilation = draw.choice((1, 2, 3, 4, 5)), draw.choice((1, 2))

    def module(t: Mapping[str, torch.Tensor]) -> Callable[[torch.Tensor], Any]:
        made = nn.Conv2d(2, 3, kernel, padding="same", dilation=dilation).to(t["Omega"].dtype)
        return loaded(made, weight=t["Omega"], bias=t["beta"])

    arguments = {"channels": 3, "kernel": kernel, "padding": "same", "dilation": dilation}
    return Case(arguments, (2, 8, 9), module, "conv")


def _depthwise(draw: Draw) -> Case:
    multiplier = draw.randint(1, 3)

    def module(t: Mapping[str, torch.Tensor]) -> Callable[[torch.Tensor], Any]:
        made = nn.Conv2d(4, 4 * multiplier, 3, padding=1, groups=4).to(t["Omega"].dtype)
        return loaded(made, weight=t["Omega"], bias=t["beta"])

    return Case({"kernel": 3, "padding": 1, "multiplier": multiplier}, (4, 6, 7), module, "depthwise_conv")


def _pool(draw: Draw, kind: str) -> Case:
    axes = draw.choice((1, 2, 3))
    kernel = [draw.randint(1, 4) for _ in range(axes)]
    stride = [draw.randint(1, 3) for _ in range(axes)]
    padding = [draw.randint(0, k // 2) for k in kernel]
    ceil = draw.random() < 0.5
    shape = (2, *[draw.randint(6, 10) for _ in range(axes)])
    arguments: dict[str, Any] = {"kernel": kernel, "stride": stride, "padding": padding, "ceil": ceil}
    if kind == "max_pool":
        made = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[axes - 1](kernel, stride, padding, ceil_mode=ceil)
    else:
        count = draw.random() < 0.5
        arguments["count_padding"] = count
        made = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)[axes - 1](kernel, stride, padding, ceil, count)
    return Case(arguments, shape, lambda _: made, kind)


def _adaptive(draw: Draw, kind: str) -> Case:
    size = [draw.randint(1, 5), draw.randint(1, 5)]
    made = (nn.AdaptiveAvgPool2d if "average" in kind else nn.AdaptiveMaxPool2d)(size)
    return Case({"size": size}, (3, draw.randint(5, 9), draw.randint(5, 9)), lambda _: made, kind)


def _global(_: Draw, kind: str) -> Case:
    made = nn.Sequential(nn.AdaptiveAvgPool2d(1) if "average" in kind else nn.AdaptiveMaxPool2d(1), nn.Flatten())
    return Case({}, (3, 5, 6), lambda _: made, kind)


def _batch_norm(draw: Draw) -> Case:
    axes = draw.choice((0, 1, 2, 3))
    affine, epsilon = draw.random() < 0.7, draw.choice((1e-5, 1e-3))

    def module(t: Mapping[str, torch.Tensor]) -> Callable[[torch.Tensor], Any]:
        kind = (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[axes]
        made = kind(4, eps=epsilon, affine=affine).to(t["mean"].dtype)
        given = {"running_mean": t["mean"], "running_var": t["variance"]}
        return loaded(made, **given, **({"weight": t["gamma"], "bias": t["beta"]} if affine else {}))

    shape = (4, *[draw.randint(2, 5) for _ in range(axes)])
    return Case({"affine": affine, "epsilon": epsilon}, shape, module, "batch_norm")


def _layer_norm(draw: Draw) -> Case:
    axes = draw.choice((1, 2))
    shape = (3, draw.randint(2, 4), draw.randint(3, 6))

    def module(t: Mapping[str, torch.Tensor]) -> Callable[[torch.Tensor], Any]:
        made = nn.LayerNorm(shape[-axes:]).to(t["gamma"].dtype)
        return loaded(made, weight=t["gamma"], bias=t["beta"])

    return Case({"axes": axes}, shape, module, "layer_norm")


def _group_norm(draw: Draw) -> Case:
    groups = draw.choice((1, 2, 4))

    def module(t: Mapping[str, torch.Tensor]) -> Callable[[torch.Tensor], Any]:
        made = nn.GroupNorm(groups, 8).to(t["gamma"].dtype)
        return loaded(made, weight=t["gamma"], bias=t["beta"])

    return Case({"groups": groups}, (8, 4, 5), module, "group_norm")


def _attention(draw: Draw) -> Case:
    heads, width = draw.choice((1, 2, 4)), 8
    causal, length = draw.random() < 0.5, draw.randint(1, 6)

    def module(t: Mapping[str, torch.Tensor]) -> Callable[[torch.Tensor], Any]:
        made = nn.MultiheadAttention(width, heads, batch_first=True).to(t["Omega_query"].dtype)
        names = ("query", "key", "value")
        loaded(
            made,
            in_proj_weight=torch.cat([t[f"Omega_{name}"] for name in names]),
            in_proj_bias=torch.cat([t[f"beta_{name}"] for name in names]),
            **{"out_proj.weight": t["Omega_output"], "out_proj.bias": t["beta_output"]},
        )
        mask = nn.Transformer.generate_square_subsequent_mask(length, dtype=t["Omega_query"].dtype) if causal else None
        return lambda x: made(x, x, x, attn_mask=mask, need_weights=False)[0]

    return Case({"heads": heads, "causal": causal}, (length, width), module, "attention")


def _recurrent(draw: Draw, kind: str) -> Case:
    both, width, features = draw.random() < 0.5, draw.randint(1, 5), draw.randint(1, 5)
    give, bias = draw.choice(("every", "last")), draw.random() < 0.7
    arguments: dict[str, Any] = {"width": width, "bidirectional": both, "give": give, "bias": bias}
    function = draw.choice(("tanh", "relu"))
    if kind == "rnn":
        arguments["function"] = function

    def module(t: Mapping[str, torch.Tensor]) -> Callable[[torch.Tensor], Any]:
        options: dict[str, Any] = {"batch_first": True, "bidirectional": both, "bias": bias}
        if kind == "rnn":
            made: nn.RNNBase = nn.RNN(features, width, nonlinearity=function, **options)
        else:
            made = (nn.LSTM if kind == "lstm" else nn.GRU)(features, width, **options)
        made = made.to(t["Omega_input"].dtype)
        given = {}
        for ours, theirs in (("", ""), ("_reverse", "_reverse"))[: 1 + both]:
            given[f"weight_ih_l0{theirs}"] = t[f"Omega_input{ours}"]
            given[f"weight_hh_l0{theirs}"] = t[f"Omega_hidden{ours}"]
            if bias:
                given[f"bias_ih_l0{theirs}"] = t[f"beta_input{ours}"]
                given[f"bias_hh_l0{theirs}"] = t[f"beta_hidden{ours}"]
        loaded(made, **given)

        def run(x: torch.Tensor) -> torch.Tensor:
            every, last = made(x)
            if give == "every":
                return every
            hidden = last[0] if kind == "lstm" else last
            return torch.cat(list(hidden), dim=-1)

        return run

    return Case(arguments, (draw.randint(1, 6), features), module, kind)


def _upsample(draw: Draw) -> Case:
    axes, factor = draw.choice((1, 2, 3)), draw.randint(1, 4)
    smooth = draw.random() < 0.5
    mode = ("linear", "bilinear", "trilinear")[axes - 1] if smooth else "nearest"
    made = nn.Upsample(scale_factor=factor, mode=mode)
    return Case({"factor": factor, "mode": mode}, (2, *[draw.randint(2, 5)] * axes), lambda _: made, "upsample")


def _softmax(draw: Draw, kind: str) -> Case:
    axis = draw.choice((0, 1, -1))
    made = (nn.Softmax if kind == "softmax" else nn.LogSoftmax)(dim=axis + 1 if axis >= 0 else axis)
    return Case({"axis": axis}, (3, 4), lambda _: made, kind)


def _dense(draw: Draw) -> Case:
    bias, shape = draw.random() < 0.5, draw.choice(((5,), (3, 5)))

    def module(t: Mapping[str, torch.Tensor]) -> Callable[[torch.Tensor], Any]:
        made = nn.Linear(5, 4, bias=bias).to(t["Omega"].dtype)
        return loaded(made, weight=t["Omega"], **({"bias": t["beta"]} if bias else {}))

    return Case({"width": 4, "bias": bias}, shape, module, "dense")


def _prelu(draw: Draw) -> Case:
    each = draw.choice(("all", "channel"))

    def module(t: Mapping[str, torch.Tensor]) -> Callable[[torch.Tensor], Any]:
        made = nn.PReLU(1 if each == "all" else 4).to(t["slope"].dtype)
        return loaded(made, weight=t["slope"])

    return Case({"each": each}, (4, 5), module, "prelu")


KINDS: Final[dict[str, Callable[[Draw], Case]]] = {
    "dense": _dense,
    "conv": _conv,
    "conv, same": _same,
    "conv_transpose": lambda draw: _conv(draw, transposed=True),
    "depthwise_conv": _depthwise,
    **{kind: (lambda draw, kind=kind: _pool(draw, kind)) for kind in ("max_pool", "average_pool")},  # type: ignore[misc]
    **{
        kind: (lambda draw, kind=kind: _adaptive(draw, kind))  # type: ignore[misc]
        for kind in ("adaptive_average_pool", "adaptive_max_pool")
    },
    **{
        kind: (lambda draw, kind=kind: _global(draw, kind))  # type: ignore[misc]
        for kind in ("global_average_pool", "global_max_pool")
    },
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "group_norm": _group_norm,
    "attention": _attention,
    **{kind: (lambda draw, kind=kind: _recurrent(draw, kind)) for kind in ("rnn", "lstm", "gru")},  # type: ignore[misc]
    "upsample": _upsample,
    **{kind: (lambda draw, kind=kind: _softmax(draw, kind)) for kind in ("softmax", "log_softmax")},  # type: ignore[misc]
    "prelu": _prelu,
}


def error(case: Case, dtype: str, seed: int) -> float:
    """Return the largest difference of the two results, over the largest |y|, at least 1."""
    arguments = {**case.arguments, "as": "y"}
    keys: dict[str, Any] = {"dtype": dtype, "input": list(case.shape), "layers": [{case.keyword: arguments}]}
    model = Network(**keys, outputs=["y"]).build(seed=seed)
    rng = np.random.default_rng(seed)
    values = {name: array.copy() for name, array in model.parameters.items()}
    for name, array in values.items():  # what begins as 0 or 1 would hide a mistake
        drawn = rng.standard_normal(array.shape)
        array[...] = np.abs(drawn) + 0.5 if name.endswith("variance") else drawn
    x = rng.standard_normal((2, *case.shape)).astype(dtype)
    ours = run(model, values, x)
    module = case.module({name.removeprefix("y."): torch.from_numpy(array) for name, array in values.items()})
    with torch.inference_mode():
        theirs = module(torch.from_numpy(x)).numpy()
    assert ours.shape == theirs.shape, (case.keyword, case.arguments, ours.shape, theirs.shape)
    assert ours.dtype == theirs.dtype
    return float(np.abs(ours - theirs).max() / max(1.0, float(np.abs(theirs).max()))) if ours.size else 0.0


def run(model: Any, values: Mapping[str, Array], x: Array) -> Array:
    """Return what the model's own text computes with other values of its parameters."""
    module: dict[str, Any] = {}
    exec(model.source, module)  # the text that netspec emitted
    (y,) = module["bind"](module["prepare"](values))(x)
    return np.asarray(y)


def main(cases: int = 200) -> int:
    """Print a line for each kind; return 1 where one is beyond its bound."""
    print(f"PyTorch {torch.__version__}, NumPy {np.__version__}; layers with their weights copied")
    failed = False
    for kind, drawn in KINDS.items():
        draw = random.Random(kind)
        worst = dict.fromkeys(BOUNDS, 0.0)
        for number in range(cases):
            case = drawn(draw)
            for dtype in BOUNDS:
                worst[dtype] = max(worst[dtype], error(case, dtype, number))
        failed |= any(worst[dtype] > bound for dtype, bound in BOUNDS.items())
        print(f"{kind:24}{cases} cases   " + "   ".join(f"{dtype} {value:.1e}" for dtype, value in worst.items()))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
