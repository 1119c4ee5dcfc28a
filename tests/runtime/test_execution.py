"""The text of a program, compiled piece by piece."""

import pytest

from netspec.compiler import program_text
from netspec.runtime.execution import Page
from tests.compiler.programs import network

WIDTHS = pytest.mark.parametrize("width", [3, 9])  # of many rows side by side, and not


def text(width: int) -> str:
    net = network(input=width, widths=[width, width], output=width)
    return program_text(net.operations, net.name, net.dtype)


@WIDTHS
@pytest.mark.parametrize(("asked", "other"), [("one", "many"), ("many", "one")])
def test_a_function_is_compiled_when_it_is_first_asked_for(width: int, asked: str, other: str) -> None:
    page = Page(text(width), "net")
    assert {"one", "many", "wide"}.isdisjoint(page.defined)
    function = page.function(asked)
    assert function is page.function(asked) is page.defined[asked]
    assert other not in page.defined


@WIDTHS
@pytest.mark.parametrize("name", ["one", "many"])
def test_a_function_keeps_its_line_in_the_text(width: int, name: str) -> None:
    lines = text(width).splitlines()
    line = Page(text(width), "net").function(name).__code__.co_firstlineno
    assert lines[line - 1].startswith(f"def {name}(")


@WIDTHS
def test_a_text_that_was_compiled_before_is_whole(width: int) -> None:
    source = text(width)
    page = Page(source, "net", compile(source, "net", "exec"))
    assert {"one", "many"} <= page.defined.keys()
    assert page.function("one") is page.defined["one"]
