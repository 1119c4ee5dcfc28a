"""What estimators make of data: labels, probabilities, weights, several targets, and where they go on."""

import pickle
import signal
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from netspec.network import Network
from netspec.sklearn import NetworkClassifier, NetworkRegressor
from netspec.spec.recipe import Loss, Recipe
from netspec.training.progress import Epoch

RNG = np.random.default_rng(2)
X = RNG.standard_normal((120, 3))
THREE = np.array(["low", "middle", "high"])[np.digitize(X[:, 0], [-0.4, 0.4])]
TWO = X[:, 0] + X[:, 1] > 0
QUICK: dict[str, Any] = {"epochs": 60, "learning_rate": 0.02}


def spec(output: int, ending: str = "", **training: object) -> dict[str, object]:
    """Return the keys of a small network with an activation on its outputs."""
    keys: dict[str, object] = {"input": 3, "dtype": "float64", "output": output}
    layers: list[object] = [{"dense": {"width": 12, "activation": "relu"}}, {"dense": output}]
    keys["layers"] = [*layers, *([ending] if ending else [])]
    return keys | ({"training": training} if training else {})


@pytest.mark.parametrize(
    "labels", [["low", "middle", "high"], [7, -1, 30], [0.5, 1.5, 2.5], [b"a", b"b", b"c"]], ids=lambda x: repr(x[0])
)
def test_labels_are_of_any_kind(labels: list[Any]) -> None:
    y = np.array(labels)[np.digitize(X[:, 0], [-0.4, 0.4])]
    if isinstance(labels[0], float | bytes):  # scikit-learn refuses both, whoever the estimator is
        with pytest.raises((ValueError, TypeError)):
            NetworkClassifier(**QUICK).fit(X, y)
        return
    estimator = NetworkClassifier(**QUICK).fit(X, y)
    assert estimator.classes_.tolist() == sorted(labels)
    assert estimator.predict(X).dtype == y.dtype
    assert estimator.score(X, y) > 0.95


def test_words_are_the_labels_of_the_model() -> None:
    assert NetworkClassifier(epochs=1).fit(X, THREE).model_.labels == {"out": ("high", "low", "middle")}
    assert NetworkClassifier(epochs=1).fit(X, TWO).model_.labels == {}


@pytest.mark.parametrize("ending", ["", "sigmoid"])
def test_two_classes_may_have_one_logit(ending: str) -> None:
    estimator = NetworkClassifier(spec(1, ending), **QUICK).fit(X, TWO)
    assert estimator.score(X, TWO) > 0.95
    logits, y = estimator.decision_function(X), estimator.model_(X)[:, 0]
    p = y if ending else 1 / (1 + np.exp(-y))
    np.testing.assert_allclose(estimator.predict_proba(X), np.stack([1 - p, p], 1), atol=1e-12)
    near = np.abs(logits) < 20  # beyond, 1 - p has few digits, and then none
    np.testing.assert_allclose(logits[near], np.log(p[near] / (1 - p[near])), rtol=1e-6)
    assert np.isfinite(logits).all()
    np.testing.assert_array_equal(estimator.predict(X), logits > 0)


@pytest.mark.parametrize("ending", ["", "softmax", "log_softmax"])
def test_probabilities_are_the_softmax_of_the_logits_wherever_it_stands(ending: str) -> None:
    estimator = NetworkClassifier(spec(3, ending), **QUICK).fit(X, THREE)
    plain = NetworkClassifier(spec(3), **QUICK).fit(X, THREE)
    np.testing.assert_allclose(estimator.predict_proba(X), plain.predict_proba(X), rtol=1e-9, atol=1e-12)
    logits = estimator.decision_function(X)
    e = np.exp(logits)
    np.testing.assert_allclose(estimator.predict_proba(X), e / e.sum(1, keepdims=True), rtol=1e-12)
    np.testing.assert_array_equal(estimator.predict(X), estimator.classes_[logits.argmax(1)])


def test_two_outputs_and_one_logit_agree_on_what_is_learned() -> None:
    one, two = (NetworkClassifier(spec(n), **QUICK).fit(X, TWO) for n in (1, 2))
    assert np.mean(one.predict(X) == two.predict(X)) > 0.95
    assert two.decision_function(X).shape == (120,)


def test_training_is_that_of_the_network() -> None:
    keys: Any = spec(1, optimizer={"sgd": {"momentum": 0.5}}, epochs=3, batch=10, seed=4)
    estimator = NetworkRegressor(keys, learning_rate=0.05).fit(X, X[:, 0])
    trained = Network(**keys).train(X, X[:, :1], loss="squared_error", learning_rate=0.05)
    for name, array in trained.model.parameters.items():
        np.testing.assert_array_equal(estimator.model_.parameters[name], array)
    assert estimator.recipe_ == trained.recipe
    assert estimator.loss_curve_ == [epoch.loss for epoch in trained.outcome.history]
    assert estimator.n_iter_ == len(estimator.history_) == 3


