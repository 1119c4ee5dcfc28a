"""Collections on one line, in brackets."""

from netspec.formatting.order import Site
from netspec.formatting.outline import Block, Entry, Part, entries_of
from netspec.formatting.scalars import key_of, text_of
from netspec.source import Mapping, Scalar


def inline(part: Part, site: Site, room: int) -> str | None:
    """Return a value on one line of at most `room` columns, or None where it takes more or may not stand on one.

    What was written on one line may. Of what was not: a list of scalars, or of such lists, unless each item of it is a
    thing of its own; and the arguments of a layer. Nothing with comments or blank lines in it may.
    """
    if isinstance(part, Scalar):
        if part.span.line != part.span.end_line and "\n" in part.text:
            return None
        scalar = text_of(part, flow=True)
        return scalar if len(scalar) <= room else None
    entries = entries_of(part)
    is_mapping = part.mapping if isinstance(part, Block) else isinstance(part, Mapping)
    if isinstance(part, Block) and (part.commented or not (part.flow or _folds(part, site))):
        return None
    texts: list[str] = []
    left = room - 2
    for entry in arranged(entries, site):
        key, value = entry.key, entry.value
        lead = "" if key is None else f"{key_of(key)}: "
        pair = key is None and is_pair(value)
        text = inline(value, site.other if key is None else site.below(key.text), left - len(lead) + 2 * pair)
        if text is None:
            return None
        texts.append(text[1:-1] if pair else lead + text)
        left -= len(texts[-1]) + 2
        if left < -2:
            return None
    return f"{{{', '.join(texts)}}}" if is_mapping else f"[{', '.join(texts)}]"


def arranged(entries: list[Entry], site: Site) -> list[Entry]:
    """Return the entries of a collection in the order in which they are written."""
    if len(entries) < 2 or not site.moves or entries[0].key is None:
        return entries
    by_key = {entry.key.text: entry for entry in entries if entry.key is not None}
    return [by_key[key] for key in site.arranged(by_key)]


def is_pair(part: Part) -> bool:
    """Return whether a value is a mapping of one key, which has no braces of its own as an item of a list."""
    if isinstance(part, Block):
        return part.mapping and len(part.entries) == 1
    return isinstance(part, Mapping) and len(part.keys) == 1


def _folds(block: Block, site: Site) -> bool:
    """Return whether a collection that was written line by line stands on one line if it fits."""
    if block.mapping:
        return site.folds
    return not site.lines and not any(_is_mapping(entry.value) for entry in block.entries)


def _is_mapping(part: Part) -> bool:
    return part.mapping if isinstance(part, Block) else isinstance(part, Mapping)
