"""Where each tensor comes from: the order in which values, files and draws go before each other."""

from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from netspec import SpecError, SystemFault, load
from netspec.files.parameters import read_parameters
from netspec.limits import TENSORS
from netspec.network import Network
from tests.model.specs import draw_again, drawn, held, network, weights
from tests.specs.test_specs import SPECS

SHALLOW = "input: 1\nwidths: [2]\noutput: 1\n"
NAMES = ("beta_0", "Omega_0", "beta_1", "Omega_1")
VALUES = "parameters: {beta_0: [1, 2], Omega_0: [[3], [4]], beta_1: [5], Omega_1: [[6, 7]]}\n"
ARRAYS = {
    "beta_0": np.array([11, 12], "f4"),
    "Omega_0": np.array([[13], [14]], "f4"),
    "beta_1": np.array([15], "f4"),
    "Omega_1": np.array([[16, 17]], "f4"),
}


# -- one network ------------------------------------------------------------------------------------------------------


def test_what_says_nothing_is_drawn_as_suits_its_activations_from_seed_0() -> None:
    net = Network(input=2, widths=[3, 4], activation=["relu", "tanh"], output=1)
    assert drawn(net.build()) == {
        "beta_0": ("zeros", 0),
        "Omega_0": ("he_normal", 0),
        "beta_1": ("zeros", 0),
        "Omega_1": ("glorot_normal", 0),
        "beta_2": ("zeros", 0),
        "Omega_2": ("glorot_normal", 0),
    }


def test_a_spec_s_init_and_seed_are_taken_and_its_biases_are_zero() -> None:
    net = Network(input=2, widths=[3], output=1, parameters={"init": "lecun_uniform", "seed": 9})
    weights = ("lecun_uniform", 9)
    assert drawn(net.build()) == dict(zip(NAMES, [("zeros", 9), weights] * 2, strict=True))


def test_the_caller_s_seed_goes_before_the_spec_s_and_leaves_its_init() -> None:
    net = Network(input=2, widths=[3], output=1, parameters={"init": "he_uniform", "seed": 9})
    model = net.build(seed=4)
    assert set(drawn(model).values()) == {("he_uniform", 4), ("zeros", 4)}
    assert model.seed == 4
    assert net.build().seed == 9


def test_arrays_are_what_their_arguments_draw_in_the_inferred_shapes() -> None:
    net = Network(input=5, widths=[7, 7, 7], output=2)
    model = net.build(seed=3)
    again = draw_again(model)
    assert list(model.parameters) == list(net.shapes)
    for name, array in model.parameters.items():
        assert array.shape == net.shapes[name]
        assert array.dtype == np.float32
        assert np.array_equal(array, again[name])
    assert sum(array.size for array in model.parameters.values()) == net.facts.parameters
    assert sum(array.nbytes for array in model.parameters.values()) == net.facts.parameter_bytes


def test_parameters_cannot_be_written_to(tmp_path: Path) -> None:
    weights(tmp_path / "w.safetensors", ARRAYS)
    nets = [
        Network(input=1, widths=[2], output=1),
        network(tmp_path, {"spec.yaml": SHALLOW + VALUES}),
        network(tmp_path, {"other.yaml": SHALLOW + "parameters: {file: w.safetensors}\n"}, "other.yaml"),
    ]
    for net in nets:
        model = net.build()
        for array in model.parameters.values():
            assert not array.flags.writeable
        with pytest.raises(TypeError):
            model.parameters["beta_0"] = np.zeros(2)  # type: ignore[index]  # that is the point


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_written_values_are_exact_in_float64_and_rounded_once_in_float32(dtype: str) -> None:
    texts = ["0.67", "16/3", "-7", "1.0e-40", "123456789"]
    numbers = [Fraction(16, 3) if text == "16/3" else float(text) for text in texts]
    net = Network(input=5, K=0, output=1, parameters={"beta_0": [0.1], "Omega_0": [numbers]})
    model = net.build(dtype=dtype)  # type: ignore[arg-type]  # one of the two
    expected = np.array([[float(Fraction(text)) for text in texts]], dtype)
    assert np.array_equal(model.parameters["Omega_0"], expected)
    assert model.parameters["beta_0"].tolist() == np.array([0.1], dtype).tolist()


