"""Facts beside a spec that are not what it has: each fault whole."""

import json

from netspec.diagnostics import Diagnostic, Place, Span
from netspec.diagnostics.text import render_text
from netspec.review.facts_file import facts_text
from netspec.review.stale import stale
from tests.review.families import family

NET = "netspec: 1\nname: net\nhyperparameters: {D: 3}\ninput: 1\nwidths: [D, 3]\nactivation: relu\noutput: 1\n"


def facts(text: str) -> str:
    """Return the facts of a spec."""
    return facts_text(family(text), "net.yaml")


def fault(before: str, after: str) -> Diagnostic:
    """Return the fault of facts that are not those of their spec."""
    return stale("net.facts.json", "net.yaml", before, after)


def drawn(before: str, after: str) -> str:
    """Return the fault as a terminal has it."""
    return render_text([fault(before, after)], {"net.facts.json": before})


def test_values_that_are_others_are_told_and_marked_the_first_few() -> None:
    wider = facts(NET.replace("{D: 3}", "{D: 1001}"))
    assert drawn(facts(NET), wider) == (
        "error[stale-facts]: `net.facts.json` is not what `net.yaml` has: parameters 22 → 5,012, capacity 6 → 1,004, "
        "macs 15 → 4,007, and 9 more\n"
        "   --> net.facts.json:14:19\n"
        "    |\n"
        ' 14 |     "parameters": 22,\n'
        "    |                   ^^ 5,012 now\n"
        ' 15 |     "state": 0,\n'
        ' 16 |     "capacity": 6,\n'
        "    |                 - 1,004 now\n"
        ' 17 |     "depth": 2,\n'
        ' 18 |     "macs": 15,\n'
        "    |             -- 4,007 now\n"
        "    |\n"
        "    = help: `netspec facts net.yaml` writes what it has now\n"
    )


def test_what_is_new_is_marked_where_it_belongs_and_what_is_gone_where_it_stands() -> None:
    old = facts(NET)
    new = old.replace('    "Omega_0": [3, 1],\n', "").replace('  "state": {},', '  "state": {\n    "mean": [3]\n  },')
    assert drawn(old, new) == (
        "error[stale-facts]: `net.facts.json` is not what `net.yaml` has: mean [3] is new, Omega_0 is gone\n"
        "   --> net.facts.json:35:12\n"
        "    |\n"
        ' 29 |     "Omega_0": [3, 1],\n'
        "    |                ------ gone now\n"
        "...\n"
        ' 35 |   "state": {},\n'
        "    |            ^^ mean [3] is new\n"
        "    |\n"
        "    = help: `netspec facts net.yaml` writes what it has now\n"
    )


def test_inputs_and_variants_are_called_by_what_they_are() -> None:
    old = facts(NET + "variants: {wide: {D: 5}}\n")
    assert fault(old, facts(NET.replace("input: 1", "input: 2") + "variants: {wide: {D: 5}}\n")).headline == (
        "`net.facts.json` is not what `net.yaml` has: input in [1] → [2], parameters 22 → 25, macs 15 → 18, and 13 more"
    )
    assert fault(old, facts(NET + "variants: {wide: {D: 6}}\n")).headline == (
        "`net.facts.json` is not what `net.yaml` has: wide: parameters 32 → 37, wide: capacity 8 → 9, "
        "wide: macs 23 → 27, and 6 more"
    )


def test_names_in_rounds_are_written_as_they_are_read() -> None:
    old = facts("netspec: 1\ninput: 1\nK: 4\nwidths: 2\noutput: 1\n")
    assert fault(old, old.replace('"Omega_{1…3}": [2, 2]', '"Omega_{1…3}": [2, 3]')).headline == (
        "`net.facts.json` is not what `net.yaml` has: Omega_{1…3} [2, 2] → [2, 3]"
    )


def test_what_a_file_holds_reaches_no_terminal_as_it_is() -> None:
    old = facts(NET)
    bad = old.replace('"net"', '"\x1b[31m\\u202e"').replace('"depth": 2', '"depth": "' + "x" * 10_000 + '"')
    found = fault(bad, old)
    assert found.headline == (
        '`net.facts.json` is not what `net.yaml` has: name "U+001B[31m\\\\u202e" → net, '
        'depth "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... (9954 more) → 2'
    )


def test_the_fingerprint_is_told_where_nothing_else_is_another() -> None:
    old = facts(NET)
    fingerprint = json.loads(old)["fingerprint"]
    other = "sha256:" + "0" * 64
    assert fault(old.replace(fingerprint, other), old).headline == (
        "`net.facts.json` is not what `net.yaml` has: fingerprint sha256:00000000000000000000000000000000000000000... "
        f"(23 more) → {fingerprint[:48]}... (23 more)"
    )
    both = old.replace(fingerprint, other).replace('"depth": 2', '"depth": 3')
    assert fault(both, old).headline.startswith("`net.facts.json` is not what `net.yaml` has: depth 3 → 2, fingerprint")


def test_another_layout_is_told_where_it_begins() -> None:
    old = facts(NET)
    words = "`net.facts.json` says what `net.yaml` has, and is laid out otherwise"
    for before, line, end in (
        (old.replace('    "state": 0', '        "state":  0'), 15, 21),
        (old.replace("\n", "\r\n"), 1, 3),
        (old + "\n", 39, 2),
        (old.removesuffix("\n"), 37, 2),
        (old.replace('"state": 0,', '"state": 0,\n    "state": 0,'), 16, 16),
    ):
        found = fault(before, old)
        assert (found.headline, found.place) == (words, Place("net.facts.json", Span(line, 1, line, end)))


def test_what_is_no_json_is_stale_too() -> None:
    old = facts(NET)
    for before in ("", "\0" * 100, '{"netspec_facts": ' * 5_000, "{\n" * 5_000, old[: len(old) // 2], old[::-1]):
        assert fault(before, old).code == "stale-facts"
    assert fault("{", old).place == Place("net.facts.json", Span(1, 1, 1, 2))
