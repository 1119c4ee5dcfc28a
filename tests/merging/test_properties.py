"""Laws of merges, over random files with comments in them, and random edits of those."""

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from netspec.formatting.comments import Comments
from netspec.merging.hunks import Marks
from netspec.merging.merge import Merged, TextMerge, merge
from netspec.merging.pieces import MARGIN, Block, moved, said
from netspec.merging.reading import read_file
from netspec.source import read_source
from tests.formatting.commented import commented_specs, other_files
from tests.merging.edits import edits, leaves
from tests.review.families import family
from tests.review.test_properties import texts

ROOT = Path(__file__).parent.parent.parent
SPECS = sorted((ROOT / "specs").rglob("*.yaml"))


def files() -> st.SearchStrategy[str]:
    """Draw files of any keys, and specs, with comments in them or without."""
    return other_files() | commented_specs().map(lambda found: next(iter(found.values()))) | texts()


def sound(text: str) -> bool:
    """Whether a text is read without a fault, and has a value that can be edited."""
    source = read_source(text.encode(), "spec.yaml")
    if source.faults or source.tree is None:
        return False
    return "netspec" in source.tree.values and any(not leaf.scalar.quoted for leaf in leaves(source.tree))


def merged(base: str, ours: str, theirs: str) -> Merged:
    """Return a merge of texts that has to be made as of specs."""

    def as_text() -> TextMerge:
        raise AssertionError("merged as text")

    return merge(ours.encode(), base.encode(), theirs.encode(), Marks(), as_text, "spec.yaml")


def substance(data: bytes) -> tuple[object, list[str]]:
    """Return what a file says, and its comments, whatever its layout."""
    source = read_source(data, "spec.yaml")
    assert not source.faults
    assert source.tree is not None
    return said(source.tree), Comments(source).texts()


@settings(max_examples=200, deadline=None)
@given(files())
def test_the_pieces_of_a_file_are_all_of_it(text: str) -> None:
    source = read_source(text.encode(), "spec.yaml")
    assume(not source.faults)
    file = read_file(source)
    lines = [*file.head]
    if isinstance(file.root, Block):
        own = [line for entry in file.root.entries for line in entry.lines]
        lines += moved([*own, *file.root.after], file.column)
    else:
        lines += (" " * file.column + file.root.text + file.behind).split("\n")
    assert "\n".join(line.removeprefix(MARGIN) for line in lines) + "\n" * file.ended == source.text


@settings(max_examples=60, deadline=None)
@given(files(), files())
def test_a_side_that_changed_nothing_leaves_it_to_the_other(one: str, other: str) -> None:
    a, b = one.encode(), other.encode()
    assert merged(one, one, other).data == b
    assert merged(one, other, one).data == b
    assert merged(one, other, other).data == b
    assert merged(one, one, one).data == a


@settings(max_examples=150, deadline=None)
@given(files(), st.data())
def test_two_edits_at_two_places_are_both_made(text: str, data: st.DataObject) -> None:
    """In whichever order, and to the byte; but where both are of one value, which has to be told."""
    assume(sound(text))
    first, second = data.draw(edits(text, 77_701)), data.draw(edits(text, 77_702))
    if first.start > second.start:
        first, second = second, first
    assume(first.end < second.start)
    one, other, both = first.done(text), second.done(text), first.done(second.done(text))
    assume(all(map(sound, (one, other, both))))
    there, back = merged(text, one, other), merged(text, other, one)
    assert there.clean == back.clean
    if there.clean:
        assert there.data == back.data == both.encode()
    else:
        assert first.path[: len(second.path) - 1] == second.path[: len(first.path) - 1] or "comment" in str(
            there.placed
        )
        assert all(b"77701" in each.data and b"77702" in each.data for each in (there, back))


