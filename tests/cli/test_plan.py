"""`netspec plan` and `netspec migrate`, from the command line to the exit code."""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import netspec
from netspec.cli import main
from tests.migration.networks import DENSE, array, save

FAMILY = """netspec: 1
hyperparameters: {D: 3}
variants: {wide: {D: 5}}
input: 4
layers:
  - dense: {width: D, activation: relu, as: first}
  - dense: {width: 2, as: last}
output: 2
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> Iterator[None]:
    """A folder with the old spec, the new one, and the weights of the old one, of two kinds."""
    with contextlib.chdir(tmp_path):
        Path("old.yaml").write_text(DENSE)
        Path("new.yaml").write_text(DENSE.replace("width: 3", "width: 5"))
        Path("family.yaml").write_text(FAMILY)
        arrays = {"first.beta": array(3), "first.Omega": array(3, 4), "last.beta": array(2), "last.Omega": array(2, 3)}
        save(Path("plain.safetensors"), arrays)
        save(Path("plain.npz"), arrays)
        assert main(["build", "old.yaml", "-o", "model.safetensors"]) == 0
        yield


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return the exit code of a command, and what it prints."""
    capsys.readouterr()
    status = main(arguments)
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_a_model_says_itself_what_network_it_is_of(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "plan", "new.yaml", "--weights", "model.safetensors")
    assert status == 0
    assert out.splitlines()[:2] == [
        "model.safetensors of the spec in it → new.yaml", "it keeps the function",
    ]  # fmt: skip
    out = run(capsys, "migrate", "new.yaml", "--weights", "model.safetensors")[1]
    assert out.splitlines()[3].partition(" those of ")[2] == (
        "the spec in model.safetensors on 16 drawn inputs, in float64; in float32 the last digits may differ"
    )


def test_of_a_file_of_no_network_the_function_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "plan", "new.yaml", "--weights", "plain.npz")
    assert status == 0
    assert out.splitlines()[:3] == [
        "plain.npz → new.yaml",
        "whether it keeps the function is not known",
        "  nobody said of which network the file is: `--from OLD.yaml` does",
    ]


def test_copies_ask_for_the_old_network(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, "plan", "new.yaml", "--weights", "plain.npz", "--widen", "copy")
    assert status == 2
    assert err == (
        "error[usage]: --widen copy: which units are copied is known by the old network only\n"
        "   = help: name the spec that the weights are of with `--from OLD.yaml`\n"
    )
    assert run(capsys, "plan", "new.yaml", "--weights", "plain.npz", "--widen", "copy", "--from", "old.yaml")[0] == 0


def test_the_exit_code_says_whether_anything_is_to_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "plan", "old.yaml", "--weights", "plain.npz", "--exit-code")[0] == 0
    assert run(capsys, "plan", "new.yaml", "--weights", "plain.npz", "--exit-code")[0] == 1
    assert run(capsys, "plan", "new.yaml", "--weights", "plain.npz")[0] == 0


def test_a_function_that_is_to_be_kept_is_a_gate_of_both_commands(capsys: pytest.CaptureFixture[str]) -> None:
    Path("other.yaml").write_text(DENSE.replace("relu", "tanh"))
    weights = ("--weights", "plain.npz")
    status, out, _ = run(capsys, "plan", "other.yaml", *weights, "--from", "old.yaml", "--keep-function")
    assert (status, out.splitlines()[1]) == (1, "it is not proven to keep the function")
    assert run(capsys, "plan", "new.yaml", *weights, "--from", "old.yaml", "--keep-function")[0] == 0
    assert run(capsys, "migrate", "new.yaml", *weights, "--from", "old.yaml", "--keep-function", "-o", "a.npz")[0] == 0
    Path("a.npz").unlink()
    status, out, err = run(capsys, "migrate", "old.yaml", *weights, "--keep-function", "-o", "a.npz")
    assert (status, out) == (1, "")
    assert err == (
        "error[function-not-kept]: whether old.yaml keeps the function is not known:"
        " nobody said of which network the file is: `--from OLD.yaml` does\n"
        "  --> old.yaml\n"
        "   = help: `netspec plan` says what becomes of each tensor; without `--keep-function` the file is written\n"
    )
    run(capsys, "plan", "other.yaml", *weights, "--from", "old.yaml", "-o", "p.json")
    status, _, err = run(
        capsys, "migrate", "other.yaml", *weights, "--from", "old.yaml", "--plan", "p.json", "--keep-function",
        "-o", "a.npz",
    )  # fmt: skip
    headline = (
        "error[function-not-kept]: other.yaml is not proven to keep the function: `first`: activation relu → tanh"
    )
    assert (status, err.splitlines()[0]) == (1, headline)
    document = json.loads(Path("p.json").read_text())
    document["verdict"]["outcome"] = "keeps"
    Path("p.json").write_text(json.dumps(document))
    arguments = ("migrate", "other.yaml", *weights, "--plan", "p.json")
    status, _, err = run(capsys, *arguments, "--keep-function", "-o", "a.npz")
    why = "nobody said of which network the file is: `--from OLD.yaml` does"
    headline = f"error[function-not-kept]: whether other.yaml keeps the function is not known: {why}"
    assert (status, err.splitlines()[0]) == (1, headline)
    assert not Path("a.npz").exists()
    status, out, _ = run(capsys, *arguments, "-o", "a.npz")
    assert (status, out.splitlines()[0]) == (
        0, "4 kept, 0 initialised, 0 dropped: whether it keeps the function is not known; the plan says that it does",
    )  # fmt: skip


