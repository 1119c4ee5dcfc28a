"""What a configuration allows a network to cost."""

import pytest

from netspec.configuration.policy import FACTS, Policy, Setting
from netspec.diagnostics import Note, Place, Span
from netspec.graph import Facts
from netspec.limits import CLAIM_WORK
from netspec.rules.budget import check_budget
from netspec.rules.effort import Effort
from netspec.validation import Choice, Verdict, check_text

SPEC = "netspec: 1\nhyperparameters: {D: 3}\ninput: 1\nwidths: [D, D]\noutput: 1\nvariants:\n  wide: {D: 10}\n"
PLACE = Place("netspec.toml", Span(2, 14, 2, 16))


def policy(**budget: int) -> Policy:
    """Return a policy with a budget alone."""
    most = {word: Setting(value, PLACE) for word, value in budget.items()}
    return Policy("netspec.toml", "[budget]\nparameters = 20\n", None, False, {}, most)


def headlines(verdict: Verdict) -> list[str]:
    """Return the headlines of what is over budget."""
    assert {fault.code for fault in verdict.diagnostics} <= {"over-budget"}
    return [fault.headline for fault in verdict.diagnostics]


@pytest.mark.parametrize("word", FACTS)
def test_every_fact_may_be_its_budget_and_no_more(word: str) -> None:
    """The facts are those of `netspec show`."""
    facts = check_text(SPEC).facts
    assert isinstance(facts, Facts)
    amount = getattr(facts, word)
    assert headlines(check_text(SPEC, choice=Choice("wide"), policy=policy(**{word: 10**9}))) == []
    written = Choice(None, {"D": 3})
    assert headlines(check_text(SPEC, choice=written, policy=policy(**{word: amount}))) == []
    found = headlines(check_text(SPEC, choice=written, policy=policy(**{word: amount - 1})))
    assert found == [f"`{word}` is {amount}, and the budget is {amount - 1}"]


def test_a_fault_stands_at_the_layers_with_the_place_of_the_budget() -> None:
    verdict = check_text(SPEC, "a.yaml", choice=Choice("wide"), policy=policy(parameters=20))
    (fault,) = verdict.diagnostics
    assert (fault.code, fault.severity) == ("over-budget", "error")
    assert fault.place == Place("a.yaml", Span(4, 1, 4, 7))
    assert fault.notes == (Note(PLACE, "the budget"),)
    assert verdict.sources == {"a.yaml": SPEC, "netspec.toml": "[budget]\nparameters = 20\n"}
    assert verdict.part is None


def test_the_file_as_written_and_every_variant_are_held_to_it() -> None:
    verdict = check_text(SPEC, "a.yaml", policy=policy(parameters=20))
    assert headlines(verdict) == [
        "`parameters` is 141, and the budget is 20",
        "`parameters` is 22, and the budget is 20",
    ]
    assert [note.text for note in verdict.diagnostics[0].notes] == ["the budget", "in the variant `wide`"]
    assert headlines(check_text(SPEC, policy=policy(parameters=22))) == ["`parameters` is 141, and the budget is 22"]


def test_parts_are_not_held_to_it_themselves() -> None:
    net = "{input: 1, widths: [3], output: 1}"
    text = f"netspec: 1\nnetworks: {{a: {net}}}\ncompose: [a, a]\n"
    (fault,) = check_text(text, policy=policy(parameters=9)).diagnostics
    assert fault.place.span == Span(3, 1, 3, 8)


def test_numbers_are_written_whole() -> None:
    text = "netspec: 1\ninput: 1\nwidths: [1000000000, 1000000000, 1000000000]\noutput: 1\n"
    facts = check_text(text).facts
    assert facts is not None
    amount = facts.parameters
    (found,) = headlines(check_text(text, policy=policy(parameters=amount - 1)))
    assert found == f"`parameters` is {amount:,}, and the budget is {amount - 1:,}"


FREE = "netspec: 1\nsymbols: [T]\ninput: [T, 8]\nlayers:\n  - dense: 8\noutput: [T, 8]\n"


def test_a_fact_that_hangs_on_free_sizes_has_no_budget() -> None:
    (fault,) = check_text(FREE, policy=policy(macs=10**9, parameters=72)).diagnostics
    assert fault.headline == "`macs` is 64*T, which hangs on free sizes, so that no budget can hold it"
    assert fault.help == 'give the sizes numbers, or take the budget back: `macs = "off"` under `[[overrides]]`'


def test_a_fact_that_is_not_known_has_no_budget() -> None:
    verdict = check_text(SPEC)
    assert verdict.part is not None

    class Undecided(Facts):
        activation_bytes = None  # as where free sizes decide what the peak is

    facts = Undecided(verdict.graph, "float32")  # type: ignore[arg-type]
    (fault,) = check_budget(verdict.part, facts, {"activation_bytes": Setting(1)})
    headline = "`activation_bytes` is no number here: it hangs on free sizes, so that no budget can hold it"
    assert (fault.headline, fault.notes) == (headline, ())


def test_what_is_held_to_a_budget_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = check_text(SPEC)
    assert verdict.part is not None
    effort = Effort()
    assert effort.affords_budget(verdict.part)
    while effort.affords_budget(verdict.part):
        pass
    assert effort.exceeded
    monkeypatch.setattr("netspec.rules.effort.CLAIM_WORK", CLAIM_WORK._replace(value=70))
    text = SPEC + "  huge: {D: 20}\n"
    first, second = check_text(text, policy=policy(parameters=20)).diagnostics
    assert first.headline == "`parameters` is 22, and the budget is 20"
    assert (second.code, second.place.span) == ("too-much-expected", Span(7, 9, 7, 16))
