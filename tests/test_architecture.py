"""How the house is built: what imports what, which library lives where, and who may do what is dangerous."""

import ast
import importlib
import subprocess
import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import netspec

SOURCE: Final = Path(netspec.__file__).parent

# Each may import only what comes after it.
ORDER: Final = (
    "cli",
    "sklearn",
    "network",
    "migration",
    "merging",
    "review",
    "pictures",
    "plots",
    "summary",
    "transforms",
    "equivalence",
    "regions",
    "efficiency",
    "constructions",
    "training",
    "model",
    "gradients",
    "compiler",
    "validation",
    "rules",
    "graph",
    "spec",
    "layers",
    "operations",
    "bounds",
    "sizes",
    "configuration",
    "processes",
    "runtime",
    "files",
    "formatting",
    "source",
    "diagnostics",
    "limits",
    "version",
)

# What a built model carries with it: the only rooms that the runtime may use.
RUNTIME_USES: Final = {"runtime", "files", "diagnostics", "limits"}

HOMES: Final = {
    "yaml": {"source"},
    "networkx": {"graph"},
    "typer": {"cli"},
    "pydantic": {"spec", "layers"},
    "pydantic_core": {"spec", "layers"},
    "matplotlib": {"plots"},
    "sklearn": {"sklearn"},
    "pyarrow": {"training"},
    "threadpoolctl": {"runtime"},
    "marshal": {"model", "runtime"},  # of an archive that is a program itself, its checksum and its text's hash held
    "numpy": {
        "sklearn",
        "network",
        "migration",
        "pictures",
        "plots",
        "transforms",
        "equivalence",
        "regions",
        "efficiency",
        "constructions",
        "training",
        "model",
        "gradients",
        "compiler",
        "runtime",
        "files",
    },
}
# Nothing on the way of `validate` imports NumPy before it has values to check.
WITHOUT_NUMPY: Final = {
    *set(ORDER[: ORDER.index("migration")]) - {"sklearn"},
    "review",
    *ORDER[ORDER.index("validation") : ORDER.index("runtime")],
    *ORDER[ORDER.index("files") :],
}

# Nobody: code from data, other processes, the network.
NEVER: Final = {
    "ctypes",
    "dill",
    "http",
    "joblib",
    "pickle",
    "pty",
    "shelve",
    "socket",
    "subprocess",
    "urllib",
}

# But for an owner, who has a reason.
IMPORTERS: Final[dict[str, set[str]]] = {
    "subprocess": {"review/git.py"},  # git itself is asked: argument lists without a shell, bounded in time and size
}

# Calls that need an owner, who has a reason.
OWNERS: Final[dict[str, set[str]]] = {
    "exec": {"runtime/execution.py"},  # the program is a page of source
    "compile": {
        "model/bytecode.py",  # likewise, ahead of its first run
        "runtime/execution.py",
    },
    "eval": set(),
    "__import__": set(),
    "importlib.import_module": {"cli/arguments.py"},  # commands by name, out of a closed table
    "print": set(),
    "input": set(),
    "breakpoint": set(),
    "open": {
        "diagnostics/pages.py",  # netspec's own pages
        "runtime/formats.py",  # a pipe that the user named
    },
    "os.open": {
        "cli/terminal.py",  # /dev/null
        "files/folder.py",  # the one door for what is read
        "files/writing.py",  # and for what is written
        "model/memory.py",  # /proc/meminfo
        "runtime/streams.py",  # /dev/null
    },
    "os.fdopen": {"files/folder.py", "model/memory.py"},
    "os.system": set(),
    "os.popen": set(),
    "yaml.load": set(),
    "yaml.unsafe_load": set(),
    "yaml.full_load": set(),
    "yaml.safe_load": set(),
    "np.load": set(),
    "np.fromfile": set(),
    "numpy.load": set(),
    "getattr with a variable": {
        "__init__.py",  # the public names, loaded when they are asked for
        "rules/expect.py",  # the words of `expect`: the fields of a model of ours
    },
    "setattr with a variable": set(),
}


