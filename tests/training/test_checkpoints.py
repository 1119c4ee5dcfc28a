"""Checkpoints: what goes on from one ends with the same bits; and nothing else is taken for one."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from netspec.diagnostics import FileFault, SystemFault
from netspec.files.parameters import write_parameters
from netspec.files.safetensors import read_header
from netspec.spec.recipe import Clip, EarlyStopping, Loss, Optimizer, Recipe, Schedule
from netspec.training.checkpoints import Checkpoints, Identity, read_checkpoint
from netspec.training.identity import digest
from netspec.training.loop import train
from netspec.training.metrics import measures
from netspec.training.outcome import Outcome
from tests.training import killed
from tests.training.programs import Regression, Table, table

BASE: Final = Recipe(loss=Loss("cross_entropy"), batch=8, epochs=10, seed=3)
RECIPES: Final[dict[str, Recipe]] = {
    "adam": BASE,
    "momentum": BASE._replace(optimizer=Optimizer("sgd", momentum=0.9, nesterov=True)),
    "adamw, decay, warm-up": BASE._replace(
        optimizer=Optimizer("adamw"), weight_decay=0.1, schedule=Schedule("step", 3, 0.5, warm_up=1.5)
    ),
    "rmsprop, clipped": BASE._replace(
        optimizer=Optimizer("rmsprop", centered=True, momentum=0.5), clip=Clip("norm", 0.5), learning_rate=0.001
    ),
    "early stopping": BASE._replace(learning_rate=0.05, early_stopping=EarlyStopping(5, "accuracy")),
    "in order": BASE._replace(shuffle=False),
    "all rows": BASE._replace(batch=None, learning_rate=0.1),
}
ROWS, PART = table(50), table(30, seed=1)
IDENTITY: Final = Identity("of the tests", 50, 30, digest(ROWS, PART))


class After:
    """Stops a training after so many steps."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def __call__(self) -> bool:
        self._left -= 1
        return self._left < 0


def run(
    recipe: Recipe, path: Path | None = None, *, resume: bool = False, dtype: Any = np.float64, **options: Any
) -> tuple[Regression, Outcome]:
    """Train on the tests' data, on from the checkpoint at `path` where `resume` says so."""
    program = Regression(dtype)
    rows, part = (Table(one.x.astype(dtype), one.t) for one in (ROWS, PART))
    wanted = measures(recipe, {"y": Loss("cross_entropy")})
    if path is not None:
        options["checkpoint"] = Checkpoints(
            str(path), IDENTITY, options.pop("seconds", None), options.pop("steps", None)
        )
    if resume:
        options["resume"] = read_checkpoint(str(path), program, recipe, IDENTITY, wanted)
    return program, train(program, recipe, rows, part, **options)


def assert_same(one: tuple[Regression, Outcome], other: tuple[Regression, Outcome]) -> None:
    """Hold that two trainings ended with the same bits, but for the steps and times that they took."""
    (a, before), (b, after) = one, other
    assert a.parameters.tobytes() == b.parameters.tobytes()
    assert a.state["norm.mean"].tobytes() == b.state["norm.mean"].tobytes()
    assert len(before.history) == len(after.history)
    assert all(row.same(again) for row, again in zip(before.history, after.history, strict=True))
    assert before._replace(history=()) == after._replace(history=())


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", RECIPES)
def test_ten_epochs_are_four_and_then_six(name: str, dtype: Any, tmp_path: Path) -> None:
    recipe, path = RECIPES[name], tmp_path / "training.checkpoint"
    run(recipe._replace(epochs=4), path, dtype=dtype)
    assert_same(run(recipe, path, resume=True, dtype=dtype), run(recipe, dtype=dtype))


@pytest.mark.parametrize("steps", [1, 7, 9, 20, 27, 34])
@pytest.mark.parametrize("name", [name for name in RECIPES if name != "all rows"])
def test_a_training_goes_on_in_the_middle_of_an_epoch(name: str, steps: int, tmp_path: Path) -> None:
    """The question whether to stop is asked before each of 7 steps and the evaluation after them."""
    recipe, path = RECIPES[name], tmp_path / "training.checkpoint"
    program, outcome = run(recipe, path, stop=After(steps))
    assert outcome.ended == "interrupted"
    again = run(recipe, path, resume=True)
    assert_same(again, run(recipe))
    assert again[0].touched == run(recipe)[0].touched - program.touched


