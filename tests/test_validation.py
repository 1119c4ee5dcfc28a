"""From bytes to a verdict: the file that is named, the choice that is made, variants and all that they find."""

import os
from pathlib import Path

import pytest

from netspec.diagnostics import SystemFault
from netspec.limits import VARIANT_WORK
from netspec.validation import Choice, check_file, check_text

FAMILY = """\
netspec: 1
hyperparameters: {D: 3, depth: 2}
input: 1
K: depth
widths: D
output: 1
variants:
  small: {D: 2, expect: {parameters: 13}}
  deep: {depth: 4}
"""


def test_a_valid_spec_has_part_graph_and_facts() -> None:
    verdict = check_text(FAMILY)
    assert verdict.valid
    assert verdict.diagnostics == ()
    assert verdict.part is not None
    assert verdict.graph is not None
    assert verdict.facts is not None
    assert (verdict.part.name, verdict.facts.parameters) == ("network", 22)
    assert verdict.sources == {"<text>": FAMILY}


def test_a_warning_leaves_a_spec_valid() -> None:
    verdict = check_text("netspec: 1\nhyperparameters: {D: 3}\ninput: 1\nK: 0\noutput: 1\n")
    assert [fault.severity for fault in verdict.diagnostics] == ["warning"]
    assert verdict.valid
    assert verdict.graph is not None


def test_an_error_leaves_nothing_to_use() -> None:
    verdict = check_text(f"{FAMILY}expect: {{parameters: 1}}\n")
    assert not verdict.valid
    assert (verdict.part, verdict.graph, verdict.facts) == (None, None, None)


@pytest.mark.parametrize(
    ("choice", "parameters", "settings"),
    [
        (Choice(), 22, {}),
        (Choice("small"), 13, {"D": 2}),
        (Choice("deep"), 46, {"depth": 4}),
        (Choice("small", {"depth": 1}), 7, {"D": 2, "depth": 1}),
        (Choice(settings={"D": 1, "depth": 0}), 2, {"D": 1, "depth": 0}),
    ],
)
def test_a_choice_names_one_network(choice: Choice, parameters: int, settings: dict[str, object]) -> None:
    verdict = check_text(FAMILY, choice=choice)
    assert verdict.part is not None, verdict.diagnostics
    assert verdict.facts is not None
    assert verdict.facts.parameters == parameters
    assert dict(verdict.part.settings) == settings


@pytest.mark.parametrize(
    ("choice", "code", "headline", "help_"),
    [
        (Choice("smal"), "unknown-variant", "there is no variant `smal`", "did you mean `small`?"),
        (Choice("x"), "unknown-variant", "there is no variant `x`", "it has `small`, `deep`"),
        (Choice(settings={"E": 1}), "unknown-hyperparameter", "there is no hyperparameter `E`", ""),
        (
            Choice("small", {"depth": True}),
            "wrong-type",
            "`hyperparameters.depth` expects an integer, got the switch `true`",
            "",
        ),
    ],
)
def test_a_choice_that_is_none_is_refused(choice: Choice, code: str, headline: str, help_: str) -> None:
    (fault,) = check_text(FAMILY, choice=choice).diagnostics
    assert (fault.code, fault.headline) == (code, headline)
    assert help_ in fault.help


def test_a_spec_without_variants_says_so() -> None:
    (fault,) = check_text("netspec: 1\ninput: 1\nK: 0\noutput: 1\n", choice=Choice("small")).diagnostics
    assert fault.help == "it has none"


def test_a_variant_whose_settings_are_at_fault_is_no_choice() -> None:
    verdict = check_text(FAMILY.replace("{depth: 4}", "{depth: 0.5}"), choice=Choice("deep"))
    assert [fault.code for fault in verdict.diagnostics] == ["wrong-type"]


def test_what_is_wrong_under_a_variant_alone_names_it() -> None:
    (fault,) = check_text(f"{FAMILY}checks: [D * depth < 8]\n").diagnostics
    assert fault.headline == "the check `D * depth < 8` does not hold: its sides are 12 and 8"
    assert [note.text for note in fault.notes] == ["in the variant `deep`"]


def test_what_is_wrong_within_a_variant_does_not_name_it_again() -> None:
    (fault,) = check_text(FAMILY.replace("13", "14")).diagnostics
    assert fault.notes == ()


def test_what_is_wrong_in_the_file_is_not_told_again_for_its_variants() -> None:
    faults = check_text(f"{FAMILY}checks: [D > 100]\n").diagnostics
    assert [fault.notes for fault in faults] == [()]


