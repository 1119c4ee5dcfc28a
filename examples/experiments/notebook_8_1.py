"""Notebook 8.1: a network of two hidden layers knows its training data by heart, and errs on every third new signal.

    python -m examples.experiments.notebook_8_1

The network and its recipe are specs/notebook_8_1.yaml.
"""

from collections.abc import Sequence

import numpy as np

from examples.experiments.data import mnist_1d
from examples.experiments.drawing import curves, foot, frame
from examples.experiments.reports import Claim, Experiment, Report, agrees, deviation, main, rounded, spread
from examples.experiments.trials import SPECS, Fit, Trial, fit, side_by_side
from netspec.plots import Picture
from netspec.plots.canvas import picture


def run(quick: bool, jobs: int) -> Report:
    """Return what came out."""
    data, seeds = mnist_1d(200 if quick else 4000), 2 if quick else 10
    brief = {"epochs": 5} if quick else {}
    trials = [  # twice the same trainings, since after an epoch one part is measured
        Trial(SPECS / "notebook_8_1.yaml", data, seed, recipe=brief, measured=part)
        for part in ("train", "test")
        for seed in range(seeds)
    ]
    fits = side_by_side(fit, trials, jobs)
    train, test = fits[:seeds], fits[seeds:]
    return Report(
        "Notebook 8.1: 40-100-100-10 on MNIST-1D",
        seeds,
        claims(test),
        ["error", "mean ± deviation", "least", "most"],
        [
            ["train, %", *_row([each.train for each in test], 3)],
            ["test, %", *_row([each.test for each in test], 1)],
        ],
        {"train": rounded([each.errors for each in train], 3), "test": rounded([each.errors for each in test], 2)},
        draw(train, test),
        sum(each.seconds for each in fits),
    )


def _row(found: Sequence[float], digits: int) -> list[str]:
    return [spread(found, digits), f"{min(found):.{digits}f}", f"{max(found):.{digits}f}"]


def claims(fits: Sequence[Fit]) -> list[Claim]:
    """Return what the notebook says of errors, held against those that came out."""
    train, test = [each.train for each in fits], [each.test for each in fits]
    middle, error = float(np.mean(test)), deviation(test) / len(test) ** 0.5
    return [
        Claim(
            "the training error falls below 0.1 %",
            f"{spread(train, 3)} %, at most {max(train):.3f} %",
            agrees(float(np.mean(train)) < 0.1),
        ),
        Claim(
            "the test error is 36 to 37 %",
            f"{spread(test)} %, from {min(test):.1f} to {max(test):.1f} %",
            agrees(36 - 2 * error <= middle <= 37 + 2 * error),
        ),
    ]


def draw(train: Sequence[Fit], test: Sequence[Fit]) -> Picture:
    """Return the picture of both errors by epoch."""
    with picture(6.2, 3.9) as figure:
        axes = figure.subplots()
        curves(
            axes, {"train": np.array([each.errors for each in train]), "test": np.array([each.errors for each in test])}
        )
        frame(axes, "40-100-100-10 on MNIST-1D", "epoch", "error in %", xlim=(0, None), ylim=(0, None))
        axes.axhspan(36, 37, color="#d0d0d0", linewidth=0, label="the notebook's test error", zorder=1)
        axes.legend()
        foot(figure, f"lines: mean of {len(test)} seeds; bands: from the least to the most")
    return figure


EXPERIMENT = Experiment("notebook_8_1", run)

if __name__ == "__main__":
    main(EXPERIMENT)
