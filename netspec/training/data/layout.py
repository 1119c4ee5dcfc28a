"""Which columns of a table are inputs, which are targets, and which neither: by their names, else by their order."""

from collections.abc import Sequence
from itertools import islice, pairwise, product
from typing import Final, NamedTuple, Protocol

import numpy as np

from netspec.diagnostics.show import quote
from netspec.diagnostics.suggest import did_you_mean
from netspec.runtime.faults import DataFault, count
from netspec.runtime.ports import Port, result_name
from netspec.training.data.kinds import Shape, TargetKind, fixed_size, possible_kinds

_KEPT: Final = 4_096  # names in a model
_LONGEST: Final = 256  # characters of one
_SHOWN: Final = 5  # names of columns in a message
_COMBINATIONS: Final = 1_024  # of what several outputs may have, tried against the number of columns

Choice = tuple[TargetKind, Shape]


class Columns(NamedTuple):
    """What the columns of a table are called: those of all inputs, of all targets, and those that are not read."""

    inputs: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def kept(columns: Columns) -> Columns:
    """Return the names as far as a model keeps them: all, or none where they are many or long."""
    names = [name for part in columns for name in part]
    return columns if len(names) <= _KEPT and all(len(name) <= _LONGEST for name in names) else Columns()


class Naming(NamedTuple):
    """What is asked for by name: `columns`, each in order, or none of a kind; and what was read `before`, whose names a
    table with a header has to have, in whatever order.
    """

    columns: Columns = Columns()
    before: Columns = Columns()


class Layout(NamedTuple):
    """The columns of each input and of each target, from 0, in C order; what each target is; and all names."""

    inputs: list[list[int]]
    targets: list[list[int]]
    kinds: list[Choice]
    names: Columns = Columns()

    @property
    def read(self) -> set[int]:
        """The columns that are of inputs or targets."""
        return {column for columns in (*self.inputs, *self.targets) for column in columns}


class Heading(Protocol):
    """A table whose columns are being told apart."""

    file: str
    header: tuple[str, ...] | None
    width: int

    def refuse(self, headline: str, column: int = 0, advice: str = "") -> DataFault:
        """Return the fault, placed at the name of a column."""


def lay_out(
    table: Heading,
    inputs: Sequence[Port],
    outputs: Sequence[Port],
    wanted: Sequence[TargetKind | None],
    naming: Naming = Naming(),  # noqa: B008  a named tuple cannot be changed
) -> Layout:
    """Return which columns are what, as they are named: targets without names are the last, or have those of outputs.

    Raises DataFault `data-columns` where the columns do not suffice or are too many, `data-shape` for free sizes.
    """
    check_names(table)
    asked, header = naming.columns, table.header
    if header is not None and naming.before.inputs:
        _check_before(table, naming.before)
        asked = naming.before
    ignored = {_named(table, name) for name in asked.ignored if asked is not naming.before or name in _stripped(header)}
    chosen = _each(table, asked.inputs, "input")
    targets = _each(table, asked.targets, "target")
    both = next((column for column in chosen if column in targets), None)
    if both is not None:
        raise table.refuse(f"the column {_shown(table, both)} is an input and a target", both)
    lost = next((column for column in (*chosen, *targets) if column in ignored), None)
    if lost is not None:
        raise table.refuse(f"the column {_shown(table, lost)} is used and ignored", lost, "leave it out of --ignore")
    rest = [column for column in range(table.width) if column not in ignored and column not in chosen]
    if chosen and targets:
        rest = [column for column in rest if column in targets]
    kept = _Kept(table, [*chosen, *rest])
    if chosen and not targets and len(outputs) == 1:
        _check_targets(kept, len(chosen), wanted[0], outputs[0])
    found = _lay_out(kept, inputs, outputs, wanted, asked.targets, in_order=bool(chosen))
    layout = Layout(kept.whole(found.inputs), kept.whole(found.targets), found.kinds)
    if header is None:
        return layout
    names, read = _stripped(header), layout.read
    inputs_there, targets_there = (
        tuple([names[column] for columns in part for column in columns]) for part in (layout.inputs, layout.targets)
    )
    spare = tuple([name for column, name in enumerate(names) if column not in read])
    return layout._replace(names=Columns(inputs_there, targets_there, spare))


class _Kept:
    """A table of some of the columns of another, in an order of its own."""

    def __init__(self, table: Heading, columns: list[int]) -> None:
        self._table, self._columns = table, columns
        self.file, self.width = table.file, len(columns)
        self.header = None if table.header is None else tuple([table.header[column] for column in columns])

    def refuse(self, headline: str, column: int = 0, advice: str = "") -> DataFault:
        """Return the fault, placed at the name of a column."""
        return self._table.refuse(headline, self._columns[column] if self._columns else 0, advice)

    def whole(self, parts: list[list[int]]) -> list[list[int]]:
        """Return columns as the whole table counts them."""
        return [[self._columns[column] for column in columns] for columns in parts]


