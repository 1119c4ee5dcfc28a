"""Which function of the family: how to draw the parameters, or the values themselves."""

from functools import partial
from itertools import islice
from typing import Annotated, Any, NamedTuple, NoReturn

from pydantic import PlainValidator, WithJsonSchema

from netspec.diagnostics import Mend, did_you_mean, quote
from netspec.layers.faults import describe, hold_back, refuse, together
from netspec.layers.inits import INITS
from netspec.layers.scope import MOST_FAULTS
from netspec.limits import INTEGER_DIGITS, TENSORS
from netspec.source import REFUSED


class Draw(NamedTuple):
    """Draw every tensor: by `init` where given, else by what suits the activation that follows; β is zero."""

    init: str | None = None
    seed: int = 0


class ParameterFile(NamedTuple):
    """Values beside the spec, in a .safetensors or .npz file; the path is as written, relative to the spec."""

    path: str


class Values(NamedTuple):
    """Values written out: tensor name, as written, to numbers in nested lists (not yet checked against shapes)."""

    tensors: dict[str, object]


Parameters = Draw | ParameterFile | Values
_SUFFIXES = (".safetensors", ".npz")
_LISTED = f"there are {', '.join(INITS)}"
_WORDS = ("init", "seed", "file")


def _parameters(value: object) -> Parameters:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, dict) or not value:
        hint = "such as `{init: he_normal, seed: 0}` or `{file: weights.safetensors}`"
        refuse("wrong-type", f"expects how to draw them, a file, or values, got {describe(value)}", help=hint)
    kind = next((key for key in value if key in _WORDS), None)
    if kind is None:
        return _values(value)
    read = {"init": _init, "seed": _seed, "file": _file}
    known = ("file",) if kind == "file" else ("init", "seed")
    keys = list(islice(value, MOST_FAULTS))
    strangers = (partial(_stranger, key, kind, known) for key in keys if key not in known)
    own = (partial(read[key], value[key]) for key in known if key in value)
    found = dict(zip((key for key in known if key in value), together(*own, *strangers), strict=False))
    if kind == "file":
        return ParameterFile(str(found["file"]))
    return Draw(**found)  # type: ignore[arg-type]  # each read by the function of its key


def _stranger(key: str, kind: str, known: tuple[str, ...]) -> NoReturn:
    words = f"{quote(key)} does not go with `{kind}`"
    other = "it is one of three: `init` and `seed`, or `file`, or the tensors by their names"
    refuse("unknown-key", words, subject=False, at=(key,), key=True, help=did_you_mean(key, known) or other)


def _init(given: object) -> str:
    if given is REFUSED:
        hold_back()
    if not isinstance(given, str):
        refuse("wrong-type", f"expects an initialisation, got {describe(given)}", at=("init",), help=_LISTED)
    if given not in INITS:
        known = _elsewhere(given)
        near = Mend.by(known, f"it is called `{known}` here") if known in INITS else did_you_mean(given, INITS)
        words = f"there is no initialisation {quote(given)}"
        refuse("unknown-init", words, subject=False, at=("init",), help=near or _LISTED)
    return given


def _seed(seed: object) -> int:
    if seed is REFUSED:
        hold_back()
    if isinstance(seed, bool) or not isinstance(seed, int):
        refuse("wrong-type", f"expects an integer, got {describe(seed)}", at=("seed",))
    if not 0 <= seed < 10**INTEGER_DIGITS.value:
        refuse(
            "out-of-range", f"is {seed}; a seed is 0 or more, of at most {INTEGER_DIGITS.value} digits", at=("seed",)
        )
    return seed


def _elsewhere(name: str) -> str:
    """Return our name for an initialisation by that of PyTorch, which may have an underscore behind it."""
    return name.lower().removesuffix("_").replace("kaiming", "he").replace("xavier", "glorot")


def _file(value: object) -> str:
    if value is REFUSED:
        hold_back()
    if not isinstance(value, str) or not value:
        refuse("wrong-type", f"expects a path, got {describe(value)}", at=("file",))
    if not value.endswith(_SUFFIXES):
        refuse(
            "parameter-suffix",
            f"{quote(value)} is not a file of parameters by its name",
            subject=False,
            at=("file",),
            help="parameters are read from .safetensors and .npz files",
        )
    return value


def _values(value: dict[str, Any]) -> Values:
    together(*(partial(_numbers, name, numbers) for name, numbers in islice(value.items(), TENSORS.value)))
    return Values(value)


def _numbers(name: str, numbers: object) -> None:
    """Refuse what cannot be a tensor's values."""
    if numbers is REFUSED:
        hold_back()
    if isinstance(numbers, dict | bool):
        near = str(did_you_mean(name, _WORDS))  # the key, while the fault is that of its value
        refuse("wrong-type", f"expects numbers in lists, got {describe(numbers)}", at=(name,), help=near)


ParametersField = Annotated[
    Parameters,
    PlainValidator(_parameters),
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 1,
            "properties": {
                "init": {"type": "string", "enum": list(INITS)},
                "seed": {"type": "integer", "minimum": 0, "default": 0},
                "file": {"type": "string", "pattern": r"\.(safetensors|npz)$"},
            },
            "additionalProperties": {"type": ["array", "number", "string"]},
            "description": "how to draw them (`init`, `seed`), a `file`, or the tensors by their names",
        }
    ),
]
