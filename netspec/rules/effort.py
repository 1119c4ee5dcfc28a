"""What it costs to hold the networks of a spec against their claims: reckoned before it is paid."""

from typing import Final

from netspec.diagnostics import Diagnostic
from netspec.graph import Facts
from netspec.layers.faults import Details
from netspec.limits import CLAIM_WORK
from netspec.operations import volume
from netspec.sizes import Polynomial, Work
from netspec.spec import Part, Values

# In steps of about a microsecond, as measured: a part that is held against its claims, a written layer that is walked,
# hidden layers that are hashed, a written layer whose regions are bounded, and a dimension of it; what the dimensions
# of one network take is bounded by itself.
_HELD: Final = 20
_WALKED: Final = 10
_BOUNDED: Final = 40
_HASHED_IN_A_STEP: Final = 50
_DIMENSION: Final = 30
_MOST_DIMENSIONS: Final = 2_000


class Effort:
    """The work that is left for all networks and variants of one check; what people write takes a hundredth of it."""

    def __init__(self) -> None:
        self._left = CLAIM_WORK.value
        self.decisions = Work()
        """What may be decided of free sizes."""

    @property
    def exceeded(self) -> bool:
        """Whether a part has asked for more than was left."""
        return self._left < 0 or self.decisions.left <= 0

    def affords(self, part: Part, facts: Facts) -> bool:
        """Take what a part's claims cost, and return whether that was left."""
        expect = part.claims.expect
        if expect is not None or isinstance(part.claims.parameters, Values):
            self._left -= _HELD + _WALKED * part.written_layers
        if expect is not None and expect.fingerprint is not None:
            self._left -= part.hidden_layers // _HASHED_IN_A_STEP
        if expect is not None and expect.regions is not None:
            self._left -= _BOUNDED * part.written_layers
            inputs = volume(facts.input)
            dimensions = _MOST_DIMENSIONS if isinstance(inputs, Polynomial) else part.written_layers * inputs
            self._left -= _DIMENSION * min(dimensions, _MOST_DIMENSIONS)
        return not self.exceeded

    def affords_budget(self, part: Part) -> bool:
        """Take what it costs to hold a part to a budget, and return whether that was left."""
        self._left -= _HELD + _WALKED * part.written_layers
        return not self.exceeded


def excess(part: Part) -> Diagnostic:
    """Return the fault of the part whose claims are more than is left."""
    words = "more is expected of the networks and variants here than is worked out at each validation"
    key = "parameters" if part.claims.expect is None else "expect"
    details = Details(words, False, (key,), True, help="take some out; `netspec limits` lists the limits")
    return part.document.fault(CLAIM_WORK.code, part.claims_path, details)
