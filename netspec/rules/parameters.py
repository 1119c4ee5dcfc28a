"""The values that a spec names or writes out must be those of its tensors: names, shapes, dtypes, finite numbers."""

from collections.abc import Iterator

from netspec.diagnostics import Diagnostic
from netspec.files.folder import Folder
from netspec.graph import Facts, tensors
from netspec.layers.faults import Details
from netspec.limits import TENSORS
from netspec.operations import Graph
from netspec.spec import ParameterFile, Part, Values


def check_values(part: Part, graph: Graph, facts: Facts, folder: Folder | None) -> Iterator[Diagnostic]:
    """Yield what is wrong with a part's values; nothing where it draws them."""
    parameters = part.claims.parameters
    if not isinstance(parameters, Values | ParameterFile):
        return
    path = (*part.claims_path, "parameters")
    if facts.tensors > TENSORS.value:
        words = f"the network has {facts.tensors:,} tensors; values are read for at most {TENSORS.value:,}"
        yield part.document.fault(TENSORS.code, path, Details(words, False, key=True, help="draw them"))
        return
    from netspec.rules.values import file_faults, inline_faults  # most specs have none, and never pay for it

    expected = {tensor.name: tensor.shape for tensor in tensors(graph)}
    if isinstance(parameters, Values):
        yield from inline_faults(part, path, parameters, expected)
    elif folder is not None:
        yield from file_faults(part, path, parameters, expected, folder)