def test_a_variant_is_of_the_new_spec_and_another_of_the_old(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("plan", "family.yaml", "--weights", "plain.npz", "--from", "family.yaml")
    assert run(capsys, *arguments)[1].splitlines()[1].startswith("nothing is to do")
    assert "3 padded" in run(capsys, *arguments, "--variant", "wide")[1]
    status, _, err = run(capsys, *arguments, "--variant", "wde")
    assert status == 2
    assert err.startswith("error[usage]: --variant: `family.yaml` has no variant `wde`\n   = help: it has wide\n")
    status, _, err = run(capsys, *arguments, "--from-variant", "wide")
    assert status == 1
    assert err == (
        "error[parameter-shape]: the file has no weights of `family.yaml`: `first.beta` is (3,), expected (5,);"
        " `first.Omega` is (3, 4), expected (5, 4); `last.Omega` is (2, 3), expected (2, 5)\n"
        "  --> plain.npz:1:1\n"
        "   = help: `--from OLD.yaml` names the spec that the weights are of\n"
    )
    status, _, err = run(capsys, "plan", "new.yaml", "--weights", "plain.npz", "--from-variant", "wide")
    assert (status, err.splitlines()[0]) == (2, "error[usage]: --from-variant is for the spec that --from names")
    status, _, err = run(capsys, "plan", "new.yaml", "--weights", "plain.npz", "--variant", "wide")
    assert (status, err.splitlines()[1]) == (2, "   = help: it has none")


def test_a_plan_is_written_by_its_suffix_and_not_over_its_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "plan", "new.yaml", "--weights", "plain.npz", "-o", "p.md")[:2] == (0, "")
    assert Path("p.md").read_text().startswith("### plain.npz → new.yaml\n")
    assert run(capsys, "plan", "new.yaml", "--weights", "plain.npz", "-o", "p.txt", "--format", "json")[0] == 0
    assert json.loads(Path("p.txt").read_text())["plan"] == 1
    status, _, err = run(capsys, "plan", "new.yaml", "--weights", "plain.npz", "-o", "p.pdf")
    assert (status, err.splitlines()[0]) == (2, "error[usage]: -o: the name `p.pdf` does not say what to write")
    status, _, err = run(capsys, "plan", "new.yaml", "--weights", "plain.npz", "-o", "new.yaml", "--format", "text")
    assert (status, err.splitlines()[0]) == (
        2, "error[target-is-input]: `new.yaml` is the same file as the input `new.yaml`",
    )  # fmt: skip


def test_a_spec_that_is_wrong_is_refused_with_its_faults(capsys: pytest.CaptureFixture[str]) -> None:
    Path("wrong.yaml").write_text("netspec: 1\ninput: 4\nwidths: [0]\noutput: 2\n")
    for arguments in (("wrong.yaml",), ("new.yaml", "--from", "wrong.yaml")):
        status, out, err = run(capsys, "plan", *arguments, "--weights", "plain.npz")
        assert (status, out) == (1, "")
        assert "wrong.yaml:3:10" in err


def test_a_spec_within_a_model_is_taken_as_hostile_too(capsys: pytest.CaptureFixture[str]) -> None:
    data = Path("model.safetensors").read_bytes()
    Path("model.safetensors").write_bytes(data.replace(b"width: 3", b"width: x"))
    status, _, err = run(capsys, "plan", "new.yaml", "--weights", "model.safetensors")
    assert status == 1
    assert "model.safetensors#spec:" in err


