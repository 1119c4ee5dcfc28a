"""What docstrings show is true: their sessions run, and the specs in them are valid."""

import doctest
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

import netspec
from netspec.layers.layer import Layer
from netspec.spec.composition import Composition, FileReference
from netspec.spec.expectations import Expect
from netspec.spec.fully_connected import FullyConnected
from netspec.spec.head import Head
from netspec.validation import check_file

SOURCE = Path(netspec.__file__).parent


def _modules() -> Iterator[str]:
    """Yield the name of every module but the programs, which run when they are imported."""
    for path in sorted(SOURCE.rglob("*.py")):
        relative = path.relative_to(SOURCE.parent).with_suffix("")
        if path.name not in ("__main__.py", "entry.py"):
            yield ".".join(relative.parts).removesuffix(".__init__")


MODULES = list(_modules())
SESSIONS = [name for name in MODULES if ">>>" in inspect.getsource(importlib.import_module(name))]


@pytest.mark.parametrize("name", SESSIONS)
def test_sessions_in_docstrings_run(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert tried
    assert failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_every_module_and_everything_public_in_it_says_what_it_is(name: str) -> None:
    """What overrides or fulfils an interface that says it already need not say it again."""
    module = importlib.import_module(name)
    assert module.__doc__ or not inspect.getsource(module).strip(), name
    missing = [
        word
        for word, value in vars(module).items()
        if not word.startswith("_")
        and (inspect.isfunction(value) or inspect.isclass(value))
        and value.__module__ == name
        and not value.__doc__
    ]
    assert missing == []


def example(model: type[BaseModel]) -> str:
    """Return the YAML behind `Example:` in a model's docstring."""
    _, _, text = inspect.cleandoc(model.__doc__ or "").partition("Example:\n")
    return textwrap.dedent(text)


@pytest.mark.parametrize(
    ("model", "whole"),
    [
        (FullyConnected, "{}"),
        (Head, "{}input: 1\nwidths: [3]\noutput: 1\n"),
        (Composition, "netspec: 1\n{}"),
        (Expect, "netspec: 1\ninput: 1\nwidths: [3, 3]\noutput: 1\n{}"),
        (FileReference, "netspec: 1\n{}compose: [tower]\n"),
    ],
)
def test_the_example_of_a_model_is_valid(model: type[BaseModel], whole: str, tmp_path: Path) -> None:
    smallest = "netspec: 1\ninput: 1\nwidths: [3]\noutput: 1\nhyperparameters: {D: 3}\nvariants: {small: {D: 2}}\n"
    for name in ("fold", "bend", "tower"):
        (tmp_path / f"{name}.yaml").write_text(smallest)
    text = example(model)
    assert text
    (tmp_path / "spec.yaml").write_text(whole.format(f"{text}\n"), encoding="utf-8")
    assert check_file(str(tmp_path / "spec.yaml")).valid


def _kinds(kind: type[Layer]) -> Iterator[type[Layer]]:
    for below in kind.__subclasses__():
        yield below
        yield from _kinds(below)


@pytest.mark.parametrize("kind", list(_kinds(Layer)), ids=lambda kind: kind.__name__)
def test_a_layer_names_its_formula_its_source_and_an_example(kind: type[Layer]) -> None:
    words = kind.__doc__ or ""
    assert re.search(r"[=→]", words.splitlines()[0]), "the first line is the formula"
    assert "Source: " in words
    assert example(kind)
