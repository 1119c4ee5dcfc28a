"""YAML to a tree: what is read, what is refused and where, by either parser alike."""

import importlib
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.limits import JSON_FAULTS, YAML_DEPTH, YAML_VALUES
from netspec.source import Source, parser, read_source, syntax
from netspec.source.layout import BLOCK_GAPS, FLOW_GAPS, gap_flaws
from tests.source.fuzz_reader import FINDINGS, PIECES, SEEDS, complaint, main, unlike, verdict

PARSERS = pytest.mark.parametrize("pure", [False, True], ids=["libyaml", "python"])

READ = {
    "a: 1": {"a": 1},
    "---\na: 1\n...\n# end\n": {"a": 1},
    "--- # start\n\na: 1": {"a": 1},
    "# only\n\n  \na : b # c\n": {"a": "b"},
    "{a: 1, b: [x, {y: z}], c: []}": {"a": 1, "b": ["x", {"y": "z"}], "c": []},
    "{\na: [\n  1,\n# c\n\n2]\n}\n": {"a": [1, 2]},
    "a: [b: 1, c]": {"a": [{"b": 1}, "c"]},
    "a: {b: {}}\n": {"a": {"b": {}}},
    "a:\n- b\n-   c: 1\n    d: 2\n-\n  - e\n": {"a": ["b", {"c": 1, "d": 2}, ["e"]]},
    "a: [1,\n 2]\nb:\n  - [3,\n    4 ]\n": {"a": [1, 2], "b": [[3, 4]]},
    "a: x y\nb: 'it''s\n  so'\nc: \"\\u03b2\\n\"\n": {"a": "x y", "b": "it's so", "c": "β\n"},
    "a: |\n  x\n   y\n\nb: >-\n  p\n  q\nc: |2\n   z\nd: |-\n\n e\n": {
        "a": "x\n y\n",
        "b": "p q",
        "c": " z\n",
        "d": "\ne",
    },
    "a: |-\n  b": {"a": "b"},
    "a: >2-\n   b\n   c": {"a": " b\n c"},
    "a: |\nb: >\n\n": {"a": "", "b": ""},
    "a: '1'\nb: \"true\"\nc: '~'\nd: ''\n": {"a": "1", "b": "true", "c": "~", "d": ""},
    "'a': 1\n\"b\": 2\ny: n\n": {"a": 1, "b": 2, "y": "n"},
    "a: http://x\nb: note:this\nc: [x://y, 'd:10']\n": {"a": "http://x", "b": "note:this", "c": ["x://y", "d:10"]},
    "a: -D\nb: [-1, -x]\n": {"a": "-D", "b": [-1, "-x"]},
    "a: b#c\nd: what? this\ne: a-b\n": {"a": "b#c", "d": "what? this", "e": "a-b"},
    "a: 'x # y'\nb: \"- z\" # c\n": {"a": "x # y", "b": "- z"},
    "a: [x y,\n  z w]\n": {"a": ["x y", "z w"]},
}

