"""A transformed model as a file: spec with parameters, in it or beside it; both files or neither."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netspec import Model, SystemFault, load, load_model, loads
from netspec.model.tensors import Held
from netspec.transforms import permute
from netspec.transforms.transformed import unchanged
from netspec.transforms.writing import MOST_INLINE, inline, write_transformed

SMALL = "netspec: 1\nname: small\ninput: 2\nwidths: [3]\noutput: 1\n"
LARGE = f"netspec: 1\nname: large\ninput: 2\nwidths: [{MOST_INLINE}]\noutput: 1\n"


def with_values(model: Model, name: str, values: Any) -> Model:
    sources: dict[str, Any] = {key: Held(array) for key, array in model.parameters.items()}
    sources[name] = Held(np.array(values, model.dtype))
    return Model(model.part, model.graph, model.dtype, sources, None)


def test_a_small_model_is_one_spec(tmp_path: Path) -> None:
    made = permute(loads(SMALL).build())
    written = write_transformed(made, str(tmp_path / "out.yaml"))
    assert written == (str(tmp_path / "out.yaml"),)
    assert os.listdir(tmp_path) == ["out.yaml"]
    text = (tmp_path / "out.yaml").read_text(encoding="utf-8")
    assert text.startswith("netspec: 1\nname: small\ninput: 2\nwidths: [3]\noutput: 1\nparameters:\n  β_0: [0, 0, 0]\n")


def test_a_large_model_has_its_tensors_beside_its_spec(tmp_path: Path) -> None:
    made = permute(loads(LARGE).build())
    written = write_transformed(made, str(tmp_path / "out.yaml"))
    again = write_transformed(made, str(tmp_path / "out.yaml"))
    assert written == again
    assert sorted(os.listdir(tmp_path)) == sorted(os.path.basename(path) for path in written)
    loaded = load(tmp_path / "out.yaml").build()
    assert all(np.array_equal(array, loaded.parameters[name]) for name, array in made.model.parameters.items())
    other = write_transformed(permute(loads(LARGE).build(), 7), str(tmp_path / "out.yaml"))
    assert other[1] != written[1]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_are_the_shortest_that_are_read_back(dtype: str, tmp_path: Path) -> None:
    kind = np.dtype(dtype).type
    numbers = [
        0.1,
        1 / 3,
        1e-30,
        5e-324 if dtype == "float64" else 1e-45,
        float(np.finfo(kind).max),
        -2.0,
        123456789.0,
        1e15,
    ]
    text = SMALL.replace("[3]", f"[{len(numbers)}]") + f"dtype: {dtype}\n"
    model = with_values(loads(text).build(), "beta_0", numbers)
    values = inline(model)
    assert values is not None
    assert "0.1" in str(values["β_0"])
    write_transformed(unchanged(model, ""), str(tmp_path / "out.yaml"))
    again = load(tmp_path / "out.yaml").build()
    assert again.parameters["beta_0"].tobytes() == model.parameters["beta_0"].tobytes()


def test_a_negative_zero_goes_into_a_file(tmp_path: Path) -> None:
    model = with_values(loads(SMALL).build(), "beta_0", [-0.0, 0.0, 1.0])
    assert inline(model) is None
    written = write_transformed(permute(model), str(tmp_path / "out.yaml"))
    assert len(written) == 2
    assert np.signbit(load(tmp_path / "out.yaml").build().parameters["beta_0"]).sum() == 1


@pytest.mark.parametrize("suffix", [".safetensors", ".pyz", ".py"])
def test_models_are_written_as_build_writes_them(suffix: str, tmp_path: Path) -> None:
    made = permute(loads(SMALL).build())
    path = tmp_path / f"out{suffix}"
    assert write_transformed(made, str(path)) == (str(path),)
    made.model.save(str(tmp_path / f"saved{suffix}"))
    assert path.read_bytes() == (tmp_path / f"saved{suffix}").read_bytes()
    if suffix != ".py":
        assert load_model(path).facts.fingerprint == made.model.facts.fingerprint


def test_inputs_are_never_written_over(tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(LARGE, encoding="utf-8")
    made = permute(load(spec).build())
    with pytest.raises(SystemFault, match="same file as the input"):
        write_transformed(made, str(spec), (str(spec),))
    assert spec.read_text(encoding="utf-8") == LARGE
    assert os.listdir(tmp_path) == ["spec.yaml"]


@pytest.mark.parametrize("failing", [0, 1])
def test_where_writing_fails_neither_file_is_there(
    failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tensors' file is renamed into place first, then the spec: either may fail."""
    rename, calls = os.replace, []

    def refuse(*arguments: Any, **named: Any) -> None:
        calls.append(arguments)
        if len(calls) == failing + 1:
            raise OSError(28, "no space")
        rename(*arguments, **named)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(SystemFault, match="no space"):
        write_transformed(permute(loads(LARGE).build()), str(tmp_path / "out.yaml"))
    assert len(calls) == failing + 1
    assert os.listdir(tmp_path) == []
