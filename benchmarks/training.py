"""A step of training: forward, backward and the optimizer, beside torch and scikit-learn; its memory; compiling it."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np

from benchmarks.alone import measured, note
from benchmarks.bars import NETSPEC, Bar, goals
from benchmarks.grid import rows
from benchmarks.harness import Sample, Samples, Settings, System, calls, difference, interleave, peak, seconds
from benchmarks.peers import SKLEARN, TORCH, Array, Parameters, agree, installed, torch_threads
from benchmarks.results import Result, Table, spell_bytes, spell_seconds
from benchmarks.training_networks import (
    BLOCKS,
    DIGITS,
    LENET,
    NOTEBOOK,
    READER,
    RESNET,
    SIGNALS,
    Trained,
)
from netspec.gradients.program import GradientProgram
from netspec.spec.recipe import OPTIMIZERS, Loss, OptimizerKind, Recipe
from netspec.training.data.columns import HeldColumn
from netspec.training.data.examples import Examples
from netspec.training.data.kinds import TargetKind
from netspec.training.loop import train
from netspec.training.optimizers import descent

FUSED: Final = "torch, fused"
LOOP: Final = "netspec, in its loop"
AGAIN: Final = "netspec, recomputed"
COMPILED: Final = "compile"
_CLASSES: Final = 10
_RATE: Final = 1e-3
_FITTED: Final = 20  # batches in a call of scikit-learn, which looks at its input in each
_BLOCK: Final = 0.02


class Point(NamedTuple):
    """A network and its optimizer."""

    trained: Trained
    optimizer: OptimizerKind

    @property
    def title(self) -> str:
        """What it is called: `40-100-100-10, batch 100, adam`."""
        return f"{self.trained.title}, {self.optimizer}"

    @property
    def recipe(self) -> Recipe:
        """The recipe that it is trained by: no momentum, no decay."""
        return Recipe(Loss("cross_entropy"), OPTIMIZERS[self.optimizer], learning_rate=_RATE, epochs=1, shuffle=False)


POINTS: Final = (
    Point(SIGNALS, "sgd"),
    Point(SIGNALS, "adam"),
    Point(DIGITS, "sgd"),
    Point(DIGITS, "adam"),
    Point(LENET, "sgd"),
    Point(LENET, "adam"),
    Point(NOTEBOOK, "sgd"),
    Point(NOTEBOOK, "adam"),
    Point(BLOCKS, "adam"),
    Point(READER, "adam"),
    Point(RESNET, "sgd"),
)
_TITLES: Final = {each: [point.title for point in POINTS if point.trained is each] for each in (SIGNALS, DIGITS)}
_CONVOLUTIONS: Final = {each: [point.title for point in POINTS if point.trained is each] for each in (LENET, NOTEBOOK)}
BARS: Final = (
    Bar(SIGNALS.title, TORCH, 3.0, _TITLES[SIGNALS], worst=True),
    Bar(SIGNALS.title, SKLEARN, 3.5, _TITLES[SIGNALS], worst=True),
    Bar(DIGITS.title, TORCH, 1.0, _TITLES[DIGITS], worst=True),
    Bar(DIGITS.title, SKLEARN, 1.5, _TITLES[DIGITS], worst=True),
    Bar(LENET.title, TORCH, 0.8, _CONVOLUTIONS[LENET], worst=True),
    Bar(NOTEBOOK.title, TORCH, 0.8, _CONVOLUTIONS[NOTEBOOK], worst=True),
)


def measure(settings: Settings) -> Result:
    """Return what a step of training costs, and how many times as long it takes the others."""
    samples = measured("training", settings)
    peers = [peer for peer in (TORCH, FUSED, SKLEARN) if any(peer in taken for taken in samples.values())]
    tables = [Table(("network, batch, optimizer", NETSPEC, *peers), rows(samples, peers))]
    loops = [
        (point, spell_seconds(difference(taken[LOOP], taken[NETSPEC])[0]), spell_seconds(seconds(taken[COMPILED])))
        for point, taken in samples.items()
        if LOOP in taken
    ]
    if loops:
        tables.append(Table(("network, batch, optimizer", "loop, a step", "program compiled"), loops))
    spared = [
        (point, name, spell_seconds(seconds(taken[name])), spell_bytes(peak(taken[name]).median))
        for point, taken in samples.items()
        if AGAIN in taken
        for name in (NETSPEC, AGAIN)
    ]
    if spared:
        tables.append(Table(("network, batch, optimizer", "", "time", "memory of signals and gradients"), spared))
    return Result(
        "Training",
        "A step: forward, the cross-entropy of ten classes and its gradient, backward, and the optimizer, float32, on "
        "one processor with one thread, the same batch each time. torch is a module in training mode as users write "
        "it, `zero_grad`, `backward` and `torch.optim` as they come (`foreach`), or with `fused=True`; scikit-learn is "
        f"`MLPClassifier.partial_fit` of {_FITTED} batches, by their number. torch begins with the same weights, and "
        "its losses agree along the first steps. The loop is what `network.train` adds to a step, shuffling and "
        "gathering aside; compile time is from a checked network to the first step done. Memory is that of signals "
        "and their gradients, whose places are planned beforehand, not of the parameters and of Python.",
        tables,
        goals(BARS, samples),
        samples,
    )


def points(settings: Settings) -> dict[str, Samples]:
    """Return the samples of every point; RuntimeError where a peer's loss is another."""
    if installed(TORCH):
        torch_threads(1)
    found: dict[str, Samples] = {}
    for point in settings.choose(POINTS, 2):
        note(point.title)
        network = point.trained.network()
        classes = 1000 if point.trained is RESNET else _CLASSES
        x, labels = point.trained.batch(classes)
        graph, values = network.operations, network.build(seed=0).parameters
        make = partial(GradientProgram, graph, network.name, "float32", {"out": Loss("cross_entropy")}, values)
        systems: dict[str, System] = {NETSPEC: _netspec(point, make(), x, labels)}
        if installed(TORCH):
            _agree(point, make(), values, x, labels)
            for name, how in ((TORCH, {}), (FUSED, {"fused": True})):
                step = torch_step(point, values, x, labels, **how)
                systems[name] = calls(step, _BLOCK)
        if point.trained.fitted and installed(SKLEARN):
            systems[SKLEARN] = _sklearn(point, x, labels)
        if point.trained is RESNET:
            systems[AGAIN] = _netspec(point, make(recompute=True), x, labels)
        else:
            systems[LOOP] = _loop(point, make(), x, labels)
        systems[COMPILED] = partial(_compile, make, x, labels)
        found[point.title] = interleave(systems, settings.rounds)
    return found


