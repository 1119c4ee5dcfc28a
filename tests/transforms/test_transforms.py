"""Each transform's own identity, with the numbers of the lecture, and the traps."""

from fractions import Fraction
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec import Model, SpecError, SystemFault, load, loads
from netspec.equivalence import Box, Chain, chain_of, compare
from netspec.equivalence.pieces import Piece
from netspec.network import Network
from netspec.transforms import canonical, collapse, deepen, embed, factor, permute, prune, rescale, states, widen
from netspec.transforms.factor import factors
from tests.equivalence.networks import BENT, EXAMPLES, RELU, models, points, values

# -- collapse and factor ----------------------------------------------------------------------------------------------


def tensors(model: Model) -> dict[str, Any]:
    return {name: array.tolist() for name, array in model.parameters.items()}


def test_the_books_composition_is_its_deep_network() -> None:
    """Prince, section 4.2, with notebook 4.1's numbers: 20 parameters, 22, and a map of rank 1 in the middle."""
    model = load("specs/notebook_4_1/n2_after_n1.yaml").build()
    made = collapse(model)
    assert (model.facts.parameters, made.model.facts.parameters) == (20, 22)
    assert tensors(made.model) == tensors(load("specs/notebook_4_1/two_layer.yaml").build())
    assert made.notes[0] == (
        "Ω_1 3×3 came of a mediator of 1 unit: its rank is at most 1; 6 numbers made its 9 slopes, which are not free"
    )
    x = np.array([[-1.0], [-0.5], [0.0], [0.25], [0.5], [0.7], [1.0]])
    expected = [0.1, 0.2, -0.3, -0.175, 0.5, 0.279, -0.2655]
    assert np.allclose(made.model(x)[:, 0], expected, atol=1e-6)


def test_factoring_undoes_collapsing() -> None:
    deep = collapse(load("specs/notebook_4_1/n2_after_n1.yaml").build()).model
    made = factor(deep)
    assert made.model.facts.parameters == 20
    assert made.notes[0] == "Ω_1 3×3 has rank 1, exactly: 3×1 times 1×3"
    assert made.notes[1] == "6 numbers in the place of its 9"
    assert tensors(collapse(made.model).model) == tensors(deep)
    assert compare(made.model, deep).outcome == "equal"


def test_maps_in_a_row_are_one_and_the_narrowest_mediator_binds() -> None:
    text = "netspec: 1\ninput: 4\nlayers: [{dense: 2}, {dense: 3}, {dense: 4}, relu, {dense: 1}]\noutput: 1\n"
    made = collapse(loads(text).build())
    assert made.model.part.document.source.text.splitlines()[2:] == ["input: 4", "widths: [4]", "output: 1"]
    assert made.notes[1].startswith("Ω_0 4×4 came of a mediator of 2 units: its rank is at most 2;")
    assert np.linalg.matrix_rank(made.model.parameters["Omega_0"].astype(np.float64), 1e-5) == 2


def test_a_wide_mediator_binds_nothing() -> None:
    text = "netspec: 1\ninput: 2\nlayers: [{dense: 5}, {dense: 3}, relu, {dense: 1}]\noutput: 1\n"
    assert "its rank is at most 2, which binds nothing" in collapse(loads(text).build()).notes[0]


def test_identity_activations_are_no_mediators_of_their_own() -> None:
    made = collapse(load("specs/notebook_3_4/linear.yaml").build())
    assert chain_of(made.model).widths == [1, 1]


def test_nothing_to_collapse_leaves_the_model_as_it_is() -> None:
    model = load("specs/two_layer.yaml").build()
    made = collapse(model)
    assert made.model is model
    assert made.notes == ("nothing to collapse: something acts between any two affine maps",)


