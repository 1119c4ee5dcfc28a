"""Compares every case with what is expected of it, and prints a digest of all that is built; run by `tests/modes.py`.

A program of its own, without `assert`, so that it means the same under `python -O`.
"""

import hashlib
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import netspec  # noqa: E402 - found beside this file, whatever the working folder
from netspec.source import parser  # noqa: E402
from tests.update_cases import cases, run  # noqa: E402

FORMS = ("pyz", "py", "safetensors")


def main() -> int:
    """Return 1 where a case prints something else; the last line is the digest of the models."""
    if os.environ.get("NETSPEC_TEST_PURE"):
        parser._FAST = None
    failed = [case.name for case in cases() if not case.awaited and run(case)[1] != case.expected]
    for name in failed:
        print(f"{name} prints something else")
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory() as folder:
        for spec in sorted((ROOT / "specs").rglob("*.yaml")):
            network = netspec.load(spec)
            digest.update(f"{spec.stem} {network.fingerprint} {network.expand()}".encode())
            if network.facts.parameters < 100_000:
                for form in FORMS:
                    path = Path(folder, f"model.{form}")
                    network.build(seed=1).save(str(path))
                    digest.update(path.read_bytes())
    print(digest.hexdigest())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
