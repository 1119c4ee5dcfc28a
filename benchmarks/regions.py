"""Linear regions: of zig-zags that have as many as any parameters give, of random networks, and proven bounds."""

from fractions import Fraction
from functools import partial
from typing import NamedTuple

import numpy as np

from benchmarks import relucent
from benchmarks.harness import Sample, Samples, Settings, calls, interleave, netspec, peak, ratio, seconds
from benchmarks.results import Goal, Result, Table, spell_bytes, spell_megabytes, spell_seconds, spell_times
from netspec.bounds.bounds import Bound
from netspec.bounds.patient import patient_bounds
from netspec.bounds.stages import Stage
from netspec.model import Model
from netspec.model.tensors import Held
from netspec.network import Network, load, loads
from netspec.regions import Count, count

SMALL, LARGE = (10, 5), (5, 10)  # D, K
PLANE, SPACE, LESS = (2, 200, 200, 200), (3, 50, 50), (3, 30, 30)  # D_i, widths
BESIDE = (3, 10, 10)
BOUND = (784, 1000, 100)  # D_i, D, K


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
    spatial, cells = _spatial(settings)
    rows += [(each.words, f"{cells[each]:,}", spell_seconds(seconds(taken)), "") for each, taken in spatial.items()]
    inputs, width, depth = (8, 20, 5) if settings.tiny else BOUND
    stages = [Stage(depth, width, width, 1, collapses=True)]
    bound = interleave({"Serra's bound": calls(lambda: patient_bounds(inputs, stages))}, min(settings.rounds, 3))
    rows.append(
        (
            f"D_i = {inputs}, D = {width:,}, K = {depth}: Serra's bound",
            _digits(patient_bounds(inputs, stages).serra),
            spell_seconds(seconds(bound["Serra's bound"])),
            "",
        )
    )
    beside = _beside_relucent(settings)
    for words, (pieces, samples) in beside.items():
        rows += [
            (f"{words}, {name}", f"{pieces:,}", spell_seconds(seconds(taken)), "") for name, taken in samples.items()
        ]
    memory = peak(one)
    goals = [
        Goal("161,051 pieces", "at most 200 ms", seconds(within[_title(SMALL)]), 0.2, spell_seconds),
        Goal("60,466,176 pieces: time", "at most 8 s", seconds(one), 8.0, spell_seconds),
        Goal("60,466,176 pieces: memory", "at most 500 MB", memory, 5e8, spell_megabytes),
        Goal(
            "60,466,176 pieces: one process : two", "at least 1.6 ×", ratio(one, two), 1.6, spell_times, at_least=True
        ),
    ]
    others: list[Goal] = []
    if not settings.tiny:
        plane, space = (seconds(spatial[Domain(shape, True)]) for shape in (PLANE, SPACE))
        others = [
            Goal(f"{_widths(PLANE)}: cells and pieces", "at most 2 s", plane, 2.0, spell_seconds),
            Goal(f"{_widths(SPACE)}: cells and pieces", "at most 500 ms", space, 0.5, spell_seconds),
            Goal("Serra's bound", "at most 10 s", seconds(bound["Serra's bound"]), 10.0, spell_seconds),
        ]
    for words, (_, samples) in beside.items():
        times = ratio(samples[_SEARCH], samples[_CALL])
        others.append(
            Goal(f"{words}: relucent : netspec", "at least 1,000 ×", times, 1000.0, spell_times, at_least=True)
        )
    return Result(
        "Linear regions",
        "Zig-zags of [0, 1] applied K times, as K hidden layers of D units: (D + 1)^K pieces, the most that any "
        "parameters give. And networks with He-normal "
        "Ω and normal β of standard deviation 1/√D, their cells and pieces by a call of `count`; and the exact integer "
        "of a bound. float64; one process is on one processor, with one thread. The memory of two processes is "
        "that of the largest. relucent 1.0 (PyPI), where it is installed, searches the cells of the same networks in "
        "one process with one thread, from a point inside one on, in turns with netspec, and finds as many; "
        "starting it is not in the time.",
        [Table(("network", "pieces", "time", "peak memory"), rows)],
        [*goals, *others] if large == LARGE else [goals[0], *others],
        {
            "count": within,
            "netspec regions": whole,
            "bound": bound,
            **_named(spatial),
            **{f"relucent, {words}": samples for words, (_, samples) in beside.items()},
        },
    )