@settings(max_examples=100, deadline=None)
@given(files(), st.data())
def test_an_edit_of_either_side_is_never_lost(text: str, data: st.DataObject) -> None:
    """Several edits of each side, anywhere: what each put in stands in the merge, in a conflict or not."""
    assume(sound(text))
    sides = []
    for start in (77_100, 77_200):
        side = text
        for number in range(data.draw(st.integers(1, 3))):
            side = data.draw(edits(side, start + number)).done(side)
            assume(sound(side))
        sides.append(side)
    found = merged(text, sides[0], sides[1])
    whole = found.data.decode()
    for side in sides:
        for number in range(77_100, 77_203):
            put_in = str(number) in side and str(number) not in text  # digits of a drawn number may spell it, too
            assert str(number) in whole or not put_in
    for choice in found.choices:
        assert not read_source(choice.encode(), "spec.yaml").faults
    if found.clean:
        comments = [Counter(Comments(read_source(each.encode(), "spec.yaml")).texts()) for each in (*sides, text)]
        kept = Counter(substance(found.data)[1])
        assert not (comments[0] - comments[2]) - kept
        assert not (comments[1] - comments[2]) - kept
        assert not (comments[0] & comments[1]) - kept


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_two_edits_of_a_spec_of_the_repository_are_both_made(path: Path) -> None:
    """Every pair of values of it, as far as a few pairs say: the name is one of them, so that both stay valid."""
    text = path.read_text(encoding="utf-8")
    renamed = text.replace("\nname: ", "\nname: x", 1)
    commented = text.rstrip("\n") + "\n# the end\n"
    found = merged(text, renamed, commented)
    assert found.clean
    assert found.data.decode() == renamed.rstrip("\n") + "\n# the end\n"


@settings(max_examples=60, deadline=None)
@given(texts(), st.integers(0, 2**32))
def test_edits_of_a_network_and_of_its_text_meet(text: str, seed: int) -> None:
    """Ours is commented, laid out and ordered otherwise, theirs describes the network: both stand in the merge."""
    from netspec.formatting import format_source

    comment = f"  # {random.Random(seed).random()}"
    commented = text.replace("\ninput", f"{comment}\ninput", 1)
    ours = format_source(read_source(commented.encode(), "spec.yaml"))
    theirs = f"{text}description: of theirs\n"
    found = merged(text, ours, theirs)
    assert found.clean
    assert substance(found.data)[0] == substance(theirs.encode())[0]
    assert substance(found.data)[1] == substance(ours.encode())[1]
    assert family(found.data.decode()).written is not None


@settings(max_examples=150, deadline=None)
@given(st.permutations("abcdef"), st.permutations("abcdef"), st.integers(0, 6), st.integers(0, 5))
def test_layers_that_were_moved_stand_where_one_side_put_them(
    ours: list[str], theirs: list[str], place: int, swaps: int
) -> None:
    """Where theirs moved nothing, what it inserted stands between its neighbours; where both moved, both agree."""

    def spec(names: list[str]) -> str:
        lines = [f"  - dense: {{width: 4, as: {name}}}\n" for name in names]
        return "netspec: 1\ninput: 4\nlayers:\n" + "".join(lines)

    theirs = theirs if swaps == 0 else sorted(theirs)
    theirs = [*theirs[:place], "x", *theirs[place:]]
    base = list("abcdef")
    found = merged(spec(base), spec(ours), spec(theirs))
    back = merged(spec(base), spec(theirs), spec(ours))
    assert found.clean == back.clean
    if found.clean:
        names = [line.rsplit(" ", 1)[1].rstrip("}") for line in found.data.decode().splitlines() if "as:" in line]
        assert [name for name in names if name != "x"] in (ours, [name for name in theirs if name != "x"])
        at, wanted = names.index("x"), theirs.index("x")
        assert (
            names[at - 1 : at] == theirs[wanted - 1 : wanted]
            or names[at + 1 : at + 2] == theirs[wanted + 1 : wanted + 2]
        )
