"""What counting takes in two and more dimensions, and what is left of a count that is interrupted."""

import subprocess
import sys
from typing import Any

import pytest

from netspec.diagnostics import SystemFault
from netspec.regions.cuts import TooMany
from netspec.regions.domains import box, everywhere
from netspec.regions.engines import ENGINES, room
from netspec.regions.solids import count_solids, solids
from netspec.regions.work import Work
from tests.regions.chains import chain_of, he

MEGABYTE = 1 << 20


def used(sizes: list[int], limit: int) -> tuple[str, int]:
    """Return what a process of its own counts, and by how many bytes it grows above a count of a small network."""
    code = (
        "import re\n"
        "from pathlib import Path\n"
        "from tests.regions.test_memory import counted\n"
        "def kilobytes(name):\n"
        "    return int(re.search(name + r':\\s+(\\d+) kB', Path('/proc/self/status').read_text())[1])\n"
        f"counted([{sizes[0]}, 3, 2, 1], {limit})\n"
        "before = kilobytes('VmRSS')\n"
        f"found = counted({sizes}, {limit})\n"
        "print(found, 1024 * (kilobytes('VmHWM') - before))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found, grown = done.stdout.split()
    return found, int(grown)


def counted(sizes: list[int], limit: int) -> str:
    """Return the number of cells on a box, or the code of the fault."""
    chain = chain_of(he(sizes, 0))
    try:
        return str(ENGINES[sizes[0]](chain, box(chain, [(-1, 1)]), Work(1, limit)).cells)
    except SystemFault as fault:
        return fault.code


@pytest.mark.skipif(sys.platform != "linux", reason="/proc has what a process holds")
@pytest.mark.parametrize(
    ("sizes", "megabytes", "found"),
    [
        ([2, 200, 200, 1], 8, "no-memory"),
        ([2, 200, 200, 1], 32, "no-memory"),
        ([2, 200, 200, 1], 128, "40360"),
        ([3, 50, 50, 1], 32, "no-memory"),
        ([3, 50, 50, 1], 320, "68359"),
        ([3, 1000, 1], 48, "no-memory"),
        ([5, 10, 8, 1], 192, "7493"),
    ],
)
def test_a_limit_on_memory_holds(sizes: list[int], megabytes: int, found: str) -> None:
    """With 4 MB of slack: of the allocator's, and of modules that are loaded late."""
    result, grown = used(sizes, megabytes * MEGABYTE)
    assert result == found
    assert grown <= megabytes * MEGABYTE + 4 * MEGABYTE


def test_memory_that_is_tight_changes_no_count() -> None:
    chain = chain_of(he([2, 30, 30, 1], 1))
    domain = box(chain, [(-1, 1)])
    assert ENGINES[2](chain, domain, Work(1, 3 * MEGABYTE)) == ENGINES[2](chain, domain, Work(1, None))


def test_there_are_no_more_workers_than_the_memory_suffices_for() -> None:
    """So that what is worked on together, and with it what is found, is the same whatever their number."""
    chain = chain_of(he([2, 30, 30, 1], 1))
    domain = box(chain, [(-1, 1)])
    assert room(chain, domain, 600 * MEGABYTE, 8).workers == 2
    assert room(chain, domain, 600 * MEGABYTE, 8).numbers == room(chain, domain, 600 * MEGABYTE).numbers
    assert room(chain, domain, 3 * MEGABYTE, 8).workers == 1
    assert ENGINES[2](chain, domain, Work(8, 3 * MEGABYTE)) == ENGINES[2](chain, domain, Work(1, None))


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("exact", [False, True])
def test_more_cells_than_are_asked_for_are_refused_whoever_finds_them(workers: int, exact: bool) -> None:
    chain = chain_of(he([3, 8, 8, 1], 0), exact=exact)
    with pytest.raises(TooMany):
        solids(chain, box(chain, [(-1, 1)]), 100, workers=workers)


@pytest.mark.parametrize("whole", [False, True])
def test_an_interrupt_leaves_no_more_cells_than_there_are(whole: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several dimensions, while edges are subdivided; what is told rises."""
    monkeypatch.setattr("netspec.regions.edges._TOLD_EVERY", 0.0)
    chain = chain_of(he([3, 8, 8, 1], 0))
    domain = everywhere(chain) if whole else box(chain, [(-1, 1)])
    truth = solids(chain, domain)
    assert truth.why is None
    told: list[tuple[int, float]] = []
    found = count_solids(chain, domain, report=lambda cells, share: told.append((cells, share)))
    assert (found.cells, found.complete) == (truth.cells, True)
    assert [*told] == sorted(told)
    assert told[-1] == (truth.cells, 1.0)
    assert len(told) > 3
    for stop in (told[1][0], told[len(told) // 2][0], truth.cells):
        found = count_solids(chain, domain, report=_stopping(stop))
        assert not found.complete
        assert 0 < stop <= found.cells <= truth.cells
        assert found.pieces == 1


def _stopping(at: int) -> Any:
    def stop(cells: int, _: float) -> None:
        if cells >= at:
            raise KeyboardInterrupt

    return stop


def test_polytopes_are_told_of_while_they_are_cut() -> None:
    """A degenerate network: two hyperplanes of the first layer are one."""
    layers = he([3, 9, 7, 1], 0)
    layers[0][0][1], layers[0][1][1] = layers[0][0][0], layers[0][1][0]
    chain = chain_of(layers)
    domain = everywhere(chain)
    truth = solids(chain, domain)
    assert truth.why is not None
    found = count_solids(chain, domain, report=_stopping(1))
    assert not found.complete
    assert 0 < found.cells < truth.cells
