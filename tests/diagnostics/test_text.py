"""Diagnostics drawn for people, compared whole."""

from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.diagnostics import Diagnostic, Note, Place, Span, SpecError, show
from netspec.diagnostics.letters import ascii_only
from netspec.diagnostics.text import render_text

FILE = "specs/two-layer.yaml"
TEXT = "netspec: 1\nname: two-layer\ninput: 1\nK: 3\nwidths: [3, 3]\noutput: 1\n"


def at(line: int, column: int, end: int, *, file: str = FILE, end_line: int | None = None) -> Place:
    return Place(file, Span(line, column, line if end_line is None else end_line, end))


COUNT = Diagnostic(
    "widths-count",
    "K is 3, but widths lists 2",
    at(5, 9, 15),
    "2 widths here",
    (Note(at(4, 4, 5), "3 hidden layers declared here"),),
    "list 3 widths, or set K to 2",
)


def drawn(*diagnostics: Diagnostic, text: str = TEXT, file: str = FILE, width: int | None = None) -> str:
    return render_text(diagnostics, {file: text}, width=width)


def test_a_fault_shows_its_place_the_other_place_and_the_help() -> None:
    assert drawn(COUNT) == (
        "error[widths-count]: K is 3, but widths lists 2\n"
        "  --> specs/two-layer.yaml:5:9\n"
        "   |\n"
        " 4 | K: 3\n"
        "   |    - 3 hidden layers declared here\n"
        " 5 | widths: [3, 3]\n"
        "   |         ^^^^^^ 2 widths here\n"
        "   |\n"
        "   = help: list 3 widths, or set K to 2\n"
    )


def test_without_help_the_block_ends_with_the_last_mark() -> None:
    assert drawn(COUNT._replace(notes=(), help="", label="")) == (
        "error[widths-count]: K is 3, but widths lists 2\n"
        "  --> specs/two-layer.yaml:5:9\n"
        "   |\n"
        " 5 | widths: [3, 3]\n"
        "   |         ^^^^^^\n"
    )


def test_the_gutter_is_as_wide_as_the_last_line_number() -> None:
    text = "\n" * 98 + "K: 3\nwidths: 3\n"
    fault = COUNT._replace(place=at(100, 9, 10), notes=(Note(at(99, 4, 5), "here"),), help="mend")
    assert drawn(fault, text=text) == (
        "error[widths-count]: K is 3, but widths lists 2\n"
        "    --> specs/two-layer.yaml:100:9\n"
        "     |\n"
        "  99 | K: 3\n"
        "     |    - here\n"
        " 100 | widths: 3\n"
        "     |         ^ 2 widths here\n"
        "     |\n"
        "     = help: mend\n"
    )


def test_one_line_in_between_is_shown_and_more_are_dots() -> None:
    notes = (Note(at(1, 1, 8), "first"), Note(at(3, 1, 6), "third"))
    assert drawn(COUNT._replace(notes=notes, place=at(6, 1, 7), label="sixth", help="")) == (
        "error[widths-count]: K is 3, but widths lists 2\n"
        "  --> specs/two-layer.yaml:6:1\n"
        "   |\n"
        " 1 | netspec: 1\n"
        "   | ------- first\n"
        " 2 | name: two-layer\n"
        " 3 | input: 1\n"
        "   | ----- third\n"
        "...\n"
        " 6 | output: 1\n"
        "   | ^^^^^^ sixth\n"
    )


def test_marks_of_one_line_stand_one_below_the_other() -> None:
    fault = COUNT._replace(notes=(Note(at(5, 1, 7), "the key"),), help="")
    assert drawn(fault) == (
        "error[widths-count]: K is 3, but widths lists 2\n"
        "  --> specs/two-layer.yaml:5:9\n"
        "   |\n"
        " 5 | widths: [3, 3]\n"
        "   | ------ the key\n"
        "   |         ^^^^^^ 2 widths here\n"
    )


def test_a_note_in_another_file_has_a_block_of_its_own() -> None:
    fault = COUNT._replace(notes=(Note(at(2, 1, 3, file="bend.yaml"), "gives 4"),))
    assert render_text([fault], {FILE: TEXT, "bend.yaml": "netspec: 1\nK: 1\n"}) == (
        "error[widths-count]: K is 3, but widths lists 2\n"
        "  --> specs/two-layer.yaml:5:9\n"
        "   |\n"
        " 5 | widths: [3, 3]\n"
        "   |         ^^^^^^ 2 widths here\n"
        "   |\n"
        "  ::: bend.yaml:2:1\n"
        "   |\n"
        " 2 | K: 1\n"
        "   | -- gives 4\n"
        "   |\n"
        "   = help: list 3 widths, or set K to 2\n"
    )


def test_a_file_that_was_not_read_is_named_without_an_excerpt() -> None:
    fault = COUNT._replace(notes=(Note(at(2, 1, 3, file="bend.yaml"), "gives 4"),))
    assert render_text([fault], {}) == (
        "error[widths-count]: K is 3, but widths lists 2\n"
        "  --> specs/two-layer.yaml:5:9\n"
        "   = note: 2 widths here\n"
        "  ::: bend.yaml:2:1\n"
        "   = note: gives 4\n"
        "   = help: list 3 widths, or set K to 2\n"
    )


