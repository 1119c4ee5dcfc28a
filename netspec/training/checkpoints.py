"""Checkpoints: all that a training goes on from, in one safetensors file that is written atomically.

The tensors lie under their names; before a `/`, which no name has, stands what else is kept of one: `best/` for the
best epoch, the name of a moment for the optimizer. `history/values` has a row of float64 for each epoch, and
`history/seconds` their times, the running epoch's last: the only thing in a checkpoint that a clock has a part in. All
else is the same bytes for the same training.
"""

import json
import os
from collections.abc import Mapping
from math import isfinite
from typing import Any, BinaryIO, Final, NamedTuple, NoReturn

import numpy as np

from netspec.diagnostics import FileFault, SystemFault, quote, show
from netspec.files.folder import open_named, why
from netspec.files.parameters import label, write_parameters
from netspec.files.safetensors import TensorEntry, read_header
from netspec.files.writing import atomic_write
from netspec.spec.recipe import Recipe
from netspec.training.batches import steps_of
from netspec.training.metrics import Measure
from netspec.training.optimizers import Descent, descent
from netspec.training.plain import differences, plain
from netspec.training.program import Flat, TrainingProgram
from netspec.training.progress import Epoch, Judge, Kept, Progress
from netspec.version import __version__

FORMAT: Final = "netspec-checkpoint-1"
_BEST: Final = "best/"
_VALUES: Final = "history/values"
_SECONDS: Final = "history/seconds"
_CODES: Final = {"F32": "<f4", "F64": "<f8"}
_SHOWN: Final = 3  # keys of a recipe that are named where they differ
_MOST: Final = 2**53  # of a count, which no training reaches

# Of the progress in the metadata: counts, numbers, and numbers that may be missing.
_COUNTS: Final = ("epoch", "step", "taken", "rows", "best_epoch", "mark_epoch")
_NUMBERS: Final = ("loss", "norm")
_MAYBE: Final = ("first_loss", "best", "mark")


class Identity(NamedTuple):
    """What a checkpoint belongs to: the network by its fingerprint, the data by their rows and a digest."""

    fingerprint: str
    rows: int
    validation_rows: int
    digest: str


class Checkpoints(NamedTuple):
    """Where checkpoints are written and how often beside the end of each epoch; `protect` is never written over."""

    path: str
    identity: Identity
    every_seconds: float | None = None
    every_steps: int | None = None
    protect: tuple[str, ...] = ()


class Checkpoint(NamedTuple):
    """A checkpoint as read, each value held against the training that it is for."""

    at: Progress
    parameters: Flat
    state: dict[str, Flat]
    moments: dict[str, Flat]
    best: Kept


class Columns(NamedTuple):
    """The numbers that a history has of each epoch, in order."""

    validated: bool
    clipped: bool
    metrics: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        more = ("validation_loss",) * self.validated + ("gradient_norm",) * self.clipped
        return ("loss", "learning_rate", *more, *self.metrics)

    def row(self, epoch: Epoch) -> list[float]:
        """Return an epoch's numbers."""
        more = [value for value in (epoch.validation_loss, epoch.gradient_norm) if value is not None]
        return [epoch.loss, epoch.learning_rate, *more, *epoch.metrics.values()]

    def epoch(self, number: int, row: list[float], seconds: float) -> Epoch:
        """Return the epoch of a row."""
        rest = iter(row)
        loss, rate = next(rest), next(rest)
        validation = next(rest) if self.validated else None
        norm = next(rest) if self.clipped else None
        return Epoch(number, loss, rate, validation, dict(zip(self.metrics, rest, strict=True)), norm, seconds)


def columns(recipe: Recipe, measures: tuple[Measure, ...], validated: bool) -> Columns:
    """Return what the history of a training has: metrics are those of a validation part."""
    metrics = tuple(measure.name for measure in measures) if validated else ()
    return Columns(validated, recipe.clip is not None, metrics)


def write_checkpoint(
    to: Checkpoints, program: TrainingProgram, recipe: Recipe, walk: Descent, at: Progress, best: Kept, held: Columns
) -> None:
    """Write a checkpoint over the one before. Raises SystemFault as `atomic_write`."""
    arrays: dict[str, Flat] = {**program.views(program.parameters), **program.state}
    for name, array in {**program.views(best.parameters), **best.state}.items():
        arrays[_BEST + name] = array
    for moment, flat in walk.moments.items():
        for name, array in program.views(flat).items():
            arrays[f"{moment}/{name}"] = array
    values = np.array([held.row(epoch) for epoch in at.history], np.float64)
    arrays[_VALUES] = values.reshape(len(at.history), len(held.names))
    arrays[_SECONDS] = np.array([*(epoch.seconds for epoch in at.history), at.seconds], np.float64)
    said = {
        "format": FORMAT,
        "netspec": __version__,
        "recipe": json.dumps(plain(recipe), allow_nan=False),
        "identity": json.dumps(to.identity._asdict()),
        "columns": json.dumps(held.names),
        "progress": json.dumps(_numbers(at), allow_nan=False),
    }
    with atomic_write(to.path, protect=to.protect, size=sum(array.nbytes for array in arrays.values())) as stream:
        write_parameters(stream, arrays, said)


