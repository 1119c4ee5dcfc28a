"""Events to tree: one pass, an explicit stack, every event counted and judged before a node is made of it."""

from collections.abc import Callable, Iterable
from typing import Final, NoReturn

from netspec.diagnostics import Diagnostic, Edit, Mend, Note, Place, Span, quote, show
from netspec.limits import JSON_FAULTS, YAML_DEPTH, YAML_VALUES
from netspec.source import parser, syntax
from netspec.source.decoding import forbidden
from netspec.source.layout import BLOCK_GAPS, FLOW_GAPS, Flaw, content, gap_flaws, scalar_flaws
from netspec.source.scalars import Unreadable, decimal, is_text, resolve
from netspec.source.tree import REFUSED, Mapping, Node, Scalar, Sequence, Value

# Keys whose values are read and judged, but kept nowhere.
_NOWHERE: Final = Scalar(Span(0, 0, 0, 0), "", False, REFUSED)
_MERGED: Final = Scalar(Span(0, 0, 0, 0), "", False, REFUSED)

# Unquoted text that begins so is looked at twice.
_SUSPECT: Final = "?:"
# In brackets, what unquoted text may meet that parsers disagree on.
_MEETS: Final = " \n?"

_UNENDED: Final = ("this is not YAML: the file ends inside a text block", "end the last line with a line break")
_MOST: Final = YAML_VALUES.value
# A span is made of every event, and the named tuple's own constructor takes three times as long.
_new: Final = tuple.__new__
_BLOCK: Final = ("|", ">")


class _Stop(Exception):
    """Nothing after this point can be relied on."""


class _Enough(_Stop):
    """There are more faults than anyone reads."""


def _line(fault: Diagnostic) -> int:
    """Return the line that a fault stands on."""
    return fault.place.span.line if fault.place.span else 0


class _Frame:
    """A collection that is being read: its items or its mapping, the key that waits for a value, and its layout.

    `flow` is true inside brackets, `bracket` for a collection that has its own; `indent` is the column of the
    innermost block collection, -1 for none. The frame below all others, around the document, has neither.
    """

    __slots__ = ("bracket", "flow", "indent", "items", "key", "mapping", "node")

    def __init__(self, node: Sequence | Mapping, *, flow: bool, bracket: bool, indent: int) -> None:
        self.node, self.flow, self.bracket, self.indent = node, flow, bracket, indent
        self.items = node.items if isinstance(node, Sequence) else None
        self.mapping = node if isinstance(node, Mapping) else None
        self.key: Scalar | None = None


