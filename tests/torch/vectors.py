"""Writes vectors.json: small cases of every kernel and activation with what PyTorch gives in float64.

An array is `{"shape": [...], "values": [...]}`, a tuple a list. `tests/compiler/kernels/test_reference_vectors.py`
reads it.
"""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from tests.torch.activations import ACTIVATIONS
from tests.torch.cases import OPERATIONS

TARGET: Final = Path(__file__).with_name("vectors.json")
CASES: Final = 6
MOST: Final = 150
"""Numbers that an array of a case may have, so that the file stays small."""


def main() -> None:
    """Write the file, the same each time."""
    random = np.random.default_rng(0)
    lines = []
    for name, operation in OPERATIONS.items():
        kept = 0
        while kept < CASES:
            arguments = operation.draw(random, 4)
            tensors = [torch.from_numpy(value) if isinstance(value, np.ndarray) else value for value in arguments]
            y = operation.reference(*tensors).numpy()
            if max(value.size for value in (*arguments, y) if isinstance(value, np.ndarray)) <= MOST:
                lines.append({"kernel": name, "arguments": [_plain(value) for value in arguments], "y": _plain(y)})
                kept += 1
    z = np.array([-12.0, -5.0, -3.0, -1.5, -1.0, -0.5, -0.001, 0.0, 0.002, 0.5, 1.0, 2.0, 3.0, 5.5, 6.0, 30.0])
    for name, (reference, bounds) in ACTIVATIONS.items():
        numbers = [round(float(random.uniform(*between)), 2) for between in bounds]
        y = reference(torch.from_numpy(z), *numbers).numpy()
        lines.append({"activation": name, "arguments": numbers, "z": _plain(z), "y": _plain(y)})
    body = ",\n".join(json.dumps(line) for line in lines)
    TARGET.write_text(f"[\n{body}\n]\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(lines)} cases by PyTorch {torch.__version__}, {TARGET.stat().st_size} bytes")


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    return {"shape": value.shape, "values": value.ravel().tolist()} if isinstance(value, np.ndarray) else value


if __name__ == "__main__":
    main()
