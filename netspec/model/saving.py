"""A model as a file: .safetensors (one file is the whole model), .py (a module) or .pyz (a program).

Same model, same bytes. An artefact holds parameters as drawn or read; what the compiler folds, it folds when a model
is loaded.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Final

from netspec.diagnostics import SystemFault, quote
from netspec.files.archive import Member, write_zip
from netspec.files.safetensors import TensorSource, safetensors_chunks
from netspec.files.writing import atomic_write
from netspec.model.bytecode import bytecode
from netspec.model.module import MOST_INLINE, module_text
from netspec.runtime.archive import FACTS_MEMBER, PARAMETERS_MEMBER, SOURCE_MEMBER, archive_members
from netspec.runtime.facts import Facts as ModelFacts
from netspec.spec import Dtype
from netspec.spec.expand import expand
from netspec.spec.yaml_text import write
from netspec.version import __version__

if TYPE_CHECKING:
    from netspec.model.model import Model

SPEC_MEMBER: Final = "spec.yaml"
SHEBANG: Final = b"#!/usr/bin/env python3\n"
Watch = Callable[[int, float], None]
_BYTES: Final = {"float32": 4, "float64": 8}
_DIGEST: Final = 12  # hexadecimal digits in the name of an .npz


def check_suffix(path: str) -> None:
    """Raise SystemFault `output-suffix` where a path names no form of a model."""
    if os.path.splitext(path)[1] not in _WRITERS:
        headline = f"{quote(path)} names no form of a model"
        raise SystemFault("output-suffix", headline, "a model is written as .pyz, .py or .safetensors, by its suffix")


def save(model: "Model", path: str, protect: Sequence[str] = (), watch: Watch | None = None) -> None:
    """Write the model at `path`, atomically; files in `protect` (the spec, say) are never replaced.

    `watch` is told how many parameters are written, and their share of all. Raises SystemFault `output-suffix` for a
    suffix that means nothing, and where the system refuses.
    """
    check_suffix(path)
    _WRITERS[os.path.splitext(path)[1]](Writing(model, path, protect, watch))


def metadata(model: "Model") -> dict[str, str]:
    """Return the texts beside the tensors: the expanded spec, which is the whole architecture, and its identity."""
    found = {
        "fingerprint": model.facts.fingerprint,
        "format": "netspec-model-1",
        "netspec": __version__,
        "spec": write(_bare(expand(model.part, parameters=False), model.dtype)),
    }
    if model.seed is not None:
        found["seed"] = str(model.seed)
    if model.exact:
        found["exact"] = "true"
    if model.choices:
        found["choices"] = json.dumps(model.choices, sort_keys=True)
    if model.labels:
        found["labels"] = json.dumps({name: list(words) for name, words in model.labels.items()}, ensure_ascii=False)
    if model.training:
        found["training"] = json.dumps(model.training, ensure_ascii=False, allow_nan=False)
    return found


def _bare(keys: dict[str, object], dtype: Dtype) -> dict[str, object]:
    """Return the long form of an architecture alone, in the dtype that the model was built in.

    What was asserted of the spec was checked before, and need not hold in another dtype.
    """
    bare = {key: value for key, value in keys.items() if key != "expect"}
    for kind in ("blocks", "networks"):
        parts = keys.get(kind)
        if isinstance(parts, dict):
            bare[kind] = {name: _bare(part, dtype) for name, part in parts.items()}
    return bare | {"dtype": dtype}


def count_numbers(model: "Model") -> int:
    """Return how many numbers a file of the model has: what is learned, and state."""
    return model.facts.parameters + model.facts.state


class Writing:
    """One model on its way into a file: counts what is written, so that whoever waits can be told."""

    def __init__(self, model: "Model", path: str, protect: Sequence[str], watch: Watch | None) -> None:
        self.model, self.path, self.protect, self.watch = model, path, protect, watch
        self._done = 0

    def tensor(self, name: str) -> "Iterator[memoryview]":
        """Yield the bytes of one tensor, counted."""
        size = _BYTES[self.model.dtype]
        for chunk in self.model.byte_chunks(name):
            yield chunk
            self._done += chunk.nbytes // size
            if self.watch is not None:
                self.watch(self._done, self._done / count_numbers(self.model))

    def tensors(self) -> list[TensorSource]:
        """Return the tensors as a safetensors file takes them."""
        code = f"F{8 * _BYTES[self.model.dtype]}"
        sources = self.model.sources
        return [TensorSource(name, code, source.shape, partial(self.tensor, name)) for name, source in sources.items()]


def _save_safetensors(writing: Writing) -> None:
    size, chunks = safetensors_chunks(writing.tensors(), metadata(writing.model))
    with atomic_write(writing.path, protect=writing.protect, size=size) as stream:
        for chunk in chunks:
            stream.write(chunk)


def _save_pyz(writing: Writing) -> None:
    model = writing.model
    facts = ModelFacts(
        model.name,
        model.inputs,
        model.outputs,
        model.facts.parameters,
        model.dtype,
        model.facts.fingerprint,
        __version__,
        model.columns,
        model.labels,
        model.training,
    )
    size, chunks = safetensors_chunks(writing.tensors(), metadata(model))
    texts = [
        *archive_members(),
        (FACTS_MEMBER, facts.to_json().encode()),
        (SOURCE_MEMBER, model.source.encode()),
    ]
    texts += [(f"{name}c", bytecode(name, data)) for name, data in texts if name.endswith(".py")]
    members = [Member(name, len(data), (data,)) for name, data in texts]
    members.append(Member(PARAMETERS_MEMBER, size, chunks, aligned=True))
    with atomic_write(writing.path, protect=writing.protect, size=size, executable=True) as stream:
        write_zip(stream, members, line=SHEBANG)


def _save_py(writing: Writing) -> None:
    """Write a module, its values inline when they are few, else in an .npz beside it.

    The .npz is in place before the module is; a target that is refused is refused before either, or the digest.
    """
    model = writing.model
    if count_numbers(model) <= MOST_INLINE:
        text = module_text(model, None).encode()
        with atomic_write(writing.path, protect=writing.protect, size=len(text)) as stream:
            stream.write(text)
        return
    folder, name = os.path.split(writing.path)
    stem = os.path.splitext(name)[0]
    size = len(module_text(model, f"{stem}-{'0' * _DIGEST}.npz").encode())
    made, inode = None, None
    try:
        with atomic_write(writing.path, protect=writing.protect, size=size) as stream:
            inode = os.fstat(stream.fileno()).st_ino
            beside = f"{stem}-{_digest(model)}.npz"
            npz = os.path.join(folder, beside)
            made = None if os.path.lexists(npz) else npz
            members = [npy_member(writing, name) for name in sorted(model.sources)]
            with atomic_write(npz, protect=writing.protect, size=sum(member.size or 0 for member in members)) as arrays:
                write_zip(arrays, members)
            stream.write(module_text(model, beside).encode())
    except BaseException:
        if made is not None:
            with suppress(OSError):
                # What fails after the module is in place, such as synchronising its folder, leaves both.
                if not os.path.lexists(writing.path) or os.lstat(writing.path).st_ino != inode:
                    os.unlink(made)
        raise


def _digest(model: "Model") -> str:
    """Return hexadecimal digits that change when any name, shape or value does."""
    digest = hashlib.sha256(model.dtype.encode())
    for name in sorted(model.sources):
        digest.update(f"{name}{model.sources[name].shape}".encode())
        for chunk in model.byte_chunks(name):
            digest.update(chunk)
    return digest.hexdigest()[:_DIGEST]


def npy_member(writing: Writing, name: str) -> Member:
    """Return one array as a member of an .npz: the header of NumPy's format 1.0, and the bytes."""
    shape = writing.model.sources[name].shape
    size = _BYTES[writing.model.dtype]
    header = f"{{'descr': '<f{size}', 'fortran_order': False, 'shape': {shape}, }}".encode("ascii")
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    start = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header

    def chunks() -> "Iterator[bytes | memoryview]":
        yield start
        yield from writing.tensor(name)

    return Member(f"{name}.npy", len(start) + prod(shape) * size, chunks())


_WRITERS: Final[dict[str, Callable[[Writing], None]]] = {
    ".safetensors": _save_safetensors,
    ".pyz": _save_pyz,
    ".py": _save_py,
}
