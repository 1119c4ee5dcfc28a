"""From parts to graphs: every join is checked, and what does not fit is told once."""

import pytest

from netspec.graph import Assembler
from netspec.spec import Library, Part, Resolver
from netspec.validation import check_text

PARTS = """\
  one: {input: 1, K: 0, output: 1}
  wide: {input: 1, K: 0, output: 2}
  narrow: {input: 2, K: 0, output: 1}
  double: {dtype: float64, input: 1, K: 0, output: 1}
"""


def faults(text: str) -> list[tuple[str, str, list[str]]]:
    """Return code, headline and the words of the notes of each error."""
    verdict = check_text(f"netspec: 1\nnetworks:\n{PARTS}{text}")
    return [
        (fault.code, fault.headline, [note.text for note in fault.notes])
        for fault in verdict.diagnostics
        if fault.severity == "error"
    ]


def test_a_join_that_does_not_fit_names_both_sides() -> None:
    assert faults("compose: [wide, one]\n") == [
        ("compose-join", "`wide` gives 2, but `one` expects 1", ["gives 2", "`wide` gives 2", "`one` reads 1"])
    ]


def test_a_composition_of_compositions_names_the_parts_that_meet() -> None:
    (found,) = faults("  both: {compose: [one, wide]}\ncompose: [both, one]\n")
    assert found == ("compose-join", "`both` gives 2, but `one` expects 1", ["gives 2", "`one` reads 1"])


def test_a_part_that_does_not_fit_within_is_told_once() -> None:
    text = "  bad: {compose: [wide, one]}\n  worse: {compose: [bad, narrow]}\ncompose: [bad, worse, bad]\n"
    assert [code for code, _, _ in faults(text)] == ["compose-join"]


def test_every_join_of_a_composition_is_checked() -> None:
    assert [code for code, _, _ in faults("compose: [wide, one, narrow]\n")] == ["compose-join", "compose-join"]


@pytest.mark.parametrize(
    ("text", "headlines"),
    [
        ("compose: [one]\ninput: 1\noutput: 1\n", []),
        ("compose: [wide, narrow]\ninput: 2\n", ["`input` says 2, but `wide` reads 1"]),
        ("compose: [wide]\noutput: 1\n", ["`output` says 1, but `wide` gives 2"]),
        (
            "compose: [narrow, wide]\ninput: 1\noutput: 1\n",
            ["`input` says 1, but `narrow` reads 2", "`output` says 1, but `wide` gives 2"],
        ),
    ],
)
def test_asserted_widths_are_compared(text: str, headlines: list[str]) -> None:
    assert [headline for _, headline, _ in faults(text)] == headlines


def test_one_network_computes_in_one_dtype() -> None:
    assert faults("compose: [one, double]\n") == [
        ("compose-dtype", "this network computes in float32, but `double` in float64", ["`double` says so"])
    ]


def test_a_part_of_a_file_computes_in_what_the_file_does() -> None:
    assert faults("dtype: float64\ncompose: [double, one]\n") == []


def test_a_part_is_built_once_however_often_it_is_used() -> None:
    text = f"netspec: 1\nnetworks:\n{PARTS}  twice: {{compose: [one, one]}}\ncompose: [one, twice, one]\n"
    library = Library(None)
    resolver = Resolver(library)
    part = resolver.file(library.add(text.encode(), "spec.yaml", "spec.yaml"), {})
    assert isinstance(part, Part)
    assembler = Assembler(resolver)
    graph = assembler.graph(part)
    assert graph is not None
    one, _, again = (assembler.graph(entry.part) for entry in part.entries)
    assert one is again
    assert assembler.graph(part) is graph
    assert assembler.faults == []
