"""Permuted labels learned by heart by descent on all rows at once, in which nothing is random: figure 20.2 of the book.

    python -m examples.experiments.full_batch

The networks are specs/notebook_20_2.yaml and its variants. The book descends on 4,000 signals without momentum, at a
rate of 0.0025, for 200,000 epochs and more; here momentum, a larger rate and 1,000 signals make a minute of hours.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from examples.experiments.data import mnist_1d, permuted
from examples.experiments.drawing import curves, foot, frame, means
from examples.experiments.reports import Claim, Experiment, Report, agrees, counted, less, main, rounded, spread
from examples.experiments.trials import SPECS, VARIANTS, Fit, Trial, first_below, fit, side_by_side
from netspec.plots import Picture
from netspec.plots.canvas import picture

ROWS = 1000
EPOCHS = 1000
THINNED = 20  # every so many epochs a point of a curve is kept


def run(quick: bool, jobs: int) -> Report:
    """Return what came out."""
    data, seeds = mnist_1d(200 if quick else ROWS), 2 if quick else 3
    faster = {"optimizer": {"sgd": {"momentum": 0.9}}, "learning_rate": 0.05}
    trials = [
        Trial(
            SPECS / "notebook_20_2.yaml",
            permuted(data, seed),
            seed,
            variant,
            recipe={**faster, "epochs": 2 * THINNED if quick else EPOCHS},
            measured="train",
        )
        for variant in VARIANTS.values()
        for seed in range(seeds)
    ]
    fits = side_by_side(fit, trials, jobs)
    found = {depth: fits[i * seeds : (i + 1) * seeds] for i, depth in enumerate(VARIANTS)}
    return Report(
        "Full-batch descent on permuted labels: one budget, one to four hidden layers",
        seeds,
        claims(found),
        ["layers", "train error, %", "epochs to 0 %", "loss at the end"],
        [
            [
                str(depth),
                spread([each.train for each in group], 3),
                spread([first_below(each.errors, 0) for each in group], 0),
                spread([each.losses[-1] for each in group], 4),
            ]
            for depth, group in found.items()
        ],
        {
            "every": THINNED,
            **{str(depth): rounded([each.errors[::THINNED] for each in group], 2) for depth, group in found.items()},
        },
        draw(found),
        sum(each.seconds for each in fits),
    )


def claims(found: Mapping[int, Sequence[Fit]]) -> list[Claim]:
    """Return what the book says of its figure, held against what came out."""
    most = {depth: max(each.train for each in group) for depth, group in found.items()}
    epochs = {depth: [first_below(each.errors, 0) for each in group] for depth, group in found.items()}
    said = ", ".join(f"{counted(depth)} {spread(each, 0)}" for depth, each in epochs.items())
    return [
        Claim(
            "all four networks learn labels that say nothing, with no chance in the descent",
            ", ".join(f"{counted(depth)} {error:.3f} %" for depth, error in most.items()) + " train error at most",
            agrees(not any(most.values())),
        ),
        Claim("deeper networks need fewer epochs", f"epochs to 0 %: {said}", less(epochs[4], epochs[1])),
    ]


def draw(found: Mapping[int, Sequence[Fit]]) -> Picture:
    """Return the picture of training errors by epoch, and of how many epochs it takes."""
    with picture(9.2, 3.9) as figure:
        left, right = figure.subplots(1, 2, width_ratios=[3, 2])
        for index, (depth, group) in enumerate(found.items()):
            values = np.array([each.errors[::THINNED] for each in group])
            label = counted(depth)
            curves(left, {label: values}, 1 + THINNED * np.arange(values.shape[1]), index)
        frame(left, "Training error", "epoch, of one step each", "error in %", xlim=(0, None), ylim=(0, None))
        left.legend()
        epochs = [[first_below(each.errors, 0) for each in group] for group in found.values()]
        means(right, list(found), epochs, "", 0)
        limits = {"xticks": list(found), "xlim": (0.5, 4.5), "ylim": (0, None)}
        frame(right, "Until no error is left", "hidden layers", "epochs", **limits)
        words = (
            f"{len(found[1])} seeds. Left: mean, and band from the least to the most; right: mean ± standard deviation"
        )
        foot(figure, f"{words}, points: single seeds")
    return figure


EXPERIMENT = Experiment("full_batch", run)

if __name__ == "__main__":
    main(EXPERIMENT)
