"""Which rule each operation has."""

from collections.abc import Callable
from typing import Any, Final

from netspec.gradients.rule import Rule
from netspec.gradients.rules import axes, dense, elements, images, reductions, sequences
from netspec.gradients.tape import Entry, Turn
from netspec.operations import Affine, Elementwise
from netspec.operations.adaptive_pool import AdaptivePool
from netspec.operations.attend import Attend
from netspec.operations.batch_norm import BatchNorm
from netspec.operations.concat import Concat
from netspec.operations.convolve import Convolve
from netspec.operations.convolve_transposed import ConvolveTransposed
from netspec.operations.drop import Drop
from netspec.operations.embed import Embed
from netspec.operations.group_norm import GroupNorm
from netspec.operations.index import Index
from netspec.operations.layer_norm import LayerNorm
from netspec.operations.learned import Learned
from netspec.operations.matmul import Matmul
from netspec.operations.merge import Merge
from netspec.operations.pad import Pad
from netspec.operations.pool import Pool
from netspec.operations.positions import Positions
from netspec.operations.prelu import Prelu
from netspec.operations.reduce import Reduce
from netspec.operations.rms_norm import RmsNorm
from netspec.operations.rotate import Rotate
from netspec.operations.scan import Scan
from netspec.operations.sinusoidal import Sinusoidal
from netspec.operations.slice import Slice
from netspec.operations.softmax import Softmax
from netspec.operations.stack import Stack
from netspec.operations.transpose import Transpose
from netspec.operations.upsample import Upsample

_SCANS: Final = {"rnn": sequences.RNN, "lstm": sequences.LSTM, "gru": sequences.GRU}
_REDUCTIONS: Final = {"mean": reductions.MEAN, "sum": reductions.SUM, "max": reductions.MAX}
_POOLS: Final = {"max": images.MAX_POOL, "average": images.AVERAGE_POOL}
_ADAPTIVE: Final = {"max": images.ADAPTIVE_MAX_POOL, "average": images.ADAPTIVE_AVERAGE_POOL}
_UPSAMPLES: Final = {"nearest": images.UPSAMPLE_NEAREST, "linear": images.UPSAMPLE_LINEAR}

RULES: Final[dict[type, Rule | Callable[[Any], Rule]]] = {
    AdaptivePool: lambda operation: _ADAPTIVE[operation.kind],
    Attend: sequences.ATTEND,
    BatchNorm: images.BATCH_NORM,
    Concat: axes.CONCAT,
    Convolve: images.CONVOLVE,
    ConvolveTransposed: images.CONVOLVE_TRANSPOSED,
    Drop: elements.DROP,
    Elementwise: elements.ELEMENTWISE,
    Embed: sequences.EMBED,
    GroupNorm: images.GROUP_NORM,
    Index: axes.INDEX,
    LayerNorm: sequences.LAYER_NORM,
    Learned: sequences.LEARNED,
    Matmul: sequences.MATMUL,
    Merge: elements.MERGE,
    Pad: axes.PAD,
    Pool: lambda operation: _POOLS[operation.kind],
    Positions: sequences.POSITIONS,
    Prelu: reductions.PRELU,
    Reduce: lambda operation: _REDUCTIONS[operation.kind],
    RmsNorm: sequences.RMS_NORM,
    Rotate: sequences.ROTATE,
    Scan: lambda operation: _SCANS[operation.kind],
    Sinusoidal: sequences.SINUSOIDAL,
    Slice: axes.SLICE,
    Softmax: lambda operation: reductions.LOG_SOFTMAX if operation.log else reductions.SOFTMAX,
    Stack: axes.STACK,
    Transpose: axes.TRANSPOSE,
    Turn: dense.TURN,
    Upsample: lambda operation: _UPSAMPLES[operation.kind],
}


def rule_of(entry: Entry) -> Rule:
    """Return the rule of an entry."""
    if isinstance(entry.operation, Affine):
        return dense.AFFINE if entry.upright else dense.AFFINE_ROWS
    found = RULES[type(entry.operation)]
    return found if isinstance(found, Rule) else found(entry.operation)
