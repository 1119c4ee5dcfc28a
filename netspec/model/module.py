"""A model as a Python module that needs nothing but NumPy: the emitted text, the values, and a function to call."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from netspec.model.model import Model

MOST_INLINE: Final = 1_000
"""Parameters that are written into the module itself; more go into an .npz beside it."""

_NETWORK: Final = '''

def network(x):
    """Return y for x: (batch, {input}) gives (batch, {output}){examples}."""
    x = np.asarray(x)
    if x.dtype.kind not in "biuf" or {misfits}:
        raise ValueError(f"x is {x.dtype} {x.shape}; expected (batch, {input}) or ({input},) of real numbers")
    rows = np.require(x, DTYPE, ["C", "A"]).reshape(-1, INPUT)
    y = np.empty((len(rows), OUTPUT), DTYPE)
    tile = min(TILE, len(rows))
    whole = len(rows) - len(rows) % max(1, tile)
    step = bind(PARAMETERS, tile)
    for start in range(0, whole, max(1, tile)):
        step(rows[start : start + tile], y[start : start + tile])
    if whole < len(rows):
        bind(PARAMETERS, len(rows) - whole)(rows[whole:], y[whole:])
    return y.reshape({shape})
'''

# A network of one number for one number takes numbers, elementwise, as the program does.
_OF_NUMBERS: Final = {
    "examples": "; numbers, one by one: (n,) gives (n,), () gives ()",
    "misfits": "x.shape[1:] not in ((), (1,))",
    "shape": "x.shape",
}
_OF_VECTORS: Final = {
    "examples": ", one example ({input},) gives ({output},)",
    "misfits": "x.ndim not in (1, 2) or x.shape[-1] != INPUT",
    "shape": "*x.shape[:-1], OUTPUT",
}


def module_text(model: "Model", beside: str | None) -> str:
    """Return the text of the module. `beside` is the name of the .npz that holds the values; None: they are inline."""
    forms = _OF_NUMBERS if model.input == model.output == 1 else _OF_VECTORS
    network = _NETWORK
    for word, text in {**forms, "input": str(model.input), "output": str(model.output)}.items():
        network = network.replace(f"{{{word}}}", text)
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
