"""Modules compiled ahead, so that a built model starts without compiling what it carries.

What another version of Python compiled, or what is not of the text beside it, is passed over, and that text is read.
"""

import marshal  # only written: what reads it is Python's own import
from importlib.util import MAGIC_NUMBER, source_hash
from typing import Final

_BY_HASH: Final = (3).to_bytes(4, "little")  # valid for the text beside it alone, by its hash (PEP 552)
_WITHOUT_REFERENCES: Final = 2  # of marshal's formats: the same bytes in every process


def bytecode(name: str, source: bytes) -> bytes:
    """Return the `.pyc` of a module; `name` is its path in the archive, which tracebacks show."""
    code = compile(source, name, "exec", dont_inherit=True, optimize=0)
    return MAGIC_NUMBER + _BY_HASH + source_hash(source) + marshal.dumps(code, _WITHOUT_REFERENCES)
