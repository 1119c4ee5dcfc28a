"""A target that is folded and two that are not, learned by shallow and by deep networks of equal budgets.

    python -m examples.experiments.folded_target

Folded is the line laid in two three times over: eight pieces, which a network of three layers and 19 parameters has
exactly. `moved` goes up and down as often, but its joints are moved and its turns uneven, so that it is no composition.
`smooth` is a sum of three slow waves.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

import netspec
from examples.experiments.data import Array
from examples.experiments.drawing import DASHES, MARKS, foot, frame
from examples.experiments.reports import Claim, Experiment, Report, Verdict, counted, less, main, rounded
from examples.experiments.trials import side_by_side
from netspec.efficiency import Budget, widest
from netspec.plots import Picture
from netspec.plots.canvas import COLOURS, INK, picture

FOLDED, MOVED, SMOOTH = "folded", "moved", "smooth"
PIECES = 8
AMOUNTS = (120, 240, 480, 960)
DEPTHS = (1, 2, 3, 5)
EPOCHS = 200
RECIPE = {"optimizer": "adam", "learning_rate": 0.01, "schedule": "cosine", "batch": 100, "epochs": EPOCHS}

X = np.linspace(-1, 1, 1001)


def folds() -> netspec.Network:
    """Return the network that folds [-1, 1] in two and stretches it, three times."""
    fold = {"beta": [0, -0.5], "Omega": [[2, -4], [2, -4]]}
    values = {"beta_0": [0.5, 0], "Omega_0": [[0.5], [0.5]], "beta_3": [0], "Omega_3": [[2, -4]]}
    for k in (1, 2):
        values |= {f"{role}_{k}": numbers for role, numbers in fold.items()}
    return netspec.Network(name="folds", input=1, widths=[2, 2, 2], output=1, parameters=values)


def target(name: str) -> Array:
    """Return the target at each X, of mean 0 and variance 1."""
    random = np.random.default_rng(7)
    turns = np.arange(PIECES + 1)
    if name == FOLDED:
        y = folds().build(dtype="float64")(X[:, None])[:, 0]
    elif name == MOVED:
        moves = np.concatenate([[0], random.uniform(-0.35, 0.35, PIECES - 1), [0]])
        heights = np.where(turns % 2, random.uniform(0.6, 1, PIECES + 1), random.uniform(0, 0.4, PIECES + 1))
        y = np.interp(X, np.linspace(-1, 1, PIECES + 1) + moves * 2 / PIECES, heights)
    else:
        k = np.arange(1, 4)
        heights, phases = random.normal(size=3) / k, random.uniform(0, 2 * np.pi, 3)
        y = (heights * np.sin(np.pi * k * X[:, None] + phases)).sum(1)
    return np.asarray((y - y.mean()) / y.std(), np.float32)


class Order(NamedTuple):
    """A training: the target, the hidden layers and the budget of parameters, and the seed."""

    target: str
    depth: int
    amount: int
    seed: int
    epochs: int


class Found(NamedTuple):
    """The root of the mean squared error, 1 being that of the mean of the target, and the time of a processor."""

    error: float
    seconds: float


def network(depth: int, amount: int) -> netspec.Network:
    """Return the network of a budget. It reads x and a 1, so that joints are spread out where β begins as 0."""
    width = widest(Budget(inputs=2, outputs=1, amount=amount), depth)
    return netspec.Network(input=2, K=depth, widths=width, output=1)


def learn(order: Order) -> Found:
    """Return the error that is left after training."""
    begun = time.process_time()
    made, y = network(order.depth, order.amount), target(order.target)[:, None]
    x = np.stack([X * 3**0.5, np.ones_like(X)], 1).astype(np.float32)  # of variance 1
    settings: dict[str, Any] = {**RECIPE, "epochs": order.epochs, "seed": order.seed}
    trained = made.train(x, y, model=made.build(seed=order.seed), **settings)
    error = float(np.sqrt(np.mean((trained.model(x) - y) ** 2)))
    return Found(error, time.process_time() - begun)


Case = tuple[str, int, int]


def run(quick: bool, jobs: int) -> Report:
    """Return what came out."""
    seeds, epochs, amounts = (2, 5, AMOUNTS[:2]) if quick else (5, EPOCHS, AMOUNTS)
    cases = [(name, depth, amount) for name in (FOLDED, MOVED, SMOOTH) for depth in DEPTHS for amount in amounts]
    orders = [Order(*case, seed, epochs) for case in cases for seed in range(seeds)]
    done = side_by_side(learn, orders, jobs)
    found = {case: [each.error for each in done[i * seeds : (i + 1) * seeds]] for i, case in enumerate(cases)}
    most = amounts[-1]
    return Report(
        f"Targets folded and not, {amounts[0]} to {most} parameters",
        seeds,
        claims(found, most),
        ["target", "layers", *(f"{amount} parameters" for amount in amounts)],
        [
            [name, str(depth), *(middle(found[name, depth, amount]) for amount in amounts)]
            for name in (FOLDED, MOVED, SMOOTH)
            for depth in DEPTHS
        ],
        {f"{name}, {depth} layers, {amount}": rounded(errors) for (name, depth, amount), errors in found.items()},
        draw(found, amounts),
        sum(each.seconds for each in done),
    )


def middle(errors: Sequence[float]) -> str:
    """Return median, least and most."""
    return f"{np.median(errors):.3f} ({min(errors):.3f} – {max(errors):.3f})"


def claims(found: Mapping[Case, Sequence[float]], most: int) -> list[Claim]:
    """Return what the lecture says of folding, held against what came out of the largest budget."""

    def better(name: str) -> tuple[str, Verdict]:
        by_depth = {depth: found[name, depth, most] for depth in DEPTHS}
        best = min(DEPTHS[1:], key=lambda depth: float(np.median(by_depth[depth])))
        words = f"error of {most} parameters: 1 layer {middle(by_depth[1])}, {counted(best)} {middle(by_depth[best])}"
        return words, less(np.log(by_depth[best]).tolist(), np.log(by_depth[1]).tolist())

    folded, moved, smooth = (better(name) for name in (FOLDED, MOVED, SMOOTH))
    # what cannot be told from no gain is no proof that there is none
    needless: dict[Verdict, Verdict] = {
        "agrees": "does not agree",
        "does not agree": "agrees",
        "not decided": "not decided",
    }
    return [
        Claim("a folded target is learned better by deep networks than by shallow ones of the same budget", *folded),
        Claim(
            "depth gains because the target is folded: one that is not, of as many pieces, has nothing of it",
            moved[0],
            needless[moved[1]],
            "deep networks gain as much here, so that it is not the folds that they are better at",
        ),
        Claim(
            "a smooth target without folds needs no depth",
            smooth[0],
            needless[smooth[1]],
            "deep networks do better here too, of errors that are small for all",
        ),
    ]


def draw(found: Mapping[Case, Sequence[float]], amounts: Sequence[int]) -> Picture:
    """Return the picture of the targets, and of errors over budgets."""
    with picture(11.5, 5.2) as figure:
        above, below = figure.subplots(2, 3, height_ratios=[1, 2.4])
        for axes, panel, name in zip(above, below, (FOLDED, MOVED, SMOOTH), strict=True):
            axes.plot(X, target(name), color=INK, linewidth=1.2)
            frame(axes, f"Target: {name}", "x", "y", xlim=(-1, 1))
            for index, depth in enumerate(DEPTHS):
                _line(panel, amounts, [found[name, depth, amount] for amount in amounts], depth, index)
            frame(panel, "", "parameters", "error (1: none learned)", xscale="log", yscale="log", ylim=(2e-3, 1.5))
            panel.set_xticks(amounts, [str(amount) for amount in amounts])
            panel.minorticks_off()
        below[0].legend(loc="lower left")
        seeds = len(found[FOLDED, 1, amounts[0]])
        foot(figure, f"median of {seeds} seeds, from the least to the most; points: single seeds")
    return figure


def _line(axes: Any, amounts: Sequence[int], groups: Sequence[Sequence[float]], depth: int, index: int) -> None:
    """Draw the medians of a depth, bars from the least to the most, a little beside those of the other depths."""
    at = [amount * 1.035 ** (index - (len(DEPTHS) - 1) / 2) for amount in amounts]
    medians = np.array([np.median(group) for group in groups])
    reach = [medians - [min(group) for group in groups], np.array([max(group) for group in groups]) - medians]
    ink = COLOURS[index]
    for place, group in zip(at, groups, strict=True):
        axes.plot([place] * len(group), group, linestyle="none", marker=".", markersize=4, color=ink, alpha=0.35)
    axes.errorbar(
        at, medians, reach, color=ink, linestyle=DASHES[index], marker=MARKS[index], markersize=5, capsize=2.5,
        linewidth=1.3, elinewidth=0.7, label=counted(depth), zorder=3,
    )  # fmt: skip


EXPERIMENT = Experiment("folded_target", run)

if __name__ == "__main__":
    main(EXPERIMENT)
