"""What every form of data agrees on: blocks of rows, and how a fault names a number of them."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from netspec.runtime.faults import DataFault
from netspec.training.data.columns import Array
from netspec.training.data.kinds import TargetKind
from netspec.training.data.layout import Columns
from netspec.training.data.words import Words


class Target(NamedTuple):
    """What stands for an output: its kind, and the shape it has in the data, which is longer by an axis where classes
    are rows of probabilities. `words` number its labels, where they are words; what is `open` is told by its
    values, when all have been seen.
    """

    kind: TargetKind
    shape: tuple[int, ...]
    words: Words | None = None
    open: bool = False

    @property
    def is_spread(self) -> bool:
        """Whether a class is a row of probabilities."""
        return self.kind.kind == "classes" and len(self.shape) > len(self.kind.shape)


class Source(ABC):
    """Data that are being read: arrays of `inputs`, by the shapes of an example, and `targets`. `columns` are named
    where they are those of a table with a header; arrays of a file that are not read are `ignored` ones.

    Where it is not `typed`, as text is not, blocks do not tell integers from other numbers.
    """

    typed: bool = True
    file: str
    inputs: Sequence[tuple[int, ...]]
    targets: Sequence[Target]
    columns: Columns = Columns()

    @abstractmethod
    def blocks(self) -> Iterator[list[Array]]:
        """Give an array (n, numbers) for each input and then each target, block after block. Raises DataFault."""

    @abstractmethod
    def fault(self, code: str, clause: str, array: int, row: int, number: int | None, advice: str = "") -> DataFault:
        """Return the fault of a number, or of a whole row, of the block given last, all from 0.

        The clause follows what the number is called: "is -1, …".
        """