def test_a_fault_of_a_whole_file_names_the_file_alone() -> None:
    fault = Diagnostic("empty-file", "there is nothing in the file", Place(FILE), help="begin with `netspec: 1`")
    assert drawn(fault) == (
        "error[empty-file]: there is nothing in the file\n"
        "  --> specs/two-layer.yaml\n"
        "   = help: begin with `netspec: 1`\n"
    )


def test_a_fault_of_no_file_is_a_headline_and_help() -> None:
    fault = Diagnostic("no-space", "no space left", Place(""), help="make room")
    assert drawn(fault) == "error[no-space]: no space left\n   = help: make room\n"


def test_a_span_of_several_lines_is_marked_on_its_first() -> None:
    fault = COUNT._replace(place=at(4, 1, 7, end_line=5), notes=(), help="")
    assert drawn(fault) == (
        "error[widths-count]: K is 3, but widths lists 2\n"
        "  --> specs/two-layer.yaml:4:1\n"
        "   |\n"
        " 4 | K: 3\n"
        "   | ^^^^ 2 widths here\n"
    )


def test_the_end_of_a_file_is_a_place() -> None:
    missing = Diagnostic("no-body", "there is no body", at(7, 1, 1), "the file ends here")
    assert drawn(missing) == (
        "error[no-body]: there is no body\n  --> specs/two-layer.yaml:7:1\n   |\n 7 |\n   | ^ the file ends here\n"
    )
    unended = missing._replace(place=at(1, 8, 8))
    assert drawn(unended, text="netspec") == (
        "error[no-body]: there is no body\n"
        "  --> specs/two-layer.yaml:1:8\n"
        "   |\n"
        " 1 | netspec\n"
        "   |        ^ the file ends here\n"
    )


def test_a_place_beyond_the_text_is_named_without_an_excerpt() -> None:
    fault = Diagnostic("no-body", "there is no body", at(9, 4, 5), "here")
    assert drawn(fault) == (
        "error[no-body]: there is no body\n"
        "  --> specs/two-layer.yaml:9:4\n"
        "   = note: here\n"
    )  # fmt: skip


def test_columns_point_right_behind_escapes() -> None:
    """A tab takes two columns, a letter outside ASCII six, β and Ω one; line ends of Windows are none."""
    text = 'β:\t"\u0442\x1b[31m": widths\r\n'
    fault = Diagnostic("unknown-key", "unknown key", at(1, 14, 20), "here", (Note(at(1, 5, 6), "a letter"),))
    assert drawn(fault, text=text) == (
        "error[unknown-key]: unknown key\n"
        "  --> specs/two-layer.yaml:1:14\n"
        "   |\n"
        ' 1 | β:\\t"U+0442U+001B[31m": widths\n'
        "   |      ------ a letter\n"
        "   |                         ^^^^^^ here\n"
    )


def test_where_there_is_only_ascii_the_marks_follow_the_spelling() -> None:
    fault = Diagnostic("shape", "β_0 is 3×1", at(1, 6, 7), "→ here")
    assert render_text([fault], {FILE: "β_0: 3"}, encode=ascii_only) == (
        "error[shape]: beta_0 is 3x1\n  --> specs/two-layer.yaml:1:6\n   |\n 1 | beta_0: 3\n   |         ^ -> here\n"
    )


def test_a_long_line_is_cut_around_its_mark() -> None:
    text = "a" * 100 + "MARK" + "b" * 100
    fault = Diagnostic("long", "too long", at(1, 101, 105), "here")
    assert drawn(fault, text=text, width=45) == (
        "error[long]: too long\n"
        "  --> specs/two-layer.yaml:1:101\n"
        "   |\n"
        " 1 | ...aaaaaaaaaaaMARKbbbbbbbbbbbbbbbbbbb...\n"
        "   |               ^^^^ here\n"
    )


def test_a_long_line_is_shown_again_for_a_mark_beyond_the_cut() -> None:
    text = "first" + "-" * 100 + "second"
    fault = Diagnostic("long", "too long", at(1, 106, 112), "second", (Note(at(1, 1, 6), "first"),))
    assert drawn(fault, text=text, width=34) == (
        "error[long]: too long\n"
        "  --> specs/two-layer.yaml:1:106\n"
        "   |\n"
        " 1 | first------------------...\n"
        "   | ----- first\n"
        " 1 | ...-----------------second\n"
        "   |                     ^^^^^^ second\n"
    )


def test_a_mark_longer_than_the_line_ends_with_the_cut() -> None:
    fault = Diagnostic("long", "too long", at(1, 1, 10_001))
    rows = drawn(fault, text="x" * 10_000, width=40).splitlines()
    assert rows[3:] == [" 1 | " + "x" * 29 + "...", "   | " + "^" * 29]


