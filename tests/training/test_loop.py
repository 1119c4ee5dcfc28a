"""The training loop: epochs, order, history, and the ways in which it ends."""

import os
import signal
from math import inf, nan
from typing import Any, Final

import numpy as np
import pytest

from netspec.spec.recipe import Clip, EarlyStopping, Loss, Optimizer, Recipe, Schedule
from netspec.training.batches import Batches, order
from netspec.training.interruption import Interruption
from netspec.training.loop import train
from netspec.training.outcome import Divergence, Outcome
from netspec.training.progress import Epoch
from tests.training.programs import CLASSES, FEATURES, Regression, Scripted, Table, table

SGD: Final = Optimizer("sgd")
ONE: Final = Recipe(optimizer=SGD, learning_rate=1.0, batch=4, shuffle=False)
"""A step of `Scripted` with this recipe adds 1 to its parameter."""


def scripted(losses: list[float], recipe: Recipe, validation: list[float] | None = None) -> tuple[Scripted, Outcome]:
    """Train on as many examples as one loss for each step of each epoch needs."""
    program = Scripted(losses, validation or [])
    rows = table(-(-len(losses) // recipe.epochs) * 4)
    return program, train(program, recipe, rows, None if validation is None else table(4))


class Heard:
    """Remembers what a watch is told; `ask` is called at each step."""

    def __init__(self, ask: Any = lambda: None) -> None:
        self.steps: list[tuple[int, int, int, float]] = []
        self.epochs: list[Epoch] = []
        self._ask = ask

    def step(self, epoch: int, step: int, steps: int, loss: float) -> None:
        self.steps.append((epoch, step, steps, loss))
        self._ask()

    def epoch(self, epoch: Epoch) -> None:
        self.epochs.append(epoch)


def test_training_is_the_plain_loop() -> None:
    """Ten lines without checkpoints, metrics or an end before the last epoch are what all the rest must keep."""
    recipe = Recipe(optimizer=SGD, learning_rate=0.5, batch=7, epochs=3, seed=5)
    rows = table(30)
    plain, program = Regression(), Regression()
    number = 0
    for epoch in range(3):
        shuffled = np.random.default_rng([5, epoch]).permutation(30)
        for start in range(0, 30, 7):
            batch = shuffled[start : start + 7]
            plain.step([rows.x[batch]], [rows.t[batch]], None, (5, number))
            plain.parameters -= 0.5 * plain.gradient
            number += 1
    outcome = train(program, recipe, rows)
    np.testing.assert_array_equal(program.parameters, plain.parameters)
    np.testing.assert_array_equal(program.state["norm.mean"], plain.state["norm.mean"])
    assert (outcome.ended, outcome.epochs, outcome.steps, outcome.restored) == ("finished", 3, 15, False)
    assert outcome.sentence == "finished after 3 epochs; the parameters are those of the last step"


def test_training_learns() -> None:
    rows = table(600)
    outcome = train(
        Regression(drop=0.0),
        Recipe(loss=Loss("cross_entropy"), epochs=20, learning_rate=0.01),
        rows,
        table(300, seed=1),
    )
    first, last = outcome.history[0], outcome.history[-1]
    assert last.loss < 0.7 * first.loss
    assert last.metrics["accuracy"] > 0.6 > first.metrics["accuracy"]


def test_the_order_of_an_epoch_is_a_function_of_seed_and_epoch() -> None:
    assert order(1, 2, 5).tolist() == np.random.default_rng([1, 2]).permutation(5).tolist()
    assert order(1, 2, 50).tolist() != order(1, 3, 50).tolist()
    assert order(1, 2, 50).tolist() != order(2, 2, 50).tolist()


def test_every_epoch_has_every_row_once_and_a_smaller_last_batch() -> None:
    rows = Table(np.arange(10.0)[:, None], np.arange(10))
    batches = Batches(rows, 4, np.arange(10.0) * 2, 3)
    found = list(batches.of(1))
    assert [len(t) for _, (t,), _ in found] == [4, 4, 2]
    assert np.concatenate([t for _, (t,), _ in found]).tolist() == order(3, 1, 10).tolist()
    for (x,), (t,), weights in found:
        assert weights is not None
        np.testing.assert_array_equal(weights, 2 * t)
        np.testing.assert_array_equal(x, t[:, None])
    assert [t.tolist() for _, (t,), _ in batches.of(1, 2)] == [found[2][1][0].tolist()]
    assert list(batches.of(1, 3)) == []


def test_rows_are_gathered_in_blocks_and_those_of_a_whole_epoch_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netspec.training.batches._BLOCK_BYTES", 16 * 6)
    rows = Table(np.arange(10.0)[:, None], np.arange(10))
    list(Batches(rows, 2, None, None).of(0))
    assert rows.taken == [[0], [0, 1, 2, 3, 4, 5], [6, 7, 8, 9]]
    monkeypatch.undo()
    rows.taken.clear()
    batches = Batches(rows, 2, None, None)
    for epoch in range(3):
        list(batches.of(epoch))
    assert rows.taken == [[0], list(range(10))]
    assert [t.tolist() for _, (t,), _ in batches.of(3, 3)] == [[6, 7], [8, 9]]


def test_all_rows_at_once_are_one_step_and_not_shuffled() -> None:
    rows = Table(np.arange(10.0)[:, None], np.arange(10))
    batches = Batches(rows, None, None, 3)
    assert [t.tolist() for _, (t,), _ in batches.of(4)] == [list(range(10))]


def test_what_does_not_fit_is_refused() -> None:
    def said(call: Any) -> str:
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
            call()
        return str(caught.value)

    stopping = Recipe(early_stopping=EarlyStopping(3))
    assert said(lambda: train(Regression(), Recipe(), table(0))) == "there are no examples"
    assert (
        said(lambda: train(Regression(), Recipe(), table(5), weights=np.ones(4)))
        == "there are 5 examples, and weights of shape (4,)"
    )
    assert said(lambda: train(Regression(), stopping, table(5))) == "early stopping needs a validation part"
    stopping = Recipe(early_stopping=EarlyStopping(3, "r2"), loss=Loss("cross_entropy"))
    assert (
        said(lambda: train(Regression(), stopping, table(5), table(5)))
        == "early stopping goes by r2, which no output has"
    )


def test_weights_reach_steps_and_evaluation() -> None:
    """Rows without weight leave no trace in the gradient, nor in the validation loss."""
    rows, recipe = table(8), Recipe(optimizer=SGD, batch=None, epochs=1)
    part = table(6, seed=2)
    weighted, alone = Regression(drop=0), Regression(drop=0)
    w = np.array([2.0] * 4 + [0.0] * 4)
    rows.x[4:] = rows.x[:4]  # the mean of the inputs, which has no weights, stays the same
    outcome = train(weighted, recipe, rows, part, weights=w, validation_weights=np.zeros(6))
    train(alone, recipe, Table(rows.x[:4], rows.t[:4]))
    np.testing.assert_allclose(weighted.parameters, alone.parameters, rtol=1e-13)
    assert outcome.history[0].validation_loss == 0


def test_the_history_tells_each_epoch() -> None:
    schedule = Schedule("exponential", factor=0.5)
    recipe = Recipe(
        loss=Loss("cross_entropy"),
        optimizer=SGD,
        learning_rate=0.5,
        schedule=schedule,
        batch=7,
        epochs=3,
        clip=Clip("norm", 0.1),
        metrics=("accuracy", "error"),
    )
    heard = Heard()
    outcome = train(Regression(), recipe, table(30), table(20, seed=1), watch=heard)
    assert heard.epochs == list(outcome.history)
    assert [row.epoch for row in outcome.history] == [1, 2, 3]
    assert [row.learning_rate for row in outcome.history] == [0.5, 0.25, 0.125]
    for row in outcome.history:
        assert row.metrics["accuracy"] + row.metrics["error"] == 1
        assert row.validation_loss is not None
        assert row.gradient_norm is not None
        assert row.gradient_norm > 0.1
        assert row.seconds > 0
        losses = [(loss, 7 if step < 5 else 2) for epoch, step, _, loss in heard.steps if epoch == row.epoch]
        assert row.loss == pytest.approx(sum(loss * rows for loss, rows in losses) / 30)
    assert [heard[:3] for heard in heard.steps[:6]] == [*((1, step, 5) for step in range(1, 6)), (2, 1, 5)]


def test_without_validation_and_clipping_the_history_has_neither() -> None:
    row = train(Regression(), Recipe(epochs=1), table(30)).history[0]
    assert (row.validation_loss, row.metrics, row.gradient_norm) == (None, {}, None)


def test_the_validation_part_is_evaluated_in_batches() -> None:
    part = table(300, seed=1)
    program = Regression()
    outcome = train(program, Recipe(loss=Loss("cross_entropy"), epochs=1, batch=10), table(30), part)
    loss, (y,) = program.evaluate([part.x], [part.t], None)
    assert outcome.history[0].validation_loss == pytest.approx(loss, rel=1e-12)
    assert outcome.history[0].metrics["accuracy"] == np.mean(y.argmax(1) == part.t)
    assert max(len(rows) for rows in part.taken) == 300


def test_a_step_is_keyed_by_seed_and_number() -> None:
    program, _ = scripted([1.0] * 6, ONE._replace(epochs=3, seed=9))
    assert program.keys == [(9, number) for number in range(6)]


def test_early_stopping_puts_the_best_epoch_back() -> None:
    recipe = ONE._replace(epochs=9, early_stopping=EarlyStopping(2))
    program, outcome = scripted([1.0] * 9, recipe, [5.0, 3.0, 4.0, 3.5])
    assert (outcome.ended, outcome.epochs, outcome.best_epoch, outcome.best) == ("stopped early", 4, 2, 3.0)
    assert program.parameters.tolist() == [2.0]
    assert outcome.sentence == "stopped early after 4 epochs; the parameters are those of epoch 2, the best (3)"


def test_early_stopping_that_never_stops_puts_the_best_epoch_back_too() -> None:
    recipe = ONE._replace(epochs=3, early_stopping=EarlyStopping(2))
    program, outcome = scripted([1.0] * 3, recipe, [5.0, 3.0, 4.0])
    assert (outcome.ended, outcome.best_epoch, program.parameters.tolist()) == ("finished", 2, [2.0])


def test_what_gains_too_little_is_kept_and_waited_out() -> None:
    """The best is the best; but only a gain of `at_least` since the last one renews the patience."""
    recipe = ONE._replace(epochs=9, early_stopping=EarlyStopping(3, at_least=0.5))
    program, outcome = scripted([1.0] * 9, recipe, [5.0, 4.75, 4.5, 4.25, 4.25, 4.125, 4.0625, 9.0, 9.0])
    # 4.5 is 0.5 better than 5.0; from there on 4.125 in epoch 6 is too little, and the patience ends.
    assert (outcome.epochs, outcome.best_epoch, program.parameters.tolist()) == (6, 6, [6.0])


def test_a_metric_of_which_more_is_better_stops_where_it_falls() -> None:
    recipe = Recipe(
        loss=Loss("cross_entropy"), epochs=30, learning_rate=0.05, early_stopping=EarlyStopping(3, "accuracy")
    )
    outcome = train(Regression(), recipe, table(60), table(40, seed=1))
    found = [row.metrics["accuracy"] for row in outcome.history]
    assert outcome.ended == "stopped early"
    assert outcome.best == max(found)
    assert outcome.best_epoch == found.index(max(found)) + 1 == outcome.epochs - 3


@pytest.mark.parametrize(
    ("losses", "what", "epoch", "step"),
    [
        ([1.0, 2.0, 1.5, nan], "the loss is nan", 2, 2),
        ([inf, 2.0], "the loss is inf", 1, 1),
        ([3.0, 2.0, 3.0000001e6, 1.0], "the loss is 3e+06, the first was 3", 2, 1),
        ([1e-9, 2e6], "the loss is 2e+06, the first was 1e-09", 1, 2),
    ],
)
def test_a_divergence_is_told_where_it_began(losses: list[float], what: str, epoch: int, step: int) -> None:
    program = Scripted(losses)
    outcome = train(program, ONE._replace(epochs=4), table(8))
    assert outcome.ended == "diverged"
    assert outcome.divergence == Divergence(what, epoch, step)
    assert outcome.restored
    assert program.parameters.tolist() == [2.0 * (epoch - 1)]
    kept = "those from before the training" if epoch == 1 else "those of epoch 1, the best (1.5)"
    if losses[0] == 1.0:
        assert outcome.sentence == f"diverged in epoch {epoch}, step {step}: {what}; the parameters are {kept}"


def test_a_loss_that_grows_is_no_divergence() -> None:
    assert scripted([1e-9, 9e5, 1.0, 1.0], ONE._replace(epochs=2))[1].ended == "finished"


def test_a_validation_loss_that_is_no_number_is_a_divergence() -> None:
    program, outcome = scripted([1.0] * 4, ONE._replace(epochs=2), [2.0, nan])
    assert outcome.divergence == Divergence("the validation loss is nan", 2, 2)
    assert program.parameters.tolist() == [2.0]


def test_parameters_that_are_not_finite_are_a_divergence() -> None:
    """Though the losses are: the last step of an epoch spoils them."""

    class Spoilt(Scripted):
        def step(self, *given: Any) -> float:
            loss = super().step(*given)
            if len(self.keys) == 4:
                self.gradient[0] = inf
            return loss

    program = Spoilt([1.0] * 6)
    outcome = train(program, ONE._replace(epochs=3), table(8))
    assert outcome.divergence == Divergence("β_0 has the value -inf", 2, 2)
    assert program.parameters.tolist() == [2.0]


def test_an_interruption_ends_after_the_step_and_keeps_the_best() -> None:
    program = Scripted([1.0] * 40, [3.0, 2.0, 4.0, 4.0])
    heard = Heard()
    outcome = train(
        program, ONE._replace(epochs=5), table(8), table(4), watch=heard, stop=lambda: len(heard.steps) == 7
    )
    assert (outcome.ended, outcome.epochs, outcome.steps) == ("interrupted", 3, 7)
    assert program.parameters.tolist() == [4.0]
    assert outcome.sentence == (
        "interrupted after 3 epochs and 7 steps; the parameters are those of epoch 2, the best (2)"
    )


def test_an_interruption_without_a_validation_part_leaves_the_last_step() -> None:
    program = Scripted([1.0] * 40)
    heard = Heard()
    outcome = train(program, ONE._replace(epochs=5), table(8), watch=heard, stop=lambda: len(heard.steps) == 1)
    assert program.parameters.tolist() == [1.0]
    assert outcome.sentence == ("interrupted after 0 epochs and 1 step; the parameters are those of the last step")


def test_ctrl_c_is_such_an_interruption_and_a_second_one_ends_at_once() -> None:
    before = signal.getsignal(signal.SIGINT)

    def press() -> None:
        if len(heard.steps) == 3:
            os.kill(os.getpid(), signal.SIGINT)

    heard = Heard(press)
    with Interruption() as stop:
        outcome = train(Scripted([1.0] * 40), ONE._replace(epochs=5), table(8), watch=heard, stop=stop)
    assert (outcome.ended, outcome.steps) == ("interrupted", 3)
    assert signal.getsignal(signal.SIGINT) is before

    def press_twice() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), Interruption() as stop:
        train(Scripted([1.0] * 40), ONE._replace(epochs=5), table(8), watch=Heard(press_twice), stop=stop)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_sigterm_does_what_it_did_before() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        with Interruption(signal.SIGINT, signal.SIGTERM) as stop:
            before_any = stop.signal
            os.kill(os.getpid(), signal.SIGTERM)
            assert before_any is None
            assert stop()
            assert (stop.signal, list(heard)) == (signal.SIGTERM, [])
            os.kill(os.getpid(), signal.SIGTERM)
            assert heard == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_signal_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interruption() as stop:
            os.kill(os.getpid(), signal.SIGINT)
            assert not stop()
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_outcome_says_which_epoch_is_kept_and_whether_it_is_better_than_the_beginning() -> None:
    ended = train(Scripted([3.0, 1.0, 2.0]), ONE._replace(epochs=3), table(4))
    assert ended.kept == ended.history[-1]
    assert (ended.best_epoch, ended.first_loss, ended.is_better) == (2, 3.0, True)
    lost = train(Scripted([3.0, 1.0, float("nan")]), ONE._replace(epochs=3), table(4))
    assert lost.kept == lost.history[1]
    assert lost.is_better
    worse = train(Scripted([3.0, float("nan")]), ONE._replace(epochs=3), table(4))
    assert (worse.best_epoch, worse.is_better) == (1, False)


def test_no_epochs_change_nothing() -> None:
    program = Regression()
    before = program.parameters.copy()
    outcome = train(program, Recipe(epochs=0), table(5))
    assert (outcome.ended, outcome.history) == ("finished", ())
    np.testing.assert_array_equal(program.parameters, before)


def test_the_network_of_the_tests_has_the_gradient_of_its_loss() -> None:
    program, rows = Regression(drop=0.0), table(9)
    program.parameters[...] = np.linspace(-1, 1, program.parameters.size)
    program.state["norm.mean"][...] = rows.x.mean(0)  # so that the step leaves it
    weights = np.linspace(0.5, 2, 9)

    def loss() -> float:
        return program.evaluate([rows.x], [rows.t], weights)[0]

    program.step([rows.x], [rows.t], weights, (0, 0))
    for index in (0, 7, FEATURES * CLASSES - 1, program.parameters.size - 1):
        before = program.parameters[index]
        program.parameters[index] = before + 1e-6
        above = loss()
        program.parameters[index] = before - 1e-6
        assert program.gradient[index] == pytest.approx((above - loss()) / 2e-6, abs=1e-7)
        program.parameters[index] = before


@pytest.mark.parametrize("kind", ["norm", "value"])
def test_a_gradient_that_is_infinite_is_a_divergence_of_its_step_where_it_is_clipped(kind: Any) -> None:
    """Clipped by value it would leave no trace but a norm that no checkpoint has."""

    class Bad(Regression):
        def step(self, *given: Any) -> float:
            loss = super().step(*given)
            if self.touched == 3:
                self.gradient[2] = inf
            return loss

    recipe = Recipe(loss=Loss("cross_entropy"), batch=8, epochs=2, clip=Clip(kind, 1.0))
    outcome = train(Bad(), recipe, table(50))
    assert outcome.divergence == Divergence("the norm of the gradient is inf", 1, 3)
