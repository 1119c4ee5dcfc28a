"""The cases and the models again, in the modes that a user's machine may be in; `make modes`.

Developer mode with warnings as errors, optimised bytecode, an ASCII locale, two hash seeds, and without libyaml: every
verdict must be the same to the letter, every model the same to the byte.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple


class Mode(NamedTuple):
    """A way to run the tests: flags of the interpreter and variables of the environment."""

    name: str
    flags: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()


MODES = (
    Mode("as it is"),
    Mode("developer mode, warnings are errors", ("-X", "dev", "-W", "error")),
    Mode("optimised", ("-O",)),
    Mode("ASCII locale", (), (("LC_ALL", "C"), ("PYTHONUTF8", "0"), ("PYTHONCOERCECLOCALE", "0"))),
    Mode("hash seed 0", (), (("PYTHONHASHSEED", "0"),)),
    Mode("hash seed 1", (), (("PYTHONHASHSEED", "1"),)),
    Mode("without libyaml", (), (("NETSPEC_TEST_PURE", "1"),)),
)


def main() -> int:
    """Return 1 where a case or a model differs in a mode."""
    digests: dict[str, str] = {}
    failed = 0
    for mode in MODES:
        command = [sys.executable, *mode.flags, str(Path(__file__).with_name("agree.py"))]
        environment = {**os.environ, **dict(mode.environment)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8")
        lines = done.stdout.splitlines()
        digests[mode.name] = lines[-1] if lines else ""
        failed |= done.returncode
        verdict = "the same" if not done.returncode else f"differs: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        print(f"{mode.name}: {verdict}", flush=True)
    if len(set(digests.values())) != 1:
        print(f"models differ: {digests}")
        return 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
