"""Modules compiled ahead, so that a built model starts without compiling what it carries.

What another version of Python compiled, or compiled of another text, is passed over, and the text beside it is read.
"""

import marshal
from importlib.util import MAGIC_NUMBER, source_hash
from typing import Final

from netspec.runtime.archive import BY_HASH

_WITHOUT_REFERENCES: Final = 2  # of marshal's formats: the same bytes in every process


def bytecode(name: str, source: bytes) -> bytes:
    """Return the `.pyc` of a module; `name` is its path in the archive, which tracebacks show."""
    code = compile(source, name, "exec", dont_inherit=True, optimize=0)
    return MAGIC_NUMBER + BY_HASH + source_hash(source) + marshal.dumps(code, _WITHOUT_REFERENCES)