def test_a_fault_in_a_file_under_a_variant_names_the_variant(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "netspec: 1\nhyperparameters: {E: {default: 1, max: 5}}\ninput: 1\nwidths: [E]\noutput: 1\n"
    )
    path = tmp_path / "spec.yaml"
    path.write_text(
        "netspec: 1\nhyperparameters: {D: 3}\nnetworks: {a: {file: a.yaml, set: {E: D}}}\ncompose: [a]\n"
        "variants: {big: {D: 9}}\n"
    )
    (fault,) = check_file(str(path)).diagnostics
    assert (fault.code, [note.text for note in fault.notes]) == ("out-of-range", ["in the variant `big`"])


def test_so_many_variants_are_checked_and_no_more() -> None:
    variants = "".join(f"  v{i}: {{D: {i + 1}}}\n" for i in range(130))
    (fault,) = check_text(f"{FAMILY}{variants}").diagnostics
    assert fault.code == "too-many-variants"
    assert fault.headline.startswith("132 variants of ")
    assert fault.help == f"variants times values may be {VARIANT_WORK.value:,}"


def test_a_spec_that_is_no_file_refers_to_none() -> None:
    (fault,) = check_text("netspec: 1\ncompose: [fold.yaml]\n").diagnostics
    assert (fault.code, fault.headline) == (
        "no-root",
        "`fold.yaml`: a spec without a file of its own cannot refer to files",
    )


@pytest.mark.parametrize("text", ["\ud800", "a: \udfff\n", "", "\ufeff", "\0"])
def test_a_text_that_no_file_could_hold_has_a_verdict(text: str) -> None:
    verdict = check_text(text)
    assert not verdict.valid
    assert all(fault.place.span is not None for fault in verdict.diagnostics)


# -- the file that is named -----------------------------------------------------------------------------------------


def test_files_are_known_by_the_path_that_was_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nets" / "parts").mkdir(parents=True)
    (tmp_path / "nets" / "spec.yaml").write_text("netspec: 1\ncompose: [parts/a.yaml]\n")
    (tmp_path / "nets" / "parts" / "a.yaml").write_text("netspec: 1\ninput: 0\nK: 0\noutput: 1\n")
    monkeypatch.chdir(tmp_path)
    assert [fault.place.file for fault in check_file("nets/spec.yaml").diagnostics] == ["nets/parts/a.yaml"]
    monkeypatch.chdir(tmp_path / "nets")
    assert [fault.place.file for fault in check_file("spec.yaml").diagnostics] == ["parts/a.yaml"]
    assert [fault.place.file for fault in check_file("./spec.yaml").diagnostics] == ["./parts/a.yaml"]


def test_a_root_above_the_spec_widens_what_it_may_refer_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "spec.yaml").write_text("netspec: 1\ncompose: [../a.yaml]\n")
    (tmp_path / "a.yaml").write_text("netspec: 1\ninput: 1\nK: 0\noutput: 1\n")
    monkeypatch.chdir(tmp_path)
    assert [fault.code for fault in check_file("nets/spec.yaml").diagnostics] == ["path-outside-root"]
    verdict = check_file("nets/spec.yaml", root=".")
    assert verdict.valid
    assert sorted(verdict.sources) == ["./a.yaml", "nets/spec.yaml"]
    with pytest.raises(SystemFault) as raised:
        check_file("a.yaml", root="nets")
    assert raised.value.code == "path-outside-root"


def test_a_file_that_cannot_be_read_is_the_systems_fault(tmp_path: Path) -> None:
    with pytest.raises(SystemFault) as raised:
        check_file(str(tmp_path / "nothing.yaml"))
    assert raised.value.code == "no-such-file"


def test_what_is_named_and_no_regular_file_is_a_verdict(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    verdict = check_file(str(tmp_path / "pipe.yaml"))
    assert [fault.code for fault in verdict.diagnostics] == ["file-not-regular"]
    assert verdict.sources == {}


def test_the_same_spec_has_the_same_diagnostics_each_time(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text("netspec: 1\nhyperparameters: {a: b, b: a, c: 1}\ninput: x\nwidths: [0, y]\noutput: 1.5\nk: 3\n")
    first = check_file(str(path))
    assert [fault.order() for fault in first.diagnostics] == sorted(fault.order() for fault in first.diagnostics)
    assert all(check_file(str(path)).diagnostics == first.diagnostics for _ in range(5))
