"""A model file is bounded before any of its tensors is looked at."""

from pathlib import Path

import pytest

import netspec
from netspec.files.safetensors import write_safetensors


def test_a_file_whose_spec_has_too_many_tensors_is_refused(tmp_path: Path) -> None:
    text = "netspec: 1\ninput: 1\nK: 10001\nwidths: 1\noutput: 1\n"
    said = {"format": "netspec-model-1", "spec": text, "fingerprint": netspec.loads(text).fingerprint}
    path = tmp_path / "model.safetensors"
    with path.open("wb") as stream:
        write_safetensors(stream, [], said)
    with pytest.raises(netspec.SpecError) as refused:
        netspec.load_model(path)
    (fault,) = refused.value.diagnostics
    assert fault.code == "too-many-tensors"
    assert "it has 20,004 tensors; a model has at most 20,000" in fault.headline
