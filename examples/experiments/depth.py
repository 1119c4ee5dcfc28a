"""One budget spent on one to 32 hidden layers, with and without residual connections: when it is too deep.

    python -m examples.experiments.depth

The networks are specs/notebook_20_2.yaml, as wide as the budget allows, and those beside this program. The recipe
is that of notebook 8.1 for 30 epochs, at two learning rates, of which each depth has the one that leaves the
least training error.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

import netspec
from examples.experiments.data import mnist_1d
from examples.experiments.drawing import foot, frame, means
from examples.experiments.reports import Claim, Experiment, Report, less, main, rounded, spread
from examples.experiments.trials import SPECS, Fit, Trial, first_below, fit, side_by_side
from netspec.efficiency import Budget, widest
from netspec.plots import Picture
from netspec.plots.canvas import picture

BUDGET = Budget(inputs=40, outputs=10, amount=15_319)
DEPTHS = (1, 2, 3, 4, 6, 8, 16, 32)
RATES = (0.05, 0.01)
EPOCHS = 30
PLAIN, RESIDUAL, NORMALISED = "plain", "residual", "residual, normalised"
NETWORKS = {
    PLAIN: SPECS / "notebook_20_2.yaml",
    RESIDUAL: Path(__file__).with_name("residual.yaml"),
    NORMALISED: Path(__file__).with_name("residual_normalised.yaml"),
}
LEARNED = 5.0  # percent: the training error from which on a network counts as trained

Case = tuple[str, int]


def run(quick: bool, jobs: int) -> Report:
    """Return what came out."""
    data, seeds = mnist_1d(200 if quick else 4000), 2 if quick else 5
    depths, brief = (DEPTHS[:4:2], {"epochs": 2}) if quick else (DEPTHS, {"epochs": EPOCHS})
    cases = [(name, depth) for name in NETWORKS for depth in depths if name == PLAIN or depth > 2]
    trials = [
        Trial(
            NETWORKS[name],
            data,
            seed,
            settings=settings(name, depth),
            like=SPECS / "notebook_8_1.yaml",
            recipe={**brief, "learning_rate": rate},
            measured="train",
        )
        for name, depth in cases
        for rate in RATES
        for seed in range(seeds)
    ]
    fits = iter(side_by_side(fit, trials, jobs))
    tried = {case: {rate: [next(fits) for _ in range(seeds)] for rate in RATES} for case in cases}
    rates = {case: min(RATES, key=lambda rate: train_error(tried[case][rate])) for case in cases}
    found = {case: tried[case][rates[case]] for case in cases}
    return Report(
        f"Depth at one budget: {BUDGET.amount:,} parameters, 1 to {depths[-1]} hidden layers",
        seeds,
        claims(found, depths),
        ["network", "layers × width", "rate", "epochs to 5 %", "train error, %", "test error, %"],
        [
            [
                name,
                f"{depth} × {settings(name, depth)['D']}",
                f"{rates[name, depth]:g}",
                spread([first_below(each.errors, LEARNED) for each in group]),
                spread([each.train for each in group], 2),
                spread([each.test for each in group]),
            ]
            for (name, depth), group in found.items()
        ],
        {
            f"{name} {depth}": {
                f"{rate:g}": {
                    "train": rounded([each.train for each in group]),
                    "test": rounded([each.test for each in group]),
                    "epochs": rounded([first_below(each.errors, LEARNED) for each in group]),
                }
                for rate, group in by_rate.items()
            }
            for (name, depth), by_rate in tried.items()
        },
        draw(found),
        sum(each.seconds for by_rate in tried.values() for group in by_rate.values() for each in group),
    )


def settings(name: str, depth: int) -> dict[str, int]:
    """Return the widest network of a depth within the budget; batch norms have parameters of their own."""
    width = widest(BUDGET, depth)
    while netspec.load(NETWORKS[name], settings={"D": width, "depth": depth}).facts.parameters > BUDGET.amount:
        width -= 1
    return {"D": width, "depth": depth}


def train_error(group: Sequence[Fit]) -> float:
    """Return the mean training error."""
    return float(np.mean([each.train for each in group]))


def claims(found: Mapping[Case, Sequence[Fit]], depths: Sequence[int]) -> list[Claim]:
    """Return what the lecture says of depth, held against what came out."""
    epochs = {case: [first_below(each.errors, LEARNED) for each in group] for case, group in found.items()}
    train = {case: [each.train for each in group] for case, group in found.items()}
    test = {case: [each.test for each in group] for case, group in found.items()}
    deep, moderate = depths[-1], [depth for depth in depths if 1 < depth <= 8]
    fastest = min(moderate, key=lambda depth: float(np.mean(epochs[PLAIN, depth])))
    best = min(moderate, key=lambda depth: float(np.mean(test[PLAIN, depth])))
    return [
        Claim(
            "moderately deep networks are easier to train than shallow ones",
            f"epochs to 5 % train error: 1 layer {spread(epochs[PLAIN, 1])}, {fastest} layers"
            f" {spread(epochs[PLAIN, fastest])}",
            less(epochs[PLAIN, fastest], epochs[PLAIN, 1]),
        ),
        Claim(
            "moderately deep networks generalise better than shallow ones",
            f"test error: 1 layer {spread(test[PLAIN, 1])} %, {best} layers {spread(test[PLAIN, best])} %",
            less(test[PLAIN, best], test[PLAIN, 1]),
        ),
        Claim(
            "very deep networks are hard to train again",
            f"train error: {fastest} layers {spread(train[PLAIN, fastest], 2)} %,"
            f" {deep} layers {spread(train[PLAIN, deep], 2)} %",
            less(train[PLAIN, fastest], train[PLAIN, deep]),
        ),
        Claim(
            "residual connections mend that",
            f"train error of {deep} layers: {spread(train[PLAIN, deep], 2)} % without,"
            f" {spread(train[RESIDUAL, deep], 2)} % with them",
            less(train[RESIDUAL, deep], train[PLAIN, deep]),
            "each sum adds to the variance of what the next layer reads, so that descent diverges, or at a rate that it"
            " bears hardly moves",
        ),
        Claim(
            "residual connections and batch norms together mend that",
            f"train error of {deep} layers: {spread(train[PLAIN, deep], 2)} % without,"
            f" {spread(train[NORMALISED, deep], 2)} % with them",
            less(train[NORMALISED, deep], train[PLAIN, deep]),
        ),
    ]


def draw(found: Mapping[Case, Sequence[Fit]]) -> Picture:
    """Return the picture of both errors, and of how many epochs it takes, by depth."""
    with picture(11.5, 3.9) as figure:
        panels = figure.subplots(1, 3)
        for index, name in enumerate(NETWORKS):
            groups = {depth: group for (which, depth), group in found.items() if which == name}
            at = list(groups)
            means(
                panels[0],
                at,
                [[first_below(f.errors, LEARNED) for f in group] for group in groups.values()],
                name,
                index,
            )
            means(panels[1], at, [[each.train for each in group] for group in groups.values()], name, index)
            means(panels[2], at, [[each.test for each in group] for group in groups.values()], name, index)
        depths = sorted({depth for _, depth in found})
        for axes, title, up in zip(
            panels,
            ("Until the training error is 5 %", "Training error at the end", "Test error at the end"),
            (f"epochs, {EPOCHS} at most", "error in %", "error in %"),
            strict=True,
        ):
            axes.set_xscale("log", base=2)
            frame(axes, title, "hidden layers", up, ylim=(0, None))
            axes.set_xticks(depths, [str(depth) for depth in depths], fontsize=7.5)
            axes.minorticks_off()
        panels[1].legend()
        seeds = len(next(iter(found.values())))
        foot(
            figure,
            f"{BUDGET.amount:,} parameters at most; mean ± standard deviation of {seeds} seeds, points: single seeds",
        )
    return figure


EXPERIMENT = Experiment("depth", run)

if __name__ == "__main__":
    main(EXPERIMENT)
