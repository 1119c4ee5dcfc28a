"""What became of a training, as data and as a sentence."""

from typing import NamedTuple

from netspec.diagnostics import SystemFault
from netspec.training.progress import Ended, Epoch


class DivergenceWarning(RuntimeWarning):
    """A training diverged, and the parameters are those of the best epoch before, or those that it began with."""


class Divergence(NamedTuple):
    """Where a training went wrong: what was seen, and in which step of which epoch, both from 1."""

    what: str
    epoch: int
    step: int


class Reached(NamedTuple):
    """What was reached on a part of the data: its loss and metrics, dropout off."""

    loss: float
    metrics: dict[str, float]


class Outcome(NamedTuple):
    """How a training ended, after `epochs` whole ones and `steps` in all.

    `best_epoch` has the best value so far, the validation loss unless an early stopping names another metric, the loss
    without a validation part; it is 0 before the first. The program has the parameters of that epoch where `restored`,
    else those of the last step. `first_loss` is that of the first step, None before it. `training` is what those
    parameters reach on the rows that were trained on, None where they were not asked, or there was no time for it.
    `failure` is why a checkpoint or the journal could not be written, which ends a training as an interruption does.
    """

    ended: Ended
    epochs: int
    steps: int
    history: tuple[Epoch, ...]
    best_epoch: int
    best: float | None
    restored: bool
    divergence: Divergence | None = None
    first_loss: float | None = None
    training: Reached | None = None
    failure: SystemFault | None = None

    @property
    def is_better(self) -> bool:
        """Whether the best epoch has a smaller loss than the first step had."""
        if not self.best_epoch or self.first_loss is None:
            return False
        return self.history[self.best_epoch - 1].loss < self.first_loss

    @property
    def kept(self) -> Epoch | None:
        """The epoch after which the parameters were what they are now; None where that was within one, or before."""
        if self.restored:
            return self.history[self.best_epoch - 1] if self.best_epoch else None
        return self.history[-1] if self.history and self.ended == "finished" else None

    @property
    def short(self) -> str:
        """How it ended, and what the epoch of the parameters reached where there is one."""
        found = f"{self.ended} after {_counted(self.epochs, 'epoch')}"
        if self.kept is not None:
            found += f", loss {self.kept.loss:.4g}"
            if self.kept.validation_loss is not None:
                found += f", validation loss {self.kept.validation_loss:.4g}"
        return found

    def __repr__(self) -> str:
        return f"<netspec.Outcome {self.short}>"

    @property
    def sentence(self) -> str:
        """What to tell: how it ended, and which parameters there are now."""
        after = f"after {_counted(self.epochs, 'epoch')}"
        if self.divergence is not None:
            said, epoch, step = self.divergence
            begun = f"diverged in epoch {epoch:,}, step {step:,}: {said}"
        elif self.ended == "interrupted":
            begun = f"interrupted {after} and {_counted(self.steps, 'step')}"
        else:
            begun = f"{self.ended} {after}"
        if self.failure is not None:
            begun += f", as {self.failure}"
        if not self.restored:
            return f"{begun}; the parameters are those of the last step"
        if not self.best_epoch:
            return f"{begun}; the parameters are those from before the training"
        return f"{begun}; the parameters are those of epoch {self.best_epoch:,}, the best ({self.best:.6g})"

    def line(self) -> dict[str, object]:
        """Return what a journal says of it."""
        found: dict[str, object] = {
            "outcome": self.ended,
            "epochs": self.epochs,
            "steps": self.steps,
            "best_epoch": self.best_epoch,
            "best": self.best,
            "restored": self.restored,
        }
        if self.training is not None:
            found |= {"training_loss": self.training.loss, "training_metrics": self.training.metrics}
        if self.divergence is not None:
            found["divergence"] = self.divergence._asdict()
        return found


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
