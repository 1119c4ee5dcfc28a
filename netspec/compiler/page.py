"""From the plan of a network of any form to the text of its program: kernels copied, tensors bound, and a line for
each operation.

The text is what runs in memory and what is shipped. What enters it are names by the language's grammar, sizes as
expressions, and numbers by `repr`; no other text of a spec.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final, NamedTuple

from netspec.compiler.calls import SCRATCH, lines
from netspec.compiler.chain import in_place
from netspec.compiler.flow import Made, Stored, Tensor
from netspec.compiler.kernels.elementwise import needs_scratch
from netspec.compiler.library import definitions, kernel_lines, needs_math
from netspec.compiler.listing import Listing, Step, Terminal
from netspec.compiler.plan import in_range
from netspec.files.parameters import label
from netspec.operations import Elementwise, Shape, volume, written
from netspec.sizes import Polynomial, Size, SizeFault
from netspec.sizes.polynomial import total
from netspec.version import __version__

_INDENT: Final = "    "
_BATCH: Final = "batch"
_WORDS: Final = (
    "np", "math", "len", "max", "prepare", "bind", "held", "checks", "step", "parameters", "tensors", "room", "z",
    "INPUTS", "OUTPUTS", "DTYPE", _BATCH, SCRATCH,
)  # fmt: skip
_WORD: Final = re.compile(r"[A-Za-z]\w*", re.A)
_GROWING: Final = re.compile(r"[\w +*]*", re.A)
_FINISHING: Final = {"relu": "finish_relu", "gelu_tanh": "finish_gelu_tanh", "silu": "finish_silu"}
"""Kernels that apply an activation over a part of a result, by the activation."""


def reserved() -> tuple[str, ...]:
    """Return the names that no value may have: the text's own, and those of all kernels."""
    return (*_WORDS, *definitions())


class Choice(NamedTuple):
    """A kernel and why it was chosen."""

    kernel: str
    why: str


class ListingPage:
    """The text of one plan, as far as it is written: which kernels, tensors and free sizes its lines name."""

    def __init__(self, listing: Listing) -> None:
        self.listing, self.dtype, self.exact = listing, listing.dtype, listing.exact
        self.kernels: set[str] = set()
        self.symbols: set[str] = set()
        self.counts_examples = False
        self.uses_room = False
        self.prepared: dict[str, tuple[str, str]] = {}  # the text that makes a tensor to its name and a remark
        self.finishes: dict[tuple[Elementwise, ...], str] = {}
        self.choices: dict[int, Choice] = {}  # by the step, which the listing holds

    def kernel(self, name: str) -> str:
        """Return the name of a kernel, whose text is then copied."""
        self.kernels.add(name)
        return name

    def size(self, size: Size) -> str:
        """Return a size as an expression over the free sizes, whose values are then looked up in a step."""
        text = expression(size, self.listing)
        self.symbols.update(_WORD.findall(text))
        return text

    def batch(self) -> str:
        """Return the name of the number of examples."""
        self.counts_examples = True
        return _BATCH

    def room(self) -> str:
        """Return the name of the memory that is kept from call to call."""
        self.uses_room = True
        return "room"

    def tensor(self, step: Step, role: str, form: str = "{}") -> str:
        """Return the name of a tensor in the form that a kernel reads, made once; None where there is none."""
        tensor = step.tensors.get(role)
        if tensor is None:
            return "None"
        text = form.format(self._made(tensor))
        for kernel in re.findall(r"\b(\w+)\(", form):
            self.kernel(kernel)
        if text not in self.prepared:
            first = _first_stored(tensor)
            shown = ", ".join(_shown(each.name, each.shape) for each in dict.fromkeys(_stored(tensor)))
            self.prepared[text] = (self.listing.names.take(first.name), shown)
        return self.prepared[text][0]

    def chose(self, step: Step, kernel: str, why: str) -> None:
        """Remember which kernel computes a step, and why."""
        self.choices[id(step)] = Choice(kernel, why)

    def choices_of(self, step: Step) -> str | int | None:
        """Return the kernel that was measured to be the quickest for a layer, or None."""
        return self.listing.choices.get(step.place)

    def finish(self, functions: tuple[Elementwise, ...]) -> str:
        """Return the name of a function that applies activations over a part of a result, None where there are none."""
        if not functions:
            return "None"
        (first, *others) = functions
        if not others and first.name in _FINISHING and not (self.exact and first.name != "relu"):
            return self.kernel(_FINISHING[first.name])
        if not others and first.name == "gelu":
            return self.kernel("finish_gelu_exact" if self.exact else "finish_gelu")
        if functions not in self.finishes:
            self.finishes[functions] = self.listing.names.take("finish_" + "_".join(each.name for each in functions))
        return self.finishes[functions]

    def _made(self, tensor: Tensor) -> str:
        """Return the expression that a tensor is made by."""
        if isinstance(tensor, Stored):
            return f"parameters[{_quoted(tensor.name)}]"
        self.kernel(tensor.kernel)
        words = (self._made(each) if isinstance(each, Stored | Made) else repr(each) for each in tensor.arguments)
        return f"{tensor.kernel}({', '.join(words)})"


