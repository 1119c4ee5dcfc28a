"""Notebook 20.2's four networks, of one budget and of one to four layers: which trains faster, which errs less?

    python -m examples.experiments.equal_budgets

The networks are specs/notebook_20_2.yaml and its variants, the recipe is that of notebook 8.1.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from examples.experiments.data import mnist_1d
from examples.experiments.drawing import curves, foot, frame, means
from examples.experiments.reports import Claim, Experiment, Report, counted, less, main, rounded, spread
from examples.experiments.trials import SPECS, VARIANTS, Fit, Trial, first_below, fit, side_by_side
from netspec.plots import Picture
from netspec.plots.canvas import picture

LEARNED = 5.0  # percent: the training error from which on a network counts as trained


def run(quick: bool, jobs: int) -> Report:
    """Return what came out."""
    data, seeds = mnist_1d(200 if quick else 4000), 2 if quick else 10
    recipe, brief = SPECS / "notebook_8_1.yaml", {"epochs": 3} if quick else {}
    trials = [
        Trial(SPECS / "notebook_20_2.yaml", data, seed, variant, like=recipe, recipe=brief, measured="train")
        for variant in VARIANTS.values()
        for seed in range(seeds)
    ]
    fits = side_by_side(fit, trials, jobs)
    found = {depth: fits[i * seeds : (i + 1) * seeds] for i, depth in enumerate(VARIANTS)}
    return Report(
        "Notebook 20.2's networks: one budget, one to four hidden layers",
        seeds,
        claims(found),
        ["layers", "epochs to 5 % train error", "train error, %", "test error, %"],
        [
            [
                str(depth),
                spread([first_below(each.errors, LEARNED) for each in group]),
                spread([each.train for each in group], 3),
                spread([each.test for each in group]),
            ]
            for depth, group in found.items()
        ],
        {
            str(depth): {
                "train_by_epoch": rounded([each.errors for each in group], 3),
                "test": rounded([each.test for each in group], 2),
            }
            for depth, group in found.items()
        },
        draw(found),
        sum(each.seconds for each in fits),
    )


def claims(found: Mapping[int, Sequence[Fit]]) -> list[Claim]:
    """Return what the lecture says of depth, held against what came out."""
    epochs = {depth: [first_below(each.errors, LEARNED) for each in group] for depth, group in found.items()}
    errors = {depth: [each.test for each in group] for depth, group in found.items()}
    return [
        Claim(
            "of one budget, moderately deep networks train in fewer epochs than shallow ones",
            "epochs to 5 % train error: "
            + ", ".join(f"{counted(depth)} {spread(each)}" for depth, each in epochs.items()),
            less(epochs[4], epochs[1]),
        ),
        Claim(
            "of one budget, moderately deep networks err less on new data than shallow ones",
            "test error: " + ", ".join(f"{counted(depth)} {spread(each)} %" for depth, each in errors.items()),
            less(errors[4], errors[1]),
        ),
    ]


def draw(found: Mapping[int, Sequence[Fit]]) -> Picture:
    """Return the picture of training errors by epoch, and of the errors at the end."""
    with picture(9.2, 3.9) as figure:
        left, right = figure.subplots(1, 2)
        curves(left, {counted(depth): np.array([each.errors for each in group]) for depth, group in found.items()})
        frame(left, "Training error", "epoch", "error in %", xlim=(0, None), ylim=(0, None))
        left.legend()
        means(right, list(found), [[each.test for each in group] for group in found.values()], "test", 0)
        frame(right, "Test error at the end", "hidden layers", "error in %", xticks=list(found), xlim=(0.5, 4.5))
        seeds = len(found[1])
        words = f"{seeds} seeds. Left: mean, and band from the least to the most; right: mean ± standard deviation"
        foot(figure, f"{words}, points: single seeds")
    return figure


EXPERIMENT = Experiment("equal_budgets", run)

if __name__ == "__main__":
    main(EXPERIMENT)
