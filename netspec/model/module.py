"""A model as a Python module that needs nothing but NumPy: the emitted text, the values, and a function to call."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from netspec.model.model import Model

MOST_INLINE: Final = 1_000
"""Parameters that are written into the module itself; more go into an .npz beside it."""

_NETWORK: Final = '''

def network(x):
    """Return y for x: ({batch}, {input}) gives ({batch}, {output}), one example ({input},) gives ({output},)."""
    x = np.asarray(x, DTYPE)
    if x.ndim not in (1, 2) or x.shape[-1] != INPUT:
        raise ValueError("x has shape " + str(x.shape) + "; expected (batch, {input}) or ({input},)")
    rows = np.ascontiguousarray(x.reshape(-1, INPUT))
    y = np.empty((len(rows), OUTPUT), DTYPE)
    tile = min(TILE, len(rows))
    whole = len(rows) - len(rows) % max(1, tile)
    step = bind(PARAMETERS, tile)
    for start in range(0, whole, max(1, tile)):
        step(rows[start : start + tile], y[start : start + tile])
    if whole < len(rows):
        bind(PARAMETERS, len(rows) - whole)(rows[whole:], y[whole:])
    return y.reshape(*x.shape[:-1], OUTPUT)
'''


def module_text(model: "Model", beside: str | None) -> str:
    """Return the text of the module. `beside` is the name of the .npz that holds the values; None: they are inline."""
    sizes = {"{input}": str(model.input), "{output}": str(model.output), "{batch}": "batch"}
    network = _NETWORK
    for word, size in sizes.items():
        network = network.replace(word, size)
    return model.source + "\n\n" + (_inline(model) if beside is None else _loaded(beside)) + network


def _inline(model: "Model") -> str:
    lines = ["PARAMETERS = {"]
    for name, array in model.parameters.items():
        lines.append(f'    "{name}": np.array({_literal(array.tolist(), str(array.dtype))}, DTYPE),')
    return "\n".join([*lines, "}", ""])


def _literal(value: object, dtype: str) -> str:
    """Return nested lists of numbers as Python text that gives back the same numbers in the dtype."""
    if isinstance(value, list):
        return f"[{', '.join(_literal(item, dtype) for item in value)}]"
    if dtype == "float32":
        import numpy as np

        return str(np.float32(value))  # type: ignore[arg-type]  # the shortest text that reads back as this float32
    return repr(value)


def _loaded(beside: str) -> str:
    return "\n".join(
        [
            "import os",
            "",
            f"_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), {beside!a})",
            "with np.load(_FILE, allow_pickle=False) as _arrays:",
            "    PARAMETERS = {_name: _arrays[_name] for _name in _arrays.files}",
            "",
        ]
    )
