"""Numbers from NumPy are numbers; what is no seed is refused by its type."""

from pathlib import Path

import numpy as np
import pytest

import netspec

FAMILY = "netspec: 1\nhyperparameters: {D: 3}\ninput: 1\nwidths: [D]\noutput: 1\n"


def test_a_setting_and_a_seed_may_be_numbers_of_numpy(tmp_path: Path) -> None:
    spec = tmp_path / "family.yaml"
    spec.write_text(FAMILY)
    network = netspec.load(spec, settings={"D": np.int64(8)})
    assert network.facts.capacity == 8
    mine, same = network.build(seed=np.int64(4)), network.build(seed=4)  # type: ignore[arg-type]
    assert np.array_equal(mine.parameters["Omega_0"], same.parameters["Omega_0"])


@pytest.mark.parametrize("seed", [1.0, "1", True, 1j])
def test_what_is_no_integer_is_no_seed(seed: object) -> None:
    with pytest.raises(TypeError, match=r"seed is .*; expected an integer"):
        netspec.loads(FAMILY).build(seed=seed)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [-1, 10**18])
def test_a_seed_has_bounds(seed: int) -> None:
    with pytest.raises(ValueError, match="expected 0 or more"):
        netspec.loads(FAMILY).build(seed=seed)
