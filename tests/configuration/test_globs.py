"""Patterns of paths: as on the command line, and a folder stands for all that lies in it."""

import itertools
import re
import time
from pathlib import Path

import pytest

from netspec.cli.paths import Target, collect
from netspec.configuration.globs import Glob, refused
from netspec.limits import GLOB_PARTS


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("a.yaml", "a.yaml", True),
        ("a.yaml", "nets/a.yaml", False),
        ("*.yaml", "a.yaml", True),
        ("*.yaml", "nets/a.yaml", False),
        ("**/*.yaml", "a.yaml", True),
        ("**/*.yaml", "nets/deep/a.yaml", True),
        ("nets", "nets/deep/a.yaml", True),
        ("nets/", "nets/a.yaml", True),
        ("nets/**", "nets/a.yaml", True),
        ("nets/**", "nets", True),
        ("nets", "nets-2/a.yaml", False),
        ("nets/*", "nets/deep/a.yaml", True),
        ("nets/*.yaml", "nets/deep/a.yaml", False),
        ("**/scratch", "nets/scratch/a.yaml", True),
        ("**/scratch/**", "scratch/a.yaml", True),
        ("nets/**/a.yaml", "nets/a.yaml", True),
        ("nets/**/**/a.yaml", "nets/x/y/z/a.yaml", True),
        ("nets/**/b/*.yaml", "nets/b/x/b/c.yaml", True),
        ("./nets/./a.yaml", "nets/a.yaml", True),
        ("net?/[ab].yaml", "nets/a.yaml", True),
        ("net?/[!ab].yaml", "nets/a.yaml", False),
        ("N*", "nets/a.yaml", False),
        (".", "nets/a.yaml", True),
        ("**", "a.yaml", True),
        ("*\n*", "a\nb.yaml", True),
    ],
)
def test_a_pattern_matches_a_path_or_a_folder_on_its_way(pattern: str, path: str, matches: bool) -> None:
    assert Glob(pattern).matches(path) == matches


def test_a_pattern_means_what_it_means_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it names files, it is those that `netspec validate` takes for it."""
    monkeypatch.chdir(tmp_path)
    paths = ["a.yaml", "ab.yml", "b/a.yaml", "b/c/a.yaml", "b/c/d/b.yaml", "c/b/a.yaml"]
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch()
    for parts in itertools.product(["b", "?", "**", "[ac]"], repeat=2):
        for last in ("*.yaml", "a*", "?.y*ml", "**"):
            pattern = "/".join((*parts, last))
            found = [target.path for target in collect([pattern]) if isinstance(target, Target)]
            assert [path for path in sorted(paths) if Glob(pattern).matches(path)] == sorted(found), pattern


def test_the_time_does_not_grow_with_the_ways_to_match() -> None:
    pattern = Glob("/".join(["**", "*a*a*a*a*a*b"] * (GLOB_PARTS.value // 2)))
    path = "/".join(["a" * 250] * 15)
    start = time.process_time()
    assert not pattern.matches(path)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        ("a" * 1_025, "it has 1,025 characters, the limit is 1,024"),
        ("nets\\a.yaml", "it has a backslash; parts are parted by `/`"),
        ("nets/\u202ea", "it has a character that does not print"),
        ("a\0", "it has a character that does not print"),
        ("/nets", "it begins with `/`, and is relative to the folder of the configuration"),
        ("nets/../../a", "it leaves the folder of the configuration"),
        ("a/" * 17, "it has 17 parts, the limit is 16"),
        ("nets/**/*.yaml", ""),
    ],
)
def test_what_is_no_pattern_below_a_folder_is_refused(text: str, reason: str) -> None:
    assert refused(text) == reason


def test_a_path_that_is_long_is_told_by_its_letters_and_not_by_a_pattern() -> None:
    assert not Glob(re.escape("a+b")).matches("aab")
