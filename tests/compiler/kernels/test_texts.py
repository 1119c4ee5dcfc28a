"""The modules whose text is copied into programs can be: they stand on NumPy and themselves."""

import ast
import builtins
import math
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from netspec.compiler import kernels
from netspec.compiler.library import definitions, kernel_lines

FOLDER: Final = Path(kernels.__file__).parent
COPIED: Final = sorted(path for path in FOLDER.glob("*.py") if path.stem not in ("__init__", "elementwise"))


def defined(tree: ast.Module) -> list[str]:
    """Return the names of a module's functions and constants."""
    names = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
    return names


@pytest.mark.parametrize("path", COPIED, ids=lambda path: path.stem)
def test_a_module_holds_functions_and_constants_alone(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    for node in tree.body[1:]:
        if isinstance(node, ast.ImportFrom):
            of_types = node.module in ("collections.abc", "typing")
            assert of_types or (node.module or "").startswith("netspec.compiler.kernels.")
        elif isinstance(node, ast.Import):
            assert [(name.name, name.asname) for name in node.names] in ([("numpy", "np")], [("math", None)])
        elif isinstance(node, ast.FunctionDef):
            assert ast.get_docstring(node)
            assert not node.decorator_list
        else:
            assert isinstance(node, ast.Assign)


@pytest.mark.parametrize("path", COPIED, ids=lambda path: path.stem)
def test_a_module_uses_nothing_but_its_own_names_and_those_of_other_kernels(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    others = [name.name for node in tree.body if isinstance(node, ast.ImportFrom) for name in node.names]
    known = {"np", "math", *vars(builtins), *defined(tree), *others}
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    stored |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    stored |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    loaded = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    assert loaded <= known | stored


def test_no_two_modules_define_one_name() -> None:
    """They may meet in one program."""
    names = [name for path in COPIED for name in defined(ast.parse(path.read_text(encoding="utf-8")))]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("path", COPIED, ids=lambda path: path.stem)
def test_the_text_of_a_function_stands_alone(path: Path) -> None:
    """What is copied with it defines all that it uses; only NumPy and `math` are there before."""
    for name in defined(ast.parse(path.read_text(encoding="utf-8"))):
        if name not in definitions():
            continue
        text = "\n".join(kernel_lines([name]))
        program: dict[str, object] = {"np": np, "math": math}
        exec(text, program)
        assert name in program
        used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        assert used & definitions().keys() <= program.keys()
