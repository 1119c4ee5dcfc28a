"""Laws of all transforms: the function is kept, what is written is read back, and what is no chain is refused."""

import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netspec import Model, SpecError, SystemFault, load, load_model, loads
from netspec.equivalence import chain_of, compare
from netspec.transforms import (
    Transformed,
    canonical,
    collapse,
    deepen,
    embed,
    factor,
    permute,
    prune,
    rescale,
    widen,
)
from netspec.transforms.writing import write_transformed
from tests.equivalence.networks import ANY, BENT, EXAMPLES, JUMPING, models, points, values

Transform = Callable[[Model], Transformed]

# Those that only move numbers, or scale them by powers of two: nothing is rounded, whatever the activation.
MOVING: dict[str, Transform] = {
    "embed": lambda model: embed(model, hidden(model) + 2),
    "deepen": deepen,
    "deepen behind x": lambda model: deepen(model, 0),
    "widen": lambda model: (
        widen(model, 1 + max([*chain_of(model).widths[1:-1], 1]), seed=3) if hidden(model) else deepen(model)
    ),
    "widen a lot": lambda model: widen(model, 11, seed=3) if hidden(model) else deepen(model),
    "permute": lambda model: permute(model, 5),
}
ROUNDING: dict[str, Transform] = {
    "collapse": collapse,
    "factor": factor,
    "prune": prune,
    "canonical": canonical,
    "rescale by any": lambda model: homogeneous(lambda: rescale(model, 3, "any"), model),
}
TRANSFORMS = MOVING | ROUNDING | {"rescale": lambda model: homogeneous(lambda: rescale(model), model)}


def hidden(model: Model) -> int:
    return sum(stage.activation is not None for stage in chain_of(model).stages[:-1])


def homogeneous(scaled: Callable[[], Transformed], model: Model) -> Transformed:
    """Return what is scaled, or the model permuted where nothing in it can be."""
    try:
        return scaled()
    except SpecError as refused:
        if refused.diagnostics[0].code != "not-homogeneous":
            raise
        return permute(model)


@pytest.mark.parametrize("name", MOVING)
@EXAMPLES
@given(model=models(st.one_of(BENT, JUMPING)))
def test_what_is_moved_is_the_same_function_exactly(name: str, model: Model) -> None:
    made = MOVING[name](model).model
    assert made.dtype == model.dtype
    assert values(made) == values(model)


@pytest.mark.parametrize("name", MOVING)
@EXAMPLES
@given(model=models(ANY))
def test_it_is_proven_for_activations_of_every_kind(name: str, model: Model) -> None:
    """But for a signal of both signs in halves beside a smooth activation: those are affine layers, and proven too."""
    verdict = compare(model, MOVING[name](model).model)
    assert (verdict.outcome, verdict.proven, verdict.domain) == ("equal", True, "everywhere")


