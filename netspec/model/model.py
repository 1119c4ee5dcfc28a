"""The model: a network with parameters, called like a function of arrays."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from netspec.compiler import emit, make_plan
from netspec.graph import Facts
from netspec.graph.facts import ITEM_BYTES
from netspec.model.memory import check_memory
from netspec.model.tensors import Held, Source
from netspec.operations import Graph
from netspec.spec import Dtype, Part

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from netspec.runtime.program import Program


class Model:
    """y = f[x] for one choice of parameters. `model(x)` computes; `model.parameters` are its arrays by name.

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
    ) -> None:
        self.part, self.graph, self.dtype, self.seed = part, graph, dtype, seed
        self.sources = sources
        self.facts = Facts(graph, dtype)
        self._max_memory = max_memory

    @property
    def name(self) -> str:
        """The network's name."""
        return self.part.name

    @property
    def input(self) -> int:
        """The width of x."""
        return self.facts.input[0]

    @property
    def output(self) -> int:
        """The width of y."""
        return self.facts.output[0]

    @cached_property
    def parameters(self) -> "Mapping[str, NDArray[Any]]":
        """Every tensor by its name, in the layout of the spec: Ω_k (D_{k+1}, D_k), β_k (D_{k+1},). Read-only.

        Raises SystemFault `no-memory`, before anything is drawn, where they need more than there is.
        """
        drawn = sum(prod(source.shape) for source in self.sources.values() if not isinstance(source, Held))
        check_memory(drawn * ITEM_BYTES[self.dtype], self._max_memory, f"drawing the parameters of {self.name}")
        return MappingProxyType({name: source.array() for name, source in self.sources.items()})

    @cached_property
    def source(self) -> str:
        """The text of the program that runs, and that is shipped."""
        return emit(make_plan(self.graph, self.name, self.dtype))

    @cached_property
    def program(self) -> "Program":
        """The program bound to the parameters."""
        from netspec.runtime.program import Program

        return Program(self.source, self.parameters, self.name)

    def __call__(self, x: "ArrayLike", out: "NDArray[Any] | None" = None) -> "NDArray[Any]":
        """Return y for x: (batch, D_i) gives (batch, D_o), one example (D_i,) gives (D_o,), in the model's dtype.

        Safe to call from many threads. Raises ValueError for a shape that does not fit and for what is not numbers.
        """
        return self.program(x, out)

    def save(self, path: str) -> None:
        """Write the model to `path`, whole or not at all; the suffix says the form: .safetensors, .py or .pyz.

        Raises SystemFault where it cannot be written, or the suffix is another.
        """
        from netspec.model.saving import save

        save(self, path)

    def __repr__(self) -> str:
        widths = f"{self.input} -> {self.output}"
        return f"<netspec.Model {self.name}: {widths}, {self.facts.parameters:,} parameters, {self.dtype}>"

    def byte_chunks(self, name: str) -> "Iterator[memoryview]":
        """Yield the bytes of one tensor, little-endian and in C order, in pieces."""
        import numpy as np

        source = self.sources[name]
        arrays = iter((self.parameters[name],)) if "parameters" in self.__dict__ else source.chunks()
        little = np.dtype(self.dtype).newbyteorder("<")
        for array in arrays:
            yield np.ascontiguousarray(array, little).reshape(-1).view(np.uint8).data