REFUSED = {
    # nothing to read
    "": [("empty-file", 1, 1)],
    "# a\n\n": [("empty-file", 1, 1)],
    "---\n": [("empty-file", 1, 1)],
    "...\n": [("yaml-syntax", 1, 1)],
    "- a\n": [("not-a-mapping", 1, 1)],
    "[a]": [("not-a-mapping", 1, 1)],
    "a b": [("not-a-mapping", 1, 1)],
    "'a'": [("not-a-mapping", 1, 1)],
    "input:1": [("colon-without-space", 1, 1)],
    "*a": [("alias", 1, 1)],
    # parts of YAML that no spec uses
    "a: &x 1\nb: *x\n": [("anchor", 1, 4), ("alias", 2, 4)],
    "a: &x [1]\n&y b: 2\n*y : 3\n": [("anchor", 1, 4), ("anchor", 2, 1), ("alias", 3, 1)],
    "a: [*x, {b: *y}]\n": [("alias", 1, 5), ("alias", 1, 13)],
    "a: !!int 1\nb: !x\n": [("tag", 1, 4)],
    "a: ! b\n": [("tag", 1, 4)],
    "a: !<x> {}\n": [("tag", 1, 4)],
    "!a b: 1\n": [("tag", 1, 1)],
    "b: 1\na: &x !y z\n": [("tag", 2, 4)],
    "<<: {a: 1}\nb: {<<: *x}\n": [("merge-key", 1, 1), ("merge-key", 2, 5)],
    "%YAML 1.2\n---\na: 1\n": [("directive", 1, 1)],
    "a: 1\n%X\n": [("directive", 2, 1)],
    "a: 1\n---\nb: 2\n": [("several-documents", 2, 1)],
    "a: 1\n...\nb: 2\n": [("several-documents", 3, 1)],
    "a: 1\n...\n---\n": [("several-documents", 3, 1)],
    "? a\n: b\n": [("explicit-key", 1, 1)],
    "a: {? b : c}\n": [("explicit-key", 1, 5)],
    "a: [? b]\n": [("explicit-key", 1, 5)],
    "? [a]\n? b\n": [("explicit-key", 1, 1)],
    # keys
    "1: a\ntrue: b\n~: c\n2024-01-01: d\non: e\n": [("key-not-text", line, 1) for line in range(1, 6)],
    "[a]: 1\nb: {{c: 1}: 2}\n": [("key-not-text", 1, 1), ("key-not-text", 2, 5)],
    "a: {: 1}\n": [("yaml-syntax", 1, 5)],
    "a: 1\n'a': 2\na: 3\n": [("duplicate-key", 2, 1), ("duplicate-key", 3, 1)],
    "a: {b: 1, b: ~}\n": [("duplicate-key", 1, 11), ("no-value", 1, 14)],
    "{a\n b: 1}\n": [("yaml-syntax", 1, 2), ("yaml-syntax", 2, 3)],
    # values
    "a:\nb: ~\nc: [~]\nd:\n": [("no-value", 1, 1), ("no-value", 2, 4), ("no-value", 3, 5), ("no-value", 4, 1)],
    "a:\n-\n- b\n-": [("no-value", 2, 1), ("no-value", 4, 1)],
    "a: {b, 'c'}\n": [("no-value", 1, 5), ("no-value", 1, 8)],
    "1:\n<<:\n": [("key-not-text", 1, 1), ("merge-key", 2, 1)],
    "a: {width:4}\nb: {c: 1, c:2}\n": [("colon-without-space", 1, 5), ("colon-without-space", 2, 11)],
    "a:\n  - dense:10\nb:\n  c:1\n": [("colon-without-space", 2, 5), ("colon-without-space", 4, 3)],
    "a: 010\nb: [yes, 1_0]\n": [("number-spelling", 1, 4), ("ambiguous-word", 2, 5), ("number-spelling", 2, 10)],
    'a: "\\x1b"\nb: "\\ufeff"\nc: "\\u202e"\n': [("control-character", line, 4) for line in (1, 2, 3)],
    # layout that parsers let pass
    "a: [\n1\n]\n": [("indentation", 2, 1), ("indentation", 3, 1)],
    "a: [1,\n  2\n]\nb: {c: 1,\nd: 2}\n": [("indentation", 3, 1), ("indentation", 5, 1)],
    "a: 'x\ny'\nb: \"x\n\n z\"\n": [("indentation", 2, 1)],
    "a:\n  b: [x\n  y]\n": [("indentation", 3, 3)],
    "a: x\n  y\n\n  z\n": [("runs-on", 2, 3)],
    "a: [x y, z\n  w]\n": [("runs-on", 2, 3)],
    "a:\n- 512\n - 256\n": [("runs-on", 3, 2)],
    "a: x\n\n  z\nb: 1\n  -2\n": [("runs-on", 3, 3), ("runs-on", 5, 3)],
    'a: "b"#c\n': [("yaml-syntax", 1, 7)],
    "a: [b]#c\n": [("yaml-syntax", 1, 7)],
    "a: [b,#c\n  d]\n": [("yaml-syntax", 1, 7)],
    "a: >#c\n  d\n": [("yaml-syntax", 1, 5)],
    "a: |\n   \n  b\n": [("yaml-syntax", 3, 1)],
    "a: |\n  b": [("yaml-syntax", 2, 3)],
    "--- a: 1\n": [("yaml-syntax", 1, 1)],
    "--- {a: 1}\n": [("yaml-syntax", 1, 1)],
    "... x\n": [("yaml-syntax", 1, 1)],
    "{a: 1,\n--- b: 2}\n": [("yaml-syntax", 2, 1)],
    "{a: 1} b\n": [("yaml-syntax", 1, 8)],
    "  a: 1\n b: 2\n": [("yaml-syntax", 2, 2)],
    "a: [-, b]\n": [("yaml-syntax", 1, 5)],
    "a: [x?y]\n": [("yaml-syntax", 1, 6)],
    "a: ?b\n": [("yaml-syntax", 1, 4)],
    "a: :b\n": [("yaml-syntax", 1, 4)],
    '{"a":1}\n': [("colon-without-space", 1, 5)],
    "a: {b:[1]}\n": [("colon-without-space", 1, 6)],
    "a: [b:, c]\n": [("colon-without-space", 1, 6)],
    "a: [x?b:, c]\n": [("colon-without-space", 1, 8)],
    # no YAML
    "a: [1, 2": [("yaml-syntax", 1, 4)],
    "a: [1, 2\nb: 3\n": [("yaml-syntax", 2, 2)],
    "a: [1, 2\n\n": [("yaml-syntax", 1, 4)],
    "a: {b: 1\n": [("yaml-syntax", 1, 4)],
    "a: 'x\n": [("yaml-syntax", 1, 4)],
    "a: 'x\n---\n'": [("yaml-syntax", 1, 4)],
    "a: b: c\n": [("yaml-syntax", 1, 5)],
    "a: - b\n": [("yaml-syntax", 1, 4)],
    "a: 1\nb\n": [("yaml-syntax", 2, 1)],
    "a: 1\n- b\n": [("yaml-syntax", 2, 1)],
    "a:\n  - b\n  c: 1\n": [("yaml-syntax", 3, 3)],
    "a: @b\n": [("yaml-syntax", 1, 4)],
    "a: ]\n": [("yaml-syntax", 1, 4)],
    "a: |x\n": [("yaml-syntax", 1, 5)],
    "a: [${D}]\n": [("yaml-syntax", 1, 6)],
    "b: 1\nwidths:[3, 3]\nc: 2\n": [("colon-without-space", 2, 1)],
    "b: 1\n? c\nd\n": [("explicit-key", 2, 1)],
    "a: {b: c:[1]}\n": [("colon-without-space", 1, 9)],
    "a: !<x b\n": [("tag", 1, 4)],
    "a: & b\n": [("anchor", 1, 4)],
    "a: * b\n": [("alias", 1, 4)],
    "a: [x ? y]\nb: [z": [("yaml-syntax", 1, 7)],
    # a fault holds back what else stands on the line that ends the reading, and keeps what stands above it
    "a: 010\nb: 010 # c\nc: [0x1, @\n": [("number-spelling", 1, 4), ("number-spelling", 2, 4), ("yaml-syntax", 3, 10)],
    "a: [1\nb: 2\n": [("yaml-syntax", 2, 2)],
}


