"""The long form says the same network: the fingerprint, the tensors by their names, where their values come from."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netspec.cli import main
from netspec.diagnostics import SpecError
from netspec.files.folder import Folder
from netspec.graph import tensors
from netspec.model.tensors import Drawn, Held, Wish, provide
from netspec.network import Network, loads
from netspec.spec.expand import expand, expand_text
from netspec.spec.yaml_text import write
from netspec.validation import AS_WRITTEN, Choice, Verdict, check_file, check_text
from tests.graph.random_layers import networks

Keys = dict[str, Any]

SPECS = Path(__file__).parents[2] / "specs"

FAMILY = """\
netspec: 1
name: deep
hyperparameters:
  D: 10
  depth: 5
checks: [D > depth - 100]
input: 1
K: depth
widths: D
output: 1
expect:
  parameters: 3*D + 1 + (depth - 1)*D*(D + 1)
  regions: {at_most: 161051}
variants:
  small: {D: 4}
  large: {D: 64, depth: 8, expect: {capacity: 8*D}, parameters: {init: zeros}}
"""


def check(files: Mapping[str, str], folder: Path, choice: Choice = AS_WRITTEN) -> Verdict:
    """Return the verdict on `spec.yaml` among the files written to a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return check_file(str(folder / "spec.yaml"), choice=choice)


def of_text(text: str, choice: Choice = AS_WRITTEN) -> Keys:
    """Return the long form of a spec that refers to no file."""
    verdict = check_text(text, choice=choice)
    assert verdict.part is not None, verdict.diagnostics
    return expand(verdict.part)


def summary(verdict: Verdict, folder: Path | None = None) -> tuple[object, ...]:
    """Return what a long form must keep: identity, tensors in order, and where the values of each come from."""
    assert verdict.part is not None, verdict.diagnostics
    assert verdict.graph is not None
    assert verdict.facts is not None
    dtype = verdict.part.head.dtype
    found = [(tensor.name, tensor.shape) for tensor in tensors(verdict.graph)]
    with Folder(str(folder or "")) as root:
        sources = provide(verdict.part, verdict.graph, Wish(dtype), root)
    values = [
        source if isinstance(source, Drawn) else source.values.tolist() if isinstance(source, Held) else None
        for source in sources.values()
    ]
    return verdict.part.name, dtype, verdict.facts.fingerprint, found, list(sources), values


def test_every_default_and_size_of_a_fully_connected_network_is_written_out() -> None:
    text = "netspec: 1\ninput: 1\nwidths: [3, 3]\noutput: 1\nactivation: leaky_relu\noutput_activation: sigmoid\n"
    assert of_text(text) == {
        "netspec": 1,
        "name": "network",
        "dtype": "float32",
        "input": 1,
        "K": 2,
        "widths": 3,
        "activation": {"leaky_relu": {"slope": 0.01}},
        "output": 1,
        "output_activation": "sigmoid",
        "parameters": {"seed": 0},
    }


def test_widths_and_activations_that_differ_are_listed() -> None:
    text = "netspec: 1\ninput: 1\nK: 3\nwidths: 4\noutput: 1\nactivation: [relu, relu, {elu: {alpha: 2}}]\n"
    long = of_text(text)
    assert (long["widths"], long["activation"]) == (4, ["relu", "relu", {"elu": {"alpha": 2.0}}])
    long = of_text("netspec: 1\ninput: 1\nwidths: [4, 4, 5]\noutput: 1\nactivation: [tanh, tanh, tanh]\n")
    assert (long["widths"], long["activation"]) == ([4, 4, 5], "tanh")


def test_a_million_equal_layers_are_written_as_one() -> None:
    long = of_text("netspec: 1\ninput: 1\nK: 1000000\nwidths: 4\noutput: 1\n")
    assert (long["K"], long["widths"], long["activation"]) == (1_000_000, 4, "relu")


