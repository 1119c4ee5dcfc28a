"""The well-known networks of `specs/`, put together from PyTorch's modules as the papers and torchvision have them.

Nothing here knows netspec. Modules are applied in the order in which a spec lists its layers, so that the tensors of
both can be paired in the order of their use.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

import torch
from torch import nn
from torch.nn import functional

Tensor = Any
"""A torch.Tensor; PyTorch is not there where types are checked."""


class Residual(nn.Module):  # type: ignore[misc]  # as above
    """activation[branch(x) + shortcut(x)]."""

    def __init__(self, branch: nn.Module, shortcut: nn.Module | None = None, *, relu: bool = True) -> None:
        super().__init__()
        self.branch, self.shortcut, self.relu = branch, shortcut, relu

    def forward(self, x: Tensor) -> Tensor:
        y = self.branch(x) + (x if self.shortcut is None else self.shortcut(x))
        return functional.relu(y) if self.relu else y


class Excite(nn.Module):  # type: ignore[misc]  # as above
    """Channels, each weighed by what their means decide (Hu, Shen & Sun 2018)."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        inner = channels // reduction
        self.weigh = nn.Sequential(nn.Linear(channels, inner), nn.ReLU(), nn.Linear(inner, channels), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weigh(x.mean((2, 3)))[:, :, None, None]


class Grow(nn.Module):  # type: ignore[misc]  # as above
    """x with the channels of `new` behind it."""

    def __init__(self, new: nn.Module) -> None:
        super().__init__()
        self.new = new

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.new(x)], 1)


def _conv_norm(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs))


def _means(features: int, classes: int = 1000) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, classes)]


def _resnet(
    block: Callable[[int, int, int], nn.Module], expansion: int, depths: tuple[int, ...], *, first: bool
) -> nn.Module:
    """`first` says whether the first stage, too, begins with a projection."""
    layers = [_conv_norm(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for stage, depth in enumerate(depths):
        channels = 64 * 2**stage
        for number in range(depth):
            stride = 2 if stage and not number else 1
            branch, outputs = block(inputs, channels, stride), expansion * channels
            project = number == 0 and (stage > 0 or first)
            layers.append(Residual(branch, _conv_norm(inputs, outputs, 1, stride) if project else None))
            inputs = outputs
    return nn.Sequential(*layers, *_means(inputs))


def _basic(inputs: int, channels: int, stride: int) -> nn.Module:
    return nn.Sequential(_conv_norm(inputs, channels, 3, stride), nn.ReLU(), _conv_norm(channels, channels, 3))


def _bottleneck(width: int = 64, groups: int = 1, *, excite: bool = False) -> Callable[[int, int, int], nn.Module]:
    def block(inputs: int, channels: int, stride: int) -> nn.Module:
        inner = channels * width // 64 * groups
        layers = [_conv_norm(inputs, inner), nn.ReLU(), _conv_norm(inner, inner, 3, stride, groups), nn.ReLU()]
        layers.append(_conv_norm(inner, 4 * channels))
        return nn.Sequential(*layers, *([Excite(4 * channels)] if excite else []))

    return block


def resnet(*depths: int) -> nn.Module:
    """He et al. 2016, blocks of two convolutions."""
    return _resnet(_basic, 1, depths, first=False)


def bottleneck_resnet(*depths: int, width: int = 64, groups: int = 1, excite: bool = False) -> nn.Module:
    """He et al. 2016, blocks of three convolutions."""
    return _resnet(_bottleneck(width, groups, excite=excite), 4, depths, first=True)


def notebook_10_2() -> nn.Module:
    """Prince, Understanding Deep Learning, notebook 10.2."""
    layers: list[nn.Module] = []
    for inputs in (1, 15, 15):
        layers += [nn.Conv1d(inputs, 15, 3, 2), nn.ReLU()]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(60, 10))


def lenet_5() -> nn.Module:
    """LeCun et al. 1998, as it is taught today."""
    layers = [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU()]
    dense = [nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)]
    return nn.Sequential(*layers, nn.MaxPool2d(2), nn.Flatten(), *dense)


def _classifier(features: int) -> list[nn.Module]:
    return [nn.Linear(features, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1000)]


