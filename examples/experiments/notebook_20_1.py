"""Notebook 20.1: one network learns by heart true labels, signals that are noise, and labels that say nothing.

    python -m examples.experiments.notebook_20_1

The network and its recipe are specs/notebook_20_1.yaml.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from examples.experiments.data import Data, gaussian, mnist_1d, permuted
from examples.experiments.drawing import curves, foot, frame
from examples.experiments.reports import Claim, Experiment, Report, agrees, less, main, rounded, spread
from examples.experiments.trials import SPECS, Fit, Trial, first_below, fit, side_by_side
from netspec.plots import Picture
from netspec.plots.canvas import picture

TRUE, NOISE, PERMUTED = "true labels", "random signals", "permuted labels"


def run(quick: bool, jobs: int) -> Report:
    """Return what came out."""
    data, seeds = mnist_1d(200 if quick else 4000), 2 if quick else 3
    brief = {"epochs": 3} if quick else {}
    kinds: dict[str, Callable[[int], Data]] = {
        TRUE: lambda _: data,
        NOISE: lambda seed: gaussian(data, seed),
        PERMUTED: lambda seed: permuted(data, seed),
    }
    trials = [
        Trial(SPECS / "notebook_20_1.yaml", made(seed), seed, recipe=brief, measured="train")
        for made in kinds.values()
        for seed in range(seeds)
    ]
    fits = side_by_side(fit, trials, jobs)
    found = {kind: fits[i * seeds : (i + 1) * seeds] for i, kind in enumerate(kinds)}
    return Report(
        "Notebook 20.1: 40-300-300-300-300-10 on MNIST-1D and on nonsense",
        seeds,
        claims(found),
        ["trained on", "train error, %", "epochs to 0 %", "loss at the end", "test error, %"],
        [
            [
                kind,
                spread([each.train for each in group], 3),
                spread([first_below(each.errors, 0) for each in group]),
                spread([each.losses[-1] for each in group], 5),
                spread([each.test for each in group]),
            ]
            for kind, group in found.items()
        ],
        {
            kind: {
                "losses": rounded([each.losses for each in group], 5),
                "errors": rounded([each.errors for each in group]),
            }
            for kind, group in found.items()
        },
        draw(found),
        sum(each.seconds for each in fits),
    )


def claims(found: Mapping[str, Sequence[Fit]]) -> list[Claim]:
    """Return what the book says of learning by heart, held against what came out."""
    most = {kind: max(each.train for each in group) for kind, group in found.items()}
    epochs = {kind: [first_below(each.errors, 0) for each in group] for kind, group in found.items()}
    words = ", ".join(f"{kind} {error:.3f} %" for kind, error in most.items())
    return [
        Claim("the training error falls to 0 on all three", f"at most: {words}", agrees(not any(most.values()))),
        *(
            Claim(
                f"{kind} take longer than true labels",
                f"epochs to 0 %: {TRUE} {spread(epochs[TRUE])}, {kind} {spread(epochs[kind])}",
                less(epochs[TRUE], epochs[kind]),
                "they begin more slowly, and are known by heart as soon",
            )
            for kind in (NOISE, PERMUTED)
        ),
    ]


def draw(found: Mapping[str, Sequence[Fit]]) -> Picture:
    """Return the picture of losses and errors by epoch."""
    with picture(9.2, 3.9) as figure:
        left, right = figure.subplots(1, 2)
        curves(left, {kind: np.array([each.losses for each in group]) for kind, group in found.items()})
        frame(left, "Loss of the steps of an epoch", "epoch", "cross-entropy", xlim=(0, None), yscale="log")
        curves(right, {kind: np.array([each.errors for each in group]) for kind, group in found.items()})
        frame(right, "Training error", "epoch", "error in %", xlim=(0, None), ylim=(0, None))
        right.legend()
        seeds = len(found[TRUE])
        foot(figure, f"lines: mean of {seeds} seeds; bands: from the least to the most")
    return figure


EXPERIMENT = Experiment("notebook_20_1", run)

if __name__ == "__main__":
    main(EXPERIMENT)