def test_an_affine_map_has_neither_widths_nor_activations() -> None:
    long = of_text("netspec: 1\ninput: 3\nK: 0\nactivation: tanh\noutput: 2\n")
    assert list(long) == ["netspec", "name", "dtype", "input", "K", "output", "parameters"]


def test_hyperparameters_checks_and_variants_are_settled() -> None:
    long = of_text(FAMILY)
    assert not {"hyperparameters", "checks", "variants"} & set(long)
    assert (long["K"], long["widths"]) == (5, 10)
    assert long["expect"] == {"parameters": 471, "regions": {"at_most": 161051}}


def test_a_variant_brings_its_own_claims_and_no_others() -> None:
    assert "expect" not in of_text(FAMILY, Choice("small"))
    large = of_text(FAMILY, Choice("large"))
    assert (large["expect"], large["parameters"]) == ({"capacity": 512}, {"init": "zeros", "seed": 0})


def test_what_is_expected_of_the_file_as_written_is_not_expected_under_settings() -> None:
    long = of_text(FAMILY, Choice(settings={"D": 3}))
    assert (long["widths"], "expect" in long) == (3, False)


def test_values_stay_as_they_are_written(tmp_path: Path) -> None:
    text = "netspec: 1\ninput: 1\nK: 0\noutput: 1\nparameters: {β_0: [16/3], Omega_0: [[-0.5]]}\n"
    verdict = check({"spec.yaml": text}, tmp_path)
    assert verdict.part is not None
    assert "parameters:\n  β_0: [16/3]\n  Omega_0: [[-0.5]]\n" in expand_text(verdict.part)
    assert "parameters" not in expand(verdict.part, parameters=False)


def test_the_data_is_the_callers_to_change(tmp_path: Path) -> None:
    verdict = check(
        {"spec.yaml": "netspec: 1\ninput: 1\nK: 0\noutput: 1\nparameters: {β_0: [1], Ω_0: [[2]]}\n"}, tmp_path
    )
    assert verdict.part is not None
    long: Any = expand(verdict.part)
    long["parameters"]["β_0"][0] = 5
    assert expand(verdict.part)["parameters"] == {"β_0": [1], "Ω_0": [[2]]}


LEAF = "netspec: 1\ninput: 2\nwidths: [3]\noutput: 2\n"


def test_a_file_that_is_used_twice_is_two_networks_by_the_names_of_their_tensors(tmp_path: Path) -> None:
    verdict = check({"fold.yaml": LEAF, "spec.yaml": "netspec: 1\ncompose: [fold.yaml, fold.yaml]\n"}, tmp_path)
    assert verdict.part is not None
    assert expand_text(verdict.part) == (
        """\
netspec: 1
name: spec
dtype: float32
input: 2
networks:
  fold:
    dtype: float32
    input: 2
    K: 1
    widths: 3
    activation: relu
    output: 2
  fold_2:
    name: fold
    dtype: float32
    input: 2
    K: 1
    widths: 3
    activation: relu
    output: 2
compose: [fold, fold_2]
output: 2
parameters: {seed: 0}
"""
    )


def test_a_shared_network_is_written_once_where_it_is_declared(tmp_path: Path) -> None:
    files = {
        "fold.yaml": LEAF,
        "spec.yaml": """\
netspec: 1
networks:
  a: {file: fold.yaml}
  idle: {file: fold.yaml}
  b: {networks: {a2: {file: fold.yaml}}, compose: [a, a2, fold.yaml]}
compose: [a, b, b, fold.yaml]
""",
    }
    verdict = check(files, tmp_path)
    assert verdict.part is not None
    long: Any = expand(verdict.part)
    assert list(long["networks"]) == ["a", "b", "fold"], "and `idle`, which nothing reads, is left out"
    assert list(long["networks"]["b"]["networks"]) == ["a2", "fold"]
    assert long["networks"]["b"]["compose"] == ["a", "a2", "fold"]
    again = check({"spec.yaml": write(long)}, tmp_path)
    assert summary(again, tmp_path) == summary(verdict, tmp_path)
    assert again.diagnostics == ()


