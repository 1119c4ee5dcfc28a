"""Losses by output, held against the outputs that the network has."""

from collections.abc import Iterator, Mapping
from itertools import islice

from netspec.diagnostics import Diagnostic, did_you_mean, quote
from netspec.layers.faults import Details
from netspec.layers.scope import MOST_FAULTS
from netspec.operations.operation import Shape
from netspec.spec import Part
from netspec.spec.recipe import Loss, class_axis

_ONE_CLASS = "`binary_cross_entropy` tells two classes by one number"


def check_losses(part: Part, outputs: Mapping[str, Shape]) -> Iterator[Diagnostic]:
    """Yield a fault for each loss of an output that the network does not have, and for each cross-entropy of an output
    with a single class, which is 0 whatever it gives; `outputs` are their shapes by name.
    """
    losses = None if part.training is None else part.training.loss
    path = part.training_path("loss")
    for name in islice(losses, MOST_FAULTS) if isinstance(losses, Mapping) else ():
        if name not in outputs:
            words = f"there is no output {quote(name)}"
            listed = ", ".join(quote(each) for each in outputs)
            help_ = did_you_mean(name, outputs) or f"it has {listed}"
            if len(outputs) == 1:
                help_ = f"the only output is {listed}: write its loss alone, such as `loss: huber`"
            yield part.document.fault("unknown-value", path, Details(words, False, (name,), True, help=help_))
    wrong = [name for name, shape in outputs.items() if _has_one_class(losses, name, shape)]
    for name in wrong[: MOST_FAULTS if isinstance(losses, Mapping) else 1]:
        words = f"is `cross_entropy`, and the output {quote(name)} has one class: that is 0 whatever the network gives"
        at = (name,) if isinstance(losses, Mapping) else ()
        yield part.document.fault("out-of-range", path, Details(words, at=at, help=_ONE_CLASS))


def _has_one_class(losses: Loss | Mapping[str, Loss] | None, name: str, shape: Shape) -> bool:
    loss = losses.get(name) if isinstance(losses, Mapping) else losses
    return loss is not None and loss.kind == "cross_entropy" and (not shape or shape[class_axis(shape)] == 1)