def test_a_training_that_stopped_early_stays_so(tmp_path: Path) -> None:
    recipe, path = RECIPES["early stopping"]._replace(epochs=100), tmp_path / "training.checkpoint"
    first = run(recipe, path)
    assert first[1].ended == "stopped early"
    again = run(recipe, path, resume=True)
    assert again[0].touched == 0
    assert_same(again, first)


def test_a_training_that_is_done_goes_on_where_epochs_grow_and_from_what_it_had_last(tmp_path: Path) -> None:
    """Not from the best epoch, which an early stopping puts back at the end."""
    recipe, path = (
        RECIPES["early stopping"]._replace(early_stopping=EarlyStopping(50)),
        tmp_path / "training.checkpoint",
    )
    run(recipe._replace(epochs=4), path)
    assert_same(run(recipe, path, resume=True), run(recipe))


def test_checkpoints_between_steps_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "training.checkpoint"
    assert_same(run(BASE, path, steps=2), run(BASE))
    assert_same(run(BASE, path, seconds=0.0), run(BASE))


def test_every_so_many_steps_and_at_the_end_of_each_epoch_there_is_a_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[int, int]] = []
    monkeypatch.setattr(
        "netspec.training.loop.write_checkpoint", lambda *given: written.append((given[4].epoch, given[4].step))
    )
    run(BASE._replace(epochs=2), tmp_path / "x", steps=3)
    assert written == [(0, 3), (0, 6), (1, 0), (1, 2), (1, 5), (2, 0)]
    written.clear()
    run(BASE._replace(epochs=2), tmp_path / "x")
    assert written == [(1, 0), (2, 0)]


def test_the_same_training_writes_the_same_bytes_but_for_the_times(tmp_path: Path) -> None:
    texts = []
    for name in ("one", "other"):
        run(BASE, tmp_path / name)
        data = (tmp_path / name).read_bytes()
        with (tmp_path / name).open("rb") as stream:
            times = read_header(stream, len(data), 100).entries["history/seconds"]
        texts.append(data[: times.offset] + data[times.offset + times.size :])
    assert texts[0] == texts[1]


def test_a_checkpoint_serves_again(tmp_path: Path) -> None:
    path = tmp_path / "training.checkpoint"
    run(BASE._replace(epochs=4), path)
    found = read_checkpoint(str(path), Regression(), BASE, IDENTITY, measures(BASE, {"y": Loss("cross_entropy")}))
    first, second = Regression(), Regression()
    train(first, BASE, ROWS, PART, resume=found)
    train(second, BASE, ROWS, PART, resume=found)
    assert first.parameters.tobytes() == second.parameters.tobytes()
    assert len(found.at.history) == 4


def test_a_divergence_leaves_the_last_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "training.checkpoint"
    run(BASE._replace(epochs=1), path)
    before = path.read_bytes()

    class Bad(Regression):
        def step(self, *given: Any) -> float:
            super().step(*given)
            return float("nan")

    program = Bad()
    found = read_checkpoint(str(path), program, BASE, IDENTITY, killed.MEASURES)
    outcome = train(program, BASE, ROWS, PART, checkpoint=Checkpoints(str(path), IDENTITY), resume=found)
    assert (outcome.ended, outcome.best_epoch, outcome.restored) == ("diverged", 1, True)
    assert path.read_bytes() == before
    np.testing.assert_array_equal(program.parameters, found.best.parameters)