def _numbers(at: Progress) -> dict[str, object]:
    """Return the progress but for history and time."""
    return {
        "epoch": at.epoch,
        "step": at.step,
        "taken": at.taken,
        "rows": at.rows,
        "best_epoch": at.best_epoch,
        "mark_epoch": at.mark_epoch,
        "loss": at.loss,
        "norm": at.norm,
        "first_loss": at.first_loss,
        "best": at.best,
        "mark": at.mark,
    }


def read_checkpoint(
    path: str,
    program: TrainingProgram,
    recipe: Recipe,
    identity: Identity,
    measures: tuple[Measure, ...] = (),
    fewest: int = 1,
) -> Checkpoint:
    """Return the checkpoint at `path` for a training of this program with this recipe on these data.

    Its recipe is this one, but for `epochs`, which may have grown where no schedule goes by them; no step is of less
    than `fewest` rows. Raises FileFault `parameters-unreadable` for what no training wrote, FileFault
    `checkpoint-differs` for a checkpoint of another network, recipe or data, and SystemFault where the system fails.
    """
    try:
        with open_named(path) as stream:
            return _Reading(stream, program, recipe, identity, measures, fewest).run()
    except OSError as error:
        raise SystemFault("read-failed", f"reading {quote(path)} failed: {why(error)}") from error