def _stored(tensor: Tensor) -> Iterator[Stored]:
    """Yield the tensors of the spec that one is made of."""
    if isinstance(tensor, Stored):
        yield tensor
        return
    for each in tensor.arguments:
        if isinstance(each, Stored | Made):
            yield from _stored(each)


def _first_stored(tensor: Tensor) -> Stored:
    return next(_stored(tensor))


def expression(size: Size, listing: Listing) -> str:
    """Return a size as Python's text; the language's operators mean the same there."""
    return _WORD.sub(lambda word: listing.symbols[word[0]], str(size)) if isinstance(size, Polynomial) else repr(size)


def emit_listing(listing: Listing) -> str:
    """Return the text of a module that defines INPUTS, OUTPUTS, DTYPE, `held`, `checks`, `prepare(parameters)` and
    `bind(tensors)`.
    """
    return emit_on(ListingPage(listing))


def emit_on(page: ListingPage) -> str:
    """Return the text, and leave on the page what was chosen for each step."""
    listing = page.listing
    body = list(_body(listing, page))
    finishes = list(_finishes(page))
    names = ", ".join(terminal.variable for terminal in listing.inputs)
    text = [
        *_head(listing),
        *(["import math", ""] if needs_math(page.kernels) else []),
        "import numpy as np",
        "",
        f"INPUTS = {_ports(listing.inputs)}",
        f"OUTPUTS = {_ports(listing.outputs)}",
        f'DTYPE = "{listing.dtype}"',
        *kernel_lines(page.kernels),
        *_sizes(listing),
        "",
        "",
        *finishes,
        "def prepare(parameters):",
        '    """Return the tensors as the steps read them, for all threads."""',
        "    return {",
        *(f"        {_quoted(name)}: {made},  # {remark}" for made, (name, remark) in page.prepared.items()),
        "    }",
        "",
        "",
        "def bind(tensors):",
        f'    """Return step({names}), which gives a tuple of the outputs; the batch axis of every array is first.',
        "",
        "    It keeps memory from call to call: bind one for each thread.",
        '    """',
        *(f"    {name} = tensors[{_quoted(name)}]" for name, _ in page.prepared.values()),
        *(["    room = {}"] if page.uses_room else []),
        "",
        f"    def step({names}):",
        *(f"        {line}" for line in (*_looked_up(listing, page), *body)),
        "",
        "    return step",
        "",
    ]
    return "\n".join(text)


def _finishes(page: ListingPage) -> Iterator[str]:
    """Yield the functions that apply activations over parts of results, for which there are no kernels."""
    for functions, name in page.finishes.items():
        each = tuple(in_range(function, page.dtype) for function in functions)
        words = "[".join([*(function.name for function in reversed(each)), "z"]) + "]" * len(each)
        yield f"def {name}(z, room):"
        yield f'    """Write {words} over z."""'
        if any(map(needs_scratch, each)):
            yield f"    {SCRATCH} = {page.kernel('scratch')}(room, 't', z.shape, DTYPE)"
        for line in in_place(each, "z", SCRATCH):
            called = line.partition("(")[0]
            yield f"    {page.kernel(called) if called in definitions() else f'np.{called}'}({line.partition('(')[2]}"
        yield from ("", "")


def _head(listing: Listing) -> list[str]:
    """Return the docstring: what goes in and what comes out."""
    names = [
        ", ".join(terminal.variable for terminal in listing.inputs),
        ", ".join(_called(t) for t in listing.outputs),
    ]
    shapes = [
        f"{name} ({', '.join(['batch', *map(str, terminal.shape)])}) {terminal.dtype}"
        for name, terminal in (
            *((terminal.variable, terminal) for terminal in listing.inputs),
            *((_called(terminal), terminal) for terminal in listing.outputs),
        )
    ]
    return [
        f'"""{listing.name}: {names[1]} = f[{names[0]}] in {listing.dtype}.',
        "",
        *shapes,
        "",
        f"Emitted by netspec {__version__}, kernels included; it needs nothing but NumPy.",
        '"""',
        "",
    ]


