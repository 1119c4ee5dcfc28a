"""The canonical layout: what it is, and that nothing is lost on the way to it.

The folder `cases` is a manual: each `name.yaml` is written as `name.formatted.yaml`.
"""

import random
import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings

from netspec.formatting import Unsafe, format_source, formatting
from netspec.formatting.layout import WIDTH
from netspec.formatting.order import FILE, FIRST, LAST, OWN, TRAINING
from netspec.layers.registry import KEYWORDS, kind
from netspec.source import Source, read_source
from netspec.source.tree import plain
from netspec.spec.composition import Composition, FileReference
from netspec.spec.fully_connected import FullyConnected
from netspec.spec.head import Claims, Head
from netspec.spec.layered import Layered
from netspec.spec.training import Training
from tests.docs.blocks import blocks, pages
from tests.formatting.commented import commented_specs, other_files
from tests.formatting.update_cases import cases, expected
from tests.strategies import Files
from tests.test_properties import check

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").rglob("*.yaml"))
TEMPLATES = sorted((ROOT / "netspec/spec/templates").glob("*.yaml"))
MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def source(text: str | bytes, *, pure: bool = False) -> Source:
    """Return a file as read."""
    return read_source(text if isinstance(text, bytes) else text.encode(), "spec.yaml", pure=pure)


def layout(text: str | bytes) -> str:
    """Return a text in the canonical layout, which is its own."""
    found = source(text)
    assert found.faults == []
    once = format_source(found)
    assert format_source(source(once)) == once
    return once


def comments(text: str) -> list[str]:
    """Return the comments of a text whose scalars hold no # behind a blank, sorted."""
    return sorted(found.rstrip() for found in re.findall(r"(?:^|(?<=\s))#.*$", text, re.MULTILINE))


# The manual


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.stem)
def test_a_case_is_written_as_expected(case: Path) -> None:
    assert layout(case.read_bytes()) == expected(case).read_text(encoding="utf-8")


@pytest.mark.parametrize("spec", [*SPECS, *TEMPLATES], ids=lambda path: str(path.relative_to(ROOT)))
def test_our_own_specs_stand_in_the_canonical_layout(spec: Path) -> None:
    assert layout(spec.read_bytes()) == spec.read_text(encoding="utf-8")


# Nothing is lost


@MANY
@given(commented_specs())
def test_comments_values_and_fingerprints_are_kept(files: Files) -> None:
    """And the layout of the layout is itself; the parser in Python leads to the same text."""
    read = {name: source(text) for name, text in files.items()}
    assume(not any(found.faults for found in read.values()))
    written = {name: layout(text) for name, text in files.items()}
    for name, text in files.items():
        assert comments(written[name]) == comments(text)
        assert source(written[name]).data() == read[name].data()
        assert format_source(source(text, pure=True)) == written[name]
    before, after = check(files), check(written)
    assert (before.facts is None) == (after.facts is None)
    if before.facts is not None and after.facts is not None:
        assert after.facts.fingerprint == before.facts.fingerprint
    assert sorted(found.code for found in after.diagnostics) == sorted(found.code for found in before.diagnostics)


@MANY
@given(other_files())
def test_any_file_that_can_be_read_is_written_with_all_that_it_says(text: str) -> None:
    found = source(text)
    assume(not found.faults)
    written = layout(text)
    assert source(written).data() == found.data()
    assert format_source(source(text, pure=True)) == written


@pytest.mark.parametrize("number", range(20))
def test_every_spec_with_its_lines_disturbed_keeps_its_comments(number: int) -> None:
    """Comments on each line of every spec, alone and behind, at random columns."""
    chance = random.Random(number)
    for spec in SPECS:
        lines: list[str] = []
        for i, line in enumerate(spec.read_text(encoding="utf-8").splitlines()):
            if chance.random() < 0.3:
                lines.append(" " * chance.randrange(9) + f"# above {i}")
            lines.append(line + (f"  # behind {i}" if chance.random() < 0.3 else ""))
        text = "\n".join(lines) + "\n"
        assert comments(layout(text)) == comments(text)


def test_every_spec_in_the_documentation_keeps_all_that_it_says() -> None:
    formatted = 0
    for path in (*pages(ROOT), *sorted((ROOT / "docs/layers").glob("*.md"))):
        for block in blocks(path.read_text(encoding="utf-8")):
            found = source(block.text) if block.language == "yaml" else None
            if found is not None and not found.faults:
                written = layout(block.text)
                assert comments(written) == comments(block.text)
                assert source(written).data() == found.data()
                formatted += 1
    assert formatted > 50


# What is free to move


def test_the_order_has_every_key_of_a_file_or_part() -> None:
    keys = {
        key
        for model in (Head, Claims, FullyConnected, Composition, Layered, FileReference)
        for key in model.model_fields
    }
    assert set(FILE) == keys | {"training"}
    assert len(set(FILE)) == len(FILE)


def test_the_order_of_a_training_is_that_of_its_fields() -> None:
    assert list(TRAINING) == list(Training.model_fields)


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_the_order_of_arguments_is_that_of_the_fields_of_each_kind(keyword: str) -> None:
    """But sizes go before what acts on them: `output` before an activation, and `rotary` before `bias`."""
    fields = [field.alias or name for name, field in kind(keyword).model_fields.items()]
    own = [name for name in fields if name not in (*FIRST, *LAST)]
    assert set(own) <= set(OWN)
    if keyword not in ("mlp", "attention"):
        assert own == sorted(own, key=OWN.index)


