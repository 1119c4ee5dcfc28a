"""`netspec regions`."""

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netspec import Model, constructions, loads
from netspec.cli import main
from netspec.diagnostics import SystemFault
from netspec.model.tensors import Held
from netspec.regions import Stopped, cells, count
from netspec.summary.regions_report import Told, render_text
from tests.regions.networks import sawtooth

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "specs"
FIGURE = str(BOOK / "figure_4_1" / "composed.yaml")
TWO = str(BOOK / "notebook_3_2.yaml")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    """Return what the command prints; nothing goes to standard error where it is fine."""
    assert main(["regions", *arguments]) == status
    out, err = capsys.readouterr()
    assert status or not err
    return out if not status else err


def test_the_report_is_exact_in_rationals(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, FIGURE, "--rational", "--limit", "2")
    assert text == (
        "figure-4-1 on all of R\n"
        "cells        10  exact\n"
        "pieces       10  exact\n"
        "maximum      16  of any parameters, on all inputs: Hinz 2021\n"
        "\n"
        "from    to  y\n"
        "  -∞    -1  3/5\n"
        "  -1  -3/5  -29/10 - (7/2) x\n"
        "… and 8 more; `--limit` shows more of them, `-o regions.json` has all\n"
    )


def test_a_box_is_a_span_for_each_input_or_one_for_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, FIGURE, "--box", "-1,1").startswith(
        "figure-4-1 on [-1, 1]\ncells         9  found in float64\n"
    )
    assert "on [-1/2, 1/3]" in printed(capsys, FIGURE, "--box", "-0.5,1/3", "--rational")
    fault = printed(capsys, FIGURE, "--box", "-1,1", "--box", "0,1", status=2)
    assert fault == "error[usage]: the box has 2 intervals, and the network 1 input\n"


def test_a_segment_goes_through_points_or_rows_of_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    Path("points.csv").write_text("a,b\n0,0\n10,10\n", encoding="utf-8")
    np.save("points.npy", np.array([[0.0, 0.0], [10.0, 10.0]]))
    written = printed(capsys, TWO, "--segment", "0,0", "10,10")
    assert "pieces       4  found in float64\n" in written
    assert "0.3571429  10 - 28 t  -12 + 28 t" in " ".join(written.split("\n")).replace("   ", "  ")
    assert printed(capsys, TWO, "--segment", "points.csv:1", "points.csv:2") == written
    assert printed(capsys, TWO, "--segment", "points.npy:1", "10,10") == written


def test_json_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(printed(capsys, FIGURE, "--format", "json", "--limit", "1", "--rational", "--of", "cells"))
    assert found.pop("seconds") >= 0
    region = found.pop("regions")[0]
    assert (region["low"], region["high"], region["beta"], region["Omega"]) == (None, "-1", ["3/5"], ["0"])
    assert found.pop("bounds")["at_most"] == {"value": 16, "log10": 1.20412, "source": "Hinz 2021"}
    assert found == {
        "name": "figure-4-1",
        "domain": "all of R",
        "arithmetic": "rational",
        "complete": True,
        "cells": 10,
        "pieces": 10,
        "unsure": 0,
        "seed": None,
        "logits": False,
        "of": "cells",
    }


def test_regions_are_written_as_json_and_as_npz(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["regions", FIGURE, "--box", "-1,1", "-o", "out.json"]) == 0
    assert capsys.readouterr().err == "out.json: 9 pieces\n"
    data = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert (data["count"], len(data["regions"]), data["unsure"]) == (9, 9, 1)
    assert data["regions"][0]["low"] == -1.0
    assert main(["regions", FIGURE, "--rational", "-o", "out.npz"]) == 0
    with np.load("out.npz") as arrays:
        shapes = {name: arrays[name].shape for name in arrays}
        assert np.isneginf(arrays["low"][0])
    assert shapes == {"low": (10,), "high": (10,), "beta": (10, 1), "Omega": (10, 1), "signature": (10,)}