def _called(output: Terminal) -> str:
    """Return what an output is called where people read: y where it has no name."""
    return "y" if output.name == "out" else output.name


def _ports(terminals: tuple[Terminal, ...]) -> str:
    """Return a constant with the names, shapes and dtypes of what enters or leaves, a free size as text."""
    items = (f"({_quoted(t.name)}, {_tuple(t.shape)}, {_quoted(t.dtype)})" for t in terminals)
    return _joined(items)


def _tuple(shape: Shape) -> str:
    words = [_quoted(str(size)) if isinstance(size, Polynomial) else repr(size) for size in shape]
    return _joined(words)


def _joined(items: Iterable[str]) -> str:
    """Return a tuple as Python writes it."""
    words = list(items)
    return f"({', '.join(words)}{',' * (len(words) == 1)})"


def _quoted(word: str) -> str:
    """Return a name or an expression of the language as a literal: none has a quote or a backslash."""
    return f'"{word}"'


def _sizes(listing: Listing) -> Iterator[str]:
    """Yield the functions of the free sizes: the memory that an example takes, and what the sizes must keep."""
    names = ", ".join(listing.symbols.values())
    sums = list(dict.fromkeys(_elements(shapes, listing) for shapes in listing.held))
    yield from ("", "", f"def held({names}):")
    yield '    """Return about how many numbers an example has in memory at a time."""'
    most = sums[0] if len(sums) == 1 else f"max({', '.join(sums)})"
    yield f"    return {most}"
    yield from ("", "", f"def checks({names}):")
    yield '    """Return what the free sizes must keep: each as text, and whether they do."""'
    asked = list(_checks(listing))
    if not asked:
        yield "    return ()"
        return
    yield "    return ("
    yield from (f"        ({_quoted(text)}, {condition})," for text, condition in asked)
    yield "    )"


def _elements(shapes: tuple[Shape, ...], listing: Listing) -> str:
    """Return how many numbers values of these shapes have together, as an expression."""
    try:
        return expression(total(map(volume, shapes)), listing)
    except SizeFault:  # a sum that is too long to work with is written as it stands
        products = ("*".join(f"({expression(size, listing)})" for size in shape) for shape in shapes)
        return " + ".join(products)


def _checks(listing: Listing) -> Iterator[tuple[str, str]]:
    """Yield text and condition of every check: those of the spec, and that no axis is empty, as inference assumes."""
    for check in listing.checks:
        condition = f"{expression(check.left, listing)} {check.operator} {expression(check.right, listing)}"
        yield " ".join(check.text.split()), condition
    sizes = [
        *listing.symbols,
        *(str(size) for step in listing.steps for size in step.shape if isinstance(size, Polynomial)),
    ]
    for text in dict.fromkeys(sizes):
        if text in listing.symbols or not _GROWING.fullmatch(text):
            condition = _WORD.sub(lambda word: listing.symbols[word[0]], text)
            yield f"{text} >= 1", f"{condition} >= 1"


def _looked_up(listing: Listing, page: ListingPage) -> Iterator[str]:
    """Yield the lines that look up the free sizes that other lines name, and the number of examples."""
    if page.counts_examples:
        yield f"{_BATCH} = len({listing.inputs[0].variable})"
    met: set[str] = set()
    for terminal in listing.inputs:
        for axis, size in enumerate(terminal.shape):
            name = listing.symbols.get(str(size), "")
            if name in page.symbols and name not in met:
                met.add(name)
                yield f"{name} = {terminal.variable}.shape[{axis + 1}]"


def _body(listing: Listing, page: ListingPage) -> Iterator[str]:
    """Yield the lines of a step, layer by layer, each under its name and the shape of its result."""
    inputs = {terminal.variable for terminal in listing.inputs}
    for place, group in groupby(listing.steps, lambda step: step.place):
        steps = list(group)
        if place.strip("."):
            yield f"# {place}: {written(steps[-1].shape)}"
        for step in steps:
            yield from lines(step, page)
            yield from _freed(step, inputs)
    yield f"return {_joined(terminal.variable for terminal in listing.outputs)}"


def _freed(step: Step, inputs: set[str]) -> Iterator[str]:
    """Yield the line that lets go of what is not read again; inputs are the caller's."""
    names = [name for name in step.freed if name not in inputs]
    if names:
        yield f"del {', '.join(names)}"


def _shown(stored: str, shape: tuple[int, ...]) -> str:
    """Return a tensor's name as people read it, and its shape."""
    return f"{label(stored)} {' × '.join(map(str, shape)) if len(shape) > 1 else f'({shape[0]},)'}"
