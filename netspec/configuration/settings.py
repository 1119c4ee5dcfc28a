"""From the data of a TOML file to a configuration: each key checked, each fault placed at its key or value."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from netspec.configuration.configuration import Configuration, Section
from netspec.configuration.globs import Glob, refused
from netspec.configuration.places import Path
from netspec.configuration.policy import FACTS, LEVELS, RULES, SEVERITIES, Setting, Severity
from netspec.configuration.toml import Toml
from netspec.diagnostics import Diagnostic, Edit, Mend, did_you_mean, quote, show
from netspec.diagnostics.pages import codes
from netspec.diagnostics.suggest import nearest
from netspec.limits import GLOBS, INTEGER_DIGITS

_MOST_FAULTS: Final = 1_000
_OFF: Final = "off"
_NONE: Final = Setting[tuple[Glob, ...]](())

Value = TypeVar("Value")


class _RefusedError(Exception):
    """A fault was told."""


Found = tuple[Configuration, tuple[Diagnostic, ...]]


def read_settings(toml: Toml, prefix: Path, folder: str, *, named: bool) -> Found:
    """Return the configuration that stands at a path of a TOML file, and its faults; at `()` where all of it is one."""
    return _Reader(toml, prefix).read(folder, named=named)


class _Reader:
    """Reads the tables of one file, and collects the faults."""

    def __init__(self, toml: Toml, prefix: Path) -> None:
        self.toml, self.prefix = toml, prefix
        self.faults: list[Diagnostic] = []
        self._globs = 0

    def read(self, folder: str, *, named: bool) -> Found:
        """Return the configuration, with what is at fault left out."""
        data: Any = self.toml.data
        for step in self.prefix:
            data = data[step]
        table = self._table(
            self.prefix, data, ("root", "exclude", "strict", "rules", "budget", "overrides", "breaking", "facts")
        )
        at = self.prefix
        breaking = self._inner(at, table, "breaking", ("against", "level"))
        facts = self._inner(at, table, "facts", ("files",))
        whole = Configuration(
            self.toml.file,
            folder,
            self.toml.text,
            named,
            self._get(at, table, "root", self._folder) or Setting(None),
            self._get(at, table, "exclude", self._patterns) or Setting(()),
            self._section(at, table),
            tuple(self._overrides((*at, "overrides"), table["overrides"])) if "overrides" in table else (),
            self._get((*at, "breaking"), breaking, "level", self._level) or Setting(LEVELS[1]),
            self._get((*at, "breaking"), breaking, "against", self._revision) or Setting(None),
            self._get((*at, "facts"), facts, "files", self._patterns) or Setting(()),
        )  # fmt: skip
        return whole, tuple(sorted(dict.fromkeys(self.faults), key=Diagnostic.order))

    @property
    def _full(self) -> bool:
        """Whether there are as many faults as anyone reads, so that no more are looked for."""
        return len(self.faults) >= _MOST_FAULTS

    # -- tables -------------------------------------------------------------------------------------------------------

    def _section(self, at: Path, table: dict[str, Any], files: Setting[tuple[Glob, ...]] = _NONE) -> Section:
        rules = self._inner(at, table, "rules", ())
        budget = self._inner(at, table, "budget", FACTS)
        severities = {code: self._get((*at, "rules"), rules, code, self._severity) for code in rules}
        most = {word: self._get((*at, "budget"), budget, word, self._most) for word in budget}
        return Section(
            self._get(at, table, "strict", self._switch),
            {code: setting for code, setting in severities.items() if setting is not None},
            {word: setting for word, setting in most.items() if setting is not None},
            files,
        )

    def _overrides(self, at: Path, data: Any) -> "list[Section]":
        if not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
            self._wrong(at, data, "a list of tables", "write `[[overrides]]` before each")
            return []
        sections: list[Section] = []
        for i, entry in enumerate(data):
            path = (*at, i)
            table = self._table(path, entry, ("files", "strict", "rules", "budget"))
            files = self._get(path, table, "files", self._patterns)
            if files is None and "files" not in table:
                words = "the key `files` is missing: patterns of the specs that the entry is of"
                self._tell("bad-setting", words, path, help_='such as `files = ["mobile/**"]`')
            sections.append(self._section(path, table, files or Setting(())))
        return sections

    def _inner(self, at: Path, table: dict[str, Any], key: str, known: tuple[str, ...]) -> dict[str, Any]:
        return self._table((*at, key), table[key], known) if key in table else {}

    def _table(self, at: Path, data: Any, known: tuple[str, ...]) -> dict[str, Any]:
        """Return the keys of a table that there are; all where none are `known`, since they are checked elsewhere."""
        if not isinstance(data, dict):
            self._wrong(at, data, "a table", "")
            return {}
        for key in data if known else ():
            if key not in known and not self._full:
                near = did_you_mean(key, known) or f"the keys are {', '.join(f'`{name}`' for name in known)}"
                self._tell(
                    "unknown-setting", f"there is no setting {quote(key)} here", (*at, key), key=True, help_=near
                )
        return {key: value for key, value in data.items() if key in known or not known}

    def _get(
        self, at: Path, table: dict[str, Any], key: str, read: Callable[[Path, Any], Value]
    ) -> Setting[Value] | None:
        """Return what stands under a key, read; None where it is not there or was refused."""
        if key not in table or self._full:
            return None
        path = (*at, key)
        try:
            return Setting(read(path, table[key]), self.toml.value(path))
        except _RefusedError:
            return None

    # -- values -------------------------------------------------------------------------------------------------------

    def _switch(self, path: Path, value: Any) -> bool:
        if not isinstance(value, bool):
            self._refuse(path, value, "`true` or `false`")
        return bool(value)

    def _severity(self, path: Path, value: Any) -> Severity:
        code = str(path[-1])
        if code not in RULES:
            if code in codes():
                words = f"`{code}` is an error, which no configuration changes"
                rules = ", ".join(f"`{rule}`" for rule in RULES)
                self._tell("bad-setting", words, path, key=True, help_=f"the rules are {rules}")
            else:
                near = did_you_mean(code, RULES) or did_you_mean(code, codes())
                near = near or f"the rules are {', '.join(f'`{rule}`' for rule in RULES)}"
                self._tell("unknown-setting", f"there is no rule {quote(code)}", path, key=True, help_=near)
            raise _RefusedError
        return self._one_of(path, value, SEVERITIES)

    def _most(self, path: Path, value: Any) -> int | None:
        if value == _OFF:
            return None
        digits = INTEGER_DIGITS.value
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**digits:
            self._refuse(path, value, f'an integer of up to {digits} digits, or `"off"`')
        return int(value)

    def _level(self, path: Path, value: Any) -> str:
        return self._one_of(path, value, LEVELS)

    def _one_of(self, path: Path, value: Any, known: tuple[Value, ...]) -> Value:
        """Return one of some texts."""
        for each in known:
            if value == each and isinstance(value, str):
                return each
        listed = ", ".join(f'`"{each}"`' for each in known)
        near = nearest(value, map(str, known)) if isinstance(value, str) else None
        help_ = "" if near is None else Mend.by(f'"{near}"', f'did you mean `"{near}"`?')
        self._tell("bad-setting", f"{_spell(path)} is {_said(value)}, and may be one of {listed}", path, help_=help_)
        raise _RefusedError

    def _revision(self, path: Path, value: Any) -> str:
        if not isinstance(value, str) or not value or not value.isprintable() or value.startswith("-"):
            self._refuse(path, value, 'a revision of git, such as `"origin/main"`')
        return str(value)

    def _folder(self, path: Path, value: Any) -> str:
        if not isinstance(value, str):
            self._refuse(path, value, "the path of a folder")
        text = str(value)
        reason = refused(text) or ("it has a character of patterns" if set(text) & set("*?[") else "")
        if reason:
            self._bad_path(path, text, reason)
        return text

    def _patterns(self, path: Path, value: Any) -> tuple[Glob, ...]:
        """Return patterns; of those that are refused, each is told."""
        if not isinstance(value, list):
            help_ = (
                "write it in brackets: `[" + show(f'"{value}"').replace("`", "'") + "]`"
                if isinstance(value, str)
                else ""
            )
            self._refuse(path, value, "a list of patterns", help_)
        sound = True
        for i, text in enumerate(value):
            try:
                if not isinstance(text, str):
                    self._refuse((*path, i), text, "a pattern of paths, in quotes")
                elif reason := refused(text):
                    self._bad_path((*path, i), text, reason)
            except _RefusedError:
                sound = False
        self._globs += len(value)
        if self._globs > GLOBS.value:
            words = f"there are more than {GLOBS.value} patterns in the configuration"
            self._tell(GLOBS.code, words, path, key=True, help_="name folders, or use `**`")
            sound = False
        if not sound:
            raise _RefusedError
        return tuple(Glob(text) for text in value)

    # -- faults -------------------------------------------------------------------------------------------------------

    def _bad_path(self, path: Path, text: str, reason: str) -> None:
        self._tell("bad-setting", f"{quote(text)}: {reason}", path)
        raise _RefusedError

    def _refuse(self, path: Path, value: Any, wanted: str, help_: str = "") -> None:
        self._wrong(path, value, wanted, help_)
        raise _RefusedError

    def _wrong(self, path: Path, value: Any, wanted: str, help_: str) -> None:
        self._tell("bad-setting", f"{_spell(path)} expects {wanted}, got {_said(value)}", path, help_=help_)

    def _tell(self, code: str, headline: str, path: Path, *, key: bool = False, help_: str = "") -> None:
        if self._full:
            return
        place = self.toml.key(path) if key else self.toml.value(path)
        fix = (Edit(place.span, help_.text),) if isinstance(help_, Mend) and place.span is not None else ()
        self.faults.append(Diagnostic(code, headline, place, help=str(help_), fix=fix))


def _spell(path: Path) -> str:
    """Return a path as messages write it."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{show(part)}" if text else show(part)
    return "`" + text.replace("`", "'") + "`"


def _said(value: Any) -> str:
    """Return what a value is, as messages say it."""
    if isinstance(value, str):
        return quote(f'"{value}"')
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, int | float):
        return quote(value)
    return "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a date or a time"
