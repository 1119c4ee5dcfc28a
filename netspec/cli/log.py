"""`netspec log`: what became of a network, commit by commit."""

import contextlib
import os
import posixpath
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from netspec.cli.jobs import Method, can_fork, cores
from netspec.cli.outcome import FINE, INTERRUPTED
from netspec.cli.target import meant
from netspec.cli.terminal import output
from netspec.diagnostics import SystemFault, did_you_mean, quote
from netspec.review.facts import WORDS
from netspec.review.history import Found, History, Look, Step, Work
from netspec.review.log_text import SHORT, Log
from netspec.review.opening import Opener
from netspec.review.repository import split_revision
from netspec.review.tree import Tree
from netspec.runtime.progress import Progress
from netspec.sizes import Polynomial, Size

if TYPE_CHECKING:
    from netspec.plots.canvas import Picture

Format = Literal["text", "json", "markdown", "csv", "svg", "png", "pdf"]

_SUFFIXES: Final[dict[str, Format]] = {
    ".svg": "svg", ".png": "png", ".pdf": "pdf", ".json": "json", ".md": "markdown", ".csv": "csv", ".txt": "text",
}  # fmt: skip
_PICTURES: Final = ("svg", "png", "pdf")
_FACTS: Final = {word.replace(", ", "_").replace(" ", "_"): word for word in WORDS}
_DRAWN: Final = ("parameters", "macs", "capacity")  # unless --fact says which
_MOST: Final = 1_000
_WORTH_FORKING: Final = 60  # commits that make a further process worth its start; one takes about 4 ms
_WORTH_SPAWNING: Final = 300


def command(
    spec: Annotated[
        str, typer.Argument(help="A spec, or REV:path to begin at another commit than HEAD.", metavar="SPEC")
    ],
    since: Annotated[
        str | None, typer.Option("--since", help="Leave out this revision and what is before it.", metavar="REV")
    ] = None,
    most: Annotated[
        int, typer.Option("--max", help="The most commits to look at, the newest.", min=1, max=100_000, metavar="N")
    ] = _MOST,
    facts: Annotated[
        list[str] | None,
        typer.Option(
            "--fact", help="Tell of this fact only, such as parameters; may be given more than once.", metavar="NAME"
        ),
    ] = None,
    tensor: Annotated[
        str | None,
        typer.Option("--tensor", help="Tell of this tensor only, whatever it was called before.", metavar="NAME"),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="List commits that changed the text alone too.")] = False,
    form: Annotated[
        Format | None, typer.Option("--format", help="What to write; by the suffix of the file, else text.")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            help="The file to write: *.svg, *.png or *.pdf for a picture, *.json, *.md, *.csv or *.txt.",
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", help="Processes at most; all cores unless given.", min=1, metavar="N")
    ] = None,
) -> int:
    """Tell what became of a network, commit by commit.

    The newest is first. Each commit that changed the spec, or a file that it refers to, is held against its parent:
    which facts and which tensors are others. A file that had another name is followed. An interrupt ends the search,
    and what was found by then is told. With -o picture.svg facts are drawn over commits.
    """
    if form in _PICTURES and out is None:
        raise SystemFault("usage", "a picture is written to a file", f"`-o history.{form}`")
    chosen = meant(out, form, _SUFFIXES, "text")
    wanted = _wanted(facts or [])
    with Opener() as opener:
        history, shown = _history(opener, spec, since, most)
        whole = _followed(history, opener.repository.is_shallow(), jobs or cores())
    steps = history.steps
    if not (whole or steps):
        return INTERRUPTED
    log = _log(shown, steps, wanted, tensor, all_, most if history.cut else 0)._replace(unseen=history.left)
    if chosen in _PICTURES:
        names = wanted or list(_DRAWN)
        _write(_picture(shown, steps, names).data(chosen), out or "", shown)
    else:
        text = _rendered(log, chosen, wanted)
        if out is None:
            output().write(text)
        else:
            _write(text.encode(), out, shown)
    return FINE if whole else INTERRUPTED


def _history(opener: Opener, spec: str, since: str | None, most: int) -> tuple[History, str]:
    """Return the history that is meant, nothing of it looked at, and what the spec is called."""
    asked = split_revision(spec)
    revision, path = ("HEAD", spec) if asked is None else asked
    if asked is None and os.path.isabs(path):
        folder, name = os.path.split(path)
        path = os.path.join(os.path.relpath(os.path.realpath(folder), os.path.realpath(os.curdir)), name)
    path = opener.from_top(spec, path if asked else f"./{path}")
    commit = opener.commit(revision)
    there = "it is a folder, not a regular file" if path == "." else Tree(opener.objects, commit, "", "").is_else(path)
    if there:
        raise SystemFault("usage", f"{quote(spec)}: {there}", "a history is of one spec: name its file")
    return History(opener, commit, path, None if since is None else opener.commit(since), most), spec


