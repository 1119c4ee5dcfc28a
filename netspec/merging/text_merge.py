"""Merges of lines, by git, for files that cannot be merged as specs."""

from netspec.diagnostics import SystemFault
from netspec.merging.hunks import Marks
from netspec.merging.merge import TextMerge
from netspec.review.git import answer

_MOST_CONFLICTS = 127  # what `git merge-file` counts up to; beyond, it has failed


def merge_text(ours: str, base: str, theirs: str, marks: Marks) -> TextMerge:
    """Return what `git merge-file` makes of three files, named by their paths; base is shown in conflicts.

    Where git cannot merge them, as files that are no text, ours is kept and theirs is in conflict as a whole. Raises
    SystemFault `git-failed` where git cannot be run.
    """
    labels = [word for label in (marks.ours, marks.base, marks.theirs) for word in ("-L", label)]
    paths = [each if each.startswith("/") else f"./{each}" for each in (ours, base, theirs)]
    status, data = answer(
        "merge-file", "-p", "-q", "--diff3", f"--marker-size={marks.size}", *labels, *paths, fine=range(256)
    )
    if status > _MOST_CONFLICTS:
        raise SystemFault("git-failed", "git cannot merge these files as text", "are they texts?")
    return TextMerge(data, not status)