def test_a_network_that_only_other_networks_read_is_kept(tmp_path: Path) -> None:
    inner = "{networks: {e: {compose: [a, a]}}, compose: [e, a]}"
    text = f"netspec: 1\nnetworks:\n  a: {{file: fold.yaml}}\n  b: {{compose: [a]}}\n  c: {inner}\ncompose: [c]\n"
    verdict = check({"fold.yaml": LEAF, "spec.yaml": text}, tmp_path)
    assert verdict.part is not None, verdict.diagnostics
    long: Any = expand(verdict.part)
    assert list(long["networks"]) == ["a", "c"]
    assert summary(check({"spec.yaml": write(long)}, tmp_path), tmp_path) == summary(verdict, tmp_path)


def test_a_name_of_a_file_keeps_its_meaning_where_the_name_is_taken_around_it(tmp_path: Path) -> None:
    """`inner.yaml` has a network `a` of its own, and so has the file that composes it."""
    files = {
        "inner.yaml": "netspec: 1\nnetworks: {a: {input: 2, K: 0, output: 2}}\ncompose: [a, a]\n",
        "spec.yaml": "netspec: 1\nnetworks: {a: {input: 2, widths: [5], output: 2}}\ncompose: [a, inner.yaml, a]\n",
    }
    verdict = check(files, tmp_path)
    assert verdict.part is not None
    again = check({"spec.yaml": expand_text(verdict.part)}, tmp_path)
    assert summary(again, tmp_path) == summary(verdict, tmp_path)