@pytest.mark.parametrize("kind", [NetworkClassifier, NetworkRegressor])
def test_every_key_of_a_recipe_is_a_parameter(kind: Any) -> None:
    keys = set(Recipe._fields) - {"seed", "class_weights"}
    others = {"spec", "variant", "settings", "dtype", "random_state", "warm_start", "verbose"}
    assert set(kind().get_params()) == keys | others | ({"class_weight"} if kind is NetworkClassifier else set())


def test_what_is_given_goes_before_the_spec_and_that_before_the_defaults() -> None:
    keys = spec(1, epochs=2, batch=7)
    assert NetworkRegressor(keys).fit(X, X[:, 0]).recipe_[5:7] == Recipe()._replace(batch=7, epochs=2)[5:7]
    found = NetworkRegressor(keys, epochs=1, batch="full", clip={"norm": 1.0}).fit(X, X[:, 0])
    assert (found.recipe_.batch, found.recipe_.epochs, found.n_iter_) == (None, 1, 1)
    assert found.history_[0].gradient_norm is not None


def test_a_regressor_has_targets_of_the_shape_that_it_was_fitted_with() -> None:
    y = np.stack([X[:, 0], X[:, 1] * 2], 1)
    both = NetworkRegressor(**QUICK).fit(X, y)
    assert both.score(X, y) > 0.95
    assert both.predict(X).shape == (120, 2)
    assert NetworkRegressor(epochs=1).fit(X, y[:, :1]).predict(X).shape == (120, 1)
    assert NetworkRegressor(epochs=1).fit(X, y[:, 0]).predict(X).shape == (120,)


def test_targets_of_zeros_and_ones_are_numbers_to_a_regressor() -> None:
    estimator = NetworkRegressor(epochs=1).fit(X, TWO.astype(int))
    assert estimator.recipe_.loss == {"out": Loss("squared_error")}


@pytest.mark.parametrize("batch", [None, 16])
def test_rows_of_weight_zero_are_as_if_they_were_not_there(batch: int | None) -> None:
    weights = np.repeat([0.0, 2.0], 60)
    one = NetworkRegressor(epochs=3, batch=batch).fit(X, X[:, 0], weights)
    other = NetworkRegressor(epochs=3, batch=batch).fit(X[60:], X[60:, 0])
    np.testing.assert_allclose(one.predict(X), other.predict(X), rtol=1e-12)


def test_weights_of_classes_move_what_is_likelier() -> None:
    y = np.where(X[:, 2] > 1.2, "rare", "often")
    plain = NetworkClassifier(epochs=5).fit(X, y)
    balanced = NetworkClassifier(epochs=5, class_weight="balanced").fit(X, y)
    given = NetworkClassifier(epochs=5, class_weight={"rare": 100.0}).fit(X, y)
    rare = [np.mean(estimator.predict_proba(X)[:, 1]) for estimator in (plain, balanced, given)]
    assert rare == sorted(rare)
    assert rare[1] > rare[0] + 0.05
    assert given.recipe_.class_weights == (1.0, 100.0)


def test_random_state_is_the_seed_of_all_that_is_drawn() -> None:
    def drawn(random_state: Any, **more: Any) -> Any:
        estimator = NetworkRegressor(epochs=2, random_state=random_state, **more).fit(X, X[:, 0])
        return estimator.model_.parameters["Omega_0"]

    np.testing.assert_array_equal(drawn(None), drawn(None))
    np.testing.assert_array_equal(drawn(0), drawn(None))
    np.testing.assert_array_equal(drawn(3), drawn(np.int64(3)))
    np.testing.assert_array_equal(drawn(np.random.RandomState(5)), drawn(np.random.RandomState(5)))
    assert not np.array_equal(drawn(3), drawn(4))
    state = np.random.RandomState(5)
    assert not np.array_equal(drawn(state), drawn(state))


def test_warm_start_goes_on_with_the_parameters_and_other_orders_of_the_rows() -> None:
    estimator = NetworkRegressor(epochs=2, warm_start=True).fit(X, X[:, 0])
    first = estimator.loss_curve_
    estimator.fit(X, X[:, 0])
    assert estimator.loss_curve_[:2] == first
    assert estimator.loss_curve_[2] < first[1]
    assert [epoch.epoch for epoch in estimator.history_] == [1, 2, 3, 4]
    assert estimator.n_iter_ == 4
    assert estimator.recipe_.seed == 2
    with pytest.raises(ValueError, match=r"^warm_start goes on with the network of before, and this is another$"):
        estimator.set_params(settings__D=5).fit(X, X[:, 0])
    again = NetworkClassifier(epochs=1, warm_start=True).fit(X, THREE)
    with pytest.raises(ValueError, match=r"^warm_start goes on with the classes of before, and y has others$"):
        again.fit(X, TWO)


