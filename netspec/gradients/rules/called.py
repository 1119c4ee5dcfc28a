"""Rules whose lines are one call of a kernel forward and one backward: `op_forward` and `op_backward`."""

from collections.abc import Callable, Iterator
from typing import Any

from netspec.gradients.rule import Rule, Site, call, every
from netspec.gradients.tape import Entry

Numbers = Callable[[Site], dict[str, Any]]


def no_numbers(_: Site) -> dict[str, Any]:
    """Return no numbers."""
    return {}


def called(
    name: str,
    *,
    tensors: tuple[str, ...] = (),
    numbers: Numbers = no_numbers,
    operands: tuple[str, ...] = ("x",),
    reads: bool = False,
    result: bool = False,
    saves: bool = True,
    back_in_place: bool = False,
) -> Rule:
    """Return the rule of an operation that a pair of kernels computes and derives.

    `tensors` are its own by their roles, all of them learned; `numbers` what else both kernels take, by name;
    `operands` their names in gradients; `reads` and `result` say whether the backward kernel takes the operands and the
    result, behind what was saved.
    """

    def forward(site: Site) -> Iterator[str]:
        own = {role: site.tensor(role) for role in tensors}
        given = [site.x(index) for index in every(site.entry)]
        text = call(site.kernel(f"{name}_forward"), *given, y=site.y(), **own, **numbers(site))
        yield f"{site.saved()} = {text}" if saves else text

    def backward(site: Site) -> Iterator[str]:
        own = {role: site.tensor(role) for role in tensors} | {f"d{role}": site.dtensor(role) for role in tensors}
        given = [site.dy(), site.saved() if saves else "None"]
        given += [site.x(index) for index in every(site.entry)] if reads else []
        given += [site.y()] if result else []
        wanted = {f"d{operand}": site.dx(index) for index, operand in enumerate(operands)}
        yield call(site.kernel(f"{name}_backward"), *given, **wanted, **own, **numbers(site))

    def read(entry: Entry) -> tuple[int, ...]:
        return every(entry) if reads else ()

    return Rule(
        forward,
        backward,
        operands=read,
        result=lambda _: result,
        saves=lambda _: saves,
        back_in_place=lambda _: back_in_place,
    )


def fields(*names: str) -> Numbers:
    """Return what gives fields of the operation by their names."""

    def found(site: Site) -> dict[str, Any]:
        values = site.entry.operation._asdict()
        return {name: values[name] for name in names}

    return found
