"""A merge as JSON for tools: sorted keys, ASCII, the same bytes everywhere."""

import json
from typing import Final

from netspec.merging.checking import Checked
from netspec.merging.merge import Merged

MERGE_VERSION: Final = 1  # raised when a key changes its meaning or goes; a new key does not raise it


def render_json(merged: Merged, checked: Checked, file: str) -> str:
    """Return a merge as a JSON document that ends with a line feed.

    `text` is what the merge is, conflicts and all, and `as_text` why it was made line by line, or empty.
    """
    document = {
        "merge": MERGE_VERSION,
        "file": file,
        "clean": merged.clean,
        "as_text": merged.why,
        "text": merged.data.decode("utf-8", "replace"),
        "conflicts": [
            {
                "line": each.line,
                "message": each.conflict.words,
                "path": list(each.conflict.path),
                "fact": checked.facts.get(each.conflict.path),
            }
            for each in merged.placed
        ],
        "faults": [
            {
                "code": fault.code,
                "message": fault.headline,
                "file": fault.place.file,
                "line": None if fault.place.span is None else fault.place.span.line,
                "help": fault.help,
            }
            for fault in checked.faults
        ],
    }
    return json.dumps(document, indent=2, sort_keys=True) + "\n"
