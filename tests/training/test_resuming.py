"""A network that keeps state and draws at random goes on from a checkpoint with the same bits."""

from pathlib import Path
from typing import Final

import numpy as np
import pytest

import netspec
from netspec.spec.recipe import EarlyStopping, Optimizer, Recipe
from netspec.training.progress import Epoch
from netspec.training.training import Keeping, Trained

SPEC: Final = """\
netspec: 1
input: 8
layers:
  - dense: {width: 16}
  - batch_norm
  - relu
  - dropout: 0.2
  - dense: 3
output: 3
"""


class Broken(Exception):
    """What happens to a training that is not asked."""


class Breaking:
    """Ends a training in the middle of an epoch, at a step."""

    def __init__(self, after: int | None) -> None:
        self._left = after

    def step(self, *_: object) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise Broken

    def epoch(self, _: Epoch) -> None:
        pass


@pytest.mark.parametrize("optimizer", [Optimizer(), Optimizer("sgd", momentum=0.9)], ids=["adam", "momentum"])
@pytest.mark.parametrize("after", [5, 11, 25])
def test_dropout_and_batch_norm_go_on_where_they_were(optimizer: Optimizer, after: int, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(203, 8)).astype(np.float32)
    y = (x[:, :3] + 0.3 * random.normal(size=(203, 3))).argmax(1)
    (tmp_path / "net.yaml").write_text(SPEC, encoding="utf-8")
    network = netspec.load(tmp_path / "net.yaml")
    recipe = Recipe(optimizer=optimizer, batch=16, epochs=4, early_stopping=EarlyStopping(50))

    def run(after: int | None, **keeping: bool | str | int) -> Trained:
        kept = Keeping(**keeping)  # type: ignore[arg-type]
        return network.train(x, y, recipe, validation=0.2, watch=Breaking(after), keeping=kept)

    path = str(tmp_path / "training.checkpoint")
    with pytest.raises(Broken):
        run(after, checkpoint=path, every_steps=4)
    again, whole = run(None, checkpoint=path, resume=True), run(None)
    for name, tensor in whole.model.parameters.items():
        assert again.model.parameters[name].tobytes() == tensor.tobytes(), name
    assert all(one.same(other) for one, other in zip(whole.outcome.history, again.outcome.history, strict=True))
