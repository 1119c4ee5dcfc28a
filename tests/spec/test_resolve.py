"""From documents to parts: what is shared, what is bounded, and where each fault is told."""

from pathlib import Path

import pytest

from netspec.files.folder import Folder
from netspec.layers.scope import MOST_FAULTS
from netspec.spec import Library, Part, Resolver
from netspec.validation import Choice, check_file, check_text

NET = "{input: 1, widths: [3], output: 1}"
FAMILY = "netspec: 1\nhyperparameters: {D: 3}\ninput: 1\nwidths: [D]\noutput: 1\nvariants: {small: {D: 2}}\n"


def resolve(folder: Path, text: str) -> Part:
    """Return the part that a spec with the file `fold.yaml` beside it is."""
    (folder / "fold.yaml").write_text(FAMILY)
    with Folder(str(folder)) as root:
        library = Library(root)
        part = Resolver(library).file(library.add(text.encode(), "spec.yaml", "spec.yaml"), {})
    assert part is not None
    return part


def faults(text: str) -> list[tuple[str, str]]:
    """Return code and headline of each error of a text."""
    return [(fault.code, fault.headline) for fault in check_text(text).diagnostics if fault.severity == "error"]


def test_a_file_is_resolved_once_for_each_setting(tmp_path: Path) -> None:
    part = resolve(
        tmp_path,
        "netspec: 1\nnetworks:\n  a: {file: fold.yaml}\n  b: {file: fold.yaml, set: {D: 4}}\n"
        "  c: {file: fold.yaml, set: {D: 2 + 2}}\n"
        "compose: [fold.yaml, fold.yaml, a, b, c]\n",
    )
    first, second, a, b, c = (entry.part for entry in part.entries)
    assert first is second is a
    assert b is c is not a
    assert [entry.name for entry in part.entries] == ["fold", "fold_2", "a", "b", "c"]
    assert [entry.shared for entry in part.entries] == [False, False, True, True, True]


def test_a_stem_that_is_taken_is_numbered_past_all_that_are(tmp_path: Path) -> None:
    text = f"netspec: 1\nnetworks: {{fold: {NET}, fold_2: {NET}}}\ncompose: [fold, fold.yaml, fold_2, fold.yaml]\n"
    assert [entry.name for entry in resolve(tmp_path, text).entries] == ["fold", "fold_3", "fold_2", "fold_4"]


def test_layers_and_height_are_summed_over_the_parts(tmp_path: Path) -> None:
    part = resolve(
        tmp_path,
        "netspec: 1\nnetworks:\n  deep: {input: 1, K: 1000, widths: 3, output: 1}\n  twice: {compose: [deep, deep]}\n"
        "compose: [twice, fold.yaml]\n",
    )
    assert (part.written_layers, part.hidden_layers, part.height) == (1 + (1 + 2 * 2) + 2, 2001, 3)


def test_the_parts_are_walked_each_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    part = resolve(
        tmp_path, f"netspec: 1\nname: top\nnetworks: {{a: {NET}, b: {{compose: [a]}}}}\ncompose: [b, fold.yaml, a, b]\n"
    )
    assert [each.name for each in part.parts()] == ["top", "a", "b", "fold"]


@pytest.mark.parametrize(
    ("name", "relative", "expected"),
    [("", "two-layer.yaml", "two-layer"), ("", "parts/2nd.yaml", "network"), ("name: mine\n", "x.yaml", "mine")],
)
def test_a_part_is_called_by_its_name_or_its_stem(name: str, relative: str, expected: str) -> None:
    library = Library(None)
    text = f"netspec: 1\n{name}input: 1\nK: 0\noutput: 1\n"
    part = Resolver(library).file(library.add(text.encode(), relative, relative), {})
    assert part is not None
    assert part.name == expected


def test_a_part_written_out_may_not_use_networks_that_follow_it() -> None:
    assert faults(f"netspec: 1\nnetworks: {{a: {{compose: [b]}}, b: {NET}}}\ncompose: [a]\n") == [
        ("unknown-network", "there is no network `b`")
    ]


@pytest.mark.parametrize(
    ("check", "code", "headline"),
    [
        ("D >", "bad-expression", "expected a number or a name, got the end"),
        ("D > E", "unknown-size", "no size is called `E` here"),
        ("D // 0 == 1", "division-by-zero", "a division by zero: `0` is 0"),
        ("D + 1", "bad-expression", "`D + 1` compares nothing"),
    ],
)
def test_a_check_that_cannot_be_made_is_refused(check: str, code: str, headline: str) -> None:
    text = f"netspec: 1\nhyperparameters: {{D: 3}}\nchecks: ['{check}']\ninput: 1\nwidths: [D]\noutput: 1\n"
    assert faults(text) == [(code, headline)]


def test_a_check_without_names_says_only_its_sides() -> None:
    (fault,) = check_text("netspec: 1\nchecks: [1 > 2]\ninput: 1\nK: 0\noutput: 1\n").diagnostics
    assert (fault.headline, fault.label) == ("the check `1 > 2` does not hold: its sides are 1 and 2", "")


@pytest.mark.parametrize(
    "text",
    [
        "checks: [" + ", ".join(f"{i} < 0" for i in range(1000)) + "]\ninput: 1\nK: 0\noutput: 1\n",
        "compose: [" + ", ".join(f"n{i}" for i in range(1000)) + "]\n",
        "networks:\n" + "".join(f"  n{i}: {{input: 0, K: 0, output: 1}}\n" for i in range(1000)) + "compose: [n0]\n",
        "hyperparameters: {D: 1}\ninput: D\nK: 0\noutput: 1\nvariants: {v: {"
        + ", ".join(f"e{i}: 1" for i in range(1000))
        + "}}\n",
    ],
    ids=["checks", "entries", "networks", "settings"],
)
def test_beyond_so_many_faults_nothing_more_is_told(text: str) -> None:
    assert len(faults(f"netspec: 1\n{text}")) == MOST_FAULTS


def test_a_choice_beyond_so_many_faults_is_no_network() -> None:
    verdict = check_text(FAMILY, choice=Choice(settings={f"e{i}": 1 for i in range(1000)}))
    assert len(verdict.diagnostics) == MOST_FAULTS
    assert verdict.part is None


def test_a_file_is_used_with_so_many_settings_and_no_more(tmp_path: Path) -> None:
    widths = ", ".join(["D", "4"] * 4_900)
    (tmp_path / "a.yaml").write_text(FAMILY.replace("[D]", f"[{widths}]"))
    networks = "".join(f"  n{i}: {{file: a.yaml, set: {{D: {i + 10}}}}}\n" for i in range(40))
    (tmp_path / "spec.yaml").write_text(f"netspec: 1\nnetworks:\n{networks}compose: [n0]\n")
    found = [fault for fault in check_file(str(tmp_path / "spec.yaml")).diagnostics if fault.severity == "error"]
    assert {fault.code for fault in found} == {"too-many-values"}
    assert (
        found[0].headline == "the files of this spec have more than 260,000 values, counted at each setting of theirs"
    )


def test_what_a_file_expects_holds_as_written_and_not_under_other_settings(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        FAMILY.replace("{D: 2}", "{D: 2, expect: {parameters: 7}}") + "expect: {parameters: 10}\n"
    )
    path = tmp_path / "spec.yaml"
    path.write_text(
        "netspec: 1\nnetworks: {a: {file: a.yaml}, b: {file: a.yaml, variant: small}, c: {file: a.yaml, set: {D: 9}}}\n"
        "compose: [a, b, c]\n"
    )
    assert check_file(str(path)).diagnostics == ()