class Reader:
    """One reading of one text: `read` gives the tree back and leaves the faults in `faults`."""

    def __init__(self, text: str, file: str, *, pure: bool) -> None:
        # With a line end behind it, every offset that a parser gives lies in the text.
        self.text = text if text.endswith("\n") else text + "\n"
        # From here on a text block has no line end to keep or to drop, and YAML readers disagree on which it is.
        self._unended = len(text) if not text.endswith("\n") else len(text) + 1
        self.file = file
        self.faults: list[Diagnostic] = []
        self._events = parser.events(text, pure=pure)
        self._done = False
        self._root: Mapping | None = None
        self._frame = _Frame(Mapping(Span(0, 0, 0, 0), {}, {}), flow=False, bracket=False, indent=-1)
        self._frame.mapping = None
        self._stack = [self._frame]
        self._values = 0
        # The end of the last scalar or bracket, where the next gap begins: as an offset, and as line and column.
        self._end = 0
        self._end_line = self._end_column = 1
        # Short gaps known to be sound: outside brackets, and inside.
        self._sound = (set(BLOCK_GAPS), set(FLOW_GAPS))

    def read(self) -> Mapping | None:
        """Return the tree of the file's one document, or None where nothing can be relied on."""
        try:
            directive = ("\n" + self.text).find("\n%")
            if directive >= 0:  # nowhere but in a text that is not indented could the line be anything else
                self._add(syntax.refused("directive", Place(self.file, self._span(directive))))
                raise _Stop
            self._document()
        except parser.FAILURES as error:
            if parser.is_depth(error):
                depth = YAML_DEPTH.value + 1 - len(self._stack)
                beyond = syntax.opening(self.text, self._end, depth)
                self._add(syntax.too_deep(Place(self.file, self._span(beyond))))
            else:
                self.faults.append(syntax.breach(parser.breach(error), self.text, self._end, self.file))
        except _Enough:
            return None
        except _Stop:
            pass
        else:
            return self._root
        # What else was found on the line that ended the reading, and below it, may follow from that alone.
        last = self.faults[-1]
        self.faults = [fault for fault in self.faults if _line(fault) < _line(last)] + [last]
        return None

    def _document(self) -> None:
        """Read events until the document ends."""
        take: dict[type, Callable[..., None]] = {
            parser.ScalarEvent: self._scalar,
            parser.MappingStartEvent: self._begin,
            parser.SequenceStartEvent: self._begin,
            parser.MappingEndEvent: self._finish,
            parser.SequenceEndEvent: self._finish,
            parser.AliasEvent: self._alias,
            parser.DocumentEndEvent: self._end_document,
            parser.StreamEndEvent: self._end_stream,
        }
        following = self._events
        while not self._done:
            event = following()
            handler = take.get(type(event))
            if handler is not None:
                handler(event)

    # Scalars: nine of ten events, so that the common ones are told here and the rest elsewhere

    def _scalar(self, event: parser.Event) -> None:
        """Take in a scalar, as a key or as a value."""
        start, end, text, style = event.start_mark, event.end_mark, event.value, event.style
        line, end_line, end_column = start.line + 1, end.line + 1, end.column + 1
        span = _new(Span, (line, start.column + 1, end_line, end_column))
        self._values += 1
        if self._values > _MOST:
            self._too_many(span)
        frame, first, last = self._frame, start.index, end.index
        if self.text[self._end : first] not in self._sound[frame.flow]:
            self._gap(first, frame.flow, frame.indent)
        number = None if style else decimal(text)
        if style:
            self._styled(first, last, text, style, span)
        elif number is not None:
            if frame.flow and self.text[last] in _MEETS:
                self._flaws(scalar_flaws(self.text, first, last, style="", flow=True, indent=frame.indent))
        elif text and (line != end_line or text[0] in _SUSPECT or (frame.flow and self._suspect(text, last))):
            self._flaws(scalar_flaws(self.text, first, last, style="", flow=frame.flow, indent=frame.indent))
        self._end, self._end_line, self._end_column = last, end_line, end_column
        refused = event.anchor is not None or event.tag is not None
        if refused:
            self._property(event, span)
        if frame.items is not None:
            value = number if number is not None else text if style else self._resolved(text, span, frame)
            frame.items.append(Scalar(span, text, bool(style), REFUSED if refused else value))
        elif frame.mapping is None:
            self._scalar_root(text, style, span)
        elif frame.key is None:
            self._key(frame, frame.mapping, Scalar(span, text, bool(style), text), refused)
        else:
            value = number if number is not None else text if style else self._resolved(text, span, frame)
            self._attach(frame, frame.mapping, Scalar(span, text, bool(style), REFUSED if refused else value))

    def _suspect(self, text: str, last: int) -> bool:
        """Return whether unquoted text in brackets holds, or meets, what parsers take for an indicator or not."""
        return text == "-" or ":" in text or "?" in text or self.text[last] in _MEETS

    def _styled(self, first: int, last: int, text: str, style: str, span: Span) -> None:
        """Judge how quoted text or a text block is laid out."""
        frame, block = self._frame, style in _BLOCK
        if block or span.line != span.end_line:
            self._flaws(scalar_flaws(self.text, first, last, style=style, flow=frame.flow, indent=frame.indent))
        if block and last >= self._unended and "-" not in self.text[first + 1 : first + 3]:
            self._flaws([Flaw(last - 1, "yaml-syntax", *_UNENDED)])
        if style == '"' and last - first != len(text) + 2 and forbidden(text):
            headline = "an escape stands for a character that no spec holds"
            self._fault("control-character", headline, span, fix="delete the escape")

    def _resolved(self, text: str, span: Span, frame: _Frame) -> Value:
        """Return the value of unquoted text, or `REFUSED` behind its fault."""
        if not text:
            return self._no_value(span, frame)
        if span.line != span.end_line:
            return self._runs_on(span)
        value = resolve(text)
        if isinstance(value, Unreadable):
            self._fault(value.code, value.headline, span, fix=value.help)
            return REFUSED
        # Behind a key on its own line such a word is a text; in a list, or below its key, it was meant for a mapping.
        alone = frame.key is None or frame.key.span.line < span.line
        if alone and ":" in text and syntax.is_unspaced(text):
            self._add(syntax.no_space(text, Place(self.file, span)))
            return REFUSED
        return value

    def _runs_on(self, span: Span) -> Value:
        """Refuse unquoted text that YAML joins with the line below it: a list item indented too far, mostly."""
        if self.faults and self.faults[-1].place.span and self.faults[-1].place.span.line > span.line:
            return REFUSED  # that line has been told of already
        lines = self.text.split("\n", span.end_line)
        number = next(line for line in range(span.line + 1, span.end_line + 1) if lines[line - 1].strip(" \t"))
        below = lines[number - 1].rstrip(" \t")
        here = Span(number, len(below) - len(below.lstrip(" \t")) + 1, number, len(below) + 1)
        above = Note(Place(self.file, Span(span.line, span.column, span.line, span.column + 1)), "it continues this")
        help_ = "indent it like the line that it should follow; a text of several lines stands in quotes or after `|`"
        words = f"line {number} continues the value of line {span.line}"
        self._fault("runs-on", words, here, "", (above,), help_)
        return REFUSED

    def _no_value(self, span: Span, frame: _Frame) -> Value:
        """Return `REFUSED` behind the fault of nothing where a value belongs."""
        key = frame.key
        if key is None:
            dash = Span(span.line, span.column - 1, span.line, span.column)
            self._fault("no-value", "an item of the list is empty", dash, fix="write the item, or delete the `-`")
        elif not key.quoted and syntax.is_unspaced(key.text):
            self._add(syntax.no_space(key.text, Place(self.file, key.span)))
            # Whoever looks for the key that was meant finds it, and finds it refused.
            meant = key.text.partition(":")[0]
            known = frame.mapping is not None and meant in frame.mapping.keys
            frame.key = _NOWHERE if known else Scalar(key.span, meant, False, meant)
        elif key is not _NOWHERE and key is not _MERGED:
            fix = f"write a value behind `{show(key.text)}:`, or leave the key out"
            self._fault("no-value", f"{quote(key.text)} has no value", key.span, fix=fix)
        return REFUSED

    def _key(self, frame: _Frame, mapping: Mapping, key: Scalar, refused: bool) -> None:
        """Make a scalar the key that waits for its value, where it can be one."""
        text = key.text
        frame.key = _NOWHERE
        if refused:
            return
        if key.span.line != key.span.end_line:
            headline = "this is not YAML: a key of more than one line"
            self._fault("yaml-syntax", headline, key.span, fix="write the key on one line")
        elif not key.quoted and text == "<<":
            frame.key = _MERGED
            fix = "write the keys out, or name what repeats under `hyperparameters` or `networks`"
            self._fault("merge-key", "a merge key: each mapping stands on its own", key.span, fix=fix)
        elif not key.quoted and not is_text(text):
            fix = "a key is a name: it begins with a letter"
            self._fault("key-not-text", f"the key {quote(text)} is not text", key.span, fix=fix)
        elif (first := mapping.keys.get(text)) is not None:
            note = Note(Place(self.file, first.span), "first given here")
            self._fault("duplicate-key", f"{quote(text)} is given twice", key.span, "given again", (note,), "keep one")
        else:
            frame.key = key

    def _scalar_root(self, text: str, style: str | None, span: Span) -> None:
        """Refuse a file that is one scalar."""
        if not text and not style:
            self._end_stream(None)
        elif not style and syntax.is_unspaced(word := text.split(" ", 1)[0]):
            here = Span(span.line, span.column, span.line, span.column + len(word))
            self._add(syntax.no_space(word, Place(self.file, here)))
        else:
            self._no_mapping("a single value", span)
        raise _Stop

    # Collections

    def _begin(self, event: parser.Event) -> None:
        """Open a collection, in the place where its node belongs."""
        start, end, outer = event.start_mark, event.end_mark, self._frame
        line, column = start.line + 1, start.column + 1
        opening = _new(Span, (line, column, line, column + 1))
        self._values += 1
        if self._values > _MOST:
            self._too_many(opening)
        if len(self._stack) > YAML_DEPTH.value:
            self._add(syntax.too_deep(Place(self.file, opening)))
            raise _Stop
        flow = bool(event.flow_style)
        # A single pair in a list, `[a: 1]`, is a mapping without brackets: its start is empty.
        bracket = flow and end.index > start.index and self.text[end.index - 1] in "[{"
        if bracket:
            last = end.index
            if self.text[self._end : last] not in self._sound[outer.flow]:
                self._gap(last, outer.flow, outer.indent)
            self._end = last
        if event.anchor is not None or event.tag is not None:
            self._property(event, opening)
        mapping = isinstance(event, parser.MappingStartEvent)
        node: Sequence | Mapping = Mapping(opening, {}, {}) if mapping else Sequence(opening, [])
        if outer.items is not None:
            outer.items.append(node)
        elif outer.mapping is None:
            self._collection_root(node)
        elif outer.key is None:
            self._fault("key-not-text", "a collection stands as a key", opening, fix="a key is a name")
            outer.key = _NOWHERE
        else:
            self._attach(outer, outer.mapping, node)
        self._frame = _Frame(node, flow=flow, bracket=bracket, indent=outer.indent if flow else column - 1)
        self._stack.append(self._frame)

    def _collection_root(self, node: Sequence | Mapping) -> None:
        """Take a mapping for the file's tree, and refuse a list."""
        if not isinstance(node, Mapping):
            self._no_mapping("a list", node.span)
            raise _Stop
        self._root = node

    def _finish(self, event: parser.Event) -> None:
        """Close the innermost collection: its span ends with its bracket, or with what stands last in it."""
        frame = self._stack.pop()
        if frame.bracket:
            end = event.end_mark
            last = end.index
            if self.text[self._end : last] not in self._sound[True]:
                self._gap(last, True, frame.indent)
            self._end, self._end_line, self._end_column = last, end.line + 1, end.column + 1
        span = frame.node.span
        frame.node.span = _new(Span, (span[0], span[1], self._end_line, self._end_column))
        self._frame = self._stack[-1]

    def _attach(self, frame: _Frame, mapping: Mapping, node: Node) -> None:
        """Put a node behind the key that waits for it, unless that belongs nowhere."""
        key, frame.key = frame.key, None
        if key is not None and key is not _NOWHERE and key is not _MERGED:
            mapping.keys[key.text] = key
            mapping.values[key.text] = node

    # What is refused in events, and the ends of the document and the stream

    def _alias(self, event: parser.Event) -> None:
        """Refuse an alias; that of a merge key has been refused with it."""
        start, end = event.start_mark, event.end_mark
        span = Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
        self._values += 1
        if self._values > _MOST:
            self._too_many(span)
        frame = self._frame
        self._gap(start.index, frame.flow, frame.indent)
        self._end, self._end_line, self._end_column = end.index, span.end_line, span.end_column
        if frame.key is not _MERGED:
            self._add(syntax.refused("alias", Place(self.file, span)))
        refused = Scalar(span, "", False, REFUSED)
        if frame.items is not None:
            frame.items.append(refused)
        elif frame.mapping is None:
            raise _Stop
        elif frame.key is None:
            frame.key = _NOWHERE
        else:
            self._attach(frame, frame.mapping, refused)

    def _property(self, event: parser.Event, span: Span) -> None:
        """Refuse the anchor, the tag, or both, that stand before a node."""
        if event.anchor is not None:
            self._add(syntax.refused("anchor", Place(self.file, span)))
        if event.tag is not None:
            self._add(syntax.refused("tag", Place(self.file, span)))
            raise _Stop

    def _end_document(self, _event: parser.Event) -> None:
        """Judge what follows the document, by our own eyes: the file holds one, and it ends the file."""
        stop = content(self.text, self._end)
        self._flaws(gap_flaws(self.text, self._end, stop, flow=False, indent=-1))
        marked = "\n..." in self.text[max(self._end - 1, 0) : stop]
        if stop < len(self.text) and (marked or self.text.startswith("---", stop)):
            fix = "keep one document; others are files of their own"
            self._fault("several-documents", "a second document begins here", self._span(stop), fix=fix)
        elif stop < len(self.text):
            self._flaws([Flaw(stop, "yaml-syntax", syntax.CONTINUES, syntax.KEYS)])
        self._done = True

    def _end_stream(self, _event: parser.Event | None) -> None:
        """Refuse a file without a document."""
        self._fault("empty-file", "the file holds nothing to read", Span(1, 1, 1, 2), fix="begin with `netspec: 1`")
        self._done = True

    # Faults

    def _too_many(self, span: Span) -> NoReturn:
        """Stop at the first value beyond the limit."""
        headline = f"more than {YAML_VALUES.value:,} keys and values"
        self._fault(YAML_VALUES.code, headline, span, fix="keep parameter values in a file of their own")
        raise _Stop

    def _gap(self, stop: int, flow: bool, indent: int) -> None:
        """Judge the text between the last scalar or bracket and the offset `stop`."""
        start, gap = self._end, self.text[self._end : stop]
        flawed = self._flaws(gap_flaws(self.text, start, stop, flow=flow, indent=indent))
        # What else a verdict depends on: the indent where lines begin in brackets, what stands before a # or a marker,
        # and behind a colon.
        alike = gap[:1] not in ("#", "-", ".") and gap[-1:] != ":" and not (flow and "\n" in gap)
        if not flawed and start and alike and len(gap) < 64:
            self._sound[flow].add(gap)

    def _flaws(self, flaws: Iterable[Flaw]) -> bool:
        """Report flaws of layout and return whether there were any; only bad indentation lets the reading go on."""
        flawed = False
        for flaw in flaws:
            self._fault(flaw.code, flaw.headline, self._span(flaw.position), fix=flaw.help)
            flawed = True
            if flaw.code != "indentation":
                raise _Stop
        return flawed

    def _span(self, position: int) -> Span:
        """Return the span of the one character at an offset."""
        line, column = self.text.count("\n", 0, position) + 1, position - self.text.rfind("\n", 0, position)
        return Span(line, column, line, column + 1)

    def _no_mapping(self, what: str, span: Span) -> None:
        """Refuse a file that is something other than keys and values."""
        fix = "begin with `netspec: 1`"
        self._fault("not-a-mapping", f"the file is {what}, and a spec is keys with values", span, fix=fix)

    def _fault(
        self, code: str, headline: str, span: Span, label: str = "", notes: tuple[Note, ...] = (), fix: str = ""
    ) -> None:
        """Report one fault."""
        edits = (Edit(span, fix.text),) if isinstance(fix, Mend) else ()
        self._add(Diagnostic(code, headline, Place(self.file, span), label, notes, str(fix), fix=edits))

    def _add(self, fault: Diagnostic) -> None:
        """Keep a fault, and stop where there are more than anyone reads."""
        self.faults.append(fault)
        if len(self.faults) >= JSON_FAULTS.value:
            raise _Enough
