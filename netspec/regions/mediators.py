"""Where a network is a composition: values of one number, through which all goes that comes after."""

import numpy as np

from netspec.diagnostics import SystemFault
from netspec.regions.steps import Chain, Linear, Step, evaluated


def mediators(chain: Chain) -> list[int]:
    """Return the steps whose result is one number and all that later steps read; bends come before and after each."""
    single = _single(chain)
    bends = [index for index, step in enumerate(chain.steps) if not isinstance(step, Linear)]
    if not bends:
        return []
    alive: set[int] = {0}
    found = []
    for index, step in enumerate(chain.steps):
        alive = (alive | {step.result}) - set(chain.last_read[index])
        if alive == {step.result} and step.result in single and bends[0] <= index < bends[-1]:
            found.append(index)
    return found


def place(chain: Chain, after: int | None) -> int | None:
    """Return the step behind which a composition is taken apart: number `after` of its mediators, else the first.

    None takes it as one: for `after` 0, and for what is no composition. Raises SystemFault `usage` for another number.
    """
    places = mediators(chain) if after != 0 else []
    if after is None or after == 0:
        return places[0] if places else None
    if not 1 <= after <= len(places):
        count = f"{len(places)} numbers" if len(places) != 1 else "one number"
        words = f"between the parts of the network {'pass' if len(places) != 1 else 'passes'} {count}; "
        raise SystemFault("usage", f"{words}it cannot be taken apart behind number {after}")
    return places[after - 1]


def parted(chain: Chain, step: int) -> tuple[Chain, Chain]:
    """Return the network up to the result of a step of `mediators`, and the network that reads it."""
    value = chain.steps[step].result
    before = (*chain.last_read[:step], tuple(done for done in chain.last_read[step] if done != value))
    first = Chain(chain.inputs, 1, chain.steps[: step + 1], value, before, chain.exact)
    rest = tuple(_renamed(each, value) for each in chain.steps[step + 1 :])
    read = tuple(tuple(0 if done == value else done for done in each) for each in chain.last_read[step + 1 :])
    return first, Chain(1, chain.outputs, rest, chain.output, read, chain.exact)


def _renamed(step: Step, value: int) -> Step:
    return step._replace(operands=tuple(0 if operand == value else operand for operand in step.operands))


def _single(chain: Chain) -> set[int]:
    """Return the values of shape (1,), as they are when the network is evaluated at zero."""
    values = {0: chain.numbers(np.zeros((1, chain.inputs), np.int64))}
    found = set()
    for step, done in zip(chain.steps, chain.last_read, strict=True):
        values[step.result] = evaluated(step, [values[operand] for operand in step.operands])
        if values[step.result].shape == (1, 1):
            found.add(step.result)
        for value in done:
            del values[value]
    return found
