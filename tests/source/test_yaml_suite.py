"""The YAML test suite as a filter: no error document is accepted, and what is accepted means what the suite says."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from netspec.source import read_source

SUITE = os.environ.get("YAML_TEST_SUITE")

pytestmark = pytest.mark.skipif(not SUITE, reason="YAML_TEST_SUITE does not name the suite's src folder")


def text_of(shown: str) -> str:
    """Return the document that the suite shows with its visible stand-ins."""
    plain = shown.replace("␣", " ").replace("←", "\r").replace("⇔", "\ufeff").replace("↵", "")
    for tab in ("———»", "——»", "—»", "»"):
        plain = plain.replace(tab, "\t")
    return plain.replace("∎\n", "").replace("∎", "")


def cases() -> Iterator[tuple[str, str, bool, str | None]]:
    """Yield (name, document, whether it is an error, expected JSON) of every case."""
    for path in sorted(Path(SUITE or "/nowhere").glob("*.yaml")):
        inherited: dict[str, str] = {}
        for number, case in enumerate(yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)):
            inherited = {**{key: value for key, value in inherited.items() if key != "fail"}, **case}
            name = f"{path.stem}-{number}"
            yield name, text_of(inherited["yaml"]), "fail" in inherited, inherited.get("json")


CASES = list(cases())


def test_the_suite_is_whole() -> None:
    """A folder that moved would pass every test below by holding none."""
    assert len({name.split("-")[0] for name, _, _, _ in CASES}) == 351
    assert sum(error for _, _, error, _ in CASES) >= 84


@pytest.mark.parametrize("pure", [False, True], ids=["libyaml", "python"])
def test_no_error_document_is_accepted(pure: bool) -> None:
    accepted = [
        name for name, text, error, _ in CASES if error and not read_source(text.encode(), "f.yaml", pure=pure).faults
    ]
    assert accepted == []


@pytest.mark.parametrize("pure", [False, True], ids=["libyaml", "python"])
def test_accepted_documents_mean_what_the_suite_says(pure: bool) -> None:
    meant = {}
    for name, text, error, expected in CASES:
        source = read_source(text.encode(), "f.yaml", pure=pure)
        if not error and not source.faults and expected is not None:
            meant[name] = (source.data(), json.loads(expected))
    assert {name: got for name, (got, wanted) in meant.items() if got != wanted} == {}
    assert len(meant) >= 47


def test_both_parsers_give_one_verdict() -> None:
    differing = []
    for name, text, _, _ in CASES:
        fast, slow = (read_source(text.encode(), "f.yaml", pure=pure) for pure in (False, True))
        if [(fault.code, fault.place.span and fault.place.span.line) for fault in fast.faults] != [
            (fault.code, fault.place.span and fault.place.span.line) for fault in slow.faults
        ] or fast.data() != slow.data():
            differing.append(name)
    assert differing == []
