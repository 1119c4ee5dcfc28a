"""Diagnostics as GitHub workflow commands."""

from netspec.diagnostics import Diagnostic, Note, Place, Span
from netspec.diagnostics.github import render_github

FAULT = Diagnostic("widths-count", "K is 3, but widths lists 2", Place("specs/a.yaml", Span(5, 9, 5, 15)))


def test_an_error_is_placed_within_its_line() -> None:
    assert render_github([FAULT]) == (
        "::error file=specs/a.yaml,line=5,endLine=5,col=9,endColumn=15,title=widths-count::K is 3, but widths lists 2\n"
    )


def test_a_span_of_several_lines_has_no_columns() -> None:
    fault = FAULT._replace(place=Place("a.yaml", Span(5, 9, 6, 2)))
    assert render_github([fault]).startswith("::error file=a.yaml,line=5,endLine=6,title=widths-count::")


def test_a_warning_of_a_file_and_a_fault_of_none() -> None:
    warning = FAULT._replace(place=Place("a.yaml"), severity="warning")
    assert render_github([warning, FAULT._replace(place=Place(""))]) == (
        "::error title=widths-count::K is 3, but widths lists 2\n"
        "::warning file=a.yaml,title=widths-count::K is 3, but widths lists 2\n"
    )


def test_label_notes_and_help_are_lines_of_the_message() -> None:
    fault = FAULT._replace(label="2 widths", notes=(Note(Place("b.yaml", Span(1, 2, 1, 3)), "K"),), help="set K to 2")
    message = render_github([fault]).partition("title=widths-count::")[2]
    assert message == "K is 3, but widths lists 2%0A2 widths%0Ab.yaml:1:2: K%0Ahelp: set K to 2\n"


def test_percent_line_ends_colons_and_commas_are_encoded() -> None:
    fault = FAULT._replace(headline="50% of a:b,c\r", place=Place("a,b:c%.yaml"))
    assert render_github([fault]) == "::error file=a%2Cb%3Ac%25.yaml,title=widths-count::50%25 of a:b,c\\r\n"


def test_no_input_makes_a_command_of_its_own() -> None:
    evil = "\n::add-mask::x\r\n\x1b[31m\u202e\u0442"
    fault = Diagnostic("evil", evil, Place(evil, Span(1, 1, 1, 2)), evil, (Note(Place(evil), evil),), evil)
    text = render_github([fault])
    assert text.count("\n") == 1
    assert text.removesuffix("\n").isprintable()
    assert text.startswith("::error file=\\n%3A%3Aadd-mask%3A%3Ax")


def test_beyond_twenty_faults_of_a_file_the_rest_is_counted() -> None:
    faults = [FAULT._replace(place=Place("a.yaml", Span(n, 1, n, 2))) for n in range(1, 23)]
    rows = render_github([*faults, FAULT._replace(place=Place("b.yaml"))]).splitlines()
    assert len(rows) == 22
    assert rows[20] == "::notice file=a.yaml::... and 2 more faults"
