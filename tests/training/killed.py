"""A training in a process of its own, to be killed at any moment: python -m tests.training.killed FOLDER.

It goes on from the checkpoint in the folder where there is one, and writes the parameters when it is done.
"""

import sys
import time
from pathlib import Path

import numpy as np

from netspec.spec.recipe import EarlyStopping, Loss, Optimizer, Recipe
from netspec.training.checkpoints import Checkpoints, Identity, read_checkpoint
from netspec.training.identity import digest
from netspec.training.journal import Journal
from netspec.training.loop import train
from netspec.training.metrics import Measure
from netspec.training.progress import Epoch
from tests.training.programs import Regression, Table, table

RECIPE = Recipe(
    loss=Loss("cross_entropy"),
    optimizer=Optimizer("adam"),
    batch=8,
    epochs=40,
    seed=3,
    early_stopping=EarlyStopping(1000, "accuracy"),
)
MEASURES = (Measure("accuracy", "accuracy", 0, "cross_entropy"),)


def parts() -> tuple[Table, Table, Identity]:
    """Return the data, and what they are known by."""
    rows, part = table(100), table(40, seed=1)
    return rows, part, Identity("of the tests", len(rows), len(part), digest(rows, part))


class Slow:
    """Waits a little at each step, so that no machine is done before it was killed often enough."""

    def step(self, *_: object) -> None:
        time.sleep(0.002)

    def epoch(self, _: Epoch) -> None:
        pass


def main(folder: Path) -> None:
    """Train to the end, and write what came out."""
    rows, part, identity = parts()
    program = Regression()
    path = folder / "training.checkpoint"
    resume = read_checkpoint(str(path), program, RECIPE, identity, MEASURES) if path.exists() else None
    print("goes on", flush=True)
    train(
        program,
        RECIPE,
        rows,
        part,
        watch=Slow(),
        journal=Journal(str(folder / "training.jsonl"), {}),
        checkpoint=Checkpoints(str(path), identity, every_steps=3),
        resume=resume,
    )
    (folder / "done").write_bytes(program.parameters.tobytes() + np.asarray(program.state["norm.mean"]).tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
