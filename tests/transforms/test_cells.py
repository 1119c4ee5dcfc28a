"""Units settled by the cells of a network: those that intervals cannot settle, and no other."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec import Model, SpecError, SystemFault, loads
from netspec.cli import main
from netspec.equivalence import Box, chain_of
from netspec.network import Network
from netspec.transforms import by_cells, prune, states
from tests.equivalence.networks import BENT, models, points

SMALL = settings(max_examples=150, deadline=None)


def never() -> Model:
    """relu(z) - relu(z - 1) - 1 is never positive, which intervals do not see: they forget that both are of one z."""
    parameters = {
        "beta_0": [0.0, -1.0], "Omega_0": [[1.0], [1.0]], "beta_1": [-1.0, 0.0], "Omega_1": [[1.0, -1.0], [1.0, 0.0]],
        "beta_2": [0.0], "Omega_2": [[1.0, 1.0]],
    }  # fmt: skip
    return Network(input=1, widths=[2, 2], output=1, parameters=parameters).build()


@pytest.mark.parametrize("box", [None, Box.of([(-3, 3)], 1)])
def test_cells_settle_what_intervals_do_not(box: Box | None) -> None:
    assert states(never(), box) == [["both", "both"], ["both", "on"]]
    certificate, grounds = by_cells(never(), box)
    assert grounds == "proven"
    assert states(never(), box, certificate) == [["both", "both"], ["dead", "on"]]


def test_a_network_is_pruned_to_what_is_left_of_it() -> None:
    """y = relu(x) for all x: the second unit of the first layer is read by the dead one alone."""
    made = prune(never(), None, *by_cells(never()))
    assert made.notes[0] == "layer 2: of 2 units 1 dead (1); 1 always on (2); proven for all x"
    assert chain_of(made.model).widths == [1, 1, 1]
    for x in (-2, 0, Fraction(1, 2), 1, 5):
        assert chain_of(made.model).value((Fraction(x),)) == (max(Fraction(x), Fraction(0)),)


@SMALL
@given(models(BENT, st.integers(1, 2)), st.integers(-6, 6), st.integers(1, 8), st.booleans())
def test_no_point_leaves_the_piece_that_a_unit_is_said_to_stay_on(
    model: Model, low: int, size: int, everywhere: bool
) -> None:
    chain = chain_of(model).exact()
    box = None if everywhere else Box.of([(Fraction(low, 2), Fraction(low + size, 2))], chain.inputs)
    certificate, grounds = by_cells(model, box)
    found = certificate(chain, box)
    bounds = states(model, box)
    assert grounds == "proven"
    cells = states(model, box, certificate)
    for by_bounds, here in zip(bounds, cells, strict=True):
        assert all(one in ("both", other) for one, other in zip(by_bounds, here, strict=True))
    for x in points(chain, 20):
        h = list(x) if box is None else [min(max(v, box.low[0]), box.high[0]) for v in x]
        for stage, units in zip(chain.stages, found, strict=True):
            z = [
                sum((w * v for w, v in zip(row, h, strict=True)), b)
                for row, b in zip(stage.Omega, stage.beta, strict=True)
            ]
            for height, piece in zip(z, units, strict=True):
                assert piece is None or piece.holds(height)
            h = list(stage_value(stage, z))


def stage_value(stage: Any, z: list[Fraction]) -> list[Fraction]:
    """Return what a stage makes of its pre-activations."""
    from netspec.equivalence.pieces import value

    return z if stage.activation is None else [value(stage.activation, height) for height in z]


@SMALL
@given(models(BENT, st.integers(1, 2)), st.integers(-6, 6), st.integers(1, 8))
def test_float64_settles_what_rationals_do_where_numbers_are_short(model: Model, low: int, size: int) -> None:
    box = Box.of([(Fraction(low, 2), Fraction(low + size, 2))], chain_of(model).inputs)
    exactly = states(model, box, by_cells(model, box)[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("netspec.transforms.cells._MOST_PRODUCTS", 0)
        certificate, grounds = by_cells(model, box)
    if len(chain_of(model).stages) > 1:
        assert grounds == "found in float64"
    assert states(model, box, certificate) == exactly


def test_what_is_found_in_float64_is_not_called_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netspec.transforms.cells._MOST_PRODUCTS", 1)
    made = prune(never(), None, *by_cells(never()))
    assert made.notes[0].endswith("; found in float64 for all x")


def test_a_unit_that_jumps_at_a_point_alone_is_not_settled_by_cells() -> None:
    """heaviside(|x|) is 1 but at 0, where it is 0: no cell has that point inside."""
    text = (
        "netspec: 1\ninput: 1\nwidths: [2, 1]\nactivation: [relu, heaviside]\noutput: 1\n"
        "parameters: {β_0: [0, 0], Ω_0: [[1], [-1]], β_1: [0], Ω_1: [[1, 1]], β_2: [0], Ω_2: [[1]]}\n"
    )
    model = loads(text).build()
    assert states(model, None, by_cells(model)[0]) == [["both", "both"], ["both"]]


def test_what_has_no_cells_is_refused() -> None:
    smooth = loads("netspec: 1\ninput: 1\nwidths: [2]\nactivation: tanh\noutput: 1\n").build()
    with pytest.raises(SpecError, match="tanh is smooth"):
        by_cells(smooth)
    wide = loads("netspec: 1\ninput: 7\nwidths: [2]\noutput: 1\n").build()
    with pytest.raises(SystemFault, match="up to 6 dimensions, and x has 7"):
        by_cells(wide)
    many = loads("netspec: 1\ninput: 2\nwidths: [80, 80]\noutput: 1\n").build()
    with pytest.raises(SystemFault, match="cells, than --max-memory allows"):
        by_cells(many, Box.of([(-1, 1)], 2), 1 << 17)


def test_the_command_takes_cells(tmp_path: Any, monkeypatch: Any, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "zigzag.yaml").write_text(
        "netspec: 1\ninput: 1\nwidths: [2, 1]\noutput: 1\nparameters: {β_0: [0, -1], Ω_0: [[1], [1]], β_1: [-1], "
        "Ω_1: [[1, -1]], β_2: [2], Ω_2: [[1]]}\n",
        encoding="utf-8",
    )
    assert main(["transform", "prune", "zigzag.yaml"]) == 0
    assert "nothing to prune" in capsys.readouterr().out
    assert main(["transform", "prune", "zigzag.yaml", "--cells"]) == 0
    said = capsys.readouterr().out
    assert "layer 2: of 1 units 1 dead (1); proven for all x" in said
    assert "check: equal functions everywhere" in said
    assert main(["transform", "permute", "zigzag.yaml", "--cells"]) == 2
    assert "--cells is for prune, not for permute" in capsys.readouterr().err
