"""The order of the keys of a spec, place by place: which are free to move, and where they go.

What has an order that means something, or that is the author's own, is never touched: layers, the names of
hyperparameters, variants, parts, inputs, outputs and tensors. A mapping with a key that nobody knows keeps
its order too.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from netspec.source import Mapping

FILE: Final = (
    "netspec",
    "name",
    "description",
    "file",
    "set",
    "variant",
    "hyperparameters",
    "symbols",
    "checks",
    "input",
    "inputs",
    "K",
    "widths",
    "activation",
    "output_activation",
    "blocks",
    "networks",
    "compose",
    "layers",
    "output",
    "outputs",
    "dtype",
    "parameters",
    "training",
    "expect",
    "variants",
)
"""The keys of a file or of a part."""

FIRST: Final = ("from",)
LAST: Final = ("tie", "shape", "as", "layers")
OWN: Final = (
    *("vocabulary", "heads", "key_heads", "into", "sizes", "size", "factor", "mode", "axis", "axes", "length"),
    *("K", "widths", "width", "output", "channels", "kernel", "multiplier", "stride", "padding", "output_padding"),
    *(
        "dilation",
        "groups",
        "start",
        "stop",
        "step",
        "times",
        "index",
        "ceil",
        "count_padding",
        "bidirectional",
        "give",
        "causal",
    ),
    *(
        "rotary",
        "base",
        "epsilon",
        "affine",
        "scale",
        "rate",
        "keep",
        "value",
        "each",
        "alpha",
        "slope",
        "bound",
        "low",
    ),
    *("high", "transpose_first", "transpose_second", "bias", "function", "activation", "output_activation"),
)
"""The arguments that kinds of layers have of their own: what gives sizes first, then what is taken, then switches."""

FACTS: Final = (
    *("parameters", "capacity", "depth", "receptive_field", "macs", "flops", "parameter_bytes", "activation_bytes"),
    *("regions", "fingerprint"),
)

TRAINING: Final = (
    *("loss", "optimizer", "learning_rate", "schedule", "batch", "epochs", "weight_decay", "clip", "seed", "shuffle"),
    *("validation", "early_stopping", "standardise", "class_weights", "metrics", "recompute", "batch_norm_momentum"),
)


class Site:
    """What may stand at a place of a spec.

    `order` are the keys of a mapping in their order, of which some may be missing; where a mapping has others besides,
    `ends` says which go first and which last, and None that nothing `moves`. `inner` leads to the sites of the values
    by their keys, `other` to that of all other values and of items. `lines` is true where each item of a list is a
    thing of its own to a reader, with a line of its own unless the author put several on one; `folds` where a mapping
    that was written key by key stands in brackets if it fits; `bare` where an item that is a mapping of one key has
    no brackets.
    """

    __slots__ = ("bare", "ends", "folds", "inner", "lines", "moves", "order", "other")

    def __init__(
        self,
        order: Sequence[str] = (),
        *,
        ends: tuple[Sequence[str], Sequence[str]] | None = None,
        lines: bool = False,
        folds: bool = False,
        bare: bool = False,
    ) -> None:
        self.order = {key: rank for rank, key in enumerate(order)}
        self.ends = None
        if ends is not None:
            first, last = ends
            self.ends = {key: rank - len(first) for rank, key in enumerate(first)}
            self.ends.update({key: rank + 1 for rank, key in enumerate(last)})
        self.inner: dict[str, Site] = {}
        self.other: Site = self
        self.lines, self.folds, self.bare = lines, folds, bare
        self.moves = bool(order or ends)

    def below(self, key: str) -> "Site":
        """Return the site of the value that a key leads to."""
        return self.inner.get(key, self.other)

    def arranged(self, keys: Iterable[str]) -> list[str]:
        """Return the keys in the order in which they are written."""
        given = list(keys)
        ranks = self.order
        if self.ends is not None and any(key not in ranks for key in given):
            ends = self.ends
            given.sort(key=lambda key: ends.get(key, 0))
        elif self.order and all(key in ranks for key in given):
            given.sort(key=ranks.__getitem__)
        return given


def root_of(tree: Mapping) -> Site:
    """Return the site of a whole file."""
    names: set[str] = set()
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        for kind in ("blocks", "networks"):
            declared = part.values.get(kind)
            if isinstance(declared, Mapping):
                names.update(declared.values)
                waiting.extend(each for each in declared.values.values() if isinstance(each, Mapping))
    return _root(frozenset(names))


@lru_cache(maxsize=64)
def _root(names: frozenset[str]) -> Site:
    """Return the site of a file that declares parts of these names; the sites below it lead in circles, as parts do.

    What a block is given at a use are hyperparameters of the author's own, in the author's order.
    """
    plain, argument, listed = Site(), Site(folds=True), Site(lines=True)
    file, parts = Site(FILE), Site()
    layers, item = Site(lines=True), Site(bare=True)
    arguments = Site((*FIRST, *OWN, *LAST), ends=(FIRST, LAST), folds=True)
    use = Site(ends=(FIRST, LAST), folds=True)
    sizes, declared = Site(), Site(("default", "min", "max"))
    inputs, one_input = Site(), Site(("shape", "dtype"))
    facts, fact = Site(FACTS), Site(("at_least", "at_most"))
    parameters, training = Site(("init", "seed", "file")), Site(TRAINING)
    variants, variant = Site(), Site(ends=((), ("parameters", "training", "expect")))
    for site in (listed, file, declared, one_input, fact, parameters, variant):
        site.other = plain
    sizes.other, inputs.other, parts.other, facts.other, variants.other = declared, one_input, file, fact, variant
    training.other = argument
    layers.other, item.other, arguments.other = item, arguments, argument
    use.other = argument
    item.inner = dict.fromkeys(names, use)
    arguments.inner["layers"] = layers
    variant.inner = {"expect": facts, "parameters": parameters, "training": training}
    file.inner = {
        "hyperparameters": sizes,
        "checks": listed,
        "compose": listed,
        "input": one_input,
        "inputs": inputs,
        "layers": layers,
        "blocks": parts,
        "networks": parts,
        "parameters": parameters,
        "training": training,
        "expect": facts,
        "variants": variants,
    }
    return file
