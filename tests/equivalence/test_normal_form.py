"""The normal form keeps the function, ends where it began, and does not see symmetries."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec import load
from netspec.equivalence import Box, Chain, chain_of, normal_form
from netspec.equivalence.normal_form import equal
from netspec.model import Model
from netspec.network import Network
from tests.equivalence.networks import BENT, EXAMPLES, JUMPING, RELU, models, points


@EXAMPLES
@given(models(st.one_of(BENT, JUMPING)))
def test_a_form_in_rationals_is_the_same_function_exactly(model: Model) -> None:
    chain = chain_of(model).exact()
    form = normal_form(chain).chain
    for x in points(chain, 20):
        assert form.value(x) == chain.value(x)


@EXAMPLES
@given(models(st.one_of(BENT, JUMPING)))
def test_over_a_box_a_form_is_the_same_function_there(model: Model) -> None:
    chain = chain_of(model).exact()
    form = normal_form(chain, Box.of([(-1, Fraction(3, 2))], chain.inputs)).chain
    for x in points(chain, 30):
        inside = tuple(min(max(v, Fraction(-1)), Fraction(3, 2)) for v in x)
        assert form.value(inside) == chain.value(inside)


@EXAMPLES
@given(models())
def test_the_form_of_a_form_is_the_form(model: Model) -> None:
    for chain in (chain_of(model), chain_of(model).exact()):
        form = normal_form(chain).chain
        assert equal(normal_form(form).chain, form)


@EXAMPLES
@given(models())
def test_a_form_in_float64_is_near_the_function(model: Model) -> None:
    chain = chain_of(model)
    form = normal_form(chain).chain
    for x in points(chain, 8):
        exact = np.array([float(v) for v in chain.value(x)])
        scale = max(1.0, *(float(abs(stage.Omega).sum(axis=1).max()) + 1 for stage in chain.stages)) ** len(
            chain.stages
        )
        assert np.allclose([float(v) for v in form.value(x)], exact, rtol=1e-9, atol=1e-12 * scale * 100)


def symmetric(chain: Chain, seed: int) -> Chain:
    """Return a chain whose hidden units are permuted, and scaled by odd factors, in rationals."""
    random = np.random.default_rng(seed)
    stages = list(chain.stages)
    for k in range(len(stages) - 1):
        order = random.permutation(stages[k].width)
        scales = np.array([Fraction(int(n), 7) for n in random.integers(1, 30, stages[k].width)], object)
        stages[k] = stages[k]._replace(
            Omega=stages[k].Omega[order] * scales[:, None], beta=stages[k].beta[order] * scales
        )
        stages[k + 1] = stages[k + 1]._replace(Omega=stages[k + 1].Omega[:, order] / scales)
    return chain._replace(stages=tuple(stages))


@EXAMPLES
@given(models(RELU), st.integers(0, 2**31))
def test_permutations_and_scalings_do_not_show(model: Model, seed: int) -> None:
    chain = chain_of(model).exact()
    assert equal(normal_form(symmetric(chain, seed)).chain, normal_form(chain).chain)


def test_the_form_is_not_complete_in_special_positions() -> None:
    """relu[z] - relu[-z] = z beside another unit: two forms of one function, as the documentation says."""

    def net(rows: list[list[float]], columns: list[float]) -> Chain:
        parameters = {"beta_0": [0.0, 0.0, 1.0], "Omega_0": rows, "beta_1": [0.0], "Omega_1": [columns]}
        return chain_of(Network(input=1, widths=[3], output=1, parameters=parameters).build()).exact()

    one, other = net([[1], [-1], [1]], [1, -1, 1]), net([[1], [-1], [1]], [2, -2, 1])
    halves = net([[1], [-1], [1]], [1.5, -0.5, 1])
    assert not equal(normal_form(one).chain, normal_form(other).chain)
    x = (Fraction(3),)
    assert halves.value(x) != other.value(x)
    shifted = net([[2], [-2], [1]], [0.5, -0.5, 1])
    assert equal(normal_form(one).chain, normal_form(shifted).chain)


@pytest.mark.parametrize("path", ["specs/notebook_4_1/n2_after_n1.yaml", "specs/figure_4_1/composed.yaml"])
def test_a_composition_has_the_form_of_its_deep_network(path: str) -> None:
    from netspec.equivalence.chain import written_chain

    form = normal_form(written_chain(load(path).build())).chain
    assert form.widths == [1, 3, 3, 1]


def test_a_network_that_forgets_its_input_is_a_constant() -> None:
    parameters = {
        "beta_0": [-1.0, -1.0], "Omega_0": [[0.0], [0.0]], "beta_1": [3.0], "Omega_1": [[1.0, 1.0]], "beta_2": [1.0],
        "Omega_2": [[2.0]],
    }  # fmt: skip
    model = Network(input=1, widths=[2, 1], output=1, parameters=parameters).build()
    form = normal_form(chain_of(model).exact()).chain
    assert form.widths == [1, 1]
    assert (form.stages[0].Omega.tolist(), form.stages[0].beta.tolist()) == ([[0]], [7])


def test_a_constant_unit_of_a_smooth_activation_stays() -> None:
    parameters = {"beta_0": [1.0, 0.0], "Omega_0": [[0.0], [1.0]], "beta_1": [0.0], "Omega_1": [[1.0, 1.0]]}
    model = Network(input=1, widths=[2], activation="tanh", output=1, parameters=parameters).build()
    assert normal_form(chain_of(model).exact()).chain.widths == [1, 2, 1]
