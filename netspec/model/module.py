"""A model as a Python module that needs nothing but NumPy: the emitted text, the values, and a function to call."""

from typing import TYPE_CHECKING, Final

from netspec.compiler import has_plan

if TYPE_CHECKING:
    from netspec.model.model import Model

MOST_INLINE: Final = 1_000
"""Parameters that are written into the module itself; more go into an .npz beside it."""

_NETWORK: Final = '''
TENSORS = prepare(PARAMETERS)


def network(x):
    """Return y for x: (batch, {input}) gives (batch, {output}){examples}."""
    x = np.asarray(x)
    if x.dtype.kind not in "biuf" or {misfits}:
        raise ValueError(f"x is {x.dtype} {x.shape}; expected (batch, {input}) or ({input},) of real numbers")
    rows = np.require(x, DTYPE, ["C", "A"]).reshape(-1, INPUT)
    y = np.empty((len(rows), OUTPUT), DTYPE)
    step = many(TENSORS, TILE) if len(rows) >= TILE else None
    for start in range(0, len(rows), TILE):
        part, result = rows[start : start + TILE], y[start : start + TILE]
        if len(part) == 1:
            result[...] = one(TENSORS)(part)
        else:
            (step if len(part) == TILE else many(TENSORS, len(part)))(part, result)
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


_OF_ANY_FORM: Final = '''
TENSORS = prepare(PARAMETERS)


def network(*inputs, **named):
    """Return y for x, the batch axis first or left out; the outputs by their names where they have any."""
    names = [name for name, _, _ in INPUTS]
    given = {**dict(zip(names, inputs)), **named}
    if len(inputs) + len(named) != len(names) or set(given) != set(names):
        raise TypeError(f"expected {', '.join(names)}")
    arrays, sizes, alone = [], {}, set()
    for name, shape, dtype in INPUTS:
        x = np.asarray(given[name])
        found = x.shape if x.ndim == len(shape) else x.shape[1:]
        fits = len(found) == len(shape) and x.dtype.kind in ("biu" if dtype == "int64" and x.size else "biuf")
        for size, n in zip(shape, found):
            fits = fits and n == (sizes.setdefault(size, n) if isinstance(size, str) else size)
        if not fits:
            expected = ", ".join(["batch", *map(str, shape)])
            raise ValueError(f"{name} is {x.dtype} {x.shape}; expected {dtype} of ({expected})")
        alone.add(x.ndim == len(shape))
        arrays.append(np.require(x[None] if x.ndim == len(shape) else x, dtype, ["C", "A"]))
    if len(alone) > 1 or len({len(x) for x in arrays}) > 1:
        raise ValueError("the inputs have different numbers of examples")
    for text, holds in checks(*sizes.values()):
        if not holds:
            raise ValueError(f"the check {text} does not hold: {sizes}")
    tile = max(1, min(4096, (1 << 25) // (held(*sizes.values()) * np.dtype(DTYPE).itemsize)))
    step = bind(TENSORS)
    parts = [step(*(x[i : i + tile] for x in arrays)) for i in range(0, max(1, len(arrays[0])), tile)]
    results = [np.concatenate(pieces)[0 if True in alone else ...] for pieces in zip(*parts)]
    return results[0] if OUTPUTS[0][0] == "out" else {port[0]: y for port, y in zip(OUTPUTS, results)}
'''


def module_text(model: "Model", beside: str | None) -> str:
    """Return the text of the module. `beside` is the name of the .npz that holds the values; None: they are inline."""
    values = _inline(model) if beside is None else _loaded(beside)
    return model.source + "\n\n" + values + (_call(model) if has_plan(model.graph) else _OF_ANY_FORM)


def _call(model: "Model") -> str:
    """Return the function that calls a fully connected network."""
    inputs, outputs = model.inputs[0].size, model.outputs[0].size
    network = _NETWORK
    forms = _OF_NUMBERS if inputs == outputs == 1 else _OF_VECTORS
    for word, text in {**forms, "input": str(inputs), "output": str(outputs)}.items():
        network = network.replace(f"{{{word}}}", text)
    return network


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
