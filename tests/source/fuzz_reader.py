"""Mutated specs through the reader: never a crash, one verdict from both parsers, one meaning for YAML 1.1 and 1.2.

    python tests/source/fuzz_reader.py 1000000 [seed]

Inputs grow from the seeds below by mutations that know the grammar. Each is read with libyaml; every eighth, and
every one that is accepted, with the parser in Python too. A finding is printed and ends the run with exit code 1;
kept under `findings/`, where a test reads each again, it stays found. Of a text that is broken in two places the
parsers, one of which looks further ahead, may name either: that is counted, and no finding.
"""

import random
import sys
from pathlib import Path
from typing import Final

import yaml

from netspec.limits import YAML_DEPTH
from netspec.source import REFUSED, Source, read_source

FINDINGS: Final = Path(__file__).parent / "findings"

SEEDS: Final = (
    "netspec: 1\nname: two-layer\ninput: 1\nK: 2\nwidths: [3, 3]\noutput: 1\nactivation: relu\n",
    (
        "netspec: 1\nhyperparameters:\n  D: 10\n  rate: 0.5 # half\ninput: 1\nK: 5\nwidths: D\noutput: 1\nexpect:\n"
        "  parameters: 3*D + 1\n  regions: {at_most: 161051}\nvariants:\n  small: {D: 4}\n"
    ),
    "---\nnetspec: 1\ncompose:\n  - fold.yaml\n  - 'bend.yaml'\n...\n",
    (
        "netspec: 1\nlayers:\n- conv: {channels: 6, kernel: [5, 5], as: x}\n- flatten\n-   add: [in, x]\n"
        '- mlp:\n    widths:\n    - 120\n    - 84\n    output: "10"\noutput: 10\n'
    ),
    (
        "netspec: 1\ndescription: |\n  a text\n   of lines\n\n  end\nparameters:\n  beta_0: [0, -0.67, 1e-3]\n"
        "  Omega_0: [[-1.0],\n    [1.0], # last\n    [16/3]]\nname: >-\n  folded\n  text\n"
    ),
    "{netspec: 1, a: {b: [c, {d: e}, [f: g]]}, 'h': \"i \\n \\u03b2\"}\n",
    "netspec: 1\ntext: plain on one line\nother: \"quoted\n  over lines\"\nlast: 'it''s'\n",
)

PIECES: Final = (
    *(
        "\n",
        " ",
        "  ",
        ":",
        ": ",
        ",",
        ", ",
        "[",
        "]",
        "{",
        "}",
        "-",
        "- ",
        "\n- ",
        "?",
        "? ",
        "#",
        " #",
        "'",
        '"',
        "\\",
    ),
    *("|", ">", "|-", ">+", "|2", "&a", "&a ", "*a", "!", "!!str ", "!t ", "%", "%YAML 1.2\n", "@", "`", "$", "~", "="),
    *("---", "...", "\n---\n", "\n...\n", "--- ", "<<", "<<: ", "null", "yes", "No", "on", "y", "true", "TRUE", "0"),
    *("010", "0x1F", "0o17", "1_000", "12:30", "1:2.5", "2024-01-01", ".inf", "-.5", "+1", "1e3", "1e999", "5.", "-0"),
    *("\t", "\r", "\r\n", "\x00", "\x1b", "\x85", "\xa0", "\u2028", "\u202e", "\ufeff", "é", "β", "\U0001f600"),
    *('"\\x41"', '"\\ud800"', '"\\U00110000"', "{width:4}", "- dense:10", '{"a":1}', "[a, , b]", "a: b: c", "[" * 40),
    *(
        "a",
        "b: 1\n",
        "\n  ",
        "\n    ",
        "\n\n",
        " : ",
        "a: ",
        "\n a: 1",
        "!<x>",
        "!a!b",
        "::",
        "-:",
        "?a",
        ":a",
        "[]",
        "{}",
    ),
)