def test_a_product_that_the_dtype_cannot_hold_is_refused() -> None:
    part = {"input": 1, "K": 0, "output": 1, "parameters": {"beta_0": [0.0], "Omega_0": [[1e30]]}}
    for dtype, fits in (("float32", False), ("float64", True)):
        model = Network(networks={"far": {**part, "dtype": dtype}}, compose=["far", "far"], dtype=dtype).build()
        if fits:
            assert tensors(collapse(model).model)["Omega_0"] == [[1e60]]
        else:
            with pytest.raises(SpecError, match="Ω_0 would have an element that float32 cannot hold"):
                collapse(model)


MATRICES = st.integers(1, 4).flatmap(
    lambda columns: st.lists(
        st.lists(st.fractions(-3, 3, max_denominator=4), min_size=columns, max_size=columns), min_size=1, max_size=4
    )
)


@EXAMPLES
@given(MATRICES)
def test_factors_multiply_to_the_matrix(rows: list[list[Fraction]]) -> None:
    Omega = np.array(rows, object)
    first, second, rank, how = factors(Omega, None, "float64")
    assert how == "exactly"
    assert (first @ second == Omega).all()
    assert rank == max(1, np.linalg.matrix_rank(Omega.astype(float)))
    wide, narrow, approximate, _ = factors(Omega.astype(np.float64), None, "float64")
    assert approximate == rank
    assert np.allclose(wide @ narrow, Omega.astype(float), atol=1e-12)


def test_factoring_a_layer_of_choice() -> None:
    deep = collapse(load("specs/notebook_4_1/n2_after_n1.yaml").build()).model
    assert factor(deep, 0).notes[0] == "Ω_0 3×1 has full rank 1, exactly: nothing to factor"
    assert factor(deep, 1).model.facts.parameters == 20
    assert factor(load("specs/two_layer.yaml").build()).notes[0].startswith("nothing to factor")
    with pytest.raises(SystemFault, match="there is no Ω_3; the last is Ω_2"):
        factor(deep, 3)
    nearly = factor(load("specs/two_layer.yaml").build(seed=1), 1, tolerance=0.9)
    assert "singular values below 0.9 of the largest left out" in nearly.notes[0]


# -- embed, deepen, widen ---------------------------------------------------------------------------------------------


@EXAMPLES
@given(models(RELU), st.integers(1, 3))
def test_identity_layers_after_a_relu_keep_every_bit_of_the_program(model: Model, more: int) -> None:
    chain = chain_of(model)
    if len(chain.stages) == 1:
        return
    made = embed(model, len(chain.stages) - 1 + more).model
    assert made.facts.depth == len(chain.stages) - 1 + more
    x = np.array([[float(v) for v in point] for point in points(chain)], np.float32)
    one, other = (Model(m.part, m.graph, m.dtype, m.sources, None, exact=True) for m in (model, made))
    assert np.array_equal(one(x), other(x))


def test_a_shallow_network_stands_in_a_deep_one() -> None:
    shallow = load("specs/notebook_3_1.yaml").build()
    deep = embed(shallow, 5)
    assert "\nwidths: [3, 3, 3, 3, 3]\n" in deep.spec
    assert tensors(deep.model)["Omega_3"] == np.eye(3).tolist()
    assert compare(shallow, deep.model).grounds == "both have one normal form, in rationals"


def test_a_signal_of_both_signs_is_carried_in_halves() -> None:
    affine = loads("netspec: 1\ninput: 2\nK: 0\noutput: 2\n").build()
    made = embed(affine, 3).model
    assert chain_of(made).widths == [2, 4, 4, 4, 2]
    Omega = affine.parameters["Omega_0"]
    assert np.array_equal(made.parameters["Omega_0"], np.vstack([np.eye(2), -np.eye(2)]))
    assert np.array_equal(made.parameters["Omega_3"], np.hstack([Omega, -Omega]))
    assert compare(affine, made).outcome == "equal"
    tanh = loads("netspec: 1\ninput: 2\nwidths: [3]\nactivation: tanh\noutput: 2\n").build()
    wide = embed(tanh, 2)
    assert "activation: [tanh, relu]" in wide.spec
    assert compare(tanh, wide.model).outcome == "equal"


