"""Built models for tests, packed as the compiler packs them."""

from collections.abc import Mapping
from pathlib import Path

from netspec.files.archive import Member, write_zip
from netspec.files.safetensors import TensorSource, write_safetensors
from netspec.runtime.archive import FACTS_MEMBER, PARAMETERS_MEMBER, SOURCE_MEMBER, archive_members
from netspec.runtime.facts import Facts
from netspec.runtime.program import Program
from tests.runtime.networks import Array


def write_tensors(path: Path, tensors: Mapping[str, Array]) -> bytes:
    """Write the tensors as a safetensors file; return its bytes."""
    kinds = {"float32": "F32", "float64": "F64", "float16": "F16"}
    with path.open("wb") as stream:
        write_safetensors(
            stream,
            [
                TensorSource(name, kinds[array.dtype.name], array.shape, lambda array=array: [array.tobytes()])  # type: ignore[misc]
                for name, array in tensors.items()
            ],
            {},
        )
    return path.read_bytes()


def build(path: Path, program: Program, replaced: Mapping[str, bytes | None] | None = None) -> Path:
    """Write the program as a `.pyz`; `replaced` gives members other bytes, or with None leaves them out."""
    facts = Facts(
        name=program.name,
        inputs=program.inputs,
        outputs=program.outputs,
        parameters=sum(array.size for array in program.parameters.values()),
        dtype="float64" if program.dtype.itemsize == 8 else "float32",
        fingerprint="ns1:" + "5e" * 32,
        netspec="0.1.0",
    )
    members: dict[str, bytes | None] = {
        **dict(archive_members()),
        FACTS_MEMBER: facts.to_json().encode(),
        SOURCE_MEMBER: program.source.encode(),
        PARAMETERS_MEMBER: write_tensors(path.with_suffix(".safetensors"), program.parameters),
        **(replaced or {}),
    }
    with path.open("wb") as stream:
        write_zip(
            stream,
            [
                Member(name, len(data), [data], aligned=name == PARAMETERS_MEMBER)
                for name, data in members.items()
                if data is not None
            ],
            line=b"#!/usr/bin/env python3\n",
        )
    return path
