"""The hidden layers of a network, as pictures have them: what acts on one value is one layer, however it is lowered."""

from typing import NamedTuple

from netspec.regions.steps import Chain, Linear


class Hidden(NamedTuple):
    """A hidden layer: the steps that bend in it, the first in the order of the chain, and the step that gives h = a[z].

    What they bend is known before the first of them. Of most activations the steps are one, which gives h too; of
    `hard_shrink` they are two, whose difference is h.
    """

    bends: tuple[int, ...]
    last: int


def hidden_layers(chain: Chain) -> list[Hidden]:
    """Return the hidden layers of a chain in order; what takes the largest is one."""
    made = {0: -1} | {step.result: index for index, step in enumerate(chain.steps)}
    groups: list[list[int]] = []
    for index, step in enumerate(chain.steps):
        if isinstance(step, Linear):
            continue
        first = groups[-1][0] if groups else None
        if first is not None and chain.steps[first].place == step.place and made[step.operands[0]] < first:
            groups[-1].append(index)
        else:
            groups.append([index])
    return [Hidden(tuple(group), _joining(chain, group)) for group in groups]


def _joining(chain: Chain, group: list[int]) -> int:
    """Return the step that gives the layer's result: the one that bends, or the one that reads all that do."""
    if len(group) == 1:
        return group[0]
    results = {chain.steps[index].result for index in group}
    return next(index for index, step in enumerate(chain.steps) if results <= set(step.operands))
