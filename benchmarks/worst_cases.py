"""The worst inputs: hostile ones, and the largest that are legal; time and memory until the verdict."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.harness import (
    Process,
    Sample,
    Samples,
    Settings,
    Spread,
    interleave,
    netspec,
    peak,
    processors,
    program,
    seconds,
)
from benchmarks.results import Goal, Result, Table, spell_bytes, spell_megabytes, spell_seconds
from netspec.limits import EXPRESSION_TEXT, SPEC_BYTES, VARIANT_WORK, WRITTEN_LAYERS, YAML_VALUES

FAST, PURE, PYTHON = "with libyaml", "without libyaml", "python alone"
_NOUNS: Final = ("time", "processor time", "memory")
_HEAD: Final = "netspec: 1\nname: worst\ninput: 1\noutput: 1\n"


class Input(NamedTuple):
    """One input: what it is, the exit code of its verdict, and its text, made when it is asked for."""

    name: str
    status: int
    text: Callable[[], str]


def measure(settings: Settings) -> Result:
    """Return what each of the worst inputs costs, with libyaml and without."""
    inputs = INPUTS[:2] if settings.tiny else INPUTS
    samples: dict[str, Samples] = {}
    for number, given in enumerate(inputs):
        path = settings.scratch / f"worst_{number}.yaml"
        path.write_text(given.text(), encoding="utf-8")
        samples[given.name] = interleave(_systems(path, given.status), settings.rounds)
    rows = [
        (
            given.name,
            "valid" if given.status == 0 else "refused",
            *(text for way in (FAST, PURE) for text in _cells(samples[given.name], way)),
        )
        for given in inputs
    ]
    return Result(
        "The worst inputs",
        "`netspec validate` as a whole process. Memory is what it has at its peak over that of `python -c pass`. "
        "The goals are held against the worst of them all. The valid ones are as large as the limits allow.",
        [Table(("input", "verdict", *(f"{noun}, {way}" for way in (FAST, PURE) for noun in _NOUNS)), rows)],
        [
            Goal(f"worst time, {FAST}", "at most 1 s", _worst(samples, FAST, _time), 1.0, spell_seconds),
            Goal(f"worst memory, {FAST}", "at most 150 MB", _worst(samples, FAST, _over), 1.5e8, spell_megabytes),
            Goal(f"worst time, {PURE}", "at most 5 s", _worst(samples, PURE, _time), 5.0, spell_seconds),
        ],
        samples,
    )


def _systems(path: Path, status: int) -> dict[str, Callable[[], Sample]]:
    return {
        FAST: netspec("validate", path, status=status),
        PURE: program("without_libyaml", "validate", path, status=status),
        PYTHON: Process((sys.executable, "-c", "pass")),
    }


def _time(samples: Samples, way: str) -> Spread:
    return seconds(samples[way])


def _over(samples: Samples, way: str) -> Spread:
    """Return the peak memory over that of Python alone."""
    alone = peak(samples[PYTHON]).median
    return Spread(*(part - alone for part in peak(samples[way])))


def _cells(samples: Samples, way: str) -> tuple[str, str, str]:
    """Return what stands under `_NOUNS`."""
    spent = processors(samples[way]).median
    return (
        spell_seconds(_time(samples, way)),
        spell_seconds(Spread(spent, spent, spent)),
        spell_bytes(_over(samples, way).median),
    )


def _worst(samples: dict[str, Samples], way: str, of: Callable[[Samples, str], Spread]) -> Spread:
    return max(of(taken, way) for taken in samples.values())


def _runs_of_widths() -> str:
    """Return nearly as many widths as a spec may have values, in nearly as many runs of equal neighbours."""
    runs = WRITTEN_LAYERS.value - 20
    each = (YAML_VALUES.value - 100) // runs
    widths = (str(1 + run % 2) for run in range(runs) for _ in range(each))
    return f"{_HEAD}widths: [{', '.join(widths)}]\n"


def _largest() -> str:
    """Return a valid spec of as many bytes as one may have, most of them numbers."""
    runs = WRITTEN_LAYERS.value - 20
    widths = ", ".join(str(100_000_000 + number * runs // 95_000) for number in range(95_000))
    text = f"{_HEAD}widths: [{widths}]\n"
    return text + "#" * (SPEC_BYTES.value - len(text) - 1) + "\n"


def _expressions() -> str:
    """Return widths that are expressions, nearly as long as one and as all of them together may be, each another."""
    terms = " + ".join(["(D + 1) // 2"] * 15)
    written = [f"{number} + {terms}" for number in range(1000, 9999)]
    lines = "".join(f"  - {text}\n" for text in written[: EXPRESSION_TEXT.value // len(written[0])])
    return f"{_HEAD}hyperparameters: {{D: 3}}\nwidths:\n{lines}"


def _variants() -> str:
    """Return a spec of about as many variants as may be, each of which is checked: of n variants 4 n values and few."""
    count = int((VARIANT_WORK.value / 4) ** 0.5) - 5
    variants = "".join(f"  v{number}: {{D: {number + 1}}}\n" for number in range(count))
    return f"{_HEAD}hyperparameters: {{D: 3}}\nK: 20\nwidths: D\nvariants:\n{variants}"


def _claims() -> str:
    """Return a spec that expects something of every fact, of nearly as many layers as are worked out for that."""
    widths = ", ".join(str(500_000_000 + number) for number in range(3_999))
    facts = ("parameters", "capacity", "depth", "macs", "flops", "activation_bytes", "regions")
    expect = ", ".join(f"{fact}: {{at_least: 1}}" for fact in facts)
    return f"{_HEAD.replace('input: 1', 'input: 1000')}widths: [{widths}]\nexpect: {{{expect}}}\n"


def _networks() -> str:
    """Return as many networks as may be composed, each with a hyperparameter and a check of its own."""
    count = WRITTEN_LAYERS.value // 2 - 50
    keys = "hyperparameters: {{a{0}: 1}}, checks: [a{0} == 1], input: a{0}, widths: [1], output: 1"
    networks = "".join(f"  n{number}: {{{keys.format(number)}}}\n" for number in range(count // 2))
    names = ", ".join(f"n{number}" for number in range(count // 2))
    return f"netspec: 1\nnetworks:\n{networks}compose: [{names}]\n"


INPUTS: Final = (
    Input("25,000 nested brackets", 1, lambda: f"netspec: 1\nwidths: {'[' * 25_000}\n"),
    Input("25,000 nested `- `", 1, lambda: f"netspec: 1\nwidths:\n  {'- ' * 25_000}1\n"),
    Input("merge keys, 7 levels of 9", 1, lambda: _merges(7, 9)),
    Input("49,000 unknown keys", 1, lambda: "".join(f"key{n}: {n}\n" for n in range(49_000))),
    Input("a scalar of 1 MiB", 1, lambda: f"name: {'x' * (SPEC_BYTES.value - 10)}\n"),
    Input("1 MiB of one-character lines", 1, lambda: "a\n" * (SPEC_BYTES.value // 2)),
    Input("a file of 100 MB", 1, lambda: "#" * 100_000_000),
    Input("as many widths as may be, of 1 or 2 units", 0, _runs_of_widths),
    Input("1 MiB: 95,000 widths of 9 digits", 0, _largest),
    Input("as many expressions as may be", 0, _expressions),
    Input("as many variants as may be", 0, _variants),
    Input("4,000 layers, their regions and all other facts", 0, _claims),
    Input("thousands of networks", 0, _networks),
)


def _merges(levels: int, times: int) -> str:
    """Return keys that would grow by `times` at every level if they were merged."""
    text = "a0: &a0 {k: 1}\n"
    for level in range(1, levels + 1):
        merged = ", ".join(f"*a{level - 1}" for _ in range(times))
        text += f"a{level}: &a{level}\n  <<: [{merged}]\n"
    return text
