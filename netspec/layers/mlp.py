"""The fully connected network: hidden layers of given widths, and an affine map out of the last."""

from collections.abc import Callable, Collection, Iterator
from itertools import groupby
from typing import ClassVar, NamedTuple

from pydantic import Field, ValidationInfo, field_validator

from netspec.layers.activations import Activation, Activations
from netspec.layers.faults import Mark, refuse
from netspec.layers.fields import LayerCount, Width, Widths
from netspec.layers.inits import default_init
from netspec.layers.layer import Layer
from netspec.operations import Builder, Elementwise, Round, Tensor

RELU = Elementwise("relu")


class Run(NamedTuple):
    """`times` hidden layers in a row that are equal in width and activation."""

    times: int
    width: int
    activation: Elementwise


class Mlp(Layer):
    """h_0 = x, h_{k+1} = a[β_k + Ω_k h_k] for k = 0 … K-1, y = β_K + Ω_K h_K.

    β_k: (D_{k+1},), Ω_k: (D_{k+1}, D_k), with D_0 the width of x and D_{K+1} that of y. The body of a spec without
    layers is this one, with its fields at the top of the file.

    Source: Prince, *Understanding Deep Learning*, equations 4.15 to 4.17.

    Example:
        - mlp: {widths: [120, 84], output: 10}
    """

    keyword: ClassVar[str] = "mlp"

    K: LayerCount | None = Field(None, description="the number of hidden layers; with a list of widths, its length")
    widths: Widths | None = Field(
        None, validate_default=True, description="D_1 … D_K: a list, or one width for all (then K is needed)"
    )
    activation: Activations = Field(RELU, description="a[·]: one for all hidden layers, or a list with one for each")
    output_activation: Activation | None = Field(None, description="acts on y; none unless given")
    output: Width = Field(description="D_o, the width of y")

    @field_validator("widths", mode="after")
    @classmethod
    def _agree_with_depth(cls, widths: int | list[int] | None, info: ValidationInfo) -> int | list[int] | None:
        """Refuse widths that are not K; a validator of the field, so that a fault elsewhere does not hide this one."""
        if "K" not in info.data:
            return widths
        K = info.data["K"]
        if isinstance(widths, list):
            listed = len(widths)
            if K is not None and listed != K:
                refuse(
                    "widths-count",
                    f"K is {K}, but widths lists {listed}",
                    subject=False,
                    at=("widths",),
                    label=f"{_count(listed, 'width')} here",
                    marks=(Mark(("K",), f"{_count(K, 'hidden layer')} declared here"),),
                    help=f"list {_count(K, 'width')}, or set K to {listed}",
                    beside=True,
                )
        elif widths is None and K != 0:
            refuse(
                "missing-key",
                "the key `widths` is missing" if K is not None else "neither `widths` nor `K: 0` says how deep it is",
                subject=False,
                at=("K",) if K is not None else (),
                help="add `widths`, a list or one width for all; an affine map without hidden layers says `K: 0`",
                beside=True,
            )
        elif widths is not None and K is None:
            refuse(
                "missing-key",
                "the key `K` is missing: one width stands for all hidden layers, so their number must be given",
                subject=False,
                help=f"add `K`, or write `widths: [{widths}]` for one hidden layer",
            )
        return widths

    @field_validator("activation", mode="after")
    @classmethod
    def _agree_with_layers(
        cls, activation: Elementwise | list[Elementwise], info: ValidationInfo
    ) -> Elementwise | list[Elementwise]:
        """Refuse a list of activations that are not one for each hidden layer."""
        if isinstance(activation, Elementwise) or not info.data.keys() >= {"K", "widths"}:
            return activation
        widths = info.data["widths"]
        depth, listed = len(widths) if isinstance(widths, list) else info.data["K"] or 0, len(activation)
        if listed != depth:
            declared = "widths" if isinstance(widths, list) else "K"
            refuse(
                "activation-count",
                f"there {'is' if depth == 1 else 'are'} {_count(depth, 'hidden layer')}, but activation lists {listed}",
                subject=False,
                at=("activation",),
                label=f"{_count(listed, 'activation')} here",
                marks=(Mark((declared,), f"{_count(depth, 'hidden layer')} declared here"),),
                help="list one for each hidden layer, or write one for all; `output_activation` acts on y",
                beside=True,
            )
        return activation

    @property
    def depth(self) -> int:
        """K, the number of hidden layers."""
        return len(self.widths) if isinstance(self.widths, list) else self.K or 0

    def runs(self) -> Iterator[Run]:
        """Yield the hidden layers in order, equal neighbours together: a million equal layers are one run."""
        widths, activation = self.widths, self.activation
        if not isinstance(widths, list) and isinstance(activation, Elementwise):
            if widths is not None and self.depth:
                yield Run(self.depth, widths, activation)
            return
        each = widths if isinstance(widths, list) else [widths or 1] * self.depth
        if isinstance(activation, Elementwise):
            for width, equal in groupby(each):
                yield Run(len(list(equal)), width, activation)
            return
        for (width, function), group in groupby(zip(each, activation, strict=True)):
            yield Run(len(list(group)), width, function)

    def build(self, net: Builder, x: Tensor) -> Tensor:
        k = 0
        base = net.path
        listed = isinstance(self.widths, list)
        for run in self.runs():
            for times in _stretches(run.times, k, net.ties):
                net.path = (*base, "widths", k) if listed else (*base, "widths")
                init = default_init(run.activation.name)
                x = net.activate(net.affine(x, run.width, init=init, tag=k), run.activation)
                x = net.repeat(x, times - 1, _equal_layer(run, init, k + 1))
                k += times
        net.path = (*base, "output")
        activation = self.output_activation
        init = default_init(None if activation is None else activation.name)
        x = net.activate(net.affine(x, self.output, init=init, tag=k), activation)
        net.path = base
        return x


def _equal_layer(run: Run, init: str, first: int) -> Callable[[Builder, Tensor, int], Tensor]:
    def body(net: Builder, x: Tensor, level: int) -> Tensor:
        h = net.affine(x, run.width, init=init, tag=Round(level, first))
        return net.activate(h, run.activation)

    return body


def _stretches(times: int, first: int, ties: Collection[str]) -> Iterator[int]:
    """Yield how many equal layers are one stretch, `times` in all: one that is tied stands by itself."""
    if not ties:
        yield times
        return
    numbers = {name.removeprefix("beta_").removeprefix("Omega_") for name in ties}
    tied = sorted(int(number) for number in numbers if number.isascii() and number.isdecimal() and len(number) < 9)
    start = first
    for k in tied:
        if start <= k < first + times:
            if k > start:
                yield k - start
            yield 1
            start = k + 1
    if start < first + times:
        yield first + times - start


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