@pytest.mark.parametrize(
    ("failing", "ended", "epochs", "steps"),
    [(1, "interrupted", 0, 3), (3, "interrupted", 1, 7), (6, "finished", 2, 14)],
)
def test_a_checkpoint_that_cannot_be_written_ends_the_training_as_an_interruption_does(
    failing: int, ended: str, epochs: int, steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two epochs with three checkpoints each; after the last there is nothing left that it could end."""
    fault, calls = SystemFault("no-space", "there is no space left"), []

    def write(*given: Any) -> None:
        calls.append(given)
        if len(calls) == failing:
            raise fault

    monkeypatch.setattr("netspec.training.loop.write_checkpoint", write)
    _, outcome = run(BASE._replace(epochs=2), tmp_path / "x", steps=3)
    assert (outcome.ended, outcome.epochs, outcome.steps, outcome.failure) == (ended, epochs, steps, fault)
    assert ", as there is no space left; the parameters are those of " in outcome.sentence
    assert len(calls) == failing


# -- what is refused ---------------------------------------------------------------------------------------------------


def refused(path: Path, recipe: Recipe = BASE, identity: Identity = IDENTITY, program: Regression | None = None) -> str:
    """Return code and reason of the refusal."""
    with pytest.raises(FileFault) as caught:
        read_checkpoint(str(path), program or Regression(), recipe, identity, killed.MEASURES)
    return f"{caught.value.code}: {caught.value.reason}"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "training.checkpoint"
    run(BASE._replace(epochs=4), path, stop=After(20))
    return path


@pytest.mark.parametrize(
    ("recipe", "reason"),
    [
        (BASE._replace(learning_rate=0.1), "with another recipe: `learning_rate` was null, is 0.1"),
        (
            BASE._replace(optimizer=Optimizer("adam", beta_1=0.8)),
            "with another recipe: `optimizer.beta_1` was 0.9, is 0.8",
        ),
        (BASE._replace(shuffle=False, seed=4), "with another recipe: `shuffle` was true, is false; `seed` was 3, is 4"),
        (
            BASE._replace(clip=Clip("norm", 1.0)),
            'with another recipe: `clip` was null, is {"kind": "norm", "limit": 1.0}',
        ),
        (
            BASE._replace(learning_rate=0.5, batch=4, seed=1, shuffle=False, metrics=("error",)),
            (
                "with another recipe: `learning_rate` was null, is 0.5; `batch` was 8, is 4; `shuffle` was true, "
                "is false, and 2 more"
            ),
        ),
        (BASE._replace(epochs=3), "with epochs 4, which can only grow, not become 3"),
    ],
)
def test_another_recipe_is_refused(written: Path, recipe: Recipe, reason: str) -> None:
    assert refused(written, recipe) == f"checkpoint-differs: it was written {reason}"


def test_epochs_do_not_grow_under_a_schedule_that_goes_by_them(tmp_path: Path) -> None:
    recipe, path = BASE._replace(schedule=Schedule("cosine")), tmp_path / "training.checkpoint"
    whole, outcome = run(recipe)
    run(recipe, path, stop=After(20))
    assert refused(path, recipe._replace(epochs=12)) == (
        "checkpoint-differs: its learning rates follow `cosine` over epochs 10, which therefore cannot become 12"
    )
    resumed, again = run(recipe, path, resume=True)
    np.testing.assert_array_equal(resumed.parameters, whole.parameters)
    assert all(one.same(other) for one, other in zip(outcome.history, again.history, strict=True))


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        (IDENTITY._replace(fingerprint="x"), "it is of another network"),
        (IDENTITY._replace(rows=51), "it was written by a training on other data, with 50 rows instead of 51"),
        (
            IDENTITY._replace(validation_rows=31),
            "it was written by a training on another validation part, with 30 rows instead of 31",
        ),
        (IDENTITY._replace(digest="x"), "it was written by a training on other data"),
    ],
)
def test_another_network_and_other_data_are_refused(written: Path, identity: Identity, reason: str) -> None:
    assert refused(written, identity=identity) == f"checkpoint-differs: {reason}"


def test_another_dtype_is_refused(written: Path) -> None:
    assert refused(written, program=Regression(np.float32)) == "parameters-unreadable: Ω is F64, expected float32"


def rewritten(path: Path, change: Callable[[dict[str, Any], dict[str, str]], object]) -> None:
    """Write a checkpoint anew, its arrays and texts changed."""
    data = path.read_bytes()
    with path.open("rb") as stream:
        file = read_header(stream, len(data), 100)
    arrays: dict[str, Any] = {
        name: np.frombuffer(data, "<f8", entry.size // 8, entry.offset).reshape(entry.shape).copy()
        for name, entry in file.entries.items()
    }
    change(arrays, file.metadata)
    with path.open("wb") as stream:
        write_parameters(stream, arrays, file.metadata)


def progress(said: dict[str, str], **changes: Any) -> None:
    said["progress"] = json.dumps({**json.loads(said["progress"]), **changes})


def filled(array: Any, value: float) -> None:
    array.reshape(-1)[-1:] = value


HOSTILE: Final[dict[str, tuple[Callable[[dict[str, Any], dict[str, str]], object], str]]] = {
    "missing": (lambda a, _: a.pop("first_moment/Omega"), "first_moment/Omega is missing"),
    "more": (lambda a, _: a.update({"best/x": np.zeros(1)}), "`best/x` is no tensor of this training"),
    "shape": (lambda a, _: a.update(beta=np.zeros(4)), "β has shape (4,), expected (3,)"),
    "history": (
        lambda a, _: a.update({"history/values": np.zeros((9, 4))}),
        "history/values has shape (9, 4), expected (2, 4)",
    ),
    "dtype": (lambda a, _: a.update(beta=np.zeros(3, np.float32)), "β is F32, expected float64"),
    "not finite": (lambda a, _: filled(a["Omega"], np.nan), "it has a parameter that is not finite"),
    "best not finite": (lambda a, _: filled(a["best/beta"], np.inf), "it has a parameter that is not finite"),
    "history not finite": (
        lambda a, _: filled(a["history/values"], np.nan),
        "it has a history with a number that is not finite",
    ),
    "times": (lambda a, _: filled(a["history/seconds"], -1), "it has a history with a number that is not finite"),
    "format": (lambda _, said: said.update(format="netspec-model-1"), "it is no checkpoint of a training"),
    "no JSON": (lambda _, said: said.update(progress="{"), "its metadata has no JSON under `progress`"),
    "deep": (lambda _, said: said.update(progress="[" * 200_000), "its metadata has no JSON under `progress`"),
    "NaN": (lambda _, said: said.update(progress='{"loss": NaN}'), "its metadata has no JSON under `progress`"),
    "digits": (lambda _, said: said.update(progress="9" * 5000), "its metadata has no JSON under `progress`"),
    "no object": (lambda _, said: said.update(recipe="[]"), "its metadata has no object `recipe`"),
    "no count": (lambda _, said: progress(said, epoch="2"), "its progress has no count `epoch`"),
    "a switch": (lambda _, said: progress(said, epoch=True), "its progress has no count `epoch`"),
    "negative": (lambda _, said: progress(said, step=-1), "its progress has no count `step`"),
    "no number": (lambda _, said: progress(said, loss=None), "its progress has no number `loss`"),
    "infinite": (lambda _, said: progress(said, best=1e999), "its metadata has no JSON under `progress`"),
    "unknown": (lambda _, said: progress(said, other=1), "its progress has the unknown `other`"),
    "epochs": (lambda _, said: progress(said, epoch=10**15), "its progress contradicts itself"),
    "steps": (lambda _, said: progress(said, taken=3), "its progress contradicts itself"),
    "rows": (lambda _, said: progress(said, rows=3), "its progress contradicts itself"),
    "best": (lambda _, said: progress(said, best_epoch=3), "its progress contradicts itself"),
    "first": (lambda _, said: progress(said, first_loss=None), "its progress contradicts itself"),
    "moment": (
        lambda a, _: filled(a["first_moment/Omega"], np.inf),
        "its `first_moment` has a number that no training gives",
    ),
    "moment that is no number": (
        lambda a, _: filled(a["second_moment/beta"], np.nan),
        "its `second_moment` has a number that no training gives",
    ),
    "negative moment": (
        lambda a, _: filled(a["second_moment/beta"], -1e-9),
        "its `second_moment` has a number that no training gives",
    ),
    "best value": (lambda _, said: progress(said, best=0.25), "its progress contradicts its history"),
    "best epoch": (lambda _, said: progress(said, best_epoch=1), "its progress contradicts its history"),
    "mark": (lambda _, said: progress(said, mark=None), "its progress contradicts its history"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_no_training_wrote_is_refused(written: Path, name: str) -> None:
    change, reason = HOSTILE[name]
    rewritten(written, change)
    assert refused(written) == f"parameters-unreadable: {reason}"


def test_no_memory_is_asked_for_by_the_word_of_a_header(written: Path) -> None:
    epochs = 10**12
    rewritten(
        written, lambda _, said: progress(said, epoch=epochs, taken=epochs * 7 + json.loads(said["progress"])["step"])
    )
    wanted = "history/values has shape (2, 4), expected (1000000000000, 4)"
    assert refused(written, BASE._replace(epochs=10**13)) == f"parameters-unreadable: {wanted}"


def test_other_metrics_are_refused(written: Path) -> None:
    with pytest.raises(FileFault) as caught:
        read_checkpoint(str(written), Regression(), BASE, IDENTITY, ())
    assert str(caught.value) == "it was written with other metrics"


def test_a_file_cut_anywhere_is_refused(written: Path) -> None:
    data = written.read_bytes()
    for length in [0, 7, 8, 100, *range(200, len(data), 97), len(data) - 1]:
        written.write_bytes(data[:length])
        assert refused(written).startswith("parameters-unreadable: ")


def test_bytes_that_are_flipped_never_raise_anything_else(written: Path) -> None:
    """In numbers they may go unseen; all else is found."""
    data = written.read_bytes()
    drawn = random.Random(5)
    codes = set()
    for _ in range(400):
        changed = bytearray(data)
        changed[drawn.randrange(int.from_bytes(data[:8], "little") + 8)] ^= 1 << drawn.randrange(8)
        written.write_bytes(changed)
        try:
            read_checkpoint(str(written), Regression(), BASE, IDENTITY, killed.MEASURES)
        except FileFault as fault:
            codes.add(fault.code)
    assert codes == {"parameters-unreadable", "checkpoint-differs"}


def test_a_file_that_is_not_there_is_a_fault_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(SystemFault) as caught:
        read_checkpoint(str(tmp_path / "none"), Regression(), BASE, IDENTITY)
    assert caught.value.code == "no-such-file"


def test_a_digest_changes_with_every_number_and_with_the_parts() -> None:
    changed = Table(ROWS.x.copy(), ROWS.t)
    changed.x[17, 2] += 1e-12
    digests = {
        digest(ROWS),
        digest(changed),
        digest(ROWS, None),
        digest(ROWS, PART),
        digest(PART, ROWS),
        digest(ROWS, np.ones(50)),
        digest(ROWS, np.ones(50, np.float32)),
        digest(Table(ROWS.x, ROWS.t.astype(np.int32))),
    }
    assert len(digests) == 8
    assert digest(ROWS) == digest(Table(ROWS.x.copy(order="F"), ROWS.t.copy()))


# -- killed ------------------------------------------------------------------------------------------------------------


def test_a_training_that_is_killed_again_and_again_ends_with_the_same_bits(tmp_path: Path) -> None:
    """At least twenty times, at moments drawn at random; each time there is a whole checkpoint and a whole journal."""
    drawn = random.Random(11)
    whole = tmp_path / "whole"
    whole.mkdir()
    killed.main(whole)
    folder = tmp_path / "killed"
    folder.mkdir()
    path, _, identity = folder / "training.checkpoint", *killed.parts()[1:]
    kills = 0
    taken = 0
    while not (folder / "done").exists():
        with subprocess.Popen(
            [sys.executable, "-m", "tests.training.killed", str(folder)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"goes on\n"
            if kills < 22:
                time.sleep(drawn.uniform(0, 0.05))
                process.kill()
                kills += 1
        if path.exists():
            found = read_checkpoint(str(path), Regression(), killed.RECIPE, identity, killed.MEASURES)
            assert found.at.taken >= taken
            taken = found.at.taken
            assert epochs_of(folder)[: found.at.epoch] == list(range(1, found.at.epoch + 1))
    assert kills >= 20
    assert (folder / "done").read_bytes() == (whole / "done").read_bytes()
    assert epochs_of(folder) == epochs_of(whole) == list(range(1, 41))


def epochs_of(folder: Path) -> list[int]:
    """Return the epochs in a journal, every line of which is whole."""
    text = (folder / "training.jsonl").read_text(encoding="utf-8")
    assert text.endswith("\n")
    lines: list[Mapping[str, Any]] = [json.loads(line) for line in text.splitlines()]
    return [line["epoch"] for line in lines if "epoch" in line]
