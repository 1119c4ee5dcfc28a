"""The graph that is trained: that of the network, with dropout where the spec has it."""

from typing import TYPE_CHECKING

from netspec.layers.dropout import Dropout
from netspec.operations import Graph
from netspec.spec.expand import expand
from netspec.spec.yaml_text import write
from netspec.validation import check_text

if TYPE_CHECKING:
    from netspec.spec import Part


def training_graph(part: "Part", graph: Graph) -> Graph:
    """Return the graph with dropout as an operation: the long form of the spec, assembled once more for training."""
    if not any(isinstance(layer, Dropout) and layer.rate for each in part.parts() for layer in each.models.values()):
        return graph
    keys = {key: value for key, value in expand(part, parameters=False).items() if key != "expect"}
    verdict = check_text(write(keys), "<long form>", trains=True)
    if verdict.graph is None:
        raise RuntimeError("the long form of a valid spec is valid")
    return verdict.graph
