"""What follows from a fault that is already told is held back: one mistake is one fault."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netspec.spec.yaml_text import write
from netspec.validation import check_file

FOLD = "netspec: 1\nhyperparameters: {E: 3, F: int}\ninput: 1\nwidths: [E, F]\noutput: 1\nvariants: {small: {E: 2}}\n"

CONNECTED: dict[str, Any] = {
    "netspec": 1,
    "name": "all-of-it",
    "description": "every key",
    "hyperparameters": {"D": 3, "half": "D // 2", "rate": {"default": 0.1, "min": 0, "max": 1}, "unused": True},
    "checks": ["D > half"],
    "input": "D",
    "K": 3,
    "widths": ["D", 2, "half"],
    "activation": ["relu", {"leaky_relu": {"slope": "rate"}}, {"elu": {"alpha": 2}}],
    "output_activation": "tanh",
    "output": 1,
    "dtype": "float64",
    "parameters": {"init": "he_normal", "seed": 1},
    "expect": {"parameters": 25, "capacity": {"at_least": 6, "at_most": 6}, "depth": 3},
    "variants": {"small": {"D": 2, "expect": {"depth": 3}, "parameters": {"seed": 2}}},
}

COMPOSED: dict[str, Any] = {
    "netspec": 1,
    "hyperparameters": {"D": 3},
    "networks": {
        "fold": {"file": "fold.yaml", "set": {"E": "D", "F": 2}, "variant": "small"},
        "turn": {"input": 1, "K": 0, "output": 1},
        "twice": {"networks": {"deep": {"input": 1, "K": "D", "widths": 2, "output": 1}}, "compose": ["deep", "turn"]},
    },
    "compose": ["fold", "turn", "twice"],
    "input": 1,
    "output": 1,
}

WRITTEN: dict[str, Any] = {
    "netspec": 1,
    "input": 1,
    "widths": [2],
    "output": 1,
    "parameters": {"beta_0": [0, 1], "Omega_0": [[1], [2]], "beta_1": [0.5], "Omega_1": [[1, "1/3"]]},
}

NOTHING = "NOTHING"


def emptied(value: Any) -> Iterator[Any]:
    """Yield the data again and again, each time with another value taken out of it."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            for change in emptied(inner):
                copy = value.copy()
                copy[key] = change
                yield copy
    yield NOTHING


@pytest.mark.parametrize("data", [CONNECTED, COMPOSED, WRITTEN], ids=["connected", "composed", "written"])
def test_a_value_that_is_refused_in_the_text_is_not_refused_again(data: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "fold.yaml").write_text(FOLD)
    path = tmp_path / "spec.yaml"
    path.write_text(write(data))
    assert check_file(str(path)).valid
    for change in emptied(data):
        if change != NOTHING:
            text = write(change).replace(NOTHING, "~")
            path.write_text(text)
            found = [fault.code for fault in check_file(str(path)).diagnostics if fault.severity == "error"]
            assert found == ["no-value"], text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hyperparameters: {D: [], E: D + 1}\nchecks: [D > 1]\ninput: D\nwidths: [E]\noutput: 1\n", "wrong-type"),
        (
            "hyperparameters: {D: int, E: D + 1}\nchecks: [E > 1]\ninput: D\nwidths: [E]\noutput: 1\n",
            "hyperparameter-not-given",
        ),
        ("hyperparameters: {D: E, E: D}\nchecks: [E > D]\ninput: D\nwidths: [E]\noutput: 1\n", "hyperparameter-cycle"),
        ("hyperparameters: {D: x, E: D}\nchecks: [E > D]\ninput: D\nwidths: [E]\noutput: 1\n", "unknown-size"),
        ("hyperparameters: {D: []}\ninput: 1\nwidths: [3]\nactivation: {elu: {alpha: D}}\noutput: 1\n", "wrong-type"),
        ("networks: {a: {input: 0, K: 0, output: 1}}\ncompose: [a, a]\n", "out-of-range"),
        ("hyperparameters: {D: []}\nnetworks: {a: {input: D, K: 0, output: 1}}\ncompose: [a]\n", "wrong-type"),
        ("networks: {a: {compose: [b]}, b: {compose: [a]}}\ncompose: [a]\n", "reference-cycle"),
        (
            "hyperparameters: [D]\nchecks: [D > 1]\ninput: D\nwidths: [3]\nactivation: {elu: {alpha: D}}\noutput: 1\n",
            "wrong-type",
        ),
        (
            "hyperparameters: 3\nnetworks: {a: {checks: [D > 1], input: D, K: 0, output: 1}}\ncompose: [a]\n",
            "wrong-type",
        ),
        ("input: 1\nwidths: [3]\noutput: 1\nparameters: {file: ~}\n", "no-value"),
        ("hyperparameters: 3\nnetworks: {a: {input: D, K: 0, output: 1}}\ncompose: [a]\n", "wrong-type"),
        ("input: 1\nwidths: [3, 0]\nK: 7\noutput: 1\n", "out-of-range"),
    ],
)
def test_what_uses_a_name_at_fault_is_not_blamed(text: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(f"netspec: 1\n{text}")
    assert [fault.code for fault in check_file(str(path)).diagnostics if fault.severity == "error"] == [code]


def test_a_file_whose_text_is_at_fault_is_all_that_is_told(tmp_path: Path) -> None:
    (tmp_path / "fold.yaml").write_text("netspec: 1\nwidths: [\n")
    (tmp_path / "spec.yaml").write_text(
        "netspec: 1\nnetworks: {a: {file: fold.yaml}}\ncompose: [fold.yaml, a, fold.yaml]\n"
    )
    assert [fault.code for fault in check_file(str(tmp_path / "spec.yaml")).diagnostics] == ["yaml-syntax"]


def test_a_network_whose_file_is_at_fault_is_told_though_nothing_composes_it(tmp_path: Path) -> None:
    (tmp_path / "bend.yaml").write_text("netspec: 1\nwidths: [\n")
    (tmp_path / "fold.yaml").write_text("netspec: 1\ninput: 1\nK: 0\noutput: 1\n")
    (tmp_path / "spec.yaml").write_text("netspec: 1\nnetworks: {a: {file: bend.yaml}}\ncompose: [fold.yaml]\n")
    verdict = check_file(str(tmp_path / "spec.yaml"))
    assert [fault.code for fault in verdict.diagnostics if fault.severity == "error"] == ["yaml-syntax"]
    assert verdict.graph is None
