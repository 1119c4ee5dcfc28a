"""A block or a network called like a layer goes first, which who reads the list need not know."""

from collections.abc import Iterator

from netspec.diagnostics import Diagnostic
from netspec.layers.faults import Details
from netspec.layers.registry import KEYWORDS
from netspec.spec import REPEAT, Part

_WORDS = frozenset({REPEAT, *KEYWORDS})


def check_shadowed_layers(part: Part) -> Iterator[Diagnostic]:
    """Yield a warning for each block and each network of a part that has the name of a layer.

    It goes first, so that a netspec with more layers reads an old file as before.
    """
    for key, noun, names in (("networks", "network", part.networks.parts), ("blocks", "block", part.networks.blocks)):
        for name in names:
            if name in _WORDS:
                words = f"the {noun} `{name}` is called like a layer, and goes before it"
                details = Details(words, False, (key, name), True, help="call it something else")
                yield part.document.fault("shadowed-layer", part.path, details, "warning")
