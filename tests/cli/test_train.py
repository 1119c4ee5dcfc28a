"""`netspec train`, from the command line to the exit code."""

import contextlib
import csv
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

import netspec
from netspec.cli import main
from netspec.cli.recipes import recipe_table
from netspec.files.safetensors import read_header
from netspec.spec.recipe import Loss, Recipe

SPEC: Final = """netspec: 1
name: moons
hyperparameters: {D: 8}
variants: {slow: {training: {learning_rate: 0.002}}}
dtype: float64
input: 2
widths: [D, D]
output: 2
training: {learning_rate: 0.01, batch: 20, epochs: 3, validation: 0.2, seed: 1}
"""
MOONS: Final = Path(__file__).parents[2] / "examples" / "moons.csv"
HEAD: Final = """moons: 2 -> 2, 114 parameters, float64; trained on 160 rows, measured on 40
  loss           cross_entropy  suits the targets
  optimizer      adam
  learning_rate  0.01           the spec
  batch          20             the spec
  epochs         3              the spec
  seed           1              the spec
  parameters     seed 0
  validation     0.2            the spec
"""
TABLE: Final = """  loss           {first: {cross_entropy: {smoothing:       --loss
                 0.1}}, second: {cross_entropy:
                 {smoothing: 0.1}}}
  optimizer      adam
  learning_rate  0.001
  batch          32
  epochs         3                                         --epochs, instead
                                                           of 9 of the spec
  seed           0
"""
SEPARATE: Final = "   = help: separate keys by `,`, and close it with `}`\n"
MODELS: Final = ("model.safetensors", "model.pyz", "model.py")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> Iterator[None]:
    """A folder with a spec and data."""
    with contextlib.chdir(tmp_path):
        Path("moons.yaml").write_text(SPEC)
        Path("moons.csv").write_bytes(MOONS.read_bytes())
        yield


@pytest.fixture
def train(capsys: pytest.CaptureFixture[str]) -> "Train":
    return Train(capsys)


