"""`netspec limits`."""

import pytest

from netspec.cli import main
from netspec.limits import TABLE


def test_every_bound_is_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["limits"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["limit", "value", "unit", "fault"]
    assert len(rows) == len(TABLE)
    for row, bound in zip(rows, TABLE, strict=True):
        assert row.startswith(bound.name)
        assert row.removeprefix(bound.name).split() == [
            word for word in (f"{bound.value:,}", bound.unit, bound.code) if word
        ]
