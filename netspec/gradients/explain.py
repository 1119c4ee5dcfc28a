"""What a program of gradients does: its memory, and its lines without the kernels that they call."""

from collections.abc import Mapping

from netspec.diagnostics.magnitude import byte_size
from netspec.gradients.program import GradientProgram


def explained(program: GradientProgram, batch: int, sizes: Mapping[str, int] | None = None) -> str:
    """Return the program of a training step for a batch as text: what it takes, and what it computes in which order.

    `sizes` are the free sizes; the text of the kernels is left out, which `program.source` has.
    """
    text = program.source(batch, sizes)
    constants = dict(line.split(" = ", 1) for line in text.splitlines() if line.startswith(("MEMORY = ", "SCRATCH = ")))
    item = program.parameters.itemsize
    values, scratch = (int(constants[name]) * item for name in ("MEMORY", "SCRATCH"))
    head = [
        f"{program.name}: a step of training, {program.dtype}, batches of {batch:,}",
        f"  {program.parameters.size:,} parameters in one flat array, β beside its Ω; their gradient in another",
        f"  {byte_size(values)} for values and gradients, which share a place where they are not alive at once"
        + (", and are computed again where that spares memory" if program.recompute else ""),
        f"  {byte_size(scratch)} of scratch",
        "  upright values have the batch axis last: (…, batch)",
        "",
        "",
    ]
    return "\n".join(head) + text[text.index("def bind(") :]