def _followed(history: History, shallow: bool, jobs: int) -> bool:
    """Look at all commits; return whether nothing interrupted it."""
    bar = Progress(sys.stderr, "commits")
    look = Look(shallow)
    try:
        history.follow(lambda works: _looked(look, works, jobs), lambda done, of: bar.show(done, done / max(of, 1)))
    except KeyboardInterrupt:
        return False
    finally:
        look.close()
        bar.close()
    return True


def _looked(look: Look, works: Sequence[Work], jobs: int) -> Iterator[Found]:
    """Yield what looking at commits gives, by several processes where that pays."""
    method: Method = "fork" if can_fork() else "spawn"
    jobs = min(jobs, 1 + len(works) // (_WORTH_FORKING if method == "fork" else _WORTH_SPAWNING))
    if jobs < 2:
        yield from map(look, works)
        return
    from netspec.cli.processes import in_processes  # multiprocessing is loaded only where it pays

    look.close()  # before a process is forked, which would share the pipes
    with contextlib.closing(in_processes(works, Attempt(look), jobs, method)) as results:
        for work, found in zip(works, results, strict=True):
            yield look(work) if found is None else found


class Attempt:
    """Looks at a commit; None leaves it to the parent, where what nobody foresaw is told of."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def __call__(self, work: Work) -> Found | None:
        """Return what looking at a commit gave."""
        try:
            return self._look(work)
        except Exception:
            return None


def _log(spec: str, steps: Sequence[Step], wanted: Sequence[str], tensor: str | None, every: bool, cut: int) -> Log:
    """Return what is told: steps that changed what is asked for."""
    if tensor is not None:
        from netspec.review.tracing import traced

        return Log(spec, [step._replace(facts={}, rows=(), changes=()) for step in traced(steps, tensor)], 0, cut)
    if wanted:
        steps = [
            step._replace(
                facts={name: value for name, value in step.facts.items() if name in wanted},
                changes=tuple(each for each in step.changes if each.name in wanted),
                rows=(),
                tensors=(),
            )
            for step in steps
        ]
        if not every:
            steps = [step for step in steps if step.changes or step.kind not in ("changed", "text")]
        return Log(spec, steps, 0, cut)
    if every:
        return Log(spec, steps, 0, cut)
    told = [step for step in steps if step.kind != "text" or step.was]
    return Log(spec, told, len(steps) - len(told), cut)


def _wanted(given: Sequence[str]) -> list[str]:
    """Return the facts that are named. SystemFault `usage` for what is none."""
    for name in given:
        if name not in _FACTS:
            near = str(did_you_mean(name, list(_FACTS)))
            raise SystemFault("usage", f"--fact: {quote(name)} is no fact", near or f"one of {', '.join(_FACTS)}")
    return [_FACTS[name] for name in dict.fromkeys(given)]


def _rendered(log: Log, form: Format, wanted: Sequence[str]) -> str:
    """Return a history in a format, whose renderer is loaded now."""
    if form == "text":
        from netspec.review.log_text import render_text

        terminal = output()
        return render_text(log, colour=terminal.colour, width=terminal.width, encode=terminal.encode)
    from netspec.review.log_tables import render_csv, render_json, render_markdown

    if form == "csv":
        return render_csv(log, {name: word for name, word in _FACTS.items() if not wanted or word in wanted})
    return render_json(log) if form == "json" else render_markdown(log)


def _picture(spec: str, steps: Sequence[Step], names: Sequence[str]) -> "Picture":
    """Return the picture of facts over all commits that changed the network, or left it without one."""
    from netspec.plots.history import Point, history

    drawn = [step for step in reversed(steps) if step.kind != "text"]
    points = [
        Point(step.commit[:SHORT], step.day, tuple(_drawn(step.facts.get(name)) for name in names)) for step in drawn
    ]
    return history(posixpath.basename(spec), [name.replace(", ", " ") for name in names], points)


def _drawn(value: Size | float | None) -> float | None:
    """Return a fact as a number that can be drawn; an expression in free sizes is none."""
    if value is None or isinstance(value, Polynomial):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _write(data: bytes, out: str, spec: str) -> None:
    from netspec.files.writing import atomic_write

    with atomic_write(out, protect=(spec,), size=len(data)) as stream:
        stream.write(data)
