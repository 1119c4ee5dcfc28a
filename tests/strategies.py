"""Random networks of the first two bodies, and the many ways in which a spec may say each of them.

`networks()` draws what a network is, without names or text. `spellings(network)` draws files that say it: sizes as
expressions over hyperparameters, a list of widths or one for all, parts in files of their own or written out, keys in
any order. So two spellings of one network must agree in everything that is inferred.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from hypothesis import strategies as st

from netspec.operations import FUNCTIONS
from netspec.spec.yaml_text import write

Activation: TypeAlias = str | tuple[str, float]
Files: TypeAlias = dict[str, str]


class Connected(NamedTuple):
    """A fully connected network: each hidden layer is a width and an activation."""

    input: int
    hidden: tuple[tuple[int, Activation], ...]
    output_activation: Activation | None
    output: int


class Composed(NamedTuple):
    """Networks applied one after the other: `order` names them by their index; one that comes twice is shared."""

    parts: tuple["Network", ...]
    order: tuple[int, ...]

    @property
    def input(self) -> int:
        """The width of x."""
        return self.parts[self.order[0]].input

    @property
    def output(self) -> int:
        """The width of y."""
        return self.parts[self.order[-1]].output


Network: TypeAlias = Connected | Composed


class Layer(NamedTuple):
    """An affine map and what follows it, at one place of the unrolled network. `owner` tells its tensors apart."""

    owner: tuple[int, ...]
    input: int
    output: int
    activation: Activation | None


def layers(network: Network, owner: tuple[int, ...] = ()) -> Iterator[Layer]:
    """Yield the layers of a network in the order in which they act, parts entered at each use."""
    if isinstance(network, Composed):
        for index in network.order:
            yield from layers(network.parts[index], (*owner, index))
        return
    width = network.input
    for k, (units, activation) in enumerate(network.hidden):
        yield Layer((*owner, k), width, units, activation)
        width = units
    yield Layer((*owner, len(network.hidden)), width, network.output, network.output_activation)


def parameters(network: Network) -> int:
    """Return how many numbers are learned, each layer's once however often it acts."""
    return sum((layer.input + 1) * layer.output for layer in {layer.owner: layer for layer in layers(network)}.values())


# -- what a network is ----------------------------------------------------------------------------------------------

SIZES = st.integers(1, 9)


@st.composite
def activations(draw: st.DrawFn) -> Activation:
    """Draw an activation, perhaps with its argument."""
    name = draw(st.sampled_from(sorted(FUNCTIONS)))
    takes = draw(st.booleans())
    if FUNCTIONS[name].arguments and takes:
        # `low` of a hard_tanh is below its `high`, which is 1.
        return name, draw(st.sampled_from([0.25, 0.5] if name == "hard_tanh" else [0.25, 0.5, 2.0]))
    return name


@st.composite
def connected(draw: st.DrawFn, input: int | None = None, output: int | None = None) -> Connected:  # noqa: A002 - the key's name
    """Draw a fully connected network, of the given widths outside."""
    hidden = draw(st.lists(st.tuples(SIZES, activations()), max_size=5))
    alike = draw(st.booleans())
    if hidden and alike:
        hidden = [hidden[0]] * len(hidden)
    ends = [draw(SIZES) if given is None else given for given in (input, output)]
    return Connected(ends[0], tuple(hidden), draw(st.none() | activations()), ends[1])


@st.composite
def networks(draw: st.DrawFn, depth: int = 2, input: int | None = None, output: int | None = None) -> Network:  # noqa: A002
    """Draw a network; parts stand at most `depth` deep within it."""
    if depth == 0 or draw(st.integers(0, 2)) == 0:
        return draw(connected(input, output))
    width = draw(SIZES)
    within = networks(depth - 1, width, width)  # as wide outside as in, so that they may come in any order
    parts = draw(st.lists(within, min_size=1, max_size=3))
    order = draw(st.permutations([*range(len(parts)), *draw(st.lists(st.integers(0, len(parts) - 1), max_size=2))]))
    ends = [draw(networks(0, input, width)), draw(networks(0, width, output))]
    return Composed((*parts, *ends), (len(parts), *order, len(parts) + 1))


# -- how it is said -------------------------------------------------------------------------------------------------


