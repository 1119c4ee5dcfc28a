"""The flow of a network: its operations one by one, all repeats unrolled, as the passes of the compiler rewrite it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from netspec.compiler.extent import check_extent
from netspec.graph.walk import outputs_of, visits
from netspec.operations import Elementwise, Graph, Path, Shape


class Stored(NamedTuple):
    """A tensor as the spec names it."""

    name: str
    shape: tuple[int, ...]


class Made(NamedTuple):
    """A tensor that a kernel makes of others, once, before the first step: Ω of a batch norm folded into it, say."""

    kernel: str
    arguments: tuple[Any, ...]
    shape: tuple[int, ...] = ()


Tensor = Stored | Made


@dataclass(slots=True)
class Task:
    """result = functions[operation(operands)]. `tensors` are the operation's own by their roles, `place` is the name of
    its layer, `origin` the part of the spec that it stands in and the path there; `onto` is a value that is added
    before the functions; `last` says that channels are behind positions.
    """

    operation: Any
    operands: tuple[int, ...]
    result: int
    shape: Shape
    tensors: dict[str, Tensor]
    place: str
    functions: tuple[Elementwise, ...] = ()
    onto: int | None = None
    last: bool = False
    origin: tuple[object, Path] = (None, ())

    @property
    def reads(self) -> tuple[int, ...]:
        """Every value that it reads."""
        return self.operands if self.onto is None else (*self.operands, self.onto)

    def reading(self, old: int, new: int) -> None:
        """Read one value in place of another."""
        self.operands = tuple([new if value == old else value for value in self.operands])
        self.onto = new if self.onto == old else self.onto


@dataclass(slots=True)
class Flow:
    """`tasks` in order; `shapes` of all values, the network's inputs first; `left` are the values that leave."""

    graph: Graph
    tasks: list[Task]
    shapes: dict[int, Shape]
    left: list[int]
    exact: bool = False

    def makers(self) -> dict[int, Task]:
        """Return the task that gives each value."""
        return {task.result: task for task in self.tasks}

    def readers(self) -> dict[int, list[Task]]:
        """Return the tasks that read each value, each once."""
        found: dict[int, list[Task]] = {}
        for task in self.tasks:
            for value in dict.fromkeys(task.reads):
                found.setdefault(value, []).append(task)
        return found

    def only_reader(self, value: int, readers: dict[int, list[Task]]) -> Task | None:
        """Return the one task that reads a value, once, where nobody else needs it."""
        found = readers.get(value, [])
        if len(found) != 1 or value in self.left or found[0].reads.count(value) != 1:
            return None
        return found[0]

    def value(self, shape: Shape) -> int:
        """Return a new value."""
        number = max(self.shapes, default=-1) + 1
        self.shapes[number] = shape
        return number

    def without(self, gone: Iterable[Task]) -> None:
        """Take tasks out."""
        names = {id(task) for task in gone}
        self.tasks = [task for task in self.tasks if id(task) not in names]


def make_flow(graph: Graph, *, exact: bool = False) -> Flow:
    """Return the flow of a graph. Raises SystemFault `too-many-tensors` where it is too long."""
    check_extent(graph, loops=False)
    shapes: dict[int, Shape] = dict(enumerate(graph.inputs))
    tasks = list(_tasks(graph, shapes))
    return Flow(graph, tasks, shapes, list(outputs_of(graph)), exact)


def _tasks(graph: Graph, shapes: dict[int, Shape]) -> Iterator[Task]:
    for visit in visits(graph):
        (result,) = visit.results
        shapes[result] = visit.graph.shapes[visit.graph.result(visit.position)]
        tensors: dict[str, Tensor] = {each.role: Stored(name, each.shape) for name, each in visit.tensors}
        origin = (visit.graph.part, visit.graph.paths[visit.position])
        yield Task(visit.operation, visit.operands, result, shapes[result], tensors, visit.place, origin=origin)
