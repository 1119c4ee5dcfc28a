"""Notebook 10.2: a convolutional network beside the fully connected one with as many hidden units.

    python -m examples.experiments.notebook_10_2

The networks and their recipe are specs/notebook_10_2.yaml and specs/notebook_10_2_connected.yaml.
"""

from collections.abc import Mapping, Sequence

import numpy as np

import netspec
from examples.experiments.data import mnist_1d
from examples.experiments.drawing import curves, foot, frame, means
from examples.experiments.reports import Claim, Experiment, Report, agrees, less, main, rounded, spread
from examples.experiments.trials import SPECS, Fit, Trial, fit, side_by_side
from netspec.plots import Picture
from netspec.plots.canvas import picture

CONVOLUTIONAL, CONNECTED = "convolutional", "fully connected"
NETWORKS = {CONVOLUTIONAL: SPECS / "notebook_10_2.yaml", CONNECTED: SPECS / "notebook_10_2_connected.yaml"}


def run(quick: bool, jobs: int) -> Report:
    """Return what came out."""
    data, seeds = mnist_1d(200 if quick else 4000), 2 if quick else 6
    brief = {"epochs": 3} if quick else {}
    trials = [Trial(spec, data, seed, recipe=brief) for spec in NETWORKS.values() for seed in range(seeds)]
    fits = side_by_side(fit, trials, jobs)
    found = {CONVOLUTIONAL: fits[:seeds], CONNECTED: fits[seeds:]}
    return Report(
        "Notebook 10.2: convolutional and fully connected, of equal widths",
        seeds,
        claims(found),
        ["network", "parameters", "train error, %", "test error, %"],
        [
            [
                name,
                f"{netspec.load(NETWORKS[name]).facts.parameters:,}",
                spread([each.train for each in group], 2),
                spread([each.test for each in group]),
            ]
            for name, group in found.items()
        ],
        {
            name: {
                "train": rounded([each.train for each in group]),
                "test_by_epoch": rounded([each.errors for each in group], 2),
            }
            for name, group in found.items()
        },
        draw(found),
        sum(each.seconds for each in fits),
    )


def claims(found: Mapping[str, Sequence[Fit]]) -> list[Claim]:
    """Return what figure 10.8 says of the two, held against what came out."""
    train = {name: [each.train for each in group] for name, group in found.items()}
    test = {name: [each.test for each in group] for name, group in found.items()}
    return [
        Claim(
            "the convolutional network errs less on new data: 17 % in the book, and 40 % the connected one",
            ", ".join(f"{name} {spread(each)} %" for name, each in test.items()),
            less(test[CONVOLUTIONAL], test[CONNECTED]),
        ),
        Claim(
            "both fit the training data perfectly",
            "training error: " + ", ".join(f"{name} {spread(each, 2)} %" for name, each in train.items()),
            agrees(max(map(max, train.values())) == 0),
            "after the notebook's 100 epochs the convolutional network still errs on some signals; the book's figure"
            " is of 100,000 steps, 25 times as many",
        ),
    ]


def draw(found: Mapping[str, Sequence[Fit]]) -> Picture:
    """Return the picture of test errors by epoch, and of both errors at the end."""
    with picture(9.2, 3.9) as figure:
        left, right = figure.subplots(1, 2)
        curves(left, {name: np.array([each.errors for each in group]) for name, group in found.items()})
        frame(left, "Test error", "epoch", "error in %", xlim=(0, None), ylim=(0, None))
        left.legend()
        means(right, [0, 1], [[each.train for each in group] for group in found.values()], "train", 2, joined=False)
        means(right, [0, 1], [[each.test for each in group] for group in found.values()], "test", 4, joined=False)
        frame(right, "Errors at the end", "", "error in %", xlim=(-0.5, 1.5), ylim=(-1, None))
        right.set_xticks([0, 1], list(found))
        right.legend(loc="upper left")
        seeds = len(found[CONNECTED])
        words = f"{seeds} seeds. Left: mean, and band from the least to the most; right: mean ± standard deviation"
        foot(figure, f"{words}, points: single seeds")
    return figure


EXPERIMENT = Experiment("notebook_10_2", run)

if __name__ == "__main__":
    main(EXPERIMENT)
