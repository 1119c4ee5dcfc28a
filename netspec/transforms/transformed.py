"""What a transform gives back: a new model, and what was done; and how a model is made of a changed chain."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from netspec.diagnostics import Diagnostic, Place, SpecError
from netspec.equivalence.chain import Array, Chain, Stage, chain_of, rounded, written_chain
from netspec.equivalence.normal_form import AFFORDABLE, cost
from netspec.files.parameters import label
from netspec.graph import tensors
from netspec.graph.facts import ITEM_BYTES
from netspec.model import Model, check_memory
from netspec.model.saving import metadata
from netspec.model.tensors import Held
from netspec.spec import Dtype, FullyConnected
from netspec.spec.expand_layers import activation_keys
from netspec.spec.yaml_text import write
from netspec.validation import check_text


class Transformed(NamedTuple):
    """A new model of the same function, sentences on what was done, and its spec without parameters."""

    model: Model
    notes: tuple[str, ...]
    spec: str


def exactly(model: Model) -> Chain:
    """Return the chain of a model in rationals where they are affordable, as its spec writes them, else in float64."""
    chain = chain_of(model)
    return written_chain(model) if cost(chain) <= AFFORDABLE else chain


def arithmetic(chain: Chain, dtype: Dtype) -> str:
    """Return in what a chain was worked out, in words."""
    worked = "rationals" if chain.is_exact else "float64"
    return f"worked out in {worked}, rounded once to {dtype}"


def unchanged(model: Model, *notes: str) -> Transformed:
    """Return the model as it is, where there was nothing to do."""
    return Transformed(model, notes, _same_spec(model, chain_of(model)))


def _same_spec(model: Model, chain: Chain) -> str:
    """Return the spec of a model whose layers are as they were, without parameters: the short form where it has that
    and each hidden layer is a stage of the chain, which one of `identity` is not; else the long form.
    """
    hidden = all(stage.activation is not None for stage in chain.stages[:-1])
    if isinstance(model.part.body, FullyConnected) and hidden:
        return spec_text(model.name, chain, model.dtype, model.part.head.description)
    return metadata(model)["spec"]


def check_size(model: Model, chain: Chain, max_memory: int | None = None) -> None:
    """Raise SystemFault `no-memory` where the model of a chain needs more than `max_memory`, or than there is.

    It is in memory in its dtype, and in float64 to be compared.
    """
    check_memory(chain.parameters * (ITEM_BYTES[model.dtype] + 16), max_memory, f"transforming {model.name}")


def remade(model: Model, chain: Chain, notes: Iterable[str]) -> Transformed:
    """Return the model that computes a chain, which was made by changing that of `model`.

    Where every map is still that of one place, with its shape and its activation, the spec stays as it is and has new
    tensors; else the chain is written as a network of its own. Raises SpecError `parameter-not-finite` where a number
    is too large for the dtype.
    """
    arrays = numbers(model, chain)
    told = list(notes)
    kept = _in_place(model, chain, arrays)
    if kept is not None:
        made = Model(model.part, model.graph, model.dtype, kept, model.seed, exact=model.exact)
        return Transformed(made, tuple(told), _same_spec(made, chain))
    if len(model.sources) < sum(1 + stage.bias for stage in chain_of(model).stages):
        told.append("tensors that were shared or tied stand at each of their places now")
    text = spec_text(model.name, chain, model.dtype)
    verdict = check_text(text, f"{model.name}.yaml")
    if verdict.part is None or verdict.graph is None:
        raise SpecError(verdict.diagnostics, verdict.sources)
    held: list[Held] = []
    for stage, (Omega, beta) in zip(chain.stages, arrays, strict=True):
        held += [Held(beta), Held(Omega)] if stage.bias else [Held(Omega)]
    names = [tensor.name for tensor in tensors(verdict.graph)]
    for source in held:
        source.values.flags.writeable = False
    sources = dict(zip(names, held, strict=True))
    made = Model(verdict.part, verdict.graph, model.dtype, sources, None, exact=model.exact)
    return Transformed(made, tuple(told), text)


def _in_place(model: Model, chain: Chain, arrays: Sequence[tuple[Array, Array]]) -> dict[str, Held] | None:
    """Return new values for the model's own tensors, where the chain has them all and each of them once or alike."""
    old = chain_of(model).stages
    if len(old) != len(chain.stages):
        return None
    found: dict[str, Array] = {}
    for before, stage, (Omega, beta) in zip(old, chain.stages, arrays, strict=True):
        if (before.names, before.activation, before.bias) != (stage.names, stage.activation, stage.bias):
            return None
        if before.Omega.shape != stage.Omega.shape:
            return None
        for name, array in zip(stage.names, (beta, Omega), strict=True):
            if name and not np.array_equal(found.setdefault(name, array), array):
                return None
    for array in found.values():
        array.flags.writeable = False
    return {name: Held(found[name]) for name in model.sources}


