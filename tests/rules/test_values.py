"""The values of parameters that are written out, or lie in a file beside the spec."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from netspec.layers.scope import MOST_FAULTS
from netspec.rules.inline_values import read_tensor
from netspec.source import REFUSED
from netspec.validation import check_file, check_text

NET = "netspec: 1\ninput: 1\nwidths: [2]\noutput: 1\n"


def found(parameters: str, net: str = NET) -> list[tuple[str, str, str]]:
    """Return code, headline and help of each fault of the parameters."""
    verdict = check_text(f"{net}parameters: {parameters}\n")
    return [(fault.code, fault.headline, fault.help) for fault in verdict.diagnostics]


@pytest.mark.parametrize(
    ("written", "element"),
    [
        (3, Fraction(3)),
        (-0.5, Fraction(-1, 2)),
        ("16/3", Fraction(16, 3)),
        ("-16 / 3", Fraction(-16, 3)),
        ("0/7", Fraction(0)),
        (0.1, Fraction(0.1)),
    ],
)
def test_an_element_is_exact(written: object, element: Fraction) -> None:
    assert read_tensor("beta_0", [written], (1,), "float64") == ([element], [])


@pytest.mark.parametrize("written", ["16/-3", "1.5/2", "/3", "3/", "a/b", "1/2/3", "1" * 19 + "/1", "½", "١/٢"])
def test_a_text_that_is_no_quotient_is_refused(written: str) -> None:
    _, (fault,) = read_tensor("beta_0", [written], (1,), "float64")
    assert (fault.code, fault.path) == ("wrong-type", (0,))


def test_elements_are_read_in_the_order_of_c() -> None:
    elements, _ = read_tensor("Omega_0", [[1, 2, 3], [4, 5, 6]], (2, 3), "float32")
    assert elements == [Fraction(number) for number in (1, 2, 3, 4, 5, 6)]


@pytest.mark.parametrize(
    ("written", "shape", "words", "help_"),
    [
        ([0, 0], (3,), "β_0 has shape (2,), expected (3,)", ""),
        (0, (1,), "β_0 is a number, expected shape (1,)", ""),
        ([[0]], (1,), "β_0 has shape (1, 1), expected (1,)", ""),
        ([], (1,), "β_0 has shape (0,), expected (1,)", ""),
        ([1, 2], (2, 1), "β_0 has shape (2,), expected (2, 1)", "write each row in brackets: [[…], […]]"),
        ([1, 2], (1, 2), "β_0 has shape (2,), expected (1, 2)", "write its one row in brackets: [[…]]"),
        (
            [[1, 2]],
            (2, 1),
            "β_0 has shape (1, 2), expected (2, 1)",
            "transpose it: a row for each unit it gives, a column for each it reads",
        ),
    ],
)
def test_another_shape_is_one_fault(written: object, shape: tuple[int, ...], words: str, help_: str) -> None:
    elements, (fault,) = read_tensor("beta_0", written, shape, "float32")
    assert elements == []
    assert (fault.code, fault.path, fault.details.words, fault.details.help) == ("parameter-shape", (), words, help_)


def test_what_the_text_refuses_is_as_expected() -> None:
    for written in ([REFUSED, [1, 2]], [REFUSED, REFUSED], [[REFUSED, 1], [1, 1]], [[1, REFUSED], REFUSED]):
        assert read_tensor("Omega_0", written, (2, 2), "float32")[1] == []


@pytest.mark.parametrize(
    ("value", "dtype", "help_"),
    [
        (3.5e38, "float32", "add `dtype: float64`"),
        (10**39, "float32", "add `dtype: float64`"),
        (10**309, "float64", ""),
        (10**309, "float32", ""),
    ],
)
def test_an_element_beyond_the_dtype_is_refused(value: float, dtype: str, help_: str) -> None:
    _, (fault,) = read_tensor("beta_0", [value], (1,), dtype)
    assert (fault.code, fault.details.help) == ("parameter-not-finite", help_)


@pytest.mark.parametrize("value", [float(np.finfo("float32").max), -float(np.finfo("float32").max), 2.0**-149])
def test_the_largest_element_is_held(value: float) -> None:
    assert read_tensor("beta_0", [value], (1,), "float32")[1] == []


def test_so_many_elements_are_told_and_no_more() -> None:
    _, faults = read_tensor("beta_0", ["x"] * 1000, (1000,), "float32")
    assert len(faults) == MOST_FAULTS


def test_tensors_are_known_by_either_spelling() -> None:
    assert found("{β_0: [0, 0], Omega_0: [[1], [2]], beta_1: [0], Ω_1: [[1, 1/3]]}") == []


def test_a_tensor_that_is_missing_beside_one_of_nearly_its_name_is_one_fault() -> None:
    assert found("{beta_0: [0, 0], Omega_0: [[1], [2]], beta_1: [0], omega_1: [[1, 1]]}") == [
        ("parameter-unexpected", "the network has no tensor `omega_1`", "did you mean `Omega_1`?")
    ]


@pytest.mark.parametrize(
    ("parameters", "headline"),
    [
        ("{beta_0: [0, 0], Omega_0: [[1], [2]], beta_1: [0]}", "Ω_1 of shape (1, 2) has no values"),
        ("{beta_0: [0, 0], Omega_0: [[1], [2]]}", "β_1 of shape (1,) and 1 more tensor have no values"),
        ("{Omega_1: [[1, 2]]}", "β_0 of shape (2,) and 2 more tensors have no values"),
    ],
)
def test_tensors_without_values_are_one_fault(parameters: str, headline: str) -> None:
    assert [fault[:2] for fault in found(parameters)] == [("parameter-missing", headline)]


def test_so_many_tensors_are_told_and_no_more() -> None:
    strange = ", ".join(f"x{i}: [0]" for i in range(1000))
    assert len(found(f"{{{strange}}}")) == MOST_FAULTS


def test_an_unexpected_tensor_is_told_what_there_is() -> None:
    net = "netspec: 1\ninput: 1\nwidths: [1, 1, 1, 1]\noutput: 1\n"
    (_, first, _) = found("{gamma: [0], delta: [1]}", net)
    listed = ", ".join(f"`{role}_{k}`" for k in range(4) for role in ("beta", "Omega"))
    assert first == ("parameter-unexpected", "the network has no tensor `gamma`", f"its tensors are {listed}, …")


def test_of_a_network_of_very_many_tensors_no_values_are_read() -> None:
    net = "netspec: 1\ninput: 1\nK: 10000\nwidths: 1\noutput: 1\n"
    assert [fault[0] for fault in found("{beta_0: [0]}", net)] == ["too-many-tensors"]


def test_a_text_without_a_file_names_values_that_nobody_checks() -> None:
    assert found("{file: weights.npz}") == []


def test_a_file_beside_the_spec_is_compared(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(f"{NET}parameters: {{file: weights.npz}}\n")
    assert [fault.code for fault in check_file(str(path)).diagnostics] == ["file-missing"]
    beta, omega = np.zeros(2, "f4"), np.zeros((2, 1), "f4")
    np.savez(tmp_path / "weights.npz", beta_0=beta, Omega_0=omega, beta_1=beta[:1], Omega_1=omega.T)
    assert check_file(str(path)).diagnostics == ()
    np.savez(tmp_path / "weights.npz", beta_0=beta, Omega_0=omega, Omega_1=omega.T)
    (fault,) = check_file(str(path)).diagnostics
    assert (fault.code, fault.headline) == (
        "parameter-missing",
        "`weights.npz`: β_1 is missing, expected with shape (1,)",
    )