class Train:
    """The command on the spec and data of the folder."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *options: str, data: str = "moons.csv", out: str = "m.safetensors") -> tuple[int, str, str]:
        """Return the exit code, and what it prints."""
        self._capsys.readouterr()
        status = main(["train", "moons.yaml", data, "-o", out, *options])
        printed = self._capsys.readouterr()
        return status, printed.out, printed.err

    def fault(self, *options: str, data: str = "moons.csv", out: str = "m.safetensors") -> str:
        """Return why it refuses what was typed; nothing is written."""
        before = sorted(os.listdir())
        status, text, err = self(*options, data=data, out=out)
        assert (status, text) == (2, "")
        assert sorted(os.listdir()) == before
        return err


def fields(out: str, key: str) -> tuple[str, str]:
    """Return the value of a key of the recipe as told, and where it is from."""
    (row,) = [line.split(maxsplit=1)[1] for line in out.splitlines() if line.startswith(f"  {key} ")]
    value, _, note = row.partition("  ")
    return value, note.strip()


def test_a_spec_and_data_become_a_model(train: Train) -> None:
    status, out, err = train()
    assert (status, out.startswith(HEAD)) == (0, True)
    ended, written = out[len(HEAD) :].splitlines()
    assert ended == "finished after 3 epochs; the parameters are those of the last step"
    wanted = r"m\.safetensors: 114 parameters, float64, [\d.]+ kB"
    wanted += r"; loss (\S+), accuracy (\S+); validation loss (\S+), accuracy (\S+)"
    match = re.fullmatch(wanted, written)
    assert match
    number = r"\d(?:\.\d+)?"
    lines = [f"epoch {i}/3: loss {number}, validation loss {number}, accuracy {number}" for i in (1, 2, 3)]
    assert re.fullmatch("".join(f"{line}\n" for line in lines), err)
    model = netspec.load_model("m.safetensors")
    assert model.labels == {"out": ("lower", "upper")}
    assert (model.training["epochs"], model.training["rows"]) == (3, 160)
    training: dict[str, Any] = dict(model.training)
    assert f"{training['training_loss']:.4g}" == match[1]
    assert f"{training['training_metrics']['accuracy']:.4g}" == match[2]
    assert f"{training['validation_loss']:.4g}" == match[3]
    assert f"{training['metrics']['accuracy']:.4g}" == match[4]


def test_the_model_is_that_of_the_same_training_in_python(train: Train) -> None:
    assert train("--validation", "moons.csv", "--standardise", "inputs", "--seed", "4", "-q")[:2] == (0, "")
    rows = [line.split(",") for line in Path("moons.csv").read_text().splitlines()[1:]]
    x, y = np.array([row[:2] for row in rows], float), np.array([row[2] for row in rows])
    network = netspec.load("moons.yaml")
    trained = network.train(x, y, validation=(x, y), standardise="inputs", seed=4)
    found = netspec.load_model("m.safetensors")
    for name, array in trained.model.parameters.items():
        np.testing.assert_array_equal(found.parameters[name], array)


@pytest.mark.parametrize("name", MODELS)
def test_the_suffix_picks_the_form(train: Train, name: str) -> None:
    assert train("--epochs", "1", out=name)[0] == 0
    assert Path(name).stat().st_size > 2000


def test_a_model_goes_where_build_puts_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "moons.yaml", "moons.csv", "--variant", "slow", "--epochs", "1"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("build/moons-slow.pyz: 114 parameters, float64, ")
    assert os.listdir("build") == ["moons-slow.pyz"]


def test_the_command_line_goes_before_the_spec_visibly(train: Train) -> None:
    _, out, _ = train(
        "--optimizer", "{sgd: {momentum: 0.9}}", "--learning-rate", "5e-2", "--batch", "2*D", "--epochs", "2",
        "--schedule", "cosine", "--weight-decay", "1e-4", "--clip", "{norm: 1}", "--validation", "0.25",
        "--early-stopping", "5", "--standardise", "inputs", "--class-weights", "1,2.5", "--metrics", "accuracy,error",
        "--recompute", "--no-shuffle", "--seed", "7", "--loss", "{cross_entropy: {smoothing: 0.1}}",
    )  # fmt: skip
    assert {key: fields(out, key) for key in (line.split()[0] for line in out.splitlines()[1:-2])} == {
        "loss": ("{cross_entropy: {smoothing: 0.1}}", "--loss"),
        "optimizer": ("{sgd: {momentum: 0.9}}", "--optimizer, instead of adam"),
        "learning_rate": ("0.05", "--learning-rate, instead of 0.01 of the spec"),
        "schedule": ("cosine", "--schedule, instead of constant"),
        "batch": ("16", "--batch, instead of 20 of the spec"),
        "epochs": ("2", "--epochs, instead of 3 of the spec"),
        "weight_decay": ("0.0001", "--weight-decay, instead of 0"),
        "clip": ("{norm: 1}", "--clip"),
        "seed": ("7", "--seed, instead of 1 of the spec"),
        "parameters": ("seed 7", "--seed"),
        "shuffle": ("false", "--no-shuffle, instead of true"),
        "validation": ("0.25", "--validation, instead of 0.2 of the spec"),
        "early_stopping": ("5", "--early-stopping"),
        "standardise": ("[inputs]", "--standardise"),
        "class_weights": ("[1, 2.5]", "--class-weights"),
        "metrics": ("[accuracy, error]", "--metrics"),
        "recompute": ("true", "--recompute, instead of false"),
    }


def test_what_a_variant_and_a_setting_say_holds(train: Train) -> None:
    _, out, _ = train("--variant", "slow", "--set", "D=3", "--epochs", "1", "--dtype", "float32")
    assert out.startswith("moons: 2 -> 2, 29 parameters, float32; trained on 160 rows, measured on 40\n")
    assert fields(out, "learning_rate") == ("0.002", "variant slow")


def test_the_table_says_where_a_value_is_from(train: Train) -> None:
    spec = SPEC.replace("{D: 8}", "{D: 8, rate: 0.1, base: 2, twice: 2*base, rows: 20}")
    spec = spec.replace(
        "{slow: {training: {learning_rate: 0.002}}}", "{slow: {rate: 0.01, training: {validation: 0.3}}}"
    )
    spec = spec.replace("learning_rate: 0.01, batch: 20, epochs: 3", "learning_rate: rate, batch: rows, epochs: twice")
    Path("moons.yaml").write_text(spec)
    _, out, _ = train("--variant", "slow", "--set", "base=1")
    table = {key: fields(out, key) for key in ("learning_rate", "batch", "epochs", "validation")}
    assert table == {
        "learning_rate": ("0.01", "variant slow"),
        "batch": ("20", "the spec"),
        "epochs": ("2", "--set base"),
        "validation": ("0.3", "variant slow"),
    }
    _, out, _ = train("--variant", "slow", "--set", "rate=0.5", "--set", "base=1", "--epochs", "1")
    assert fields(out, "learning_rate") == ("0.5", "--set rate")
    assert fields(out, "epochs") == ("1", "--epochs, instead of 2 of --set base")


def test_an_option_that_says_what_the_spec_does_replaced_nothing(train: Train) -> None:
    assert fields(train("--batch", "20", "--epochs", "1")[1], "batch") == ("20", "--batch")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--loss", "mse"), "--loss: there is no loss `mse`\n   = help: it is called `squared_error` here\n"),
        (
            ("--optimizer", "{sgd: {momentum: 2}}"),
            "--optimizer: `training.optimizer.sgd.momentum` is 2; it must be at least 0 and below 1\n",
        ),
        (
            ("--optimizer", "{sgd"),
            "--optimizer: this is not YAML: a mapping that goes on without `,` or `}`\n" + SEPARATE,
        ),
        (("--batch", "0"), "--batch: `training.batch` is 0; at least 1 is needed\n"),
        (("--validation", "2"), "--validation: `training.validation` is 2; it must be above 0 and below 1\n"),
        (
            ("--epochs", "1\nseed: 3"),
            "--epochs: expects a value on one line\n   = help: write it as `epochs` stands in a spec\n",
        ),
        (
            ("--resume",),
            "--resume is for a training with checkpoints\n   = help: add `--checkpoint FILE`\n",
        ),
        (
            ("--checkpoint-every", "3"),
            "--checkpoint-every is for a training with checkpoints\n   = help: add `--checkpoint FILE`\n",
        ),
        (
            ("--plot", "a.jpg"),
            "--plot: the name `a.jpg` does not say what to draw\n   = help: end it in .svg, .png, .pdf\n",
        ),
        (
            ("--explain", "--batch", "full"),
            "--explain: a step of all rows has no number of rows yet\n   = help: add `--batch N`\n",
        ),
        (("--log", "./m.safetensors"), "-o and --log are the same file `./m.safetensors`\n   = help: name two files\n"),
    ],
)
def test_what_cannot_be_meant_is_refused(train: Train, options: tuple[str, ...], words: str) -> None:
    assert train.fault(*options) == f"error[usage]: {words}"


def test_data_may_be_left_out_only_where_nothing_is_trained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "moons.yaml"]) == 2
    assert capsys.readouterr().err == (
        "error[usage]: missing argument 'DATA'\n   = help: `netspec train moons.yaml DATA`\n"
    )
    assert main(["train", "moons.yaml", "--explain", "--batch", "10"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("moons: a step of training, float64, batches of 10\n  114 parameters in one flat array, ")
    assert "\n  the loss of y is told by the data: here it is cross_entropy\n\n" in out
    assert "    def step(x, target, weights, key):\n" in out
    assert "loss = cross_entropy(z_2, target, dz_2, weights, class_weights[0], True, 0.0, 1.0)\n" in out


def test_free_sizes_are_64_where_a_step_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    Path("free.yaml").write_text(
        "netspec: 1\nsymbols: [T]\ninput: [T, 3]\nlayers: [{dense: 4}, {mean: {axes: 0}}]\noutput: 4\n"
    )
    assert main(["train", "free.yaml", "--explain", "--loss", "huber", "--batch", "2"]) == 0
    head, _, text = capsys.readouterr().out.partition("def bind")
    assert "64" in text
    assert "is told by the data" not in head


def test_a_step_that_no_machine_has_memory_for_is_refused_and_not_explained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["train", "moons.yaml", "--explain", "--batch", "9" * 18]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(
        r"error\[no-memory\]: a step takes [\d,.]+ EB of memory, more than any machine has\n"
        r"   = help: make the batch smaller\n",
        err,
    )


# -- data --------------------------------------------------------------------------------------------------------------


def test_faults_of_data_are_located(train: Train) -> None:
    text = Path("moons.csv").read_text().splitlines()
    text[41] = "0.5,one,upper"
    Path("bad.csv").write_text("\n".join(text) + "\n")
    status, out, err = train(data="bad.csv")
    assert (status, out) == (1, "")
    assert "\n  --> bad.csv:42:5\n" in err
    assert not Path("m.safetensors").exists()
    assert train("--validation", "bad.csv")[2] == err
    assert train.fault(data="nothing.dat") == "error[no-such-file]: there is no file `nothing.dat`\n"


def test_sizes_that_do_not_fit_are_faults_of_the_file_that_has_them(train: Train) -> None:
    Path("moons.yaml").write_text(
        "netspec: 1\nsymbols: [T]\ninput: [T, 2]\nchecks: [T <= 4]\nlayers: [{dense: 2}]\noutput: [T, 2]\n"
    )
    for name, T, S in (("good", 3, 3), ("long", 6, 6), ("bad", 3, 2)):
        np.savez(f"{name}.npz", x=np.zeros((4, T, 2)), y=np.zeros((4, S, 2)))
    said = "error[data-shape]: the check `T <= 4` does not hold: T is 6\n  --> long.npz\n"
    assert train(data="long.npz") == (1, "", said)
    said = "error[data-shape]: y has examples of shape (2, 2); expected (3, 2) where T = 3\n  --> bad.npz\n"
    assert train("--validation", "bad.npz", data="good.npz") == (1, "", said)
    np.save("x.npy", np.zeros((4, 3, 2)))
    np.save("y.npy", np.zeros((4, 2, 2)))
    assert train("y.npy", data="x.npy") == (1, "", said.replace("bad.npz", "y.npy"))


def test_a_pair_of_arrays_and_targets_by_name(train: Train, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(3)
    np.save("x.npy", rng.normal(size=(30, 2)))
    np.save("y.npy", rng.integers(0, 2, 30))
    arguments = ["train", "moons.yaml", "x.npy", "y.npy", "--validation", "x.npy,y.npy", "-o", "m.pyz", "--epochs", "1"]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert out.startswith("moons: 2 -> 2, 114 parameters, float64; trained on 30 rows, measured on 30\n")
    assert fields(out, "validation") == ("x.npy,y.npy", "--validation, instead of 0.2 of the spec")
    swapped = [",".join(line.split(",")[::-1]) for line in Path("moons.csv").read_text().splitlines()]
    Path("swapped.csv").write_text("\n".join(swapped) + "\n")
    assert train("--target", "moon", "--epochs", "1", data="swapped.csv")[0] == 0


ONE: Final = "netspec: 1\ninput: 2\nwidths: [4]\noutput: 1\n"


@pytest.mark.parametrize("spec", [SPEC, ONE, f"{ONE}output_activation: sigmoid\n"], ids=["two", "logit", "sigmoid"])
@pytest.mark.parametrize("out", ["m.safetensors", "m.pyz"])
def test_a_run_gives_words_back(train: Train, capsys: pytest.CaptureFixture[str], spec: str, out: str) -> None:
    Path("moons.yaml").write_text(spec)
    words = ('up, "per"', "lower")
    rows = [line.rpartition(",") for line in Path("moons.csv").read_text().splitlines()]
    with Path("quoted.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(
            [*x.split(","), words[name == "lower"] if i else name] for i, (x, _, name) in enumerate(rows)
        )
    Path("x.csv").write_text("".join(f"{x}\n" for x, _, _ in rows))
    assert train("--learning-rate", "0.05", "--epochs", "30", "-q", data="quoted.csv", out=out)[0] == 0

    def said(*options: str) -> str:
        assert main(["run", out, "x.csv", "--labels", *options]) == 0
        return capsys.readouterr().out

    (header, *found) = [row[0] for row in csv.reader(said().splitlines())]
    assert header == "label"
    right = sum(name == words[row[2] == "lower"] for name, row in zip(found, rows[1:], strict=True))
    assert right > 160
    assert json.loads(said("--to", "json")) == found
    assert [json.loads(line) for line in said("--to", "jsonl").splitlines()] == found


NAMED: Final = "id,income,age,moon\n" + "".join(
    f"a{n},{n % 7},{n % 5},{'lower' if n % 7 < 4 else 'upper'}\n" for n in range(40)
)


@pytest.mark.parametrize("out", ["m.safetensors", "m.pyz"])
def test_a_model_takes_its_columns_by_name(train: Train, capsys: pytest.CaptureFixture[str], out: str) -> None:
    Path("named.csv").write_text(NAMED)
    options = ("--inputs", "income,age", "--target", "moon", "-q")
    assert train(*options, data="named.csv", out=out) == (0, "", "")
    assert netspec.load_model(out).columns == (("income", "age"), ("moon", "id"))
    runs = [["run", out]] if out != "m.pyz" else [["run", out], None]
    tables = {
        "as they were": "income,age\n6,1\n",
        "the other way": "age,income\n1,6\n",
        "with those beside them": "moon,age,id,income\nupper,1,a41,6\n",
        "without names": "6,1\n",
    }
    for words in runs:
        printed = set()
        for name, text in tables.items():
            Path("new.csv").write_text(text)
            if words is None:
                done = subprocess.run([sys.executable, out, "new.csv"], capture_output=True, text=True, check=True)
                found = done.stdout
            else:
                capsys.readouterr()
                assert main([*words, "new.csv"]) == 0, name
                found = capsys.readouterr().out
            printed.add(found.splitlines()[-1])
        assert len(printed) == 1


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "age,incomes",
            (
                "error[data-columns]: there is no column `income`, which the model was trained on\n"
                "  --> new.csv:1:1\n"
                "   = help: did you mean `incomes`?\n"
            ),
        ),
        (
            "income,age,size",
            (
                "error[data-columns]: the model was not trained on the column `size`\n"
                "  --> new.csv:1:12\n"
                "   = help: leave it out\n"
            ),
        ),
        (
            "age,age,income",
            (
                "error[data-columns]: columns 1 and 2 are both called `age`\n"
                "  --> new.csv:1:1\n"
                "   = help: `moons` takes rows of 2 numbers\n"
            ),
        ),
    ],
)
def test_columns_of_other_names_are_refused(
    train: Train, capsys: pytest.CaptureFixture[str], header: str, message: str
) -> None:
    Path("named.csv").write_text(NAMED)
    assert train("--ignore", "id", "-q", data="named.csv") == (0, "", "")
    Path("new.csv").write_text(f"{header}\n{','.join('1' for _ in header.split(','))}\n")
    assert main(["run", "m.safetensors", "new.csv"]) == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", message)


def test_a_validation_file_has_the_columns_of_the_training_by_name(train: Train) -> None:
    Path("named.csv").write_text(NAMED)
    rows = [row.split(",") for row in NAMED.splitlines()]
    Path("held.csv").write_text("".join(f"{moon},{age},{income}\n" for _, income, age, moon in rows))
    Path("same.csv").write_text(NAMED)
    found = [train("--ignore", "id", "--validation", held, data="named.csv")[1] for held in ("same.csv", "held.csv")]
    assert found[0].replace("same.csv", "held.csv") == found[1]
    Path("other.csv").write_text("incomes,age,moon\n1,2,lower\n")
    status, text, err = train("--ignore", "id", "--validation", "other.csv", data="named.csv")
    assert (status, text, err) == (
        1,
        "",
        (
            "error[data-columns]: there is no column `income`, which the training data have\n"
            "  --> other.csv:1:1\n"
            "   = help: did you mean `incomes`?\n"
        ),
    )


@pytest.mark.parametrize(
    "columns",
    [{"inputs": ["a"]}, {"inputs": ["a", "a"]}, {"inputs": [1, 2]}, {"outputs": []}, ["a", "b"]],
)
def test_columns_that_are_not_those_of_the_inputs_are_refused(train: Train, columns: object) -> None:
    model = netspec.load("moons.yaml").build()
    model.training["columns"] = columns
    model.save("odd.safetensors")
    with pytest.raises(netspec.SpecError) as refused:
        netspec.load_model("odd.safetensors")
    (found,) = refused.value.diagnostics
    assert found.code == "not-a-model"


def test_words_are_refused_where_there_are_none(train: Train, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "moons.yaml", "moons.csv", "--labels"]) == 2
    assert capsys.readouterr().err == (
        "error[usage]: --labels: moons has no labels\n   = help: a training learns them from targets that are words\n"
    )
    assert train("-q")[0] == 0
    Path("x.csv").write_text("0.1,0.2\n")
    assert main(["run", "m.safetensors", "x.csv", "--labels", "--to", "npy"]) == 2
    assert capsys.readouterr().err == (
        "error[usage]: --labels: an .npy holds no words\n   = help: write CSV or JSON: `--to csv`\n"
    )


# -- what is written ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "out", "words"),
    [
        ((), "m.onnx", "error[output-suffix]: `m.onnx` names no form of a model\n"),
        ((), "nowhere/m.pyz", "error[no-such-folder]: there is no folder `nowhere` to write `nowhere/m.pyz` in\n"),
        (("--log", "moons.csv"), "m.pyz", "error[target-is-input]: `moons.csv` is the same file as the input"),
        (("--checkpoint", "moons.yaml"), "m.pyz", "error[target-is-input]: `moons.yaml` is the same file as the input"),
        (("--plot", "nowhere/a.svg"), "m.pyz", "error[no-such-folder]: there is no folder `nowhere` to write"),
        (("--log", "."), "m.pyz", "error[bad-target]: `.` names a folder, not a file\n"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_training(
    train: Train, options: tuple[str, ...], out: str, words: str
) -> None:
    assert train.fault(*options, out=out).startswith(words)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_refused_before_the_training(train: Train) -> None:
    Path("closed").mkdir(mode=0o500)
    assert train.fault(out="closed/m.pyz").startswith("error[not-writable]: `closed/m.pyz` may not be written")


def test_a_log_has_the_recipe_each_epoch_and_the_end(train: Train) -> None:
    assert train("--log", "log.jsonl")[0] == 0
    first, *epochs, last = [json.loads(line) for line in Path("log.jsonl").read_text().splitlines()]
    assert (first["network"], first["rows"], first["recipe"]["batch"]) == ("moons", 160, 20)
    assert first["data"] == ["moons.csv"]
    assert [each["epoch"] for each in epochs] == [1, 2, 3]
    assert last["outcome"] == "finished"


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_curves_are_drawn(train: Train, form: str) -> None:
    assert train("--plot", f"curves.{form}")[0] == 0
    start = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[form]
    assert Path(f"curves.{form}").read_bytes().startswith(start)


def test_lines_about_epochs_are_at_most_fifty(train: Train) -> None:
    err = train("--epochs", "200", "--batch", "full")[2]
    numbers = [int(line.split()[1].partition("/")[0]) for line in err.splitlines()]
    assert numbers == [1, *range(4, 201, 4)][: len(numbers)]
    assert len(numbers) <= 51


def test_training_ends_early_with_the_best(train: Train) -> None:
    status, out, _ = train("--learning-rate", "0.05", "--epochs", "300", "--early-stopping", "4", "--batch", "10")
    assert status == 0
    match = re.search(r"stopped early after (\d+) epochs; the parameters are those of epoch (\d+), the best \(", out)
    assert match
    assert int(match[1]) == int(match[2]) + 4
    Path("moons.yaml").write_text(SPEC.replace("validation: 0.2, ", ""))
    assert train.fault("--early-stopping", "4", out="b.py") == (
        "error[usage]: early stopping needs a validation part\n   = help: hold some rows back: `--validation 0.2`\n"
    )


def test_a_divergence_says_where_and_writes_nothing_that_is_worse(train: Train) -> None:
    options = ("--optimizer", "sgd", "--learning-rate", "1e9", "--no-shuffle")
    status, _, err = train(*options)
    assert re.fullmatch(
        r"error\[training-diverged\]: the training diverged in epoch 1, step 2: the loss is \S+, the first was \S+;"
        r" no model is written, since none was better than the first step\n"
        r"   = help: try a smaller learning rate than 1e\+09, or `--clip '\{norm: 1\}'`, or `--standardise inputs`\n",
        err,
    )
    assert status == 1
    assert not Path("m.safetensors").exists()


def test_a_divergence_leaves_the_best_where_that_is_better_than_the_beginning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("line.yaml").write_text("netspec: 1\ndtype: float64\ninput: 1\nK: 0\noutput: 1\n")
    Path("line.csv").write_text("x,y\n0,1\n1,3\n2,5\n3,7\n")
    rising = ("--optimizer", "sgd", "--learning-rate", "1", "--schedule", "{constant: {warm_up: 100}}")
    status = main(["train", "line.yaml", "line.csv", "-o", "m.safetensors", "-q", *rising])
    err = capsys.readouterr().err
    assert status == 1
    match = re.search(r"; written are the parameters of epoch (\d+), the best \((\S+)\)\n", err)
    assert match
    model = netspec.load_model("m.safetensors")
    assert (model.training["outcome"], model.training["best_epoch"]) == ("diverged", int(match[1]))
    np.testing.assert_allclose(model(np.array([[0.0], [3.0]])), [[1], [7]], rtol=0.2)


@pytest.mark.parametrize(
    "options",
    [
        ("--learning-rate", "1e38", "--dtype", "float32"),
        ("--learning-rate", "1e308"),
        ("--optimizer", "{sgd: {momentum: 0.9}}", "--learning-rate", "1e300", "--clip", "{norm: 1e300}"),
        ("--weight-decay", "1e300", "--optimizer", "sgd"),
    ],
)
def test_numbers_that_overflow_are_told_as_a_divergence_and_as_nothing_else(
    train: Train, options: tuple[str, ...]
) -> None:
    status, _, err = train(*options, "-q")
    assert (status, err.splitlines()[0].startswith("error[training-diverged]: the training diverged in epoch ")) == (
        1,
        True,
    )


def test_a_network_that_cannot_be_standardised_is_refused_where_the_spec_asks_for_it(train: Train) -> None:
    layers = "[{conv: {channels: 2, kernel: 3, padding: same}}, flatten, {dense: 2}]"
    spec = f"netspec: 1\ninput: [1, 2]\nlayers: {layers}\noutput: 2\n"
    Path("moons.yaml").write_text(spec + "training:\n  epochs: 1\n  standardise: inputs\n")
    status, text, err = train("-q")
    assert (status, text) == (1, "")
    headline = "inputs are standardised where dense layers, or convolutions without padding, read them and have a β"
    help_ = "put `batch_norm: {affine: false}` first, which keeps a mean and a variance of its own\n"
    assert err == (
        f"error[wrong-type]: {headline}\n"
        "  --> moons.yaml:7:16\n"
        "   |\n"
        " 7 |   standardise: inputs\n"
        "   |                ^^^^^^\n"
        f"   |\n   = help: {help_}"
    )
    assert train.fault("--standardise", "[inputs]", "-q") == f"error[usage]: {headline}\n   = help: {help_}"


def test_what_is_too_large_to_be_standardised_is_refused(train: Train) -> None:
    Path("large.csv").write_text("a,b,c\n" + "1e308,1,x\n-1e308,2,y\n" * 20)
    assert train.fault("--standardise", "inputs", "-q", data="large.csv") == (
        "error[usage]: inputs are too large to be standardised: their variance is not finite\n"
        "   = help: scale them before, or leave `standardise` out\n"
    )


def test_an_array_with_what_is_not_finite_is_refused_without_a_warning(train: Train) -> None:
    signalling = np.array([0x7FF0_0000_0000_0001], np.uint64).view(np.float64)[0]
    np.save("x.npy", np.array([[1.0, signalling], [2.0, 3.0]]))
    np.save("y.npy", np.array([0, 1]))
    status, _, err = train("y.npy", "--dtype", "float32", "-q", data="x.npy")
    assert (status, err.splitlines()[0]) == (1, "error[data-not-finite]: row 1, column 2 is nan")


def test_what_the_spec_says_is_refused_at_its_place_and_what_an_option_says_as_an_argument(train: Train) -> None:
    wrong = "there are 2 classes, and 3 class weights"
    help_ = "   = help: give a weight for each class, or `balanced`\n"
    Path("moons.yaml").write_text(SPEC.replace("seed: 1", "class_weights: [1, 2, 3]"))
    assert train("-q") == (
        1,
        "",
        f"""error[wrong-type]: {wrong}
  --> moons.yaml:9:87
   |
 9 | training: {{learning_rate: 0.01, batch: 20, epochs: 3, validation: 0.2, class_weights: [1, 2, 3]}}
   |                                                                                       ^^^^^^^^^
   |
{help_}""",
    )
    assert train.fault("--class-weights", "1,2,3") == f"error[usage]: {wrong}\n{help_}"


@pytest.mark.parametrize(
    ("training", "options", "first"),
    [
        (
            "{early_stopping: 3}",
            (),
            "error[wrong-type]: early stopping needs a validation part\n  --> moons.yaml:4:46\n",
        ),
        (
            "{early_stopping: {patience: 3, metric: r2}, validation: 0.2}",
            (),
            "error[wrong-type]: early stopping goes by r2, which no output has\n  --> moons.yaml:4:46\n",
        ),
        (
            "{clip: {norm: 1e300}}",
            ("--dtype", "float32"),
            "error[out-of-range]: `clip` has 1e+300, which is too large for float32\n  --> moons.yaml:4:36\n",
        ),
        (
            "{metrics: rmse}",
            (),
            "error[wrong-type]: the metric `rmse` says nothing beside cross_entropy\n  --> moons.yaml:4:39\n",
        ),
        (
            "{standardise: targets}",
            (),
            (
                "error[wrong-type]: targets are standardised where they are numbers, and here they are classes\n"
                "  --> moons.yaml:4:43\n"
            ),
        ),
        (
            "{learning_rate: 1e40}",
            ("--dtype", "float32"),
            "error[out-of-range]: `learning_rate` is 1e+40, which is too large for float32\n  --> moons.yaml:4:45\n",
        ),
    ],
)
def test_what_a_variant_says_is_refused_there(
    train: Train, training: str, options: tuple[str, ...], first: str
) -> None:
    lines = SPEC.splitlines()
    lines[3] = f"variants: {{slow: {{training: {training}}}}}"
    lines[-1] = "training: {epochs: 2}"
    Path("moons.yaml").write_text("\n".join(lines))
    status, out, err = train("--variant", "slow", "-q", *options)
    assert (status, out, err[: len(first)]) == (1, "", first)


def test_an_early_stopping_goes_by_what_an_output_has(train: Train) -> None:
    assert train.fault("--early-stopping", "{patience: 3, metric: r2}") == (
        "error[usage]: early stopping goes by r2, which no output has\n   = help: it can go by loss, accuracy\n"
    )


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--weight-decay", "1e40", "`weight_decay` is 1e+40"),
        ("--optimizer", "{adam: {epsilon: 1e300}}", "`optimizer` has 1e+300"),
        ("--loss", "{cross_entropy: {weight: 1e300}}", "`loss` has 1e+300"),
        ("--class-weights", "1,1e300", "`class_weights` has 1e+300"),
        ("--learning-rate", "1e308", "`learning_rate` is 1e+308"),
    ],
)
def test_numbers_of_a_recipe_that_are_too_large_for_the_dtype_are_refused(
    train: Train, option: str, text: str, said: str
) -> None:
    help_ = "   = help: write a smaller number\n"
    wanted = f"error[usage]: {said}, which is too large for float32\n{help_}"
    assert train.fault(option, text, "--dtype", "float32") == wanted


def test_a_training_begins_with_a_model(train: Train) -> None:
    assert train(out="first.safetensors")[0] == 0
    assert (
        train("--from", "first.safetensors", "--learning-rate", "1e-30", "--epochs", "1", "--dtype", "float32")[0] == 0
    )
    first, found = netspec.load_model("first.safetensors"), netspec.load_model("m.safetensors")
    assert found.dtype == "float32"
    for name, array in first.parameters.items():
        np.testing.assert_array_equal(found.parameters[name], array.astype(np.float32))
    words = "--from: `first.safetensors` is of another network than `moons`"
    assert train.fault("--from", "first.safetensors", "--set", "D=3", out="b.py") == (
        f"error[usage]: {words}\n   = help: `netspec migrate` carries parameters from one network to another\n"
    )


def test_classes_keep_their_numbers_from_a_model(train: Train) -> None:
    assert train(out="first.safetensors")[0] == 0
    Path("moons.csv").write_text(Path("moons.csv").read_text().replace("upper", "above"))
    status, _, err = train("--from", "first.safetensors")
    assert status == 1
    assert err.startswith("error[data-unreadable]") or "above" in err


# -- checkpoints -------------------------------------------------------------------------------------------------------


def test_a_checkpoint_is_gone_on_from_and_never_lost(train: Train) -> None:
    assert train("--epochs", "6", out="whole.safetensors")[0] == 0
    status, out, _ = train("--checkpoint", "c", "--resume")
    assert (status, "there is no c yet: the training begins anew\n" in out) == (0, True)
    assert train.fault("--checkpoint", "c", "--epochs", "6") == (
        "error[file-exists]: there is a checkpoint `c` already\n"
        "   = help: go on from it with `--resume`, or delete it\n"
    )
    status, out, err = train("--checkpoint", "c", "--resume", "--epochs", "6", "--log", "log.jsonl")
    assert (status, "going on from c\n" in out) == (0, True)
    assert [line.partition(":")[0] for line in err.splitlines()] == ["epoch 4/6", "epoch 5/6", "epoch 6/6"]
    assert len(Path("log.jsonl").read_text().splitlines()) == 8
    same("whole.safetensors", "m.safetensors")


def test_a_checkpoint_of_another_training_is_refused(train: Train) -> None:
    assert train("--checkpoint", "c")[0] == 0
    status, _, err = train("--checkpoint", "c", "--resume", "--learning-rate", "0.5")
    assert status == 1
    assert err == (
        "error[checkpoint-differs]: `c`: it was written with another recipe: `learning_rate` was 0.01, is 0.5\n"
        "  --> c\n"
        "   = help: leave the checkpoint out, and the training begins anew\n"
    )
    Path("c").write_bytes(Path("c").read_bytes()[:-8])
    status, _, err = train("--checkpoint", "c", "--resume")
    assert (status, err.splitlines()[1]) == (1, "  --> c")


def same(one: str, other: str) -> None:
    """Assert that two models have the same bits."""
    first, second = netspec.load_model(one), netspec.load_model(other)
    assert list(first.parameters) == list(second.parameters)
    for name, array in first.parameters.items():
        assert second.parameters[name].tobytes() == array.tobytes()


# -- processes ---------------------------------------------------------------------------------------------------------

NETSPEC: Final = [sys.executable, "-m", "netspec.cli", "train", "moons.yaml", "moons.csv", "-o", "m.safetensors"]
LONG: Final = ("--epochs", "1000000", "--checkpoint", "c")


class Process:
    """The command in a process of its own."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen([*NETSPEC, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def begun(self) -> "Process":
        """Wait until steps are done."""
        assert self.process.stderr
        assert self.process.stderr.readline().startswith("epoch ")
        return self

    def ended(self, *signals: int) -> tuple[int, str]:
        """Send signals, and return the exit code and what standard output says last."""
        for number in signals:
            self.process.send_signal(number)
        out, _ = self.process.communicate(timeout=60)
        return self.process.returncode, out.splitlines()[-2] if len(out.splitlines()) > 1 else ""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_writes_the_best_so_far(number: int, status: int) -> None:
    found, said = Process(*LONG).begun().ended(number)
    assert found == status
    match = re.fullmatch(
        r"interrupted after ([\d,]+) epochs? and [\d,]+ steps; the parameters are those of epoch .*", said
    )
    assert match
    assert netspec.load_model("m.safetensors").training["outcome"] == "interrupted"
    with Path("c").open("rb") as stream:
        assert read_header(stream, Path("c").stat().st_size, 100).metadata["format"] == "netspec-checkpoint-1"
    assert sorted(os.listdir()) == ["c", "m.safetensors", "moons.csv", "moons.yaml"]


