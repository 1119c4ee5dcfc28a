"""A model as a file: .safetensors (one file is the whole model), .py (a module) or .pyz (a program).

Same model, same bytes. An artefact holds parameters as drawn or read; what the compiler folds, it folds when a model is loaded.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Final

from netspec.diagnostics import SystemFault, quote
from netspec.files.archive import Member, write_zip
from netspec.files.safetensors import TensorSource, safetensors_chunks, write_safetensors
from netspec.files.writing import atomic_write
from netspec.model.module import MOST_INLINE, module_text
from netspec.runtime.archive import FACTS_MEMBER, PARAMETERS_MEMBER, SOURCE_MEMBER, archive_members
from netspec.runtime.facts import Facts as ModelFacts
from netspec.spec.expand import expand_text
from netspec.version import __version__

if TYPE_CHECKING:
    from netspec.model.model import Model

SPEC_MEMBER: Final = "spec.yaml"
SHEBANG: Final = b"#!/usr/bin/env python3\n"
_CODES: Final = {"float32": "F32", "float64": "F64"}


def save(model: "Model", path: str, protect: Sequence[str] = ()) -> None:
    """Write the model at `path`, atomically; files in `protect` (the spec, say) are never replaced.

    Raises SystemFault `output-suffix` for a suffix that means nothing, and where the system refuses.
    """
    writer = _WRITERS.get(os.path.splitext(path)[1])
    if writer is None:
        headline = f"{quote(path)} names no form of a model"
        raise SystemFault("output-suffix", headline, "a model is written as .pyz, .py or .safetensors, by its suffix")
    writer(model, path, protect)


def metadata(model: "Model") -> dict[str, str]:
    """Return the texts beside the tensors: the expanded spec, which is the whole architecture, and its identity."""
    found = {
        "fingerprint": model.facts.fingerprint,
        "format": "netspec-model-1",
        "netspec": __version__,
        "spec": expand_text(model.part, parameters=False),
    }
    if model.seed is not None:
        found["seed"] = str(model.seed)
    return found


def _sources(model: "Model") -> list[TensorSource]:
    code = _CODES[model.dtype]
    return [
        TensorSource(name, code, source.shape, partial(model.byte_chunks, name))
        for name, source in model.sources.items()
    ]


def _save_safetensors(model: "Model", path: str, protect: Sequence[str]) -> None:
    with atomic_write(path, protect=protect) as stream:
        write_safetensors(stream, _sources(model), metadata(model))


def _save_pyz(model: "Model", path: str, protect: Sequence[str]) -> None:
    facts = ModelFacts(
        model.name, model.input, model.output, model.facts.parameters, model.dtype, model.facts.fingerprint, __version__
    )
    size, chunks = safetensors_chunks(_sources(model), metadata(model))
    texts = [
        *archive_members(),
        (FACTS_MEMBER, facts.to_json().encode()),
        (SOURCE_MEMBER, model.source.encode()),
    ]
    members = [Member(name, len(data), (data,)) for name, data in texts]
    members.append(Member(PARAMETERS_MEMBER, size, chunks, aligned=True))
    with atomic_write(path, protect=protect) as stream:
        write_zip(stream, members, line=SHEBANG)


def _save_py(model: "Model", path: str, protect: Sequence[str]) -> None:
    """Write a module, its values inline when they are few, else in an .npz beside it, written first."""
    beside = None
    if model.facts.parameters > MOST_INLINE:
        stem = os.path.splitext(os.path.basename(path))[0]
        beside = f"{stem}-{_digest(model)}.npz"
        with atomic_write(os.path.join(os.path.dirname(path), beside), protect=protect) as stream:
            write_zip(stream, [_npy(model, name) for name in sorted(model.sources)])
    text = module_text(model, beside).encode()
    with atomic_write(path, protect=protect) as stream:
        stream.write(text)


def _digest(model: "Model") -> str:
    """Return twelve hexadecimal digits that change when any name, shape or value does."""
    digest = hashlib.sha256(model.dtype.encode())
    for name in sorted(model.sources):
        digest.update(f"{name}{model.sources[name].shape}".encode())
        for chunk in model.byte_chunks(name):
            digest.update(chunk)
    return digest.hexdigest()[:12]


def _npy(model: "Model", name: str) -> Member:
    """Return one array as a member of an .npz: the header of NumPy's format 1.0, and the bytes."""
    shape = model.sources[name].shape
    descr = {"float32": "<f4", "float64": "<f8"}[model.dtype]
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode("ascii")
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    start = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    size = len(start) + prod(shape) * int(descr[-1])

    def chunks() -> "Iterator[bytes | memoryview]":
        yield start
        yield from model.byte_chunks(name)

    return Member(f"{name}.npy", size, chunks())


_WRITERS: Final[dict[str, Callable[["Model", str, Sequence[str]], None]]] = {
    ".safetensors": _save_safetensors,
    ".pyz": _save_pyz,
    ".py": _save_py,
}