def mutate(text: str, random_: random.Random) -> str:
    """Return the text after one to six mutations."""
    for _ in range(random_.choice((1, 1, 1, 2, 2, 3, 6))):
        start = random_.randint(0, len(text))
        length = random_.choice((0, 0, 0, 1, 1, 2, 5, 20))
        kind = random_.random()
        if kind < 0.55:
            piece = random_.choice(PIECES)
        elif kind < 0.75:
            piece = ""
            length = max(length, 1)
        elif kind < 0.9:
            other = random_.choice(SEEDS)
            begin = random_.randint(0, len(other))
            piece = other[begin : begin + random_.choice((1, 3, 10, 40))]
        else:
            begin = random_.randint(0, len(text))
            piece = text[begin : begin + random_.choice((1, 3, 10, 40))]
        text = text[:start] + piece + text[start + length :]
    return text


def corrupt(text: str, random_: random.Random) -> bytes:
    """Return the bytes of the text, once in a while with some of them changed."""
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    if data and random_.random() < 0.05:
        for _ in range(random_.choice((1, 1, 2, 4))):
            data[random_.randrange(len(data))] = random_.randrange(256)
    return bytes(data)


def verdict(source: Source) -> list[tuple[str, int]]:
    """Return what both parsers have to agree on: the codes of the faults, and their lines."""
    return [(fault.code, fault.place.span.line if fault.place.span else 0) for fault in source.faults]


def unlike(fast: Source, slow: Source) -> bool:
    """Return whether the two parsers disagree on more than which of two breaches comes first."""
    return (fast.tree is None) != (slow.tree is None) or (fast.tree is not None and verdict(fast) != verdict(slow))


def complaint(data: bytes, *, both: bool) -> str | None:
    """Return what is wrong with the reading of some bytes, "" for a breach that only one parser names, or None."""
    fast = read_source(data, "f.yaml")
    if fast.tree is None and not fast.faults:
        return "no tree and no fault"
    lines = fast.text.split("\n")
    for fault in fast.faults:
        span = fault.place.span
        if span is None or not 1 <= span.line <= len(lines) or span.column < 1:
            return f"a fault outside the text: {fault}"
        if (span.line, span.column) >= (span.end_line, span.end_column):
            return f"a fault of no width: {fault}"
    if both or not fast.faults:
        slow = read_source(data, "f.yaml", pure=True)
        if unlike(fast, slow):
            return f"two verdicts:\n  {verdict(fast)}\n  {verdict(slow)}"
        if fast.data() != slow.data():
            return f"two meanings:\n  {fast.data()}\n  {slow.data()}"
        if verdict(fast) != verdict(slow):
            return ""
    return None if fast.faults else misread(fast, data)


def misread(source: Source, data: bytes) -> str | None:
    """Return how a YAML 1.1 reader takes an accepted file otherwise, or None; exponents without a point excepted."""
    try:
        read = yaml.load(data, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        return f"YAML 1.1 refuses it: {error}"
    except (ValueError, RecursionError) as error:
        return f"YAML 1.1 fails on it: {error!r}"
    return None if alike(source.data(), read) else f"YAML 1.1 reads it otherwise:\n  {source.data()}\n  {read}"


def alike(ours: object, theirs: object, depth: int = 0) -> bool:
    """Return whether two readings are equal in value and type; a float here may be its text there (`1e-3`)."""
    assert depth <= YAML_DEPTH.value
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return list(ours) == list(theirs) and all(alike(ours[key], theirs[key], depth + 1) for key in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(alike(a, b, depth + 1) for a, b in zip(ours, theirs, strict=True))
    if isinstance(ours, float) and isinstance(theirs, str):
        return "e" in theirs.lower() and float(theirs) == ours
    return ours is not REFUSED and type(ours) is type(theirs) and ours == theirs


def main(count: int, seed: int) -> int:
    """Read `count` inputs and return 1 at the first finding."""
    random_ = random.Random(seed)
    pool = list(SEEDS)
    accepted = differing = 0
    for number in range(count):
        text = mutate(random_.choice(pool), random_)[:4096]
        data = corrupt(text, random_)
        try:
            found = complaint(data, both=number % 8 == 0)
        except Exception as error:
            found = f"it raised {error!r}"
        if found:
            print(f"input {number} of seed {seed}: {found}\n{data!r}", flush=True)
            return 1
        differing += found == ""
        if not read_source(data, "f.yaml").faults:
            accepted += 1
            if len(pool) < 200 or random_.random() < 0.05:
                pool[len(pool) if len(pool) < 200 else random_.randrange(len(SEEDS), 200) :] = [text]
    print(f"{count:,} inputs, seed {seed}: {accepted:,} accepted, {differing:,} broken twice, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
