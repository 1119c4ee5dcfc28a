"""A plan says which kernel computes each step, and why."""

from pathlib import Path

import numpy as np
import pytest

import netspec
from netspec.cli import main
from netspec.compiler import program_text
from netspec.compiler.explain import explain
from netspec.compiler.plan import TILES
from netspec.model import Model, load_model
from netspec.model.loading import _choices
from netspec.model.timing import step_times
from netspec.network import Network

ROOT = Path(__file__).parents[2]


def test_a_fully_connected_plan_depends_on_the_batch() -> None:
    net = Network(input=128, K=2, widths=128, output=128)
    plan = explain(net.operations, net.name, net.dtype)
    assert [line.kernel for line in plan.lines(1)] == ["ndarray.dot"] * 3
    assert [line.kernel for line in plan.lines(32)] == ["ndarray.dot"] * 3
    assert [line.kernel for line in plan.lines(1024)] == ["matmul, in blocks"] * 3
    other = Network(input=100, K=2, widths=100, output=100)
    assert {line.kernel for line in explain(other.operations, "other", net.dtype).lines(1024)} == {"matmul, upright"}
    assert sum(line.macs or 0 for line in plan.lines(10)) == 10 * int(str(net.facts.macs))
    assert str(plan).splitlines()[0] == f"{net.name}, float32, batch 1"


def test_a_narrow_network_is_computed_number_by_number() -> None:
    plan = Network(input=2, K=3, widths=3, output=1).build().plan
    assert {line.kernel for line in plan.lines(1)} == {"Python numbers"}
    assert {line.kernel for line in plan.lines(2)} == {"ndarray.dot"}


def test_convolutions_are_told_with_their_reasons() -> None:
    model = netspec.load(ROOT / "specs" / "vision" / "resnet_18.yaml").build()
    lines = {line.step: line for line in model.plan.lines() if line.kernel.startswith("convolve")}
    assert lines["stem.conv"].kernel == "convolve, strips"
    assert lines["same.0.branch.conv"].kernel == "convolve, winograd4"
    assert "minimal filtering" in lines["same.0.branch.conv"].why
    assert "relu applied tile by tile" in lines["stem.conv"].why
    exact = netspec.load(ROOT / "specs" / "vision" / "resnet_18.yaml").build(exact=True)
    assert not any("winograd" in line.kernel for line in exact.plan.lines())


@pytest.mark.parametrize("spec", ["two_layer", "vision/lenet_5", "deep", "recurrent/lstm_tagger"])
@pytest.mark.parametrize("batch", [1, 3])
def test_what_steps_took_is_told_by_their_names(spec: str, batch: int) -> None:
    model = netspec.load(ROOT / "specs" / f"{spec}.yaml").build()
    times = step_times(model, batch, rounds=1)
    names = {line.step for line in model.plan.lines(batch)}
    assert times
    assert {name for name, _ in times} <= names
    assert all(seconds >= 0 for _, seconds in times)
    table = model.plan.table(batch, times)
    assert "took" in table.splitlines()[1 + len(model.plan.notes)]


def test_build_explains_and_writes_nothing_without_a_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    spec = ROOT / "specs" / "two_layer.yaml"
    assert main(["build", str(spec), "--explain", "--batch", "64", "--time"]) == 0
    assert "h_1 = relu[β_0 + Ω_0 x]" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    assert main(["build", str(spec), "--explain", "-o", "model.pyz", "--exact"]) == 0
    assert (tmp_path / "model.pyz").exists()
    assert "exact" in capsys.readouterr().out


def test_an_exact_model_stays_exact(tmp_path: Path) -> None:
    model = Network(input=4, K=3, widths=8, output=2).build(exact=True)
    assert "offsets(" not in model.source
    path = str(tmp_path / "model.safetensors")
    model.save(path)
    loaded = load_model(path)
    assert loaded.exact
    assert loaded.source == model.source


def test_what_is_measured_is_kept_and_computes_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times are made up, as those of a machine vary: of all kernels the plain one is the quickest."""
    model = netspec.load(ROOT / "specs" / "vision" / "lenet_5.yaml").build(seed=0)
    x = np.random.default_rng(0).standard_normal((2, 1, 28, 28), np.float32)
    expected = model(x)

    def made_up(model: Model, source: str, batch: int, rounds: int) -> list[tuple[str, float]]:
        seconds = 2.0 if "convolve_strips(" in source[source.index("def step") :] else 1.0
        return [("conv", seconds), ("conv_2", seconds)]

    monkeypatch.setattr("netspec.model.tuning.source_times", made_up)
    model.tune(2)
    assert model.choices == {"conv": "unfolded"}
    assert "measured to be the quickest" in str(model.plan)
    np.testing.assert_allclose(model(x), expected, rtol=1e-4, atol=1e-4)
    path = str(tmp_path / "model.safetensors")
    model.save(path)
    assert load_model(path).choices == model.choices
    assert load_model(path).source == model.source


def test_choices_that_do_not_fit_are_passed_over() -> None:
    net = netspec.load(ROOT / "specs" / "vision" / "lenet_5.yaml")
    plain = program_text(net.operations, net.name, net.dtype)
    odd: dict[str, str | int] = {"conv": "winograd4", "conv_2": 7, "tile": 3, "nobody": "strips"}
    assert program_text(net.operations, net.name, net.dtype, choices=odd) == plain
    connected = Network(input=4, K=1, widths=8, output=2).operations
    assert program_text(connected, "n", "float32", choices={"tile": 3}) == program_text(connected, "n", "float32")
    assert "TILE = 256\n" in program_text(connected, "n", "float32", choices={"tile": 256})


def test_a_tile_is_measured_among_those_that_a_batch_fills() -> None:
    model = Network(input=8, K=1, widths=8, output=2).build()
    model.tune(1000)
    assert set(model.choices) <= {"tile"}
    assert model.choices.get("tile", 256) in TILES
    assert model(np.zeros((1000, 8))).shape == (1000, 2)


@pytest.mark.parametrize("text", ["[", "[]", '{"conv": [1]}', '{"conv": true}', "[" * 100_000])
def test_stored_choices_are_words_and_numbers_or_nothing(text: str) -> None:
    assert _choices({"choices": text}) == {}