def _stripped(header: Sequence[str] | None) -> list[str]:
    return [text.strip() for text in header or ()]


def _shown(table: Heading, column: int) -> str:
    return quote(_stripped(table.header)[column])


def _each(table: Heading, names: Sequence[str], what: str) -> list[int]:
    """Return the columns with names, in order. Raises DataFault for one that is not there, or named twice."""
    columns = [_named(table, name) for name in names]
    for at, column in enumerate(columns):
        if column in columns[:at]:
            raise table.refuse(f"the {what} {quote(names[at])} is named twice", column)
    return columns


def _check_before(table: Heading, before: Columns) -> None:
    """Refuse a header with other names than the table had that was read before."""
    names = _stripped(table.header)
    strays = [name for name in names if not any(name in part for part in before)]
    for name in (*before.inputs, *before.targets):
        if name not in names:
            headline = f"there is no column {quote(name)}, which the training data have"
            raise table.refuse(headline, 0, did_you_mean(name, strays) or "name the columns as there")
    if strays:
        headline = f"the training data have no column {quote(strays[0])}"
        raise table.refuse(headline, names.index(strays[0]), "leave it out")


def _check_targets(table: Heading, inputs: int, wanted: TargetKind | None, port: Port) -> None:
    """Refuse a choice of inputs that leaves more columns than are likely to be targets."""
    likely = fixed_size(possible_kinds(wanted, port)[0][1])
    rest = [quote(name) for name in _stripped(table.header)[inputs:]]
    if len(rest) > (likely or 1):
        shown = ", ".join(rest[:_SHOWN]) + (", ..." if len(rest) > _SHOWN else "")
        raise table.refuse(f"which of {shown} are targets?", inputs, "name them with `--target NAME,…`")


def _lay_out(
    table: Heading,
    inputs: Sequence[Port],
    outputs: Sequence[Port],
    wanted: Sequence[TargetKind | None],
    named: Sequence[str],
    *,
    in_order: bool,
) -> Layout:
    """Return which columns are what, of those that are kept; `in_order` the inputs come first, as they were named."""
    sizes = [_size(port, table.file) for port in inputs]
    choices = [
        [(kind, shape) for kind, shape in possible_kinds(want, port) if _size(port._replace(shape=shape), table.file)]
        for want, port in zip(wanted, outputs, strict=True)
    ]
    if named:
        targets = [_named(table, name) for name in named]
    elif table.header is not None and len(outputs) > 1:
        return _by_names(table, inputs, sizes, outputs, choices, in_order=in_order)
    else:
        targets = []
    if table.header is not None and len(inputs) > 1 and not in_order:
        found = _inputs_by_names(table, inputs, sizes)
        taken = {column for columns in found for column in columns}
        rest = [column for column in range(table.width) if column not in taken]
        if not named:
            targets = rest
        elif stray := [column for column in rest if column not in targets]:
            raise _stray(table, stray[0])
    else:
        rest = [column for column in range(table.width) if column not in set(targets)]
        wide = sum(sizes)
        if not named:
            targets, rest = rest[wide:], rest[:wide]
        if len(rest) != wide or not targets:
            raise _count_fault(table, wide, choices, len(targets) if named else None)
        found = _cut(rest, sizes)
    chosen = _fitting(choices, len(targets))
    if chosen is None:
        raise _count_fault(table, sum(sizes), choices, len(targets) if named else None)
    parts: list[list[int]] = []
    for _, shape in chosen:
        size = fixed_size(shape) or 1
        parts.append(targets[:size])
        targets = targets[size:]
    return Layout(found, parts, chosen)


def _cut(columns: list[int], sizes: list[int]) -> list[list[int]]:
    """Return the columns of each input, one behind the other."""
    return [columns[start:end] for start, end in pairwise(np.cumsum([0, *sizes]).tolist())]


def check_names(table: Heading) -> None:
    """Refuse a header with a name twice, or none."""
    seen: dict[str, int] = {}
    for column, text in enumerate(table.header or ()):
        name = text.strip()
        if not name:
            advice = "name it, or leave the column out where it only counts the rows"
            raise table.refuse(f"column {column + 1:,} has no name", column, advice)
        if name in seen:
            raise table.refuse(f"columns {seen[name] + 1:,} and {column + 1:,} are both called {quote(name)}", column)
        seen[name] = column


def _size(port: Port, file: str) -> int:
    """Return how many columns a port takes. Raises DataFault for one with a free size."""
    size = fixed_size(port.shape)
    if size is None:
        headline = f"{port.label} has the shape {port.expected}, and columns cannot tell its free sizes"
        raise DataFault("data-shape", headline, file, advice="give it as .npz")
    return size


