"""The documentation is true: its specs are valid, its commands print what it says, and it leaves nothing out."""

import functools
import inspect
import re
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import BaseModel

import netspec
from netspec.cli.arguments import COMMANDS
from netspec.layers.inits import INITS
from netspec.network import Network
from netspec.operations import FUNCTIONS
from netspec.spec import Claims, Composition, FullyConnected, Head
from netspec.spec.composition import FileReference
from netspec.spec.expectations import Expect
from netspec.spec.layered import Layered, Repeated
from tests.docs.blocks import Block, blocks, pages
from tests.docs.session import ROOT, Session, close
from tests.docs.tables import TABLES, filled
from tests.docs.update import PICTURES, drawn, replayed

DOCS = ROOT / "docs"
PAGES = pages(ROOT)
API = (DOCS / "python-api.md").read_text(encoding="utf-8")

_LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(?:#[^)\s]*)?\)")
_SIGNATURE = re.compile(r"^```\{py:(\w+)\} (.*)$", re.MULTILINE)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_example_of_a_page_runs_and_prints_what_the_page_says(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert replayed(page) == page, "review what `python -m tests.docs.update` writes"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_tables_are_those_of_netspec(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert filled(page) == page, "run `python -m tests.docs.update`"


def test_every_table_stands_somewhere() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in PAGES)
    assert all(f"<!-- {name} -->" in text for name in TABLES)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_within_the_repository_lead_somewhere(path: Path) -> None:
    """So that they do on a page of the repository too; `conf.py` leads those to codes to the pages that it makes."""
    for target in filter(None, _LINK.findall(path.read_text(encoding="utf-8"))):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("model", [Head, Claims, FullyConnected, Composition, Layered, Repeated, FileReference, Expect])
def test_the_language_reference_has_every_key(model: type[BaseModel]) -> None:
    text = (DOCS / "language.md").read_text(encoding="utf-8")
    missing = [key for key in model.model_fields if f"`{key}`" not in text]
    assert missing == []


def test_the_language_reference_has_every_activation_and_every_initialisation() -> None:
    text = (DOCS / "language.md").read_text(encoding="utf-8")
    assert [name for name in (*FUNCTIONS, *INITS) if f"`{name}`" not in text] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_section_with_its_help(name: str) -> None:
    text = (DOCS / "command-line.md").read_text(encoding="utf-8")
    assert f"\n## `netspec {name}`\n" in text
    assert f"\n<!-- options_{name} -->\n" in text


def test_the_python_page_has_every_public_name() -> None:
    described = {rest.partition("(")[0] for _, rest in _SIGNATURE.findall(API)}
    assert set(netspec.__all__) <= described | {"__version__"}
    assert "`netspec.__version__`" in API


@pytest.mark.parametrize("said", [said for _, said in _SIGNATURE.findall(API) if "(" in said])
def test_the_python_page_gives_signatures_as_they_are(said: str) -> None:
    """Annotations are left to the words, since they would not fit on a line."""
    name, _, parameters = said.partition("(")
    value = functools.reduce(getattr, name.split("."), cast("Any", netspec))
    signature = inspect.signature(value)
    given = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in signature.parameters.values()
        if parameter.name != "self"
    ]
    plain = signature.replace(parameters=given, return_annotation=inspect.Signature.empty)
    assert f"({parameters}" == str(plain)


@pytest.mark.parametrize("said", [said for kind, said in _SIGNATURE.findall(API) if kind == "attribute"])
def test_the_python_page_names_attributes_that_there_are(said: str) -> None:
    owner, _, attribute = said.partition(".")
    kind = getattr(netspec, owner)
    assert hasattr(kind, attribute) or re.search(rf"self\.{attribute}\b.* = ", inspect.getsource(kind))


def test_the_python_page_has_every_attribute_of_a_network_and_a_model() -> None:
    described = {rest.partition("(")[0] for _, rest in _SIGNATURE.findall(API)}
    for owner in (Network, netspec.Model):
        public = {f"{owner.__name__}.{name}" for name in vars(owner) if not name.startswith("_")}
        internal = {"Network.checked", "Model.source", "Model.program", "Model.byte_chunks"}
        assert public - internal <= described


@pytest.mark.parametrize("path", sorted((DOCS / "pictures").glob("*.svg")), ids=lambda path: path.name)
def test_pictures_are_what_netspec_draws(path: Path, tmp_path: Path) -> None:
    assert path.read_text(encoding="utf-8") == drawn(PICTURES[path.name], tmp_path)


@pytest.mark.parametrize("name", [name for name, (command, *_) in PICTURES.items() if command == "plot"])
def test_a_plot_stands_on_a_page_below_the_command_that_draws_it(name: str) -> None:
    typed = f"$ netspec {' '.join(PICTURES[name])} -o {name}\n"
    pages_with = [text for path in PAGES if typed in (text := path.read_text(encoding="utf-8"))]
    assert any(f"](pictures/{name})" in text for text in pages_with)


def _block(language: str, text: str, *words: str) -> Block:
    return Block(language, words, text, 0, 1)


@pytest.mark.parametrize(
    "block",
    [
        _block("yaml", "netspec: 1\ninput: 1\noutput: 1\n"),
        _block("yaml", "widths: [3]\n", "fails"),
        _block("yaml", "jobs: {check: {steps: [{run: netspec explain no-such-code}]}}\n", "workflow"),
        _block("console", "$ netspec explain no-such-code\n"),
        _block("console", "$ true\n", "exit=1"),
        _block("console", "no command\n"),
        _block("python", "assert False\n"),
        _block("rust", "\n"),
    ],
)
def test_the_session_sees_a_block_that_is_wrong(block: Block, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        Session(tmp_path / "clone").replay(block)


def test_the_session_gives_back_what_a_block_should_have_said(tmp_path: Path) -> None:
    session = Session(tmp_path / "clone")
    assert session.replay(_block("console", "$ echo 1; echo 2\n3\n")) == "$ echo 1; echo 2\n1\n2\n"
    assert session.replay(_block("python", ">>> 1 + 1\n3\n>>> 2\n2\n")) == ">>> 1 + 1\n2\n>>> 2\n2\n"
    assert session.replay(_block("console", "$ echo 0.1000001\n0.1\n", "close")) == "$ echo 0.1000001\n0.1\n"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("y\n-0.43402082\n", "y\n-0.43402085\n", True),
        ("y\n-0.43402082\n", "y\n-0.43412082\n", False),
        ("22 parameters, 156 kB", "22 parameters, 160 kB", True),
        ("22 parameters, 156 kB", "23 parameters, 156 kB", False),
        ("22 parameters, 156 kB", "22 parameters, 156 MB", False),
        ("1.0\n", "1.0\n2.0\n", False),
    ],
)
def test_closeness_is_of_numbers_alone(one: str, other: str, same: bool) -> None:
    assert close(one, other) == same


def test_blocks_are_found_with_their_words_and_lines() -> None:
    page = "# A\n\n```yaml a.yaml fails\nK: 0\n```\n\n```{py:function} f(x)\n```\n"
    first, second = blocks(page)
    assert (first.language, first.words, first.text, first.line) == ("yaml", ("a.yaml", "fails"), "K: 0\n", 4)
    assert second.language == "{py:function}"
