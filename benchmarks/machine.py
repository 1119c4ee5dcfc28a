"""What was measured on: the machine, the versions, and how much of the machine others used meanwhile."""

import importlib.metadata
import os
import platform
import subprocess
import sys
import time
from typing import Final, NamedTuple

from benchmarks.harness import ROOT

_PACKAGES: Final = (
    "netspec-lang", "numpy", "pydantic", "PyYAML", "typer", "check-jsonschema", "ruamel.yaml", "jsonschema",
    "onnxruntime", "onnx", "safetensors", "torch",
    "jax", "jaxlib", "scikit-learn",
)  # fmt: skip


class Meter(NamedTuple):
    """A moment: seconds on the clock, seconds of processors that the machine spent, and that this program spent."""

    clock: float
    machine: float
    own: float


def read_meter() -> Meter | None:
    """Return the moment; None where the system does not say."""
    try:
        with open("/proc/stat", encoding="ascii") as stream:
            user, nice, system, _idle, _wait, irq, soft, *_ = map(int, stream.readline().split()[1:])
    except OSError:
        return None
    used = os.times()
    own = used.user + used.system + used.children_user + used.children_system
    return Meter(time.perf_counter(), (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK"), own)


def others(before: Meter | None, after: Meter | None) -> float | None:
    """Return the share of the machine, 0 to 1, that other programs used between two moments."""
    if before is None or after is None or after.clock - before.clock < 0.1:  # the system counts hundredths
        return None
    spent = (after.machine - before.machine) - (after.own - before.own)
    return max(0.0, spent / (after.clock - before.clock) / (os.cpu_count() or 1))


def describe() -> dict[str, str]:
    """Return machine, system, versions and commit, as texts."""
    found = {
        "processor": f"{_field('/proc/cpuinfo', 'model name') or platform.processor()}, {os.cpu_count()} processors",
        "memory": _field("/proc/meminfo", "MemTotal"),
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {version}" for name in _PACKAGES if (version := _version(name))),
        "BLAS": _blas(),
        "commit": _commit(),
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }
    return {name: text for name, text in found.items() if text}


def _field(path: str, key: str) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            return next((line.split(":", 1)[1].strip() for line in stream if line.startswith(key)), "")
    except OSError:
        return ""


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _blas() -> str:
    """Return NumPy's BLAS, asked of another process, so that this one stays without NumPy's threads."""
    code = "import numpy; b = numpy.show_config('dicts')['Build Dependencies']['blas']; print(b['name'], b['version'])"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stdout.strip()


def _commit() -> str:
    """Return the commit that the code is of, and whether netspec's code differs from it."""
    try:
        named = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        changed = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", "netspec"], cwd=ROOT, check=False)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return named.stdout.strip() + (", changed" if changed.returncode else "")