def test_float64_of_a_float32_spec_is_drawn_and_read_in_float64(tmp_path: Path) -> None:
    net = Network(input=3, widths=[4], output=1)
    wide, narrow = net.build(dtype="float64").parameters, net.build().parameters
    for name in NAMES:
        assert wide[name].dtype == np.float64
        assert np.array_equal(wide[name].astype(np.float32), narrow[name])
    assert not np.array_equal(wide["Omega_0"], narrow["Omega_0"])
    weights(tmp_path / "w.npz", ARRAYS)
    read = network(tmp_path, {"spec.yaml": SHALLOW + "parameters: {file: w.npz}\n"}).build(dtype="float64")
    assert all(np.array_equal(read.parameters[name], ARRAYS[name].astype("f8")) for name in NAMES)


def test_values_that_float32_cannot_hold_are_refused_where_they_stand(tmp_path: Path) -> None:
    text = f"dtype: float64\n{SHALLOW}{VALUES}".replace("7", "7.0e+200").replace("[3]", "[-1.0e+39]")
    net = network(tmp_path, {"spec.yaml": text})
    assert net.build().parameters["Omega_1"][0, 1] == 7e200
    with pytest.raises(SpecError) as caught:
        net.build(dtype="float32")
    faults = caught.value.diagnostics
    assert [(fault.code, fault.headline) for fault in faults] == [
        ("parameter-not-finite", "Ω_0 has an element that float32 cannot hold"),
        ("parameter-not-finite", "Ω_1 has an element that float32 cannot hold"),
    ]
    assert "7.0e+200" in str(caught.value)
    assert faults[0].place.span is not None
    assert faults[0].place.span.line == 6


# -- parts ------------------------------------------------------------------------------------------------------------


def test_a_part_keeps_its_values_and_its_draws_and_the_rest_follow_the_outermost(tmp_path: Path) -> None:
    weights(tmp_path / "parts/w.safetensors", ARRAYS)
    files = {
        "spec.yaml": """
compose: [silent.yaml, written.yaml, parts/read.yaml, seeded.yaml]
parameters: {init: lecun_normal, seed: 2}
""",
        "silent.yaml": SHALLOW,
        "written.yaml": SHALLOW + VALUES,
        "parts/read.yaml": SHALLOW + "parameters: {file: w.safetensors}\n",
        "seeded.yaml": SHALLOW + "parameters: {seed: 7}\n",
    }
    net = network(tmp_path, files)
    model = net.build()
    assert held(model) == {f"{part}.{name}" for part in ("written", "read") for name in NAMES}
    assert model.parameters["written.Omega_1"].tolist() == [[6, 7]]
    assert model.parameters["read.Omega_1"].tolist() == [[16, 17]]
    found = drawn(model)
    assert found["silent.Omega_0"] == ("lecun_normal", 2)
    assert found["silent.beta_0"] == ("zeros", 2)
    assert found["seeded.Omega_0"] == ("he_normal", 7), "a part's own draw is its own in full"
    again = drawn(net.build(seed=5))
    assert again["silent.Omega_0"] == ("lecun_normal", 5)
    assert again["seeded.Omega_0"] == ("he_normal", 7)


def test_draws_reach_through_parts_that_say_nothing(tmp_path: Path) -> None:
    files = {
        "spec.yaml": "compose: [middle.yaml]\nparameters: {init: he_uniform, seed: 3}\n",
        "middle.yaml": "compose: [low.yaml, other.yaml]\n",
        "low.yaml": SHALLOW,
        "other.yaml": "compose: [low.yaml]\nparameters: {seed: 4}\n",
    }
    found = drawn(network(tmp_path, files).build())
    assert found["middle.low.Omega_0"] == ("he_uniform", 3)
    assert found["middle.other.low.Omega_0"] == ("he_normal", 4)


def test_values_of_the_whole_go_before_those_of_its_parts(tmp_path: Path) -> None:
    lines = [f"  fold.{name}: {(ARRAYS[name] + 100).tolist()}" for name in NAMES]
    lines += [f"  fold_2.{name}: {(ARRAYS[name] + 200).tolist()}" for name in NAMES]
    files = {
        "spec.yaml": "compose: [fold.yaml, fold.yaml]\nparameters:\n" + "\n".join(lines),
        "fold.yaml": SHALLOW + VALUES,
    }
    model = network(tmp_path, files).build()
    assert held(model) == set(model.sources)
    assert model.parameters["fold.Omega_1"].tolist() == [[116, 117]]
    assert model.parameters["fold_2.Omega_1"].tolist() == [[216, 217]]


