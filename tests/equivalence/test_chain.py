"""Models as chains: what is one, what is none, and how numbers are rounded."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec import SpecError, load, loads
from netspec.equivalence import chain_of
from netspec.equivalence.chain import is_written, rounded, written_chain
from netspec.model import Model
from tests.equivalence.networks import EXAMPLES, models, points
from tests.twins.network import twin


@EXAMPLES
@given(models())
def test_a_chain_in_rationals_is_the_network(model: Model) -> None:
    chain = chain_of(model)
    where = points(chain)
    expected = twin(model.graph, model.parameters, [[float(v) for v in x] for x in where])
    found = np.array([[float(v) for v in chain.value(x)] for x in where])
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-6)


def test_the_forms_that_are_chains() -> None:
    texts = [
        "input: 2\nwidths: [3]\noutput: 1\n",
        "input: 2\nlayers: [{mlp: {widths: [3], output: 2}}, tanh, {dense: {width: 2, bias: false}}]\noutput: 2\n",
        "input: 2\nlayers:\n  - dense: 3\n  - dropout: 0.5\n  - relu\n  - flatten\n  - dense: 1\noutput: 1\n",
        "input: 2\nlayers: [{repeat: {times: 3, layers: [{dense: 2}, relu]}}, {dense: 1}]\noutput: 1\n",
        "networks: {a: {input: 2, widths: [3], output: 2}}\ncompose: [a, a]\n",
        "input: 2\nK: 0\noutput: 2\n",
    ]
    widths = [chain_of(loads(f"netspec: 1\n{text}").build()).widths for text in texts]
    assert widths == [[2, 3, 1], [2, 3, 2, 2], [2, 3, 1], [2, 2, 2, 2, 1], [2, 3, 2, 3, 2], [2, 2]]


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ("[layer_norm, {dense: 1}]", "the layer `layer_norm` is neither an affine map nor an activation"),
        ("[relu, {dense: 1}]", "the layer `relu` acts on x before any affine map"),
        ("[{dense: 1}, relu, tanh]", "the layer `tanh` is an activation of what is one already"),
        (
            "[{dense: {width: 1, as: a}}, {dense: {width: 1, from: in, as: b}}, {add: [a, b]}]",
            "the layer `b` reads something else",
        ),
        ("[identity]", "the network has no affine map"),
    ],
)
def test_what_is_no_chain_is_refused_at_its_place(layers: str, words: str) -> None:
    model = loads(f"netspec: 1\ninput: 1\nlayers: {layers}\noutput: 1\n").build()
    with pytest.raises(SpecError) as refused:
        chain_of(model)
    (fault,) = refused.value.diagnostics
    assert fault.code == "not-fully-connected"
    assert fault.headline.startswith(words)
    assert fault.place.span is not None
    assert fault.place.file in refused.value.sources


def test_a_repeat_of_too_many_activations_is_refused_and_not_unrolled() -> None:
    text = "netspec: 1\ninput: 1\nlayers:\n  - dense: 1\n  - repeat: {times: 1000000, layers: [relu]}\noutput: 1\n"
    with pytest.raises(SpecError, match="operations"):
        chain_of(loads(text).build())


def test_several_inputs_integers_and_images_are_refused() -> None:
    texts = [
        "inputs: {a: 1, b: 1}\nlayers:\n  - concat: [a, b]\n  - dense: 1\noutput: 1\n",
        "input: [2, 4, 4]\nlayers:\n  - flatten\n  - dense: 1\noutput: 1\n",
        "symbols: [T]\ninput: [T, 3]\nlayers:\n  - dense: 1\noutput: [T, 1]\n",
    ]
    for text in texts:
        with pytest.raises(SpecError, match="fully"):
            chain_of(loads(f"netspec: 1\n{text}").build())


def test_numbers_are_those_that_the_spec_writes() -> None:
    model = load("specs/figure_4_1/composed.yaml").build()
    first = written_chain(model).stages[0]
    assert is_written(model)
    assert first.Omega.tolist() == [[2], [Fraction(16, 3)], [Fraction(25, 3)]]
    drawn = load("specs/two_layer.yaml").build()
    assert not is_written(drawn)
    assert (written_chain(drawn).stages[0].Omega == chain_of(drawn).stages[0].Omega).all()
    n1 = load("specs/notebook_4_1/n1.yaml").build()
    assert written_chain(n1).stages[0].beta.tolist() == [0, 0, Fraction(-67, 100)]


@EXAMPLES
@given(st.fractions(-(2**130), 2**130))
def test_a_fraction_is_rounded_once_to_the_nearest(number: Fraction) -> None:
    for dtype in ("float32", "float64"):
        (found,) = rounded(np.array([number], object), dtype)
        if not np.isfinite(found):
            assert abs(number) > Fraction(float(np.finfo(dtype).max))
            continue
        kind = np.dtype(dtype).type
        with np.errstate(over="ignore"):
            around = [found, np.nextafter(found, kind(np.inf)), np.nextafter(found, kind(-np.inf))]
        apart = [abs(Fraction(float(near)) - number) for near in around if np.isfinite(near)]
        assert apart[0] == min(apart)


def test_a_fraction_beside_a_tie_of_float32_is_not_rounded_twice() -> None:
    tie = Fraction(1) + Fraction(1, 2**24)  # half way between 1 and the next float32, and a float64
    for tiny in (Fraction(1, 2**80), Fraction(-1, 2**80)):
        (found,) = rounded(np.array([tie + tiny], object), "float32")
        assert float(found) == (1 + 2**-23 if tiny > 0 else 1)


@pytest.mark.parametrize("whole", [1, 2, 5, 1 << 22])
@pytest.mark.parametrize("sign", [1, -1])
def test_subnormal_numbers_of_float32_are_rounded_once(whole: int, sign: int) -> None:
    """A little more than half way between two of them, by less than float64 tells, goes up; a little less, down."""
    half_way, little = Fraction(2 * whole + 1, 2**150), Fraction(1, 2**300)
    given = np.array([sign * (half_way + little), sign * (half_way - little)], object)
    assert (rounded(given, "float32").astype(np.float64) * 2.0**149).tolist() == [sign * (whole + 1), sign * whole]
