"""The items of a list of layers, as they are written: a word and its arguments, told apart from what all items have."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final, NamedTuple

from netspec.diagnostics import Diagnostic, Mend, did_you_mean, quote, show
from netspec.layers.faults import Details, Mark, Path, describe, mend_name
from netspec.layers.fields import NAME
from netspec.layers.registry import KEYWORDS, kind
from netspec.layers.scope import MOST_FAULTS
from netspec.source import REFUSED
from netspec.spec.document import Document

REPEAT: Final = "repeat"
COMMON: Final = ("from", "as", "shape", "tie")

# What other libraries call a layer, in small letters and without `_`.
_ELSEWHERE: Final = {
    "adaptiveavgpool2d": "adaptive_average_pool",
    "averagepooling2d": "average_pool",
    "avgpool": "average_pool",
    "avgpool2d": "average_pool",
    "batchnorm1d": "batch_norm",
    "batchnorm2d": "batch_norm",
    "batchnormalization": "batch_norm",
    "cat": "concat",
    "concatenate": "concat",
    "conv1d": "conv",
    "conv2d": "conv",
    "conv3d": "conv",
    "convolution": "conv",
    "convtranspose2d": "conv_transpose",
    "conv2dtranspose": "conv_transpose",
    "deconv": "conv_transpose",
    "fc": "dense",
    "fullyconnected": "dense",
    "globalaveragepooling2d": "global_average_pool",
    "globalavgpool": "global_average_pool",
    "globalmaxpooling2d": "global_max_pool",
    "layernormalization": "layer_norm",
    "linear": "dense",
    "maxpool2d": "max_pool",
    "maxpooling2d": "max_pool",
    "mul": "multiply",
    "multiheadattention": "attention",
    "permute": "transpose",
    "residual": "add",
    "selfattention": "attention",
    "sub": "subtract",
    "view": "reshape",
    "zeropad2d": "pad",
}


class Item(NamedTuple):
    """One item. `path` leads to it, `at` to its arguments; `name` is what its tensors begin with, given by `as` where
    `named`; `fields` are its own arguments, a lone one in its place in them; `inner` are the items of a repeat. One
    that is `lost` cannot be read, which is told, and has a name all the same.
    """

    path: Path
    word: str
    name: str
    named: bool
    fields: Mapping[str, Any]
    reads: object
    shape: object
    tie: object
    part: bool
    inner: "tuple[Item | None, ...]"
    lost: bool = False

    @property
    def at(self) -> Path:
        """Where its arguments stand."""
        return (*self.path, self.word)


class Vocabulary(NamedTuple):
    """The parts in sight of a list, by name: blocks take hyperparameters, networks are instances."""

    blocks: frozenset[str]
    networks: frozenset[str]


def read_items(
    document: Document, path: Path, data: list[Any], vocabulary: Vocabulary
) -> tuple[tuple[Item | None, ...], list[Diagnostic]]:
    """Return the items of the list at `path`, None for one that cannot be read, and the faults of all of them.

    A name without `as` is the first of `conv`, `conv_2`, … that no item of the list has, those of repeats included.
    """
    reading = _Reading(document, vocabulary)
    found = reading.items(path, data)
    return found, reading.faults


class _Reading:
    """One reading of one list, repeats within it included."""

    def __init__(self, document: Document, vocabulary: Vocabulary) -> None:
        self.document, self.vocabulary = document, vocabulary
        self.faults: list[Diagnostic] = []
        self._given: dict[str, Path] = {}
        self._numbers: dict[str, int] = {}

    def items(self, path: Path, data: list[Any]) -> tuple[Item | None, ...]:
        """Return the items at `path`; names that are given come first, wherever in the list they stand."""
        for name, at in _names(data, path):
            self._give(name, at)
        return self._items(path, data)

    def _items(self, path: Path, data: list[Any]) -> tuple[Item | None, ...]:
        return tuple([self._item((*path, i), each) for i, each in enumerate(data)])

    def _give(self, name: object, at: Path) -> None:
        """Take in a name that an item has by `as`."""
        if not isinstance(name, str) or not NAME.match(name):
            if name is not REFUSED:
                help_ = mend_name(name, NAME) if isinstance(name, str) else "such as `as: branch`"
                words = f"expects a name, got {describe(name)}"
                self._fault("bad-name", at, Details(words, help=help_))
        elif name in ("in", "out"):
            words = f"`{name}` is a word of the language, not a name for a layer"
            self._fault("bad-name", at, Details(words, False, help="call it something else"))
        elif name in self.vocabulary.networks:
            words = f"the name `{name}` is taken: a network has it"
            self._fault("name-taken", at, Details(words, False, help="call the layer something else"))
        elif name in self._given:
            first = Mark(self._given[name], "the first one")
            words = f"the name `{name}` is taken: another layer of this list has it"
            self._fault("name-taken", (), Details(words, False, at, False, "", (first,), "rename one of them"))
        else:
            self._given[name] = at

    def _item(self, path: Path, data: Any) -> Item | None:
        if data is REFUSED or len(self.faults) >= MOST_FAULTS:  # of more faults nobody reads
            return None
        if isinstance(data, str):
            return self._read(path, data, {}, bare=True)
        if not isinstance(data, dict) or not data:
            words = f"expects a layer, got {describe(data)}"
            self._fault("wrong-type", path, Details(words, help="such as `flatten`, or `dense: 10`"))
            return None
        first, *others = data
        if others:
            self._beside(path, data, first, others)
            return self._lost(path, first, data.get("as"))
        return self._read(path, first, data[first], bare=False)

    def _beside(self, path: Path, data: dict[str, Any], first: str, others: list[str]) -> None:
        """Refuse an item of several keys: what belongs within its arguments stands beside them."""
        key = others[0]
        if first in COMMON:
            first, key = key, first
        if key in COMMON or not self._known(key):
            words = f"{quote(key)} stands beside {quote(first)}, and belongs to its arguments"
            said = data[key]
            value = show(said) if isinstance(said, str | int | float) else "…"
            help_ = f"write it inside: `{show(first)}: {{{show(key)}: {value}}}`"
        else:
            words = f"an item is one layer, and here are two: {quote(first)} and {quote(key)}"
            help_ = "begin a new item with `- `"
        self._fault("beside-item", path, Details(words, False, (key,), True, help=help_))
        if data[first] is REFUSED:  # nothing stands behind it, since what belongs there stands beside it
            self.document.withdraw("no-value", (*path, first))

    def _read(self, path: Path, word: str, data: Any, *, bare: bool) -> Item | None:
        if not self._known(word):
            self._unknown(path, word, bare=bare)
            return self._lost(path, word, data.get("as") if isinstance(data, dict) else None)
        if data is REFUSED:
            return None
        part = word in self.vocabulary.blocks or word in self.vocabulary.networks
        own = dict(data) if isinstance(data, dict) else {}
        of = None if part or word == REPEAT else kind(word)
        # A layer that is told its shape, as `reshape` is, has an argument of that name itself.
        kept = frozenset() if of is None else of.model_fields.keys()
        reads, name, shape, tie = (None if key in kept else own.pop(key, None) for key in COMMON)
        if not isinstance(data, dict):
            if word in self.vocabulary.networks:
                reads = data
            elif part:
                words = f"the block `{word}` has no argument that may stand alone, got {describe(data)}"
                self._fault("wrong-type", (*path, word), Details(words, False, help=f"write `{word}: {{…}}`"))
                return None
            elif word == REPEAT:
                words = f"`repeat` takes its arguments by name, got {describe(data)}"
                self._fault(
                    "wrong-type", (*path, word), Details(words, False, help="`repeat: {times: 4, layers: […]}`")
                )
                return None
            elif of is not None and of.reads == "many":
                reads = data
            elif of is not None and of.shorthand is not None:
                own = {of.shorthand: data}
            else:
                words = f"`{word}` has no argument that may stand alone, got {describe(data)}"
                self._fault("wrong-type", (*path, word), Details(words, False, help=f"write `{word}: {{…}}`"))
                return None
        given = isinstance(name, str) and self._given.get(name) is not None
        called = name if isinstance(name, str) and given else self._number(word)
        inner: tuple[Item | None, ...] = ()
        if word == REPEAT and not part and isinstance(own.get("layers"), list):
            inner = self._items((*path, word, "layers"), own["layers"])
        return Item(path, word, called, given, own, reads, shape, tie, part, inner)

    def _lost(self, path: Path, word: str, name: object) -> Item | None:
        """Return an item that cannot be read by the name that others read it by; None where it has none."""
        if not isinstance(name, str) or not NAME.match(name):
            return None
        return Item(path, word, name, True, {}, None, None, None, False, (), lost=True)

    def _known(self, word: str) -> bool:
        return word == REPEAT or word in KEYWORDS or word in self.vocabulary.blocks or word in self.vocabulary.networks

    def _number(self, word: str) -> str:
        """Return the first of `conv`, `conv_2`, … that is left; for a network none is needed."""
        if word in self.vocabulary.networks or word == REPEAT:
            return word
        number = self._numbers.get(word, 0) + 1
        while (name := word if number == 1 else f"{word}_{number}") in self._given:
            number += 1
        self._numbers[word] = number
        return name

    def _unknown(self, path: Path, word: str, *, bare: bool) -> None:
        known = _ELSEWHERE.get(word.lower().replace("_", "").replace("-", ""))
        names = (*self.vocabulary.blocks, *self.vocabulary.networks, REPEAT, *KEYWORDS)
        called = Mend.by(known, f"it is called `{known}` here") if known in KEYWORDS else ""
        near = called or did_you_mean(word, sorted(names))
        where = "`netspec explain layers` lists the layers; blocks and networks of the file are layers too"
        words = f"there is no layer {quote(word)}"
        at = () if bare else (word,)
        self._fault("unknown-layer", path, Details(words, False, at, not bare, help=near or where))

    def _fault(self, code: str, path: Path, details: Details) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(self.document.fault(code, path, details))


def _names(data: list[Any], path: Path) -> Iterator[tuple[object, Path]]:
    """Yield the names given by `as` in a list, those in its repeats too, each with its place."""
    for i, each in enumerate(data):
        if isinstance(each, dict) and len(each) == 1:
            ((word, own),) = each.items()
            if isinstance(own, dict):
                if "as" in own:
                    yield own["as"], (*path, i, word, "as")
                if word == REPEAT and isinstance(own.get("layers"), list):
                    yield from _names(own["layers"], (*path, i, word, "layers"))


def references(items: tuple[Item | None, ...]) -> Iterator[str]:
    """Yield the names that items read, those in repeats too, without what follows a dot."""
    for item in items:
        if item is not None:
            yield from (name.partition(".")[0] for name in islice(_read_names(item.reads), MOST_FAULTS))
            yield from references(item.inner)


def parts_of(items: tuple[Item | None, ...]) -> Iterator[str]:
    """Yield the words of items that are parts, those in repeats too."""
    for item in items:
        if item is not None:
            if item.part:
                yield item.word
            yield from parts_of(item.inner)


def _read_names(reads: object) -> Iterator[str]:
    if isinstance(reads, str):
        yield reads
    elif isinstance(reads, list):
        yield from (each for each in reads if isinstance(each, str))
    elif isinstance(reads, dict):
        yield from (each for each in reads.values() if isinstance(each, str))


__all__ = ["COMMON", "REPEAT", "Item", "Vocabulary", "parts_of", "read_items", "references"]
