"""What enters and leaves a program: names, shapes and dtypes, as a built model tells them without loading NumPy."""

from typing import NamedTuple


class Port(NamedTuple):
    """One input or output. `shape` is that of one example; a free size is the text of it, such as `T` or `2*T`.

    The only input of a network is called `in` and the only output `out` where a spec names neither: no layer is.
    `dtype` is float32, float64 or int64.
    """

    name: str
    shape: tuple[int | str, ...]
    dtype: str

    @property
    def is_named(self) -> bool:
        """Whether a spec gives it a name of its own."""
        return self.name not in ("in", "out")

    @property
    def label(self) -> str:
        """What messages call it: x or y where it has no name."""
        return f"`{self.name}`" if self.is_named else "x" if self.name == "in" else "y"

    @property
    def expected(self) -> str:
        """The shape of a batch, as a message says it."""
        return f"({', '.join(['batch', *map(str, self.shape)])})"

    @property
    def example(self) -> str:
        """The shape of one example, as a message says it."""
        return f"({', '.join(map(str, self.shape))}{',' * (len(self.shape) == 1)})"

    @property
    def size(self) -> int | None:
        """How many numbers an example has; None where a size is free."""
        count = 1
        for size in self.shape:
            if isinstance(size, str):
                return None
            count *= size
        return count


def port_of(item: object) -> Port:
    """Return the port that a JSON value or a constant of an emitted program describes; ValueError for another."""
    if isinstance(item, (list, tuple)) and len(item) == 3:
        name, shape, dtype = item
        known = isinstance(shape, (list, tuple)) and all(type(size) in (int, str) for size in shape)
        if type(name) is type(dtype) is str and known:
            return Port(name, tuple(shape), dtype)
    raise ValueError("it describes no input and no output")


def result_name(port: Port, at: tuple[int, ...]) -> str:
    """Return what a number of an output is called: `y_1_4`, its places counted from 1; `y` where it is alone."""
    stem = port.name if port.is_named else "y"
    return stem if port.size == 1 and len(at) == 1 else "_".join([stem, *(str(index + 1) for index in at)])