class _Speller:
    """One spelling in the making: files by path, and names that no other thing has."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.files: Files = {}
        self._named = 0

    def name(self) -> str:
        """Return a name of its own."""
        self._named += 1
        return self.draw(st.sampled_from(["D", "net", "y", "N", "fold", "K_", "x"])) + str(self._named)

    def chance(self) -> bool:
        """Draw one of two ways."""
        return self.draw(st.booleans())

    def part(self, network: Network, *, file: bool) -> dict[str, Any]:
        """Return the keys that say a network, in any order."""
        sizes = {self.name(): self.draw(SIZES) for _ in range(self.draw(st.integers(0, 2)))}
        keys: dict[str, Any] = {"netspec": 1} if file or self.chance() else {}
        if sizes:
            keys["hyperparameters"] = dict(sizes)
            derived = self.name()
            if self.chance():
                keys["hyperparameters"] |= {derived: f"{next(iter(sizes))} + 1"}
                sizes[derived] = next(iter(sizes.values())) + 1
        if isinstance(network, Composed):
            keys |= self.composed(network, sizes)
        else:
            keys |= self.connected(network, sizes)
        if self.chance():
            keys["name"] = self.name()
        return {key: keys[key] for key in self.draw(st.permutations(list(keys)))}

    def connected(self, network: Connected, sizes: dict[str, int]) -> dict[str, Any]:
        """Return the body of a fully connected network."""
        widths = [width for width, _ in network.hidden]
        said = [spell_activation(activation, self.draw) for _, activation in network.hidden]
        keys: dict[str, Any] = {"input": self.size(network.input, sizes), "output": self.size(network.output, sizes)}
        if len(set(widths)) == 1 and self.chance():
            keys |= {"K": self.size(len(widths), sizes), "widths": self.size(widths[0], sizes)}
        elif not widths and self.chance():
            keys["K"] = 0
        else:
            keys["widths"] = [self.size(width, sizes) for width in widths]
            if self.chance():
                keys["K"] = self.size(len(widths), sizes)
        if len({activation for _, activation in network.hidden}) == 1 and self.chance():
            if network.hidden[0][1] != "relu" or self.chance():
                keys["activation"] = said[0]
        elif said:
            keys["activation"] = said
        if network.output_activation is not None:
            keys["output_activation"] = spell_activation(network.output_activation, self.draw)
        return keys

    def composed(self, network: Composed, sizes: dict[str, int]) -> dict[str, Any]:
        """Return the body of a composition: what is shared has a name, the rest may be composed by its path."""
        entries: dict[int, str] = {}
        named: dict[str, Any] = {}
        for index, part in enumerate(network.parts):
            entries[index] = name = self.name()
            if network.order.count(index) < 2 and self.chance():
                entries[index] = path = f"{name}.yaml"
                self.files[path] = write(self.part(part, file=True))
            elif self.chance():
                path = f"{self.name()}.yml"
                self.files[path] = write(self.part(part, file=True))
                named[name] = {"file": path}
            else:
                named[name] = self.part(part, file=False)
        keys: dict[str, Any] = {"compose": [entries[index] for index in network.order]}
        if named:
            keys["networks"] = named
        if self.chance():
            keys |= {"input": self.size(network.input, sizes), "output": self.size(network.output, sizes)}
        return keys

    def size(self, value: int, sizes: dict[str, int]) -> int | str:
        """Return an integer as it is, or as an expression over sizes."""
        if not sizes or self.chance():
            return value
        name = self.draw(st.sampled_from(sorted(sizes)))
        known = sizes[name]
        if known == value and self.chance():
            return name
        whole, rest = divmod(value, known)
        return self.draw(
            st.sampled_from(
                [
                    f"{name} + {value - known}" if value > known else f"{name} - {known - value}",
                    f"{whole}*{name} + {rest}",
                ]
            )
        )


def spell_activation(activation: Activation, draw: st.DrawFn) -> Any:
    """Return an activation as a spec writes it: by name, or with its argument where it has one."""
    if isinstance(activation, str):
        return draw(st.sampled_from([activation, {activation: {}}]))
    name, number = activation
    return {name: {FUNCTIONS[name].arguments[0].name: int(number) if number == 2 and draw(st.booleans()) else number}}


@st.composite
def spellings(draw: st.DrawFn, network: Network) -> Files:
    """Draw files that say a network; the one to read is `spec.yaml`."""
    speller = _Speller(draw)
    keys = speller.part(network, file=True)
    return {**speller.files, "spec.yaml": write(keys)}


def specs() -> st.SearchStrategy[Files]:
    """Draw files that say some network."""
    return networks().flatmap(spellings)