def test_what_has_an_order_of_its_own_keeps_it() -> None:
    text = (
        "netspec: 1\nhyperparameters: {b: 1, a: 2}\ninputs: {z: 1, x: 2}\nblocks:\n  d: {layers: [relu]}\n"
        "  c: {layers: [relu]}\nlayers:\n  - d: {b: 1, a: 2}\n  - add: {from: [z, x]}\noutputs: {y: 1, b: 1}\n"
        "parameters: {Omega_1: [1], Omega_0: [2]}\nvariants:\n  v: {b: 1, a: 2}\n  u: {a: 1}\n"
    )
    assert layout(text) == text


# The proof


def test_a_value_that_would_change_is_never_written(monkeypatch: pytest.MonkeyPatch) -> None:
    found = source("netspec: 1\n\n\nwidths: [3]\n")
    for wrong, words in (
        ("netspec: 1\nwidths: [4]\n", "a value"),
        ("netspec: 1\nwidths: [3.0]\n", "a value"),
        ("netspec: 1\nwidths: [true]\n", "a value"),
        ("netspec: 1\n", "a value"),
        ("netspec: 1\nwidths: [3] # new\n", "a comment would change"),
        ("netspec: 1\nwidths: [3\n", "read again"),
    ):
        monkeypatch.setattr(formatting, "write", lambda *_, text=wrong: text)
        with pytest.raises(Unsafe, match=words):
            format_source(found)


def test_keys_whose_order_is_the_authors_are_compared_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatting, "write", lambda *_: "netspec: 1\nhyperparameters: {b: 1, a: 1}\n")
    with pytest.raises(Unsafe, match="a value"):
        format_source(source("netspec: 1\nhyperparameters:  {a: 1, b: 1}\n"))


def test_a_comment_that_would_belong_to_something_else_is_never_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatting, "write", lambda *_: "netspec: 1 # one\nwidths: [3] # two\n")
    with pytest.raises(Unsafe, match="belong"):
        format_source(source("netspec: 1 # two\nwidths: [3] # one\n"))


# Hostile files


def test_line_ends_and_a_byte_order_mark_are_made_plain() -> None:
    assert layout("\ufeffnetspec: 1\r\n\r\n# c\r\ninput: 1".encode()) == "netspec: 1\n\n# c\ninput: 1\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"# only a comment\n",
        b"netspec:\t1\n",
        b"a: \0\n",
        b"a: [1\n",
        b"- a\n",
        b"a: &x 1\n",
        b"\xff\n",
        b"a: 1\na: 2\n",
    ],
)
def test_what_cannot_be_read_has_faults_and_no_layout(data: bytes) -> None:
    found = source(data)
    assert found.faults
    if found.tree is None:
        with pytest.raises(ValueError, match="could be read"):
            format_source(found)


@pytest.mark.parametrize(
    "text",
    [
        "netspec: 1\nwidths: [" + "3, " * 90_000 + "3]\n",
        "netspec: 1\nwidths:\n" + "  - 3\n" * 90_000,
        "netspec: 1\n" + "# c\n" * 200_000 + "input: 1\n",
        "netspec: 1\n" + "\n" * 900_000 + "input: 1\n",
        "netspec: 1\nhyperparameters:\n" + "".join(f"  a{i}: {i}  # c\n" for i in range(40_000)),
        "netspec: 1\na: " + "[" * 30 + "1, " * 20_000 + "1" + "]" * 30 + "\n",
        "netspec: 1\na: " + "[{b: " * 15 + "[" + "c, " * 20_000 + "c]" + "}]" * 15 + "\n",
        "netspec: 1\nlayers: [" + "{dense: {as: a, width: 3}}, " * 14_000 + "relu]\n",
        "netspec: 1\nlayers: [\n" + " {dense: {as: a, width: 3}}, # c\n" * 12_000 + " relu]\n",
        "netspec: 1\ndescription: " + "x" * 900_000 + "\n",
        "netspec: 1\ndescription: '" + "x\n " * 200_000 + "'\n",
        "netspec: 1\ndescription: |\n" + "  x\n" * 200_000,
        "netspec: 1\ndescription: |\n" + "  x\n" + "     \n" * 100_000 + "  x\n",
        "netspec: 1\ndescription: |\n" + "  x\n" + "\n" * 900_000 + "input: 1\n",
    ],
    ids=lambda text: text[11:40].replace("\n", " "),
)
def test_a_large_file_takes_seconds(text: str) -> None:
    start = time.process_time()
    found = source(text)
    assert found.faults == []
    written = format_source(found)
    assert source(written).data() == found.data()
    assert time.process_time() - start < 30


def test_no_line_is_longer_than_its_width_where_that_can_be() -> None:
    for spec in SPECS:
        for line in layout(spec.read_bytes()).splitlines():
            assert len(line.split("#")[0].rstrip()) <= WIDTH


def test_the_tree_is_plain_data() -> None:
    """The comparison of values above sees them all."""
    found = source("a: [1, {b: x}]\n")
    assert found.tree is not None
    assert plain(found.tree) == found.data() == {"a": [1, {"b": "x"}]}
