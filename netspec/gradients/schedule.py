"""In which order a program of gradients computes, and how long each value lives.

Forward, the losses, backward; each entry of the tape is an event. Where memory is to be spared the tape is parted into
segments: what lies within one is let go, and computed again just before its backward pass.

Source: recomputation by segments of √n entries: Chen et al. 2016, *Training deep nets with sublinear memory cost*.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import isqrt
from typing import NamedTuple

from netspec.gradients.rule import Rule
from netspec.gradients.tape import Entry, Phase, Ref, Tape


class Event(NamedTuple):
    """One entry in one pass; `entry` is None for the losses."""

    phase: Phase | None
    entry: Entry | None


class Life(NamedTuple):
    """A value, for the first time or computed again; or a gradient."""

    kind: str
    value: int


class Schedule:
    """The events of a tape, and `spans`: the first and the last event of each life.

    `derived` are the numbers of the entries whose backward lines run, `again` those of what is computed twice, and
    `flowing` are the values that have a gradient.
    """

    def __init__(
        self,
        tape: Tape,
        rules: Mapping[int, Rule],
        losses: Sequence[Ref],
        *,
        backward: bool,
        inputs: bool = False,
        recompute: bool = False,
    ) -> None:
        self.tape, self.rules, self.losses = tape, rules, losses
        self.flowing = self._flow(inputs) if backward else set()
        self.derived = {entry.number for entry in tape.entries if backward and self._is_derived(entry)}
        self.segments = self._parted() if recompute and backward else [tape.entries]
        self.again: set[int] = set()
        self.events = self._order(backward)
        self.spans: dict[Life, tuple[int, int]] = {}
        self._measure()

    def _flow(self, inputs: bool) -> set[int]:
        """Return the values that depend on what is learned, and that a loss depends on."""
        tape = self.tape
        depends = {
            value for value in range(tape.inputs) if inputs and value not in tape.integers
        }  # of the inputs where theirs are wanted
        for entry in tape.entries:
            if entry.learned or any(ref.value in depends for ref in entry.operands):
                depends.add(entry.result)
        reached = {ref.value for ref in self.losses}
        for entry in reversed(tape.entries):
            if entry.result in reached and entry.result in depends:
                reached.update(ref.value for ref in entry.operands)
        return depends & reached

    def _is_derived(self, entry: Entry) -> bool:
        return entry.result in self.flowing and (
            bool(entry.learned) or any(ref.value in self.flowing for ref in entry.operands)
        )

    def _parted(self) -> list[list[Entry]]:
        """Return the entries in about √n segments, each ending where the fewest numbers have to be kept."""
        entries = self.tape.entries
        length = max(2, isqrt(len(entries)))
        crossing = self._crossing()
        segments: list[list[Entry]] = []
        begin = 0
        while begin < len(entries):
            if len(entries) - begin <= 2 * length:
                segments.append(entries[begin:])
                break
            ends = range(begin + length, min(begin + 2 * length, len(entries)))
            end = min(ends, key=lambda at: (crossing[at], at))
            segments.append(entries[begin:end])
            begin = end
        return segments

    def _crossing(self) -> list[int]:
        """Return for each place how many values the entries before it leave to those from there on."""
        entries = self.tape.entries
        last = {ref.value: entry.number for entry in entries for ref in entry.operands}
        change = [0] * (len(entries) + 1)
        for entry in entries:
            end = last.get(entry.result, -1)
            if end > entry.number:
                change[entry.number + 1] += 1
                change[end + 1] -= 1
        return list(accumulate(change))

    def _order(self, backward: bool) -> list[Event]:
        events = [Event("forward", entry) for entry in self.tape.entries]
        events.append(Event(None, None))
        if not backward:
            return events
        derived = self.derived
        kept = self._kept()
        for index, segment in reversed(list(enumerate(self.segments))):
            if index < len(self.segments) - 1:
                wanted: set[int] = set()
                for entry in reversed(segment):
                    if entry.number in derived:
                        wanted |= self._backward_reads(entry)
                    rule = self.rules[entry.number]
                    needed = entry.result in wanted or (entry.number in derived and rule.saves(entry))
                    if needed and entry.result not in kept:
                        self.again.add(entry.number)
                        wanted.update(ref.value for ref in entry.operands)
                events += [Event("again", entry) for entry in segment if entry.number in self.again]
            events += [Event("backward", entry) for entry in reversed(segment) if entry.number in derived]
        return events

    def _kept(self) -> set[int]:
        """Return the values that outlive the segment they are made in: other segments, losses or callers read them."""
        home = {entry.result: index for index, segment in enumerate(self.segments) for entry in segment}
        kept = {ref.value for ref in self.losses}
        kept |= {value for value, index in home.items() if index == len(self.segments) - 1}
        for index, segment in enumerate(self.segments):
            for entry in segment:
                kept |= {ref.value for ref in entry.operands if home.get(ref.value, index) != index}
        return kept

    def _backward_reads(self, entry: Entry) -> set[int]:
        """Return the values that the backward lines of an entry read."""
        rule = self.rules[entry.number]
        found = {entry.operands[index].value for index in rule.operands(entry)}
        if rule.result(entry):
            found.add(entry.result)
        return found

    def life(self, phase: Phase | None, value: int) -> Life:
        """Return the life that a value has in a pass."""
        again = Life("again", value)
        return again if phase in ("again", "backward") and again in self.spans else Life("value", value)

    def _measure(self) -> None:
        spans = self.spans

        def touch(life: Life, at: int) -> None:
            begin, end = spans.get(life, (at, at))
            spans[life] = (begin, max(end, at))

        for at, (phase, entry) in enumerate(self.events):
            if entry is None:
                for ref in self.losses:
                    touch(Life("value", ref.value), at)
                    if ref.value in self.flowing:
                        touch(Life("gradient", ref.value), at)
                continue
            if phase == "backward":
                for value in self._backward_reads(entry):
                    touch(self.life(phase, value), at)
                touch(Life("gradient", entry.result), at)
                for ref in entry.operands:
                    if ref.value in self.flowing:
                        touch(Life("gradient", ref.value), at)
                continue
            if phase == "again":
                spans[Life("again", entry.result)] = (at, at)
            for ref in entry.operands:
                touch(self.life(phase, ref.value), at)
            touch(self.life(phase, entry.result), at)

        for life, (begin, _) in list(spans.items()):
            if life.kind == "gradient" and life.value < self.tape.inputs:
                spans[life] = (begin, len(self.events))  # callers read it

    def first_contribution(self, value: int, at: int) -> bool:
        """Return whether the gradient of a value begins with this event."""
        return self.spans[Life("gradient", value)][0] == at
