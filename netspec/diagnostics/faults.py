"""The exceptions of netspec.

    NetspecError
    ├── SpecError      the input is refused; carries the diagnostics (exit code 1)
    ├── SystemFault    the system failed: no space, no permission, no such file (exit code 2)
    └── FileFault      a file was refused or is unreadable: short and unplaced; whoever asked for it adds the place

Bad input met while checking is a result, a list of diagnostics; it raises only where a caller asked for a network.
"""

from collections.abc import Mapping, Sequence

from netspec.diagnostics.diagnostic import Diagnostic


class NetspecError(Exception):
    """The root of every exception that netspec raises on purpose."""


class SpecError(NetspecError):
    """The input is refused. `diagnostics` says why; `sources` maps each file named there to its text, where read."""

    def __init__(self, diagnostics: Sequence[Diagnostic], sources: Mapping[str, str] | None = None) -> None:
        self.diagnostics = tuple(diagnostics)
        self.sources: Mapping[str, str] = {} if sources is None else sources
        super().__init__(self.diagnostics, self.sources)

    def __str__(self) -> str:
        from netspec.diagnostics.text import render_text  # a renderer is loaded when something is drawn

        return render_text(self.diagnostics, self.sources)


class SystemFault(NetspecError):
    """The system failed. `code` names a page, `headline` says what failed on which file, `help` what to try.

    As a string it is the two of them.
    """

    def __init__(self, code: str, headline: str, help: str = "") -> None:  # noqa: A002 - as in Diagnostic
        self.code, self.headline, self.help = code, headline, help
        super().__init__(code, headline, help)

    def __str__(self) -> str:
        return f"{self.headline}; {self.help}" if self.help else self.headline


class FileFault(NetspecError):
    """A file is refused or cannot be read: a code, and one short clause without place ("it is a symbolic link")."""

    def __init__(self, code: str, reason: str, help: str = "") -> None:  # noqa: A002 - as in Diagnostic
        self.code, self.reason, self.help = code, reason, help
        super().__init__(code, reason, help)

    def __str__(self) -> str:
        return self.reason
