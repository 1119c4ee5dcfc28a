"""How a training goes, as a bar and as lines."""

import io
from typing import Final

import pytest

from netspec.cli import epochs as module
from netspec.cli.epochs import Epochs
from netspec.cli.terminal import Terminal
from netspec.training.progress import Epoch


class Screen(io.StringIO):
    """A terminal that does not say how wide it is."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError


class Clock:
    """The time, which is what a test says."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(module, "time", found)
    return found


DONE: Final = Epoch(1, 0.41234, 0.01, 0.3, {"accuracy": 0.875}, None, 0.1)


def test_a_bar_tells_epoch_time_loss_and_what_was_measured_last(clock: Clock) -> None:
    screen = Screen()
    watch = Epochs(Terminal(screen), 10)
    for step in (1, 2, 3, 4):
        watch.step(1, step, 4, 1.0)
        clock.now += 1
    watch.epoch(DONE)
    watch.step(2, 1, 4, 0.5)
    assert screen.getvalue().split("\r")[-1] == (
        "[#...........] epoch 2/10  28 s left  loss 0.5  validation loss 0.3  step 1/4"
    )
    clock.now += 0.05
    before = screen.getvalue()
    watch.step(2, 2, 4, 0.3)
    assert screen.getvalue() == before
    clock.now += 0.06
    watch.step(2, 3, 4, 0.4)
    assert screen.getvalue().split("\r")[-1].startswith("[##..........] epoch 2/10  19 s left  loss 0.4  ")
    watch.close()
    assert screen.getvalue().endswith("\r" + " " * 77 + "\r")
    watch.close()
    assert screen.getvalue().count("\r") == before.count("\r") + 3


def test_the_time_that_is_left_is_told_from_where_a_training_went_on(clock: Clock) -> None:
    screen = Screen()
    watch = Epochs(Terminal(screen), 10)
    watch.step(9, 1, 2, 1.0)
    clock.now += 6
    watch.step(9, 2, 2, 1.0)
    assert "  6 s left  " in screen.getvalue().split("\r")[-1]


def test_elsewhere_there_are_at_most_fifty_lines(clock: Clock) -> None:
    told = io.StringIO()
    watch = Epochs(Terminal(told), 1000)
    for number in range(1, 1001):
        watch.step(number, 1, 1, 1.0)
        watch.epoch(DONE._replace(epoch=number))
    watch.close()
    lines = told.getvalue().splitlines()
    assert lines[0] == "epoch    1/1000: loss 0.4123, validation loss 0.3, accuracy 0.875"
    assert [int(line.split()[1].partition("/")[0]) for line in lines] == [1, *range(20, 1001, 20)]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (59.4, "59 s"),
        (60, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (4e6, "1,111 h 6 min"),
    ],
)
def test_a_time_has_two_units_at_most(seconds: float, text: str) -> None:
    assert module._span(seconds) == text
