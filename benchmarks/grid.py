"""The MLP grid: fully connected networks from 3 units to 4,096, K from 1 to 128, batches from 1 to 65,536."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from benchmarks.alone import measured, note
from benchmarks.bars import NETSPEC, Bar, goals, ratios
from benchmarks.harness import Samples, Settings, interleave, seconds
from benchmarks.mlp_peers import SELDOM, USUAL
from benchmarks.peers import JAX, NAIVE, ONNX, TORCH
from benchmarks.plot import Chart, Line
from benchmarks.results import Result, Table, spell_seconds, spell_times

_BLOCK: Final = 0.008  # seconds that short calls are repeated for, each of seven rounds


class Point(NamedTuple):
    """A network, of inputs, hidden layers and outputs, and a batch; `more`: beside every peer."""

    widths: tuple[int, ...]
    batch: int
    more: bool = False

    @property
    def network(self) -> str:
        """`D × K` where all widths are D, otherwise the widths."""
        first, *others = self.widths
        square = len(self.widths) > 2 and all(width == first for width in others)
        return f"{first} × {self.depth}" if square else "-".join(map(str, self.widths))

    @property
    def depth(self) -> int:
        """K, how many layers are hidden."""
        return len(self.widths) - 2

    @property
    def title(self) -> str:
        """Network and batch."""
        return f"{self.network}, {self.batch:,}"


def _square(width: int, depth: int, *batches: int, more: Sequence[int] = ()) -> list[Point]:
    return [Point((width,) * (depth + 2), batch, batch in more) for batch in batches]


def _uneven(widths: tuple[int, ...], *batches: int, more: Sequence[int] = ()) -> list[Point]:
    return [Point(widths, batch, batch in more) for batch in batches]


GRID: Final = (
    *_square(3, 1, 1, 1024),
    *_square(3, 8, 1, 64, 1024, 65536, more=[1, 1024]),
    *_square(3, 128, 1, 64, 65536),
    *_square(5, 8, 1, 64, 1024, 65536),
    *_square(10, 1, 1, 65536),
    *_square(10, 8, 1, 64, 1024, 65536),
    *_square(10, 128, 1, 1024),
    *_square(24, 8, 1, 8, 64, 1024, 65536),
    *_square(32, 1, 1, 1024),
    *_square(32, 8, 1, 8, 64, 1024, 65536, more=[64]),
    *_square(32, 32, 1),
    *_square(32, 128, 1, 64),
    *_square(50, 1, 65536),
    *_square(50, 8, 1, 8, 64, 1024, 65536),
    *_square(100, 1, 1, 1024),
    *_square(100, 8, 1, 8, 64, 1024, 65536, more=[1, 64, 1024]),
    *_square(100, 32, 1, 64),
    *_square(100, 128, 1, 64),
    *_square(128, 1, 1, 65536),
    *_square(128, 8, 1, 8, 64, 1024, 65536),
    *_square(128, 128, 1, 1024),
    *_square(200, 8, 1, 8, 64, 1024, 16384),
    *_square(300, 4, 1, 8, 64, 1024),
    *_square(512, 1, 1, 64, 4096),
    *_square(512, 8, 1, 8, 64, 1024, more=[64]),
    *_square(784, 2, 1, 16, 64, 1024),
    *_square(1000, 4, 1, 8, 64, 1024),
    *_square(1024, 8, 1, 8, 64),
    *_square(4096, 1, 1, 8, 64),
    *_uneven((1, 3, 3, 1), 1, 1024),
    *_uneven((1, 100, 50, 1), 1, 64, 1024, 65536),
    *_uneven((13, 64, 64, 3), 1, 1024),
    *_uneven((784, 512, 256, 10), 1, 64, 1024, 16384, more=[1, 1024]),
    *_uneven((784, 512, 512, 10), 1, 8),
    *_uneven((3072, 1000, 300, 100, 10), 1, 64, 1024),
)

_ALL: Final = [point.title for point in GRID]
_ALONE: Final = [p.title for p in GRID if p.batch == 1 and p.depth <= 8 and max(p.widths) <= 128]
_MANY: Final = [p.title for p in GRID if p.batch == 65536 and max(p.widths) <= 128]
BARS: Final = (
    Bar("the grid", ONNX, 1.25, _ALL),
    Bar("the grid", TORCH, 3.5, _ALL),
    Bar("the grid", JAX, 2.3, _ALL),
    Bar("the grid", NAIVE, 2.0, _ALL),
    Bar("the worst point", ONNX, 0.65, _ALL, worst=True),
    Bar("the worst point", NAIVE, 0.95, _ALL, worst=True),
    Bar("batch 1, K ≤ 8, width ≤ 128", ONNX, 2.0, _ALONE),
    Bar("batch 1, K ≤ 8, width ≤ 128", TORCH, 8.0, _ALONE),
    Bar("batch 65,536, width ≤ 128", ONNX, 1.3, _MANY),
    Bar("batch 65,536, width ≤ 128", TORCH, 1.5, _MANY),
)
_DRAWN: Final = (3, 10, 32, 100, 128, 512)  # widths whose K = 8 is drawn; others lie between


def measure(settings: Settings) -> Result:
    """Return what a call costs at each point, and how many times as long it takes the others."""
    samples = measured("grid", settings)
    usual = [peer for peer in USUAL if peer in next(iter(samples.values()))]
    seldom = [peer for peer in SELDOM if any(peer in taken for taken in samples.values())]
    tables = [Table(("network, batch", NETSPEC, *usual), rows(samples, usual))]
    beside = {point: taken for point, taken in samples.items() if any(peer in taken for peer in seldom)}
    if beside:
        tables.append(Table(("network, batch", NETSPEC, *seldom), rows(beside, seldom)))
    return Result(
        "The MLP grid",
        "One call of a built model, float32, on one processor with one thread. `D × K` is D inputs, K hidden layers of "
        "D and D outputs; ReLU throughout, every offset drawn. The ratios say how many times as long the others take: "
        "above 1, netspec is faster. By hand is `np.maximum(h @ Ω.T + β, 0)`; onnxruntime is `session.run`, the call "
        "that users make; torch is `nn.Sequential` in inference mode; JAX is jitted, its weights arguments. torch and "
        "JAX have the input as a tensor of their own: nothing is converted. At some of the points the others stand "
        "beside netspec too: IOBinding, the least that a call of onnxruntime costs; JAX with its weights compiled in; "
        "and slower ones.",
        tables,
        goals(BARS, samples),
        samples,
        [drawn for peer in usual if (drawn := chart(peer, samples)) is not None],
    )


def rows(samples: dict[str, Samples], peers: Sequence[str]) -> list[tuple[str, ...]]:
    """Return a row for each point: what netspec takes, and how many times as long each peer, where it was measured."""
    return [
        (
            point,
            spell_seconds(seconds(taken[NETSPEC])),
            *(spell_times(ratios({point: taken}, peer)[point]) if peer in taken else "" for peer in peers),
        )
        for point, taken in samples.items()
    ]


def chart(peer: str, samples: dict[str, Samples]) -> Chart | None:
    """Return the picture of one peer's ratios over the batch, a line for each width; None of fewer than two points."""
    found = ratios(samples, peer)
    lines = []
    for width in _DRAWN:
        at = [p for p in GRID if p.widths == (width,) * 10 and p.title in found]
        if len(at) > 1:
            lines.append(Line(f"D = {width}", [(p.batch, found[p.title].median) for p in at]))
    if not lines:
        return None
    name = peer.lower().replace(" ", "_")
    return Chart(f"grid_{name}", f"{peer} : netspec, K = 8", "batch", "times as long as netspec", lines)


def points(settings: Settings) -> dict[str, Samples]:
    """Return the samples of every point; RuntimeError where a peer computes another function."""
    import numpy as np

    from benchmarks.filled import filled
    from benchmarks.mlp_peers import peers
    from benchmarks.peers import here, installed, systems, torch_threads
    from netspec import Model, Network

    if installed(TORCH):
        torch_threads(1)
    found: dict[str, Samples] = {}
    models: dict[tuple[int, ...], Model] = {}
    for point in settings.choose(GRID, 6):
        note(point.title)
        if point.widths not in models:
            first, *hidden, last = point.widths
            network = Network(name="measured", input=first, widths=hidden, output=last)
            models = {point.widths: filled(network, settings.scratch).build()}  # the one before is let go
            usual = {NETSPEC: here(models[point.widths]), **peers(models[point.widths].parameters, USUAL)}
        x = np.random.default_rng(point.batch).standard_normal((point.batch, point.widths[0]), np.float32)
        # ReferenceEvaluator and scikit-learn are Python, and torch.compile is seconds of a compiler.
        others = peers(models[point.widths].parameters, SELDOM) if point.more and not settings.tiny else {}
        found[point.title] = interleave(systems({**usual, **others}, x, _BLOCK), settings.rounds)
    return found
