"""A model read back from its file: spec and tensors are taken, checked like any other, and compiled anew.

No code of an artefact is ever run: a `.pyz` is opened as an archive, and only its parameters are read.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from netspec.diagnostics import FileFault, SpecError, SystemFault, quote
from netspec.diagnostics.diagnostic import Diagnostic, Place, Span
from netspec.files.folder import open_named
from netspec.files.parameters import read_parameters
from netspec.files.safetensors import read_header
from netspec.files.window import Window
from netspec.files.zip_directory import STORED, MemberReader, ZipFault, read_directory
from netspec.graph import tensors
from netspec.limits import INTEGER_DIGITS, TENSORS
from netspec.model.memory import check_memory
from netspec.model.model import Model, stored_bytes
from netspec.model.tensors import Held
from netspec.operations import Graph
from netspec.runtime.archive import PARAMETERS_MEMBER
from netspec.runtime.facts import known_columns
from netspec.runtime.ports import Port
from netspec.runtime.tensors import map_tensors
from netspec.spec import Dtype, Part
from netspec.validation import check_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUFFIXES: Final = (".safetensors", ".pyz")


def load_model(path: str | os.PathLike[str], *, mapped: bool = False, max_memory: int | None = None) -> Model:
    """Return the model in a .safetensors or .pyz file that netspec wrote.

    `mapped` leaves its parameters in the file, which is mapped into memory and shared by all processes that map it; do
    not write to the file meanwhile.

    Raises SpecError where the file is refused (its spec, its tensors, or the two together), SystemFault where there
    is no such file or not enough memory.
    """
    file = os.fspath(path)
    suffix = os.path.splitext(file)[1]
    if suffix not in SUFFIXES:
        help_ = "import a .py as a module" if suffix == ".py" else "a model is a .pyz or a .safetensors file"
        raise SystemFault("not-a-model", f"{quote(file)} is not a model by its name", help_)
    try:
        with open_named(file) as stream, _parameters(stream, suffix) as (inner, size, start):
            model = _load(file, inner, size, max_memory)
        if mapped:
            tensors_there = map_tensors(file, start, size)
            model = model.replaced(sources={name: Held(tensors_there[name]) for name in model.sources})
        return model
    except ZipFault as fault:
        raise _refused(file, "archive-unreadable", f"{quote(file)}: {fault}") from fault
    except FileFault as fault:
        raise _refused(file, fault.code, f"{quote(file)}: {fault.reason}", fault.help) from fault


@contextmanager
def _parameters(stream: BinaryIO, suffix: str) -> Iterator[tuple[BinaryIO, int, int]]:
    """Yield the safetensors file in an artefact as a stream of its own, its size, and where it begins."""
    size = stream.seek(0, os.SEEK_END)
    if suffix == ".safetensors":
        stream.seek(0)
        yield stream, size, 0
        return
    members = {member.name: member for member in read_directory(stream, size, TENSORS.value)}
    member = members.get(PARAMETERS_MEMBER)
    if member is None or member.method != STORED:
        raise FileFault("not-a-model", f"it has no member {quote(PARAMETERS_MEMBER)} as netspec writes it")
    start = MemberReader(stream, member).start
    window = Window(stream, start, member.size)
    if window.checksum() != member.crc:
        raise FileFault("parameters-unreadable", "its parameters are damaged: the checksum is wrong")
    yield cast(BinaryIO, window), member.size, start


def _load(file: str, stream: BinaryIO, size: int, max_memory: int | None) -> Model:
    said = read_header(stream, size, TENSORS.value).metadata
    if "spec" not in said or said.get("format") != "netspec-model-1":
        help_ = "a spec takes such a file as `parameters: {file: …}`"
        raise FileFault("not-a-model", "it holds tensors, but no spec: it is not a model that netspec wrote", help_)
    verdict = check_text(said["spec"], f"{file}#spec")
    if verdict.part is None or verdict.graph is None or verdict.facts is None:
        raise SpecError(verdict.diagnostics, verdict.sources)
    if verdict.facts.fingerprint != said.get("fingerprint"):
        raise FileFault(
            "not-a-model", "the fingerprint is not that of the spec in it: it was changed after it was built"
        )
    if verdict.facts.stored > TENSORS.value:
        raise FileFault(TENSORS.code, f"it has {verdict.facts.stored:,} tensors; a model has at most {TENSORS.value:,}")
    dtype: Dtype = verdict.part.head.dtype
    check_memory(stored_bytes(verdict.facts, dtype), max_memory, f"loading {quote(file)}")
    expected = {tensor.name: tensor.shape for tensor in tensors(verdict.graph)}
    stream.seek(0)
    found = read_parameters(stream, "parameters.safetensors", expected, dtype)
    if found.faults:
        place = Place(file, Span(1, 1, 1, 1))
        raise SpecError([Diagnostic(fault.code, fault.message, place, help=fault.help) for fault in found.faults])
    return _made(verdict.part, verdict.graph, {name: found.arrays[name] for name in expected}, said)


def restored(
    said: Mapping[str, str], arrays: "Mapping[str, NDArray[Any]]", labels: Mapping[str, tuple[str, ...]]
) -> Model:
    """Return the model that a pickle or a copy is of: by the texts that a file of it has, and its arrays.

    Raises SpecError where this netspec reads the spec no more.
    """
    verdict = check_text(said["spec"], "<model>")
    if verdict.part is None or verdict.graph is None:
        raise SpecError(verdict.diagnostics, verdict.sources)
    texts = {key: text for key, text in said.items() if key != "labels"}
    return _made(verdict.part, verdict.graph, arrays, texts).replaced(labels=labels)


def _made(part: Part, graph: Graph, arrays: "Mapping[str, NDArray[Any]]", said: Mapping[str, str]) -> Model:
    """Return a model of arrays that fit, which nothing writes to from now on; `said` are the texts beside them."""
    for array in arrays.values():
        array.flags.writeable = False
    seed = said.get("seed", "")
    known = seed.isascii() and seed.isdecimal() and len(seed) <= INTEGER_DIGITS.value
    sources = {name: Held(array) for name, array in arrays.items()}
    exact = said.get("exact") == "true"
    model = Model(
        part,
        graph,
        part.head.dtype,
        sources,
        int(seed) if known else None,
        exact=exact,
        choices=_choices(said),
        training=_object(said, "training"),
    )
    try:
        known_columns(model.training.get("columns", {}), model.inputs)
    except ValueError as refused:
        raise FileFault("not-a-model", f"in what it tells of its training {refused}") from None
    return model.replaced(labels=_labels(said, model.outputs)) if "labels" in said else model


def _choices(said: Mapping[str, str]) -> dict[str, str | int]:
    """Return what was measured to be quickest, as far as it is words and numbers; the compiler takes what it knows."""
    found = _object(said, "choices")
    return {
        name: choice for name, choice in found.items() if isinstance(choice, str | int) and not isinstance(choice, bool)
    }


def _labels(said: Mapping[str, str], outputs: tuple[Port, ...]) -> dict[str, tuple[str, ...]]:
    """Return what the classes of the outputs are called; refuses what is no list of as many different words."""
    stored = _object(said, "labels")
    found: dict[str, tuple[str, ...]] = {}
    for port in outputs:
        words = stored.pop(port.name, None)
        if words is None:
            continue
        most = max([2, *(size for size in port.shape if isinstance(size, int))])
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise FileFault("not-a-model", f"the labels of {port.label} are no list of words")
        if len(words) > most or len(set(words)) < len(words):
            raise FileFault("not-a-model", f"the labels of {port.label} are not those of its classes")
        found[port.name] = tuple(words)
    if stored:
        raise FileFault("not-a-model", f"it has labels of {quote(next(iter(stored)))}, which is no output")
    return found


def _object(said: Mapping[str, str], key: str) -> dict[str, object]:
    """Return an object out of the metadata, which is bounded; nothing where it is none."""
    try:
        found = json.loads(said.get(key, "{}"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _refused(file: str, code: str, headline: str, help_: str = "") -> SpecError:
    return SpecError([Diagnostic(code, headline, Place(file, Span(1, 1, 1, 1)), help=help_)])
