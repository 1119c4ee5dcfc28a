"""Plans as JSON, in the form of `plan.schema.json`: sorted keys, ASCII, the same bytes everywhere.

What is written here `migrate --plan` reads again: every step is in it, however many there are.
"""

import json
from typing import Final

from netspec.migration.steps import Plan, Side, Step, counted

PLAN_VERSION: Final = 1  # raised when a key changes its meaning or goes; a new key does not raise it


def render_json(plan: Plan) -> str:
    """Return a plan as a JSON document that ends with a line feed."""
    document = {
        "plan": PLAN_VERSION,
        "new": _side(plan.new),
        "old": None if plan.old is None else _side(plan.old),
        "weights": plan.weights,
        "dtype": plan.dtype,
        "verdict": {"outcome": plan.verdict.outcome, "grounds": list(plan.verdict.grounds)},
        "notes": list(plan.notes),
        "counts": counted(plan.steps),
        "empty": plan.empty,
        "steps": [_step(step) for step in plan.steps],
    }
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def _side(side: Side) -> dict[str, str]:
    return {"file": side.file, "name": side.name, "fingerprint": side.fingerprint}


def _step(step: Step) -> dict[str, object]:
    return {
        "act": step.act,
        "source": step.source,
        "target": step.target,
        "old_shape": None if step.old_shape is None else list(step.old_shape),
        "new_shape": None if step.new_shape is None else list(step.new_shape),
        "axes": list(step.axes),
        "edges": [
            {"axis": edge.axis, "old": edge.old, "new": edge.new, "fill": edge.fill, "block": edge.block}
            for edge in step.edges
        ],
        "begins": step.begins or None,
        "grounds": step.grounds or None,
        "copy": step.copy,
        "why": step.why,
    }
