"""Linear regions: how long it takes to count those of zig-zags that have as many as any parameters give."""

import importlib
from collections import OrderedDict
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.harness import Samples, Settings, calls, interleave, netspec, peak, ratio, seconds
from benchmarks.results import Goal, Result, Table, spell_bytes, spell_megabytes, spell_seconds, spell_times
from netspec.network import Network, load
from netspec.regions import count

SMALL, LARGE = (10, 5), (5, 10)  # D, K


def measure(settings: Settings) -> Result:
    """Return what counting takes in one process and in two, and its memory."""
    large = (5, 3) if settings.tiny else (5, 8) if settings.extent == "quick" else LARGE
    paths = {}
    for shape in (SMALL, large):
        paths[shape] = settings.scratch / f"sawtooth_{shape[0]}_{shape[1]}.yaml"
        paths[shape].write_text(sawtooth(*shape).to_yaml(), encoding="utf-8")
    model = load(paths[SMALL]).build(dtype="float64")
    within = interleave({_title(SMALL): calls(lambda: count(model))}, settings.rounds)
    options = ("regions", paths[large], "--limit", "0")
    whole = interleave(
        {
            "one process": netspec(*options, pinned=True),
            "two processes": netspec(*options, "--workers", "2"),
        },
        settings.rounds,
    )
    one, two = whole["one process"], whole["two processes"]
    rows = [
        (name, f"{_pieces(shape):,}", spell_seconds(seconds(taken)), memory)
        for name, shape, taken, memory in (
            (f"{_title(SMALL)}, a call of `count`", SMALL, within[_title(SMALL)], ""),
            (f"{_title(large)}, `netspec regions`", large, one, spell_bytes(peak(one).median)),
            (f"{_title(large)}, `--workers 2`", large, two, spell_bytes(peak(two).median)),
        )
    ]
    beside = _beside_relucent(settings)
    for name, taken in beside.items():
        rows.append(
            (
                f"{_title(_beside(settings))}, {name}",
                f"{_pieces(_beside(settings)):,}",
                spell_seconds(seconds(taken)),
                "",
            )
        )
    memory = peak(one)
    goals = [
        Goal("161,051 pieces", "at most 200 ms", seconds(within[_title(SMALL)]), 0.2, spell_seconds),
        Goal("60,466,176 pieces: time", "at most 8 s", seconds(one), 8.0, spell_seconds),
        Goal("60,466,176 pieces: memory", "at most 500 MB", memory, 5e8, spell_megabytes),
        Goal(
            "60,466,176 pieces: one process : two", "at least 1.6 ×", ratio(one, two), 1.6, spell_times, at_least=True
        ),
    ]
    if beside:
        times = ratio(beside["relucent"], beside["a call of `count`"])
        goals.append(Goal("relucent : netspec", "at least 1,000 ×", times, 1000.0, spell_times, at_least=True))
    return Result(
        "Linear regions",
        "Zig-zags of [0, 1] applied K times, as K hidden layers of D units: (D + 1)^K pieces, the most that any "
        "parameters give. float64; one process is on one processor, with one thread. The memory of two processes is "
        "that of the largest. relucent 1.0 (PyPI), where it is installed, searches the cells of the same network in one"
        " process, from the region at 0.3 on, and finds as many.",
        [Table(("network", "pieces", "time", "peak memory"), rows)],
        goals if large == LARGE else goals[:1],
        {"count": within, "netspec regions": whole, **({"relucent": beside} if beside else {})},
    )


def _beside_relucent(settings: Settings) -> Samples:
    """Return what both take for the cells of one network; nothing where relucent is not installed."""
    if find_spec("relucent") is None:
        return {}
    shape = _beside(settings)
    model = sawtooth(*shape).build(dtype="float64")
    relucent: Any = importlib.import_module("relucent")
    parts: Any = importlib.import_module("relucent.model")
    layers: OrderedDict[str, Any] = OrderedDict()
    for k in range(shape[1] + 1):
        Omega, beta = (np.array(model.parameters[f"{role}_{k}"]) for role in ("Omega", "beta"))
        layers[f"affine_{k}"] = parts.LinearLayer(weight=Omega, bias=beta)
        if k < shape[1]:
            layers[f"relu_{k}"] = parts.ReLULayer()

    def search() -> None:
        found = relucent.Complex(parts.ReLUNetwork(layers, input_shape=(1,)))
        found.bfs(nworkers=1, start=np.full((1, 1), 0.3), verbose=0)
        if len(found) != _pieces(shape):
            raise RuntimeError(f"relucent finds {len(found)} cells")

    systems = {"relucent": calls(search), "a call of `count`": calls(lambda: count(model))}
    return interleave(systems, min(settings.rounds, 3))


def _beside(settings: Settings) -> tuple[int, int]:
    return (3, 2) if settings.tiny else (5, 4)


def _pieces(shape: tuple[int, int]) -> int:
    return int((shape[0] + 1) ** shape[1])


def sawtooth(D: int, K: int) -> Network:
    """Return the zig-zag with joints (2 i - 1) / (2 D + 1); its third unit faces left, the others right."""
    joints = [Fraction(2 * i - 1, 2 * D + 1) for i in range(1, D + 1)]
    out = [-3 * (D + Fraction(1, 2)), *((2 * D + 1) * (-1) ** i for i in range(2, D + 1))]
    sides = [-1 if i == 2 else 1 for i in range(D)]
    shifts = [-side * joint for side, joint in zip(sides, joints, strict=True)]
    constant = -joints[2] * out[2]
    tensors: dict[str, list[object]] = {"beta_0": [*shifts], "Omega_0": [[side] for side in sides]}
    for k in range(1, K):
        tensors[f"beta_{k}"] = [side * constant + shift for side, shift in zip(sides, shifts, strict=True)]
        tensors[f"Omega_{k}"] = [[side * weight for weight in out] for side in sides]
    tensors[f"beta_{K}"], tensors[f"Omega_{K}"] = [constant], [[*out]]
    return Network(input=1, widths=[D] * K, output=1, dtype="float64", parameters=tensors)


def _title(shape: tuple[int, int]) -> str:
    return f"D = {shape[0]}, K = {shape[1]}"
