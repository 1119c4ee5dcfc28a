"""A name that nothing uses is mostly a mistake: a hyperparameter left behind, a network that was renamed elsewhere."""

from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet

from netspec.diagnostics import Diagnostic
from netspec.layers.faults import Details
from netspec.spec import Part


def check_unused_names(part: Part, used: Collection[AbstractSet[str]]) -> Iterator[Diagnostic]:
    """Yield a warning for each hyperparameter, each network and each block that a part declares and nothing reads.

    `used` are the sizes that anything asked for: a set for the part as written, and for each variant.
    """
    for name in part.declared:
        if not any(name in names for names in used):
            details = Details(f"nothing uses the hyperparameter `{name}`", False, ("hyperparameters", name), True)
            yield part.document.fault(
                "unused-name", part.path, details._replace(help="use it, or take it out"), "warning"
            )
    for key, noun, names, help_ in (
        ("networks", "network", part.networks.parts, "compose it, or take it out"),
        ("blocks", "block", part.networks.blocks, "use it, or take it out"),
    ):
        for name in names:
            if name not in part.networks.used:
                details = Details(f"nothing uses the {noun} `{name}`", False, (key, name), True, help=help_)
                yield part.document.fault("unused-name", part.path, details, "warning")
