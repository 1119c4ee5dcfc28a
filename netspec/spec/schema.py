"""The JSON Schema of the language (draft 2020-12), for editors: made of the models, so that there is one truth.

pydantic's own schema is of unions, and what a union refuses, an editor reports as all its branches at once. So what
may be several things is told apart by its type, and what may have several bodies by `if` a key is there; each mistake
then meets the one rule that it breaks. A schema cannot know sizes or files: what it accepts, `netspec validate` may
still refuse, and never the reverse.

`netspec schema` prints the copy that is packaged beside this module, `netspec.schema.json`.
"""

import inspect
import json
from textwrap import dedent
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter, create_model

from netspec.layers.activations import Activation
from netspec.layers.axes import Axes, Axis, Dimensions, Number, Switch
from netspec.layers.fields import NAME, Amount, Count, LayerCount, Width
from netspec.layers.layer import Layer
from netspec.layers.mlp import RELU, Mlp
from netspec.layers.registry import KEYWORDS, kind
from netspec.layers.windows import Counts, Padding
from netspec.operations import FUNCTIONS
from netspec.source import read_source
from netspec.spec.composition import Composition, FileReference
from netspec.spec.expectations import Asserted, Expect
from netspec.spec.fully_connected import FullyConnected
from netspec.spec.head import Claims, Head
from netspec.spec.hyperparameters import RESERVED, Declaration
from netspec.spec.items import REPEAT
from netspec.spec.layered import Layered, Repeated
from netspec.spec.parameters import ParametersField
from netspec.spec.training import Training

Schema = dict[str, Any]

_NAME: Final = "^" + NAME.pattern.removesuffix(r"\Z") + "$"
# An expression over sizes: its own characters alone, and no number in quotes.
_EXPRESSION: Final = r"^(?![-+]?[0-9][0-9_.eE+-]*$)[A-Za-z0-9_ ()+*/%-]+$"
_QUOTIENT: Final = r"^\s*-?[0-9]+\s*/\s*[0-9]+\s*$"
_SPEC_PATH: Final = r"\.ya?ml$"
# Types that stand once, by name; everything equal to one becomes a reference to it.
_SHARED: Final[dict[str, Any]] = {
    "Width": Width,
    "LayerCount": LayerCount,
    "Activation": Activation,
    "Asserted": Asserted,
    "Counts": Counts,
    "Padding": Padding,
    "Axes": Axes,
    "Axis": Axis,
    "Count": Count,
    "Amount": Amount,
    "Number": Number,
    "Shape": Dimensions,
    "Switch": Switch,
    "Hyperparameter": Declaration,
    "Parameters": ParametersField,
}


def schema() -> Schema:
    """Return the JSON Schema of a spec file."""
    shared = {name: _tidied(TypeAdapter(kind).json_schema()) for name, kind in _SHARED.items()}
    keys = _referring(_fields(Head, Layered, FullyConnected, Composition, Claims), shared)
    expect = _referring(_fields(Expect), shared)
    training = _referring(_fields(Training), shared)
    intake, shape = _complete_keys(keys)
    _complete_shared(shared)
    item, common = _item(shared)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "netspec, version 1",
        "description": f"a neural network as data; without `compose`, {_meaning(FullyConnected)}",
        "type": "object",
        "properties": keys,
        "required": ["netspec"],
        "additionalProperties": False,
        "allOf": [{"$ref": "#/$defs/Body"}],
        "examples": [_example(FullyConnected)],
        "$defs": {
            "Body": _body(intake, shape),
            "Item": item,
            **common,
            "Part": _part({name: key for name, key in keys.items() if name not in ("training", "variants")}),
            "Layers": {
                "description": "layers in order; each reads the one above it unless it says `from`",
                "type": "array",
                "items": {"$ref": "#/$defs/Item"},
                "minItems": 1,
            },
            "Expect": {
                "description": _meaning(Expect),
                "type": "object",
                "properties": expect,
                "additionalProperties": False,
                "examples": [_example(Expect)["expect"]],
            },
            "Training": {
                "description": _meaning(Training),
                "type": "object",
                "properties": training,
                "additionalProperties": False,
                "examples": [_example(Training)["training"]],
            },
            **shared,
            "Tensor": {
                "description": "a number, a quotient of integers such as 16/3, or a list of such",
                "type": ["number", "string", "array"],
                "pattern": _QUOTIENT,
                "items": {"$ref": "#/$defs/Tensor"},
            },
        },
    }