class Import(ast.NodeVisitor):
    """The modules that a file names: `everywhere`, `ever` loads, and loads `at_once` when it is imported itself."""

    def __init__(self, tree: ast.Module) -> None:
        self.everywhere: set[str] = set()
        self.ever: set[str] = set()
        self.at_once: set[str] = set()
        self._inside = False
        self._for_types = False
        self.visit(tree)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._add(alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        for alias in node.names:
            self._add(f"netspec.{alias.name}" if module == "netspec" else module)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        before, self._inside = self._inside, True
        self.generic_visit(node)
        self._inside = before

    def visit_If(self, node: ast.If) -> None:
        # What stands under TYPE_CHECKING is imported by nobody, and what it names still has to come later.
        before, self._for_types = self._for_types, self._for_types or "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in node.body:
            self.visit(inner)
        self._for_types = before
        for inner in node.orelse:
            self.visit(inner)

    def _add(self, module: str) -> None:
        self.everywhere.add(module)
        if not self._for_types:
            self.ever.add(module)
            if not self._inside:
                self.at_once.add(module)


def modules() -> Iterator[tuple[str, str, ast.Module]]:
    """Yield path, room and tree of every module below `netspec/`; the package itself is the room ``."""
    for path in sorted(SOURCE.rglob("*.py")):
        relative = path.relative_to(SOURCE)
        room = relative.parts[0].removesuffix(".py")
        yield relative.as_posix(), "" if room == "__init__" else room, ast.parse(path.read_text(encoding="utf-8"))


def test_every_room_has_its_place_in_the_order() -> None:
    assert {room for _, room, _ in modules()} - {""} <= set(ORDER)


def test_imports_point_one_way() -> None:
    wrong: list[str] = []
    for path, room, tree in modules():
        later = set(ORDER[ORDER.index(room) :]) if room else set(ORDER)
        for module in sorted(Import(tree).everywhere):
            package, _, rest = module.partition(".")
            other = rest.partition(".")[0]
            if package == "netspec" and other not in later:
                wrong.append(f"{path} imports {module}")
    assert wrong == []


def test_the_runtime_uses_only_what_a_built_model_carries() -> None:
    """And threadpoolctl where it is installed, for the one knob."""
    outside = {"numpy", "threadpoolctl", "_typeshed", *sys.stdlib_module_names}
    wrong: list[str] = []
    for path, room, tree in modules():
        if room == "runtime":
            for module in sorted(Import(tree).everywhere):
                package, _, rest = module.partition(".")
                carried = rest.partition(".")[0] in RUNTIME_USES
                if not (carried if package == "netspec" else package in outside):
                    wrong.append(f"{path} imports {module}")
    assert wrong == []


def test_each_outside_library_has_its_home() -> None:
    """A room may speak of the types of a library that it never loads."""
    wrong: list[str] = []
    for path, room, tree in modules():
        for module in sorted(Import(tree).ever):
            library = module.partition(".")[0]
            if library in NEVER and path in IMPORTERS.get(library, ()):
                continue
            if library in NEVER:
                wrong.append(f"{path} imports {module}, which nobody may")
            elif library not in sys.stdlib_module_names and library != "netspec" and room not in HOMES.get(library, ()):
                wrong.append(f"{path} imports {module}")
    assert wrong == []


def test_on_the_way_of_validate_numpy_is_imported_by_functions_only() -> None:
    wrong = [
        path
        for path, room, tree in modules()
        if room in WITHOUT_NUMPY and any(name.partition(".")[0] == "numpy" for name in Import(tree).at_once)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("netspec", ("numpy", "networkx", "typer", "yaml", "pydantic")),
        ("netspec.cli", ("numpy", "networkx", "typer", "yaml", "pydantic", "dataclasses", "json")),
        ("netspec.cli.arguments", ("numpy", "networkx", "yaml", "rich")),
        ("netspec.cli.compare", ("numpy", "networkx", "rich")),
        ("netspec.cli.plan", ("numpy", "networkx", "rich")),
        ("netspec.cli.migrate", ("numpy", "networkx", "rich")),
        ("netspec.cli.size", ("numpy", "networkx", "yaml", "rich")),
        ("netspec.diagnostics.text", ("dataclasses", "pathlib", "inspect", "json")),
    ],
)
def test_an_import_loads_no_more_than_it_needs(module: str, unwanted: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print(*sorted({set(unwanted)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_what_is_dangerous_has_an_owner() -> None:
    wrong = [
        f"{path}:{line}: {call}"
        for path, _, tree in modules()
        for call, line in dangerous_calls(tree)
        if path not in OWNERS[call]
    ]
    assert wrong == []


def test_every_owner_still_needs_what_it_owns() -> None:
    used = {(call, path) for path, _, tree in modules() for call, _ in dangerous_calls(tree)}
    owned = {(call, path) for call, paths in OWNERS.items() for path in paths if (SOURCE / path).exists()}
    assert owned <= used


def dangerous_calls(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield each call that needs an owner, and its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in OWNERS:
                yield name, node.lineno
            if name in ("getattr", "setattr") and not isinstance(node.args[1], ast.Constant):
                yield f"{name} with a variable", node.lineno


def test_the_search_for_dangerous_calls_finds_them() -> None:
    text = "eval(x)\nnp.load(y)\ngetattr(a, 'b')\ngetattr(a, b)\nmap(print, z)\nos.open(p)\nx.open()\n"
    assert [call for call, _ in dangerous_calls(ast.parse(text))] == [
        "eval",
        "np.load",
        "getattr with a variable",
        "os.open",
    ]


def _kind_and_name(word: str) -> tuple[bool, bool, str]:
    """Return the sort key: constants, then classes, then functions."""
    return not word.isupper(), not word[0].isupper(), word


def _packages() -> list[str]:
    packages = (path.parent.relative_to(SOURCE.parent) for path in SOURCE.rglob("__init__.py"))
    return sorted(".".join(package.parts) for package in packages)


@pytest.mark.parametrize("name", _packages())
def test_all_is_sorted_and_true(name: str) -> None:
    """`__all__` names what is there, and what a package shows without an underscore it names."""
    package = importlib.import_module(name)
    listed = getattr(package, "__all__", [])
    assert listed == sorted(set(listed), key=_kind_and_name)
    for word in listed:
        assert hasattr(package, word), word
    shown = {
        word
        for word, value in vars(package).items()
        if not (word.startswith("_") or isinstance(value, types.ModuleType) or word in typing.__all__)
    }
    assert shown <= set(listed)
