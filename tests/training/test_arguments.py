"""Arguments of `network.train` that are of another type than it takes."""

from typing import Any

import numpy as np
import pytest

import netspec

NETWORK = netspec.loads("netspec: 1\ninput: 2\nwidths: [4]\noutput: 1\n")
X = np.random.default_rng(0).normal(0, 1, (40, 2))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"recipe": 3}, "recipe is of type int; expected a Recipe"),
        ({"recipe": {}}, "recipe is of type dict; expected a Recipe"),
        ({"watch": 3}, "watch is of type int; expected an object with the methods `step` and `epoch`"),
        ({"keeping": "x"}, "keeping is of type str; expected a Keeping"),
        ({"model": "x"}, "model is of type str; expected a Model"),
    ],
)
def test_an_argument_of_another_type_is_refused_in_words(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(TypeError) as caught:
        NETWORK.train(X, X[:, :1], epochs=1, **arguments)
    assert str(caught.value) == words


def test_what_has_both_methods_is_a_watch() -> None:
    class Counting:
        seen = 0

        def step(self, epoch: int, step: int, steps: int, loss: float) -> None:
            self.seen += 1

        def epoch(self, epoch: Any) -> None:
            self.seen += 100

    watch = Counting()
    NETWORK.train(X, X[:, :1], epochs=1, batch=20, watch=watch)
    assert watch.seen == 102
