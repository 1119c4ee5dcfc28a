"""An output without a loss, where losses are by name, has no targets and no metrics."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netspec
from netspec.cli import main
from netspec.diagnostics import SystemFault
from netspec.spec.recipe import Loss, Recipe

TWO = """netspec: 1
dtype: float64
input: 3
layers:
  - dense: {width: 4, activation: relu, as: code}
  - dense: {width: 2, as: class}
  - dense: {from: code, width: 1, as: size}
outputs: {class: 2, size: 1}
training: {loss: {size: squared_error}, epochs: 2, batch: 5, standardise: targets, validation: 0.3}
"""


def test_an_output_that_is_not_named_has_no_loss_and_no_targets() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(20, 3)), random.normal(size=(20, 1))
    network = netspec.loads(TWO)
    before = network.build().parameters
    trained = network.train(x, y)
    assert trained.recipe.loss == {"size": Loss("squared_error")}
    assert list(trained.outcome.history[0].metrics) == ["rmse", "r2"]
    after = trained.model.parameters
    still = {name for name in after if np.array_equal(before[name], after[name])}
    assert still == {"class.Omega", "class.beta"}
    assert set(trained.model(x)) == {"class", "size"}


def test_a_file_has_the_targets_of_the_trained_outputs_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, data = tmp_path / "two.yaml", tmp_path / "data.csv"
    spec.write_text(TWO.replace("size: squared_error", "class: cross_entropy").replace("standardise: targets, ", ""))
    data.write_text("a,b,c,kind\n" + "".join(f"{i},{i % 3},1,{'yn'[i % 2]}\n" for i in range(20)))
    out = tmp_path / "m.safetensors"
    assert main(["train", str(spec), str(data), "-o", str(out), "-q"]) == 0
    assert netspec.load_model(str(out)).labels == {"class": ("n", "y")}
    assert main(["train", str(spec), str(data), "-o", str(tmp_path / "n.py"), "-q", "--from", str(out)]) == 0
    assert main(["train", str(spec), "--explain"]) == 0
    assert "target_" not in capsys.readouterr().out


def test_a_recipe_names_outputs_that_there_are() -> None:
    def refusal(loss: dict[str, Loss]) -> tuple[str, str | None]:
        with pytest.raises(SystemFault) as caught:
            netspec.loads(TWO).train(np.ones((9, 3)), np.ones((9, 1)), Recipe(loss=loss))
        return caught.value.headline, caught.value.help

    assert refusal({"other": Loss("huber")}) == (
        "there is a loss of `other`, which is no output",
        "the outputs are class, size",
    )
    assert refusal({}) == ("the recipe has a loss of no output", "the outputs are class, size")


@pytest.mark.parametrize("settings", [{"loss": "cross_entropy"}, {}])
def test_a_cross_entropy_of_one_class_is_refused(settings: dict[str, Any]) -> None:
    """Be it said, or that of a last softmax."""
    spec = "netspec: 1\ninput: 3\nlayers: [{dense: 1}, softmax]\noutput: 1\n"
    with pytest.raises(SystemFault) as caught:
        netspec.loads(spec).train(np.ones((9, 3)), np.zeros(9, int), **settings)
    assert (caught.value.headline, caught.value.help) == (
        "the cross-entropy of `out` is 0 whatever the network gives: it has one class",
        "`binary_cross_entropy` tells two classes by one number",
    )


def test_an_output_that_is_not_trained_keeps_the_words_of_its_classes() -> None:
    x, y = np.random.default_rng(0).normal(size=(20, 3)), np.arange(20.0)
    network = netspec.loads(TWO)
    words = np.array(["low", "high"])[np.arange(20) % 2]
    first = network.train(x, {"class": words, "size": y}, loss=None, standardise=(), epochs=1).model
    again = network.train(x, y, model=first).model
    assert first.labels == again.labels == {"class": ("high", "low")}