def _named(table: Heading, name: str) -> int:
    """Return the column with a name."""
    if table.header is None:
        raise table.refuse(
            f"there is no header that names {quote(name)}", 0, "give the columns names in the first line"
        )
    names = [text.strip() for text in table.header]
    if name.strip() not in names:
        raise table.refuse(f"there is no column {quote(name)}", 0, did_you_mean(name, names))
    return names.index(name.strip())


def _inputs_by_names(table: Heading, inputs: Sequence[Port], sizes: list[int]) -> list[list[int]]:
    """Return the columns of several inputs: `a_1`, `a_2`, …, or `a` alone."""
    names = {text.strip(): column for column, text in enumerate(table.header or ())}
    found: list[list[int]] = []
    for port, size in zip(inputs, sizes, strict=True):
        columns = _columns_of(port, port.shape, size, names)
        if isinstance(columns, str):
            advice = f"the columns of {port.label} are called {_called(port, size)}"
            raise table.refuse(f"there is no column {quote(columns)}", 0, advice)
        found.append(columns)
    return found


def _columns_of(port: Port, shape: Shape, size: int, names: dict[str, int]) -> list[int] | str:
    """Return the columns that a port's numbers are called by, or the first name that is missing."""
    stem = result_name(port._replace(shape=(1,)), (0,))
    if size == 1 and stem in names:
        return [names[stem]]
    plain = [f"{stem}_{number}" for number in range(1, min(size, len(names) + 1) + 1)]
    if all(name in names for name in plain):
        return [names[name] for name in plain]
    if len(shape) > 1 and size <= len(names):
        spread = ["_".join([stem, *(str(place + 1) for place in at)]) for at in np.ndindex(*map(int, shape))]
        if all(name in names for name in spread):
            return [names[name] for name in spread]
    return next(name for name in plain if name not in names) if size > 1 else stem


def _by_names(
    table: Heading,
    inputs: Sequence[Port],
    sizes: list[int],
    outputs: Sequence[Port],
    choices: list[list[Choice]],
    *,
    in_order: bool,
) -> Layout:
    """Return the layout where several outputs have columns of their names; what is left are the inputs."""
    names = {text.strip(): column for column, text in enumerate(table.header or ())}
    targets: list[list[int]] = []
    kinds: list[Choice] = []
    for port, options in zip(outputs, choices, strict=True):
        missing = ""
        for kind, shape in reversed(options):  # the most columns first: `b_1` may be one of three
            columns = _columns_of(port, shape, fixed_size(shape) or 1, names)
            if not isinstance(columns, str):
                targets.append(columns)
                kinds.append((kind, shape))
                break
            missing = columns
        else:
            advice = did_you_mean(missing, names) or "name the columns of the targets with --target"
            raise table.refuse(f"there is no column {quote(missing)} for the output {port.label}", 0, advice)
    taken = {column for columns in targets for column in columns}
    if len(inputs) > 1 and not in_order:
        found = _inputs_by_names(table, inputs, sizes)
        taken |= {column for columns in found for column in columns}
        stray = [column for column in range(table.width) if column not in taken]
        if stray:
            raise _stray(table, stray[0])
        return Layout(found, targets, kinds)
    rest = [column for column in range(table.width) if column not in taken]
    if len(rest) != sum(sizes):
        raise _count_fault(table, sum(sizes), choices, len(taken))
    return Layout(_cut(rest, sizes), targets, kinds)


def _called(port: Port, size: int) -> str:
    """Return the names of a port's columns, in words."""
    return f"`{port.name}`" if size == 1 else f"`{port.name}_1` to `{port.name}_{size}`"


def _fitting(choices: list[list[Choice]], columns: int) -> list[Choice] | None:
    """Return what the targets are so that they fill the columns, the likeliest first."""
    for chosen in islice(product(*choices), _COMBINATIONS):
        if sum(fixed_size(shape) or 1 for _, shape in chosen) == columns:
            return list(chosen)
    return None


def _stray(table: Heading, column: int) -> DataFault:
    name = quote(table.header[column].strip()) if table.header else f"{column + 1:,}"
    return table.refuse(f"the column {name} is neither of an input nor of a target", column, "leave it out")


def _count_fault(table: Heading, wide: int, choices: list[list[Choice]], named: int | None) -> DataFault:
    """Return the fault of a table with too few columns or too many."""
    sums = {sum(fixed_size(shape) or 1 for _, shape in chosen) for chosen in islice(product(*choices), _COMBINATIONS)}
    ways = " or ".join(f"{number:,}" for number in sorted(sums))
    inputs = f"{count(wide, 'column')} of inputs"
    if named is not None and named not in sums:
        return table.refuse(f"expected {ways} {'columns' if sums != {1} else 'column'} of targets, got {named:,}")
    if named is not None:
        rest = table.width - named
        return table.refuse(f"expected {inputs} beside the targets, got {rest:,}", 0, "leave out other columns")
    headline = f"expected {inputs} and {ways} of targets, got {count(table.width, 'column')}"
    return table.refuse(
        headline, 0, "name the targets with --target, and leave out other columns" if table.header else ""
    )