def test_a_migration_is_written_where_build_writes_and_loads(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "migrate", "new.yaml", "--weights", "model.safetensors")
    assert status == 0
    lines = out.splitlines()
    assert lines[0] == "1 kept, 3 padded, 0 initialised, 0 dropped: it keeps the function"
    assert lines[1].startswith("build/new.safetensors: 37 parameters, float32, ")
    assert lines[2] == "checked: every tensor has its name and its shape, and all numbers are finite"
    assert lines[3].startswith("the outputs ")
    assert netspec.load_model("build/new.safetensors").facts.parameters == 37
    assert run(capsys, "migrate", "family.yaml", "--variant", "wide", "--weights", "plain.npz")[0] == 0
    assert os.path.exists("build/family-wide.safetensors")


def test_a_new_spec_may_name_the_file_that_is_yet_to_be_made(capsys: pytest.CaptureFixture[str]) -> None:
    Path("new.yaml").write_text(Path("new.yaml").read_text() + "parameters: {file: made.safetensors}\n")
    assert run(capsys, "migrate", "new.yaml", "--weights", "plain.npz", "-o", "made.safetensors")[0] == 0
    assert run(capsys, "validate", "new.yaml")[0] == 0


def test_a_plan_is_carried_out_as_it_was_edited(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "plan", "new.yaml", "--weights", "plain.npz", "-o", "p.json")[0] == 0
    document = json.loads(Path("p.json").read_text())
    document["steps"][1]["edges"][0]["fill"] = "zero"
    Path("p.json").write_text(json.dumps(document))
    arguments = ("migrate", "new.yaml", "--weights", "plain.npz", "--plan", "p.json", "-o", "made.npz")
    assert run(capsys, *arguments)[0] == 0
    import numpy as np

    assert not np.load("made.npz")["first.Omega"][3:].any()
    status, _, err = run(capsys, *arguments, "--widen", "zero")
    assert (status, err.splitlines()[0]) == (
        2, "error[usage]: --plan says how: no --rename, --widen, --deepen or --dtype",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("out", "headline"),
    [
        ("made.pyz", "error[output-suffix]: made.pyz names no file of weights"),
        (".", "error[bad-target]: `.` names a folder, not a file"),
        ("plain.npz", "error[target-is-input]: `plain.npz` is the same file as the input `plain.npz`"),
    ],
)
def test_a_target_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], out: str, headline: str) -> None:
    before = Path("plain.npz").read_bytes()
    status, _, err = run(capsys, "migrate", "new.yaml", "--weights", "plain.npz", "-o", out)
    assert (status, err.splitlines()[0]) == (2, headline)
    assert Path("plain.npz").read_bytes() == before


def test_outputs_of_large_networks_are_not_compared_and_that_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from netspec.migration import verifying

    monkeypatch.setattr(verifying, "_MOST", 10)
    out = run(capsys, "migrate", "new.yaml", "--weights", "model.safetensors", "-o", "x.npz")[1]
    assert out.splitlines()[-1] == "the outputs were not compared: the networks have 60 numbers, more than 10"
    monkeypatch.setattr(verifying, "_MOST", 10**8)
    monkeypatch.setattr(verifying, "available", lambda: 100)
    out = run(capsys, "migrate", "new.yaml", "--weights", "model.safetensors", "-o", "x.npz")[1]
    assert out.splitlines()[-1] == "the outputs were not compared: that needs 1.9 kB of memory"


def test_another_dtype_is_something_to_do_and_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    Path("wide.yaml").write_text(DENSE.replace("input:", "dtype: float64\ninput:"))
    status, out, _ = run(capsys, "plan", "wide.yaml", "--weights", "model.safetensors", "--exit-code")
    assert (status, out.splitlines()[1]) == (1, "it keeps the function")
    assert out.splitlines()[-3:-1] == [
        "note: `first.beta`, `first.Omega`, `last.beta` and 1 more are float32, and widened to float64", "",
    ]  # fmt: skip
    assert run(capsys, "plan", "wide.yaml", "--weights", "model.safetensors", "-o", "p.json")[0] == 0
    assert json.loads(Path("p.json").read_text())["empty"] is False
    for how in ((), ("--plan", "p.json")):
        out = run(capsys, "migrate", "wide.yaml", "--weights", "model.safetensors", "-o", "wide.npz", *how)[1]
        assert out.splitlines()[0] == "4 kept, 0 initialised, 0 dropped: it keeps the function"
    arguments = ("old.yaml", "--weights", "wide.npz", "--from", "old.yaml", "--dtype", "float32")
    status, out, _ = run(capsys, "plan", *arguments, "--exit-code")
    assert (status, out.splitlines()[-3]) == (
        1, "note: `first.beta`, `first.Omega`, `last.beta` and 1 more are float64, and rounded to float32",
    )  # fmt: skip
    out = run(capsys, "migrate", "old.yaml", "--weights", "model.safetensors", "-o", "same.npz")[1]
    assert out.splitlines()[0].endswith(
        ": nothing is to do: the file is what the network takes, and it keeps the function"
    )
