"""Estimators at home in pipelines, searches and cross-validation, over processes too."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import netspec
from netspec.sklearn import NetworkClassifier, NetworkRegressor

FAMILY = """\
netspec: 1
name: family
hyperparameters: {features: int, classes: int, D: 3, depth: 1}
dtype: float64
input: features
K: depth
widths: D
output: classes
variants:
  small: {D: 2, features: 1, classes: 2}
  large: {D: 12, depth: 2, features: 1, classes: 2}
training: {epochs: 15, learning_rate: 0.02}
"""
RNG = np.random.default_rng(3)
X = RNG.standard_normal((90, 4)) * [1, 10, 0.1, 1] + [0, 5, 0, 1]
Y = np.where(X[:, 0] ** 2 > 0.5, "far", "near")


def test_a_search_over_variants_and_settings_in_two_processes(tmp_path: Path) -> None:
    path = tmp_path / "family.yaml"
    path.write_text(FAMILY, encoding="utf-8")
    pipeline = make_pipeline(StandardScaler(), NetworkClassifier(path))
    grid = {
        "networkclassifier__variant": ["small", "large"],
        "networkclassifier__settings": [None, {"depth": 1}],
    }
    search = GridSearchCV(pipeline, grid, cv=3, n_jobs=2, error_score="raise").fit(X, Y)
    assert search.best_params_["networkclassifier__variant"] == "large"
    model = search.best_estimator_["networkclassifier"].model_
    assert model.parameters["Omega_0"].shape == (12, 4)
    assert model.facts.depth == (1 if search.best_params_["networkclassifier__settings"] else 2)
    alone = GridSearchCV(pipeline, grid, cv=3, error_score="raise").fit(X, Y)
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"])


@pytest.mark.parametrize("spec", [FAMILY, netspec.loads(FAMILY, settings={"features": 4, "classes": 2})])
def test_a_search_over_one_hyperparameter_and_the_recipe_in_two_processes(spec: Any) -> None:
    grid = {"settings__D": np.arange(4, 13, 8), "optimizer": ["adam", {"sgd": {"momentum": 0.9}}]}
    search = GridSearchCV(NetworkClassifier(spec, standardise="inputs"), grid, cv=2, n_jobs=2, error_score="raise")
    search.fit(X, Y)
    assert len(search.cv_results_["params"]) == 4
    assert search.best_estimator_.model_.parameters["Omega_0"].shape == (search.best_params_["settings__D"], 4)


def test_cross_validation_gives_the_same_scores_again_and_in_processes() -> None:
    y = X[:, 0] + 0.1 * X[:, 1]
    estimator = make_pipeline(StandardScaler(), NetworkRegressor(epochs=10, random_state=7))
    scores = cross_val_score(estimator, X, y, cv=3)
    np.testing.assert_array_equal(scores, cross_val_score(estimator, X, y, cv=3))
    # A process of its own may have another number of BLAS threads, which then sum in another order.
    np.testing.assert_allclose(scores, cross_val_score(estimator, X, y, cv=3, n_jobs=2), rtol=1e-6)


def test_trainings_in_threads_do_not_meet() -> None:
    joblib = pytest.importorskip("joblib")
    estimator = NetworkRegressor(epochs=10)
    scores = cross_val_score(estimator, X, X[:, 0], cv=6)
    with joblib.parallel_backend("threading", n_jobs=2):
        np.testing.assert_array_equal(scores, cross_val_score(estimator, X, X[:, 0], cv=6))


def test_standardised_inputs_are_as_good_as_a_scaler_before_the_network() -> None:
    mine = NetworkClassifier(FAMILY, settings={"D": 8}, standardise="inputs").fit(X, Y)
    scaled = make_pipeline(StandardScaler(), NetworkClassifier(FAMILY, settings={"D": 8})).fit(X, Y)
    np.testing.assert_allclose(mine.predict_proba(X), scaled.predict_proba(X), rtol=1e-6, atol=1e-9)


def test_probabilities_can_be_calibrated() -> None:
    calibrated = CalibratedClassifierCV(NetworkClassifier(FAMILY, settings={"D": 8}), cv=2).fit(X, Y)
    assert calibrated.predict_proba(X).shape == (90, 2)
