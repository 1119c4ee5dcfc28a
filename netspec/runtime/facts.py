"""What a built model says of itself: the member `model.json` of its archive, read and written here."""

import json
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

from netspec.diagnostics.faults import SystemFault
from netspec.diagnostics.show import quote
from netspec.runtime.column_names import ColumnNames
from netspec.runtime.ports import Port, port_of

_FORMAT: Final = "netspec-facts-2"
_TRAINED: Final = ("columns", "labels", "training")  # what only a model has that was trained


class Facts(NamedTuple):
    """The facts of a built model: names and numbers, no text of an author. `netspec` is the version that built it.

    `parameters` counts what is learned. Of a model that was trained, `columns` are those of its table, as far as they
    are known, `labels` what the classes of its outputs are called, and `training` is how it was trained, as plain data.
    """

    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    parameters: int
    dtype: Literal["float32", "float64"]
    fingerprint: str
    netspec: str
    columns: ColumnNames = ColumnNames()
    labels: Mapping[str, Sequence[str]] | None = None
    training: Mapping[str, object] | None = None

    def to_json(self) -> str:
        """Return the facts as JSON text, the same each time."""
        found = {"inputs": self.inputs, "outputs": self.outputs}
        told: dict[str, object] = {**self._asdict(), "format": _FORMAT}
        told |= {key: [port._asdict() for port in each] for key, each in found.items()}
        told["columns"] = self.columns._asdict() if self.columns.inputs else None
        told = {key: value for key, value in told.items() if value or key not in _TRAINED}
        return json.dumps(told, indent=2, sort_keys=True) + "\n"


def read_facts(data: bytes, file: str) -> Facts:
    """Return the facts in `model.json`. Raises SystemFault `archive-unreadable` where it is not what `to_json` gives.

    A key that is not known is of a later version, and is passed over.
    """
    try:
        found = json.loads(data)
        facts = Facts(**{key: found[key] for key in Facts._fields if key not in _TRAINED})
        ends = _ports(facts.inputs), _ports(facts.outputs)
        columns = known_columns(found.get("columns", {}), ends[0])
        known = {key: found.get(key) for key in ("labels", "training") if isinstance(found.get(key), dict)}
        facts = facts._replace(inputs=ends[0], outputs=ends[1], columns=columns, **known)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _damage(file) from error
    texts = (facts.name, facts.dtype, facts.fingerprint, facts.netspec)
    if not all(type(text) is str for text in texts) or type(facts.parameters) is not int:
        raise _damage(file)
    return facts


def known_columns(found: object, ports: Sequence[Port]) -> ColumnNames:
    """Return the names in a JSON object of them, those of the inputs as many as these have numbers, or none.

    Raises ValueError for anything else.
    """
    if not isinstance(found, dict) or not found.keys() <= set(ColumnNames._fields):
        raise ValueError("the columns are no object of `inputs` and `others`")
    inputs, others = (_names(found.get(key, [])) for key in ColumnNames._fields)
    if inputs and (len(inputs) != sum(port.size or 0 for port in ports) or len(set(inputs)) < len(inputs)):
        raise ValueError("the columns are not those of the inputs")
    return ColumnNames(inputs, others)


def _names(items: object) -> tuple[str, ...]:
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError("the columns are no lists of names")
    return tuple(items)


def _ports(items: object) -> tuple[Port, ...]:
    """Return the ports that a JSON array describes, one at least. Raises what `read_facts` expects."""
    if not isinstance(items, list) or not items:
        raise ValueError("there are no inputs or outputs")
    return tuple(port_of([item[key] for key in Port._fields]) for item in items)


def _damage(file: str) -> SystemFault:
    return SystemFault(
        "archive-unreadable", f"{quote(file)} is damaged: its member `model.json`", "build the model again"
    )