def places(source: Source) -> list[tuple[str, int, int]]:
    """Return code, line and column of each fault."""
    spans = [(fault.code, fault.place.span) for fault in source.faults]
    return [(code, span.line, span.column) for code, span in spans if span is not None]


@PARSERS
@pytest.mark.parametrize("text", READ)
def test_yaml_is_read(text: str, pure: bool) -> None:
    source = read_source(text.encode(), "f.yaml", pure=pure)
    assert (source.faults, source.data()) == ([], READ[text])


@PARSERS
@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused_has_its_code_and_place(text: str, pure: bool) -> None:
    assert places(read_source(text.encode(), "f.yaml", pure=pure)) == REFUSED[text]


@pytest.mark.parametrize(
    "text", ['a: "\\ud800"\n', 'a: "\\U00110000"\n', 'a: "x\n  \\UFFFFFFFF"\n', 'a: "\\q"\n', 'a: "\\xzz"\n']
)
def test_an_escape_that_yaml_does_not_know_is_on_the_same_line_for_either_parser(text: str) -> None:
    """The one points at the backslash, the other behind it."""
    fast, slow = (read_source(text.encode(), "f.yaml", pure=pure) for pure in (False, True))
    assert verdict(fast) == verdict(slow) == [("yaml-syntax", text.count("\n"))]
    assert fast.faults[0].headline == slow.faults[0].headline == "this is not YAML: an escape that YAML does not know"