def test_a_parameter_file_is_named_relative_to_the_top_file(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    part = "netspec: 1\ninput: 2\nK: 0\noutput: 2\nparameters: {file: ../weights/w.npz}\n"
    files = {"parts/fold.yaml": part, "spec.yaml": "netspec: 1\ncompose: [parts/fold.yaml]\n"}
    (tmp_path / "weights").mkdir()
    np.savez(tmp_path / "weights" / "w.npz", beta_0=np.ones(2, "f4"), Omega_0=np.eye(2, dtype="f4"))
    verdict = check(files, tmp_path)
    assert verdict.part is not None, verdict.diagnostics
    long: Any = expand(verdict.part)
    assert long["networks"]["fold"]["parameters"] == {"file": "weights/w.npz"}
    again = check({"spec.yaml": write(long)}, tmp_path)
    assert summary(again, tmp_path) == summary(verdict, tmp_path)


# -- what no single file holds -----------------------------------------------------------------------------------------


def test_parts_within_parts_that_nest_too_deep_for_one_file_are_refused_where_they_are_named(tmp_path: Path) -> None:
    files = {f"f{i}.yaml": f"netspec: 1\ncompose: [f{i + 1}.yaml]\n" for i in range(15)}
    files |= {"f15.yaml": LEAF, "spec.yaml": "netspec: 1\ncompose: [f0.yaml]\n"}
    verdict = check(files, tmp_path)
    assert verdict.part is not None
    with pytest.raises(SpecError) as refused:
        expand(verdict.part)
    (fault,) = refused.value.diagnostics
    assert (fault.code, fault.place.file, fault.place.span) == ("too-deep", str(tmp_path / "f14.yaml"), (2, 11, 2, 19))
    assert set(refused.value.sources) == {str(tmp_path / name) for name in files}
    inner = check_file(str(tmp_path / "f1.yaml"))
    assert inner.part is not None
    assert check_text(expand_text(inner.part)).valid, "one level less stands"


def test_more_values_than_one_file_holds_are_refused_at_the_part_that_is_too_much(tmp_path: Path) -> None:
    values = {"beta_0": [0] * 200, "Omega_0": [[0] * 200] * 200}
    part = {"netspec": 1, "input": 200, "K": 0, "output": 200, "parameters": values}
    files = {"a.yaml": write(part), "spec.yaml": "netspec: 1\ncompose:\n  - a.yaml\n  - a.yaml\n  - a.yaml\n"}
    verdict = check(files, tmp_path)
    assert verdict.part is not None, verdict.diagnostics
    with pytest.raises(SpecError) as refused:
        expand(verdict.part)
    (fault,) = refused.value.diagnostics
    assert (fault.code, fault.place.span) == ("too-many-values", (5, 5, 5, 11))
    assert len(expand(verdict.part, parameters=False)) == 7, "without the values it is short"


def test_a_file_of_more_bytes_than_is_read_is_refused(tmp_path: Path) -> None:
    described = f"netspec: 1\ndescription: '{'a' * 600_000}'\ninput: 2\nK: 0\noutput: 2\n"
    files = {"a.yaml": described, "spec.yaml": "netspec: 1\ncompose: [a.yaml, a.yaml]\n"}
    verdict = check(files, tmp_path)
    assert verdict.part is not None
    with pytest.raises(SpecError) as refused:
        expand_text(verdict.part)
    assert [fault.code for fault in refused.value.diagnostics] == ["file-too-large"]


def test_parts_that_double_at_each_level_are_bounded_by_what_is_read(tmp_path: Path) -> None:
    """31 small files that name 2^31 networks of which nothing is read."""
    networks = "networks: {{a: {{file: f{0}.yaml}}, b: {{file: f{0}.yaml}}}}"
    files = {f"f{i}.yaml": f"netspec: 1\n{networks.format(i + 1)}\ncompose: [leaf.yaml]\n" for i in range(31)}
    files |= {"f31.yaml": LEAF, "leaf.yaml": LEAF, "spec.yaml": "netspec: 1\ncompose: [f0.yaml]\n"}
    verdict = check(files, tmp_path)
    assert verdict.part is not None
    assert len(expand_text(verdict.part)) < 1000


# -- laws over the book's specs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(SPECS.rglob("*.yaml")), ids=lambda path: str(path.relative_to(SPECS)))
def test_the_long_form_of_every_spec_of_the_book_is_the_same_network(path: Path, tmp_path: Path) -> None:
    shutil.copytree(SPECS, tmp_path, dirs_exist_ok=True)
    spec = tmp_path / path.relative_to(SPECS)
    verdict = check_file(str(spec))
    assert verdict.part is not None, verdict.diagnostics
    for choice in (AS_WRITTEN, *map(Choice, verdict.part.head.variants)):
        verdict = check_file(str(spec), choice=choice)
        assert verdict.part is not None
        long = spec.with_name("long-form.yaml")
        long.write_text(expand_text(verdict.part), encoding="utf-8")
        again = check_file(str(long))
        assert again.diagnostics == ()
        assert summary(again, spec.parent) == summary(verdict, spec.parent)
        assert again.part is not None
        assert expand_text(again.part) == long.read_text(encoding="utf-8")


# -- laws over random specs --------------------------------------------------------------------------------------------

activations = st.sampled_from(
    ["relu", "tanh", "leaky_relu", {"leaky_relu": {"slope": 0.3}}, {"elu": {"alpha": "rate"}}]
)
drawings: st.SearchStrategy[Keys] = st.sampled_from(
    [{}, {}, {"parameters": {"seed": 7}}, {"parameters": {"init": "zeros"}}]
)
SIZES = {"D": {"default": 3, "min": 1}, "E": "D + 1", "rate": 0.5}


@st.composite
def fully_connected(draw: st.DrawFn, sizes: bool = True) -> Keys:
    """A network from width 2 to width 2, in sizes of the family where the place sees them."""
    width = st.integers(1, 4) | st.sampled_from(["D", "2*E", "(D + E) // 2"])
    keys: Keys = {"hyperparameters": dict(SIZES)} if sizes else {}
    keys["input"] = draw(st.sampled_from([2, "E - D + 1"]))
    depth = draw(st.integers(0, 3))
    if draw(st.booleans()):
        keys |= {"K": depth, "widths": draw(width)}
    else:
        keys["widths"] = draw(st.lists(width, min_size=depth, max_size=depth))
    if draw(st.booleans()):
        keys["activation"] = draw(activations | st.lists(activations, min_size=depth, max_size=depth))
    if draw(st.booleans()):
        keys["output_activation"] = draw(activations)
    keys["output"] = 2
    keys.update(draw(drawings))
    return keys


@st.composite
def composition(draw: st.DrawFn, files: list[str], visible: list[str], level: int = 0, sizes: bool = True) -> Keys:
    """Networks of width 2 one after the other: files, and names of this part and of those around."""
    keys: Keys = {"hyperparameters": dict(SIZES)} if sizes else {}
    networks: Keys = {}
    names = list(visible)
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from(["a", "b", "y", "leaf", "leaf_2", "f0"]))
        if name in networks:
            continue
        kind = draw(st.integers(0, 3))
        if kind == 0 and level < 2:
            networks[name] = draw(composition(files, names, level + 1, sizes=False))
        elif kind == 1:
            networks[name] = {"file": draw(st.sampled_from(files)), "set": {"D": draw(st.sampled_from([4, "E"]))}}
        elif kind == 2:
            networks[name] = {"file": draw(st.sampled_from(files)), "variant": "small"}
        else:
            networks[name] = draw(fully_connected(sizes=False))
        names.append(name)
    if networks:
        keys["networks"] = networks
    keys["compose"] = draw(st.lists(st.sampled_from(files + names * 2), min_size=1, max_size=4))
    keys.update(draw(drawings))
    return keys


