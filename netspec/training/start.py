"""The start of a training that goes on from a model."""

from netspec.diagnostics import SystemFault
from netspec.graph import Facts
from netspec.graph import tensors as tensors_of
from netspec.model import Model
from netspec.model.tensors import Held, Source
from netspec.operations import Graph
from netspec.spec import Dtype, Part


def is_of(model: Model, graph: Graph) -> bool:
    """Return whether a model is of a network, in any dtype: one of the same operations, and tensors of equal names."""
    if model.facts.fingerprint != Facts(graph, model.dtype).fingerprint:  # which is of the dtype, too
        return False
    return {name: source.shape for name, source in model.sources.items()} == {
        tensor.name: tensor.shape for tensor in tensors_of(graph)
    }


def going_on(model: Model, part: Part, graph: Graph, dtype: Dtype | None = None, called: str = "the model") -> Model:
    """Return a model as a start for a network: its parameters cast to `dtype`, all else the network's own.

    Its dtype stays where none is given; what its classes are called stays, too. Raises SystemFault `usage` where it is
    of another network, ValueError for a dtype that is none, TypeError for what is no model.
    """
    if not isinstance(model, Model):
        raise TypeError(f"{called.removeprefix('the ')} is of type {type(model).__name__}; expected a Model")
    if not is_of(model, graph):
        headline = f"{called} is of another network than `{part.name}`"
        raise SystemFault("usage", headline, "`netspec migrate` carries parameters from one network to another")
    if dtype not in (None, "float32", "float64"):
        raise ValueError(f"dtype is {dtype!r}; expected 'float32' or 'float64'")
    if dtype is None or dtype == model.dtype:
        return model.replaced(part=part, graph=graph)
    sources: dict[str, Source] = {}
    for name, array in model.parameters.items():
        cast = array.astype(dtype)
        cast.flags.writeable = False
        sources[name] = Held(cast)
    return model.replaced(part=part, graph=graph, dtype=dtype, sources=sources)