class _Reading:
    """One file on its way to a checkpoint."""

    def __init__(
        self,
        stream: BinaryIO,
        program: TrainingProgram,
        recipe: Recipe,
        identity: Identity,
        measures: tuple[Measure, ...],
        fewest: int,
    ) -> None:
        self._stream, self._program, self._recipe, self._identity = stream, program, recipe, identity
        self._measures, self._fewest = measures, fewest
        self._held = columns(recipe, measures, identity.validation_rows > 0)

    def run(self) -> Checkpoint:
        """Return what the file holds, each name, shape and number checked before it is used."""
        program = self._program
        parameters, best = np.zeros_like(program.parameters), Kept(program)
        state = {name: np.zeros_like(array) for name, array in program.state.items()}
        walk = descent(self._recipe, parameters, np.zeros_like(parameters))
        targets: dict[str, Flat] = {**program.views(parameters), **state}
        targets |= {_BEST + name: array for name, array in {**program.views(best.parameters), **best.state}.items()}
        for moment, flat in walk.moments.items():
            targets |= {f"{moment}/{name}": array for name, array in program.views(flat).items()}

        size = self._stream.seek(0, os.SEEK_END)
        file = read_header(self._stream, size, len(targets) + 2)
        if file.metadata.get("format") != FORMAT:
            _refuse("it is no checkpoint of a training")
        self._compare(file.metadata)
        at = self._progress(file.metadata)
        shapes = {_VALUES: (at.epoch, len(self._held.names)), _SECONDS: (at.epoch + 1,)}
        for name, shape in shapes.items():  # before there is room for what the progress merely says
            if name in file.entries:
                _check_shape(file.entries[name], shape)
            else:
                _refuse(f"{label(name)} is missing")
        rows, seconds = (np.zeros(shape) for shape in shapes.values())
        targets |= {_VALUES: rows, _SECONDS: seconds}
        for name in sorted(targets.keys() - file.entries.keys())[:1]:
            _refuse(f"{label(name)} is missing")
        for name in sorted(file.entries.keys() - targets.keys())[:1]:
            _refuse(f"{quote(label(name))} is no tensor of this training")
        for entry in file.entries.values():
            self._read(entry, targets[entry.name])
        if not (np.isfinite(parameters).all() and np.isfinite(best.parameters).all()):
            _refuse("it has a parameter that is not finite")
        for moment, array in walk.moments.items():
            # A square may have overflowed, which stops what it divides; any other moment would have spoilt parameters.
            right = array >= 0 if moment == "second_moment" else np.isfinite(array)
            if not right.all():
                _refuse(f"its {quote(moment)} has a number that no training gives")
        if not (np.isfinite(rows).all() and np.isfinite(seconds).all() and seconds.min() >= 0):
            _refuse("it has a history with a number that is not finite")
        times = seconds.tolist()
        at.seconds = times.pop()
        at.history = [
            self._held.epoch(number, row, time)
            for number, (row, time) in enumerate(zip(rows.tolist(), times, strict=True), 1)
        ]
        self._check_best(at)
        return Checkpoint(at, parameters, state, walk.moments, best)

    def _check_best(self, at: Progress) -> None:
        """Refuse what the history does not say of the best epoch, and of the one that an early stopping waits since."""
        judge, again = Judge(self._recipe, self._measures, self._held.validated), Progress()
        for epoch in at.history:
            again.history = [epoch]
            again.epoch = epoch.epoch
            judge.note(again)
        if any(said != found for said, found in zip(_judged(at), _judged(again), strict=True)):
            _refuse("its progress contradicts its history")

    def _read(self, entry: TensorEntry, target: Flat) -> None:
        """Read one tensor into its place."""
        code = _CODES.get(entry.dtype)
        _check_shape(entry, target.shape)
        if code is None or np.dtype(code) != target.dtype.newbyteorder("<"):
            _refuse(f"{label(entry.name)} is {entry.dtype}, expected {target.dtype.name}")
        self._stream.seek(entry.offset)
        data = self._stream.read(entry.size)
        if len(data) < entry.size:
            _refuse("it changed while it was read")
        target[...] = np.frombuffer(data, code).reshape(entry.shape)

    def _compare(self, said: Mapping[str, str]) -> None:
        """Refuse a checkpoint of another network, other data or another recipe."""
        stored, now = _object(said, "identity"), self._identity._asdict()
        for key, what in (
            ("fingerprint", "another network"),
            ("rows", "other data"),
            ("validation_rows", "another validation part"),
            ("digest", "other data"),
        ):
            if stored.get(key) != now[key]:
                more = f", with {show(stored.get(key))} rows instead of {now[key]}" if key.endswith("rows") else ""
                _differs(
                    f"it was written by a training on {what}{more}" if key != "fingerprint" else f"it is of {what}"
                )
        before, after = {**plain(Recipe()), **_object(said, "recipe")}, plain(self._recipe)
        epochs = before.pop("epochs", None)
        after.pop("epochs")
        changed = [
            f"{quote(key)} was {_value(one)}, is {_value(other)}" for key, one, other in differences(before, after)
        ]
        if changed:
            more = f", and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
            _differs(f"it was written with another recipe: {'; '.join(changed[:_SHOWN])}{more}")
        if type(epochs) is not int or not 0 <= epochs <= self._recipe.epochs:
            _differs(
                f"it was written with epochs {_value(epochs)}, which can only grow, not become {self._recipe.epochs}"
            )
        if epochs != self._recipe.epochs and self._recipe.schedule.kind == "cosine":
            # Half of the old curve and half of the new one are the training of neither.
            _differs(
                f"its learning rates follow `cosine` over epochs {epochs}, which therefore cannot become "
                f"{self._recipe.epochs}"
            )
        if _json(said, "columns") != list(self._held.names):
            _differs("it was written with other metrics")

    def _progress(self, said: Mapping[str, str]) -> Progress:
        """Return the numbers of the progress, held against one another."""
        stored = _object(said, "progress")
        counts: dict[str, int] = {}
        numbers: dict[str, Any] = {}
        for name in _COUNTS:
            value = stored.pop(name, None)
            if type(value) is not int or not 0 <= value <= _MOST:
                _refuse(f"its progress has no count {quote(name)}")
            counts[name] = value
        for name in (*_NUMBERS, *_MAYBE):
            value = stored.pop(name, None)
            missing = value is None and name in _MAYBE
            if not missing and (type(value) is not float or not isfinite(value)):
                _refuse(f"its progress has no number {quote(name)}")
            numbers[name] = value
        if stored:
            _refuse(f"its progress has the unknown {quote(next(iter(stored)))}")
        batch = self._recipe.batch
        rows = self._identity.rows
        size = rows if batch is None else min(batch, rows)
        steps = steps_of(rows, size, self._fewest)
        done = counts["epoch"]
        right = (
            done <= self._recipe.epochs
            and counts["step"] <= steps
            and counts["taken"] == done * steps + counts["step"]
            and counts["rows"] == (rows if counts["step"] == steps else counts["step"] * size)
            and counts["best_epoch"] <= done
            and counts["mark_epoch"] <= done
            and (numbers["first_loss"] is None) == (counts["taken"] == 0)
        )
        if not right:
            _refuse("its progress contradicts itself")
        every: dict[str, Any] = {**counts, **numbers}
        return Progress(**every)


def _judged(at: Progress) -> tuple[float | None, ...]:
    """Return what a judge of the epochs knows."""
    return at.best, at.best_epoch, at.mark, at.mark_epoch


def _check_shape(entry: TensorEntry, shape: tuple[int, ...]) -> None:
    """Refuse a tensor of another shape."""
    if entry.shape != shape:
        _refuse(f"{label(entry.name)} has shape {show(str(entry.shape))}, expected {shape}")


def _object(said: Mapping[str, str], key: str) -> dict[str, object]:
    """Return an object out of the metadata."""
    found = _json(said, key)
    if not isinstance(found, dict):
        _refuse(f"its metadata has no object {quote(key)}")
    return found


def _json(said: Mapping[str, str], key: str) -> object:
    """Return what a text of the metadata, which is bounded, says in strict JSON."""
    try:
        return json.loads(said.get(key, ""), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        _refuse(f"its metadata has no JSON under {quote(key)}")


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


def _value(value: object) -> str:
    """Return a recipe's value as JSON has it, cut short."""
    return show(json.dumps(value, ensure_ascii=False))


def _refuse(reason: str) -> NoReturn:
    raise FileFault("parameters-unreadable", reason)


def _differs(reason: str) -> NoReturn:
    raise FileFault("checkpoint-differs", reason, "leave the checkpoint out, and the training begins anew")
