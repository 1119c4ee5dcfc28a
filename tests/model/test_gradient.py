"""model.gradient: what users ask of the derivative of a model."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import netspec

MODEL = netspec.loads("netspec: 1\ninput: 2\nwidths: [3]\noutput: 2\ndtype: float64\n").build()
X, Y = np.random.default_rng(0).normal(0, 1, (2, 40, 2))


def test_the_gradient_is_that_of_the_model_as_it_runs() -> None:
    found = MODEL.gradient(X, Y, inputs=True)
    assert found.loss == pytest.approx(float(np.mean((MODEL(X) - Y) ** 2)), rel=1e-12)
    step = 1e-6
    moved = X.copy()
    moved[3, 1] += step
    other = float(np.mean((MODEL(moved) - Y) ** 2))
    assert (other - found.loss) / step == pytest.approx(found.inputs["in"][3, 1], rel=1e-4)
    assert {name: array.shape for name, array in found.parameters.items()} == {
        name: array.shape for name, array in MODEL.parameters.items()
    }


def test_threads_that_ask_at_once_get_their_own_gradients() -> None:
    parts = [slice(4 * k, 4 * k + 4) for k in range(10)]
    expected = [MODEL.gradient(X[part], Y[part]).parameters["Omega_0"] for part in parts]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda k: MODEL.gradient(X[parts[k % 10]], Y[parts[k % 10]]), range(400)))
    for k, each in enumerate(found):
        np.testing.assert_array_equal(each.parameters["Omega_0"], expected[k % 10])


def test_a_tensor_that_no_output_needs_has_a_gradient_of_zero() -> None:
    text = "netspec: 1\ninput: 2\nlayers: [{dense: {width: 2, as: idle}}, {dense: {from: in, width: 1}}]\noutput: 1\n"
    found = netspec.loads(text).build().gradient(X.astype("float32"), Y[:, :1].astype("float32"))
    assert not found.parameters["idle.Omega"].any()
    assert found.parameters["dense.Omega"].any()


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        (np.arange(40) % 2, "cross_entropy"),
        (Y, "squared_error"),
    ],
)
def test_the_loss_is_what_suits_the_targets(y: np.ndarray, kind: str) -> None:
    assert MODEL.gradient(X, y).loss == MODEL.gradient(X, y, loss=kind).loss  # type: ignore[arg-type]


def test_arrays_that_do_not_fit_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match=r"x is float64 \(40, 3\); expected float64 \(batch, 2\)"):
        MODEL.gradient(np.zeros((40, 3)), Y)
    with pytest.raises(ValueError, match=r"the target of y has classes 0 … 2; expected 0 … 1"):
        MODEL.gradient(X, np.arange(40) % 3)


SEQUENCES = netspec.loads(
    "netspec: 1\nsymbols: [T]\ninput: [T, 2]\nchecks: [T <= 4]\nlayers: [{dense: 2}]\noutput: [T, 2]\n"
).build()
TOKENS = netspec.loads(
    "netspec: 1\ninput: {shape: [4], dtype: int64}\nlayers: [{embedding: {vocabulary: 5, width: 2}}]\noutput: [4, 2]\n"
).build()
HALVES = np.full((40, 2), 0.5)


@pytest.mark.parametrize(
    ("model", "x", "y", "options", "said"),
    [
        (MODEL, X * np.nan, Y, {}, "x has nan; expected finite numbers of float64"),
        (MODEL, X, Y * np.inf, {}, f"the target of y has {Y[0, 0] * np.inf}; expected finite numbers of float64"),
        (SEQUENCES, np.full((3, 2, 2), 1e300), np.zeros((3, 2, 2)), {},
         "x has 1e+300; expected finite numbers of float32"),
        (MODEL, X, HALVES * 3, {"loss": "binary_cross_entropy"},
         "the target of y has 1.5 … 1.5; expected probabilities, 0 … 1"),
        (MODEL, X, HALVES * -10, {"loss": "cross_entropy"},
         "the target of y has -5 … -5; expected probabilities, 0 … 1"),
        (MODEL, X, HALVES / 2, {"loss": "cross_entropy"},
         "the target of y has probabilities that sum to 0.5 over the classes; expected 1"),
        (MODEL, X, Y, {"weights": np.full(40, -0.5)}, "weights have -0.5; expected numbers of 0 or more"),
        (MODEL, X, Y, {"weights": np.full(40, np.nan)},
         "the array `weights` has nan; expected finite numbers of float64"),
        (MODEL, X, Y, {"weights": ["1"] * 40}, "weights have dtype <U1; expected real numbers"),
        (TOKENS, [[0, 5, 1, 2]], np.zeros((1, 4, 2)), {}, "x has 0 … 5; expected 0 … 4"),
        (TOKENS, [[0, -1, 1, 2]], np.zeros((1, 4, 2)), {}, "x has -1 … 2; expected 0 … 4"),
        (SEQUENCES, np.zeros((3, 6, 2)), np.zeros((3, 6, 2)), {}, "the check `T <= 4` does not hold: T is 6"),
        (SEQUENCES, np.zeros((3, 0, 2)), np.zeros((3, 0, 2)), {}, "the check `T >= 1` does not hold: T is 0"),
    ],
)  # fmt: skip
def test_what_a_training_refuses_is_refused(model: netspec.Model, x: Any, y: Any, options: Any, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        model.gradient(x, y, **options)


def test_words_are_the_classes_that_a_model_has_them_for() -> None:
    model = netspec.Network(input=2, widths=[3], output=3).build().replaced(labels={"out": ("b", "c", "a")})
    x, words = np.linspace(-1, 1, 6).reshape(3, 2), ["a", "b", "a"]
    assert model.gradient(x, words).loss == model.gradient(x, [2, 0, 2]).loss
    with pytest.raises(
        ValueError, match=r"^the target of y has `d`, which is none of the labels of the training data$"
    ):
        model.gradient(x, ["a", "b", "d"])
    words_only = r"^the target of y is of words, and net has no labels: a training learns them$"
    with pytest.raises(ValueError, match=words_only):
        netspec.Network(name="net", input=2, widths=[3], output=3).build().gradient(x, words)


def test_targets_of_a_gradient_are_laid_out_as_those_of_a_training() -> None:
    model = netspec.Network(dtype="float64", input=2, widths=[3], output=3).build()
    x = np.linspace(-1, 1, 6).reshape(3, 2)
    for loss in (None, "cross_entropy"):
        expected = model.gradient(x, [0, 2, 1], loss="cross_entropy").loss
        assert model.gradient(x, [[0], [2], [1]], loss=loss).loss == expected
        assert model.gradient(x, np.array([0.0, 2.0, 1.0]), loss=loss).loss == expected
    assert model.gradient(x, np.eye(3, dtype=int)[[0, 2, 1]], loss="cross_entropy").loss == pytest.approx(expected)
    with pytest.raises(
        ValueError, match=r"^the target of y has shape \(3, 2\); expected classes of shape \(3,\) or \(3, 3\)$"
    ):
        model.gradient(x, x, loss="cross_entropy")
    with pytest.raises(ValueError, match=r"^the target of y is one number; expected one for each example$"):
        model.gradient(x, 1)
