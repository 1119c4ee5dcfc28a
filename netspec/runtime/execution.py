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


def load_program(
    source: str, parameters: "Mapping[str, Array]", name: str = "network", code: CodeType | None = None
) -> "Program | GraphProgram":
    """Return the program that the text is of: of rows through buffers, or of any form, which names its `INPUTS`."""
    if "\nINPUTS = " in source:
        from netspec.runtime.graph_program import GraphProgram

        return GraphProgram(source, parameters, name, code)
    from netspec.runtime.program import Program

    return Program(source, parameters, name, code)