def test_two_inputs_have_polygons(capsys: pytest.CaptureFixture[str]) -> None:
    written = printed(capsys, TWO, "--box", "0,10", "--rational", "--limit", "1")
    assert written.startswith("notebook-3-2 on [0, 10]^2\ncells        7  exact\npieces       7  exact\n")
    assert "piece          around  y_1  y_2\n    1  (3.558, 4.698)  0    -2\n… and 6 more" in written
    assert main(["regions", TWO, "--rational", "-o", "out.json"]) == 0
    assert "out.json: 7 cells\n" in capsys.readouterr().err
    data = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert (data["count"], data["pieces"], len(data["regions"])) == (7, 7, 7)
    flat = next(each for each in data["regions"] if each["Omega"] == [["0", "0"], ["0", "0"]])
    assert sorted(map(tuple, flat["corners"])) == [("25/14", "95/14"), ("40/9", "2"), ("40/9", "430/81")]
    assert sum(any(isinstance(corner, dict) for corner in each["corners"]) for each in data["regions"]) == 6
    assert main(["regions", TWO, "--box", "0,10", "-o", "out.npz"]) == 0
    with np.load("out.npz") as arrays:
        assert {name: arrays[name].shape[0] for name in ("inside", "beta", "Omega", "piece", "signature")} == {
            "inside": 7, "beta": 7, "Omega": 7, "piece": 7, "signature": 7,
        }  # fmt: skip
        assert arrays["Omega"].shape == (7, 2, 2)
        assert arrays["offsets"][-1] == len(arrays["corners"])


def test_a_plane_goes_through_three_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    written = printed(capsys, TWO, "--plane", "0,0", "10,0", "0,10", "--rational", "--limit", "7")
    assert "cells        7  exact\n" in written
    assert "t_1" in written


