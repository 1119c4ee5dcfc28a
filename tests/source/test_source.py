"""A source: its tree as plain data, and the places of paths in it."""

import gc

import pytest

from netspec.diagnostics import Place, Span
from netspec.source import REFUSED, Mapping, Path, Scalar, Sequence, Source, read_source

TEXT = """\
# a comment
netspec: 1
widths: [3, 'D']
layers:
  - dense: 10
  - conv:
      kernel: 3
      text: |
        lines
          more
last: {a: {b: true}}
"""


@pytest.fixture(scope="module")
def source() -> Source:
    return read_source(TEXT.encode(), "specs/f.yaml")


def test_the_data_is_plain(source: Source) -> None:
    assert source.faults == []
    assert source.data() == {
        "netspec": 1,
        "widths": [3, "D"],
        "layers": [{"dense": 10}, {"conv": {"kernel": 3, "text": "lines\n  more\n"}}],
        "last": {"a": {"b": True}},
    }


def test_the_nodes_keep_how_they_were_written(source: Source) -> None:
    quoted = source.node(("widths", 1))
    assert isinstance(quoted, Scalar)
    assert (quoted.text, quoted.quoted, quoted.value, quoted.span) == ("D", True, "D", Span(3, 13, 3, 16))
    plain = source.node(("widths", 0))
    assert isinstance(plain, Scalar)
    assert (plain.text, plain.quoted, plain.value) == ("3", False, 3)
    assert isinstance(source.node(("layers",)), Sequence)
    mapping = source.node(("last", "a"))
    assert isinstance(mapping, Mapping)
    assert [key.span for key in mapping.keys.values()] == [Span(11, 12, 11, 13)]


def test_a_node_that_is_not_written_is_none(source: Source) -> None:
    paths: list[Path] = [("none",), ("widths", 2), ("widths", -1), ("widths", "a"), ("last", 0), ("netspec", "a")]
    for path in paths:
        assert source.node(path) is None
    assert source.node(()) is source.tree


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ((), (2, 1, 2, 8), (2, 1, 2, 8)),
        (("missing",), (2, 1, 2, 8), (2, 1, 2, 8)),
        (("netspec",), (2, 10, 2, 11), (2, 1, 2, 8)),
        (("widths",), (3, 9, 3, 17), (3, 1, 3, 7)),
        (("widths", 1), (3, 13, 3, 16), (3, 13, 3, 16)),
        (("widths", 9), (3, 9, 3, 17), (3, 9, 3, 17)),
        (("layers",), (5, 3, 11, 1), (4, 1, 4, 7)),
        (("layers", 0, "dense"), (5, 12, 5, 14), (5, 5, 5, 10)),
        (("layers", 0, "dense", "width"), (5, 12, 5, 14), (5, 12, 5, 14)),
        (("layers", 1, "conv", "channels"), (6, 5, 6, 9), (6, 5, 6, 9)),
        (("layers", 1, "conv", "kernel"), (7, 15, 7, 16), (7, 7, 7, 13)),
        (("layers", 1, "missing"), (6, 5, 11, 1), (6, 5, 11, 1)),
        (("last", "a"), (11, 11, 11, 20), (11, 8, 11, 9)),
        (("last", "a", "c"), (11, 11, 11, 20), (11, 11, 11, 20)),
    ],
)
def test_a_path_has_a_place_for_its_value_and_its_key(
    source: Source, path: Path, value: tuple[int, ...], key: tuple[int, ...]
) -> None:
    assert source.place(path) == Place("specs/f.yaml", Span(*value))
    assert source.place(path, key=True) == Place("specs/f.yaml", Span(*key))


def test_a_file_without_a_tree_has_a_place_all_the_same() -> None:
    for data in (b"", b"- a", b"\xff", b"{}"):
        source = read_source(data, "f.yaml")
        assert source.data() == {}
        assert source.place(("a", 0)) == Place("f.yaml", Span(1, 1, 1, 2))
        assert source.node(("a",)) is None


def test_what_is_refused_stands_in_the_data_as_refused() -> None:
    source = read_source(b"a: 010\nb: [yes, 1]\nc:\n{d:4}: 1\n", "f.yaml")
    assert source.tree is None or source.data()["a"] is REFUSED
    source = read_source(b"a: 010\nb: [yes, 1]\nc:\nd: {width:4}\ne: *x\nf: &y 1\n", "f.yaml")
    assert source.data() == {
        "a": REFUSED,
        "b": [REFUSED, 1],
        "c": REFUSED,
        "d": {"width": REFUSED},
        "e": REFUSED,
        "f": REFUSED,
    }
    assert repr(REFUSED) == "REFUSED"
    assert [fault.code for fault in source.faults] == [
        "number-spelling",
        "ambiguous-word",
        "no-value",
        "colon-without-space",
        "alias",
        "anchor",
    ]


def test_reading_leaves_the_garbage_collector_as_it_was() -> None:
    assert gc.isenabled()
    read_source(b"a: [", "f.yaml")
    assert gc.isenabled()
    gc.disable()
    try:
        read_source(b"a: 1", "f.yaml")
        assert not gc.isenabled()
    finally:
        gc.enable()
