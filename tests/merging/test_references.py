"""Names that a merge would lead elsewhere than the side that uses them: told, and nothing else is."""

import time

import pytest

from netspec.merging.hunks import Marks
from netspec.merging.merge import Merged, TextMerge, merge

HEAD = "netspec: 1\nname: n\ninput: 8\n"


def merged(base: str, ours: str, theirs: str) -> Merged:
    """Return a merge that has to be made as of specs."""

    def as_text() -> TextMerge:
        raise AssertionError("merged as text")

    return merge(ours.encode(), base.encode(), theirs.encode(), Marks(), as_text)


def spec(*layers: str, numbers: str = "") -> str:
    """Return a spec of layers."""
    return f"{HEAD}hyperparameters: {{{numbers}}}\nlayers:\n" + "".join(f"  - {layer}\n" for layer in layers)


A, B, C = (f"dense: {{width: 8, as: {name}}}" for name in "abc")
WIDE = "dense: {width: 9, as: w}"
ADD = "add: [c, a]"


def said(base: str, ours: str, theirs: str) -> list[str]:
    """Return what is told of a merge, the same from both sides but for which is whose."""
    there, back = merged(base, ours, theirs), merged(base, theirs, ours)
    words = [each.conflict.words for each in there.placed]
    assert [each.conflict.words.replace("ours", "theirs") for each in back.placed] == words
    assert there.clean == (not words)
    assert b"<<<<" not in there.data
    return words


@pytest.mark.parametrize(
    "ours",
    [
        spec("dense: {width: 8, as: n}", A, "relu", B, C),
        spec(A, "dense: {width: 8, as: n}", "relu", B, C),
        spec(A, "relu", "dense: {width: 3, as: b}", C),
        spec(A, B, "relu", C),
        spec("dense: {width: 7, as: a}", "relu", B, C),
    ],
    ids=["inserted before", "inserted behind", "another changed", "another moved", "it is changed"],
)
def test_a_name_that_its_layer_keeps_may_be_referred_to(ours: str) -> None:
    base = spec(A, "relu", B, C)
    assert said(base, ours, base + f"  - {ADD}\n") == []


def test_a_layer_of_its_own_kind_may_be_moved_and_referred_to() -> None:
    base = spec(WIDE, B, C)
    assert said(base, spec(B, WIDE, C), base + "  - add: [c, w]\n") == []


def test_a_name_that_went_to_another_layer_is_told_where_a_side_refers_to_it_anew() -> None:
    base = spec(A, "relu", B, "tanh", C)
    ours = spec("dense: {width: 8, as: stem}", "relu", A, "tanh", C)
    words = "theirs refers to layer `a`, which is `stem` in the merge, where `a` is another"
    assert said(base, ours, base + f"  - {ADD}\n") == [words]
    assert said(base + f"  - {ADD}\n", ours + f"  - {ADD}\n", base + f"  - {ADD}\n  - relu\n") == []


def test_hyperparameters_are_told_where_their_uses_were_exchanged_and_not_their_values() -> None:
    layers = ["dense: H", "dense: D"]
    base = spec(*layers, numbers="D: 8, H: 16")
    theirs = base + "  - dense: H\n"
    swapped = spec("dense: D", "dense: H", numbers="H: 8, D: 16")
    assert said(base, swapped, theirs) == ["theirs refers to `H`, which is `D` in the merge, where `H` is another"]
    assert said(base, spec(*layers, numbers="D: 16, H: 32"), theirs) == []
    assert said(base, spec(*layers, numbers="H: 8, D: 16"), theirs) == []


def test_very_many_names_are_looked_at_as_far_as_that_is_quick() -> None:
    count = 2_400
    base = spec(*(f"dense: {{width: 8, as: a{i}}}" for i in range(count)))
    ours = base.replace("as: a0}", "as: stem}")
    theirs = base + f"  - add: [{', '.join(f'a{i}' for i in range(1, count))}]\n"
    start = time.process_time()
    assert merged(base, ours, theirs).clean
    assert time.process_time() - start < 10  # each name by itself would take more than an hour
