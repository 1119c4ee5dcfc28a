"""The text for one example: where a call of NumPy costs more than its arithmetic, each layer has two of them.

Signals are rows behind which a 1 stands, so that a product with Ωᵀ and β below it is the whole affine map.
"""

from collections.abc import Iterator

from netspec.compiler.chain import INDENT, Places, function, in_place, remarks
from netspec.compiler.kernels.elementwise import needs_scratch
from netspec.compiler.plan import Layer, Loop, Plan
from netspec.operations import Elementwise


class One:
    """Writes `one(tensors)`, layer by layer. Two rows of each width take turns."""

    def __init__(self, plan: Plan, places: Places) -> None:
        self.plan, self.places, self.kept = plan, places, plan.copied
        self.steps: list[str] = []
        self.maps: list[str] = []
        self.rounds: list[str] = []
        self.rows: dict[str, int] = {}
        self.zeros: set[int] = set()
        self.at = "x"

    def lines(self) -> Iterator[str]:
        """Yield the function."""
        if self.kept and not self.plan.carries_first:
            self.at = self._row("x", self.plan.input)
            self.steps.append(f"copyto({self.at}, x)")
        last = len(self.plan.stages) - 1
        for i, (stage, remark) in enumerate(zip(self.plan.stages, remarks(self.plan), strict=True)):
            self.steps.append(remark)
            if i < 2 and self.plan.carries_first and isinstance(stage, Layer):
                self._carried(stage, i, i == last)
            elif isinstance(stage, Loop):
                self._loop(stage)
            else:
                self._layer(stage, i == last)
        words = f"Return step(x), which gives y of one example x (1, {self.plan.input}). One for each thread."
        bound = ['maps = tensors["maps"]', *dict.fromkeys(self.maps), *self._memory(), *self.rounds]
        return function("one(tensors)", words, bound, "step(x)", [*self.steps, "return y"])

    def _row(self, letter: str, width: int) -> str:
        name = f"{letter}_{width}"
        self.rows[name] = width
        return name

    def _other(self, width: int) -> str:
        return self._row("b" if self.at[0] == "a" else "a", width)

    def _dot(self, row: str) -> str:
        return f"dot_{row}" if self.kept else f"{row}.dot"

    def _zero(self, layer: Layer) -> str:
        if any(each.name == "relu" for each in layer.functions):
            self.zeros.add(layer.width)
        return f"zero_{layer.width}"

    def _layer(self, layer: Layer, last: bool, weight: str = "") -> None:
        place = self.places.of(layer)
        if not weight:
            names = f"map_{place}" if self.kept else f"Omega_{place}, beta_{place}"
            self.maps.append(f"{names} = maps[{place}]")
            weight = names.partition(",")[0]
        if last:
            target = "y"
            self.steps.append(f"y = {self._dot(self.at)}({weight})")
        else:
            target = self._other(layer.width)
            self.steps.append(f"{self._dot(self.at)}({weight}, {target})")
        if not self.kept and layer.maps[-1].bias is not None:
            self.steps.append(f"add({target}, beta_{place}, out={target})")
        self.steps += in_place(layer.functions, target, f"t_{layer.width}", self._zero(layer))
        self.at = target

    def _carried(self, layer: Layer, i: int, last: bool) -> None:
        """Write the first layer, a ReLU as a threshold, or the second, to which what is left has moved."""
        place = self.places.of(layer)
        if i == 1:
            self.maps.append(f"moved = with_offset(maps[{place}], bias[1][0])")
            self._layer(layer, last, "moved")
            return
        following = self.places.of(self.plan.stages[1])
        target = self._other(layer.width)
        self.maps.append(f"bias = offsets(tensors, [{place}, {following}], [True, False])")
        self.maps.append(f"Omega_{place} = maps[{place}][:-1]")
        self.maps.append("limit, again = as_rows(*bias[0])")
        self.steps.append(f"x.dot(Omega_{place}, {target})")
        self.steps += [f"maximum({target}, limit, out={target})", "if again is not None:"]
        self.steps.append(f"{INDENT}add({target}, again, out={target})")
        self.at = target

    def _loop(self, loop: Loop) -> None:
        layer, place, name = loop.layer, self.places.of(loop), f"rounds_{len(self.rounds) + 1}"
        other = self._other(layer.width)
        even, odd = ((self._dot(self.at), other), (self._dot(other), self.at))
        tensors = f"maps[{place} + k]" if self.kept else f"*maps[{place} + k]"
        turns = (f"({dot}, {tensors}, {target})" for dot, target in (even, odd))
        self.rounds.append(f"{name} = [{' if k % 2 == 0 else '.join(turns)} for k in range({loop.times})]")
        self.steps.append(f"for dot, Omega, {'' if self.kept else 'beta, '}h in {name}:")
        lines = ["dot(Omega, h)"]
        if not self.kept and layer.maps[-1].bias is not None:
            lines.append("add(h, beta, out=h)")
        lines += in_place(layer.functions, "h", f"t_{layer.width}", self._zero(layer))
        self.steps += [f"{INDENT}{line}" for line in lines]
        self.at = self.at if loop.times % 2 == 0 else other

    def _memory(self) -> Iterator[str]:
        for name, width in self.rows.items():
            if self.kept:
                yield f"{name}, dot_{name} = signal({width}, DTYPE)"
            else:
                yield f"{name} = aligned((1, {width}), DTYPE)"
        yield from (f"zero_{width} = np.zeros((1, {width}), DTYPE)" for width in sorted(self.zeros))
        scratch = {layer.width for layer in self.plan.layers if any(map(needs_scratch, layer.functions))}
        yield from (f"t_{width} = np.empty((1, {width}), DTYPE)" for width in sorted(scratch))


