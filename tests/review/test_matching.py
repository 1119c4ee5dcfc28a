"""Which layer is which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.review.matching import Key, match


def keys(text: str) -> list[Key]:
    """Return keys of words such as `conv5` or `conv5=stem`: a kind, a field, and perhaps a name that is given."""
    found = []
    numbers: dict[str, int] = {}
    for word in text.split():
        kind, _, name = word.partition("=")
        base = kind.rstrip("0123456789")
        numbers[base] = numbers.get(base, 0) + 1
        called = name or f"{base}_{numbers[base]}"
        found.append(Key(name or None, called, base, (("size", kind[len(base) :]),), kind))
    return found


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        ("a b c", "a b c", [(0, 0), (1, 1), (2, 2)]),
        ("a c", "a b c", [(0, 0), (1, 2)]),
        ("a b c", "a c", [(0, 0), (2, 1)]),
        ("conv3 conv5", "conv3 conv7 conv5", [(0, 0), (1, 2)]),
        ("conv3 conv5", "conv3 conv7", [(0, 0), (1, 1)]),
        ("conv3 pool", "conv3 norm", [(0, 0)]),
        ("conv3=x conv5=y", "conv5=y conv3=x", [(1, 0), (0, 1)]),
        ("conv3=x", "conv5=x", [(0, 0)]),
        ("conv3=x", "norm=x", [(0, 0)]),
        ("conv3=x", "conv3=y", [(0, 0)]),
        ("conv3=x conv3", "conv3 conv3=x", [(0, 1)]),
        ("net=n net=n", "net=n", [(0, 0)]),
        ("", "a", []),
    ],
)
def test_layers_are_matched_by_name_then_by_what_they_are(old: str, new: str, pairs: list[tuple[int, int]]) -> None:
    assert match(keys(old), keys(new)) == pairs


WORDS = st.lists(st.sampled_from(["a1", "a2", "b1", "b2", "c", "a1=x", "b1=y", "c=z"]), max_size=9).map(
    lambda words: " ".join(word for i, word in enumerate(words) if "=" not in word or word not in words[:i])
)


@given(WORDS, WORDS)
def test_two_lists_the_other_way_round_give_the_same_pairs(old: str, new: str) -> None:
    there, back = match(keys(old), keys(new)), match(keys(new), keys(old))
    assert sorted(there) == sorted((i, j) for j, i in back)


@given(WORDS, WORDS)
def test_each_layer_has_one_partner_at_most(old: str, new: str) -> None:
    pairs = match(keys(old), keys(new))
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)


@given(WORDS)
def test_a_list_is_itself(text: str) -> None:
    assert match(keys(text), keys(text)) == [(i, i) for i in range(len(keys(text)))]


@given(st.lists(st.sampled_from(["a1", "a2", "b1", "c"]), max_size=12), st.integers(0, 12))
def test_one_more_is_one_insertion(words: list[str], place: int) -> None:
    more = [*words[:place], "new", *words[place:]]
    pairs = match(keys(" ".join(words)), keys(" ".join(more)))
    assert [words[i] for i, _ in pairs] == [more[j] for _, j in pairs] == words


def test_long_lists_are_matched_by_what_is_unique_in_them() -> None:
    """A table of 3,000 by 3,000 would take seconds."""
    old = [f"w{i}" for i in range(3000)]
    new = [*old[:10], "z", *old[500:2990], "z", *old[2990:], "z"]
    pairs = match(keys(" ".join(old)), keys(" ".join(new)))
    assert [(old[i], new[j]) for i, j in pairs] == [(word, word) for word in (*old[:10], *old[500:])]
