"""Losses by output, held against the outputs that the network has."""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from netspec.diagnostics import Diagnostic, did_you_mean, quote
from netspec.layers.faults import Details
from netspec.layers.scope import MOST_FAULTS
from netspec.spec import Part


def check_losses(part: Part, outputs: Collection[str]) -> Iterator[Diagnostic]:
    """Yield a fault for each loss of an output that the network does not have; `outputs` are their names."""
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
