"""Running the text of a program: the compiler's own output, in memory, or from the archive that the user runs."""

from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netspec.runtime.graph_program import GraphProgram
    from netspec.runtime.program import Program

Array = NDArray[Any]


def execute(source: str, name: str) -> dict[str, Any]:
    """Return what the emitted module defines. No text of a spec is in it."""
    namespace: dict[str, Any] = {"__name__": f"netspec.emitted.{name}"}
    exec(compile(source, f"<netspec: {name}>", "exec"), namespace)  # noqa: S102
    return namespace


def load_program(source: str, parameters: "Mapping[str, Array]", name: str = "network") -> "Program | GraphProgram":
    """Return the program that the text is of: of rows through buffers, or of any form, which names its `INPUTS`."""
    if "\nINPUTS = " in source:
        from netspec.runtime.graph_program import GraphProgram

        return GraphProgram(source, parameters, name)
    from netspec.runtime.program import Program

    return Program(source, parameters, name)
