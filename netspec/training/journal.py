"""The journal of a training: JSON lines, the recipe and facts first, then one line an epoch, last the outcome.

Each line is written at once and whole, so that a training that is killed leaves lines that can be read. One that goes
on from a checkpoint writes the journal anew up to there, so that no epoch stands in it twice.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Final

from netspec.files.writing import Appending, atomic_write
from netspec.spec.recipe import Recipe
from netspec.training.plain import plain
from netspec.training.progress import Epoch
from netspec.version import __version__

FORMAT: Final = "netspec-training-1"


class Journal:
    """A journal at `path`; `facts` are what its first line says beside the recipe, such as data and fingerprint.

    Files in `protect` are never replaced by it.
    """

    def __init__(self, path: str, facts: Mapping[str, object], protect: Sequence[str] = ()) -> None:
        self._path, self._facts, self._protect = path, dict(facts), tuple(protect)
        self._file: Appending | None = None

    def begin(self, recipe: Recipe, history: Iterable[Epoch]) -> None:
        """Write the first line, and those of the epochs that are done. Raises SystemFault as `atomic_write`."""
        first = {"journal": FORMAT, "netspec": __version__, **self._facts, "recipe": plain(recipe)}
        with atomic_write(self._path, protect=self._protect) as stream:
            stream.write(_line(first))
            for epoch in history:
                stream.write(_line(epoch_line(epoch)))
        self._file = Appending(self._path)

    def epoch(self, epoch: Epoch) -> None:
        """Write an epoch's line."""
        self._write(epoch_line(epoch))

    def end(self, outcome: Mapping[str, object]) -> None:
        """Write the last line, and close the journal."""
        self._write(outcome)
        self.close()

    def close(self) -> None:
        """Close the journal as it is."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, said: Mapping[str, object]) -> None:
        if self._file is None:
            raise ValueError("the journal has not begun, or has ended")
        self._file.write(_line(said))


def epoch_line(epoch: Epoch) -> dict[str, object]:
    """Return what a journal says of an epoch; what there is not is left out."""
    return {key: value for key, value in epoch._asdict().items() if value is not None and value != {}}


def _line(said: Mapping[str, object]) -> bytes:
    """Return a line of strict JSON; a number that is not finite is null."""
    text = json.dumps(finite(said), ensure_ascii=False, allow_nan=False, separators=(", ", ": "))
    return text.encode("utf-8", "backslashreplace") + b"\n"


def finite(value: object) -> object:
    """Return plain data with None for each number that is not finite, which JSON has not."""
    if isinstance(value, Mapping):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value