def test_more_inputs_have_cells_without_corners(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(
        printed(capsys, str(BOOK / "notebook_4_3.yaml"), "--format", "json", "--limit", "2", "--box", "-1,1")
    )
    assert found["cells"] >= found["pieces"] >= 1
    assert [set(each) for each in found["regions"]] == [{"piece", "inside", "beta", "Omega", "signature"}] * 2


def test_what_is_wider_than_a_terminal_is_told_below_one_another(capsys: pytest.CaptureFixture[str]) -> None:
    wide = "netspec: 1\ninput: 4\nwidths: [5, 4]\noutput: 2\n"
    Path("wide.yaml").write_text(wide, encoding="utf-8")
    lines = printed(capsys, "wide.yaml", "--plane", "0,0,0,0", "1,0,0,0", "0,1,0,0", "--limit", "1").split("\n")
    head = next(index for index, line in enumerate(lines) if line.endswith("around  y"))
    assert [line.split(" = ")[0].split()[-1] for line in lines[head + 1 : head + 3]] == ["y_1", "y_2"]
    assert lines[head + 2].startswith("       ")
    assert lines[head + 3].startswith("… and ")
    assert " more cells; " in lines[head + 3]
    told = printed(capsys, "wide.yaml", "--box", "0,1", "--limit", "0").split("\n")
    assert max(map(len, told)) < 80
    assert any(line.startswith("upper bound  381  no parameters give more, on all inputs: ") for line in told)
    assert any(line.startswith("lower bound   88  some parameters give as many, on all inputs: ") for line in told)


def test_a_lower_bound_that_nothing_is_known_of_claims_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("saw.yaml").write_text(constructions.sawtooth(3, 2, shared=True), encoding="utf-8")
    told = printed(capsys, "saw.yaml", "--limit", "0")
    assert "lower bound   1  no construction is known where layers do not each have weights\n" in told
    assert "as many" not in told


def test_cells_are_held_within_the_memory(capsys: pytest.CaptureFixture[str]) -> None:
    assert "than --max-memory allows" in printed(capsys, TWO, "--max-memory", "10kB", status=2)


def test_an_input_is_not_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    network = sawtooth(3, 2)
    Path("saw.json.yaml").write_text(network.to_yaml(), encoding="utf-8")
    os.link("saw.json.yaml", "same.json")
    assert "target-is-input" in printed(capsys, "saw.json.yaml", "-o", "same.json", status=2)
    assert "output-suffix" in printed(capsys, "saw.json.yaml", "-o", "out.txt", status=2)
    assert not Path("out.txt").exists()


CANCELS = """\
netspec: 1
input: 1
widths: [2]
output: 1
parameters: {β_0: [0, 0], Ω_0: [[1], [-1]], β_1: [0], Ω_1: [[1, -1]]}
"""


def test_drawn_parameters_are_told_with_their_seed(capsys: pytest.CaptureFixture[str]) -> None:
    spec = str(BOOK / "two_layer.yaml")
    assert "\nparameters drawn from seed 0\n" in printed(capsys, spec)
    assert "\nparameters drawn from seed 7\n" in printed(capsys, spec, "--seed", "7")


def test_a_built_model_is_counted_with_what_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    sawtooth(3, 2).build().save("model.safetensors")
    text = printed(capsys, "model.safetensors", "--box", "0,1", "--limit", "0")
    assert "pieces       16  found in float64\n" in text
    assert "usage" in printed(capsys, "model.safetensors", "--seed", "1", status=2)


def test_logits_are_counted_in_place_of_a_softmax(capsys: pytest.CaptureFixture[str]) -> None:
    layers = "  - dense: {width: 3, activation: relu}\n  - dense: 2\n  - softmax\n"
    Path("soft.yaml").write_text(f"netspec: 1\ninput: 1\nlayers:\n{layers}output: 2\n", encoding="utf-8")
    fault = printed(capsys, "soft.yaml", status=1)
    assert fault.startswith(
        "error[no-regions]: `softmax` has no linear regions to count: softmax is smooth, and has none\n"
    )
    assert "  --> soft.yaml:6:5\n" in fault
    assert printed(capsys, "soft.yaml", "--logits").startswith("the logits of soft on all of R\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--box", "1,0"), "--box: `1,0` does not go up"),
        (("--box", "1"), "--box: `1` is no interval"),
        (("--box", "0,nan"), "--box: `nan` is no number"),
        (("--box", "0,1e999"), "--box: `1e999` is no number"),
        (("--box", "0,1/0"), "--box: `1/0` is no number"),
        (("--box", "0," + "9" * 5000), "is no number"),
        (("--segment", "0,0", "1"), "`0,0` has 2 numbers, and the network takes 1"),
        (("--segment", "0", "\x1b[31m"), "is no point"),
        (("--segment", "0", "data.csv:0"), "rows of a table are counted from 1"),
        (("--box", "0,1", "--segment", "0", "1"), "are domains of their own"),
        (("--workers", "0"), "at least 1"),
        (("--max-memory", "much"), "is no amount of memory"),
        (("--max-memory", "1"), "no-memory"),
        (("--limit", "-1"), "at least 0"),
        (("-o", "no/such/folder.json"), "no-such-folder"),
        (("--plane", "0", "1", "2"), "they span no plane"),
        (("--segment", "1", "1"), "they have no segment between them"),
    ],
)
def test_what_makes_no_count_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    fault = printed(capsys, FIGURE, *arguments, status=2)
    assert said in fault
    assert "\x1b" not in fault
    assert "Traceback" not in fault


@pytest.mark.parametrize(
    ("content", "said"),
    [("a\n0\n", "there is no row 3"), ("x\n0\nnan\ninf\n", "no finite number"), ("1,2\n3,4\n5,6\n", "data-columns")],
)
def test_a_row_that_is_no_point_is_refused(capsys: pytest.CaptureFixture[str], content: str, said: str) -> None:
    Path("data.csv").write_text(content, encoding="utf-8")
    assert said in printed(capsys, FIGURE, "--segment", "0", "data.csv:3", status=1)
    assert "no-such-file" in printed(capsys, FIGURE, "--segment", "0", "none.csv:1", status=2)


def test_workers_and_memory_do_not_change_the_count(capsys: pytest.CaptureFixture[str]) -> None:
    Path("saw.yaml").write_text(sawtooth(4, 5).to_yaml(), encoding="utf-8")
    plain = printed(capsys, "saw.yaml", "--limit", "3")
    assert "pieces       3,125  found in float64\n" in plain
    assert printed(capsys, "saw.yaml", "--limit", "3", "--workers", "2") == plain
    assert printed(capsys, "saw.yaml", "--limit", "3", "--max-memory", "50kB") == plain


