"""The form in which symmetries of a network have no say: what nothing reads is gone, rows are scaled, equal ones
merged, units sorted.

Two models with one form are one function. That two models of one function have one form holds for shallow networks of
ReLU in general position, and is claimed for no others: see `netspec.equivalence.normal_form`.
"""

import numpy as np

from netspec.equivalence.chain import Chain
from netspec.equivalence.normal_form import equal, normal_form
from netspec.model import Model
from netspec.transforms.transformed import Transformed, arithmetic, exactly, numbers, remade

INCOMPLETE = (
    "models of one form are one function; two forms may still be one function, but for shallow ReLU networks in "
    "general position"
)


def canonical(model: Model) -> Transformed:
    """Return the model in its canonical form; the form of a form is the form itself.

    Rounding to the dtype may make rows equal, or a column zero, so that there is more to do: that is done until nothing
    changes. Raises SpecError `not-fully-connected`, `parameter-not-finite`.
    """
    chain = exactly(model)
    form = normal_form(chain)
    notes = list(form.steps)
    made = _rounded(model, form.chain)
    while True:
        again = _rounded(model, normal_form(made.exact() if chain.is_exact else made).chain)
        if equal(again, made):
            break
        made = again
    notes.append("units sorted by their rows")
    return remade(model, _named(made, chain), [*notes, arithmetic(chain, model.dtype), INCOMPLETE])


def _rounded(model: Model, chain: Chain) -> Chain:
    """Return a chain in float64 with the numbers that it has in the model's dtype."""
    stages = [
        stage._replace(Omega=Omega.astype(np.float64), beta=beta.astype(np.float64))
        for stage, (Omega, beta) in zip(chain.stages, numbers(model, chain), strict=True)
    ]
    return chain._replace(stages=tuple(stages))


def _named(made: Chain, chain: Chain) -> Chain:
    """Return a chain with the names that its stages had, where all have their shapes still."""
    if made.widths != chain.widths:
        return made
    stages = [stage._replace(names=old.names) for stage, old in zip(made.stages, chain.stages, strict=True)]
    return made._replace(stages=tuple(stages))