def schema_text() -> str:
    """Return the schema as it is packaged and printed."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _complete_keys(keys: Schema) -> tuple[Schema, Schema]:
    """Add what the models check by code of their own, or what is read only where the part is resolved.

    Returns what `input` and `output` are where the body is a list of layers.
    """
    sizes = {"pattern": _NAME, "not": {"enum": sorted(RESERVED)}}
    keys["hyperparameters"]["propertyNames"] = keys["variants"]["propertyNames"] = sizes
    keys["networks"]["propertyNames"] = {"pattern": _NAME, "not": {"enum": ["in", "out"]}}
    keys["networks"]["additionalProperties"] = {"$ref": "#/$defs/Part"}
    keys["blocks"]["propertyNames"] = keys["networks"]["propertyNames"]
    keys["blocks"]["additionalProperties"] = {"$ref": "#/$defs/Part"}
    keys["layers"] = {"$ref": "#/$defs/Layers", "description": keys["layers"]["description"]}
    keys["activation"]["default"] = RELU.name
    keys["compose"] |= {"minItems": 1, "examples": [_example(Composition)["compose"]]}
    keys["variants"]["additionalProperties"] = {
        "type": "object",
        "properties": {
            "expect": {"$ref": "#/$defs/Expect"},
            "parameters": {"$ref": "#/$defs/Parameters"},
            "training": {"$ref": "#/$defs/Training"},
        },
        "additionalProperties": {"type": ["number", "boolean"]},
    }
    keys["training"] = {"$ref": "#/$defs/Training", "description": "how the network is trained"}
    intake, shape = keys["input"], keys["output"]
    for key in ("input", "output"):  # what they may be hangs on the body
        keys[key] = {"description": keys[key]["description"]}
    return intake, shape


def _complete_shared(shared: Schema) -> None:
    """Add what the schemas of single values leave to their validators."""
    shared["Hyperparameter"]["minLength"] = 1
    shared["Activation"]["propertyNames"] = {"enum": list(FUNCTIONS)}
    shared["Activation"]["additionalProperties"] = {"type": "object", "additionalProperties": False}
    drawn = {"propertyNames": {"enum": ["init", "seed", "file"]}}
    shared["Parameters"] |= {
        "additionalProperties": {"type": "array", "items": {"$ref": "#/$defs/Tensor"}},
        "allOf": [
            {"if": {"required": ["file"]}, "then": {"propertyNames": {"const": "file"}}},
            {"if": {"required": ["init"]}, "then": drawn},
            {"if": {"required": ["seed"]}, "then": drawn},
        ],
    }


def _body(intake: Schema, shape: Schema) -> Schema:
    """Return what each body of a part needs, and what does not go with it."""
    connected = {key: False for key in Mlp.model_fields if key != "output"}
    layered = {key: False for key in Layered.model_fields if key not in ("input", "output")}
    width = {"$ref": "#/$defs/Width"}
    composed = {
        "if": {"required": ["compose"]},
        "then": {"properties": connected | layered | {"input": width, "output": width}},
        "else": {
            "required": ["input", "output"],
            "properties": layered | {"input": width, "output": width},
            "allOf": [
                {
                    "if": {"required": ["widths"], "properties": {"widths": {"type": ["integer", "string"]}}},
                    "then": {"required": ["K"]},
                },
                {
                    "if": {"required": ["K"], "properties": {"K": {"maximum": 0}}},
                    "else": {"required": ["widths"]},
                },
            ],
        },
    }
    listed = {"properties": connected | {"compose": False, "input": intake, "output": shape}}
    return {"if": {"required": ["layers"]}, "then": listed, "else": composed}


def _item(shared: Schema) -> tuple[Schema, Schema]:
    """Return the schema of an item of a list of layers, and those of the arguments that every item has.

    A word that is no layer may be a block or a network of the file, which a schema does not know.
    """
    common: Schema = {
        "from": {"description": "what it reads: the layer above unless given", "type": ["string", "array", "object"]},
        "as": {"description": "its name", "type": "string", "pattern": _NAME},
        "shape": {"$ref": "#/$defs/Shape", "description": "asserted of its result"},
        "tie": {
            "description": "tensors of others in the place of its own",
            "type": "object",
            "additionalProperties": {"type": "string"},
        },
    }
    refer: Schema = {key: {"$ref": f"#/$defs/Item-{key}"} for key in common}
    properties: Schema = {keyword: _layer(kind(keyword), refer, shared) for keyword in KEYWORDS}
    repeat = _referring(_fields(Repeated), shared)
    repeat["layers"] = {"$ref": "#/$defs/Layers"}
    properties[REPEAT] = {
        "description": _meaning(Repeated),
        "type": "object",
        "properties": {key: inner for key, inner in refer.items() if key != "tie"} | repeat,
        "required": ["times", "layers"],
        "additionalProperties": False,
    }
    return {
        "description": "a layer: a bare word, or a word with its arguments",
        "type": ["string", "object"],
        "pattern": _NAME,
        "minProperties": 1,
        "maxProperties": 1,
        "properties": properties,
        "additionalProperties": {"type": ["object", "string"]},
    }, {f"Item-{key}": inner for key, inner in common.items()}


def _layer(of: type[Layer], common: Schema, shared: Schema) -> Schema:
    """Return the schema of one kind's arguments, with the one that may stand alone."""
    own = _referring(_fields(of), shared)
    required = [name for name, field in of.model_fields.items() if field.is_required()]
    whole: Schema = {"description": _meaning(of), "type": "object", "properties": common | own}
    whole |= {"additionalProperties": False} | ({"required": required} if required else {})
    if of.reads == "many":
        return {"if": {"type": "array"}, "then": {"items": {"type": "string"}, "minItems": 2}, "else": whole}
    if of.shorthand is None:
        return whole
    return {"if": {"type": ["array", "boolean", "number", "string"]}, "then": own[of.shorthand], "else": whole}


