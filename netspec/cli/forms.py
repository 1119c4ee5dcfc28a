"""Reports for tools: which formats there are, and what a command gathers for the one that is asked for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

from netspec.cli.terminal import output
from netspec.diagnostics import Diagnostic, SystemFault, quote

if TYPE_CHECKING:
    from netspec.diagnostics.lines import Line

Format = Literal["text", "json", "github", "gitlab", "junit", "sarif"]

FORMAT_HELP: Final = "How the faults are written."
OUTPUT_HELP: Final = "The file to write them to in that format; the text is printed as well."

_VALUES: Final = (".npz", ".safetensors")


class Findings:
    """What a command found, and what the report of a format needs of the texts, which are not kept.

    The report goes to standard output, or to the file `target`. Then `text` tells that standard output is for the text.
    Raises SystemFault `usage` where a text is to go to a file, `bad-target` where that is named as parameters are.
    """

    def __init__(self, command: str, form: Format, target: str | None = None, *, strict: bool = False) -> None:
        if form == "text" and target is not None:
            headline = f"--output {quote(target)} is for a report, and --format names none"
            raise SystemFault("usage", headline, "name one, such as --format sarif; `>` leads the text to a file")
        if target is not None and target.endswith(_VALUES):  # a spec may name it, and an invalid one does not say so
            raise SystemFault("bad-target", f"{quote(target)} is named as parameters are", "name another file")
        self.text = form == "text" or target is not None
        self.found: dict[Diagnostic, None] = {}
        self._command, self._form, self._target, self._strict = command, form, target, strict
        self._lines: dict[Diagnostic, Line] = {}
        self._drawn: dict[str, str] = {}
        self._within: dict[str, str] = {}

    def add(
        self, found: Sequence[Diagnostic], sources: Mapping[str, str], within: Mapping[str, str] | None = None
    ) -> None:
        """Take what was found in the files of which `sources` has the texts.

        `within` has for a file that was checked with another one, as facts are with their spec, that other one.
        """
        self._within |= within or {}
        self.found |= dict.fromkeys(found)
        if self._form in ("gitlab", "sarif"):
            from netspec.diagnostics.lines import lines_of  # here as below: loaded where it is wanted

            self._lines |= lines_of(found, sources)
        elif self._form == "junit":
            from netspec.diagnostics.order import by_file
            from netspec.diagnostics.text import render_text

            for file, here in by_file(found):
                test = self._within.get(file, file)
                told = self._drawn.get(test)
                drawn = render_text(here, sources)
                self._drawn[test] = drawn if told is None else f"{told}\n{drawn}"

    def write(self, checked: Sequence[str], status: int, read: Iterable[str] = ()) -> None:
        """Write the report, of a command that ends with the exit code `status`; none where the text is all of it.

        `checked` are the files that were to be checked, `read` others that were read: no report takes their place.
        """
        if self._form == "text":
            return
        report = self._render(checked, status)
        if self._target is None:
            output().write(report)
            return
        from netspec.files.writing import atomic_write

        data = report.encode()
        with atomic_write(self._target, protect=[*checked, *read], size=len(data)) as stream:
            stream.write(data)

    def _render(self, checked: Sequence[str], status: int) -> str:
        strict = self._strict
        if self._form == "json":
            from netspec.diagnostics.json_format import render_json

            return render_json(self.found, checked=checked, strict=strict)
        if self._form == "github":
            from netspec.diagnostics.github import render_github

            return render_github(self.found, strict=strict)
        if self._form == "gitlab":
            from netspec.diagnostics.gitlab import render_gitlab

            return render_gitlab(self.found, strict=strict, lines=self._lines)
        if self._form == "junit":
            from netspec.diagnostics.junit import render_junit

            return render_junit(
                self.found,
                command=self._command,
                checked=checked,
                strict=strict,
                drawn=self._drawn,
                within=self._within,
            )
        from netspec.diagnostics.sarif import render_sarif

        return render_sarif(self.found, command=self._command, status=status, strict=strict, lines=self._lines)
