"""The cases are a manual of the checker: each runs through the command line and is compared whole.

A page, a case and the code in the source belong together; none of them stands alone.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import netspec
from netspec.diagnostics.pages import codes, page
from tests.update_cases import Case, cases, example, example_blocks, run

SOURCE = Path(netspec.__file__).parent
TESTS = Path(__file__).parent

# What no folder of a few files shows, such as a system that fails: the test that does.
SHOWN_BY_A_TEST = {
    "checkpoint-differs": "training/test_checkpoints.py",
    "file-unreadable": "files/test_pages.py",
    "layout": "cli/test_fmt.py",
    "git-settings": "merging/test_git.py",
    "no-memory": "files/test_pages.py",
    "no-root": "model/test_saving.py",
    "no-space": "files/test_pages.py",
    "not-writable": "files/test_pages.py",
    "outputs-differ": "migration/test_properties.py",
    "read-failed": "files/test_pages.py",
    "stdout-unwritable": "cli/test_outcome.py",
    "too-many-files": "test_threats.py",
    "worker-ended": "cli/test_validate.py",
    "write-failed": "files/test_pages.py",
}

_CODE = re.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*")
_HEAD = re.compile(r"^(error|warning)\[(.*?)\]", re.MULTILINE)


def _id(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", cases(), ids=_id)
def test_a_case_prints_what_is_expected(case: Case) -> None:
    status, printed = run(case)
    assert case.expected is not None, "review what `python tests/update_cases.py` writes"
    assert printed == case.expected
    found = set(_HEAD.findall(printed))
    if case.folder.parent.name == "valid":
        assert (status, found) == (0, set())
    else:
        assert case.code in {code for _, code in found}, "a case is called by the code that it shows"
        assert (status != 0) == any(severity == "error" for severity, _ in found)
        assert {code for _, code in found} <= set(codes())


@pytest.mark.parametrize("code", codes())
def test_every_code_has_a_case_that_its_page_repeats(code: str) -> None:
    if code in SHOWN_BY_A_TEST:
        assert f'"{code}"' in (TESTS / SHOWN_BY_A_TEST[code]).read_text(encoding="utf-8")
        return
    case = Case(TESTS / "cases" / "invalid" / code)
    assert case.folder.is_dir(), f"{code} has a page and no case"
    text = page(code)
    assert text is not None
    given, said = example_blocks(text)
    assert said[1] == case.expected
    assert given[1] == (example(case) or given[1])


def test_every_case_is_of_a_code() -> None:
    assert {case.code for case in cases() if case.folder.parent.name == "invalid"} <= set(codes())


def test_every_code_in_the_source_has_a_page_and_every_page_a_code_in_the_source() -> None:
    assert {code for code, _ in named_codes(SOURCE)} == set(codes()), "\n".join(
        f"{code}: {where}" for code, where in sorted(named_codes(SOURCE)) if code not in codes()
    )


def test_the_search_for_codes_finds_every_way_to_name_one(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "class Fault(NamedTuple):\n    place: int\n    code: str\n"
        "class Error(Exception):\n    def __init__(self, code: str = 'by-default'): ...\n"
        "def refuse(text, *, code): ...\n"
        "Fault(1, 'by-position')\nx.Error('one' if x else 'other')\nrefuse('text', code='by-name')\nError(code)\n"
    )
    (tmp_path / "b.py").write_text("def Error(words): ...\nError('words')\nx.Fault(2, 'elsewhere')\n")
    assert {code for code, _ in named_codes(tmp_path)} == {
        "by-default",
        "by-position",
        "one",
        "other",
        "by-name",
        "elsewhere",
    }


def named_codes(source: Path) -> set[tuple[str, str]]:
    """Return the code of every fault that the source names, and where: each literal given as an argument `code`.

    What takes a `code` is found in the source too: a function or a method with such a parameter, a named tuple with
    such a field. A bare name that a module defines means that definition there; else it is any of that name.
    """
    modules = [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(source.rglob("*.py"))]
    everywhere: dict[str, set[int]] = {}
    found: set[tuple[str, str]] = set()
    for _, tree in modules:
        for name, positions in _takers(tree).items():
            everywhere.setdefault(name, set()).update(positions)
    for path, tree in modules:
        here = everywhere | {name: set() for name in _defined(tree)} | _takers(tree)
        for node in ast.walk(tree):
            values: list[ast.expr] = []
            if isinstance(node, ast.FunctionDef):
                values = _defaults(node)
            elif isinstance(node, ast.Call):
                if isinstance(node.func, ast.Name):
                    positions = here.get(node.func.id, set())
                else:
                    positions = everywhere.get(getattr(node.func, "attr", ""), set())
                values = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
                given = [node.args[position] for position in positions if position < len(node.args)]
                # Of methods that share a name and differ in the place of the code, only the form tells which is meant.
                sure = len(positions) == 1
                values += [value for value in given if sure or all(map(_CODE.fullmatch, _literals(value)))]
            found |= {(code, f"{path}:{value.lineno}") for value in values for code in _literals(value)}
    return found


def _defined(tree: ast.Module) -> set[str]:
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _takers(tree: ast.Module) -> dict[str, set[int]]:
    """Return the names under which something with an argument `code` is called, and the argument's positions."""
    takers: dict[str, set[int]] = {}
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args if argument.arg not in ("self", "cls")]
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name):
                    names.append(inner.target.id)
                elif isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
                    names = [argument.arg for argument in inner.args.args[1:]]
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and "code" in names:
            takers.setdefault(node.name, set()).add(names.index("code"))
    return takers


def _defaults(function: ast.FunctionDef) -> list[ast.expr]:
    """Return what a parameter `code` is where it is not given."""
    arguments = function.args
    pairs = [*zip(arguments.args[::-1], arguments.defaults[::-1], strict=False)]
    pairs += [(a, default) for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default]
    return [default for argument, default in pairs if argument.arg == "code"]


def _literals(value: ast.expr) -> Iterator[str]:
    """Yield the texts that an expression may be: itself, or the branches of a condition."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _literals(value.body)
        yield from _literals(value.orelse)
