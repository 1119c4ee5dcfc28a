"""The words of classes in place of outputs: `netspec run --labels`."""

import json
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from netspec.diagnostics import SystemFault

if TYPE_CHECKING:
    from contextlib import ExitStack

    from netspec.model import Model
    from netspec.runtime.feeds import Block, Feed
    from netspec.runtime.formats import Format
    from netspec.runtime.ports import Port

_NEEDS_QUOTES: Final = ('"', ",", "\t", "\r", "\n")


class Labels:
    """What opens a writer of words for the only output of a model.

    Of several numbers the largest is the class; a single one is a probability where the network ends in a sigmoid, else
    a logit, and of the second word where that is above 1/2, or 0. Raises SystemFault `usage` where the model has no
    labels, or several outputs.
    """

    def __init__(self, model: "Model") -> None:
        from netspec.gradients.heads import ending
        from netspec.gradients.program import plain_flow

        if len(model.outputs) != 1 or not model.labels:
            why = "has no labels" if not model.labels else f"has {len(model.outputs)} outputs"
            help_ = "a training learns them from targets that are words" if not model.labels else "leave it out"
            raise SystemFault("usage", f"--labels: {model.name} {why}", help_)
        (self._words,) = model.labels.values()
        shape = model.outputs[0].shape
        if len(shape) > 1 or (shape and shape[0] not in (1, len(self._words))):
            raise SystemFault("usage", f"--labels: {model.name} gives no row of classes", "leave it out")
        self._single = not shape or shape[0] == 1
        flow = plain_flow(model.graph)
        self._bound = 0.5 if ending(flow, flow.left[0]) == "sigmoid" else 0.0

    def open(
        self, stream: BinaryIO, kind: "Format", ports: "tuple[Port, ...]", feed: "Feed", scratch: "ExitStack"
    ) -> "_Writer":
        """Return the writer, for the form of the data that the words are of; arrays hold no words."""
        del scratch
        if kind in ("npy", "npz"):
            raise SystemFault("usage", f"--labels: an .{kind} holds no words", "write CSV or JSON: `--to csv`")
        header = ports[0].name if ports[0].is_named else "label"
        return _Writer(stream, kind, self, header if feed.named else "")

    def of(self, y: Any) -> list[str]:
        """Return the word of each example of an output (n, classes), (n, 1) or (n,)."""
        found = (y.reshape(-1) > self._bound).astype(int) if self._single else y.argmax(1)
        return [self._words[index] for index in found.tolist()]


class _Writer:
    """A word to a line; JSON is a list of them."""

    def __init__(self, stream: BinaryIO, kind: "Format", labels: Labels, header: str) -> None:
        self._stream, self._kind, self._labels, self._rows = stream, kind, labels, 0
        if kind == "json":
            stream.write(b"[")
        elif header and kind != "jsonl":
            stream.write(f"{header}\n".encode())

    def write(self, block: "Block") -> None:
        """Write the words of a block."""
        for word in self._labels.of(block[0]):
            self._stream.write(self._line(word).encode("utf-8", "backslashreplace"))
            self._rows += 1

    def _line(self, word: str) -> str:
        if self._kind == "json":
            return (",\n" if self._rows else "\n") + json.dumps(word, ensure_ascii=False)
        if self._kind == "jsonl":
            return json.dumps(word, ensure_ascii=False) + "\n"
        quoted = any(letter in word for letter in _NEEDS_QUOTES) or not word
        return (f'"{word.replace(chr(34), chr(34) * 2)}"' if quoted else word) + "\n"

    def finish(self) -> None:
        """Write what ends a list."""
        if self._kind == "json":
            self._stream.write(b"\n]\n" if self._rows else b"]\n")