def netspec_step(point: Point, program: GradientProgram, x: Array, labels: Array) -> Callable[[], float]:
    """Return a step of ours: the program's, then the optimizer's, as the loop calls them."""
    walk = descent(point.recipe, program.parameters, program.gradient)
    inputs, targets, key = [x], [labels], (0, 0)

    def step() -> float:
        loss = program.step(inputs, targets, None, key)
        walk.step(_RATE)
        return loss

    return step


def torch_step(point: Point, parameters: Parameters, x: Array, labels: Array, **how: bool) -> Callable[[], Any]:
    """Return a step of torch, with `how` for its optimizer."""
    import torch

    module = point.trained.module(parameters).train()
    kind = torch.optim.SGD if point.optimizer == "sgd" else torch.optim.Adam
    optimizer = kind(module.parameters(), lr=_RATE, **how)
    given, wanted = torch.from_numpy(x), torch.from_numpy(labels)

    def step() -> Any:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(module(given), wanted)
        loss.backward()
        optimizer.step()
        return loss

    return step


def _netspec(point: Point, program: GradientProgram, x: Array, labels: Array) -> System:
    """Return our step as a system, whose peak is the memory of the program."""
    timed = calls(netspec_step(point, program, x, labels), _BLOCK)
    return lambda: Sample(timed().seconds, program.memory_bytes)


def _agree(point: Point, program: GradientProgram, parameters: Parameters, x: Array, labels: Array) -> None:
    """Raise RuntimeError where the losses of the first steps differ."""
    ours, theirs = netspec_step(point, program, x, labels), torch_step(point, parameters, x, labels)
    agree(np.array([ours() for _ in range(4)]), np.array([float(theirs().detach()) for _ in range(4)]), point.title)


def _sklearn(point: Point, x: Array, labels: Array) -> System:
    """Return a batch of scikit-learn's as a system: without momentum and decay, like the others."""
    from sklearn.neural_network import MLPClassifier

    solver, hidden = point.optimizer, point.trained.fitted[1:-1]
    model = MLPClassifier(
        hidden, solver=solver, batch_size=len(x), learning_rate_init=_RATE, momentum=0.0, nesterovs_momentum=False,
        alpha=0.0, random_state=0,
    )  # fmt: skip
    many, wanted = np.tile(x, (_FITTED, 1)), np.tile(labels, _FITTED)
    model.partial_fit(many, wanted, classes=np.arange(_CLASSES))

    def fit() -> Sample:
        start = time.perf_counter()
        model.partial_fit(many, wanted)
        return Sample((time.perf_counter() - start) / _FITTED)

    return fit


def _loop(point: Point, program: GradientProgram, x: Array, labels: Array) -> System:
    """Return a step within the loop as a system: an epoch of as many batches as take a block, by their number."""
    step = netspec_step(point, program, x, labels)
    count = max(2, min(200, round(_BLOCK / calls(step, _BLOCK)().seconds)))
    kind = TargetKind("classes", (), _CLASSES)
    columns = [HeldColumn(np.concatenate([array] * count)) for array in (x, labels)]
    examples = Examples(columns[:1], columns[1:], [kind], [()])
    recipe = point.recipe._replace(batch=len(x), epochs=2)

    def epochs() -> Sample:
        start = time.perf_counter()
        train(program, recipe, examples)
        return Sample((time.perf_counter() - start) / (2 * count))

    return epochs


def _compile(make: Callable[[], GradientProgram], x: Array, labels: Array) -> Sample:
    """Return how long it takes from a network to its first step."""
    start = time.perf_counter()
    make().step([x], [labels], None, (0, 0))
    return Sample(time.perf_counter() - start)