class OneByNumbers(One):
    """Writes `one(tensors)` of a narrow network: sums and products of Python's own numbers cost less than a call."""

    def lines(self) -> Iterator[str]:
        """Yield the function."""
        plan, last = self.plan, len(self.plan.stages) - 1
        signals = _names("x", plan.input)
        self.steps.append(f"[[{', '.join(signals)}]] = x.tolist()")
        for i, (stage, remark) in enumerate(zip(plan.stages, remarks(plan), strict=True)):
            self.steps.append(remark)
            other = "b" if signals[0][0] == "a" else "a"
            if isinstance(stage, Loop):
                self._loop_of_numbers(stage, signals, _names(other, stage.layer.width))
            else:
                targets = _names("y" if i == last else other, stage.width)
                self._layer_of_numbers(stage, signals, targets)
                signals = targets
        self.steps.append(f"y = np.empty((1, {plan.output}), DTYPE)")
        self.steps += [f"y[0, {j}] = {signal}" for j, signal in enumerate(signals)]
        words = f"Return step(x), which gives y of one example x (1, {plan.input}), number by number."
        bound = ['maps = tensors["maps"]', *dict.fromkeys(self.maps), *self.rounds]
        return function("one(tensors)", words, bound, "step(x)", [*self.steps, "return y"])

    def _layer_of_numbers(self, layer: Layer, signals: list[str], targets: list[str]) -> None:
        place = self.places.of(layer)
        rows = [_names(f"w{place}_{row}", layer.width) for row in range(layer.reads + 1)]
        names = ", ".join(f"[{', '.join(row)}]" for row in rows)
        self.maps.append(f"{names} = maps[{place}].tolist()")
        self.steps += _sums(rows, signals, targets)
        for each in layer.functions:
            self.steps += _applied(each, targets, targets)

    def _loop_of_numbers(self, loop: Loop, signals: list[str], sums: list[str]) -> None:
        """Write rounds from the signals to themselves."""
        layer, place, name = loop.layer, self.places.of(loop), f"rounds_{len(self.rounds) + 1}"
        rows = [_names(f"w_{row}", layer.width) for row in range(layer.reads + 1)]
        self.rounds.append(f"{name} = [maps[{place} + k].ravel().tolist() for k in range({loop.times})]")
        self.steps.append(f"for [{', '.join(weight for row in rows for weight in row)}] in {name}:")
        lines = [*_sums(rows, signals, sums)]
        *before, last = layer.functions or (None,)
        for each in before:
            lines += _applied(each, sums, sums)
        lines += _applied(last, sums, signals)
        self.steps += [f"{INDENT}{line}" for line in lines]


def _names(letter: str, count: int) -> list[str]:
    return [f"{letter}_{j}" for j in range(count)]


def _sums(rows: list[list[str]], signals: list[str], targets: list[str]) -> Iterator[str]:
    """Yield the lines of an affine map; the last of its rows is β."""
    *weights, beta = rows
    for j, target in enumerate(targets):
        terms = [f"{row[j]} * {signal}" for row, signal in zip(weights, signals, strict=True)]
        yield f"{target} = {' + '.join([beta[j], *terms])}"


def _applied(function: Elementwise | None, sums: list[str], targets: list[str]) -> Iterator[str]:
    """Yield the lines that apply a ReLU, a leaky one, or nothing."""
    for z, target in zip(sums, targets, strict=True):
        if function is None:
            yield f"{target} = {z}"
        else:
            low = "0.0" if function.name == "relu" else f"{function.arguments[0]!r} * {z}"
            yield f"{target} = {low} if {z} <= 0.0 else {z}"