class Domain(NamedTuple):
    """Where cells of a random network are counted: of these D_i and widths, on a box or on all of R^n."""

    shape: tuple[int, ...]
    boxed: bool

    @property
    def words(self) -> str:
        """What a table says of it."""
        n = self.shape[0]
        return f"{_widths(self.shape)}, cells of " + (f"the box [-1, 1]^{n}" if self.boxed else f"all of R^{n}")

    def counted(self, model: Model) -> Count:
        """Return how many there are."""
        return count(model, box=[(-1, 1)] if self.boxed else None)


def _spatial(settings: Settings) -> tuple[dict[Domain, list[Sample]], dict[Domain, int]]:
    """Return what a call of `count` takes for random networks in two and three dimensions, and how many cells it finds.

    A call takes longer than a block, so that each sample is one call.
    """
    domains = [Domain(PLANE, True), Domain(SPACE, True), Domain(LESS, False), Domain(SPACE, False)]
    if settings.tiny:
        domains = [Domain((2, 6, 6), True), Domain((3, 5, 5), True), Domain((3, 5, 5), False)]
    models = {domain: drawn(domain.shape) for domain in domains}
    cells = {domain: domain.counted(model).cells for domain, model in models.items()}
    taken = interleave(
        {domain.words: calls(partial(domain.counted, models[domain])) for domain in domains}, settings.rounds
    )
    return {domain: taken[domain.words] for domain in domains}, cells


def drawn(shape: tuple[int, ...]) -> Model:
    """Return a network of D_i inputs and these widths: He-normal Ω, and normal β, without which all bends meet at 0."""
    text = f"netspec: 1\ndtype: float64\ninput: {shape[0]}\nwidths: {[*shape[1:]]}\noutput: 1\n"
    plain = loads(text).build(dtype="float64", seed=0)
    sources: dict[str, Held] = {name: Held(array.copy()) for name, array in plain.parameters.items()}
    generator = np.random.default_rng(0)
    for k, before in enumerate(shape):
        beta = sources[f"beta_{k}"].values
        beta[:] = generator.normal(0, 1, len(beta)) / np.sqrt(before)
    return Model(plain.part, plain.graph, plain.dtype, sources, None)


def _named(spatial: dict[Domain, list[Sample]]) -> dict[str, Samples]:
    return {domain.words: {_CALL: samples} for domain, samples in spatial.items()}


def _widths(shape: tuple[int, ...]) -> str:
    return "-".join(map(str, shape))


def _digits(bound: Bound | None) -> str:
    return "" if bound is None else f"about 10^{int(bound.log10):,}"


_CALL, _SEARCH = "a call of `count`", "relucent"


def _beside_relucent(settings: Settings) -> dict[str, tuple[int, Samples]]:
    """Return how many cells two networks have, and what both take for them; nothing where relucent is not installed."""
    python = relucent.interpreter()
    if python is None:
        return {}
    line, space = ((3, 2), (2, 3, 3)) if settings.tiny else ((5, 4), BESIDE)
    models = {
        _title(line): (sawtooth(*line).build(dtype="float64"), [0.3]),
        f"{_widths(space)}, all of R^{space[0]}": (drawn(space), [0.1 + 0.1 * axis for axis in range(space[0])]),
    }
    found = {}
    for number, (words, (model, start)) in enumerate(models.items()):
        cells = count(model).cells
        path = settings.scratch / f"relucent_{number}.npz"
        with relucent.searching(python, model, start, path, cells) as search:
            systems = {_SEARCH: search, _CALL: calls(partial(count, model))}
            found[words] = cells, interleave(systems, min(settings.rounds, 3))
    return found


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
