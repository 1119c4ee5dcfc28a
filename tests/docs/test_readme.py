"""The README is what a newcomer sees first: short, true, and enough to begin with.

That its examples run and print what it says is tested with those of the other pages.
"""

import re

import pytest

import netspec
from netspec.cli.arguments import COMMANDS
from tests.docs.blocks import blocks
from tests.docs.session import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TOGETHER = "".join(path.read_text(encoding="utf-8") for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def test_the_readme_is_read_in_a_minute_or_two() -> None:
    assert len(README.splitlines()) <= 150


def test_the_readme_goes_from_a_spec_to_a_run() -> None:
    languages = [block.language for block in blocks(README)]
    assert languages[0] == "yaml"
    typed = re.findall(r"^\$ netspec (\w+)", README, re.MULTILINE)
    assert typed == ["validate", "validate", "show", "build"]
    assert set(typed) <= set(COMMANDS)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:^|`)make ([a-z]+)", TOGETHER, re.MULTILINE))))
def test_every_make_target_that_is_named_exists(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target


def test_what_is_to_be_installed_is_called_as_the_project_is() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    names = set(re.findall(r"pip install ([\w.-]+)", TOGETHER))
    assert names == {"netspec-lang"}
    assert 'name = "netspec-lang"' in project


def test_the_changelog_has_this_version_of_the_package() -> None:
    assert f"\n### {netspec.__version__}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