def test_warm_start_goes_on_with_standardised_data() -> None:
    far = X * 30 + 500
    estimator = NetworkRegressor(epochs=3, warm_start=True, standardise=["inputs", "targets"]).fit(far, X[:, 0])
    before = estimator.predict(far)
    estimator.set_params(optimizer="sgd", learning_rate=1e-20, epochs=1).fit(far, X[:, 0])
    np.testing.assert_allclose(estimator.predict(far), before, rtol=1e-9)


def test_warm_start_goes_on_in_another_dtype_than_that_of_the_spec() -> None:
    estimator = NetworkRegressor(epochs=1, warm_start=True, dtype="float32").fit(X, X[:, 0])
    assert estimator.fit(X, X[:, 0]).model_.dtype == "float32"
    assert estimator.set_params(dtype="float64").fit(X, X[:, 0]).model_.dtype == "float64"
    assert estimator.n_iter_ == 3


def test_a_part_held_back_and_early_stopping_are_those_of_a_recipe() -> None:
    estimator = NetworkClassifier(validation=0.25, early_stopping=2, metrics="error", epochs=500, learning_rate=0.1)
    estimator.fit(X, THREE)
    assert estimator.n_iter_ < 500
    assert set(estimator.history_[0].metrics) == {"error"}
    assert estimator.history_[0].validation_loss is not None


def test_settings_are_reached_one_by_one() -> None:
    estimator = NetworkRegressor(settings={"D": 4})
    assert estimator.get_params()["settings__D"] == 4
    assert "settings__D" not in estimator.get_params(deep=False)
    assert clone(estimator).set_params(settings__D=6, epochs=1).settings == {"D": 6}
    assert estimator.settings == {"D": 4}
    assert NetworkRegressor().set_params(settings__D=6).settings == {"D": 6}
    assert NetworkRegressor().set_params(settings={"a": 1}, settings__b=2).settings == {"a": 1, "b": 2}


def test_a_fitted_estimator_is_pickled_with_its_model() -> None:
    for estimator in (NetworkClassifier(epochs=2).fit(X, THREE), NetworkRegressor(epochs=2).fit(X, X[:, 0])):
        other = pickle.loads(pickle.dumps(estimator))
        np.testing.assert_array_equal(other.predict(X), estimator.predict(X))
        assert other.model_.labels == estimator.model_.labels
        assert other.history_ == estimator.history_
        assert clone(other).get_params() == estimator.get_params()


def test_a_training_that_diverges_warns_and_keeps_what_was_there() -> None:
    words = (
        r"^the training of perceptron diverged in epoch \d+, step \d+: .*; the parameters are those from before the "
        r"training$"
    )
    with pytest.warns(ConvergenceWarning, match=words):
        estimator = NetworkRegressor(optimizer="sgd", learning_rate=1e6, epochs=3).fit(X, X[:, 0])
    assert np.isfinite(estimator.predict(X)).all()


def test_ctrl_c_ends_a_training_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def press(_: object, epoch: Epoch) -> None:
        if epoch.epoch == 2:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("netspec.sklearn._Lines.epoch", press)
    words = r"^the training of perceptron interrupted after 2 epochs and 8 steps; the parameters are those of the last"
    with pytest.warns(UserWarning, match=words):
        estimator = NetworkRegressor(verbose=1).fit(X, X[:, 0])
    assert estimator.n_iter_ == 2


def test_verbose_tells_of_every_so_many_epochs(capsys: pytest.CaptureFixture[str]) -> None:
    estimator = NetworkRegressor(epochs=5, verbose=2, validation=0.5).fit(X, X[:, 0])
    second, fourth = estimator.history_[1], estimator.history_[3]
    said = [
        f"epoch {epoch.epoch}: loss {epoch.loss:.6g}, validation loss {epoch.validation_loss:.6g}, "
        + ", ".join(f"{name} {value:.6g}" for name, value in epoch.metrics.items())
        for epoch in (second, fourth)
    ]
    assert capsys.readouterr().out.splitlines() == said


def test_one_class_and_no_weight_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"^a classifier tells two classes or more apart, and y has rows of one class$"
    ):
        NetworkClassifier().fit(X, TWO, TWO.astype(float))
    with pytest.raises(ValueError, match="zero"):  # in scikit-learn's words from 1.9 on, in ours before
        NetworkRegressor().fit(X, X[:, 0], np.zeros(120))


def test_a_probability_that_rounds_to_zero_has_a_finite_logit() -> None:
    estimator = NetworkClassifier(spec(3, "softmax"), epochs=1).fit(X, THREE)
    far = estimator.decision_function(X * 1e6)
    assert np.isfinite(far).all()
    np.testing.assert_allclose(estimator.predict_proba(X * 1e6).sum(1), 1.0)
