"""Which specs the paths on a command line mean."""

import os
from pathlib import Path

import pytest

from netspec.cli.paths import Target, collect
from netspec.diagnostics import SystemFault

TREE = (
    "b.yaml",
    "a.yml",
    "notes.txt",
    "weights.yaml.npz",
    ".hidden.yaml",
    ".git/config.yaml",
    "nets/z.yaml",
    "nets/deep/er/x.yaml",
    "nets-2/y.yaml",
    "other/README",
)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder, with specs, other files, hidden ones and links in it."""
    for name in TREE:
        path = tmp_path / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path / "work")
    os.symlink("b.yaml", "linked.yaml")
    os.symlink("nets", "linked")
    os.symlink("..", "nets/up")
    return tmp_path / "work"


def found(*paths: str, root: str | None = None) -> list[tuple[str, str | None] | str]:
    """Return path and root of each spec, and the headline of each fault."""
    return [
        (target.path, target.root) if isinstance(target, Target) else target.headline for target in collect(paths, root)
    ]


ALL = ["a.yml", "b.yaml", "nets/deep/er/x.yaml", "nets/z.yaml", "nets-2/y.yaml"]


def test_a_file_is_what_it_is_called_whatever_its_suffix_and_is_its_own_root(tree: Path) -> None:
    paths = ["b.yaml", "notes.txt", "linked.yaml", ".hidden.yaml", "missing.yaml", "./a.yml"]
    expected: list[tuple[str, None]] = [(path, None) for path in paths]
    del expected[2]  # a link to the first
    assert found(*paths) == expected


def test_a_folder_is_every_spec_below_it_sorted_and_their_root(tree: Path) -> None:
    """The folder's own spelling stays; what is hidden, a link or no spec is left out; no link is walked in a circle."""
    assert found(".") == [(path, "") for path in ALL]
    assert found("nets") == found("nets/") == [("nets/deep/er/x.yaml", "nets"), ("nets/z.yaml", "nets")]
    assert found("./nets//") == [("./nets/deep/er/x.yaml", "./nets"), ("./nets/z.yaml", "./nets")]
    assert found(str(tree / "nets-2")) == [(str(tree / "nets-2/y.yaml"), str(tree / "nets-2"))]


def test_a_hidden_or_linked_folder_that_is_named_itself_is_searched(tree: Path) -> None:
    assert found(".git") == [(".git/config.yaml", ".git")]
    assert found("linked") == [("linked/deep/er/x.yaml", "linked"), ("linked/z.yaml", "linked")]


def test_the_order_is_that_of_the_paths_and_each_file_comes_once(tree: Path) -> None:
    assert found("nets-2", "b.yaml", "./b.yaml", ".", str(tree / "a.yml"), "linked") == [
        ("nets-2/y.yaml", "nets-2"),
        ("b.yaml", None),
        ("a.yml", ""),
        ("nets/deep/er/x.yaml", ""),
        ("nets/z.yaml", ""),
    ]


def test_a_given_root_is_that_of_all(tree: Path) -> None:
    assert found("nets", "b.yaml", "nets-?/*", root=".") == [
        ("nets/deep/er/x.yaml", ""),
        ("nets/z.yaml", ""),
        ("b.yaml", ""),
        ("nets-2/y.yaml", ""),
    ]
    assert found("b.yaml", root="/") == [("b.yaml", "/")]
    assert found("b.yaml", root="nets/") == [("b.yaml", "nets")]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.yaml", ["b.yaml"]),
        ("*", ["a.yml", "b.yaml"]),
        ("?.y*ml", ["a.yml", "b.yaml"]),
        ("[ab].yml", ["a.yml"]),
        ("**", ALL),
        ("**/**", ALL),
        ("**/*.yaml", ["b.yaml", "nets/deep/er/x.yaml", "nets/z.yaml", "nets-2/y.yaml"]),
        ("./**/z.yaml", ["./nets/z.yaml"]),
        ("nets/**/x.*", ["nets/deep/er/x.yaml"]),
        ("nets*/?.yaml", ["nets/z.yaml", "nets-2/y.yaml"]),
        ("*/deep/er/x.yaml", ["nets/deep/er/x.yaml"]),
        ("nets/*/er/*", ["nets/deep/er/x.yaml"]),
        (".*.yaml", [".hidden.yaml"]),
        (".git/*", [".git/config.yaml"]),
        ("linked/*.yaml", ["linked/z.yaml"]),
        ("**/nets*", None),
        ("*.txt", None),
        ("*/missing.yaml", None),
        ("*/README", None),
        ("*.yaml/x", None),
        ("missing/*.yaml", None),
    ],
)
def test_a_pattern_is_the_specs_that_it_matches(tree: Path, pattern: str, expected: list[str] | None) -> None:
    """Each is its own root; hidden things are matched by a leading dot only, links by their own names only."""
    if expected is None:
        assert found(pattern) == [f"no spec matches `{pattern}`"]
    else:
        assert found(pattern) == [(path, None) for path in expected]


def test_an_absolute_pattern(tree: Path) -> None:
    assert found(f"{tree}/nets*/y.yaml") == [(f"{tree}/nets-2/y.yaml", None)]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tree: Path) -> None:
    Path("[ab].yml").touch()
    assert found("[ab].yml") == [("[ab].yml", None)]


def test_a_folder_without_specs_is_a_fault_and_the_others_are_found_all_the_same(tree: Path) -> None:
    assert found("other", "b.yaml") == ["there is no spec in the folder `other`", ("b.yaml", None)]
    (fault,) = collect(["other"])
    assert isinstance(fault, SystemFault)
    assert fault.code == "no-specs"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may search every folder")
def test_a_folder_that_may_not_be_searched_is_a_fault(tree: Path) -> None:
    os.chmod("nets/deep", 0)
    try:
        expected = "searching the folder `nets/deep` failed: permission denied"
        assert found("nets") == [expected, ("nets/z.yaml", "nets")]
        assert found("nets/**/*.yaml") == [expected, ("nets/z.yaml", None)]
    finally:
        os.chmod("nets/deep", 0o700)


def test_a_folder_that_goes_away_is_a_fault(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the one above, for those whom the system lets search everything."""
    search = os.scandir

    def scandir(path: str) -> object:
        if path == "nets/deep":
            raise PermissionError(13, "Permission denied")
        return search(path)

    monkeypatch.setattr(os, "scandir", scandir)
    expected = "searching the folder `nets/deep` failed: permission denied"
    assert found("nets") == [expected, ("nets/z.yaml", "nets")]
    assert found("nets/**/*.yaml") == [expected, ("nets/z.yaml", None)]


def test_standard_input_is_named_by_a_hyphen_once(tree: Path) -> None:
    Path("-").touch()
    assert found("-", "./-", "-") == [("-", None), ("./-", None)]


def test_a_path_that_no_file_can_have_is_left_to_who_opens_it(tree: Path) -> None:
    assert found("a\0.yaml", "x" * 5_000) == [("a\0.yaml", None), ("x" * 5_000, None)]


def test_folders_nested_beyond_any_recursion(tree: Path) -> None:
    depth = 1_200
    folders = ["very" + "/d" * level for level in range(depth + 1)]
    for folder in folders:
        os.mkdir(folder)
    spec = f"{folders[-1]}/x.yaml"
    Path(spec).touch()
    try:
        assert found("very") == [(spec, "very")]
        assert found("very/**/x.yaml") == [(spec, None)]
    finally:  # shutil, which pytest clears up by, recurses
        os.remove(spec)
        for folder in reversed(folders):
            os.rmdir(folder)