@pytest.mark.parametrize("name", ROUNDING)
@EXAMPLES
@given(model=models(BENT, dtype="float64"))
def test_what_is_worked_out_is_rounded_and_no_more(name: str, model: Model) -> None:
    made = ROUNDING[name](model).model
    scale = Fraction(1)
    for stage in chain_of(model).exact().stages:
        scale = scale * (1 + abs(stage.Omega).sum()) + abs(stage.beta).sum()
    for before, after in zip(values(model), values(made), strict=True):
        assert all(abs(a - b) <= scale * 50 / 2**45 for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize("name", TRANSFORMS)
@settings(EXAMPLES, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(model=models(ANY))
def test_what_is_written_is_read_back_to_the_bit(name: str, model: Model, tmp_path: Path) -> None:
    made = TRANSFORMS[name](model)
    for suffix in (".yaml", ".safetensors"):
        path = str(tmp_path / f"out{suffix}")
        write_transformed(made, path)
        again = load(path).build() if suffix == ".yaml" else load_model(path)
        assert again.facts.fingerprint == made.model.facts.fingerprint
        assert list(again.parameters) == list(made.model.parameters)
        for tensor, array in made.model.parameters.items():
            assert array.tobytes() == again.parameters[tensor].tobytes()


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_transform_is_the_same_each_time(name: str) -> None:
    model = loads("netspec: 1\ninput: 3\nwidths: [6, 6]\noutput: 2\n").build(seed=4)
    one, other = TRANSFORMS[name](model), TRANSFORMS[name](model)
    assert one.spec == other.spec
    assert one.notes == other.notes
    assert all(np.array_equal(array, other.model.parameters[key]) for key, array in one.model.parameters.items())
    assert all(isinstance(note, str) and note for note in one.notes)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_transform_leaves_its_model_alone(name: str) -> None:
    model = loads("netspec: 1\ninput: 3\nwidths: [6, 6]\noutput: 2\n").build(seed=4)
    before = {key: array.copy() for key, array in model.parameters.items()}
    made = TRANSFORMS[name](model).model
    assert all(np.array_equal(array, model.parameters[key]) for key, array in before.items())
    assert all(not array.flags.writeable for array in made.parameters.values())


@pytest.mark.parametrize("name", TRANSFORMS)
def test_networks_of_other_forms_are_refused(name: str) -> None:
    with pytest.raises(SpecError) as refused:
        TRANSFORMS[name](load("specs/vision/lenet_5.yaml").build())
    assert refused.value.diagnostics[0].code == "not-fully-connected"


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize(
    "body",
    [
        "input: 1\nK: 0\noutput: 1",
        "input: 1\nwidths: [1]\noutput: 1",
        "input: 3\nwidths: [1, 4, 1]\noutput: 3",
        "input: 2\nwidths: [3]\noutput: 2\noutput_activation: relu",
        "input: 2\nlayers: [{dense: {width: 3, bias: false}}, relu, {dense: {width: 2, bias: false}}]\noutput: 2",
        "networks: {a: {input: 2, widths: [3], output: 2}}\ncompose: [a, a, a]",
        "input: 2\nlayers: [{dense: 2}, relu, {dense: {width: 2, tie: {Omega: dense.Omega}}}]\noutput: 2",
        "hyperparameters: {D: 3}\ninput: 1\nwidths: [D, D]\noutput: 1\nvariants: {big: {D: 5}}",
    ],
)
def test_small_and_odd_networks_keep_their_function(name: str, body: str) -> None:
    model = loads(f"netspec: 1\n{body}\n").build(seed=2)
    made = TRANSFORMS[name](model).model
    x = np.array([[float(v) for v in point] for point in points(chain_of(model))])
    assert np.allclose(made(x), model(x), rtol=1e-4, atol=1e-5)
    exact = [chain_of(each).exact() for each in (model, made)]
    for point in points(chain_of(model)):
        pairs = zip(exact[0].value(point), exact[1].value(point), strict=True)
        assert all(abs(a - b) <= Fraction(1, 10**4) * (1 + abs(a)) for a, b in pairs)


def test_what_is_shared_stays_shared_where_all_its_places_are_treated_alike() -> None:
    text = "netspec: 1\nnetworks: {a: {input: 2, widths: [3], output: 2}}\ncompose: [a, a]\n"
    model = loads(text).build()
    for made in (permute(model, 1), rescale(model, 1)):
        assert made.model.facts.fingerprint == model.facts.fingerprint
        assert made.model.facts.parameters == model.facts.parameters
    apart = widen(model, 4)
    assert apart.model.facts.parameters == 2 * (3 * 4 + 2 * 5)
    assert "tensors that were shared or tied stand at each of their places now" in apart.notes


def test_a_tie_is_undone_where_the_places_differ() -> None:
    text = (
        "netspec: 1\ninput: 3\nlayers:\n  - dense: {width: 3, as: a}\n  - relu\n"
        "  - dense: {width: 3, as: b, tie: {Omega: a.Omega}}\n  - relu\n  - dense: 1\noutput: 1\n"
    )
    model = loads(text).build()
    made = permute(model, 1)
    assert made.model.facts.parameters == model.facts.parameters + 9
    assert compare(model, made.model).outcome == "equal"


def test_composed_files_keep_their_parts_where_only_numbers_change(tmp_path: Path) -> None:
    model = load("specs/notebook_4_1/n2_after_n1.yaml").build()
    made = permute(model, 2)
    assert made.model.facts.fingerprint == model.facts.fingerprint
    write_transformed(made, str(tmp_path / "out.yaml"))
    again = load(tmp_path / "out.yaml")
    assert "compose: [n1, n2]" in again.to_yaml()
    assert compare(again.build(), model).outcome == "equal"


def test_a_depth_that_no_model_may_have_is_refused() -> None:
    model: Any = loads("netspec: 1\ninput: 1\nwidths: [2]\noutput: 1\n").build()
    for bad in (10**6, 10**18):
        with pytest.raises(SystemFault, match="more tensors than a model may have"):
            embed(model, bad)
    with pytest.raises(SystemFault, match="memory"):
        widen(model, 10**9)
    wide = loads("netspec: 1\ninput: 1\nwidths: [200]\noutput: 1\n").build()
    with pytest.raises(SystemFault, match="of memory, but --max-memory allows"):
        embed(wide, 9, max_memory=10**6)
    with pytest.raises(SystemFault, match="of memory, but --max-memory allows"):
        widen(wide, 9000, max_memory=10**5)


def test_deep_networks_take_seconds_and_not_minutes() -> None:
    """No step costs more for each layer because there are many: 1,500 layers, each of which may be folded."""
    model = loads("netspec: 1\ninput: 3\nK: 1500\nwidths: 3\noutput: 1\n").build()
    for name in ("prune", "canonical", "permute", "rescale", "collapse"):
        start = time.monotonic()
        TRANSFORMS[name](model)
        assert time.monotonic() - start < 20, name
