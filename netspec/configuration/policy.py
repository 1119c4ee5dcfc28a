"""What is in force for one spec: how severe each rule is, what its facts may be, and where its files may lie."""

from collections.abc import Iterable, Mapping
from typing import Final, Generic, Literal, NamedTuple, TypeVar

from netspec.diagnostics.diagnostic import Diagnostic, Place

RULES: Final = (
    "activated-branch",
    "forgotten-flatten",
    "shadowed-layer",
    "unread-input",
    "unread-result",
    "unused-ignore",
    "unused-name",
)
"""The codes of what is a warning unless somebody says otherwise."""

FACTS: Final = ("parameters", "capacity", "depth", "macs", "flops", "parameter_bytes", "activation_bytes")
"""The facts that a budget may be put on."""

LEVELS: Final = ("interface", "weights", "function", "budget", "cosmetic")
"""The classes of changes, the strictest first."""

Severity = Literal["off", "warning", "error"]
SEVERITIES: Final[tuple[Severity, ...]] = ("off", "warning", "error")

Value = TypeVar("Value")


class Setting(NamedTuple, Generic[Value]):
    """A value and where it is set: in a configuration file, or nowhere, where it is what holds unless it is set."""

    value: Value
    place: Place | None = None


class Policy(NamedTuple):
    """What is in force for one spec, as data that can be sent from process to process.

    `root` is the folder that its files must lie below, without links; None where the configuration says nothing.
    `rules` are those that are set; `strict` says that the others are errors. `budget` has the most that a fact may
    be. `file` and `text` are those of the configuration, which notes lead to.
    """

    file: str
    text: str
    root: str | None
    strict: bool
    rules: Mapping[str, Severity]
    budget: Mapping[str, Setting[int]]

    def judged(self, findings: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return the findings as severe as they are here, those left out that are off; an error stays what it is."""
        kept = []
        for finding in findings:
            severity = self._severity(finding.code) if finding.severity == "warning" else "error"
            if severity != "off":
                kept.append(finding if severity == finding.severity else finding._replace(severity=severity))
        return kept

    def _severity(self, code: str) -> Severity:
        return self.rules.get(code, "error" if self.strict else "warning")