@pytest.mark.parametrize(
    ("inputs", "widths", "arguments"),
    [
        (2, [60, 60], ("--box", "-1,1")),
        (2, [30, 30], ()),
        (2, [8, 8], ("--rational",)),
        (3, [12, 12], ("--box", "-1,1")),
        (3, [4, 4], ("--box", "-1,1", "--rational")),
        (4, [40, 40], ("--plane", "-9,-9,-9,-9", "9,-9,-9,9", "-9,9,0,0")),
    ],
)
def test_in_more_dimensions_the_report_does_not_depend_on_the_number_of_workers(
    inputs: int,
    widths: list[int],
    arguments: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All of it: the counts, what was unsure, and the regions that are shown, and written."""
    monkeypatch.setattr("netspec.regions.areas.SOME_CELLS", 64)
    monkeypatch.setattr("netspec.regions.areas.SOME_EXACT_CELLS", 16)
    monkeypatch.setattr("netspec.regions.solids.SOME_EXACT_CELLS", 16)
    Path("net.yaml").write_text(f"netspec: 1\ninput: {inputs}\nwidths: {widths}\noutput: 2\n", encoding="utf-8")
    found = []
    for workers in ("1", "2", "5"):
        assert main(["regions", "net.yaml", *arguments, "--workers", workers, "-o", "out.json"]) == 0
        found.append((re.sub("took .*\n", "", capsys.readouterr().out), Path("out.json").read_bytes()))
    assert int(str(re.search(r"cells +([\d,]+) ", found[0][0])[1]).replace(",", "")) > 16  # type: ignore[index]
    assert found[1:] == [found[0]] * 2


def test_the_regions_of_a_line_are_written_by_one_process(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, FIGURE, "--workers", "2", "-o", "out.json", status=2) == (
        "error[usage]: --workers counts, and the regions of a line are found for -o by one process, as fast as it"
        " writes\n   = help: leave out --workers, or -o\n"
    )
    assert not Path("out.json").exists()


def test_where_no_process_can_be_copied_workers_are_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])
    for spec in (FIGURE, TWO):
        assert printed(capsys, spec, "--workers", "2", status=2) == (
            "error[usage]: no process can be started as a copy of this one on this system\n"
            "   = help: `--workers 1` counts in one process\n"
        )


def _interrupt(_cells: int, _share: float) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("inputs", "widths"), [(2, [200, 100]), (3, [20, 20])])
def test_an_interrupt_in_more_dimensions_gives_what_was_found_so_far(
    inputs: int, widths: list[int], workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netspec.regions.edges._TOLD_EVERY", 0.0)
    model = shifted(inputs, widths)
    with pytest.raises(Stopped) as stopped:
        cells(model, box=[(-1, 1)], workers=workers, progress=_interrupt)
    found = stopped.value.count
    assert (found.complete, found.pieces > 0) == (False, True)
    assert 0 < found.cells < count(model, box=[(-1, 1)]).cells
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupt_gives_what_was_found_so_far(workers: int) -> None:
    found = count(sawtooth(5, 6), workers=workers, progress=_interrupt)
    assert not found.complete
    assert 0 < found.pieces < 6**6
    text = render_text(Told("saw", found, None, (), "x", 0.0))
    assert "found so far: the count was interrupted" in text
    assert multiprocessing.active_children() == []


def test_ctrl_c_ends_the_command_with_130() -> None:
    Path("saw.yaml").write_text(sawtooth(5, 12).to_yaml(), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "netspec.cli", "regions", "saw.yaml"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (err, out.startswith("saw on all of R\ncells")) == ("", True)
    assert "found so far" in out


def shifted(inputs: int, widths: list[int]) -> Model:
    """Return a network whose biases are drawn too, so that its hyperplanes are in general position."""
    drawn = loads(f"netspec: 1\ninput: {inputs}\nwidths: {widths}\noutput: 1\n").build()
    sources: dict[str, Any] = {name: Held(array.copy()) for name, array in drawn.parameters.items()}
    for k, width in enumerate(widths):
        sources[f"beta_{k}"].values[:] = np.random.default_rng(k).normal(0, 0.5, width)
    return Model(drawn.part, drawn.graph, drawn.dtype, sources, None)


@pytest.mark.parametrize(("inputs", "box"), [(2, None), (3, None), (3, "-1,1"), (4, "-1,1")])
def test_ctrl_c_in_several_dimensions_prints_what_was_found(inputs: int, box: str | None) -> None:
    """Of a network that takes minutes: after some seconds there is a count, and it says that it is not whole."""
    shifted(inputs, [400, 400, 400]).save("wide.safetensors")
    command = [sys.executable, "-m", "netspec.cli", "regions", "wide.safetensors", *(["--box", box] if box else [])]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        time.sleep(8)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    assert "found so far: the count was interrupted" in out
    cells = re.search(r"^cells +([\d,]+) ", out, re.MULTILINE)
    assert cells is not None
    assert int(cells[1].replace(",", "")) > 100


def test_an_interrupt_while_regions_are_shown_leaves_the_count(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("netspec.regions.Cells.__iter__", interrupted)
    assert main(["regions", TWO, "--box", "0,10"]) == 130
    assert "cells        7  found in float64\n" in capsys.readouterr().out
    monkeypatch.setattr("netspec.regions.Regions.__iter__", interrupted)
    assert main(["regions", FIGURE]) == 130
    assert "cells        10  found in float64\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("spec", "search", "arguments"),
    [
        (TWO, "areas._find", ()),
        (TWO, "areas._find", ("-o", "out.json")),
        (TWO, "areas._find", ("--workers", "2", "-o", "out.npz")),
        (str(BOOK / "notebook_4_3.yaml"), "solids.subdivided", ("--limit", "3")),
        (str(BOOK / "notebook_4_3.yaml"), "solids.subdivided", ("-o", "out.json")),
        (FIGURE, "data.Walk", ("--limit", "0", "-o", "out.json")),
    ],
)
def test_a_count_and_what_is_shown_and_written_are_one_search(
    spec: str, search: str, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    where, name = search.split(".")
    found = vars(sys.modules[f"netspec.regions.{where}"])[name]

    def noted(*given: Any, **named: Any) -> Any:
        calls.append(search)
        return found(*given, **named)

    def no_count(*_: Any) -> Any:
        raise AssertionError("the line is counted by itself")

    monkeypatch.setattr(f"netspec.regions.{search}", noted)
    monkeypatch.setattr("netspec.regions.counting._tallies", no_count)
    assert main(["regions", spec, "--box", "-1,1", *arguments]) == 0
    assert calls == [search]


@pytest.mark.parametrize("of", ["cells", "pieces"])
def test_what_is_written_of_a_line_is_counted_on_the_way(of: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("cancels.yaml").write_text(CANCELS, encoding="utf-8")
    counted = printed(capsys, "cancels.yaml", "--limit", "0")
    assert "cells        2  found in float64\npieces       1  found in float64\n" in counted
    assert main(["regions", "cancels.yaml", "--limit", "0", "--of", of, "-o", "out.json"]) == 0
    out, err = capsys.readouterr()
    assert out == counted
    assert err == f"out.json: {2 if of == 'cells' else 1} {of}\n"


@pytest.mark.parametrize("spec", [FIGURE, TWO])
def test_an_interrupt_while_all_is_written_tells_what_was_found_and_writes_nothing(
    spec: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netspec.runtime.progress.Progress.show", _interrupt_it)
    assert main(["regions", spec, "--box", "-1,1", "-o", "out.json"]) == 130
    out, err = capsys.readouterr()
    assert ("found so far: the count was interrupted" in out, err) == (True, "")
    assert not Path("out.json").exists()


def _interrupt_it(_progress: Any, _cells: int, _share: float) -> None:
    raise KeyboardInterrupt


def test_a_process_that_dies_is_told_of() -> None:
    def kill(*_: Any) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    for network in (sawtooth(5, 7), shifted(2, [300, 300, 100])):
        with pytest.raises(SystemFault) as caught:
            count(network, workers=2, progress=kill)
        assert caught.value.code == "worker-ended"
        assert multiprocessing.active_children() == []


def test_progress_goes_from_nothing_to_all() -> None:
    told: list[tuple[int, float]] = []
    count(sawtooth(4, 5), max_memory=100_000, progress=lambda cells, share: told.append((cells, share)))
    assert [*told] == sorted(told)
    cells, share = told[-1]
    assert cells == 5**5
    assert share == pytest.approx(1.0)
