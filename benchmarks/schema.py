"""The schema of the language as a file, for the validator that netspec is measured beside."""

import subprocess
from pathlib import Path

from benchmarks.harness import BIN


def write_schema(folder: Path) -> Path:
    """Write what `netspec schema` prints and return its path."""
    path = folder / "netspec.schema.json"
    path.write_bytes(subprocess.run([BIN / "netspec", "schema"], capture_output=True, check=True).stdout)
    return path
