"""Specs by the thousand, all different, all valid, drawn from a seed."""

import random
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

_ACTIVATIONS: Final = ("relu", "tanh", "sigmoid", "gelu_tanh", "silu", "softplus")


class Layer(NamedTuple):
    """The width of a layer: the text of it, which means (factor * D + number) // divisor."""

    text: str
    factor: int
    number: int
    divisor: int = 1

    def width(self, d: int) -> int:
        """Return the width at a value of D."""
        return (self.factor * d + self.number) // self.divisor


def write_specs(folder: Path, count: int, seed: int = 0) -> list[Path]:
    """Write `count` specs of about 30 lines into the folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(seed)
    paths = [folder / f"network_{number:04}.yaml" for number in range(count)]
    for path in paths:
        path.write_text(_spec(draw, path.stem), encoding="utf-8")
    return paths


def _spec(draw: random.Random, name: str) -> str:
    """Return a spec with hyperparameters, a list of widths, what it expects of the facts, and two variants."""
    inputs, outputs, width = draw.randint(1, 64), draw.randint(1, 10), 2 * draw.randint(2, 64)
    factor, least = draw.randint(2, 5), draw.randint(1, 3)
    # The first two use every name there is.
    layers = [Layer("half", 1, 0, 2), Layer(f"factor*D + {inputs}", factor, inputs)]
    for _ in range(draw.randint(2, 6)):
        number = draw.randint(1, 99)
        plain = (Layer("D", 1, 0), Layer(f"{number}", 0, number), Layer(f"D + {number}", 1, number))
        layers.append(draw.choice((*layers[:2], *plain, Layer(f"(D + {number}) // 2", 1, number, 2))))
    draw.shuffle(layers)
    activations = [draw.choice(_ACTIVATIONS) for _ in layers]

    def facts(d: int) -> tuple[int, int]:
        sizes = [layer.width(d) for layer in layers]
        ends = [inputs, *sizes, outputs]
        return sum(b * (a + 1) for a, b in pairwise(ends)), sum(sizes)

    small, large = 4, 512
    parameters, capacity = facts(width)
    lines = [
        f"# {name}: {len(layers)} hidden layers around a width of {width}",
        "netspec: 1",
        f"name: {name}",
        f"description: From {inputs} numbers to {outputs}, drawn from a seed.",
        "hyperparameters:",
        f"  D: {{default: {width}, min: {least}, max: 1024}}     # the width",
        f"  factor: {factor}",
        "  half: D // 2",
        f"  last: {outputs}",
        f"input: {inputs}",
        f"K: {len(layers)}",
        "widths:",
        *(f"  - {layer.text}" for layer in layers),
        "output: last",
        f"activation: [{', '.join(activations)}]",
        f"dtype: {draw.choice(('float32', 'float64'))}",
        f"parameters: {{init: glorot_uniform, seed: {draw.randint(0, 10**6)}}}",
        "expect:",
        f"  parameters: {parameters}",
        f"  capacity: {capacity}",
        f"  depth: {len(layers)}",
        "variants:",
        f"  small: {{D: {small}, expect: {{parameters: {facts(small)[0]}}}}}",
        "  large:",
        f"    D: {large}",
        "    expect:",
        f"      parameters: {facts(large)[0]}",
        f"      capacity: {{at_least: {facts(large)[1]}}}",
    ]
    return "\n".join(lines) + "\n"