def test_a_layer_is_added_where_it_is_wanted() -> None:
    model = loads("netspec: 1\ninput: 1\nwidths: [2, 3]\noutput: 1\n").build()
    widths = {layer: chain_of(deepen(model, layer).model).widths for layer in (None, 0, 1, 2)}
    assert widths == {None: [1, 2, 3, 3, 1], 0: [1, 2, 2, 3, 1], 1: [1, 2, 2, 3, 1], 2: [1, 2, 3, 3, 1]}
    for bad in (-1, 3):
        with pytest.raises(SystemFault, match=f"there is no hidden layer {bad}"):
            deepen(model, bad)


@EXAMPLES
@given(models(BENT), st.integers(2, 20), st.integers(0, 100))
def test_copies_share_their_column_by_powers_of_two(model: Model, width: int, seed: int) -> None:
    before = chain_of(model)
    if len(before.stages) < 2 or before.widths[1] >= width:
        return
    after = chain_of(widen(model, width, layer=1, seed=seed).model)
    assert after.widths[1] == width
    assert np.array_equal(after.stages[0].Omega[: before.widths[1]], before.stages[0].Omega)
    rows = {tuple(row) for row in np.column_stack([before.stages[0].Omega, before.stages[0].beta])}
    assert {tuple(row) for row in np.column_stack([after.stages[0].Omega, after.stages[0].beta])} == rows
    assert np.array_equal(after.stages[1].Omega.sum(axis=1), before.stages[1].Omega.sum(axis=1)) or np.allclose(
        after.stages[1].Omega.sum(axis=1), before.stages[1].Omega.sum(axis=1), rtol=1e-6, atol=1e-6
    )


def test_every_unit_is_copied_before_one_is_twice() -> None:
    model = loads("netspec: 1\ninput: 4\nwidths: [3]\noutput: 1\n").build()
    made = chain_of(widen(model, 6, seed=9).model)
    rows, counts = np.unique(made.stages[0].Omega, axis=0, return_counts=True)
    assert counts.tolist() == [2, 2, 2]
    assert len(rows) == 3


@pytest.mark.parametrize(("dtype", "least"), [("float32", 2.0**-149), ("float64", 5e-324)])
@pytest.mark.parametrize("copies", [2, 5, 2_100])
def test_shares_of_any_number_of_copies_lose_no_digit(
    dtype: Literal["float32", "float64"], least: float, copies: int
) -> None:
    """A column that is subnormal stays whole; that of other units is divided however many copies there are."""
    given_ = {"β_0": [0, 1], "Ω_0": [[1], [2]], "β_1": [0], "Ω_1": [[least, 3]]}
    model = Network(input=1, widths=[2], output=1, dtype=dtype, parameters=given_).build()
    made = widen(model, 2 * copies, seed=1).model
    assert values(made) == values(model)
    columns = chain_of(made).stages[1].Omega[0]
    assert sorted(columns[columns < 1e-30])[-2:] == [0, least]
    assert max(columns) / min(columns[columns > 1e-30]) <= 2


def test_what_cannot_be_widened_is_refused() -> None:
    model = loads("netspec: 1\ninput: 1\nwidths: [2, 5]\noutput: 1\n").build()
    assert chain_of(widen(model, 4).model).widths == [1, 4, 5, 1]
    with pytest.raises(SystemFault, match="5 is not more than the 5 units there are"):
        widen(model, 5, layer=2)
    with pytest.raises(SystemFault, match="there is no hidden layer 3"):
        widen(model, 9, layer=3)
    with pytest.raises(SystemFault, match="the network has no hidden layer"):
        widen(load("specs/affine.yaml").build(), 4)


# -- rescale and permute ----------------------------------------------------------------------------------------------


