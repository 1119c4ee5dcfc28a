"""Loss and metrics of a part of the data are those of all its rows at once, by their weights."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netspec
from netspec.gradients.program import GradientProgram
from netspec.spec.recipe import Loss, LossKind, Recipe
from netspec.training.data.reading import examples_of
from netspec.training.evaluation import evaluate, evaluation_batches
from netspec.training.loop import train
from netspec.training.metrics import Measure
from netspec.training.training import Keeping, Training
from tests.training.programs import Regression, Table, table

ROWS = 150  # in batches of 64 the last is smaller
SPEC = "netspec: 1\ndtype: float64\ninput: 3\nlayers: [{dense: 4}]\noutput: 4\n"


def program(loss: Loss, class_weights: Any = None) -> GradientProgram:
    """Return a network with this loss, the weights of classes those of its output."""
    model = netspec.loads(SPEC).build(seed=1)
    weights = None if class_weights is None else {"out": np.array(class_weights)}
    return GradientProgram(model.graph, "n", "float64", {"out": loss}, model.parameters, class_weights=weights)


@pytest.mark.parametrize("own", [False, True], ids=["", "weights"])
@pytest.mark.parametrize("classes", [None, [1.0, 5.0, 0.5, 3.0]], ids=["", "class-weights"])
def test_the_loss_of_classes_over_batches_is_that_of_all_rows(own: bool, classes: Any) -> None:
    random = np.random.default_rng(0)
    x, t = random.normal(size=(ROWS, 3)), np.sort(random.integers(0, 4, ROWS))
    weights = np.linspace(0, 9, ROWS) ** 2 if own else None
    each = program(Loss("cross_entropy"), classes)
    found = evaluate(each, evaluation_batches(Table(x, t), 10, weights), ())
    assert found is not None
    assert found[0] == pytest.approx(each.evaluate([x], [t], weights)[0], rel=1e-12)


@pytest.mark.parametrize("kind", ["squared_error", "binary_cross_entropy"])
def test_the_loss_of_numbers_over_batches_is_that_of_all_rows(kind: LossKind) -> None:
    random = np.random.default_rng(0)
    x, t = random.normal(size=(ROWS, 3)), random.integers(0, 2, (ROWS, 4)).astype(float)
    weights = np.linspace(0, 9, ROWS) ** 2
    for classes in (None, [1.0, 5.0]) if kind == "binary_cross_entropy" else (None,):
        each = program(Loss(kind), classes)
        found = evaluate(each, evaluation_batches(Table(x, t), 10, weights), ())
        assert found is not None
        assert found[0] == pytest.approx(each.evaluate([x], [t], weights)[0], rel=1e-12)


def test_metrics_are_by_the_weights_of_rows() -> None:
    random = np.random.default_rng(0)
    x, t = random.normal(size=(ROWS, 3)), random.integers(0, 4, ROWS)
    each = program(Loss("cross_entropy"))
    right = each.evaluate([x], [t], None)[1][0].argmax(1) == t
    weights = np.where(right, 1.0, 3.0)
    found = evaluate(
        each, evaluation_batches(Table(x, t), 10, weights), (Measure("accuracy", "accuracy", 0, "cross_entropy"),)
    )
    assert found is not None
    assert found[1] == {"accuracy": pytest.approx(right.sum() / (right.sum() + 3 * (~right).sum()), rel=1e-12)}


def test_rows_without_weight_have_no_loss() -> None:
    x, t = np.ones((ROWS, 3)), np.zeros(ROWS, np.int64)
    found = evaluate(program(Loss("cross_entropy")), evaluation_batches(Table(x, t), 10, np.zeros(ROWS)), ())
    assert found == (0.0, {})


def test_a_training_tells_what_the_rows_that_it_was_on_reach(tmp_path: Path) -> None:
    """The network as it is then: with dropout off, and the parameters of the best epoch where they are kept."""
    spec = SPEC.replace("{dense: 4}", "{dense: 8}, relu, {dropout: 0.5}, {dense: 4}")
    random = np.random.default_rng(0)
    x, t = random.normal(size=(ROWS, 3)), random.integers(0, 4, ROWS)
    weights = np.linspace(0, 9, ROWS)
    path = tmp_path / "journal"
    trained = netspec.loads(spec).train(
        x, t, weights=weights, validation=(x[:20], t[:20]), batch=10, epochs=9, early_stopping=1, learning_rate=0.1,
        metrics=["accuracy", "error"], keeping=Keeping(journal=str(path)),
    )  # fmt: skip
    assert trained.outcome.ended == "stopped early"
    reached = trained.outcome.training
    assert reached is not None
    y = trained.model(x)
    losses = np.log(np.exp(y).sum(1)) - y[np.arange(ROWS), t]
    assert reached.loss == pytest.approx(np.average(losses, weights=weights), rel=1e-12)
    right = np.average(y.argmax(1) == t, weights=weights)
    assert reached.metrics == {"accuracy": pytest.approx(right), "error": pytest.approx(1 - right)}
    last = json.loads(path.read_text().splitlines()[-1])
    assert (last["training_loss"], last["training_metrics"]) == tuple(reached)


@pytest.mark.parametrize("most", [0, 10_000])
def test_a_training_is_not_lost_where_there_is_no_memory_to_measure_it(most: int) -> None:
    """A step of one row needs less than its measure, which is of 64."""
    random = np.random.default_rng(0)
    x, t = random.normal(size=(ROWS, 3)), random.integers(0, 4, ROWS)
    model = netspec.loads(SPEC.replace("{dense: 4}", "{dense: 50}, relu, {dense: 4}")).build()
    examples = examples_of(x, t, model.inputs, model.outputs, (None,))
    training = Training(model, examples, Recipe(batch=1, epochs=1), max_memory=most or None)
    outcome = training.run().outcome
    assert (outcome.ended, outcome.training is None) == ("finished", most > 0)


def test_an_interrupted_training_takes_no_time_for_measures() -> None:
    outcome = train(Regression(), Recipe(epochs=2), table(9), measure_training=True, stop=lambda: True)
    assert (outcome.ended, outcome.training) == ("interrupted", None)


def test_metrics_of_standardised_targets_are_those_of_the_model_that_comes_of_it() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(ROWS, 3))
    y = x @ random.normal(size=(3, 4)) * [1, 10, 100, 1000] + random.normal(size=(ROWS, 4)) + 500
    metrics = ["mae", "rmse", "r2"]
    trained = netspec.loads(SPEC).train(
        x, y, validation=(x[:70], y[:70]), standardise="targets", metrics=metrics, epochs=2
    )
    for rows, found in ((70, trained.outcome.history[-1].metrics), (ROWS, trained.outcome.training[1])):  # type: ignore[index]
        wrong = trained.model(x[:rows]) - y[:rows]
        r2 = 1 - (wrong**2).sum(0) / ((y[:rows] - y[:rows].mean(0)) ** 2).sum(0)
        wanted = {"mae": np.abs(wrong).mean(), "rmse": np.sqrt((wrong**2).mean()), "r2": r2.mean()}
        assert found == {name: pytest.approx(value, rel=1e-9) for name, value in wanted.items()}


def test_an_output_of_one_number_has_its_metrics_in_the_unit_of_the_targets() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(ROWS, 3))
    y = 1000 * x[:, 0] + random.normal(size=ROWS)
    spec = SPEC.replace("{dense: 4}", "{dense: 1}").replace("output: 4", "output: 1")
    trained = netspec.loads(spec).train(x, y, standardise=["inputs", "targets"], metrics="mae", epochs=2)
    assert trained.outcome.training is not None
    wanted = np.abs(trained.model(x)[:, 0] - y).mean()
    assert trained.outcome.training.metrics == {"mae": pytest.approx(wanted, rel=1e-9)}
