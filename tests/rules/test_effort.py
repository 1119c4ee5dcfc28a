"""What checking the claims of a spec costs is bounded, and any one network is within the bound."""

from netspec.validation import Verdict, check_text


def codes(verdict: Verdict) -> list[str]:
    """Return the codes of the errors."""
    return [fault.code for fault in verdict.diagnostics if fault.severity == "error"]


def test_the_largest_network_is_within_the_bound() -> None:
    text = "netspec: 1\ninput: 1000000000\nK: 10000000\nwidths: 1000000000\noutput: 1\n"
    verdict = check_text(f"{text}expect: {{fingerprint: x, regions: {{at_least: 1}}, macs: {{at_least: 1}}}}\n")
    assert codes(verdict) == ["expect"]


def test_what_is_beyond_is_told_once_and_checked_no_further() -> None:
    networks = "".join(
        f"  n{i}: {{input: 1, K: 10000000, widths: {i + 1}, output: 1, expect: {{fingerprint: x}}}}\n"
        for i in range(20)
    )
    found = codes(check_text(f"netspec: 1\nnetworks:\n{networks}compose: [n0]\n"))
    assert found.count("too-much-expected") == 1
    assert found == ["expect"] * (len(found) - 1) + ["too-much-expected"]
    assert len(found) < 8


def test_values_that_are_written_out_cost_as_well() -> None:
    wide = ", ".join(["1", "2"] * 4_000)
    networks = "".join(f"  n{i}: {{compose: [deep], parameters: {{deep.beta_0: [{i}]}}}}\n" for i in range(20))
    text = f"netspec: 1\nnetworks:\n  deep: {{input: 1, widths: [{wide}], output: 1}}\n{networks}compose: [deep]\n"
    verdict = check_text(text)
    (excess,) = [fault for fault in verdict.diagnostics if fault.code == "too-much-expected"]
    assert excess.place.span is not None
    assert text.split("\n")[excess.place.span.line - 1][excess.place.span.column - 1 :].startswith("parameters")


def test_so_many_misses_are_told_and_no_more() -> None:
    networks = "".join(
        f"  n{i}: {{input: 1, K: 0, output: 1, expect: {{parameters: 3, capacity: 1, depth: 1}}}}\n" for i in range(500)
    )
    found = codes(check_text(f"netspec: 1\nnetworks:\n{networks}compose: [n0]\n"))
    assert set(found) == {"expect"}
    assert 200 <= len(found) < 210


def test_what_says_nothing_of_itself_costs_nothing() -> None:
    networks = "".join(f"  n{i}: {{input: 1, K: 10000000, widths: {i + 1}, output: 1}}\n" for i in range(500))
    assert check_text(f"netspec: 1\nnetworks:\n{networks}compose: [n0]\n").valid
