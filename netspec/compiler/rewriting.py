"""What the compiler rewrites before it plans: each pass keeps the function and says in its text what it changes.

They run in the order of `PASSES`; those that change the order of sums are left out of an exact program.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from netspec.compiler.flow import Flow
from netspec.compiler.passes.activations import fuse_activations
from netspec.compiler.passes.batch_norms import fold_batch_norms, scale_batch_norms
from netspec.compiler.passes.composed import compose_maps
from netspec.compiler.passes.dead import drop_dead
from netspec.compiler.passes.gains import fold_gains
from netspec.compiler.passes.identities import drop_identities
from netspec.compiler.passes.layouts import put_channels_last
from netspec.compiler.passes.projections import join_projections
from netspec.compiler.passes.shared import share_common
from netspec.compiler.passes.sums import fuse_sums


class Pass(NamedTuple):
    """A rewriting of a flow in place; `exact` says that every sum keeps its order and its terms."""

    run: Callable[[Flow], None]
    exact: bool


PASSES: Final = (
    Pass(drop_identities, True),
    Pass(share_common, True),
    Pass(fold_batch_norms, False),
    Pass(scale_batch_norms, True),
    Pass(fold_gains, False),
    Pass(compose_maps, False),
    Pass(join_projections, True),
    Pass(fuse_sums, True),
    Pass(fuse_activations, True),
    Pass(put_channels_last, True),
    Pass(drop_dead, True),
)


def rewrite(flow: Flow) -> Flow:
    """Return the flow after every pass that it may have."""
    for each in PASSES:
        if each.exact or not flow.exact:
            each.run(flow)
    return flow
