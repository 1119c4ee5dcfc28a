"""A step of all rows: it reads them part by part, from where they lie."""

from typing import Any

import numpy as np
import pytest

import netspec
from netspec.model import Model
from netspec.spec.recipe import Recipe
from netspec.training.batches import Batches
from netspec.training.data.columns import HeldColumn, MappedColumn
from netspec.training.data.examples import Examples
from netspec.training.data.reading import examples_of
from netspec.training.training import Training

PLAIN = "netspec: 1\ndtype: float64\ninput: 3\nwidths: [8]\noutput: 2\n"
NORMED = "netspec: 1\ndtype: float64\ninput: 3\nlayers: [{dense: 4}, batch_norm, {dense: 2}]\noutput: 2\n"
ROWS = 2500


def given(model: Model, limit: int | None = None) -> Examples:
    """Return examples of a regression, beyond `limit` bytes in a mapped file."""
    random = np.random.default_rng(0)
    x, y = random.normal(size=(ROWS, 3)), random.normal(size=(ROWS, 2))
    return examples_of(x, y, model.inputs, model.outputs, limit=limit)


@pytest.mark.parametrize("settings", [{}, {"validation": 0.2}, {"standardise": ("inputs",)}])
@pytest.mark.parametrize("spec", [PLAIN, NORMED], ids=["plain", "normed"])
def test_all_rows_of_a_mapped_file_train_as_those_in_memory(spec: str, settings: dict[str, Any]) -> None:
    model = netspec.loads(spec).build()
    recipe = Recipe(batch=None, epochs=3, **settings)
    held = Training(model, given(model), recipe).run()
    mapped = Training(model, given(model, 1000), recipe).run()
    assert [epoch.loss for epoch in held.outcome.history] == [epoch.loss for epoch in mapped.outcome.history]
    for name, array in held.model.parameters.items():
        np.testing.assert_array_equal(mapped.model.parameters[name], array)


def test_all_rows_of_a_mapped_file_are_never_in_memory_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    most = 0
    take = MappedColumn.take

    def watched(self: MappedColumn, rows: Any) -> Any:
        nonlocal most
        most = max(most, len(rows))
        return take(self, rows)

    model = netspec.loads(PLAIN).build()
    training = Training(model, given(model, 1000), Recipe(batch=None, epochs=2, validation=0.1))
    monkeypatch.setattr(MappedColumn, "take", watched)
    monkeypatch.setattr("netspec.training.batches._BLOCK_BYTES", 1)  # as if the rows were large
    training.run()
    assert most == 1024


def test_all_rows_in_memory_are_not_copied() -> None:
    examples = given(netspec.loads(PLAIN).build())
    ((inputs, targets, _),) = Batches(examples, None, None, None).of(0)
    for column, array in zip((*examples.inputs, *examples.targets), (*inputs, *targets), strict=True):
        assert isinstance(column, HeldColumn)
        assert array is column.array
    part = examples.part(np.arange(0, ROWS, 2))
    ((inputs, _, _),) = Batches(part, None, None, None).of(0)
    np.testing.assert_array_equal(inputs[0], part.take(np.arange(len(part)))[0][0])
