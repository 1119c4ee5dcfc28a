"""Steps that are too small for a batch norm: the last of an epoch is one with that before it, others are refused."""

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netspec
from netspec.diagnostics import SystemFault
from netspec.training.batches import Batches
from netspec.training.training import Keeping
from tests.training.programs import Table

DENSE = """netspec: 1
dtype: float64
input: 3
layers: [{dense: 4}, batch_norm, relu, {dense: 1}]
output: 1
training: {loss: squared_error, batch: 4, epochs: 2}
"""
IMAGES = """netspec: 1
dtype: float64
input: [1, 4, 4]
layers: [{conv: {channels: 2, kernel: 3}}, batch_norm, flatten, {dense: 1}]
output: 1
training: {loss: squared_error, batch: 4, epochs: 2}
"""


def given(rows: int, *shape: int) -> tuple[Any, Any]:
    """Return examples of a regression."""
    random = np.random.default_rng(0)
    return random.normal(size=(rows, *shape)), random.normal(size=(rows, 1))


@pytest.mark.parametrize("rows", [5, 9, 13])
@pytest.mark.parametrize("block", [1, 16 * 8, 16 << 20])
def test_a_last_batch_that_is_too_small_is_one_with_that_before_it(
    monkeypatch: pytest.MonkeyPatch, rows: int, block: int
) -> None:
    monkeypatch.setattr("netspec.training.batches._BLOCK_BYTES", block)
    table = Table(np.arange(rows)[:, None], np.arange(rows))
    batches = Batches(table, 4, np.arange(rows) * 2.0, None, 2)
    found = [(t.tolist(), None if w is None else (w / 2).tolist()) for _, (t,), w in batches.of(0)]
    wanted = [list(range(first, first + 4)) for first in range(0, rows - 5, 4)] + [list(range(rows - 5, rows))]
    assert found == [(each, each) for each in wanted]
    assert batches.steps == len(wanted)
    assert [batches.rows_before(step) for step in range(batches.steps + 1)] == [*range(0, rows - 1, 4), rows]
    last = batches.steps - 1
    assert [t.tolist() for _, (t,), _ in batches.of(0, last)] == wanted[-1:]


def test_a_last_row_alone_trains_a_batch_norm_to_the_same_bits_with_a_checkpoint_between(tmp_path: Path) -> None:
    network, (x, y) = netspec.loads(DENSE), given(9, 3)
    whole = network.train(x, y)
    assert (whole.outcome.ended, whole.outcome.steps) == ("finished", 4)
    path = str(tmp_path / "checkpoint")
    for steps in (2, 3):  # after the longer batch, and before it
        stopped = _Stopped(steps)
        network.train(x, y, watch=stopped, keeping=Keeping(checkpoint=path, every_steps=1))
        resumed = network.train(x, y, keeping=Keeping(checkpoint=path, resume=True))
        for name, array in whole.model.parameters.items():
            np.testing.assert_array_equal(resumed.model.parameters[name], array)


class _Stopped:
    """A watch that presses Ctrl-C after so many steps."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def step(self, *_: Any) -> None:
        self._left -= 1
        if not self._left:
            signal.raise_signal(signal.SIGINT)

    def epoch(self, _: Any) -> None: ...


def test_what_leaves_a_variance_of_one_number_is_refused_before_the_first_step() -> None:
    def refusal(rows: int, **settings: Any) -> tuple[str, str | None]:
        with pytest.raises(SystemFault) as caught:
            netspec.loads(DENSE).train(*given(rows, 3), **settings)
        return caught.value.headline, caught.value.help

    assert refusal(9, batch=1) == (
        "a batch of one row has no variance, and a batch norm needs that of each channel",
        "make `batch` larger",
    )
    assert refusal(1) == ("one row has no variance, and a batch norm needs that of each channel", "train on more")
    assert refusal(2, validation=0.5)[0] == "one row has no variance, and a batch norm needs that of each channel"


def test_images_have_a_variance_of_their_own() -> None:
    outcome = netspec.loads(IMAGES).train(*given(5, 1, 4, 4), batch=1).outcome
    assert (outcome.ended, outcome.steps) == ("finished", 10)
