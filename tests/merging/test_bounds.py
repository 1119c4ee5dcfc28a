"""Merges of what nobody writes: as large as a spec may be, changed everywhere on both sides."""

import time
from pathlib import Path

import pytest

from netspec.cli import main
from netspec.merging.hunks import Conflict, Marks, merged_lines
from netspec.merging.merge import TextMerge, merge

HEAD = "netspec: 1\nname: n\n"
KEYS = HEAD + "hyperparameters:\n" + "".join(f"  a{i}: {i}\n" for i in range(8_000))
WIDTHS = f"{HEAD}widths: [{', '.join(['3'] * 15_000)}]\n"
COMMENTS = HEAD + "# a\n" * 40_000 + "input: 1\n"


WHY = "the three have 60,006 keys and values, more than the 60,000 that are merged"


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


def test_a_merge_of_very_many_values_is_made_line_by_line() -> None:
    """Its work is bounded, and so is what is said: each of them may be in conflict."""
    sides = [f"{HEAD}widths: [{', '.join([width] * 19_993)}]\n".encode() for width in "345"]
    for side, why in ((b"", ""), (b"input: 1\n", WHY)):
        ours, base, theirs = (each + side for each in sides)
        found = merge(ours, base, theirs, Marks(), lambda: TextMerge(b"lines", False))
        assert (found.why, len(found.placed)) == (why, 0 if why else 19_993)


def test_the_first_of_many_conflicts_are_told_and_the_rest_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    letters = "a" * 60
    for name, width in (("b", 3), ("o", 4), ("t", 5)):
        for stem, count in (("few", 21), ("many", 5_000)):
            keys = "".join(f"  {letters if stem == 'many' else 'a'}{i}: {width}\n" for i in range(count))
            Path(f"{stem}_{name}").write_text(f"{HEAD}hyperparameters:\n{keys}", encoding="utf-8")
    said = []
    for stem in ("few", "many"):
        assert main(["merge", f"{stem}_b", f"{stem}_o", f"{stem}_t", "-o", f"{stem}.yaml"]) == 1
        said.append(capsys.readouterr().err.splitlines())
        assert Path(f"{stem}.yaml").read_text(encoding="utf-8").count("<<<<<<<") == (21 if stem == "few" else 5_000)
    assert said[0][0] == "few.yaml:4: both changed `a0` of `hyperparameters`: 3 → 4 and 3 → 5"
    assert [len(lines) for lines in said] == [21, 21]
    assert [lines[-1] for lines in said] == ["few.yaml: … and 1 more conflict", "many.yaml: … and 4,980 more conflicts"]
    Path("p" * 200).mkdir()
    long = f"{'p' * 200}/{'q' * 250}"
    assert main(["merge", "many_b", "many_o", "many_t", "-o", long]) == 1
    err = capsys.readouterr().err
    assert err.endswith(" more conflicts\n")
    assert len(err.encode()) < 8_192 + 600
