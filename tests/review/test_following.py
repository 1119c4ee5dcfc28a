"""What is said of the layers that a change reaches, beside the change."""

from pathlib import Path

import pytest

from tests.review.repositories import told, write

SPEC = """netspec: 1
hyperparameters: {small: 0.00001}
input: 8
layers:
  - layer_norm: {epsilon: small}
  - dense: 8
  - layer_norm: {epsilon: small}
  - layer_norm: {epsilon: small, as: last}
output: 8
"""


def test_the_kind_of_a_layer_is_said_where_its_name_does_not_say_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write("old.yaml", SPEC)
    write("new.yaml", SPEC.replace("0.00001", "0.001"))
    status, out, _ = told(capsys, "breaking", "old.yaml", "new.yaml", "--level", "function")
    assert status == 1
    assert [line.rpartition("- so ")[2] for line in out.splitlines() if "- so " in line] == [
        "layer_norm: epsilon 1e-05 → 0.001",
        "layer_norm_2: epsilon 1e-05 → 0.001",
        "last: layer_norm: epsilon 1e-05 → 0.001",
    ]
