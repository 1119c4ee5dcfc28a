"""What a program of gradients does: its memory, and its lines without the kernels that they call."""

from collections.abc import Mapping

from netspec.diagnostics.magnitude import byte_size
from netspec.gradients.program import GradientProgram


def explained(program: GradientProgram, batch: int, sizes: Mapping[str, int] | None = None) -> str:
    """Return the program of a training step for a batch as text: what it takes, and what it computes in which order.

    `sizes` are the free sizes; the text of the kernels is left out, which `program.source` has.
    """
    page = program.page(mode="train", batch=batch, sizes=sizes or {}, backward=True)
    text = page.text
    head = [
        f"{program.name}: a step of training, {program.dtype}, batches of {batch:,}",
        f"  {program.parameters.size:,} parameters in one flat array, β beside its Ω; their gradient in another",
        f"  {byte_size(page.memory.size)} for values and gradients; what is not alive at once shares its place"
        + (", and what spares memory is computed again" if program.recompute else ""),
        f"  {byte_size(page.bytes - page.memory.size)} of scratch",
        "  upright values have the batch axis last: (…, batch)",
        "",
        "",
    ]
    return "\n".join(head) + text[text.index("def bind(") :]