def test_a_duplicate_names_both_lines() -> None:
    (fault,) = read_source(b"a: 1\nb: 2\n'a': 3\n", "f.yaml").faults
    assert (fault.headline, fault.label) == ("`a` is given twice", "given again")
    (note,) = fault.notes
    assert note.place.span is not None
    assert (note.place.span.line, note.text) == (1, "first given here")


def test_the_first_of_two_values_stays() -> None:
    assert read_source(b"a: 1\nb: 2\n'a': {c: 3}\n", "f.yaml").data() == {"a": 1, "b": 2}


@PARSERS
@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[{a: ", "- - "])
def test_nesting_is_refused_at_the_first_level_too_many(opening: str, pure: bool) -> None:
    """25,000 levels end libyaml's composer with a segmentation fault; the events never get there."""
    source = read_source(b"a:\n  " + opening.encode() * 25_000, "f.yaml", pure=pure)
    assert source.tree is None
    assert len(source.faults) == 1
    assert source.faults[0].code in ("too-deep", "explicit-key", "yaml-syntax")


@PARSERS
def test_the_deepest_nesting_is_read_and_one_more_refused(pure: bool) -> None:
    brackets = YAML_DEPTH.value - 1
    source = read_source(b"a: " + b"[" * brackets + b"]" * brackets, "f.yaml", pure=pure)
    assert source.faults == []
    assert len(str(source.data())) > 2 * brackets
    source = read_source(b"a: " + b"[" * (brackets + 1) + b"]" * (brackets + 1), "f.yaml", pure=pure)
    assert places(source) == [("too-deep", 1, 4 + brackets)]


@PARSERS
@pytest.mark.parametrize("item", ["1", "[]", "'x'"])
def test_the_values_are_counted_as_they_come(item: str, pure: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mapping, its key and the list are three of them."""
    monkeypatch.setattr("netspec.source.reader._MOST", 1_000)
    assert read_source(f"a: [{','.join([item] * 997)}]".encode(), "f.yaml", pure=pure).faults == []
    source = read_source(f"a: [{','.join([item] * 998)}]".encode(), "f.yaml", pure=pure)
    assert [fault.code for fault in source.faults] == ["too-many-values"]


def test_the_limit_is_the_one_in_the_table() -> None:
    fits = YAML_VALUES.value - 3
    assert read_source(f"a: [{'1,' * fits}]".encode(), "f.yaml").faults == []
    assert [fault.code for fault in read_source(f"a: [{'1,' * fits}1]".encode(), "f.yaml").faults] == [
        "too-many-values"
    ]


@pytest.mark.parametrize("flow", [False, True])
def test_the_gaps_that_are_known_to_be_sound_are(flow: bool) -> None:
    for gap in FLOW_GAPS if flow else BLOCK_GAPS:
        # In brackets nothing that ends with a line end stands before a gap.
        for before, after in (("a", "b"), ("]", "'b'"), ("a: ", "- c"), ("a" if flow else "a:\n", "--")):
            text = f"{before}{gap}{after}\n"
            assert list(gap_flaws(text, len(before), len(before) + len(gap), flow=flow, indent=9)) == [], text


@PARSERS
def test_reading_ends_where_nobody_reads_the_faults(pure: bool) -> None:
    """Among them those of one line: it is not the line that ends the reading."""
    source = read_source(b"a: [" + b"010," * 5_000 + b"1]", "f.yaml", pure=pure)
    assert source.tree is None
    assert len(source.faults) == JSON_FAULTS.value


def test_an_alias_counts_as_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netspec.source.reader._MOST", 3)
    assert places(read_source(b"a: [*x]", "f.yaml")) == [("too-many-values", 1, 5)]


def test_the_faults_are_in_the_order_of_the_file() -> None:
    source = read_source(b"a: 1\nb: 010\n'a': ~\nc: {d\n  }\n", "f.yaml")
    assert places(source) == sorted(places(source), key=lambda place: place[1:])


def test_without_libyaml_the_parser_in_python_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parser.FAST
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "yaml._yaml", None)
        importlib.reload(parser)
        assert not parser.FAST
        following = parser.events("a: 1\n", pure=False)
        assert type(following()).__name__ == "StreamStartEvent"
    importlib.reload(parser)
    assert parser.FAST


def test_a_parser_that_gives_no_place_is_placed_at_the_start() -> None:
    error = parser.FAILURES[0]()
    assert parser.breach(error) == parser.Breach(0, 0, "", None)


@pytest.mark.parametrize("before", ["", "[], {}, ", '\'[[\', "]\\"[", ', "[[1], ", "{a: [1], b: "])
def test_brackets_beyond_the_bound_of_either_parser_are_one_fault_at_one_place(before: str) -> None:
    text = f"netspec: 1\nwidths: [{before}{'[' * 1_020}\n".encode()
    fast, pure = (read_source(text, "f.yaml", pure=pure).faults for pure in (False, True))
    assert fast == pure
    assert [fault.code for fault in fast] == ["too-deep"]


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_get_a_verdict(data: bytes) -> None:
    assert not complaint(data, both=True)


@given(st.lists(st.sampled_from([*PIECES, *"ab:[]{},- \n'\"#"]), max_size=30).map("".join))
def test_any_pieces_of_yaml_get_one_verdict(text: str) -> None:
    assert not complaint(text.encode("utf-8", "surrogatepass"), both=True)


@pytest.mark.parametrize("path", sorted(FINDINGS.glob("*")), ids=lambda path: path.name)
def test_what_fuzzing_found_stays_mended(path: Path) -> None:
    assert complaint(path.read_bytes(), both=True) is None


def test_the_fuzzer_reads_its_seeds_and_mutants(capsys: pytest.CaptureFixture[str]) -> None:
    assert [seed for seed in SEEDS if read_source(seed.encode(), "f.yaml").faults] == []
    assert main(2_000, 11) == 0
    assert "2,000 inputs, seed 11" in capsys.readouterr().out


def test_the_fuzzer_sees_two_verdicts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A comparison that never fails proves nothing: let one parser read something else."""

    def lenient(data: bytes, file: str, *, pure: bool = False) -> Source:
        return read_source(b"a: 1\n" if pure else data, file, pure=pure)

    monkeypatch.setattr("tests.source.fuzz_reader.read_source", lenient)
    assert unlike(read_source(b"a: 1", "f"), read_source(b"a: [", "f"))
    assert main(50, 1) == 1
    assert "two" in capsys.readouterr().out


def test_brackets_in_quotes_open_nothing_and_those_that_close_are_counted() -> None:
    text = """"[[" '[' [ ] [ {"""
    assert syntax.opening(text, 0, 0) == text.index(" [ ]") + 1
    assert syntax.opening(text, 0, 1) == text.index("{")
    assert syntax.opening(text, 0, 5) == 0
