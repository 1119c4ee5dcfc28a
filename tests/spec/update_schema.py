"""Writes the packaged copy of the JSON Schema, which `netspec schema` prints: run it after a model has changed.

python -m tests.spec.update_schema
"""

from pathlib import Path
from typing import Final

import netspec.spec
from netspec.spec.schema import schema_text

PACKAGED: Final = Path(netspec.spec.__file__).parent / "netspec.schema.json"

if __name__ == "__main__":
    PACKAGED.write_text(schema_text(), encoding="utf-8")