@st.composite
def libraries(draw: st.DrawFn) -> dict[str, str]:
    """A few files, each of which may use those before it, and `spec.yaml`, which uses them."""
    head: Keys = {"netspec": 1}
    variants = {"variants": {"small": {"D": 1}, "large": {"D": 9, "parameters": {"seed": 3}}}}
    files = {"leaf.yaml": head | draw(fully_connected()) | variants}
    for i in range(draw(st.integers(0, 3))):
        files[f"f{i}.yaml"] = head | draw(composition(list(files), [])) | variants
    files["spec.yaml"] = head | draw(composition(list(files), [])) | variants
    return {name: write(keys) for name, keys in files.items()}


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(libraries(), st.sampled_from([AS_WRITTEN, Choice("small"), Choice("large"), Choice(settings={"D": 5})]))
def test_the_long_form_is_the_same_network_and_its_own_long_form(files: dict[str, str], choice: Choice) -> None:
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryDirectory() as other:
        verdict = check(files, Path(scratch), choice)
        assert verdict.part is not None, (verdict.diagnostics, files)
        text = expand_text(verdict.part)
        again = check({"spec.yaml": text}, Path(other))
        assert again.diagnostics == (), text
        assert summary(again) == summary(verdict), text
        assert again.part is not None
        assert expand_text(again.part) == text
        assert yaml.safe_load(text) == expand(verdict.part)


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture
def deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a spec in the working folder."""
    monkeypatch.chdir(tmp_path)
    Path("deep.yaml").write_text(FAMILY, encoding="utf-8")
    return "deep.yaml"


def test_the_command_prints_the_long_form(deep: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["expand", deep]) == 0
    assert capsys.readouterr() == (write(of_text(FAMILY)), "")
    assert main(["expand", deep, "--variant", "small", "--set", "depth=2"]) == 0
    assert capsys.readouterr().out == write(of_text(FAMILY, Choice("small", {"depth": 2})))


def test_the_command_writes_a_file_and_never_the_spec_itself(deep: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["expand", deep, "-o", "long.yaml"]) == 0
    assert capsys.readouterr() == ("", "")
    assert Path("long.yaml").read_text(encoding="utf-8") == write(of_text(FAMILY))
    assert main(["expand", deep, "-o", deep]) == 2
    assert "error[target-is-input]" in capsys.readouterr().err
    assert Path(deep).read_text(encoding="utf-8") == FAMILY
    assert sorted(os.listdir()) == [deep, "long.yaml"]


def test_a_spec_at_fault_is_refused(deep: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(deep).write_text("netspec: 1\ninput: 1\nK: 2\nwidths: [3]\noutput: 1\n", encoding="utf-8")
    assert main(["expand", deep, "-o", "long.yaml"]) == 1
    assert "error[widths-count]" in capsys.readouterr().err
    assert os.listdir() == [deep]


def test_a_warning_is_shown_and_the_long_form_has_none(deep: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(deep).write_text("netspec: 1\nhyperparameters: {D: 1}\ninput: 1\nK: 0\noutput: 1\n", encoding="utf-8")
    assert main(["expand", deep]) == 0
    printed = capsys.readouterr()
    assert "warning[unused-name]" in printed.err
    assert check_text(printed.out).diagnostics == ()


def test_a_path_to_parameters_is_not_written_where_it_would_lead_elsewhere(
    deep: str, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez("w.npz", beta_0=np.ones(1, "f4"), Omega_0=np.ones((1, 1), "f4"))
    text = "netspec: 1\ninput: 1\nK: 0\noutput: 1\nparameters: {file: w.npz}\n"
    Path(deep).write_text(text, encoding="utf-8")
    Path("other").mkdir()
    assert main(["expand", deep, "-o", "other/long.yaml"]) == 2
    assert capsys.readouterr().err == (
        "error[usage]: -o: `other/long.yaml` does not lie beside the spec, which names a file of parameters\n"
        "   = help: write it beside, so that the path still leads there\n"
    )
    assert os.listdir("other") == []
    assert main(["expand", deep, "-o", "long.yaml"]) == 0
    assert check_file("long.yaml").diagnostics == ()


@settings(max_examples=100, deadline=None)
@given(networks())
def test_the_long_form_of_layers_is_the_same_network_and_its_own_long_form(keys: Keys) -> None:
    network = Network(**keys)
    text = network.expand()
    again = loads(text)
    assert again.fingerprint == network.fingerprint
    assert [tensor.name for tensor in again.tensors()] == [tensor.name for tensor in network.tensors()]
    assert again.expand() == text


def test_a_block_keeps_what_it_takes_at_each_use_and_the_rest_is_settled() -> None:
    text = """netspec: 1
