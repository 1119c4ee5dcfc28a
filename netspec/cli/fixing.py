"""`validate --fix`: the fixes that faults offer, made in the spec as long as they make it better."""

import contextlib
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Final, NamedTuple

from netspec.cli.checking import COST, Checked, check, checked_as
from netspec.cli.jobs import plan
from netspec.cli.paths import STREAM, Target
from netspec.cli.reading import is_left_out, read_bytes
from netspec.diagnostics import Diagnostic, Span, SpecError, SystemFault, show
from netspec.diagnostics.edits import edited, overlap
from netspec.source import read_source
from netspec.validation import Choice, Verdict, check_file, uncollected

_ROUNDS: Final = 20  # what is mended may show what stood behind it
_TRIALS: Final = 20  # fixes that are tried alone and in vain
_MARK: Final = "\ufeff"
_Name = tuple[str, str, str]


class Mended(NamedTuple):
    """A fix that was made: of which fault, where that stood at the time, and the texts before and after."""

    code: str
    span: Span
    before: str
    after: str

    def told(self, file: str) -> str:
        """Return the line that tells of the change."""
        was, now = (f"`{show(text)}`".replace("\\n", "") if text.strip() else "" for text in (self.before, self.after))
        what = f"{was} is now {now}" if was else f"{now} is added"
        return f"{file}:{self.span.line}:{self.span.column}: fixed[{self.code}]: {what}\n"


class Fixed(NamedTuple):
    """What checking one spec found when no fix was left to make: the bytes to write, none where nothing was changed."""

    checked: Checked
    data: bytes | None = None
    changes: tuple[Mended, ...] = ()


def fix_all(targets: Sequence[Target | SystemFault], choice: Choice, jobs: int) -> Generator[Fixed, None, None]:
    """Yield what becomes of each target, in their order, by at most `jobs` processes, and by this one if none pays."""
    used, method = plan(targets, jobs, COST)
    if used == 1:
        for target in targets:
            yield fix(target, choice)
        return
    from netspec.cli.processes import in_processes  # multiprocessing is loaded only where it pays

    with contextlib.closing(in_processes(targets, partial(_fixed_or_left, choice=choice), used, method)) as results:
        for target, found in zip(targets, results, strict=True):
            yield fix(target, choice) if found is None else found


def _fixed_or_left(target: Target | SystemFault, choice: Choice) -> Fixed | None:
    """Return what becomes of the target; None leaves to the parent what nobody foresaw, and a usage that is refused."""
    try:
        return fix(target, choice)
    except Exception:
        return None


class _State(NamedTuple):
    """A text with the verdict on it; `unread` is where its reading ends, None where all of it is read."""

    text: str
    verdict: Verdict
    unread: tuple[int, int] | None


def fix(target: Target | SystemFault, choice: Choice) -> Fixed:
    """Return what becomes of a spec, of which nothing is written here; faults of the search stay what they are."""
    if isinstance(target, SystemFault):
        return Fixed(Checked("", fault=target))
    if target.path == STREAM:
        raise SystemFault("usage", "--fix writes files, and standard input is none", "leave out -, or --fix")
    if is_left_out(target):
        return Fixed(Checked(target.path, left_out=True))
    with uncollected():
        try:
            data = read_bytes(target.path)
            return _fixed(target, choice, data)
        except SystemFault as fault:
            return Fixed(Checked(target.path, fault=fault))
        except (SpecError, UnicodeDecodeError):  # told of as everywhere
            return Fixed(check(target, choice))


def _fixed(target: Target, choice: Choice, data: bytes) -> Fixed:
    """Return what becomes of a spec that holds `data`."""
    path = target.path
    text = data.decode()
    mark, text = text[: text.startswith(_MARK)], text.removeprefix(_MARK)

    def judge(text: str) -> _State:
        now = text.encode()
        source = read_source(now, path)
        end = max(map(_place, source.faults), default=(0, 0)) if source.tree is None else None
        verdict = check_file(path, root=target.root, choice=choice, data=now, policy=target.policy)
        return _State(text, verdict, end)

    state = judge(text)
    changes: list[Mended] = []
    useless: set[_Name] = set()
    for _ in range(_ROUNDS):
        faults = [fault for fault in state.verdict.diagnostics if fault.fix and fault.place.file == path]
        offered = _apart(fault for fault in faults if _name(fault) not in useless)
        if not offered:
            break
        state, made = _round(state, offered, judge, useless)
        changes += made
    return Fixed(checked_as(path, state.verdict), (mark + state.text).encode() if changes else None, tuple(changes))


def _round(
    state: _State, offered: list[Diagnostic], judge: Callable[[str], _State], useless: set[_Name]
) -> tuple[_State, list[Mended]]:
    """Return the state with all fixes made that are offered, or, where they do not help together, the first that does.

    Those that do not help by themselves are added to what is `useless`.
    """
    alone = [[fault] for fault in offered[: _TRIALS - len(useless)]] if len(offered) > 1 else []
    for trial in (offered, *alone):
        text, spans = edited(state.text, (edit for fault in trial for edit in fault.fix))
        if _is_better(now := judge(text), state, trial, spans):
            return now, [change for fault in trial for change in _changes(state.text, fault)]
        if len(trial) == 1:
            useless.add(_name(trial[0]))
    return state, []


def _apart(faults: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the faults in their order without those whose fix would touch that of one before."""
    kept: list[Diagnostic] = []
    last: Span | None = None
    for fault in faults:
        spans = sorted(edit.span for edit in fault.fix)
        if not any(overlap(one, other) for one, other in pairwise(spans if last is None else [last, *spans])):
            kept.append(fault)
            last = spans[-1]
    return kept


def _is_better(now: _State, before: _State, mended: Sequence[Diagnostic], spans: Sequence[Span]) -> bool:
    """Return whether fixes have helped: their faults are gone, nothing is wrong at the `spans` where they were made,
    and of the faults that were known there are fewer.

    What stood behind them, unknown, may show. A file that could not be read to its end has to be read further, or to
    end at another fault.
    """
    known = Counter(map(_name, before.verdict.diagnostics))
    left = Counter(map(_name, now.verdict.diagnostics))
    if before.unread is not None:
        return now.unread is None or now.unread > before.unread or not any(left[_name(fault)] for fault in mended)
    if now.unread is not None:
        return False
    if any(left[name] > known[name] - count for name, count in Counter(map(_name, mended)).items()):
        return False
    file = mended[0].place.file
    new = [fault.place for fault in now.verdict.diagnostics if _name(fault) not in known and fault.place.file == file]
    if any(place.span is not None and overlap(place.span, span) for place in new for span in spans):
        return False
    return (left & known).total() < known.total()


def _name(fault: Diagnostic) -> _Name:
    """Return what tells one fault from another when lines have moved."""
    return fault.place.file, fault.code, fault.headline


def _changes(text: str, fault: Diagnostic) -> list[Mended]:
    lines = text.split("\n")
    return [
        Mended(fault.code, span, lines[span.line - 1][span.column - 1 : span.end_column - 1], put)
        for span, put in fault.fix
    ]


def _place(fault: Diagnostic) -> tuple[int, int]:
    return fault.place.span[:2] if fault.place.span else (0, 0)
