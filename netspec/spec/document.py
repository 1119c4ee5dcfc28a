"""One spec file that was read, and how a fault in its data becomes a diagnostic with a place in its text."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from netspec.diagnostics import Diagnostic, Edit, Mend, Note, Place, Severity, Span, quote, show
from netspec.diagnostics.suggest import is_slip, nearest
from netspec.layers.faults import HELD_BACK, Details, Path, describe
from netspec.layers.scope import MOST_FAULTS, Scope
from netspec.limits import EXPRESSION_LENGTH
from netspec.source import REFUSED, Scalar, Source
from netspec.source.spelling import is_plain

_FEW_KEYS = 24  # of a part's keys or those of a mapping within: listed where a key is unknown and near to none

# What other libraries and first guesses call a key, in small letters and with `_`.
ELSEWHERE = {
    "activation_function": "activation",
    "depth": "K",
    "final_activation": "output_activation",
    "fit": "training",
    "hidden": "widths",
    "hidden_layers": "K",
    "hidden_sizes": "widths",
    "in": "input",
    "in_features": "input",
    "input_dim": "input",
    "input_size": "input",
    "inputs": "input",
    "num_layers": "K",
    "out": "output",
    "out_features": "output",
    "output_dim": "output",
    "output_size": "output",
    "outputs": "output",
    "params": "parameters",
    "recipe": "training",
    "train": "training",
    "units": "widths",
    "version": "netspec",
    "weights": "parameters",
    "width": "widths",
}
# What PyTorch and Keras call an argument of a layer, in small letters and with `_`.
ARGUMENTS_ELSEWHERE = {
    "dilation_rate": "dilation",
    "dim": "axis",
    "embedding_dim": "width",
    "end_dim": "start",
    "eps": "epsilon",
    "filters": "channels",
    "hidden": "width",
    "hidden_size": "width",
    "input_dim": "vocabulary",
    "is_causal": "causal",
    "kernel_size": "kernel",
    "negative_slope": "slope",
    "num_embeddings": "vocabulary",
    "num_groups": "groups",
    "num_heads": "heads",
    "out_channels": "channels",
    "out_features": "width",
    "output_dim": "width",
    "p": "rate",
    "pool_size": "kernel",
    "scale_factor": "factor",
    "start_dim": "start",
    "strides": "stride",
    "units": "width",
    "use_bias": "bias",
}
# What they call a key of a training.
TRAINING_ELSEWHERE = {
    "batch_size": "batch",
    "checkpointing": "recompute",
    "class_weight": "class_weights",
    "clip_norm": "clip",
    "clipnorm": "clip",
    "criterion": "loss",
    "early_stop": "early_stopping",
    "gradient_checkpointing": "recompute",
    "gradient_clipping": "clip",
    "l2": "weight_decay",
    "loss_fn": "loss",
    "lr": "learning_rate",
    "lr_schedule": "schedule",
    "lr_scheduler": "schedule",
    "max_epochs": "epochs",
    "normalise": "standardise",
    "normalize": "standardise",
    "num_epochs": "epochs",
    "optim": "optimizer",
    "patience": "early_stopping",
    "random_seed": "seed",
    "random_state": "seed",
    "scheduler": "schedule",
    "standardize": "standardise",
    "validation_split": "validation",
}
Model = TypeVar("Model", bound=BaseModel)


class Document:
    """A file by the name the user knows it by, its path below the root, and its tree.

    `values` is how many keys, values and lists it holds, `letters` how many characters its expressions have.
    """

    __slots__ = ("data", "file", "letters", "relative", "source", "values", "withdrawn")

    def __init__(self, source: Source, relative: str) -> None:
        self.source = source
        self.file = source.file
        self.relative = relative
        self.data: dict[str, Any] = source.data() if source.tree is not None else {}
        self.values, self.letters = _size(self.data)
        self.withdrawn: set[tuple[str, Place]] = set()

    @property
    def work(self) -> int:
        """What resolving the file costs, in values: reading one takes about as long as ten letters of an expression.

        The parameters that are written out are left out, since no setting has them read again.
        """
        return self.values - _size(self.data.get("parameters"))[0] + self.letters // 10

    def place_of_letter(self, number: int) -> Path:
        """Return the path of the value that holds one letter of all expressions."""
        waiting: list[tuple[Path, object]] = [((), self.data)]
        while waiting:
            path, value = waiting.pop()
            if isinstance(value, dict | list):
                pairs = value.items() if isinstance(value, dict) else enumerate(value)
                waiting.extend([((*path, key), inner) for key, inner in pairs][::-1])
            elif _is_expression(value):
                number -= len(str(value))
                if number < 0:
                    return path
        return ()

    def withdraw(self, code: str, path: Path) -> None:
        """Take back a fault of the text at the value of `path`, which a better one stands for."""
        place = self.source.place(path, key=True)
        self.withdrawn.add((code, place))

    def place(self, path: Path, details: Details) -> Place:
        """Return the place that `details` point at, below `path`; a stretch of a text where they narrow it."""
        place = self.source.place((*path, *details.at), key=details.key)
        node = self.source.node((*path, *details.at))
        if details.end <= details.start or not isinstance(node, Scalar) or place.span is None:
            return place
        line, column, end_line, _ = place.span
        if end_line != line:
            return place
        column += details.start + node.quoted
        return Place(place.file, Span(line, column, line, column + details.end - details.start))

    def fault(self, code: str, path: Path, details: Details, severity: Severity = "error") -> Diagnostic:
        """Return the diagnostic `code` for the value at `path`, with its notes placed."""
        subject = f"`{spell((*path, *details.at))}` " if details.subject else ""
        notes = tuple(Note(self.source.place((*path, *mark.path), key=mark.key), mark.text) for mark in details.marks)
        place = self.place(path, details)
        help_, words = details.help, subject + details.words
        fix = self._fix((*path, *details.at), details, place, help_.text) if isinstance(help_, Mend) else ()
        return Diagnostic(code, words, place, details.label, notes, str(help_), severity, fix)

    def _fix(self, path: Path, details: Details, place: Place, text: str) -> tuple[Edit, ...]:
        """Return the edit that puts a text at the place of a fault; none where that is not the word at fault alone."""
        alone = self.source.node(path[:-1])
        node = self.source.node(path) or (alone if isinstance(alone, Scalar) else None)  # `dense: 10` has no `width`
        span = place.span
        if node is None or span is None or span.line != span.end_line:
            return ()
        if details.key:
            return (Edit(span, text),) if span != node.span else ()
        if details.end > details.start and isinstance(node, Scalar):  # a stretch of a text, which escapes would move
            line = self.source.text.split("\n")[span.line - 1]
            if line[span.column - 1 : span.end_column - 1] != node.text[details.start : details.end]:
                return ()
        return (Edit(span, text),) if isinstance(node, Scalar) else ()

    def read(
        self, model: type[Model], data: object, path: Path, scope: Scope, known: Iterable[str] = ()
    ) -> tuple[Model | None, list[Diagnostic]]:
        """Return the model that `data`, found at `path`, is read as in a scope, and its faults; one mistake, one fault.

        `known` are names besides the model's own fields that a mistyped key may have meant.
        """
        try:
            return model.model_validate(data, context=scope), []
        except ValidationError as error:
            return None, list(islice(self._faults(error, model, data, path, tuple(known)), MOST_FAULTS))

    def _faults(
        self, error: ValidationError, model: type[BaseModel], data: object, path: Path, known: tuple[str, ...]
    ) -> Iterator[Diagnostic]:
        errors = error.errors(include_url=False, include_input=True)
        missing = {(_located(e["loc"], data)[0][:-1], str(e["loc"][-1])) for e in errors if e["type"] == "missing"}
        misspelt: set[Path] = set()  # mappings in which a key is unknown and near to one, which then is not missing
        for found in errors:
            if found["type"] == "extra_forbidden":
                at, _ = _located(found["loc"], data)
                key = str(at[-1])
                wanted = [name for where, name in missing if where == at[:-1]]
                there = (*wanted, *_fields(model, at[:-1]), *(known if len(at) == 1 else ()))
                spelled = key.lower().replace("-", "_")
                meant = [table.get(spelled) for table in (ELSEWHERE, ARGUMENTS_ELSEWHERE, TRAINING_ELSEWHERE)]
                near = next((each for each in meant if each in there), None) or nearest(key, there)
                missing.discard((at[:-1], near or ""))
                misspelt.update([at[:-1]] if near else [])
                listed = _listed(tuple(dict.fromkeys(there)))
                help_ = f"did you mean `{near}`?" if near else listed
                if near and (near in meant or is_slip(key, near)):
                    help_ = Mend.by(near, help_)
                yield self.fault(
                    "unknown-key", path, Details(f"there is no key {quote(key)} here", False, at, True, help=help_)
                )
        for found in errors:
            at, is_key = _located(found["loc"], data)
            if found["type"] == "missing":
                if (at[:-1], str(at[-1])) in missing:
                    words = f"the key `{at[-1]}` is missing"
                    told = self.fault("missing-key", path, Details(words, False, at[:-1], help=_to_add(str(at[-1]))))
                    yield told._replace(fix=self._version()) if at == ("netspec",) and not path else told
            elif found["type"] == "missing-key" and at[:-1] in misspelt:
                continue
            elif found["type"] not in ("extra_forbidden", HELD_BACK) and found["input"] is not REFUSED:
                yield from self._told(found, path, at, is_key)

    def _version(self) -> tuple[Edit, ...]:
        """Return the edit that puts the version of the language before the first key of the file."""
        tree = self.source.tree
        if tree is None or not tree.keys:
            return ()
        line, column, *_ = next(iter(tree.keys.values())).span
        flow = (line, column) != tree.span[:2]
        return (Edit(Span(line, column, line, column), "netspec: 1" + (", " if flow else "\n" + " " * (column - 1))),)

    def _told(self, found: Mapping[str, Any], path: Path, at: Path, is_key: bool) -> Iterator[Diagnostic]:
        first = found.get("ctx", {}).get("details")
        if isinstance(first, Details):
            for code, details in ((found["type"], first), *first.further):
                where = at[:-1] if details.beside else at
                yield self.fault(code, (*path, *where), details._replace(key=details.key or is_key))
            return
        given = found["input"]
        expected = {"list_type": "a list", "dict_type": "a mapping", "model_type": "a mapping"}[found["type"]]
        fix = ""
        if expected == "a list" and isinstance(given, str):
            fix = f"write it in brackets: `[{show(given)}]`"
            fix = Mend.by(f"[{given}]", fix) if is_plain(given, flow=True) else fix
        yield self.fault("wrong-type", (*path, *at), Details(f"expects {expected}, got {describe(given)}", help=fix))


def _size(data: object) -> tuple[int, int]:
    """Return how many keys, values and lists there are in plain data, and how many letters in its expressions."""
    count = letters = 0
    waiting = [data]
    while waiting:
        value = waiting.pop()
        count += 1
        if isinstance(value, dict):
            count += len(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            others = [each for each in value if each.__class__ is not int]  # numbers, by the ten thousand, at once
            count += len(value) - len(others)
            waiting.extend(others)
        elif _is_expression(value):
            letters += len(str(value))
    return count, letters


def _is_expression(value: object) -> bool:
    """Return whether a value may be an expression of more than a name; a path, a quotient or a long text is none."""
    if not isinstance(value, str) or value.isidentifier() or len(value) > EXPRESSION_LENGTH.value:
        return False
    return "/" not in value or "//" in value


def _located(location: tuple[int | str, ...], data: object) -> tuple[Path, bool]:
    """Return the path in the data that pydantic's location means, and whether it means a key itself.

    A location has marks of pydantic's own besides: the tag of a union, and `[key]` at the end. Both are told by the
    data, which has no such key there, and not by their spelling, which a hostile file may use.
    """
    path: list[int | str] = []
    is_key = False
    for i, part in enumerate(location):
        if (isinstance(data, dict) and part in data) or (isinstance(data, list) and isinstance(part, int)):
            path.append(part)
            data = data[part]  # type: ignore[index]  # a list by an integer, a mapping by a key that it has
        elif part == "[key]" and i == len(location) - 1:
            is_key = True
        elif not (isinstance(part, str) and part.startswith("·")):
            path.append(part)
            data = None
    return tuple(path), is_key


def _fields(model: type[BaseModel], at: Path) -> tuple[str, ...]:
    """Return the keys that the model at a location within `model` has."""
    for part in at:
        field = model.model_fields.get(str(part))
        inner = [kind for kind in _kinds(field.annotation) if issubclass(kind, BaseModel)] if field else []
        if not inner:
            return ()
        model = inner[0]
    return tuple(model.model_fields)


def _to_add(key: str) -> str:
    """Return the help for a key that is missing: the line to add, as far as it is known."""
    return "add `netspec: 1`, the version of the language" if key == "netspec" else f"add `{key}: …`"


def _listed(keys: tuple[str, ...]) -> str:
    """Return the help that lists keys, where they are few."""
    return f"the keys are {', '.join(f'`{key}`' for key in keys)}" if 0 < len(keys) <= _FEW_KEYS else ""


def _kinds(annotation: Any) -> list[type]:
    parts = getattr(annotation, "__args__", (annotation,))
    return [part for part in parts if isinstance(part, type)]


def spell(path: Path) -> str:
    """Return a path as messages write it: `widths[1]`, `variants.small.D`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{show(part)}" if text else show(part)
    return text.replace("`", "'")
