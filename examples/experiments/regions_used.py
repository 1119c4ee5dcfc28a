"""How many linear regions training uses: those on segments between signals, before, while and after it learns.

    python -m examples.experiments.regions_used

On a segment the regions are counted as they follow one another. The networks are those of notebooks 20.1 and 20.2.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

import netspec
from examples.experiments.data import Array, Data, mnist_1d, permuted
from examples.experiments.drawing import foot, frame, means
from examples.experiments.reports import Claim, Experiment, Report, agrees, main, rounded, spread
from examples.experiments.trials import SPECS, VARIANTS, Trial, side_by_side, wrong
from netspec.plots import Picture
from netspec.plots.canvas import FAINT, picture
from netspec.regions import count

TRUE, PERMUTED = "true labels", "permuted labels"
EPOCHS = (0, 1, 5, 20, 60)


class Order(NamedTuple):
    """A training that is stopped after so many epochs, each time from the beginning, to count on so many segments."""

    trial: Trial
    epochs: Sequence[int]
    segments: int


class Counts(NamedTuple):
    """The mean number of regions on a segment after each number of epochs, the training errors then, and the time."""

    regions: Array
    errors: Array
    seconds: float


def survey(order: Order) -> Counts:
    """Return how many regions there are, on segments between signals that the seed draws: the same after any epoch."""
    begun = time.process_time()
    trial = order.trial
    network, data = trial.network, trial.data
    recipe = netspec.load(trial.like or trial.spec).part.training
    ends = np.random.default_rng(trial.seed).permutation(len(data.x))[: 2 * order.segments].reshape(-1, 2)
    regions, errors = [], []
    for epochs in order.epochs:
        model = network.build(seed=trial.seed)
        if epochs:
            model = network.train(data.x, data.y, recipe, model=model, seed=trial.seed, epochs=epochs).model
        regions.append(np.mean([count(model, segment=(data.x[a], data.x[b])).pieces for a, b in ends]))
        errors.append(wrong(model, data.x, data.y))
    return Counts(np.array(regions), np.array(errors), time.process_time() - begun)


def run(quick: bool, jobs: int) -> Report:
    """Return what came out."""
    data, seeds = mnist_1d(200 if quick else 4000), 2 if quick else 3
    epochs, segments = ((0, 1), 3) if quick else (EPOCHS, 30)
    made: dict[str, Callable[[int], Data]] = {TRUE: lambda _: data, PERMUTED: lambda seed: permuted(data, seed)}
    large, small = SPECS / "notebook_20_1.yaml", SPECS / "notebook_20_2.yaml"
    like = SPECS / "notebook_8_1.yaml"
    orders = [
        Order(Trial(large, made[labels](seed), seed), epochs, segments) for labels in made for seed in range(seeds)
    ] + [
        Order(Trial(small, made[labels](seed), seed, variant, like=like), (0, epochs[-1]), segments)
        for labels in made
        for variant in VARIANTS.values()
        for seed in range(seeds)
    ]
    done = iter(side_by_side(survey, orders, jobs))
    by_epoch = {labels: [next(done) for _ in range(seeds)] for labels in made}
    by_depth = {labels: {depth: [next(done) for _ in range(seeds)] for depth in VARIANTS} for labels in made}
    every = [*by_epoch.values(), *(group for each in by_depth.values() for group in each.values())]
    return Report(
        f"Linear regions on {segments} segments between training signals",
        seeds,
        claims(by_epoch, by_depth),
        ["network, labels", "hidden units", "before", f"after {epochs[-1]} epochs", "train error, %", "most on a line"],
        [row("300 ×4", netspec.load(large), labels, group) for labels, group in by_epoch.items()]
        + [
            row(f"{width(depth)} ×{depth}", network(depth), labels, by_depth[labels][depth])
            for depth in VARIANTS
            for labels in made
        ],
        {
            "epochs": list(epochs),
            "by_epoch": {labels: rounded([each.regions for each in group], 2) for labels, group in by_epoch.items()},
            "errors": {labels: rounded([each.errors for each in group], 3) for labels, group in by_epoch.items()},
            "by_depth": {
                labels: {str(depth): rounded([each.regions for each in group], 2) for depth, group in groups.items()}
                for labels, groups in by_depth.items()
            },
        },
        draw(by_epoch, by_depth, epochs),
        sum(each.seconds for group in every for each in group),
    )


def network(depth: int) -> netspec.Network:
    """Return the network of notebook 20.2 of a depth."""
    return netspec.load(SPECS / "notebook_20_2.yaml", variant=VARIANTS[depth])


def width(depth: int) -> int:
    """Return how many units its layers have."""
    return units(network(depth)) // depth


def units(network: netspec.Network) -> int:
    """Return how many hidden units a network has."""
    found = network.facts.capacity
    if not isinstance(found, int):
        raise TypeError(f"{network.name} has free sizes")
    return found


def row(name: str, network: netspec.Network, labels: str, group: Sequence[Counts]) -> list[str]:
    """Return a row of the table."""
    return [
        f"{name}, {labels}",
        f"{units(network):,}",
        spread([each.regions[0] for each in group]),
        spread([each.regions[-1] for each in group]),
        spread([each.errors[-1] for each in group], 2),
        most(network),
    ]


def most(network: netspec.Network) -> str:
    """Return the most regions that such a network has on a line: with one input in place of 40, (D + 1)^K."""
    facts = netspec.Network(
        input=1, K=network.facts.depth, widths=units(network) // network.facts.depth, output=10
    ).facts
    return "" if facts.regions is None else f"{facts.regions.upper.value:,}"


def claims(
    by_epoch: Mapping[str, Sequence[Counts]], by_depth: Mapping[str, Mapping[int, Sequence[Counts]]]
) -> list[Claim]:
    """Return what the lecture and Hanin and Rolnick say of regions, held against what came out."""
    before = {labels: np.array([each.regions[0] for each in group]) for labels, group in by_epoch.items()}
    after = {labels: np.array([each.regions[-1] for each in group]) for labels, group in by_epoch.items()}
    large = netspec.load(SPECS / "notebook_20_1.yaml")
    held = units(large)
    largest = max(float(after[labels].max()) for labels in after)
    words = ", ".join(f"{labels} {spread([*before[labels]])} to {spread([*after[labels]])}" for labels in after)
    ratios = [
        float(np.mean([each.regions[i] for each in group]) / units(network(depth)))
        for groups in by_depth.values()
        for depth, group in groups.items()
        for i in (0, -1)
    ]
    return [
        Claim(
            "networks as they are drawn have about one joint for each hidden unit on a line, whatever their depth: far"
            " fewer than they could have (Hanin and Rolnick 2019)",
            f"on a segment, regions to hidden units: {min(ratios):.2f} to {max(ratios):.2f} of one to four layers,"
            f" before and after training; {np.mean(before[TRUE]) / held:.2f} of 300 ×4",
            agrees(max(*ratios, float(np.mean(before[TRUE])) / held) <= 1.2),
        ),
        Claim(
            "training does not reach for the regions that depth makes possible",
            f"300 ×4: {words}; at most {largest / held:.2f} to a hidden unit, and {most(large)} are possible",
            agrees(largest < 10 * held),
        ),
    ]


def draw(
    by_epoch: Mapping[str, Sequence[Counts]],
    by_depth: Mapping[str, Mapping[int, Sequence[Counts]]],
    epochs: Sequence[int],
) -> Picture:
    """Return the picture of regions by epoch, and before and after training by depth."""
    with picture(9.2, 4.1) as figure:
        left, right = figure.subplots(1, 2)
        places = list(range(len(epochs)))
        for index, (labels, group) in enumerate(by_epoch.items()):
            means(
                left,
                [place + 0.06 * index for place in places],
                [[each.regions[i] for each in group] for i in places],
                labels,
                index,
            )
        left.axhline(
            units(netspec.load(SPECS / "notebook_20_1.yaml")),
            color=FAINT,
            linewidth=0.9,
            linestyle=(0, (2, 2)),
            label="hidden units",
        )
        frame(left, "300 ×4 while it trains", "epochs", "regions on a segment", ylim=(0, None))
        left.set_xticks(places, [str(epoch) for epoch in epochs])
        left.legend()
        depths = list(VARIANTS)
        first: Any = [[each.regions[0] for each in by_depth[TRUE][depth]] for depth in depths]
        means(right, depths, first, "before", 3)
        for index, (labels, groups) in enumerate(by_depth.items()):
            last = [[each.regions[-1] for each in groups[depth]] for depth in depths]
            means(right, [depth + 0.06 * (index + 1) for depth in depths], last, f"after, {labels}", index)
        held = [units(network(depth)) for depth in depths]
        right.plot(depths, held, color=FAINT, linewidth=0.9, linestyle=(0, (2, 2)), label="hidden units")
        limits: Any = {"xticks": depths, "xlim": (0.5, 4.5), "ylim": (0, None)}
        frame(right, "One budget, before and after", "hidden layers", "regions on a segment", **limits)
        right.legend()
        seeds = len(by_epoch[TRUE])
        foot(
            figure, f"mean ± standard deviation of {seeds} seeds, points: single seeds, each the mean over its segments"
        )
    return figure


EXPERIMENT = Experiment("regions_used", run)

if __name__ == "__main__":
    main(EXPERIMENT)
