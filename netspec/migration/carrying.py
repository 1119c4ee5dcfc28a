"""Carrying a plan out: the new file, written tensor by tensor, checked, and only then put in its place."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO, Final, NamedTuple

from netspec.diagnostics import Diagnostic, SpecError
from netspec.files.archive import write_zip
from netspec.files.parameters import check_parameters
from netspec.files.safetensors import safetensors_chunks
from netspec.files.stored import read_stored
from netspec.files.writing import atomic_write
from netspec.graph.walk import graphs_within
from netspec.limits import TENSORS
from netspec.migration.pairing import Pair
from netspec.migration.planning import Known
from netspec.migration.sources import File, Made
from netspec.migration.steps import Plan, Sizes, Step
from netspec.migration.verifying import Outputs, compare_outputs
from netspec.migration.weights import at, opened
from netspec.model import Model, Wish, stored_bytes
from netspec.model.saving import Writing, metadata, npy_member
from netspec.model.tensors import Source, provide_drawn
from netspec.operations import Elementwise

Watch = Callable[[int, float], None]
_OVERHEAD: Final = 4096  # of an archive's member, at most


class Carried(NamedTuple):
    """What was written and checked: the model, and how its outputs compare; None where there was nothing to compare."""

    model: Model
    outputs: Outputs | None


class Order(NamedTuple):
    """A plan that is to be carried out: the networks, which tensors of the file the old one's are, and the wishes.

    `protect` are the input files, which are never written over. `watch` is told how many numbers are written.
    """

    plan: Plan
    new: Known
    old: Known | None
    fitting: Mapping[str, Pair]
    protect: Sequence[str] = ()
    seed: int | None = None
    max_memory: int | None = None
    watch: Watch | None = None


def carry_out(order: Order, path: str) -> Carried:
    """Write the new file at `path`, whole or not at all, and give back what was found when it was checked.

    Raises SpecError where the file of weights is refused, holds a number that is not finite, or where outputs differ
    though the plan keeps the function; SystemFault as writing does. Nothing is written then.
    """
    plan = order.plan
    with opened(plan.weights) as (stream, stored):
        file = File(plan.weights, stored.tensors, plan.dtype)
        model = _model(order, file)
        writing = Writing(model, path, order.protect, order.watch)
        with atomic_write(path, protect=order.protect, size=_size(model)) as output:
            _write(output, path, writing)
            output.flush()
            _check(output, path, model)
            outputs = None
            if order.old is not None and (plan.claimed or plan.verdict.outcome == "keeps"):
                outputs = compare_outputs(_old_model(order, order.old, stream), model, output, path, order.max_memory)
                if not outputs.agree:
                    words = f"the outputs of old and new network {outputs.differ}"
                    help_ = _why(plan, order.old, outputs)
                    raise SpecError([Diagnostic("outputs-differ", words, at(plan.weights), help=help_)])
    return Carried(model, outputs)


def _why(plan: Plan, old: Known, outputs: Outputs) -> str:
    """Return what may be behind outputs that differ though the function is kept."""
    if plan.claimed:
        return "the plan says that the function is kept, and it is not: it was edited, and `netspec plan` makes it anew"
    if not outputs.finite:
        return "numbers overflow on drawn inputs, of which the proof knows nothing"
    operations = [operation for graph in graphs_within(old.member.graph) for operation in graph.operations]
    jumps = next(
        (o.name for o in operations if isinstance(o, Elementwise) and (o.function.jumps or o.function.steps)), None
    )
    if jumps is not None:
        return f"{jumps} jumps, so that a last digit that is rounded otherwise may be all; if not, please report it"
    return "the plan says that the function is kept, and it is not: please report it"


def _model(order: Order, file: File) -> Model:
    """Return the new model, whose tensors are made when they are asked for."""
    plan, member = order.plan, order.new.member
    drawn = provide_drawn(member.part, member.graph, Wish(plan.dtype, order.seed))
    sources: dict[str, Source] = {
        step.target: Made(step, file, drawn[step.target], order.max_memory)
        for step in plan.steps
        if step.target is not None
    }
    return Model(member.part, member.graph, plan.dtype, sources, None, order.max_memory)


def _old_model(order: Order, old: Known, stream: BinaryIO) -> Model:
    """Return the old model, with the tensors of the file, rounded as the new ones are."""
    stored = read_stored(stream, order.plan.weights, TENSORS.value)
    file = File(order.plan.weights, stored.tensors, order.plan.dtype)
    drawn = provide_drawn(old.member.part, old.member.graph, Wish(order.plan.dtype))
    sources: dict[str, Source] = {}
    for name, source in drawn.items():
        pair = order.fitting[name]
        shape: Sizes = source.shape
        sources[name] = Made(Step(pair.source, name, None, shape, pair.axes), file, source, order.max_memory)
    return Model(old.member.part, old.member.graph, order.plan.dtype, sources, None, order.max_memory)


def _size(model: Model) -> int:
    return stored_bytes(model.facts, model.dtype) + _OVERHEAD


def _write(output: BinaryIO, path: str, writing: Writing) -> None:
    if os.path.splitext(path)[1] == ".npz":
        write_zip(output, [npy_member(writing, name) for name in sorted(writing.model.sources)])
        return
    _, chunks = safetensors_chunks(writing.tensors(), metadata(writing.model))
    for chunk in chunks:
        output.write(chunk)


def _check(output: BinaryIO, path: str, model: Model) -> None:
    """Hold what was written against the network, as `validate` does with a file of parameters."""
    expected = {name: source.shape for name, source in model.sources.items()}
    found = check_parameters(output, path, expected, model.dtype)
    if found.faults:
        raise SpecError([Diagnostic(fault.code, fault.message, at(path), help=fault.help) for fault in found.faults])
