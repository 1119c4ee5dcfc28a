"""The learning rates of the schedules are PyTorch's."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from netspec.spec.recipe import Schedule
from netspec.training.schedules import Rates
from tests.training.sequence import SCHEDULES

ROWS: Final[list[dict[str, Any]]] = json.loads(Path(__file__).with_name("torch_steps.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_rates_are_pytorchs(name: str) -> None:
    row = next(row for row in ROWS if row.get("schedule") == name)
    schedule, rate, steps, epochs = SCHEDULES[name]
    rates = Rates(schedule, rate, steps, epochs)
    found = [rates.at(epoch, step) for epoch in range(epochs) for step in range(steps)]
    assert found == pytest.approx(row["rates"], rel=1e-12)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_rate_moves_within_an_epoch_only_where_it_says_so(name: str) -> None:
    schedule, rate, steps, epochs = SCHEDULES[name]
    rates = Rates(schedule, rate, steps, epochs)
    moved = any(rates.at(epoch, 0) != rates.at(epoch, step) for epoch in range(epochs) for step in range(steps))
    assert rates.moves == moved


def test_a_warm_up_longer_than_the_training_never_arrives() -> None:
    rates = Rates(Schedule("cosine", warm_up=10), 1.0, 2, 3)
    assert [rates.at(epoch, step) for epoch in range(3) for step in range(2)] == [k / 20 for k in range(1, 7)]
