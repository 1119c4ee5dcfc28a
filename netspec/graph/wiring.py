"""What the items of a list read: the one above, values by name, several for a merge."""

from collections.abc import Iterator

from netspec.diagnostics import Note, did_you_mean, quote
from netspec.graph.place import UnfitError, Value, Values
from netspec.graph.telling import Telling
from netspec.layers.faults import Details, Path
from netspec.layers.fields import NAME
from netspec.layers.layer import Layer
from netspec.operations import Tensor
from netspec.spec import Item


class Wiring:
    """Finds what items read. Raises UnfitError where that cannot be had, which is told here or was told before."""

    def __init__(self, told: Telling) -> None:
        self.told = told
        self.unnamed: dict[str, Path] = {}
        """Layers above that are called by their word alone: tensors are, values are not."""

    def operands(
        self, item: Item, of: type[Layer], values: Values, above: Value | None, *, first: bool
    ) -> list[tuple[Value | None, Tensor]]:
        """Return what a layer reads; a pair of nothing for a named value that is left out."""
        if of.reads == "none":
            if item.reads is not None:
                self.told.fault("reads", item.at, Details(f"`{item.word}` reads nothing", False, ("from",)))
            return []
        if of.reads == "many":
            return [*self._several(item, values)]
        if of.reads == "one":
            return [self.one(item, values, above, first=first)]
        names = [name.removesuffix("?") for name in of.reads]
        optional = {name.removesuffix("?") for name in of.reads if name.endswith("?")}
        if not isinstance(item.reads, dict):
            if len(names) - len(optional) > 1:
                words = f"`{item.word}` reads values by name: {listed(names)}"
                self.told.fault("reads", item.at, Details(words, False, ("from",), help=by_name(names)))
                raise UnfitError
            return [self.one(item, values, above, first=first), *((None, 0) for _ in names[1:])]
        return self.named(item, values, names, optional)

    def one(self, item: Item, values: Values, above: Value | None, *, first: bool) -> tuple[Value, Tensor]:
        """Return the one value that an item reads: the one it names, else the one above."""
        if item.reads is None:
            if above is None:
                if first and None not in values.values():
                    words = f"`{item.word}` stands first, and there are several inputs: {listed(list(values))}"
                    help_ = f"say which one it reads: `from: {next(iter(values))}`"
                    self.told.fault("reads", item.path, Details(words, False, help=help_))
                raise UnfitError
            if isinstance(above.tensor, dict):
                names = [f"{above.name}.{name}" for name in above.tensor]
                words = f"`{above.name}` above gives several values: {listed(names)}"
                self.told.fault("reads", item.path, Details(words, False, help=f"say which one: `from: {names[0]}`"))
                raise UnfitError
            above.read = True
            return above, above.tensor
        if not isinstance(item.reads, str):
            is_list = isinstance(item.reads, list)
            help_ = "join them before with `concat` or `add`" if is_list else "name one value"
            words = f"`{item.word}` reads one value, and `from` is {'a list' if is_list else 'no name'}"
            self.told.fault("reads", item.at, Details(words, False, ("from",), help=help_))
            raise UnfitError
        return self.find(item.reads, values, item.at, ("from",))

    def _several(self, item: Item, values: Values) -> Iterator[tuple[Value, Tensor]]:
        """Yield the values that a merge reads, all of which it names."""
        reads = item.reads
        if not isinstance(reads, list) or len(reads) < 2:
            words = f"`{item.word}` joins two or more values, named in a list"
            self.told.fault("reads", item.at, Details(words, False, help=f"such as `{item.word}: [branch, in]`"))
            raise UnfitError
        at = ("from",) if self.told.document.source.node((*item.at, "from")) is not None else ()
        found = []
        unfit = False
        for i, name in enumerate(reads):
            try:
                found.append(self.find(name, values, item.at, (*at, i)))
            except UnfitError:
                unfit = True
        if unfit:
            raise UnfitError
        yield from found

    def named(
        self, item: Item, values: Values, names: list[str], optional: set[str]
    ) -> list[tuple[Value | None, Tensor]]:
        """Return the values that are read by name, in the order of `names`."""
        reads = item.reads if isinstance(item.reads, dict) else {}
        unfit = False
        for name in reads:
            if name not in names:
                near = did_you_mean(name, names) or f"it reads {listed(names)}"
                words = f"`{item.word}` reads nothing called {quote(name)}"
                self.told.fault("reads", item.at, Details(words, False, ("from", name), True, help=near))
                unfit = True
        found: list[tuple[Value | None, Tensor]] = []
        for name in names:
            if name in reads:
                try:
                    found.append(self.find(reads[name], values, item.at, ("from", name)))
                except UnfitError:
                    unfit = True
            elif name in optional:
                found.append((None, 0))
            else:
                words = f"`{item.word}` reads {listed(names)}, and `{name}` is not said"
                self.told.fault("reads", item.at, Details(words, False, ("from",), help=by_name(names)))
                unfit = True
        if unfit:
            raise UnfitError
        return found

    def find(
        self, written_name: object, values: Values, path: Path, at: Path, *, key: bool = False
    ) -> tuple[Value, Tensor]:
        """Return the value that a name stands for, `code.mean` one of several; else that is told at `path + at`."""
        if not isinstance(written_name, str):
            self.told.fault("reads", path, Details("expects the name of a value", False, at))
            raise UnfitError
        name, dot, result = written_name.partition(".")
        if name not in values:
            if name in self.unnamed:
                words = f"there is no value {quote(written_name)} here: a layer is read by the name that `as` gives it"
                details = Details(words, False, at, key, help=f"write `as: {name}` among the arguments of that layer")
                fault = self.told.document.fault("unknown-value", path, details)
                place = self.told.document.source.place(self.unnamed[name])
                self.told.tell([fault._replace(notes=(Note(place, f"this `{name}` has no name"),))])
                raise UnfitError
            near = did_you_mean(name, values)
            near = str(near) if dot else near  # of the name before the dot
            known = [other for other in values if NAME.match(other)]
            sight = f"in sight are {listed(known[-8:])}"
            later = "; a layer is called by `as`, and is read below it" if not near else ""
            words = f"there is no value {quote(written_name)} here"
            self.told.fault("unknown-value", path, Details(words, False, at, key, help=near or sight + later))
            raise UnfitError
        value = values[name]
        if value is None:
            raise UnfitError
        value.read = True
        if isinstance(value.tensor, dict):
            if result not in value.tensor:
                names = [f"{name}.{each}" for each in value.tensor]
                words = f"{quote(written_name)} is not one of the values that `{name}` gives"
                self.told.fault("unknown-value", path, Details(words, False, at, key, help=f"it gives {listed(names)}"))
                raise UnfitError
            return value, value.tensor[result]
        if dot:
            words = f"`{name}` gives one value, and {quote(written_name)} would be one of several"
            self.told.fault("unknown-value", path, Details(words, False, at, key, help=f"write `{name}`"))
            raise UnfitError
        return value, value.tensor


def listed(names: list[str]) -> str:
    """Return names as a message lists them."""
    return ", ".join(f"`{name}`" for name in names)


def by_name(names: list[str]) -> str:
    """Return the help that shows how values are read by name."""
    return f"such as `from: {{{', '.join(f'{name}: …' for name in names)}}}`"
