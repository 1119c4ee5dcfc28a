"""What a recipe asks for and no output has is refused, where it would be left out without a word."""

from typing import Any

import numpy as np
import pytest

import netspec
from netspec.diagnostics import SystemFault

SPEC = "netspec: 1\ndtype: float64\ninput: 3\nK: 0\noutput: 2\n"
TWO = """netspec: 1
dtype: float64
input: 3
layers:
  - dense: {width: 4, activation: relu, as: code}
  - dense: {width: 2, as: class}
  - dense: {from: code, width: 1, as: size}
outputs: {class: 2, size: 1}
training: {loss: {class: cross_entropy, size: huber}, epochs: 1}
"""
X = np.random.default_rng(0).normal(size=(9, 3))


@pytest.mark.parametrize(
    ("settings", "words", "advice"),
    [
        (
            {"metrics": ["accuracy", "rmse"]},
            "the metric `rmse` says nothing beside cross_entropy",
            "there are accuracy, error, top_5",
        ),
        (
            {"loss": "huber", "metrics": "accuracy"},
            "the metric `accuracy` says nothing beside huber",
            "there are mae, rmse, r2",
        ),
        (
            {"standardise": ["inputs", "targets"]},
            "targets are standardised where they are numbers, and here they are classes",
            "leave `targets` out of `standardise`",
        ),
    ],
)
def test_what_would_have_no_effect_is_refused(settings: dict[str, Any], words: str, advice: str) -> None:
    y = np.arange(9) % 2
    with pytest.raises(SystemFault) as caught:
        netspec.loads(SPEC).train(X, X[:, :2] if "loss" in settings else y, **settings)
    assert (caught.value.code, caught.value.headline, caught.value.help) == ("usage", words, advice)


def test_of_several_outputs_one_that_it_is_for_is_enough() -> None:
    trained = netspec.loads(TWO).train(
        X, {"class": np.arange(9) % 2, "size": X[:, :1]}, metrics=["accuracy", "rmse"], standardise="targets"
    )
    assert trained.outcome.training is not None
    assert list(trained.outcome.training.metrics) == ["class.accuracy", "size.rmse"]
