"""Refining by processes that work side by side: what comes of it does not depend on how many they are.

The first steps are taken here, until enough parts of cells wait: the same parts that one process would take one after
the other, so that nothing is cut that would not be, and nothing counted twice. Each is an order, and the cells that it
becomes are sent back block by block.
"""

import contextlib
from collections.abc import Generator
from typing import Any, Final

from netspec.processes import Send
from netspec.regions.processes import as_they_come
from netspec.regions.refining import SOME_CELLS, SOME_NUMBERS, Begun, Block, Cells, advanced, begun, leaves, together
from netspec.regions.steps import Chain, Forms

_SHARES: Final = 5
"""Orders for each worker, so that none is idle while another has the long ones; until they wait, one works alone."""

_LABELS: Final = 1 << 40
"""Cuts that an order may make: the next one's have other labels."""


def blocks(
    chain: Chain,
    cells: Cells,
    start: Forms,
    some: int = SOME_CELLS,
    *,
    numbers: int = SOME_NUMBERS,
    workers: int = 1,
) -> Generator[tuple[int, Block], None, None]:
    """Yield the blocks of `refined`, each with a number: in the order of these they are those of one process.

    Several processes yield them as they come. What they were unsure of is added to the cells' own count.
    """
    most = together(chain, start, some, numbers)
    parts: list[Begun | Block] = [begun(chain, cells, start)]
    if workers > 1:
        parts = _parted(chain, parts, most, workers * _SHARES)
    waiting: list[tuple[int, Begun]] = []
    for number, part in enumerate(parts):
        if isinstance(part, Block):
            yield number, part
        else:
            waiting.append((number, part))
    if workers == 1 or len(waiting) < 2:
        for number, part in waiting:
            for block in leaves(chain, [part], most):
                yield number, block
        return
    shared: Any = getattr(cells, "cuts", None)

    def order(index: int, send: Send) -> None:
        number, part = waiting[index]
        if shared is not None:  # a copy, which belongs to the cells of this process
            shared.made, shared.unsure = (index + 1) * _LABELS, 0
        for block in leaves(chain, [part], most):
            unsure = 0
            if shared is not None:
                unsure, shared.unsure = shared.unsure, 0
            send((number, block, unsure))

    with contextlib.closing(as_they_come(order, len(waiting), workers)) as found:
        for _, (number, block, unsure) in found:
            if shared is not None:
                shared.unsure += unsure
            yield number, block


def _parted(chain: Chain, parts: list[Begun | Block], most: list[int], wanted: int) -> list[Begun | Block]:
    """Return what cells become, in order, when the largest part has been advanced until so many wait, or none does."""
    while True:
        shares = [0.0 if isinstance(part, Block) else part[1].share for part in parts]
        largest = max(range(len(parts)), key=shares.__getitem__)
        part = parts[largest]
        if isinstance(part, Block) or sum(share > 0 for share in shares) >= wanted:
            return parts
        after = advanced(chain, part, most)
        parts[largest : largest + 1] = [after] if isinstance(after, Block) else after