def test_threads_are_told_to_a_numpy_that_is_loaded_already() -> None:
    """As for the values of a file of parameters, which a spec names."""
    build = ["build", "moons.yaml", "-o", "p.safetensors"]
    assert main(build) == 0
    Path("moons.yaml").write_text(SPEC + "parameters: {file: p.safetensors}\n")

    def said(before: str) -> str:
        code = f"""
import sys
{before}
from netspec.cli import main
status = main(["train", "moons.yaml", "moons.csv", "-q", "--epochs", "1", "--threads", "3"])
from threadpoolctl import threadpool_info
print(status, *(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"))
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        return done.stderr + done.stdout

    assert said("") == "0 3\n"
    hidden = "import netspec.runtime.threads as threads; threads._controller = lambda: None"
    assert said(hidden).rsplit("\n", 2)[0] == (
        "error[usage]: --threads: NumPy was loaded to read parameters, and has its threads; to change them to 3 needs "
        "threadpoolctl\n   = help: `pip install 'netspec-lang[threads]'`, or set OPENBLAS_NUM_THREADS=3"
    )


def test_a_second_interruption_leaves_nothing_half_written() -> None:
    process = Process(*LONG).begun()
    assert process.ended(signal.SIGINT, signal.SIGINT, signal.SIGINT)[0] == 130
    assert {name for name in os.listdir() if not name.startswith("m.")} == {"c", "moons.csv", "moons.yaml"}
    if Path("m.safetensors").exists():
        netspec.load_model("m.safetensors")


def test_a_training_that_is_killed_at_any_moment_goes_on_to_the_same_bits(train: Train) -> None:
    options = ("--epochs", "100", "--batch", "8", "--early-stopping", "{patience: 200, metric: accuracy}")
    assert train(*options, out="whole.safetensors")[0] == 0
    rng, kills = random.Random(5), 0
    for _ in range(200):
        process = Process(*options, "--checkpoint", "c", "--checkpoint-every", "0.01", "--resume", "--quiet")
        if kills < 6:
            deadline = time.monotonic() + 20
            before = Path("c").stat().st_mtime_ns if Path("c").exists() else 0
            while process.process.poll() is None and time.monotonic() < deadline:
                if Path("c").exists() and Path("c").stat().st_mtime_ns != before:
                    break
                time.sleep(0.002)
            time.sleep(rng.random() * 0.1)
            if process.process.poll() is None:
                process.process.kill()
                kills += 1
        if process.ended()[0] == 0:
            break
    assert kills >= 3
    same("whole.safetensors", "m.safetensors")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no /dev/full")
def test_a_full_disk_behind_standard_output_is_found_before_the_training() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(NETSPEC, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error[stdout-unwritable]: standard output takes no more")
    assert not Path("m.safetensors").exists()


@pytest.mark.parametrize("option", ["--log", "--checkpoint"])
def test_a_file_that_cannot_be_written_any_more_ends_the_training_and_the_model_is_written(
    train: Train, option: str
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, before[1]))  # the model is smaller
    try:
        status, out, err = train(option, "file", "--epochs", "200")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    why = "writing `file` failed: file too large"
    assert (status, err[err.index("error") :]) == (2, f"error[write-failed]: {why}\n")
    match = re.fullmatch(
        r"interrupted after (\d+) epochs? and \d+ steps, as (.+); the parameters .*", out.splitlines()[-2]
    )
    assert match
    assert (match[2], int(match[1]) < 200) == (why, True)
    assert netspec.load_model("m.safetensors").training["epochs"] == int(match[1])
    if option == "--log":
        assert [json.loads(line)["epoch"] for line in Path("file").read_text().splitlines()[1:]][-1] == int(
            match[1]
        ) - 1


def test_closed_streams_take_nothing_and_change_nothing() -> None:
    done = subprocess.run(["bash", "-c", f"{' '.join(NETSPEC)} >&- 2>&-"], check=False)
    assert done.returncode == 0
    assert netspec.load_model("m.safetensors").labels


def test_help_loads_no_numpy_and_threads_are_set_before_it_is_loaded() -> None:
    code = (
        "import sys; from netspec.cli import main; status = main({arguments!r}); "
        "import os; print(status, 'numpy' in sys.modules, os.environ.get('OPENBLAS_NUM_THREADS'), file=sys.stderr)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}

    def said(*arguments: str) -> str:
        command = [sys.executable, "-c", code.format(arguments=["train", *arguments])]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
        return done.stderr.splitlines()[-1]

    assert said("--help") == "0 False None"
    run = ("moons.yaml", "moons.csv", "-q", "--epochs", "1")
    assert said(*run) == "0 True 1"
    assert said(*run, "--threads", "2") == "0 True 2"
    assert said(*run, "--batch", "full") == "0 True None"


@pytest.mark.parametrize("out", ["m.safetensors", "m.pyz"])
def test_a_model_is_shown_with_its_network_and_how_it_was_trained(
    train: Train, capsys: pytest.CaptureFixture[str], out: str
) -> None:
    status, said, _ = train(out=out)
    assert status == 0
    model = netspec.load_model(out)
    capsys.readouterr()
    assert main(["show", "moons.yaml"]) == 0
    network = capsys.readouterr().out
    assert main(["show", out]) == 0
    shown = capsys.readouterr().out
    _, *reached = said.splitlines()[-1].split("; ")  # as the training told it at its end
    assert [each.partition(" ")[0] for each in reached] == ["loss", "validation"]
    assert shown.splitlines()[-3:] == [
        "",
        "labels of out: lower, upper",
        f"trained: finished, 3 epochs, 160 rows, {', '.join(reached)}",
    ]
    table = network[network.index("k  operation") :]
    assert table in shown
    assert main(["show", out, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["labels"], told["training"]) == ({"out": ["lower", "upper"]}, model.training)
    assert main(["show", out, "--variant", "slow"]) == 2
    assert capsys.readouterr().err == (
        "error[usage]: --variant is for a spec; a model is as it was built\n   = help: leave it out\n"
    )


def test_a_program_says_its_labels_and_its_training(train: Train) -> None:
    assert train("-q", out="m.pyz") == (0, "", "")
    done = subprocess.run([sys.executable, "m.pyz", "--info"], capture_output=True, text=True, check=True)
    told, model = json.loads(done.stdout), netspec.load_model("m.pyz")
    assert (told["labels"], told["training"]) == ({"out": ["lower", "upper"]}, model.training)
    assert told["columns"] == {"inputs": ["x1", "x2"], "others": ["moon"]}


def test_what_is_not_used_of_the_data_is_told(train: Train) -> None:
    x, y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
    np.savez("parts.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    status, out, _ = train("--epochs", "1", data="parts.npz")
    assert (status, out.splitlines()[1]) == (0, "not used: x_test, y_test")
    more: dict[str, Any] = {f"z{number:02}": x for number in range(12)}
    np.savez("many.npz", x=x, y=y, **more)
    out = train("--epochs", "1", data="many.npz")[1]
    assert out.splitlines()[1] == f"not used: {', '.join(f'z{number:02}' for number in range(10))} and 2 more"
    np.savez("plain.npz", x=x, y=y)
    assert "not used" not in train("--epochs", "1", data="plain.npz")[1]


def test_many_small_products_have_one_thread() -> None:
    """All products of the step are worth two threads together, and none of them is alone."""
    layers = ", ".join(["{dense: 64}, relu"] * 60)
    Path("deep.yaml").write_text(f"netspec: 1\ninput: 2\nlayers: [{layers}, {{dense: 2}}]\noutput: 2\n")
    code = (
        "import os, sys; from netspec.cli.blas import set_threads; import netspec; "
        "set_threads(None, netspec.load('deep.yaml'), 128); "
        "print(os.environ.get('OPENBLAS_NUM_THREADS'), 'numpy' in sys.modules)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "1 False\n"


def test_the_table_keeps_its_columns_and_breaks_between_words() -> None:
    losses = {name: Loss("cross_entropy", smoothing=0.1) for name in ("first", "second")}
    now = Recipe(loss=losses, epochs=3)
    said = {"epochs": "3", "loss": "as it is"}
    before = Recipe(epochs=9)
    assert recipe_table(before, now, said, {}, {}, 76) == TABLE
    assert recipe_table(before, now, said, {}, {}).split() == TABLE.split()
