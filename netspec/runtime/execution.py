"""Running the text of a program: the compiler's own output, in memory, or from the archive that the user runs."""

from types import CodeType
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netspec.runtime.graph_program import GraphProgram
    from netspec.runtime.program import Program

Array = NDArray[Any]


def execute(source: str, name: str, code: CodeType | None = None) -> dict[str, Any]:
    """Return what the emitted module defines; `code` is its text compiled before. No text of a spec is in it."""
    namespace: dict[str, Any] = {"__name__": f"netspec.emitted.{name}"}
    exec(compile(source, f"<netspec: {name}>", "exec") if code is None else code, namespace)  # noqa: S102
    return namespace


class Page:
    """An emitted module of rows: what stands before its functions runs at once, `one` and `many` when asked for.

    Most programs are called with one example or with many, not both, and a deep network's functions are long.
    """

    def __init__(self, source: str, name: str, code: CodeType | None = None) -> None:
        self._name = name
        self._waiting: dict[str, str] = {}
        if code is None:
            first, second = "\ndef one(", "\ndef wide(" if "\ndef wide(" in source else "\ndef many("
            head, _, functions = source.partition(first)
            one, _, many = functions.partition(second)
            if many and "many(" not in one and "one(" not in many:  # neither calls the other
                source, lines = head, head.count("\n")  # kept, so that tracebacks name the lines of the text
                self._waiting["one"] = "\n" * lines + first + one
                self._waiting["many"] = "\n" * (lines + 1 + one.count("\n")) + second + many
        self.defined = execute(source, name, code)

    def function(self, name: str) -> Any:
        """Return the function that the text defines; one thread at a time may ask."""
        text = self._waiting.get(name)
        if text is not None:
            exec(compile(text, f"<netspec: {self._name}>", "exec"), self.defined)  # noqa: S102
            del self._waiting[name]
        return self.defined[name]


def load_program(
    source: str, parameters: "Mapping[str, Array]", name: str = "network", code: CodeType | None = None
) -> "Program | GraphProgram":
    """Return the program that the text is of: of rows through buffers, or of any form, which names its `INPUTS`."""
    if "\nINPUTS = " in source:
        from netspec.runtime.graph_program import GraphProgram

        return GraphProgram(source, parameters, name, code)
    from netspec.runtime.program import Program

    return Program(source, parameters, name, code)