@EXAMPLES
@given(
    models(st.sampled_from(["relu", {"leaky_relu": {"slope": 0.25}}, "identity"])),
    st.one_of(st.none(), st.integers(0, 99)),
)
def test_scaling_by_powers_of_two_keeps_every_bit_of_the_program(model: Model, seed: int | None) -> None:
    made = rescale(model, seed).model
    chain = chain_of(model)
    x = np.array([[float(v) for v in point] for point in points(chain)], np.float32)
    one, other = (Model(m.part, m.graph, m.dtype, m.sources, None, exact=True) for m in (model, made))
    assert np.array_equal(one(x), other(x))


def test_scaling_by_any_factors_agrees_to_rounding() -> None:
    model = loads("netspec: 1\ndtype: float64\ninput: 5\nwidths: [20, 20]\noutput: 3\n").build()
    made = rescale(model, 7, "any").model
    assert not np.array_equal(made.parameters["Omega_0"], model.parameters["Omega_0"])
    x = np.random.default_rng(0).normal(size=(100, 5))
    assert np.abs(made(x) - model(x)).max() < 5e-15 * max(1.0, np.abs(model(x)).max()) * 10


def test_balanced_units_have_rows_and_columns_of_like_norm_and_stay_balanced() -> None:
    parameters = {"beta_0": [0.0], "Omega_0": [[1024.0]], "beta_1": [1.0], "Omega_1": [[1 / 1024]]}
    model = Network(input=1, widths=[1], output=1, parameters=parameters).build()
    made = rescale(model)
    assert tensors(made.model)["Omega_0"] == [[1.0]]
    assert tensors(made.model)["Omega_1"] == [[1.0]]
    assert rescale(made.model).notes == ("nothing to scale: every unit stays as it is",)


def test_units_whose_numbers_would_be_lost_stay_as_they_are() -> None:
    """2^-149 is the smallest float32, and halves to 0; 3e38 doubles to infinity."""
    tiny, huge = 2.0**-149, 3e38
    parameters = {
        "beta_0": [0.0, 0.0, 0.0],
        "Omega_0": [[1.0], [1e-20], [1.0]],
        "beta_1": [0.0],
        "Omega_1": [[tiny, huge, 4.0]],
    }
    model = Network(input=1, widths=[3], output=1, parameters=parameters).build()
    for seed in range(20):
        made = rescale(model, seed).model
        for name, array in made.parameters.items():
            assert np.isfinite(array).all(), name
        assert compare(model, made).outcome == "equal"


def test_negative_zeros_survive() -> None:
    from netspec.model.tensors import Held

    model = Network(input=2, widths=[2], output=1).build()
    sources: dict[str, Any] = {name: Held(array.copy()) for name, array in model.parameters.items()}
    sources["Omega_0"].values[0, 0] = -0.0
    sources["beta_0"].values[:] = -0.0
    model = Model(model.part, model.graph, model.dtype, sources, None)
    for made in (rescale(model, 1).model, permute(model, 1).model, embed(model, 2).model, widen(model, 3).model):
        assert np.signbit(made.parameters["beta_0"]).all()
        assert (np.signbit(made.parameters["Omega_0"]) & (made.parameters["Omega_0"] == 0)).any()


def test_what_is_not_homogeneous_is_refused_where_it_stands_or_left() -> None:
    tanh = loads("netspec: 1\ninput: 1\nwidths: [2, 2]\nactivation: tanh\noutput: 1\n").build()
    with pytest.raises(SpecError, match="hidden layer 1 has tanh, whose units cannot be scaled"):
        rescale(tanh)
    mixed = loads("netspec: 1\ninput: 1\nwidths: [2, 2]\nactivation: [tanh, relu]\noutput: 1\n").build()
    made = rescale(mixed, 1)
    assert made.notes[-1] == "layers of tanh stay as they are: not homogeneous"
    assert np.array_equal(made.model.parameters["Omega_0"], mixed.parameters["Omega_0"])
    assert compare(mixed, made.model).outcome == "equal"
    assert rescale(load("specs/affine.yaml").build()).notes == ("nothing to scale: every unit stays as it is",)


