"""Models of networks of any form: state and ties in their files, and one function in every form."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netspec
from netspec.diagnostics import SpecError
from netspec.files.parameters import write_parameters
from netspec.model.tensors import Drawn
from netspec.runtime.archive import Archive
from tests.model.specs import network
from tests.model.test_shipped import numpy_only, run
from tests.runtime.graphs import ENDS, IMAGE, PAIR, TOKENS, array, model

NORMED = """\
name: normed
input: [2, 4]
blocks:
  res:
    layers:
      - conv: {channels: 2, kernel: 3, padding: 1, bias: false, as: branch}
      - batch_norm: {as: norm}
      - prelu
      - add: {from: [prelu, in]}
layers:
  - repeat: {times: 2, layers: [res]}
  - flatten
  - dense: {width: 3, as: y}
outputs: {y: 3}
"""
NORMED = NORMED.replace("      - prelu\n", "      - prelu: {as: bent}\n").replace("[prelu, in]", "[bent, in]")
TIED = """\
name: tied
symbols: [T]
inputs: {tokens: {shape: [T], dtype: int32}}
layers:
  - embedding: {vocabulary: 7, width: 3, as: words}
  - dense: {width: 7, bias: false, tie: {Omega: words.Omega}}
output: [T, 7]
"""
SPECS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "image": (IMAGE, (array((3, 2, 3)),)),
    "pair": (PAIR, (np.array([[1, 2], [3, 4]]), array((2, 2, 2)))),
    "tokens": (TOKENS, (np.array([[1, 2, 0]]),)),
    "ends": (ENDS, (array((3, 2, 2)), array((3, 1)))),
    "normed": (NORMED, (array((3, 2, 4)),)),
    "tied": (TIED, (np.array([[1, 2, 0]]),)),
}
EVERY_SPEC = pytest.mark.parametrize("name", SPECS)

__all__ = ["numpy_only"]


def equal(one: Any, other: Any) -> bool:
    """Return whether two results are the same to the bit, names included."""
    if isinstance(one, dict):
        return list(one) == list(other) and all(np.array_equal(one[name], other[name]) for name in one)
    return bool(np.array_equal(one, other))


def module(path: Path) -> dict[str, Any]:
    """Return what a module that was written defines."""
    namespace: dict[str, Any] = {"__name__": "shipped", "__file__": str(path)}
    exec(compile(path.read_text(encoding="utf-8"), path, "exec"), namespace)
    return namespace


@EVERY_SPEC
def test_every_form_of_a_model_is_one_function(name: str, tmp_path: Path) -> None:
    text, inputs = SPECS[name]
    built = model(text)
    y = built(*inputs)
    for form in ("safetensors", "pyz", "py"):
        built.save(str(tmp_path / f"model.{form}"))
    for form in ("safetensors", "pyz"):
        found = netspec.load_model(tmp_path / f"model.{form}")
        assert equal(found(*inputs), y)
        assert list(found.parameters) == list(built.parameters)
        assert (found.inputs, found.outputs) == (built.inputs, built.outputs)
    archive = Archive(str(tmp_path / "model.pyz"))
    assert (archive.facts.inputs, archive.facts.outputs) == (built.inputs, built.outputs)
    assert equal(archive.program()(*inputs), y)
    call = module(tmp_path / "model.py")["network"]
    assert equal(call(*inputs), y)
    assert equal(call(*(x[0] for x in inputs)), built(*(x[0] for x in inputs)))
    assert equal(call(*(x[:0] for x in inputs)), built(*(x[:0] for x in inputs)))
    assert equal(call(*(np.repeat(x, 3000, 0) for x in inputs)), built(*(np.repeat(x, 3000, 0) for x in inputs)))


@EVERY_SPEC
def test_a_built_model_needs_nothing_but_numpy(name: str, numpy_only: Path, tmp_path: Path) -> None:
    text, inputs = SPECS[name]
    built = model(text)
    built.save(str(tmp_path / "model.pyz"))
    np.savez(tmp_path / "x.npz", **{port.name: x for port, x in zip(built.inputs, inputs, strict=True)})
    done = run(numpy_only, ["model.pyz", "x.npz", "-o", "y.npz"], tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    y = built(*inputs)
    with np.load(tmp_path / "y.npz") as arrays:
        assert equal(dict(arrays), y if isinstance(y, dict) else {"y": y})


def test_state_is_in_the_files_and_begins_as_it_is_filled(tmp_path: Path) -> None:
    built = model(NORMED)
    assert built.facts.parameters == 2 * (12 + 2 + 2 + 1) + 27
    assert {name: array.tolist() for name, array in built.parameters.items() if ".norm." in name or "bent" in name} == {
        f"res.{number}.{name}": values
        for number in (0, 1)
        for name, values in {
            "norm.gamma": [1, 1],
            "norm.beta": [0, 0],
            "norm.mean": [0, 0],
            "norm.variance": [1, 1],
            "bent.slope": [0.25],
        }.items()
    }
    built.save(str(tmp_path / "model.safetensors"))
    assert set(netspec.load_model(tmp_path / "model.safetensors").parameters) == set(built.parameters)


def test_how_a_spec_draws_does_not_reach_what_is_filled() -> None:
    built = model(NORMED + "parameters: {init: he_uniform, seed: 4}\n")
    inits = {name: source.init for name, source in built.sources.items() if isinstance(source, Drawn)}
    assert inits["res.1.branch.Omega"] == inits["y.Omega"] == "he_uniform"
    filled = {"norm.gamma": "ones", "norm.mean": "zeros", "bent.slope": "quarters"}
    assert {name: inits[f"res.0.{name}"] for name in filled} == filled


def test_rounds_and_networks_draw_streams_of_their_own() -> None:
    built = model(NORMED)
    first, second = (built.parameters[f"res.{number}.branch.Omega"] for number in (0, 1))
    assert not np.array_equal(first, second)


def test_a_tied_tensor_is_stored_once_and_means_both(tmp_path: Path) -> None:
    built = model(TIED)
    assert list(built.parameters) == ["words.Omega"]
    Omega = built.parameters["words.Omega"]
    y: Any = built([[1, 2]])
    np.testing.assert_allclose(y[0], Omega[[1, 2]] @ Omega.T)
    built.save(str(tmp_path / "model.safetensors"))
    assert list(netspec.load_model(tmp_path / "model.safetensors").parameters) == ["words.Omega"]


def test_values_of_a_file_reach_rounds_state_and_parts(tmp_path: Path) -> None:
    drawn = model(NORMED)
    values = {name: np.random.default_rng(0).normal(0, 1, array.shape) ** 2 for name, array in drawn.parameters.items()}
    with (tmp_path / "values.safetensors").open("wb") as stream:
        write_parameters(stream, values, {})
    text = f"dtype: float64\n{NORMED}parameters: {{file: values.safetensors}}\n"
    built = network(tmp_path, {"spec.yaml": text}).build()
    assert all(np.array_equal(built.parameters[name], array) for name, array in values.items())
    assert not equal(built(array((1, 2, 4))), drawn(array((1, 2, 4))))


def test_the_values_of_a_part_are_those_of_each_of_its_rounds() -> None:
    part = "blocks: {b: {parameters: {dense.beta: [2, 3], dense.Omega: [[1, 0], [0, 1]]}, layers: [{dense: 2}]}}\n"
    built = model(f"name: rounds\ninput: 2\n{part}layers: [{{repeat: {{times: 3, layers: [b]}}}}]\noutput: 2\n")
    assert list(built.parameters) == [f"b.{number}.dense.{role}" for number in range(3) for role in ("beta", "Omega")]
    np.testing.assert_array_equal(built([1, 1]), [7, 10])


def test_the_fingerprint_of_a_file_is_that_of_its_spec(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    model(NORMED).save(str(path))
    path.write_bytes(path.read_bytes().replace(b"kernel: 3", b"kernel: 1", 1))
    with pytest.raises(SpecError):
        netspec.load_model(path)


@pytest.mark.parametrize(
    ("name", "inputs", "named"),
    [
        ("image", [np.zeros((4, 3, 2))], {}),
        ("image", [np.zeros((2, 2, 3), "c8")], {}),
        ("image", [], {}),
        ("tokens", [[[1.5]]], {}),
        ("tokens", [[[9]]], {}),
        ("tokens", [np.zeros((2, 0), int)], {}),
        ("pair", [[[1]], np.zeros((2, 1, 2))], {}),
        ("pair", [[1], np.zeros((2, 1, 2))], {}),
        ("pair", [[[1, 2]], np.zeros((1, 3, 2))], {}),
        ("pair", [[[1]]], {"mask": 1}),
        ("pair", [[[1]], [[[1, 1]]]], {"scale": 1}),
    ],
)
def test_a_module_refuses_what_the_program_refuses(name: str, inputs: Any, named: Any, tmp_path: Path) -> None:
    built = model(SPECS[name][0])
    built.save(str(tmp_path / "model.py"))
    for form in (built, module(tmp_path / "model.py")["network"]):
        with pytest.raises((ValueError, TypeError)):
            form(*inputs, **named)


def test_large_values_lie_beside_the_module(tmp_path: Path) -> None:
    built = model("name: wide\ninput: [3, 30]\nlayers: [{dense: 40}, {layer_norm: {as: y}}]\noutputs: {y: [3, 40]}\n")
    built.save(str(tmp_path / "model.py"))
    assert len(list(tmp_path.glob("model-*.npz"))) == 1
    x = array((2, 3, 30))
    assert equal(module(tmp_path / "model.py")["network"](x), built(x))


def test_the_command_line_of_a_model_says_what_goes_in_and_out(tmp_path: Path) -> None:
    model(PAIR).save(str(tmp_path / "pair.pyz"))
    done = subprocess.run([sys.executable, tmp_path / "pair.pyz", "--help"], capture_output=True, text=True, check=True)
    for line in (
        "pair: 10 parameters, float64\n",
        "\n  input   tokens  (batch, T) int64\n  input   scale   (batch, T, 2) float64\n",
        "\n  output  total   (batch, 2) float64\n  output  scaled  (batch, T, 2) float64\n",
        ".npz               an array for each input, by its name",
        "exit codes: 0 fine",
    ):
        assert line in done.stdout
    done = subprocess.run([sys.executable, tmp_path / "pair.pyz", "--info"], capture_output=True, text=True, check=True)
    assert json.load(io.StringIO(done.stdout))["inputs"] == [
        {"name": "tokens", "shape": ["T"], "dtype": "int64"},
        {"name": "scale", "shape": ["T", 2], "dtype": "float64"},
    ]


def test_what_a_model_says_of_itself() -> None:
    assert repr(model(PAIR)) == (
        "<netspec.Model pair: tokens T, scale [T, 2] -> total 2, scaled [T, 2], 10 parameters, float64>"
    )
    assert repr(model(IMAGE)) == "<netspec.Model image: [2, 3] -> [3, 2], 0 parameters, float64>"
