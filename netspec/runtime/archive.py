"""The `.pyz` of a built model: what lies in it beside the network, and how it is opened again.

__main__.py                this package's `entry.py`
netspec/…                  the modules that a run needs, word for word, under packages that are empty
model.json                 the facts
network.py                 the emitted source
….pyc                      each of these texts compiled, for the Python that built the model
parameters.safetensors     the parameters, stored, their bytes beginning on a multiple of 64
"""

import marshal
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import MAGIC_NUMBER, source_hash
from types import CodeType
from typing import TYPE_CHECKING, BinaryIO, Final

from netspec.diagnostics.faults import FileFault, SystemFault
from netspec.diagnostics.show import quote
from netspec.files.folder import open_named
from netspec.files.zip_directory import STORED, MemberReader, ZipFault, ZipMember, read_directory
from netspec.runtime.facts import Facts, read_facts

if TYPE_CHECKING:
    from netspec.runtime.graph_program import GraphProgram
    from netspec.runtime.program import Program

FACTS_MEMBER: Final = "model.json"
SOURCE_MEMBER: Final = "network.py"
BY_HASH: Final = (3).to_bytes(4, "little")  # a .pyc that is valid for the text of its hash alone (PEP 552)
PARAMETERS_MEMBER: Final = "parameters.safetensors"

# What the runtime imports, by package; nothing of these imports anything beyond the standard library and NumPy.
CARRIED: Final = {
    "netspec": ("limits",),
    "netspec.diagnostics": ("diagnostic", "faults", "show", "suggest"),
    "netspec.files": ("archive", "folder", "safetensors", "window", "writing", "zip_directory"),
    "netspec.runtime": (
        "archive",
        "array_feed",
        "column_feed",
        "column_names",
        "csv_table",
        "execution",
        "facts",
        "faults",
        "feeds",
        "formats",
        "graph_program",
        "graph_writers",
        "json_feed",
        "json_table",
        "lines",
        "main",
        "numpy_table",
        "ports",
        "program",
        "progress",
        "run",
        "streams",
        "tables",
        "tensors",
        "threads",
        "usage",
        "watch",
        "writers",
    ),
}
_EMPTY_PACKAGE: Final = b'"""The part of netspec that a built model needs to run."""\n'
_MEMBERS: Final = 1000


def archive_members() -> list[tuple[str, bytes]]:
    """Return the fixed files of a `.pyz`, by name: the same for every model, read from the installed package."""
    from importlib.resources import files  # only who builds a model pays for it

    members = [("__main__.py", (files("netspec.runtime") / "entry.py").read_bytes())]
    for package, modules in CARRIED.items():
        folder = package.replace(".", "/")
        members.append((f"{folder}/__init__.py", _EMPTY_PACKAGE))
        members += [(f"{folder}/{name}.py", (files(package) / f"{name}.py").read_bytes()) for name in modules]
    return members


class Archive:
    """A built model's file, its directory and facts read; `program` reads the rest.

    Raises SystemFault `archive-unreadable`, `parameters-unreadable`, `no-such-file` and the like.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        with self._damage(), open_named(path) as stream:
            size = stream.seek(0, os.SEEK_END)
            self._members = {member.name: member for member in read_directory(stream, size, _MEMBERS)}
            self.facts: Facts = read_facts(self._read(stream, FACTS_MEMBER), path)

    def program(self) -> "Program | GraphProgram":
        """Return the program, its parameters mapped into memory where they lie."""
        from netspec.runtime.execution import load_program  # NumPy is loaded to run, not to tell what the model is
        from netspec.runtime.tensors import map_tensors, read_tensors

        with self._damage(), open_named(self.path) as stream:
            source = self._read(stream, SOURCE_MEMBER).decode()
            member = self._member(PARAMETERS_MEMBER)
            if member.method == STORED:
                start = MemberReader(stream, member).start
                parameters = map_tensors(self.path, start, member.size, member.crc)
            else:  # somebody has packed it anew
                parameters = read_tensors(self._read(stream, PARAMETERS_MEMBER), self.path)
            return load_program(source, parameters, self.facts.name, self._compiled(stream, source))

    def _compiled(self, stream: BinaryIO, source: str) -> CodeType | None:
        """Return the network's text compiled, where this Python compiled just this text; None where it did not."""
        if f"{SOURCE_MEMBER}c" not in self._members:
            return None
        data = self._read(stream, f"{SOURCE_MEMBER}c")
        if data[:16] != MAGIC_NUMBER + BY_HASH + source_hash(source.encode()):
            return None
        code = marshal.loads(data[16:])  # noqa: S302  the archive is a program, and its checksum holds
        return code if isinstance(code, CodeType) else None

    def _member(self, name: str) -> ZipMember:
        member = self._members.get(name)
        if member is None:
            raise ZipFault(f"it has no member {quote(name)}")
        return member

    def _read(self, stream: BinaryIO, name: str) -> bytes:
        member = self._member(name)
        reader = MemberReader(stream, member)
        data = reader.read(member.size)
        reader.finish()
        return data

    @contextmanager
    def _damage(self) -> Iterator[None]:
        """Turn what is wrong with the archive into a SystemFault that names it."""
        try:
            yield
        except (ZipFault, FileFault, SyntaxError, UnicodeDecodeError, KeyError) as error:
            known = isinstance(error, (ZipFault, FileFault))  # their texts are clauses about the file
            reason = str(error) if known else f"its member `{SOURCE_MEMBER}` is no program"
            headline = f"{quote(self.path)} is damaged: {reason}"
            raise SystemFault("archive-unreadable", headline, "build the model again, or copy it again") from error
