"""Linear regions: how long it takes to count those of zig-zags that have as many as any parameters give."""

from fractions import Fraction

from benchmarks.harness import Settings, calls, interleave, netspec, peak, ratio, seconds
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
        (name, f"{(shape[0] + 1) ** shape[1]:,}", spell_seconds(seconds(taken)), memory)
        for name, shape, taken, memory in (
            (f"{_title(SMALL)}, a call of `count`", SMALL, within[_title(SMALL)], ""),
            (f"{_title(large)}, `netspec regions`", large, one, spell_bytes(peak(one).median)),
            (f"{_title(large)}, `--workers 2`", large, two, spell_bytes(peak(two).median)),
        )
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
    return Result(
        "Linear regions",
        "Zig-zags of [0, 1] applied K times, as K hidden layers of D units: (D + 1)^K pieces, the most that any "
        "parameters give. float64; one process is on one processor, with one thread. The memory of two processes is "
        "that of the largest.",
        [Table(("network", "pieces", "time", "peak memory"), rows)],
        goals if large == LARGE else goals[:1],
        {"count": within, "netspec regions": whole},
    )


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