def test_a_terminal_however_narrow_shows_the_mark() -> None:
    fault = Diagnostic("long", "too long", at(1, 501, 502))
    rows = drawn(fault, text="x" * 500 + "!" + "x" * 500, width=1).splitlines()
    assert rows[3].index("!") == rows[4].index("^")


def test_a_warning_says_so() -> None:
    fault = Diagnostic("unused-name", "nobody reads `a`", Place(FILE), severity="warning")
    assert drawn(fault) == "warning[unused-name]: nobody reads `a`\n  --> specs/two-layer.yaml\n"


def test_faults_come_in_the_order_of_the_file_and_equal_ones_once() -> None:
    late, early = COUNT._replace(place=at(5, 1, 2)), COUNT._replace(place=at(1, 1, 2))
    other = COUNT._replace(place=at(9, 9, 10, file="a.yaml"))
    rows = [row for row in drawn(late, early, other, late).splitlines() if "-->" in row]
    assert rows == ["  --> a.yaml:9:9", f"  --> {FILE}:1:1", f"  --> {FILE}:5:1"]


def test_a_blank_line_stands_between_two_faults() -> None:
    one = Diagnostic("a", "one", Place(""))
    assert drawn(one, one._replace(headline="two")) == "error[a]: one\n\nerror[a]: two\n"


def test_nothing_is_drawn_of_no_faults() -> None:
    assert drawn() == ""


def test_beyond_twenty_faults_of_a_file_the_rest_is_counted() -> None:
    faults = [Diagnostic("many", "one of many", Place(FILE, Span(1, n, 1, n + 1))) for n in range(1, 24)]
    other = Diagnostic("other", "another file", Place("z.yaml"))
    text = render_text([*faults, other], {})
    assert text.count("error[many]") == 20
    assert text.endswith(
        f"\n... and 3 more faults in {FILE}\n\nerror[other]: another file\n  --> z.yaml\n",
    )


def test_beyond_eight_kilobytes_of_a_file_the_rest_is_counted() -> None:
    faults = [Diagnostic("big", "β" * 2_000, Place(FILE, Span(1, n, 1, n + 1))) for n in range(1, 4)]
    assert render_text(faults, {}).endswith(f"\n\n... and 1 more fault in {FILE}\n")
    assert render_text([faults[0]._replace(headline="β" * 9_000)], {}).startswith("error[big]: βββ")


def test_the_count_does_not_depend_on_colours() -> None:
    faults = [Diagnostic("big", "x" * 1_990, Place(FILE, Span(1, n, 1, n + 1))) for n in range(1, 9)]
    assert render_text(faults, {}).splitlines()[-1] == render_text(faults, {}, colour=True).splitlines()[-1]


def test_many_notes_are_counted() -> None:
    notes = tuple(Note(at(n, 1, 2, file=f"{n}.yaml"), "") for n in range(1, 12))
    rows = render_text([COUNT._replace(notes=notes)], {}).splitlines()
    assert sum(":::" in row for row in rows) == 8
    assert rows[-2:] == ["   = note: and 3 more places", "   = help: list 3 widths, or set K to 2"]


def test_colours_are_only_added() -> None:
    import re

    coloured = render_text([COUNT], {FILE: TEXT}, colour=True)
    assert coloured.startswith("\x1b[1;31merror[widths-count]\x1b[0m\x1b[1m: K is 3, but widths lists 2\x1b[0m\n")
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == drawn(COUNT)


def test_control_characters_reach_the_terminal_from_nowhere() -> None:
    evil = "\x1b]8;;http://x\x07\n::error::\u202e"
    fault = Diagnostic("evil", evil, at(1, 1, 2, file=evil), evil, (Note(at(1, 1, 2), evil),), evil)
    text = render_text([fault], {FILE: evil, evil: evil})
    assert all(row.isprintable() for row in text.split("\n"))
    assert not any(row.startswith("::") for row in text.split("\n"))


def test_the_exception_shows_what_the_command_line_shows() -> None:
    assert str(SpecError([COUNT], {FILE: TEXT})) == drawn(COUNT)


# Short lines and long ones, of letters that take one column, two and six.
SOURCES = st.text(st.sampled_from("abc: β\u0442\t\x1b\\\r") | st.characters(), max_size=200)


@settings(deadline=None)  # a loaded machine is no fault
@given(SOURCES, SOURCES, st.integers(1, 250), st.integers(0, 250), st.integers(1, 150))
def test_whatever_the_source_the_mark_stands_under_its_character(
    before: str, after: str, column: int, length: int, width: int
) -> None:
    text = (before + "\n" + after).replace("\n", "", 1)
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    line = len(lines)
    rows = drawn(Diagnostic("a", "one", at(line, column, column + length)), text=text, width=width).split("\n")
    assert all(row.isprintable() for row in rows)
    source, mark = rows[3], rows[4]
    here = lines[-1][column - 1 : column]
    assert set(mark.strip(" |")) == {"^"}
    if here.strip():
        assert source[mark.index("^") :].startswith(show(here))
