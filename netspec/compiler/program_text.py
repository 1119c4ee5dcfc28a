"""The one door: the text of a network's program, of whichever kind it is."""

from collections.abc import Mapping

from netspec.compiler.emit import emit
from netspec.compiler.plan import has_plan, make_plan
from netspec.operations import Graph


def program_text(
    graph: Graph, name: str, dtype: str, *, exact: bool = False, choices: Mapping[str, str | int] | None = None
) -> str:
    """Return the text of the module that computes the network; `exact` keeps every sum as the spec has it.

    `choices` are what was measured to be quickest: the kernel of a layer by its name, the rows of a `tile`.

    Raises SystemFault `too-many-tensors` where it would be too long.
    """
    if has_plan(graph):
        tile = (choices or {}).get("tile")
        return emit(make_plan(graph, name, dtype, exact=exact, tile=tile if isinstance(tile, int) else None))
    from netspec.compiler.flow import make_flow  # what knows every operation is loaded where one needs it
    from netspec.compiler.listing import make_listing
    from netspec.compiler.page import emit_listing, reserved
    from netspec.compiler.rewriting import rewrite

    return emit_listing(make_listing(rewrite(make_flow(graph, exact=exact)), name, dtype, reserved(), choices))