def test_permuting_moves_rows_and_columns_together() -> None:
    model = loads("netspec: 1\ninput: 2\nwidths: [6, 5]\noutput: 3\n").build()
    made = permute(model, 1).model
    assert not np.array_equal(made.parameters["Omega_0"], model.parameters["Omega_0"])
    assert sorted(map(tuple, made.parameters["Omega_0"])) == sorted(map(tuple, model.parameters["Omega_0"]))
    assert sorted(map(tuple, made.parameters["Omega_2"].T)) == sorted(map(tuple, model.parameters["Omega_2"].T))


# -- prune ------------------------------------------------------------------------------------------------------------


def three(rows: list[list[float]], beta: list[float]) -> Model:
    parameters = {"beta_0": beta, "Omega_0": rows, "beta_1": [0.5], "Omega_1": [[1.0, 2.0, 4.0]]}
    return Network(input=2, widths=[3], output=1, parameters=parameters).build()


def test_states_of_units_over_a_box_and_everywhere() -> None:
    model = three([[1, 0], [0, 1], [1, 1]], [2, -5, 0])
    assert states(model, Box.of([(-1, 1)], 2)) == [["on", "dead", "both"]]
    assert states(model) == [["both", "both", "both"]]
    assert states(three([[0, 0], [0, 0], [1, 1]], [2, -5, 0])) == [["constant", "dead", "both"]]
    assert states(load("specs/affine.yaml").build()) == []


def test_dead_units_go_and_a_layer_that_is_affine_becomes_one_with_the_next() -> None:
    model = load("specs/notebook_3_2.yaml").build()
    box = Box.of([(0, 1)], 2)
    made = prune(model, box)
    assert made.notes[0] == "layer 1: of 3 units 2 dead (1, 3); 1 always on (2); proven for x in [0, 1]^2"
    assert made.model.facts.parameters == 6
    assert compare(model, made.model).outcome == "different"


def test_rows_that_combine_from_others_that_are_on_are_folded() -> None:
    model = three([[1, 0], [2, 0], [1, -1]], [2, 5, 0])
    box = Box.of([(-1, 1)], 2)
    made = prune(model, box)
    assert "1 of them folded into others, whose rows combine to theirs" in made.notes
    assert chain_of(made.model).widths == [2, 2, 1]
    for x in ((-1, -1), (1, -1), (0, 1), (1, 1)):
        exact = tuple(map(Fraction, x))
        assert chain_of(made.model).value(exact) == chain_of(model).value(exact)


def test_a_constant_network_is_pruned_to_its_constant() -> None:
    model = three([[0, 0], [0, 0], [0, 0]], [1, -1, 2])
    made = prune(model)
    assert chain_of(made.model).widths == [2, 1]
    assert tensors(made.model) == {"beta_0": [9.5], "Omega_0": [[0.0, 0.0]]}


def test_a_unit_that_nothing_reads_goes() -> None:
    parameters = {"beta_0": [0.0, 0.0], "Omega_0": [[1.0], [1.0]], "beta_1": [0.5], "Omega_1": [[1.0, 0.0]]}
    made = prune(Network(input=1, widths=[2], activation="tanh", output=1, parameters=parameters).build())
    assert chain_of(made.model).widths == [1, 1, 1]


def test_saturated_units_are_constant() -> None:
    parameters = {"beta_0": [8.0, 0.0], "Omega_0": [[1.0], [1.0]], "beta_1": [0.0], "Omega_1": [[1.0, 1.0]]}
    model = Network(input=1, widths=[2], activation="relu6", output=1, parameters=parameters).build()
    box = Box.of([(-1, 1)], 1)
    assert states(model, box) == [["constant", "both"]]
    made = prune(model, box)
    assert tensors(made.model)["beta_1"] == [6.0]