def test_values_of_a_part_go_before_those_of_the_parts_within_it(tmp_path: Path) -> None:
    weights(tmp_path / "all.npz", {f"fold.{name}": array for name, array in ARRAYS.items()})
    files = {
        "spec.yaml": "compose: [middle.yaml, fold.yaml]\n",
        "middle.yaml": "compose: [fold.yaml]\nparameters: {file: all.npz}\n",
        "fold.yaml": SHALLOW + VALUES,
    }
    model = network(tmp_path, files).build()
    assert model.parameters["middle.fold.Omega_1"].tolist() == [[16, 17]]
    assert model.parameters["fold.Omega_1"].tolist() == [[6, 7]]


def test_the_same_file_twice_draws_twice_and_a_network_once(tmp_path: Path) -> None:
    twice = network(tmp_path, {"spec.yaml": "compose: [fold.yaml, fold.yaml]\n", "fold.yaml": SHALLOW}).build()
    assert not np.array_equal(twice.parameters["fold.Omega_0"], twice.parameters["fold_2.Omega_0"])
    once = network(
        tmp_path, {"once.yaml": "networks: {fold: {file: fold.yaml}}\ncompose: [fold, fold]\n"}, "once.yaml"
    ).build()
    assert list(once.parameters) == [f"fold.{name}" for name in NAMES]
    assert np.array_equal(once.parameters["fold.Omega_0"], twice.parameters["fold.Omega_0"])


@pytest.mark.parametrize("order", ["[inner, fold]", "[fold, inner]"])
def test_a_shared_network_is_drawn_as_the_part_that_declares_it_says(tmp_path: Path, order: str) -> None:
    text = f"""
networks:
  fold: {{input: 1, widths: [2], output: 1}}
  inner:
    compose: [fold, own]
    networks: {{own: {{input: 1, widths: [2], output: 1}}}}
    parameters: {{init: glorot_uniform, seed: 8}}
compose: {order}
parameters: {{init: he_uniform, seed: 1}}
"""
    found = drawn(network(tmp_path, {"spec.yaml": text}).build())
    assert found["fold.Omega_0"] == ("he_uniform", 1)
    assert found["inner.own.Omega_0"] == ("glorot_uniform", 8)


def test_a_file_of_values_is_read_once_however_often_its_part_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights(tmp_path / "w.safetensors", ARRAYS)
    files = {
        "spec.yaml": "networks: {fold: {file: fold.yaml}}\ncompose: [fold, fold, fold.yaml, fold.yaml, fold]\n",
        "fold.yaml": SHALLOW + "parameters: {file: w.safetensors}\n",
    }
    net = network(tmp_path, files)
    calls: list[str] = []

    def counted(*arguments: object, **more: object) -> object:
        calls.append("read")
        return read_parameters(*arguments, **more)  # type: ignore[arg-type]  # passed on as they come

    monkeypatch.setattr("netspec.model.tensors.read_parameters", counted)
    model = net.build()
    assert calls == ["read"]
    assert {name.partition(".")[0] for name in held(model)} == {"fold", "fold_2", "fold_3"}


# -- variants ---------------------------------------------------------------------------------------------------------

FAMILY = f"""
hyperparameters: {{D: 2}}
input: 1
widths: [D]
output: 1
{VALUES}
variants:
  same: {{D: 2}}
  large: {{D: 5}}
  own: {{D: 1, parameters: {{beta_0: [1], Omega_0: [[2]], beta_1: [3], Omega_1: [[4]]}}}}
  seeded: {{D: 3, parameters: {{seed: 6}}}}
"""


@pytest.mark.parametrize(
    ("variant", "given", "seed"),
    [(None, True, None), ("same", False, 0), ("large", False, 0), ("own", True, None), ("seeded", False, 6)],
)
def test_a_variant_draws_unless_it_has_values_of_its_own(
    tmp_path: Path, variant: str | None, seed: int | None, *, given: bool
) -> None:
    net = network(tmp_path, {"spec.yaml": FAMILY}, variant=variant)
    model = net.build()
    assert held(model) == (set(NAMES) if given else set())
    assert model.seed == seed
    assert set(drawn(model).values()) == (
        set() if given else {("zeros", seed), ("he_normal", seed), ("glorot_normal", seed)}
    )


