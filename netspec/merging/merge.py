"""Three files merged, whatever they hold: as specs where all are specs and the result is proven, as text otherwise."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from netspec.diagnostics import Span, show
from netspec.limits import MERGED_VALUES, SPEC_BYTES
from netspec.merging.hunks import Hunk, Marks, Placed, chosen, written
from netspec.merging.merging import Unmergeable, merge_files
from netspec.merging.pieces import Block
from netspec.merging.reading import File, read_file
from netspec.merging.references import given_away
from netspec.source import Mapping, Node, Scalar, Source, read_source

_MARK: Final = b"\xef\xbb\xbf"
_SIDES: Final = ("ours", "base", "theirs")


class Merged(NamedTuple):
    """What became of three files. `data` is what to write; `placed` are the conflicts in it, with their lines. All have
    marks there but names that one side refers to and the other gave away.

    `choices` are the texts with all conflicts settled as ours, and as theirs. Where files were merged as text, `why`
    says so in one clause, and `clean` whether that left no conflict; both choices are empty then.
    """

    data: bytes
    placed: tuple[Placed, ...]
    choices: tuple[str, ...]
    clean: bool
    why: str = ""


class TextMerge(NamedTuple):
    """What a merge of lines gave: the text, and whether it has no conflicts."""

    data: bytes
    clean: bool


class _AsText(Exception):
    """The files cannot be merged as specs, for a reason in one clause."""


def merge(
    ours: bytes, base: bytes, theirs: bytes, marks: Marks, as_text: Callable[[], "TextMerge"], file: str = "<merge>"
) -> Merged:
    """Return the merge of three files.

    `as_text` merges their lines, and is asked where one is no spec, or where the merge cannot be proven: what it leaves
    as ours and as theirs must be read without a fault, and have every comment that either side has.
    """
    if ours in (base, theirs):
        return Merged(theirs, (), (), clean=True)
    if base == theirs:
        return Merged(ours, (), (), clean=True)
    try:
        return _as_specs((ours, base, theirs), marks, file)
    except _AsText as reason:
        found = as_text()
        return Merged(found.data, (), (), found.clean, str(reason))


def _as_specs(data: tuple[bytes, bytes, bytes], marks: Marks, file: str) -> Merged:
    sources = [_source(each, file, side) for each, side in zip(data, _SIDES, strict=True)]
    count = sum(0 if each.tree is None else _values(each.tree) for each in sources)
    if count > MERGED_VALUES.value:
        raise _AsText(
            f"the three have {count:,} keys and values, more than the {MERGED_VALUES.value:,} that are merged"
        )
    files = [_file(each) for each in sources]
    try:
        hunks = merge_files(files[0], files[1], files[2])
    except Unmergeable:
        raise _AsText("one has its keys in brackets of several lines, and another has none") from None
    form = _Form(data, files)
    choices = tuple(form.text(chosen(hunks, side)) for side in (0, 2))
    _prove(hunks, choices, sources, file)
    lines, placed = written(hunks, marks)
    if not placed:
        placed = given_away(sources[0], sources[1], sources[2], read_source(choices[0].encode(), file))
    return Merged(form.bytes(lines), tuple(placed), choices, not placed)


def _source(data: bytes, file: str, side: str) -> Source:
    if len(data) > SPEC_BYTES.value:
        raise _AsText(f"{side} is larger than a spec may be")
    if data.count(b"\r") != data.count(b"\r\n") or data.count(b"\r\n") not in (0, data.count(b"\n")):
        raise _AsText(f"{side} has line ends of several kinds")
    source = read_source(data, file)
    if side == "base" and not data.strip():  # both sides added the file
        return Source(file, "", Mapping(Span(1, 1, 1, 1), {}, {}), [])
    if source.faults:
        fault = source.faults[0]
        line = fault.place.span.line if fault.place.span is not None else 1
        raise _AsText(f"line {line} of {side} cannot be read: {fault.headline}")
    if source.tree is None or "netspec" not in source.tree.values:
        raise _AsText(f"{side} is no spec, since it does not say `netspec:`")
    return source


def _values(tree: Node) -> int:
    """Return how many keys and values there are."""
    count, waiting = 0, [tree]
    while waiting:
        node = waiting.pop()
        count += 1
        if isinstance(node, Mapping):
            count += len(node.values)
            waiting += node.values.values()
        elif not isinstance(node, Scalar):
            waiting += node.items
    return count


def _file(source: Source) -> File:
    if source.tree is not None and not source.text:
        return File((), Block(source.tree, [], ()), 0, "", ended=True)
    return read_file(source)


class _Form:
    """How the bytes of the merge are made: the mark before the first line, line ends, and the end of the last line."""

    def __init__(self, data: tuple[bytes, bytes, bytes], files: Sequence[File]) -> None:
        self._ended = _three_way([each.ended for each in files])
        self._marked = _three_way([each.startswith(_MARK) for each in data])
        self._carriage = _three_way([b"\r\n" in each for each in data])

    def text(self, lines: Sequence[str]) -> str:
        """Return lines as a text."""
        return "\n".join(lines) + ("\n" if self._ended else "")

    def bytes(self, lines: Sequence[str]) -> bytes:
        """Return lines as a file."""
        text = self.text(lines)
        encoded = (text.replace("\n", "\r\n") if self._carriage else text).encode()
        return _MARK + encoded if self._marked else encoded


def _three_way(sides: Sequence[bool]) -> bool:
    ours, base, theirs = sides
    return theirs if ours == base else ours


def _prove(hunks: Sequence[Hunk], choices: Sequence[str], sources: Sequence[Source], file: str) -> None:
    """Raise _AsText where a choice could not be read, or where a comment of a side is lost."""
    from netspec.formatting.comments import Comments  # loaded where files are merged

    needed = _needed([Counter(Comments(each).texts()) for each in sources])
    seen: Counter[str] = Counter()
    for text in choices:
        again = read_source(text.encode(), file)
        if again.faults or again.tree is None:
            words = again.faults[0].headline if again.faults else "it is empty"
            raise _AsText(f"the merge of keys and layers could not be read: {show(words)}")
        seen |= Counter(Comments(again).texts())
    clashing = {line for hunk in hunks if hunk.conflicts for side in hunk.lines for line in side}
    lost = [text for text in needed - seen if not any(text in line for line in clashing)]
    if lost:
        raise _AsText(f"the merge of keys and layers would lose the comment {show(lost[0])}")


def _needed(comments: "list[Counter[str]]") -> "Counter[str]":
    """Return how often each comment has to stand in the merge at least."""
    ours, base, theirs = comments
    found: Counter[str] = Counter()
    for text in ours | theirs:
        mine, was, other = ours[text], base[text], theirs[text]
        found[text] = max(mine, other) if min(mine, other) >= was else max(0, mine + other - was)
    return found