def _part(keys: Schema) -> Schema:
    """Return the schema of a network within a file: a file of its own, or the keys of one but for its variants."""
    own = _fields(FileReference)
    own["file"]["pattern"] = _SPEC_PATH
    own["set"]["additionalProperties"] = {"type": ["number", "boolean", "string"]}
    return {
        "description": "a network: its keys, or a file of its own with a setting of its hyperparameters",
        "type": "object",
        "minProperties": 1,
        "properties": keys | own,
        "additionalProperties": False,
        "if": {"required": ["file"]},
        "then": {"propertyNames": {"enum": list(own)}},
        "else": {
            "properties": {key: False for key in own if key != "file"},
            "allOf": [{"$ref": "#/$defs/Body"}],
        },
        "examples": [_example(FileReference)["networks"]["tower"]],
    }


def _fields(*models: type[BaseModel]) -> Schema:
    """Return the schemas of the models' fields; of two of one name, the first."""
    found: dict[str, Any] = {}
    for model in models:
        for name, field in model.model_fields.items():
            # The models of a variant's claims are read apart, so that pydantic does not know of them here.
            annotation = dict[str, object] if name == "variants" else field.annotation
            found.setdefault(name, (annotation, field))
    return {
        name: _tidied(value) for name, value in create_model("Keys", **found).model_json_schema()["properties"].items()
    }


def _tidied(value: Schema) -> Schema:
    """Return pydantic's schema without what says nothing, and with its unions told apart by type."""
    found = {key: inner for key, inner in value.items() if key not in ("title", "anyOf", "oneOf")}
    if found.get("default", 0) in (None, {}, []):
        del found["default"]
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), dict):
            found[key] = _tidied(found[key])
    if "properties" in found:
        found["properties"] = {name: _tidied(inner) for name, inner in found["properties"].items()}
    branches = [
        _tidied(branch) for branch in [*value.get("anyOf", []), *value.get("oneOf", [])] if branch != {"type": "null"}
    ]
    if "oneOf" in value:  # one, or a list of such
        one, several = branches
        return {"if": {"type": "array"}, "then": several, "else": one} | found
    if len(branches) == 1:
        return branches[0] | found
    if branches:
        return _united(branches) | found
    if found.get("type") == ["integer", "string"]:
        found["pattern"] = _EXPRESSION
    elif found.get("type") == ["number", "string"]:
        found["pattern"] = _NAME
    return found


def _united(branches: list[Schema]) -> Schema:
    """Return one schema for several that differ in type: each keyword speaks of its own type, but for `enum`."""
    types = [kind for branch in branches for kind in _types(branch)]
    if len(set(types)) < len(types):
        raise ValueError(f"these are not told apart by type: {branches}")
    united: Schema = {"type": types}
    for branch in branches:
        for key, inner in branch.items():
            if key == "enum":
                united |= {"if": {"type": [kind for kind in types if kind not in _types(branch)]}, "else": {key: inner}}
            elif key not in ("type", "description"):
                united[key] = inner
    if types == ["integer", "string"]:
        united["pattern"] = _EXPRESSION
    return united


def _types(branch: Schema) -> list[str]:
    kinds = branch["type"]
    return kinds if isinstance(kinds, list) else [kinds]


def _referring(value: Any, shared: Schema) -> Any:
    """Return the schema with references in the place of what is shared."""
    if isinstance(value, list):
        return [_referring(inner, shared) for inner in value]
    if not isinstance(value, dict):
        return value
    for name, known in shared.items():
        if _bare(value) == _bare(known):
            kept = {key: inner for key, inner in value.items() if key in ("description", "default")}
            if kept.get("description") == known.get("description"):
                del kept["description"]
            return {"$ref": f"#/$defs/{name}"} | kept
    return {key: _referring(inner, shared) for key, inner in value.items()}


def _bare(value: Schema) -> Schema:
    return {key: inner for key, inner in value.items() if key not in ("description", "default")}


def _meaning(model: type[BaseModel]) -> str:
    """Return the first sentence of a model's docstring."""
    return " ".join(inspect.cleandoc(model.__doc__ or "").split("\n\n")[0].split())


def _example(model: type[BaseModel]) -> Any:
    """Return the example of a model's docstring, read as a spec is."""
    _, _, text = inspect.cleandoc(model.__doc__ or "").partition("Example:\n")
    source = read_source(dedent(text).encode(), model.__name__)
    if source.faults or source.tree is None:
        raise ValueError(f"the example of {model.__name__} cannot be read: {source.faults}")
    return source.data()