def alexnet() -> nn.Module:
    """Krizhevsky 2014."""
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
        nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Flatten(), *_classifier(256 * 6 * 6),
    )  # fmt: skip


def vgg(first: int, last: int) -> nn.Module:
    """Simonyan & Zisserman 2015."""
    layers: list[nn.Module] = []
    inputs = 3
    for channels, times in ((64, first), (128, first), (256, last), (512, last), (512, last)):
        for _ in range(times):
            layers += [nn.Conv2d(inputs, channels, 3, padding=1), nn.ReLU()]
            inputs = channels
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), *_classifier(512 * 7 * 7))


def mobilenet_v2() -> nn.Module:
    """Sandler et al. 2018; a row of the table is expansion, channels, times, stride."""
    table = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
    layers = [_conv_norm(3, 32, 3, 2), nn.ReLU6()]
    inputs = 32
    for expansion, channels, times, stride in table:
        for number in range(times):
            inner, step = expansion * inputs, stride if number == 0 else 1
            wide = [_conv_norm(inputs, inner), nn.ReLU6()] if expansion > 1 else []
            filtered = [_conv_norm(inner, inner, 3, step, inner), nn.ReLU6(), _conv_norm(inner, channels)]
            branch = nn.Sequential(*wide, *filtered)
            layers.append(Residual(branch, relu=False) if step == 1 and inputs == channels else branch)
            inputs = channels
    return nn.Sequential(*layers, _conv_norm(320, 1280), nn.ReLU6(), *_means(1280))