def numbers(model: Model, chain: Chain) -> list[tuple[Array, Array]]:
    """Return Ω and β of each stage in the model's dtype, each number rounded once.

    Raises SpecError `parameter-not-finite` where one is too large for it.
    """
    found: list[tuple[Array, Array]] = []
    for k, stage in enumerate(chain.stages):
        found.append((rounded(stage.Omega, model.dtype), rounded(stage.beta, model.dtype)))
        for role, array in zip(("Ω", "β"), found[-1], strict=True):
            if not np.isfinite(array).all():
                words = f"{role}_{k} would have an element that {model.dtype} cannot hold"
                help_ = "build it in float64: `--dtype float64`" if model.dtype == "float32" else ""
                place = Place(model.part.document.file)
                raise SpecError([Diagnostic("parameter-not-finite", words, place, help=help_)])
    return found


def spec_text(name: str, chain: Chain, dtype: Dtype, description: str | None = None) -> str:
    """Return the spec of a chain: the short form where it is one, else a list of `dense`."""
    keys: dict[str, object] = {"netspec": 1, "name": name}
    if description is not None:
        keys["description"] = description
    if dtype != "float32":
        keys["dtype"] = dtype
    keys["input"] = chain.inputs
    hidden, last = chain.stages[:-1], chain.stages[-1]
    if all(stage.bias for stage in chain.stages) and all(stage.activation is not None for stage in hidden):
        keys |= {"widths": [stage.width for stage in hidden]} if hidden else {"K": 0}
        activations = [activation_keys(stage.activation) for stage in hidden if stage.activation is not None]
        if any(activation != "relu" for activation in activations):
            alike = all(activation == activations[0] for activation in activations)
            keys["activation"] = activations[0] if alike else activations
        keys["output"] = last.width
        if last.activation is not None:
            keys["output_activation"] = activation_keys(last.activation)
        return write(keys)
    keys["layers"] = [{"dense": _dense(stage)} for stage in chain.stages]
    keys["output"] = last.width
    return write(keys)


def _dense(stage: Stage) -> object:
    fields: dict[str, object] = {"width": stage.width}
    if not stage.bias:
        fields["bias"] = False
    if stage.activation is not None:
        fields["activation"] = activation_keys(stage.activation)
    return fields if len(fields) > 1 else stage.width


def shapes(before: Model, after: Model) -> list[str]:
    """Return the tensors before and after, where they differ: `Ω_1 3×1`."""
    ours, theirs = ([_tensor(name, model) for name in model.sources] for model in (before, after))
    return [] if ours == theirs else [f"before  {', '.join(_cut(ours))}", f"after   {', '.join(_cut(theirs))}"]


def _tensor(name: str, model: Model) -> str:
    return f"{label(name)}\u00a0{'×'.join(map(str, model.sources[name].shape))}"  # no line is cut there


def _cut(tensors: list[str]) -> list[str]:
    most = 12
    return tensors if len(tensors) <= most else [*tensors[: most - 1], f"… {len(tensors) - most + 1} more"]
