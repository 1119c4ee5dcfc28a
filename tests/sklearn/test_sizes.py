"""How a spec, given in any way, meets data of any width."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")

import netspec
from netspec.diagnostics import NetspecError, SpecError
from netspec.network import Network
from netspec.sklearn import NetworkClassifier, NetworkRegressor

FAMILY = """\
netspec: 1
name: family
hyperparameters: {features: 2, classes: int, D: 3, twice: 2*D}
dtype: float64
input: features
widths: [twice]
output: classes
variants:
  large: {D: 5}
"""
FIXED = {"name": "fixed", "input": 2, "widths": [3], "output": 3}
X = np.random.default_rng(0).standard_normal((40, 4))
Y = np.argmax(X[:, :3], 1)


def shapes(estimator: Any, y: Any = Y) -> list[tuple[int, ...]]:
    """Return the shapes of the matrices of a fitted estimator."""
    parameters = estimator.set_params(epochs=1).fit(X, y).model_.parameters
    return [parameters[name].shape for name in ("Omega_0", "Omega_1")]


def test_without_a_spec_there_is_a_perceptron_as_wide_as_the_data() -> None:
    assert shapes(NetworkClassifier()) == [(100, 4), (3, 100)]
    assert shapes(NetworkRegressor(), X[:, :2]) == [(100, 4), (2, 100)]
    assert shapes(NetworkRegressor(settings={"D": 7}), X[:, 0]) == [(7, 4), (1, 7)]


def test_features_and_classes_follow_the_data_and_the_rest_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "family.yaml"
    path.write_text(FAMILY, encoding="utf-8")
    network = netspec.loads(FAMILY, settings={"classes": 9})
    keys: dict[str, object] = {
        "name": "family",
        "hyperparameters": {"features": 2, "classes": "int", "D": 3, "twice": "2*D"},
        "dtype": "float64",
        "input": "features",
        "widths": ["twice"],
        "output": "classes",
        "variants": {"large": {"D": 5}},
    }
    for spec in (FAMILY, path, str(path), network, keys):
        assert shapes(NetworkClassifier(spec)) == [(6, 4), (3, 6)]
        assert shapes(NetworkClassifier(spec, variant="large")) == [(10, 4), (3, 10)]
        assert shapes(NetworkClassifier(spec, variant="large", settings={"D": np.int64(2)})) == [(4, 4), (3, 4)]


def test_a_network_keeps_the_choice_that_it_was_read_under() -> None:
    chosen = netspec.loads(FAMILY, variant="large", settings={"classes": 2})
    assert shapes(NetworkClassifier(chosen)) == [(10, 4), (3, 10)]
    assert chosen.member(settings={"features": 7}).shapes["Omega_0"] == (10, 7)
    assert chosen.member(settings={"D": 1}).shapes["Omega_0"] == (2, 2)
    with pytest.raises(SpecError, match="there is no variant"):
        chosen.member("huge")


def test_a_network_of_the_right_width_is_taken_as_it_is() -> None:
    network = Network(input=4, widths=[3], output=3, dtype="float64")
    assert NetworkClassifier(network, epochs=1).fit(X, Y).model_.part is network.part


def test_what_settings_say_goes_before_the_data() -> None:
    words = (
        "y has 3 classes, and the network family gives 4; `output: classes`, with `classes: int` among its "
        "hyperparameters, follows the data"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        NetworkClassifier(FAMILY, settings={"classes": 4}).fit(X, Y)


def test_a_hyperparameter_that_is_derived_is_left_alone() -> None:
    text = FAMILY.replace("features: 2", "features: D + 1")
    assert shapes(NetworkClassifier(text)) == [(6, 4), (3, 6)]


@pytest.mark.parametrize(
    ("estimator", "y", "words"),
    [
        (
            NetworkClassifier(FIXED),
            Y,
            (
                "X has 4 features, and the network fixed takes 2; `input: features`, with `features: int` among its "
                "hyperparameters, follows the data"
            ),
        ),
        (
            NetworkRegressor({**FIXED, "input": 4}),
            X,
            (
                "y has 4 outputs, and the network fixed gives 3; `output: outputs`, with `outputs: int` among its "
                "hyperparameters, follows the data"
            ),
        ),
        (
            NetworkClassifier({**FIXED, "input": 4, "output": 1}),
            Y,
            (
                "y has 3 classes, and the network fixed gives 1; `output: classes`, with `classes: int` among its "
                "hyperparameters, follows the data"
            ),
        ),
        (
            NetworkClassifier(
                {"name": "two", "inputs": {"a": 2, "b": 2}, "layers": [{"concat": ["a", "b"]}, {"dense": 3}]}
                | {"output": 3}
            ),
            Y,
            "the network two has 2 inputs; an estimator is made of one with one",
        ),
        (
            NetworkClassifier(
                {"name": "long", "symbols": ["T"], "input": ["T", 4], "layers": [{"mean": 0}, {"dense": 3}]}
                | {"output": 3}
            ),
            Y,
            "the input of the network long has a free size; an estimator needs a fixed one",
        ),
        (
            NetworkClassifier(loss="huber"),
            Y,
            "the loss is huber; a NetworkClassifier has cross_entropy or binary_cross_entropy",
        ),
        (
            NetworkRegressor(loss="cross_entropy"),
            X,
            "the loss is cross_entropy; a NetworkRegressor has squared_error or absolute_error or huber",
        ),
    ],
)
def test_what_does_not_fit_is_told(estimator: Any, y: Any, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        estimator.fit(X, y)


def test_a_spec_that_is_refused_is_told_as_ever(tmp_path: Path) -> None:
    def told(estimator: NetworkClassifier) -> str:
        with pytest.raises(NetspecError) as caught:
            estimator.fit(X, Y)
        error = caught.value
        return error.diagnostics[0].headline if isinstance(error, SpecError) else str(error)

    assert told(NetworkClassifier(settings={"Q": 4})) == "there is no hyperparameter `Q`"
    assert told(NetworkClassifier(variant="large")) == "there is no variant `large`"
    assert told(NetworkClassifier("nonsense")) == "the file is a single value, and a spec is keys with values"
    assert told(NetworkClassifier("none.yaml")) == "there is no file `none.yaml`"
    assert told(NetworkClassifier(optimizer="adem")) == "there is no optimizer `adem`; did you mean `adam`?"
    assert told(NetworkClassifier(batch=0)) == "`training.batch` is 0; at least 1 is needed"


def test_rows_fill_an_input_of_any_shape() -> None:
    spec = {"input": [1, 2, 2], "layers": ["flatten", {"dense": 3}], "output": 3}
    estimator = NetworkClassifier(spec, epochs=1).fit(X, Y)
    assert estimator.model_.inputs[0].shape == (1, 2, 2)
    assert estimator.predict_proba(X).shape == (40, 3)


def test_rows_of_whole_numbers_are_integers_where_the_input_is() -> None:
    spec = {"inputs": {"words": {"shape": [4], "dtype": "int32"}}} | {
        "layers": [{"embedding": {"vocabulary": 5, "width": 3}}, "flatten", {"dense": {"width": 2, "as": "y"}}],
        "outputs": {"y": 2},
    }
    words = np.random.default_rng(1).integers(0, 5, (60, 4))
    y = (words[:, 0] > 2).astype(int)
    estimator = NetworkClassifier(spec, epochs=60, learning_rate=0.02).fit(words.astype(float), y)
    assert estimator.score(words, y) == 1.0
    with pytest.raises(ValueError, match=r"^the input of the network is of integers, and X is not$"):
        estimator.predict(words + 0.5)
