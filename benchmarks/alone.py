"""A part of the measurement in a process of its own: one processor, one thread in every library.

The number of threads is settled when NumPy and its peers are loaded, hence the process. The part is a module with a
function `points(settings)`, which gives the samples of each of its points; they come back as JSON.
"""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final, get_args

from benchmarks.harness import ONE_THREAD, ROOT, Extent, Sample, Samples, Settings, pinned_processor

# JAX reads its own: NPROC is how many threads XLA makes, the flag keeps Eigen from sharing work between them.
_ALONE: Final = {
    **ONE_THREAD,
    "NPROC": "1",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}


def measured(part: str, settings: Settings) -> dict[str, Samples]:
    """Return the samples of `benchmarks.part`, of each point by its title."""
    path = settings.scratch / f"{part}.json"
    command = (sys.executable, "-m", "benchmarks.alone", part, str(settings.rounds), settings.scratch, settings.extent)
    caches = {"TORCHINDUCTOR_CACHE_DIR": str(settings.scratch / "torch")}
    subprocess.run(command, cwd=ROOT, env={**os.environ, **_ALONE, **caches}, check=True)
    return {
        point: {system: [Sample(*each) for each in taken] for system, taken in systems.items()}
        for point, systems in json.loads(path.read_text(encoding="utf-8")).items()
    }


def note(text: str) -> None:
    """Tell on the terminal what is measured now."""
    print(f"  {text}", file=sys.stderr, flush=True)


def main(part: str, rounds: str, scratch: str, extent: Extent) -> None:
    """Write the samples of every round as JSON."""
    if extent not in get_args(Extent):
        raise ValueError(extent)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {pinned_processor()})
    settings = Settings(int(rounds), Path(scratch), extent)
    found = importlib.import_module(f"benchmarks.{part}").points(settings)
    settings.scratch.joinpath(f"{part}.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])  # type: ignore[arg-type]  # the extent is looked at
