"""Cells that several processes find side by side: the same as one finds, to the last bit."""

import multiprocessing
from typing import Any

import numpy as np
import pytest

from netspec.regions import areas as plane
from netspec.regions import solids as space
from netspec.regions import surveys
from netspec.regions.areas import Areas, areas
from netspec.regions.domains import Domain, box, everywhere
from netspec.regions.edges import cells_of, subdivided
from netspec.regions.polygons import polygons_of, start_of
from netspec.regions.polytopes import polytopes_of
from netspec.regions.refining import refined
from netspec.regions.sharing import blocks
from netspec.regions.solids import Solids, solids
from netspec.regions.steps import Chain
from netspec.regions.surveys import surveyed
from tests.regions.chains import chain_of, he, whole_numbers


@pytest.fixture(autouse=True)
def _few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that small networks are work for several."""
    monkeypatch.setattr(plane, "SOME_CELLS", 32)
    monkeypatch.setattr(surveys, "_WORTH_SHARING", 0)
    for module in (plane, space):
        monkeypatch.setattr(module, "SOME_EXACT_CELLS", 16)


def numbers(found: Areas | Solids) -> list[Any]:
    """Return all that was found, but for the numbers of the lines that edges lie on."""
    return [
        each.tolist() if isinstance(each, np.ndarray) else each for name, each in found._asdict().items()
        if name != "labels"
    ]  # fmt: skip


def networks() -> list[Any]:
    """Return chains in and out of general position, in both arithmetics, on a box and on all inputs."""
    found = []
    for n, widths in ((2, [9, 7]), (3, [4, 3])):
        for layers in (he([n, *widths, 1], n), whole_numbers([n, *widths, 1], n)):
            for exact in (False, True):
                chain = chain_of(layers, exact=exact)
                found += [(chain, box(chain, [(-2, 1)])), (chain, everywhere(chain))]
    windowed = chain_of(he([2, 9, 3, 1], 0), windows=[[0, 1, 2], [3, 4, 5], [6, 7, 8], *[[i, 8, -1] for i in range(6)]])
    return [*found, (windowed, box(windowed, [(-2, 1)]))]


@pytest.mark.parametrize(("chain", "domain"), networks())
def test_what_is_found_does_not_depend_on_the_number_of_workers(chain: Chain, domain: Domain) -> None:
    find = areas if domain.dimension == 2 else solids
    one = numbers(find(chain, domain))
    assert numbers(find(chain, domain, workers=3)) == one
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("n", [2, 3])
def test_blocks_in_the_order_of_their_numbers_are_those_of_one_process(n: int, workers: int) -> None:
    chain = chain_of(he([n, 12, 10, 2], 0))
    domain = box(chain, [(-1, 1)])
    cells, again = ((polygons_of if n == 2 else polytopes_of)(domain) for _ in range(2))
    expected = list(refined(chain, cells, start_of(domain, 1), 16))
    found = list(blocks(chain, again, start_of(domain, 1), 16, workers=workers))
    assert len(expected) > 5
    for block, (_, other) in zip(expected, sorted(found, key=lambda each: each[0]), strict=True):
        assert block.signatures.tolist() == other.signatures.tolist()
        assert block.forms.tolist() == other.forms.tolist()
        assert block.share == other.share
    assert cells.cuts.unsure == again.cuts.unsure


def test_cuts_of_several_processes_have_labels_of_their_own() -> None:
    """Both sides of one cut have one label, but for its lowest bit; a label on three sides would be of two cuts."""
    chain = chain_of(he([2, 12, 10, 1], 1))
    domain = box(chain, [(-1, 1)])
    alone, shared = areas(chain, domain), areas(chain, domain, workers=3)
    for found in (alone, shared):
        assert (found.labels >= -4).all()
    kinds = [len(np.unique(found.labels >> 1)) for found in (alone, shared)]
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize("n", [3, 4])
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("cones", [False, True])
def test_what_edges_say_of_cells_does_not_depend_on_who_looks(n: int, whole: bool, cones: bool) -> None:
    layers = he([n, 6, 5, 1], 1)
    chain = chain_of([(weights, 0 * bias) for weights, bias in layers] if cones else layers)
    found = subdivided(chain, everywhere(chain) if whole else box(chain, [(-1, 2)]), cones=cones)
    one = surveyed(found)
    assert one.cells.tolist() == cells_of(found).tolist()
    assert len(one.pairs[0]) >= len(one.cells) - 1
    for workers in (2, 3):
        other = surveyed(found, workers)
        assert other.cells.tolist() == one.cells.tolist()
        assert other.sums.tobytes() == one.sums.tobytes()
        assert [each.tolist() for each in other.pairs] == [each.tolist() for each in one.pairs]
    assert multiprocessing.active_children() == []
