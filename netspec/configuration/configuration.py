"""The settings of one file, and which of them are in force for a spec."""

import os
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from netspec.configuration.globs import Glob
from netspec.configuration.policy import FACTS, RULES, Policy, Setting, Severity

_LEVEL: Final = "weights"


class Section(NamedTuple):
    """Settings of the file as a whole, or of one entry of `overrides`, which has patterns of the specs that it is of.

    A budget of None takes back one that stands before.
    """

    strict: Setting[bool] | None = None
    rules: Mapping[str, Setting[Severity]] = {}
    budget: Mapping[str, Setting[int | None]] = {}
    files: Setting[tuple[Glob, ...]] = Setting(())

    def is_of(self, path: str | None) -> bool:
        """Return whether an entry is of the spec at a path below the configuration's folder."""
        return path is not None and any(glob.matches(path) for glob in self.files.value)


class Configuration(NamedTuple):
    """What a project sets. `file` is empty where there is no configuration, and all is as it is without one.

    `folder` is that of the file, without links; patterns and paths are relative to it. `named` says that the file was
    named on the command line, `text` is what it holds.
    """

    file: str = ""
    folder: str = ""
    text: str = ""
    named: bool = False
    root: Setting[str | None] = Setting(None)
    exclude: Setting[tuple[Glob, ...]] = Setting(())
    base: Section = Section()
    overrides: tuple[Section, ...] = ()
    level: Setting[str] = Setting(_LEVEL)
    against: Setting[str | None] = Setting(None)
    facts: Setting[tuple[Glob, ...]] = Setting(())

    def policy(self, path: str | None) -> Policy:
        """Return what is in force for the spec at a path; None is a spec that is in no file."""
        relative = None if path is None else self.locate(path)
        strict, rules, budget = self._merged(relative)
        root = None
        if self.root.value is not None and relative is not None:
            below = os.path.normpath(self.root.value)
            if below == os.curdir or relative.startswith(below + "/"):
                root = os.path.normpath(os.path.join(self.folder, below))
        return Policy(
            self.file,
            self.text,
            root,
            strict.value,
            {code: setting.value for code, setting in rules.items()},
            {word: Setting(most.value, most.place) for word, most in budget.items() if most.value is not None},
        )

    def excludes(self, path: str) -> bool:
        """Return whether a search leaves out a spec or a folder at a path."""
        relative = self.locate(path) if self.exclude.value else None
        return relative is not None and any(glob.matches(relative) for glob in self.exclude.value)

    def has_facts(self, path: str) -> bool:
        """Return whether the spec at a path has a generated file of its facts beside it."""
        relative = self.locate(path) if self.facts.value else None
        return relative is not None and any(glob.matches(relative) for glob in self.facts.value)

    def locate(self, path: str) -> str | None:
        """Return a path below the configuration's folder; None for what does not lie there."""
        folder, name = os.path.split(path)
        real = os.path.join(os.path.realpath(folder or os.curdir), name)
        above = self.folder.rstrip("/") + "/"
        return real[len(above) :] if self.file and real.startswith(above) else None

    def rows(self, path: str | None) -> Iterator[tuple[str, Setting[object]]]:
        """Yield every setting by its name, as it is in force for the spec at a path."""
        strict, rules, budget = self._merged(None if path is None else self.locate(path))
        yield "root", Setting(self.root.value, self.root.place)
        yield "exclude", _texts(self.exclude)
        yield "strict", Setting(strict.value, strict.place)
        for code in RULES:
            otherwise = Setting[Severity]("error" if strict.value else "warning", strict.place)
            found = rules.get(code, otherwise)
            yield f"rules.{code}", Setting(found.value, found.place)
        for word in FACTS:
            most = budget.get(word, Setting[int | None](None))
            yield f"budget.{word}", Setting(most.value, most.place)
        yield "breaking.against", Setting(self.against.value, self.against.place)
        yield "breaking.level", Setting(self.level.value, self.level.place)
        yield "facts.files", _texts(self.facts)

    def _merged(
        self, relative: str | None
    ) -> tuple[Setting[bool], dict[str, Setting[Severity]], dict[str, Setting[int | None]]]:
        """Return what is set for a spec: a later entry that is of it goes before an earlier one, key by key."""
        strict = Setting(False)
        rules: dict[str, Setting[Severity]] = {}
        budget: dict[str, Setting[int | None]] = {}
        for section in (self.base, *(each for each in self.overrides if each.is_of(relative))):
            strict = strict if section.strict is None else section.strict
            rules |= section.rules
            budget |= section.budget
        return strict, rules, budget


def _texts(globs: Setting[tuple[Glob, ...]]) -> Setting[object]:
    return Setting([glob.text for glob in globs.value], globs.place)
