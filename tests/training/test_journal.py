"""The journal: whole lines of strict JSON, no epoch twice, whatever happened before."""

import json
from math import nan
from pathlib import Path
from typing import Any

import pytest

from netspec.diagnostics import SystemFault
from netspec.spec.recipe import Clip, Loss, Recipe
from netspec.training.checkpoints import Checkpoints, Identity, read_checkpoint
from netspec.training.journal import Journal
from netspec.training.loop import train
from netspec.training.plain import differences, plain
from netspec.training.progress import Epoch
from netspec.version import __version__
from tests.training.programs import Regression, Scripted, table

RECIPE = Recipe(loss=Loss("cross_entropy"), epochs=3, batch=10)


def lines(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [json.loads(line, parse_constant=lambda _: pytest.fail("not strict JSON")) for line in text.splitlines()]


def test_a_journal_is_recipe_and_facts_then_the_epochs_then_the_outcome(tmp_path: Path) -> None:
    path = tmp_path / "training.jsonl"
    outcome = train(
        Regression(),
        RECIPE._replace(clip=Clip("norm", 1.0)),
        table(20),
        table(10),
        journal=Journal(str(path), {"data": "train.csv", "rows": 20}),
    )
    first, *epochs, last = lines(path)
    assert first == {
        "journal": "netspec-training-1",
        "netspec": __version__,
        "data": "train.csv",
        "rows": 20,
        "recipe": plain(RECIPE._replace(clip=Clip("norm", 1.0))),
    }
    assert [Epoch(**line) for line in epochs] == list(outcome.history)
    assert last == {
        "outcome": "finished",
        "epochs": 3,
        "steps": 6,
        "best_epoch": outcome.best_epoch,
        "best": outcome.best,
        "restored": False,
    }


def test_the_line_of_an_epoch_has_no_more_than_there_is(tmp_path: Path) -> None:
    path = tmp_path / "training.jsonl"
    train(Regression(), RECIPE._replace(epochs=1), table(20), journal=Journal(str(path), {}))
    assert list(lines(path)[1]) == ["epoch", "loss", "learning_rate", "seconds"]


def test_a_divergence_is_told_in_strict_json(tmp_path: Path) -> None:
    path = tmp_path / "training.jsonl"
    train(Scripted([nan]), RECIPE, table(20), journal=Journal(str(path), {"loss": nan}))
    first, last = lines(path)
    assert first["loss"] is None
    assert last == {
        "outcome": "diverged",
        "epochs": 0,
        "steps": 0,
        "best_epoch": 0,
        "best": None,
        "restored": True,
        "divergence": {"what": "the loss is nan", "epoch": 1, "step": 1},
    }


def test_each_epoch_is_there_as_soon_as_it_is_done(tmp_path: Path) -> None:
    path = tmp_path / "training.jsonl"
    seen = []

    class Watch:
        def step(self, *_: object) -> None: ...

        def epoch(self, epoch: Epoch) -> None:
            seen.append((epoch.epoch, len(lines(path))))

    train(Regression(), RECIPE, table(20), watch=Watch(), journal=Journal(str(path), {}))
    assert seen == [(1, 2), (2, 3), (3, 4)]


def test_a_training_that_goes_on_continues_its_journal(tmp_path: Path) -> None:
    """What was written after the checkpoint, half a line of it, is written anew."""
    path, identity = tmp_path / "training.jsonl", Identity("", 20, 0, "")
    to = Checkpoints(str(tmp_path / "training.checkpoint"), identity)
    first = train(Regression(), RECIPE._replace(epochs=2), table(20), journal=Journal(str(path), {}), checkpoint=to)
    with path.open("a", encoding="utf-8") as stream:
        stream.write('{"epoch": 3, "lo')
    program = Regression()
    found = read_checkpoint(to.path, program, RECIPE, identity)
    outcome = train(program, RECIPE, table(20), journal=Journal(str(path), {}), resume=found)
    assert [line["epoch"] for line in lines(path)[1:-1]] == [1, 2, 3]
    assert [Epoch(metrics={}, validation_loss=None, gradient_norm=None, **line) for line in lines(path)[1:-1]] == list(
        outcome.history
    )
    assert outcome.history[:2] == first.history
    assert lines(path)[-1]["outcome"] == "finished"


def test_a_journal_that_cannot_be_written_is_a_fault_before_the_first_step(tmp_path: Path) -> None:
    program = Regression()
    with pytest.raises(SystemFault) as caught:
        train(program, RECIPE, table(20), journal=Journal(str(tmp_path / "none" / "x.jsonl"), {}))
    assert caught.value.code == "no-such-folder"
    assert program.touched == 0


def test_a_journal_that_has_not_begun_takes_no_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the journal has not begun, or has ended"):
        Journal(str(tmp_path / "x"), {}).end({})


def test_recipes_differ_where_a_value_does() -> None:
    one = plain(RECIPE)
    other = plain(RECIPE._replace(shuffle=False, loss=Loss("huber", delta=2.0), class_weights=(1.0, 2.0)))
    assert list(differences(one, other)) == [
        ("loss.kind", "cross_entropy", "huber"),
        ("loss.delta", 1.0, 2.0),
        ("shuffle", True, False),
        ("class_weights", None, [1.0, 2.0]),
    ]
    assert list(differences({"a": 1, "b": 2}, {"a": True})) == [("a", 1, True), ("b", 2, None)]
    assert list(differences(one, json.loads(json.dumps(one)))) == []


def test_losses_by_output_are_plain() -> None:
    assert plain(RECIPE._replace(loss={"y": Loss("huber")}))["loss"] == {
        "y": {"kind": "huber", "delta": 1.0, "smoothing": 0.0, "weight": 1.0}
    }
