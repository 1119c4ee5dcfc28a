"""What a spec is that only one side has: there is nothing to compare it with, so that it is told as it is."""

from typing import Final, NamedTuple

from netspec.operations import Shape
from netspec.review.changes import FactChange
from netspec.review.facts import fact_values
from netspec.review.spelling import shape
from netspec.review.telling import clean, fact_rows
from netspec.validation import Family, Member

_OF_A_VARIANT: Final = ("parameters", "capacity", "macs", "activation_bytes")

Shapes = tuple[tuple[str, Shape], ...]


class Sketch(NamedTuple):
    """A network in short: what it takes and gives, by name, and its facts, those that are 0 or not known left out.

    `variants` are the facts of each variant by its name.
    """

    inputs: Shapes
    outputs: Shapes
    facts: tuple[FactChange, ...]
    fingerprint: str
    variants: tuple[tuple[str, tuple[FactChange, ...]], ...]


class Alone(NamedTuple):
    """A spec that only one side has: `added` or `removed`; and what it is, where it came and has a network."""

    file: str
    kind: str
    sketch: Sketch | None = None


def sketched(family: Family) -> Sketch | None:
    """Return what a spec is; None where it has no network."""
    member = family.written
    if member is None:
        return None
    facts = member.facts
    variants = tuple((name, _values(each)) for name, each in family.variants.items())
    return Sketch(
        tuple(facts.inputs.items()), tuple(facts.outputs.items()), _values(member), facts.fingerprint, variants
    )


def _values(member: Member) -> tuple[FactChange, ...]:
    return tuple(FactChange(name, None, value) for name, value in fact_values(member.facts).items() if value)


def sketch_rows(sketch: Sketch) -> list[tuple[str, str]]:
    """Return what is said of a network, each thing by its name: inputs, outputs, facts, and variants with theirs."""
    rows = [(f"input {clean(name)}", shape(given)) for name, given in sketch.inputs]
    rows += [(f"output {clean(name)}", shape(given)) for name, given in sketch.outputs]
    rows += [(row.name, row.after) for row in fact_rows(sketch.facts)]
    for name, facts in sketch.variants:
        told = [f"{row.name} {row.after}" for row in fact_rows(facts) if row.name in _OF_A_VARIANT]
        rows.append((f"variant {clean(name)}", ", ".join(told)))
    return rows
