"""The text for many examples: a product and one pass a layer over a tile of rows that stays in cache.

A ReLU is the larger of a product and a threshold; the offset that is left moves into the map above. Products are bound
by the number of rows, in blocks where that is quicker.
"""

from collections.abc import Iterator
from typing import Final

from netspec.compiler.chain import INDENT, Places, function, in_place, remarks
from netspec.compiler.kernels.elementwise import needs_scratch
from netspec.compiler.plan import Layer, Loop, Plan

_LONG_LOOP: Final = 1024
"""Rounds from which a loop keeps its offsets as they are, not repeated along rows: they would take more than Ω."""


class Many:
    """Writes `many(tensors, rows)`, layer by layer. Two buffers take turns."""

    def __init__(self, plan: Plan, places: Places) -> None:
        self.plan, self.places = plan, places
        self.folds = plan.copied and not plan.exact
        self._bind = "whole_product" if plan.exact else "bound_product"
        self.steps: list[str] = []
        self.bound: list[str] = []
        self.views: dict[str, int] = {}
        self.order: list[str] = []
        self.relus: list[str] = []
        self.at, self.position, self.loops = "x", 0, 0

    def lines(self) -> Iterator[str]:
        """Yield the function, and before it the one that it calls where examples stand side by side."""
        plan = self.plan
        last = len(plan.stages) - 1
        for i, (stage, remark) in enumerate(zip(plan.stages, remarks(plan), strict=True)):
            self.steps.append(remark)
            if isinstance(stage, Loop):
                self._loop(stage)
            elif i == last:
                self._last(stage)
            else:
                self._layer(stage)
        bound = [*self._memory(), *self.bound]
        words = "Return step(x, y), which computes so many rows. One for each thread, as it owns its buffers."
        yield from function("many(tensors, rows)", words, bound, "step(x, y)", self.steps)

    def _buffer(self, width: int) -> str:
        name = f"{'b' if self.at[0] == 'a' else 'a'}_{width}"
        self.views[name] = width
        return name

    def _weight(self, place: str) -> str:
        return f"maps[{place}][:-1]" if self.plan.copied else f"maps[{place}][0]"

    def _bias(self, layer: Layer, position: str, place: str) -> str:
        """Return the expression of what is added to a layer's product."""
        if self.folds:
            return f"bias[{position}][0]"
        return "None" if layer.maps[-1].bias is None else f"maps[{place}][-1]"

    def _product(self, place: int, target: str) -> str:
        """Bind a product and return its call."""
        i = self.position
        given = self.at == "x"
        read, to = ("_" if given else f"from_{i}"), ("_" if target == "y" else f"to_{i}")
        source, into = ("None" if given else self.at), ("None" if target == "y" else target)
        arguments = f"tensors, {place}, {self._weight(str(place))}, {source}, {into}, rows"
        self.bound.append(f"multiply_{i}, {read}, Omega_{i}, {to} = {self._bind}({arguments})")
        return f"multiply_{i}({'x' if given else read}, Omega_{i}, {'y' if target == 'y' else to})"

    def _layer(self, layer: Layer) -> None:
        i, place, target = self.position, self.places.of(layer), self._buffer(layer.width)
        self.steps.append(self._product(place, target))
        names, vectors, lines = self._activation(layer, f"_{i}", str(i), str(place))
        self.bound.append(f"long_{i}, {names} = in_long_rows({target}, {vectors})")
        self._scratch(layer, f"long_{i}.shape")
        self.steps += lines
        self._next(layer, str(place), "1")
        self.at = target
        self.position += 1

    def _last(self, layer: Layer) -> None:
        i, place = self.position, self.places.of(layer)
        self.steps.append(self._product(place, "y"))
        bias = self._bias(layer, str(i), str(place))
        if bias != "None":
            self.bound.append(f"beta_{i} = each_row({bias}, rows)")
            self.steps.append(f"add(y, beta_{i}, out=y)")
        self._scratch(layer, f"(rows, {layer.width})", "rows")
        self.steps += in_place(layer.functions, "y", f"t_{i}")
        self._next(layer, str(place), "1", last=True)

    def _loop(self, loop: Loop) -> None:
        self.loops += 1
        layer, place, name = loop.layer, self.places.of(loop), f"rounds_{self.loops}"
        self.views[self.at] = layer.width
        other = self._buffer(layer.width)
        names, vectors, lines = self._activation(layer, "", f"{self.position} + k", f"{place} + k")
        at = f"{place} + k"
        spread = "in_long_rows" if loop.times < _LONG_LOOP else "as_they_are"
        self.bound += [
            f"{name} = []",
            f"for k in range({loop.times}):",
            f"{INDENT}source, target = ({self.at}, {other}) if k % 2 == 0 else ({other}, {self.at})",
            f"{INDENT}bound = {self._bind}(tensors, {at}, {self._weight(at)}, source, target, rows)",
            f"{INDENT}{name}.append((*bound, *{spread}(target, {vectors})))",
        ]
        self._scratch(layer, f"{name}[0][4].shape")
        self.steps.append(f"for dot, source, Omega, target, long, {names} in {name}:")
        self.steps += [f"{INDENT}{line}" for line in ("dot(source, Omega, target)", *lines)]
        self._next(layer, f"*range({place}, {place + loop.times})", str(loop.times))
        self.at = self.at if loop.times % 2 == 0 else other
        self.position += loop.times

    def _activation(self, layer: Layer, suffix: str, position: str, place: str) -> tuple[str, str, list[str]]:
        """Return names for what an activation needs along long rows, what they are made of, and the lines."""
        long = f"long{suffix}"
        bias = self._bias(layer, position, place)
        if self.folds and layer.is_relu:
            limit, again = f"limit{suffix}", f"again{suffix}"
            lines = [f"maximum({long}, {limit}, out={long})", f"if {again} is not None:"]
            lines.append(f"{INDENT}add({long}, {again}, out={long})")
            return f"{limit}, {again}", f"*bias[{position}]", lines
        names, vectors = f"beta{suffix}", bias
        lines = [] if bias == "None" else [f"add({long}, beta{suffix}, out={long})"]
        zero = "0.0"
        if any(each.name == "relu" for each in layer.functions):
            zero = f"zero{suffix}"
            names, vectors = f"{names}, {zero}", f"{vectors}, np.zeros({layer.width}, DTYPE)"
        scratch = f"t_{self.position}"
        return names, vectors, [*lines, *in_place(layer.functions, long, scratch, zero)]

    def _scratch(self, layer: Layer, shape: str, rows: str = "held") -> None:
        if any(map(needs_scratch, layer.functions)):
            self.bound.append(f"t_{self.position} = t[: {rows} * {layer.width}].reshape({shape})")

    def _next(self, layer: Layer, places: str, times: str, *, last: bool = False) -> None:
        self.order.append(places)
        folded = str(self.folds and layer.is_relu and not last)
        self.relus.append(folded if times == "1" else f"*[{folded}] * {times}")

    def _memory(self) -> Iterator[str]:
        yield 'maps = tensors["maps"]'
        if self.folds:
            yield f"bias = offsets(tensors, [{', '.join(self.order)}], [{', '.join(self.relus)}])"
        across, width = self.plan.across, self.plan.width
        yield f"across, held = {f'beside(rows, {across}, {width})' if across > 1 else '1, rows'}"
        for buffer in ("a", "b"):
            widths = {name: width for name, width in self.views.items() if name[0] == buffer}
            if widths:
                yield f"{buffer} = aligned((held * {max(widths.values())},), DTYPE)"
            for name, width in widths.items():
                yield f"{name} = signals({buffer}, {width}, across, held)"
        scratch = [layer.width for layer in self.plan.layers if any(map(needs_scratch, layer.functions))]
        if scratch:
            yield f"t = aligned((held * {max(scratch)},), DTYPE)"
