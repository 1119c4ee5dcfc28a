"""Units scaled: row and β of a unit by s > 0, its outgoing column by 1/s, where a[s z] = s a[z].

Scaling by powers of two moves exponents and no digit: the values of the network stay the same to the bit, as long as
none leaves the range of its dtype or becomes subnormal. By other factors each number is rounded anew.
"""

from typing import Literal

import numpy as np

from netspec.diagnostics import SpecError
from netspec.equivalence.chain import Array, Stage, chain_of, fault_at, place_of, rounded
from netspec.equivalence.pieces import HOMOGENEOUS
from netspec.model import Model
from netspec.transforms.deepen import hidden_stages
from netspec.transforms.transformed import Transformed, remade, unchanged

Factors = Literal["powers", "any"]


def rescale(model: Model, seed: int | None = None, factors: Factors = "powers") -> Transformed:
    """Return the model with scaled units.

    Without a seed each unit is balanced: its incoming and its outgoing weights get about the same norm. With one the
    factors are drawn, from 1/16 to 16. A unit whose numbers would leave the range of the dtype, or lose digits to
    subnormal numbers, stays as it is. Layers whose activation is not homogeneous stay as they are.

    Raises SpecError `not-fully-connected`, and `not-homogeneous` where no hidden layer can be scaled.
    """
    chain = chain_of(model)
    hidden = hidden_stages(chain)
    scalable = [k for k in hidden if _homogeneous(chain.stages[k])]
    if hidden and not scalable:
        words = f"hidden layer 1 has {chain.stages[hidden[0]].activation}, whose units cannot be scaled"
        help_ = f"{', '.join(HOMOGENEOUS)} have a[s z] = s a[z]; `permute` takes any activation"
        fault = fault_at(place_of(model.graph, hidden[0]), "not-homogeneous", words, help_)
        document = model.part.document
        raise SpecError([fault], {document.file: document.source.text})
    random = None if seed is None else np.random.default_rng(seed)
    stages = list(chain.stages)
    drawn: dict[tuple[tuple[str, str], tuple[str, str]], Array] = {}
    scaled = left = 0
    for k in scalable:
        stage, following = stages[k], stages[k + 1]
        scales = _balance(stage, following) if random is None else 2.0 ** random.uniform(-4, 4, stage.width)
        if factors == "powers":
            scales = 2.0 ** np.round(np.log2(scales))
        scales = drawn.setdefault((stage.names, following.names), scales)
        kept = _safe(stage, following, scales, model.dtype, exact=factors == "powers")
        scales = np.where(kept, scales, 1.0)
        left += int((~kept).sum())
        scaled += int((scales != 1).sum())
        stages[k], stages[k + 1] = _scaled(stage, following, scales)
    if not scaled:
        return unchanged(model, "nothing to scale: every unit stays as it is")
    exactly = "by powers of two, which rounds nothing" if factors == "powers" else "each number rounded once"
    notes = [f"{scaled:,} of {sum(chain.stages[k].width for k in hidden):,} hidden units scaled, {exactly}"]
    if left:
        notes.append(f"{left:,} stay as they are: their numbers would leave the range of {model.dtype}")
    if len(scalable) < len(hidden):
        others = sorted({str(chain.stages[k].activation) for k in hidden if k not in scalable})
        notes.append(f"layers of {', '.join(others)} stay as they are: not homogeneous")
    return remade(model, chain._replace(stages=tuple(stages)), notes)


def _homogeneous(stage: Stage) -> bool:
    return stage.activation is not None and stage.activation.name in HOMOGENEOUS


def _balance(stage: Stage, following: Stage) -> Array:
    """Return the factors by which the norms of rows and of columns become equal; 1 where either is zero."""
    with np.errstate(all="ignore"):
        incoming = np.sqrt((stage.Omega**2).sum(axis=1) + stage.beta**2)
        outgoing = np.sqrt((following.Omega**2).sum(axis=0))
        scales = np.sqrt(outgoing / incoming)
    found: Array = np.where(np.isfinite(scales) & (scales > 0), scales, 1.0)
    return found


def _scaled(stage: Stage, following: Stage, scales: Array) -> tuple[Stage, Stage]:
    with np.errstate(all="ignore"):
        return (
            stage._replace(Omega=stage.Omega * scales[:, None], beta=stage.beta * scales),
            following._replace(Omega=following.Omega / scales),
        )


def _safe(stage: Stage, following: Stage, scales: Array, dtype: str, *, exact: bool) -> Array:
    """Return which units can be scaled: what they become is finite in the dtype, and scales back to what it was."""
    one, other = _scaled(stage, following, scales)
    rows, beta, columns = (rounded(array, dtype).astype(np.float64) for array in (one.Omega, one.beta, other.Omega))
    finite: Array = np.isfinite(rows).all(1) & np.isfinite(beta) & np.isfinite(columns).all(0)
    if not exact:
        return finite
    with np.errstate(all="ignore"):
        back = (rows / scales[:, None] == stage.Omega).all(1) & (beta / scales == stage.beta)
        back &= (columns * scales == following.Omega).all(0)
    found: Array = finite & back
    return found
