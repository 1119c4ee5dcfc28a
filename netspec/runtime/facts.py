"""What a built model says of itself: the member `model.json` of its archive, read and written here."""

import json
from typing import Final, Literal, NamedTuple

from netspec.diagnostics.faults import SystemFault
from netspec.diagnostics.show import quote
from netspec.runtime.ports import Port, port_of

_FORMAT: Final = "netspec-facts-2"


class Facts(NamedTuple):
    """The facts of a built model: names and numbers, no text of an author. `netspec` is the version that built it.

    `parameters` counts what is learned.
    """

    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    parameters: int
    dtype: Literal["float32", "float64"]
    fingerprint: str
    netspec: str

    def to_json(self) -> str:
        """Return the facts as JSON text, the same each time."""
        found = {"inputs": self.inputs, "outputs": self.outputs}
        ports = {key: [port._asdict() for port in each] for key, each in found.items()}
        return json.dumps({**self._asdict(), **ports, "format": _FORMAT}, indent=2, sort_keys=True) + "\n"


def read_facts(data: bytes, file: str) -> Facts:
    """Return the facts in `model.json`. Raises SystemFault `archive-unreadable` where it is not what `to_json` gives.

    A key that is not known is of a later version, and is passed over.
    """
    try:
        found = json.loads(data)
        facts = Facts(**{key: found[key] for key in Facts._fields})
        facts = facts._replace(inputs=_ports(facts.inputs), outputs=_ports(facts.outputs))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _damage(file) from error
    texts = (facts.name, facts.dtype, facts.fingerprint, facts.netspec)
    if not all(type(text) is str for text in texts) or type(facts.parameters) is not int:
        raise _damage(file)
    return facts


def _ports(items: object) -> tuple[Port, ...]:
    """Return the ports that a JSON array describes, one at least. Raises what `read_facts` expects."""
    if not isinstance(items, list) or not items:
        raise ValueError("there are no inputs or outputs")
    return tuple(port_of([item[key] for key in Port._fields]) for item in items)


def _damage(file: str) -> SystemFault:
    return SystemFault(
        "archive-unreadable", f"{quote(file)} is damaged: its member `model.json`", "build the model again"
    )