def test_a_variant_draws_as_its_file_says(tmp_path: Path) -> None:
    text = FAMILY.replace(VALUES, "parameters: {init: lecun_uniform, seed: 5}\n").replace(
        "D: 3, parameters", "parameters"
    )
    found = drawn(network(tmp_path, {"spec.yaml": text}, variant="large").build())
    assert found["Omega_0"] == ("lecun_uniform", 5)


# -- limits and misuse ------------------------------------------------------------------------------------------------


def test_too_many_tensors_are_refused_before_one_is_drawn() -> None:
    most = Network(input=1, K=TENSORS.value // 2 - 1, widths=1, output=1)
    assert len(most.build().sources) == TENSORS.value
    with pytest.raises(SystemFault) as caught:
        Network(input=1, K=TENSORS.value // 2, widths=1, output=1).build()
    assert caught.value.code == "too-many-tensors"
    assert caught.value.headline == "the network has 20,002 tensors; a model is built of at most 20,000"


def test_memory_is_refused_before_anything_is_drawn() -> None:
    """Building is no work; it is the arrays that need memory, and a file is written without them."""
    model = Network(name="vast", input=1, widths=[10**9, 10**9], output=1).build()
    for work in (lambda: model.parameters, lambda: model([0.0])):
        with pytest.raises(SystemFault) as caught:
            work()
        assert caught.value.code == "no-memory"
        assert caught.value.headline.startswith("drawing the parameters of vast needs 4.0 EB of memory, but")


def test_a_memory_limit_is_kept(tmp_path: Path) -> None:
    drawn_ones = Network(input=10, widths=[100], output=1)  # 1,201 parameters
    assert drawn_ones.build(max_memory=5_000).parameters
    with pytest.raises(SystemFault, match=r"needs 4\.8 kB of memory, but --max-memory allows 4\.0 kB"):
        _ = drawn_ones.build(max_memory=4_000).parameters
    net = network(tmp_path, {"spec.yaml": SHALLOW + VALUES})
    assert net.build(max_memory=28).parameters
    with pytest.raises(SystemFault, match="building spec needs 28 bytes of memory, but --max-memory allows 27 bytes"):
        net.build(max_memory=27)


def test_misuse_raises_what_names_the_argument() -> None:
    net = Network(input=1, K=0, output=1)
    with pytest.raises(ValueError, match="dtype is 'float16'; expected 'float32' or 'float64'"):
        net.build(dtype="float16")  # type: ignore[arg-type]  # that is the point
    with pytest.raises(ValueError, match="seed is -1; expected 0 or more"):
        net.build(seed=-1)


def test_a_file_that_has_changed_since_it_was_checked_is_refused(tmp_path: Path) -> None:
    weights(tmp_path / "w.safetensors", ARRAYS)
    net = network(tmp_path, {"spec.yaml": SHALLOW + "parameters: {file: w.safetensors}\n"})
    weights(tmp_path / "w.safetensors", {**ARRAYS, "beta_1": np.zeros(2, "f4")})
    with pytest.raises(SpecError) as caught:
        net.build()
    assert [fault.code for fault in caught.value.diagnostics] == ["parameter-shape"]


# -- drift ------------------------------------------------------------------------------------------------------------

RECORDED = {
    "notebook_8_1": "a0f1a001b1a761d3bee8c6cc30675f17195a5bd6c93644d9e7a7fd381138e73a",
    "notebook_4_1/n2_after_n1": "33e5b5d47c72ee391f3276c1f95283db0030dffc3b2b15e68cecc57e4043b74d",
}


@pytest.mark.parametrize("name", RECORDED)
def test_the_tensors_of_a_spec_are_those_on_record(name: str) -> None:
    """SHA-256 over names and little-endian bytes in the order of the graph, seed 0: a change breaks users' models."""
    digest = sha256()
    for tensor, array in load(SPECS / f"{name}.yaml").build(seed=0).parameters.items():
        digest.update(tensor.encode() + b"\0" + array.astype("<f4").tobytes())
    assert digest.hexdigest() == RECORDED[name]
