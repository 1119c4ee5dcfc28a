"""The model: a network with parameters, called like a function of arrays."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from netspec.compiler import program_text
from netspec.graph import Facts
from netspec.graph.facts import ITEM_BYTES
from netspec.model.memory import check_memory
from netspec.model.tensors import Held, Source
from netspec.operations import Graph, Shape, written
from netspec.runtime.column_names import ColumnNames
from netspec.runtime.facts import known_columns
from netspec.runtime.ports import Port
from netspec.sizes import Polynomial
from netspec.spec import Dtype, Part

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from netspec.compiler.explain import Explanation
    from netspec.gradients.program import GradientProgram
    from netspec.model.gradient import Given, Gradient, LossGiven
    from netspec.runtime.graph_program import GraphProgram
    from netspec.runtime.program import Program


def stored_bytes(facts: Facts, dtype: Dtype) -> int:
    """Return the bytes of all tensors, state included."""
    return (facts.parameters + facts.state) * ITEM_BYTES[dtype]


def mapping(facts: Facts) -> str:
    """Return what a network maps to what: `2 -> 1`, `[1, 28, 28] -> 10`, `a [T], b 3 -> y 2`."""
    named = [
        ", ".join(
            written(shape) if name in ("in", "out") else f"{name} {written(shape)}" for name, shape in shapes.items()
        )
        for shapes in (facts.inputs, facts.outputs)
    ]
    return " -> ".join(named)


def written_to(out: "NDArray[Any]", y: "NDArray[Any] | dict[str, NDArray[Any]]") -> "NDArray[Any]":
    """Return `out`, into which y is written. Raises ValueError where it does not fit, TypeError for outputs by name."""
    if isinstance(y, dict):
        raise TypeError("`out` is for a network with one output that has no name")
    if getattr(out, "shape", None) != y.shape or out.dtype != y.dtype or not out.flags.writeable:
        found = f"{out.dtype} {out.shape}" if hasattr(out, "shape") else type(out).__name__
        raise ValueError(f"out is {found}; expected a writeable {y.dtype} array of shape {y.shape}")
    out[...] = y
    return out


class Model:
    """y = f[x] for one choice of parameters. `model(x)` computes; `model.parameters` are its arrays by name.

    With several inputs `model(a, b)` takes them in their order and `model(a=…, b=…)` by name. One output that has no
    name comes back as an array; outputs with names as a dictionary of arrays, in their order.

    `labels` are what the classes of an output are called, by its name, where a training has learned them from words;
    `training` is how it was trained, as plain data: the recipe, the epochs, what was reached.

    A tensor is drawn when it is first asked for; saving streams it, so that a model larger than memory can be built.
    """

    def __init__(
        self,
        part: Part,
        graph: Graph,
        dtype: Dtype,
        sources: Mapping[str, Source],
        seed: int | None,
        max_memory: int | None = None,
        *,
        exact: bool = False,
        choices: Mapping[str, str | int] | None = None,
        labels: Mapping[str, tuple[str, ...]] | None = None,
        training: Mapping[str, object] | None = None,
    ) -> None:
        self.part, self.graph, self.dtype, self.seed, self.exact = part, graph, dtype, seed, exact
        self.sources = sources
        self.choices = dict(choices or {})
        self.facts = Facts(graph, dtype)
        self.labels, self.training = dict(labels or {}), dict(training or {})
        self._gradient_programs: dict[object, GradientProgram] = {}
        self._max_memory = max_memory

    @property
    def name(self) -> str:
        """The network's name."""
        return self.part.name

    @property
    def inputs(self) -> tuple[Port, ...]:
        """What it takes, in order: names, shapes of one example (a free size as text) and dtypes."""
        return self._ports(self.facts.inputs, range(len(self.graph.inputs)))

    @property
    def outputs(self) -> tuple[Port, ...]:
        """What it gives, in order."""
        return self._ports(self.facts.outputs, self.graph.outputs)

    @property
    def columns(self) -> ColumnNames:
        """What the columns of its inputs, and those beside them, were called in the table that it was trained on."""
        return known_columns(self.training.get("columns", {}), self.inputs)

    def _ports(self, shapes: Mapping[str, Shape], tensors: Sequence[int]) -> tuple[Port, ...]:
        """Return ports by their names and shapes; `tensors` say which are integers."""
        integers = self.graph.integers
        return tuple(
            [
                Port(
                    name,
                    tuple([str(size) if isinstance(size, Polynomial) else size for size in shape]),
                    "int64" if tensor in integers else self.dtype,
                )
                for (name, shape), tensor in zip(shapes.items(), tensors, strict=True)
            ]
        )

    @cached_property
    def parameters(self) -> "Mapping[str, NDArray[Any]]":
        """Every tensor by its name, in the layout of the spec: Ω_k (D_{k+1}, D_k), β_k (D_{k+1},). Read-only.

        State, such as the mean and variance of a batch norm, is among them; a tied tensor is there once.

        Raises SystemFault `no-memory`, before anything is drawn, where they need more than there is.
        """
        drawn = sum(prod(source.shape) for source in self.sources.values() if not isinstance(source, Held))
        check_memory(drawn * ITEM_BYTES[self.dtype], self._max_memory, f"drawing the parameters of {self.name}")
        return MappingProxyType({name: source.array() for name, source in self.sources.items()})

    @cached_property
    def source(self) -> str:
        """The text of the program that runs, and that is shipped."""
        return program_text(self.graph, self.name, self.dtype, exact=self.exact, choices=self.choices)

    @cached_property
    def plan(self) -> "Explanation":
        """What the compiler chose for each step and why, for a batch; `print(model.plan)` draws it as a table."""
        from netspec.compiler.explain import explain

        return explain(self.graph, self.name, self.dtype, exact=self.exact, choices=self.choices)

    @cached_property
    def program(self) -> "Program | GraphProgram":
        """The program bound to the parameters."""
        from netspec.runtime.execution import load_program

        return load_program(self.source, self.parameters, self.name)

    @property
    def threads(self) -> int | None:
        """How many threads a batch is divided among, each with one of BLAS where the extra `threads` is installed.

        None, the default, leaves threads to BLAS, which divides single products: set it for large batches.
        """
        return self.program.threads

    @threads.setter
    def threads(self, count: int | None) -> None:
        self.program.threads = count

    def __call__(
        self,
        x: "ArrayLike | None" = None,
        /,
        *more: "ArrayLike",
        out: "NDArray[Any] | None" = None,
        **named: "ArrayLike",
    ) -> Any:
        """Return y for x: (batch, D_i) gives (batch, D_o), one example (D_i,) gives (D_o,), in the model's dtype.

        Inputs of other shapes likewise: the batch axis is first, and is left out of one example. `out` is where y is
        written, of the result's shape and dtype, where there is one output without a name. Safe to call from many
        threads. Raises ValueError for a shape that does not fit and for what is not numbers, TypeError for a wrong
        number or name of inputs.
        """
        if out is None and not more and not named and x is not None:
            return self.program(x)
        from netspec.runtime.program import Program

        program, inputs = self.program, () if x is None else (x, *more)
        if not isinstance(program, Program):
            y = program(*inputs, **named)
            return y if out is None else written_to(out, y)
        given = [*inputs, *named.values()]
        if len(given) != 1 or named.keys() - {"in", "x"}:
            raise TypeError(f"{self.name} takes one input, x")
        return program(given[0], out)

    def gradient(
        self,
        x: "Given",
        y: "Given",
        /,
        *,
        loss: "LossGiven" = None,
        weights: "ArrayLike | None" = None,
        inputs: bool = False,
    ) -> "Gradient":
        """Return the mean loss of a batch and its gradient, by each learned tensor in the layout of the spec.

        x: (batch, D_i), y: the targets, (batch, D_o), classes (batch,) or the words that `labels` has for them; several
        by their names. `loss` is the word of a loss, or one for each output by name; what suits output and targets
        unless given. `weights`: (batch,).
        With `inputs` the gradient by the inputs, too. Dropout is off, and batch norms use what they have kept: it is
        the derivative of the function that `model(x)` computes. Safe to call from many threads, one after the other.

        Raises ValueError for arrays that do not fit, TypeError for names that are none.
        """
        from netspec.model.gradient import gradient

        return gradient(self, self._gradient_programs, x, y, loss, weights, inputs)

    def tune(self, batch: int = 1) -> None:
        """Measure what the compiler can choose for batches of so many examples, and keep the quickest, in files too.

        It takes seconds, and what is quickest is so on this machine. Free sizes are 64 meanwhile.
        """
        from netspec.model.tuning import tuned

        self.choices = tuned(self, batch)
        for name in ("plan", "source", "program"):
            self.__dict__.pop(name, None)

    def replaced(
        self,
        *,
        part: Part | None = None,
        graph: Graph | None = None,
        dtype: Dtype | None = None,
        sources: Mapping[str, Source] | None = None,
        labels: Mapping[str, tuple[str, ...]] | None = None,
        training: Mapping[str, object] | None = None,
    ) -> "Model":
        """Return a model with some of what it was made of replaced; `graph` has the same tensors."""
        return Model(
            self.part if part is None else part,
            self.graph if graph is None else graph,
            self.dtype if dtype is None else dtype,
            self.sources if sources is None else sources,
            self.seed,
            self._max_memory,
            exact=self.exact,
            choices=self.choices,
            labels=self.labels if labels is None else labels,
            training=self.training if training is None else training,
        )

    def save(self, path: str) -> None:
        """Write the model to `path`, whole or not at all; the suffix says the form: .safetensors, .py or .pyz.

        Raises SystemFault where it cannot be written, or the suffix is another.
        """
        from netspec.model.saving import save

        save(self, path)

    def __reduce__(self) -> "tuple[Any, ...]":
        """Return what a copy is made from, elsewhere too: the texts and the arrays that a file of it would hold."""
        from netspec.model.loading import restored
        from netspec.model.saving import metadata

        return restored, (metadata(self), dict(self.parameters), self.labels)

    def __repr__(self) -> str:
        return f"<netspec.Model {self.name}: {mapping(self.facts)}, {self.facts.parameters:,} parameters, {self.dtype}>"

    def byte_chunks(self, name: str) -> "Iterator[memoryview]":
        """Yield the bytes of one tensor, little-endian and in C order, in pieces."""
        import numpy as np

        source = self.sources[name]
        arrays = iter((self.parameters[name],)) if "parameters" in self.__dict__ else source.chunks()
        little = np.dtype(self.dtype).newbyteorder("<")
        for array in arrays:
            yield np.ascontiguousarray(array, little).reshape(-1).view(np.uint8).data
