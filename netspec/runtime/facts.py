"""What a built model says of itself: the member `model.json` of its archive, read and written here."""

import json
from typing import Literal, NamedTuple

from netspec.diagnostics.faults import SystemFault
from netspec.diagnostics.show import quote


class Facts(NamedTuple):
    """The facts of a built model: names and numbers, no text of an author. `netspec` is the version that built it."""

    name: str
    input: int
    output: int
    parameters: int
    dtype: Literal["float32", "float64"]
    fingerprint: str
    netspec: str
    input_name: str = "in"

    def to_json(self) -> str:
        """Return the facts as JSON text, the same each time."""
        return json.dumps(self._asdict(), indent=2, sort_keys=True) + "\n"


def read_facts(data: bytes, file: str) -> Facts:
    """Return the facts in `model.json`. Raises SystemFault `archive-unreadable` where it is not what `to_json` gives.

    A key that is not known is of a later version, and is passed over.
    """
    try:
        found = json.loads(data)
        facts = Facts(**{key: found[key] for key in Facts._fields})
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _damage(file) from error
    texts = (facts.name, facts.dtype, facts.fingerprint, facts.netspec, facts.input_name)
    numbers = (facts.input, facts.output, facts.parameters)
    if not all(type(text) is str for text in texts) or not all(type(number) is int for number in numbers):
        raise _damage(file)
    return facts


def _damage(file: str) -> SystemFault:
    return SystemFault(
        "archive-unreadable", f"{quote(file)} is damaged: its member `model.json`", "build the model again"
    )
