"""How a network is trained, before and after: neither its function nor its tensors hang on it."""

from collections.abc import Iterator

from netspec.review.changes import Change, Field
from netspec.review.places import names_in
from netspec.review.spelling import value
from netspec.spec import Part
from netspec.spec.recipe import Recipe
from netspec.spec.training_keys import training_keys


def training_changes(old: Part, new: Part) -> Iterator[Change]:
    """Yield a change for each key of the training that is another; what a spec does not say has its default.

    A learning rate that nobody wrote goes with the optimizer.
    """
    ours, theirs = (training_keys(part.training or Recipe(), whole=False) for part in (old, new))
    for key in dict.fromkeys((*ours, *theirs)):
        texts = [value(keys[key]) if key in keys else None for keys in (ours, theirs)]
        if texts[0] == texts[1]:
            continue
        places = [part.document.source.place(part.training_path(key)) for part in (old, new)]
        written = [_raw(part, key) for part in (old, new)]
        fields = (Field(key, texts[0], texts[1]),)
        yield Change(
            "cosmetic", "training", key, "", fields, old=places[0], new=places[1],
            written=written[0] != written[1], names=names_in(written[1]),
        )  # fmt: skip


def _raw(part: Part, key: str) -> object:
    """Return what the text of a key says, as data."""
    node: object = part.document.data
    for step in part.training_path(key):
        if not isinstance(node, dict):
            return None
        node = node.get(str(step))
    return node