hyperparameters: {D: 4, rate: 0.25}
symbols: [T]
checks: [T <= 8*D]
input: [T, D]
blocks:
  mix:
    hyperparameters: {inner: int, more: 2*inner}
    layers: [{dense: {width: more, activation: relu}}, {dense: D}, {dropout: rate}]
layers:
  - mix: {inner: 2*D}
  - repeat: {times: 2, index: i, layers: [{mix: {inner: D + i}}]}
output: [T, D]
"""
    long = loads(text).expand()
    assert "hyperparameters: {D: 4" not in long
    assert "checks: [T <= 32]" in long
    assert "hyperparameters: {inner: int, more: 2*inner}" in long
    assert "width: more" in long
    assert "mix: {as: mix, inner: 8}" in long
    assert "4 + i" in long
    assert "rate: 0.25" in long
    assert loads(long).fingerprint == loads(text).fingerprint


def test_a_repeat_keeps_its_name() -> None:
    text = """\
netspec: 1
input: 4
layers:
  - repeat: {times: 2, as: v, layers: [{dense: 4}]}
  - repeat: {from: in, times: 0, as: w, layers: [relu]}
  - add: [v, w]
output: 4
"""
    net = loads(text)
    again = loads(net.expand())
    assert again.fingerprint == net.fingerprint
    assert again.expand() == net.expand()
