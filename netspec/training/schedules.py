"""Schedules: the learning rate of each step."""

from math import cos, pi

from netspec.spec.recipe import Schedule


class Rates:
    """The learning rate by epoch and step, both from 0, of a training with `steps` steps in each of `epochs` epochs.

    With t the epochs since the warm-up, in which the position in the epoch is a fraction: step: η f^⌊t / every⌋;
    exponential: η f^⌊t⌋; cosine: η (m + (1 - m)(1 + cos(π t / T)) / 2), where T are the epochs after the warm-up and m
    is the `minimum`; during a warm-up of W steps, η (k + 1) / W in step k.

    Source: torch.optim.lr_scheduler: StepLR, ExponentialLR, CosineAnnealingLR (Loshchilov & Hutter 2017) and LinearLR,
    one after the other as by SequentialLR.
    """

    def __init__(self, schedule: Schedule, rate: float, steps: int, epochs: int) -> None:
        self._schedule, self._rate, self._steps = schedule, rate, steps
        self._warm = round(schedule.warm_up * steps)
        self._rest = max(epochs * steps - self._warm, 1)
        self._cosine = schedule.kind == "cosine"
        self._half, self._minimum = rate * (1 - schedule.minimum) / 2, rate * schedule.minimum
        self.moves = schedule.kind == "cosine" or schedule.warm_up > 0
        """Whether the rate changes within an epoch."""

    def at(self, epoch: int, step: int) -> float:
        """Return the learning rate of a step of an epoch."""
        since = epoch * self._steps + step - self._warm
        if since < 0:
            return self._rate * (since + self._warm + 1) / self._warm
        if self._cosine:
            return self._minimum + self._half * (1 + cos(pi * min(since / self._rest, 1.0)))
        schedule = self._schedule
        if schedule.kind == "constant":
            return self._rate
        every = schedule.every if schedule.kind == "step" else 1
        return float(self._rate * schedule.factor ** (since // self._steps // every))