def densenet(growth: int, *depths: int) -> nn.Module:
    """Huang et al. 2017."""

    def step(inputs: int, outputs: int, kernel: int = 1) -> list[nn.Module]:
        conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        return [nn.BatchNorm2d(inputs), nn.ReLU(), conv]

    channels = 2 * growth
    layers = [_conv_norm(3, channels, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    for number, depth in enumerate(depths):
        if number:
            layers += [*step(channels, channels // 2), nn.AvgPool2d(2)]
            channels //= 2
        for _ in range(depth):
            layers.append(Grow(nn.Sequential(*step(channels, 4 * growth), *step(4 * growth, growth, 3))))
            channels += growth
    return nn.Sequential(*layers, nn.BatchNorm2d(channels), nn.ReLU(), *_means(channels))


class UNet(nn.Module):  # type: ignore[misc]  # as above
    """Ronneberger, Fischer & Brox 2015, with padding."""

    def __init__(self, width: int) -> None:
        super().__init__()

        def double(inputs: int, outputs: int) -> nn.Module:
            first, second = (nn.Conv2d(n, outputs, 3, padding=1) for n in (inputs, outputs))
            return nn.Sequential(first, nn.ReLU(), second, nn.ReLU())

        widths = [width * 2**level for level in range(5)]
        self.down = nn.ModuleList(double(a, b) for a, b in zip([1, *widths[:-1]], widths, strict=True))
        self.raised = nn.ModuleList(nn.ConvTranspose2d(2 * n, n, 2, 2) for n in reversed(widths[:-1]))
        self.up = nn.ModuleList(double(2 * n, n) for n in reversed(widths[:-1]))
        self.head = nn.Conv2d(width, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        seen: list[Tensor] = []
        for number, double in enumerate(self.down):
            x = double(functional.max_pool2d(x, 2) if number else x)
            seen.append(x)
        for raised, double, beside in zip(self.raised, self.up, reversed(seen[:-1]), strict=True):
            x = double(torch.cat([beside, raised(x)], 1))
        return self.head(x)


class Tagger(nn.Module):  # type: ignore[misc]  # as above
    """Huang, Xu & Yu 2015, without the CRF."""

    def __init__(self, vocabulary: int = 20000, width: int = 100, tags: int = 17) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.lstm = nn.LSTM(width, width, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * width, tags)

    def forward(self, words: Tensor) -> Tensor:
        return self.head(self.lstm(self.embedding(words))[0])


def _mlp(*widths: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Siamese(nn.Module):  # type: ignore[misc]  # as above
    """Bromley et al. 1993: one tower for both."""

    def __init__(self) -> None:
        super().__init__()
        self.tower, self.head = _mlp(784, 128, 64), nn.Linear(64, 1)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return torch.sigmoid(self.head((self.tower(a) - self.tower(b)).abs()))


class TwoTower(nn.Module):  # type: ignore[misc]  # as above
    """Yi et al. 2019: a tower for each."""

    def __init__(self) -> None:
        super().__init__()
        self.user, self.item = (
            nn.Sequential(nn.Embedding(n, 32), nn.Flatten(), *_mlp(32, 64, 16)) for n in (1000, 5000)
        )

    def forward(self, user: Tensor, item: Tensor) -> Tensor:
        return (self.user(user) * self.item(item)).sum(1, keepdim=True)


class Transformer(nn.Module):  # type: ignore[misc]  # as above
    """An embedding, blocks, and what follows: parts of a network of which the parameters are counted."""

    def __init__(self, depth: int, width: int, heads: int, **more: nn.Module) -> None:
        super().__init__()
        for name, module in more.items():
            self.add_module(name, module)
        self.blocks = nn.ModuleList(nn.TransformerEncoderLayer(width, heads, 4 * width) for _ in range(depth))


def gpt2(depth: int = 12, D: int = 768, heads: int = 12) -> nn.Module:
    """Radford et al. 2019; the logits share the matrix of the words."""
    words, places = nn.Embedding(50257, D), nn.Embedding(1024, D)
    net = Transformer(depth, D, heads, words=words, places=places, norm=nn.LayerNorm(D))
    net.head = nn.Linear(D, 50257, bias=False)
    net.head.weight = words.weight
    return net


def bert(depth: int = 12, D: int = 768, heads: int = 12, vocabulary: int = 30522, context: int = 512) -> nn.Module:
    """Devlin et al. 2019, with the pooler."""
    words, places, segments = (nn.Embedding(n, D) for n in (vocabulary, context, 2))
    more = {"words": words, "places": places, "segments": segments}
    return Transformer(depth, D, heads, **more, norm=nn.LayerNorm(D), pooler=nn.Linear(D, D))


def vit(
    patch: int = 16, depth: int = 12, D: int = 768, heads: int = 12, image: int = 224, classes: int = 1000
) -> nn.Module:
    """Dosovitskiy et al. 2021."""
    net = Transformer(depth, D, heads, conv=nn.Conv2d(3, D, patch, patch), norm=nn.LayerNorm(D))
    net.token = nn.Parameter(torch.zeros(1, D))
    net.places = nn.Parameter(torch.zeros((image // patch) ** 2 + 1, D))
    net.head = nn.Linear(D, classes)
    return net


def llama(
    depth: int = 32, D: int = 4096, inner: int = 11008, heads: int = 32, key_heads: int = 32, vocabulary: int = 32000
) -> nn.Module:
    """Touvron et al. 2023."""

    def block() -> nn.Module:
        shared = D // heads * key_heads
        widths = ((D, D), (D, shared), (D, shared), (D, D), (D, inner), (D, inner), (inner, D))
        return nn.ModuleList([nn.RMSNorm(D), nn.RMSNorm(D), *[nn.Linear(a, b, bias=False) for a, b in widths]])

    blocks = [block() for _ in range(depth)]
    head = nn.Linear(D, vocabulary, bias=False)
    return nn.ModuleList([nn.Embedding(vocabulary, D), *blocks, nn.RMSNorm(D), head])


def connected() -> nn.Module:
    """The lecture's image of 10^6 pixels, fully connected."""
    return _mlp(10**6, 10**6, 1)


def convolutional() -> nn.Module:
    """The lecture's image of 10^6 pixels, convolved."""
    return nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(10**6, 1))


Builder = Callable[[], Any]
IMAGE: Final = (3, 224, 224)

COMPUTED: Final[dict[str, tuple[Builder, tuple[Any, ...]]]] = {
    "million_pixels/convolutional": (convolutional, ((1, 1000, 1000),)),
    "notebook_10_2": (notebook_10_2, ((1, 40),)),
    "vision/lenet_5": (lenet_5, ((1, 28, 28),)),
    "vision/alexnet": (alexnet, (IMAGE,)),
    "vision/vgg_16": (lambda: vgg(2, 3), (IMAGE,)),
    "vision/vgg_16 vgg_11": (lambda: vgg(1, 2), (IMAGE,)),
    "vision/resnet_18": (lambda: resnet(2, 2, 2, 2), (IMAGE,)),
    "vision/resnet_18 resnet_34": (lambda: resnet(3, 4, 6, 3), (IMAGE,)),
    "vision/resnet_50": (lambda: bottleneck_resnet(3, 4, 6, 3), (IMAGE,)),
    "vision/resnet_50 resnet_101": (lambda: bottleneck_resnet(3, 4, 23, 3), (IMAGE,)),
    "vision/resnet_50 wide_resnet_50_2": (lambda: bottleneck_resnet(3, 4, 6, 3, width=128), (IMAGE,)),
    "vision/resnet_50 resnext_50_32x4d": (lambda: bottleneck_resnet(3, 4, 6, 3, width=4, groups=32), (IMAGE,)),
    "vision/se_resnet_50": (lambda: bottleneck_resnet(3, 4, 6, 3, excite=True), (IMAGE,)),
    "vision/mobilenet_v2": (mobilenet_v2, (IMAGE,)),
    "vision/densenet_121": (lambda: densenet(32, 6, 12, 24, 16), (IMAGE,)),
    "vision/densenet_121 densenet_161": (lambda: densenet(48, 6, 12, 36, 24), (IMAGE,)),
    "vision/u_net": (lambda: UNet(64), ((1, 48, 80),)),
    "vision/u_net tiny": (lambda: UNet(4), ((1, 16, 32),)),
    "recurrent/lstm_tagger": (Tagger, ((23, 20000),)),
    "recurrent/lstm_tagger tiny": (lambda: Tagger(50, 6), ((1, 50),)),
    "pairs/siamese": (Siamese, ((784,), (784,))),
    "pairs/two_tower": (TwoTower, ((1, 1000), (1, 5000))),
}
"""Of a spec, and of a variant behind it, the network and the shapes of its inputs; integers are (positions, below)."""

COUNTED: Final[dict[str, Builder]] = {
    "million_pixels/connected": connected,
    "vision/vgg_16 vgg_13": lambda: vgg(2, 2),
    "vision/vgg_16 vgg_19": lambda: vgg(2, 4),
    "vision/resnet_50 resnet_152": lambda: bottleneck_resnet(3, 8, 36, 3),
    "vision/se_resnet_50 se_resnet_101": lambda: bottleneck_resnet(3, 4, 23, 3, excite=True),
    "vision/densenet_121 densenet_169": lambda: densenet(32, 6, 12, 32, 32),
    "vision/densenet_121 densenet_201": lambda: densenet(32, 6, 12, 48, 32),
    "vision/vit_b_16": vit,
    "vision/vit_b_16 vit_b_32": lambda: vit(32),
    "vision/vit_b_16 vit_l_16": lambda: vit(16, 24, 1024, 16),
    "vision/vit_b_16 vit_l_32": lambda: vit(32, 24, 1024, 16),
    "vision/vit_b_16 tiny": lambda: vit(8, 2, 24, 3, 32, 10),
    "language/gpt2": gpt2,
    "language/gpt2 medium": lambda: gpt2(24, 1024, 16),
    "language/gpt2 large": lambda: gpt2(36, 1280, 20),
    "language/gpt2 xl": lambda: gpt2(48, 1600, 25),
    "language/bert": bert,
    "language/bert large": lambda: bert(24, 1024, 16),
    "language/bert tiny": lambda: bert(2, 12, 3, 50, 32),
    "language/llama_2": llama,
    "language/llama_2 llama_2_13b": lambda: llama(40, 5120, 13824, 40, 40),
    "language/llama_2 llama_2_70b": lambda: llama(80, 8192, 28672, 64, 8),
    "language/llama_2 llama_3_8b": lambda: llama(32, 4096, 14336, 32, 8, 128256),
}
"""Further ones, of which the parameters alone are counted; some of them compute in `networks` and `specs_compare`."""
