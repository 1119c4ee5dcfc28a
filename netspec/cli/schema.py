"""`netspec schema`: the JSON Schema of the language, for editors."""

import os
from typing import Final

from netspec.cli.outcome import FINE
from netspec.cli.terminal import output
from netspec.files.folder import read_named
from netspec.limits import SPEC_BYTES

# Written by `tests/spec/update_schema.py` from the models of the language, none of which is built to print it.
_SCHEMA: Final = os.path.join(os.path.dirname(os.path.dirname(__file__)), "spec", "netspec.schema.json")


def command() -> int:
    """Print the JSON Schema of spec files, for editors.

    With it (draft 2020-12) an editor completes and checks a spec as you type. Save it beside your specs as
    netspec.schema.json, and begin a spec with the line "# yaml-language-server: $schema=netspec.schema.json".
    `netspec validate` finds more than any schema can say.
    """
    output().write(read_named(_SCHEMA, SPEC_BYTES).decode())
    return FINE
