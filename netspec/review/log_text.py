"""The history of a network for people: a commit in a few lines, the newest first."""

from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap
from typing import Final, NamedTuple

from netspec.diagnostics import show
from netspec.limits import PATH_LENGTH
from netspec.review.changes import FactChange
from netspec.review.facts import REGIONS, WORDS
from netspec.review.history import Step
from netspec.review.telling import ARROW, fact_rows, tensor_row

SHORT: Final = 8
"""Characters of a commit's name that are written."""

_WIDTH: Final = 100  # columns where no terminal says otherwise
_LEAST: Final = 40
_SUBJECT: Final = 200  # characters of a subject
_AUTHOR: Final = 40
_SHOWN: Final = 6  # tensors, and layers, of one commit
# What follows from another fact, and what has more digits than a line has room for.
_FOLLOWING: Final = ("flops", "parameter_bytes", *REGIONS)
_COLOURS: Final = {"head": "\x1b[1m", "commit": "\x1b[33m", "strict": "\x1b[1;31m", "mild": "\x1b[2m"}


class Log(NamedTuple):
    """What is told of a spec: its steps, how many commits left the network as it was, and whether older ones are not
    looked at. `interrupted` counts commits that were not.
    """

    spec: str
    steps: Sequence[Step]
    text_only: int = 0
    cut: int = 0
    unseen: int = 0


def render_text(log: Log, *, colour: bool = False, width: int | None = None, encode: Callable[[str], str] = str) -> str:
    """Return a history as text. `width` is the terminal's; `encode` spells what the terminal cannot show."""
    room = _WIDTH if width is None else max(width, _LEAST)
    spell: Callable[[str], str] = encode if encode("→−…") != "→−…" else str

    def paint(text: str, style: str) -> str:
        return f"{_COLOURS[style]}{text}\x1b[0m" if colour and text else text

    lines = [paint(spell(_head(log)), "head")] if log.steps else []
    indent = " " * (SHORT + 2)
    for step in log.steps:
        mark = f"[{step.level}]" if step.level is not None and step.kind == "changed" else ""
        subject = wrap(spell(_subject(step)), room - SHORT - 14, break_on_hyphens=False) or [""]
        lines.append("")
        head = f"{paint(step.commit[:SHORT], 'commit')}  {step.day:<10}  {subject[0]}"
        lines += [head, *(f"{indent}{' ' * 12}{rest}" for rest in subject[1:])]
        if mark:
            plain = SHORT + 14 + len(subject[-1])
            strict = "strict" if step.level in ("interface", "weights") else "mild"
            if plain + 2 + len(mark) <= room:
                lines[-1] += f"  {paint(mark, strict)}"
            else:
                lines.append(f"{indent}{' ' * 12}{paint(mark, strict)}")
        for told in details(step):
            lines += [f"{indent}{line}" for line in _wrapped([spell(each) for each in told], room - len(indent))]
    said = [spell(line) for line in remarks(log)]
    lines += ["", *said] if said and lines else said
    return "".join(f"{line.replace(chr(0), ' ').rstrip()}\n" for line in lines)


def details(step: Step) -> Iterator[list[str]]:
    """Yield what there is to be said of a commit: facts, layers where no tensor tells of them, and tensors."""
    if step.was:
        yield [f"was {show(step.was, PATH_LENGTH.value)}"]
    if step.kind == "gone":
        yield ["the file is gone"]
    elif step.kind == "invalid":
        yield [f"has no network: {step.fault}" if step.fault else "has no network"]
    elif step.kind in ("came", "edge"):
        first = "new" if step.kind == "came" else "what was before is not in this clone, which is shallow"
        values = ", ".join(_values(step))
        yield [f"{first}: {values}" if values else first]
        if not step.facts:  # what is asked for is a tensor
            yield _tensors(step)
    else:
        if step.since:
            yield [f"compared with {step.since[:SHORT]}, the last one before that has a network"]
        if step.kind == "text" and not step.was:
            yield ["text only"]
        yield _few(list(fact_texts(step.changes)), len(WORDS))
        if not step.tensors:
            yield _few([f"{row.sign} {row.subject} {row.text}" for row in step.rows])
        yield _tensors(step)


def _tensors(step: Step) -> list[str]:
    """Return what became of the tensors, the first of them."""
    return _few([f"{row.sign} {row.subject} {row.text}".replace("  ", " ") for row in map(tensor_row, step.tensors)])


def fact_texts(changes: Sequence[FactChange]) -> Iterator[str]:
    """Yield facts before and after: `parameters 22 → 34 (+12)`; those that follow others only where they are alone."""
    told = [change for change in changes if change.name not in _FOLLOWING]
    for row in fact_rows(told or changes):
        grown = row.difference or row.share
        yield f"{row.name} {row.before} {ARROW} {row.after}{f' ({grown})' if grown else ''}"


def remarks(log: Log) -> Iterator[str]:
    """Yield what is to be said of commits that are not listed."""
    if not log.steps:
        yield f"{show(log.spec, PATH_LENGTH.value)}: no commit changed it so"
    if log.text_only:
        noun = "commit" if log.text_only == 1 else "commits"
        yield f"{log.text_only:,} {noun} changed the text alone; `--all` lists {'it' if log.text_only == 1 else 'them'}"
    if log.cut:
        yield f"there are older commits: `--max {log.cut}` is how many are looked at"
    if log.unseen:
        yield f"interrupted: {log.unseen:,} commits were not looked at"


def _head(log: Log) -> str:
    count = len(log.steps)
    return f"{show(log.spec, PATH_LENGTH.value)}: {count:,} {'commit' if count == 1 else 'commits'}"


def _subject(step: Step) -> str:
    author = f" ({show(step.author, _AUTHOR)})" if step.author else ""
    return f"{show(step.subject, _SUBJECT)}{author}{', a merge' if step.merge else ''}"


def _values(step: Step) -> Iterator[str]:
    """Yield the facts of a spec that is new, but those that are 0 or not known."""
    told = [FactChange(name, None, value) for name, value in step.facts.items() if value]
    rows = fact_rows([each for each in told if each.name not in _FOLLOWING] or told)
    return (f"{row.name} {row.after}" for row in rows)


def _few(texts: Sequence[str], most: int = _SHOWN) -> list[str]:
    more = len(texts) - most
    return [*texts[:most], *([f"… {more:,} more"] if more > 0 else [])]


def _wrapped(texts: Sequence[str], room: int) -> list[str]:
    """Return texts in lines, parted by commas and each of them whole, unless it is longer than a line."""
    if len(texts) == 1:
        return wrap(texts[0], room, break_on_hyphens=False)
    joined = ", ".join(text.replace(" ", "\0") for text in texts)
    return wrap(joined, room, break_long_words=False, break_on_hyphens=False)
