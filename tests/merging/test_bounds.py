"""Merges of what nobody writes: as large as a spec may be, changed everywhere on both sides."""

import time

import pytest

from netspec.merging.hunks import Conflict, Marks, merged_lines
from netspec.merging.merge import TextMerge, merge

HEAD = "netspec: 1\nname: n\n"
KEYS = HEAD + "hyperparameters:\n" + "".join(f"  a{i}: {i}\n" for i in range(8_000))
WIDTHS = f"{HEAD}widths: [{', '.join(['3'] * 15_000)}]\n"
COMMENTS = HEAD + "# a\n" * 40_000 + "input: 1\n"


def merged(base: str, ours: str, theirs: str) -> tuple[bool, int, float]:
    """Return whether a merge is clean, its conflicts, and the seconds of this process that it took."""
    start = time.process_time()

    def as_text() -> TextMerge:
        raise AssertionError("merged as text")

    found = merge(ours.encode(), base.encode(), theirs.encode(), Marks(), as_text)
    return found.clean, len(found.placed), time.process_time() - start


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "conflicts"),
    [
        (KEYS, KEYS.replace(": 7\n", ": 17\n"), KEYS.replace(": 9\n", ": 19\n"), 0),
        (KEYS, KEYS.replace(": 7", ": 1"), KEYS.replace(": 7", ": 2"), 1_111),
        (WIDTHS, WIDTHS.replace("3]", "4]"), WIDTHS.replace("[3", "[5"), 0),
        (COMMENTS, COMMENTS.replace("a\ni", "a\n# b\ni"), COMMENTS.replace("n\n# a", "n\n# c\n# a"), 1),
    ],
    ids=["keys", "conflicts", "widths", "comments"],
)
def test_a_large_merge_takes_time_by_its_size(base: str, ours: str, theirs: str, conflicts: int) -> None:
    """Twenty seconds are many times what it takes; by the square of the size it would be minutes."""
    clean, found, seconds = merged(base, ours, theirs)
    assert (clean, found) == (not conflicts, conflicts)
    assert seconds < 20


def test_comments_that_are_too_many_to_be_aligned_are_one_conflict() -> None:
    base = [f"# {i}" for i in range(600)]
    few = base[:100]
    conflict = Conflict("both changed the comment")
    for lines, count in ((few, 0), (base, 1)):
        hunks = merged_lines(["# ours", *lines], lines, [*lines, "# theirs"], conflict)
        assert sum(bool(hunk.conflicts) for hunk in hunks) == count
