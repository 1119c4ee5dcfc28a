"""What reads sequences: rows, (batch, T, D)."""

from collections.abc import Iterator
from typing import Any

from netspec.gradients.rule import Rule, Site, call, yes
from netspec.gradients.rules.called import called, fields


def _scan_numbers(site: Site) -> dict[str, Any]:
    operation: Any = site.entry.operation
    found: dict[str, Any] = {"reverse": operation.reverse}
    if operation.kind == "rnn":
        found["function"] = repr(operation.function)
    return found


_SCANNED = ("Omega_input", "beta_input", "Omega_hidden", "beta_hidden")
RNN, LSTM, GRU = (
    called(kind, tensors=_SCANNED, numbers=_scan_numbers, reads=True, result=True) for kind in ("rnn", "lstm", "gru")
)
ATTEND = called(
    "attend",
    numbers=fields("heads", "key_heads", "causal", "scale"),
    operands=("query", "key", "value"),
    reads=True,
)
LAYER_NORM = called("layer_norm", tensors=("gamma", "beta"), numbers=fields("axes", "epsilon"))
RMS_NORM = called("rms_norm", tensors=("gamma",), numbers=fields("epsilon"))
POSITIONS = called("positions", tensors=("Omega",), saves=False)
MATMUL = called(
    "matmul", numbers=fields("transpose_first", "transpose_second"), operands=("a", "b"), reads=True, saves=False
)


def _embed(site: Site) -> Iterator[str]:
    yield call(site.kernel("embed_forward"), site.x(), y=site.y(), Omega=site.tensor("Omega"))


def _embed_back(site: Site) -> Iterator[str]:
    yield call(site.kernel("embed_backward"), site.dy(), "None", site.x(), dOmega=site.dtensor("Omega"))


def _learned(site: Site) -> Iterator[str]:
    yield f"np.copyto({site.y()}, {site.tensor('Omega')})"


def _learned_back(site: Site) -> Iterator[str]:
    yield f"np.add.reduce({site.dy()}, 0, out={site.dtensor('Omega')})"


def _rotate(site: Site) -> Iterator[str]:
    """Yield the rotation by sines and cosines that are made before the first step."""
    operation: Any = site.entry.operation
    length, width = site.entry.shape
    text = call(
        site.kernel("turns"), *map(repr, (length, operation.heads, width // operation.heads, operation.base)), "DTYPE"
    )
    tables = site.bound(text, "turned")
    yield f"{site.saved()} = " + call(
        site.kernel("rotate_forward"), site.x(), y=site.y(), heads=operation.heads, base=operation.base, tables=tables
    )


def _rotate_back(site: Site) -> Iterator[str]:
    operation: Any = site.entry.operation
    yield call(
        site.kernel("rotate_backward"),
        site.dy(),
        site.saved(),
        dx=site.dx(),
        heads=operation.heads,
        base=operation.base,
    )


def _sinusoidal(site: Site) -> Iterator[str]:
    length, width = site.entry.shape[-2:]
    table = site.bound(call(site.kernel("sines"), repr(length), repr(width), "DTYPE"), "waves")
    yield call(site.kernel("sinusoidal_forward"), site.x(), y=site.y(), table=table)


def _sinusoidal_back(site: Site) -> Iterator[str]:
    yield call(site.kernel("sinusoidal_backward"), site.dy(), "None", dx=site.dx())


ROTATE = Rule(_rotate, _rotate_back, saves=yes)
SINUSOIDAL = Rule(_sinusoidal, _sinusoidal_back, back_in_place=yes)
EMBED = Rule(_embed, _embed_back, operands=lambda _: (0,))
LEARNED = Rule(_learned, _learned_back)