@EXAMPLES
@given(models(BENT), st.integers(-6, 6), st.integers(1, 8))
def test_a_pruned_network_is_the_same_on_its_box(model: Model, low: int, size: int) -> None:
    box = Box.of([(Fraction(low, 2), Fraction(low + size, 2))], chain_of(model).inputs)
    made = prune(model, box).model
    before, after = chain_of(model).exact(), chain_of(made).exact()
    assert after.parameters <= before.parameters
    scale = Fraction(1)
    for stage in before.stages:
        scale = scale * (1 + abs(stage.Omega).sum()) + abs(stage.beta).sum()
    for x in points(before, 20):
        inside = tuple(min(max(v, box.low[0]), box.high[0]) for v in x)
        pairs = zip(before.value(inside), after.value(inside), strict=True)
        assert all(abs(a - b) <= scale * 20 / 2**20 for a, b in pairs)


def test_another_certificate_may_settle_more() -> None:
    """relu[relu[x] - x - 1] is dead on [-1, 1], which intervals do not see: they forget that both are of one x."""
    parameters = {
        "beta_0": [0.0, 0.0], "Omega_0": [[1.0], [-1.0]], "beta_1": [-1.5], "Omega_1": [[1.0, 1.0]], "beta_2": [2.0],
        "Omega_2": [[1.0]],
    }  # fmt: skip
    model = Network(input=1, widths=[2, 1], output=1, parameters=parameters).build()
    box = Box.of([(-1, 1)], 1)
    assert states(model, box) == [["both", "both"], ["both"]]

    def cells(chain: Chain, where: Box | None) -> list[list[Piece | None]]:
        assert where == box
        zero = Piece(None, Fraction(0), Fraction(0), Fraction(0))
        return [[None] * chain.widths[1], [zero], [None]]

    assert tensors(prune(model, box, cells).model) == {"beta_0": [2.0], "Omega_0": [[0.0]]}


# -- canonical --------------------------------------------------------------------------------------------------------


@EXAMPLES
@given(models(BENT))
def test_the_canonical_form_of_a_canonical_form_is_itself(model: Model) -> None:
    form = canonical(model)
    again = canonical(form.model)
    assert again.spec == form.spec
    assert tensors(again.model) == tensors(form.model)


@EXAMPLES
@given(models(RELU, numbers=st.integers(-8, 8).map(lambda n: n / 4)), st.integers(0, 99))
def test_models_that_differ_by_symmetries_have_one_form(model: Model, seed: int) -> None:
    form = tensors(canonical(model).model)
    others = [permute(model, seed), rescale(model, seed), rescale(model), deepen(model, 0)]
    if len(chain_of(model).stages) > 1:
        others += [widen(model, 9, seed=seed), embed(model, 5)]
    assert [tensors(canonical(other.model).model) for other in others] == [form] * len(others)


def test_rows_have_a_largest_element_of_one_and_stand_sorted() -> None:
    model = loads("netspec: 1\ninput: 3\nwidths: [5, 4]\noutput: 2\n").build()
    made = canonical(model)
    for name in ("Omega_0", "Omega_1"):
        rows = made.model.parameters[name]
        assert (abs(rows).max(axis=1) == 1).all()
        assert [tuple(row) for row in rows] == sorted(tuple(row) for row in rows)
    assert "two forms may still be one function" in made.notes[-1]


def test_large_networks_are_worked_out_in_float64() -> None:
    model = loads("netspec: 1\ninput: 300\nwidths: [700, 700]\noutput: 10\n").build()
    made = canonical(model)
    assert "worked out in float64, rounded once to float32" in made.notes
    x = np.random.default_rng(0).normal(size=(20, 300))
    assert np.allclose(made.model(x), model(x), rtol=1e-3, atol=1e-4)
    assert tensors(canonical(made.model).model) == tensors(made.model)
