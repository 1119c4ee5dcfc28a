"""The experiments run, and what they are made of is right; what they find stands in the documentation."""

import importlib
import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import netspec
from examples.experiments import __main__ as experiments
from examples.experiments.data import Data, gaussian, mnist_1d, permuted
from examples.experiments.depth import BUDGET, DEPTHS, NETWORKS, settings
from examples.experiments.folded_target import MOVED, PIECES, X, folds, target
from examples.experiments.regions_used import Order, survey
from examples.experiments.reports import Claim, Verdict, carry_out, judged, less, spread
from examples.experiments.trials import SPECS, Trial, first_below, fit
from netspec.regions import count

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def data() -> Data:
    """MNIST-1D, as little as there is sense in."""
    pytest.importorskip("mnist1d", reason="pip install 'netspec-lang[examples]'")
    return mnist_1d(200)


def noise() -> Data:
    """Signals and labels that have nothing to do with one another."""
    random = np.random.default_rng(3)
    x, y = random.normal(size=(150, 40)).astype(np.float32), random.integers(0, 10, 150)
    return Data(x[:100], y[:100], x[100:], y[100:])


@pytest.mark.parametrize("name", experiments.NAMES)
def test_an_experiment_runs_and_writes_what_it_found(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    if name != "folded_target":
        request.getfixturevalue("data")
    experiment = importlib.import_module(f"examples.experiments.{name}").EXPERIMENT
    report = carry_out(experiment, True, 1, tmp_path, tmp_path)
    printed = capsys.readouterr().out
    kept = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
    assert experiment.name == name
    assert kept["quick"]
    assert kept["title"] == report.title == printed.splitlines()[0]
    assert report.rows
    assert {len(row) for row in report.rows} == {len(report.head)}
    assert all(claim.said in printed and claim.found in printed for claim in report.claims)
    assert ElementTree.fromstring((tmp_path / f"{name}.svg").read_bytes()).tag.endswith("svg")
    assert f"\n    python -m examples.experiments.{name}\n" in str(
        importlib.import_module(f"examples.experiments.{name}").__doc__
    )


def test_the_data_are_the_published_ones_in_number_and_shape(data: Data) -> None:
    assert [each.shape for each in data] == [(200, 40), (200,), (50, 40), (50,)]
    assert set(data.y) == set(range(10))
    assert data.x.dtype == np.float32


def test_permuted_labels_are_the_same_labels_of_other_signals() -> None:
    data = noise()
    made = permuted(data, 1)
    assert np.array_equal(np.bincount(made.y, minlength=10), np.bincount(data.y, minlength=10))
    assert (made.y != data.y).any()
    assert np.array_equal(made.x, data.x)


def test_random_signals_have_the_mean_and_the_variance_of_the_true_ones() -> None:
    data = noise()
    made = gaussian(data._replace(x=3 + 2 * data.x), 1)
    assert abs(made.x.mean() - 3) < 0.2
    assert abs(made.x.std() - 2) < 0.1
    assert np.array_equal(made.y, data.y)


def test_a_trial_gives_the_same_bits_again_and_others_for_another_seed() -> None:
    trials = [Trial(SPECS / "notebook_8_1.yaml", noise(), seed, recipe={"epochs": 3}) for seed in (0, 0, 1)]
    one, same, other = (fit(trial) for trial in trials)
    assert np.array_equal(one.losses, same.losses)
    assert np.array_equal(one.errors, same.errors)
    assert not np.array_equal(one.losses, other.losses)


def test_nonsense_is_learned_by_heart_and_helps_nobody() -> None:
    brief = {"batch": 20, "epochs": 40}
    found = fit(Trial(SPECS / "notebook_8_1.yaml", noise(), 0, recipe=brief, measured="train"))
    assert found.train == found.errors[-1] == 0
    assert found.test > 60
    assert found.losses[-1] < 0.1 * found.losses[0]


def test_a_training_that_diverges_is_told_with_the_error_that_is_left() -> None:
    wild = {"optimizer": "sgd", "learning_rate": 1e6, "epochs": 5}
    found = fit(Trial(SPECS / "notebook_8_1.yaml", noise(), 0, recipe=wild, measured="train"))
    assert len(found.losses) == len(found.errors) == 5
    assert np.isnan(found.losses[-1])
    assert found.errors[-1] == found.train > 50


@pytest.mark.parametrize(("errors", "epoch"), [([9, 5, 3], 2), ([5, 9, 3], 1), ([9, 8, 6], 3)])
def test_the_first_epoch_below_a_limit_is_the_last_where_none_is(errors: list[float], epoch: int) -> None:
    assert first_below(np.array(errors), 5) == epoch


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [([1, 1.1], [2, 2.1], "agrees"), ([2, 2.1], [1, 1.1], "does not agree"), ([1, 2], [1.2, 2], "not decided")],
)
def test_means_are_compared_by_their_standard_errors(one: list[float], other: list[float], verdict: Verdict) -> None:
    assert less(one, other) == verdict


def test_numbers_and_verdicts_are_told_in_words() -> None:
    assert spread([1, 2, 3], 2) == "2.00 ± 1.00"
    assert spread([4]) == "4.0 ± 0.0"
    assert judged(Claim("a", "b", "does not agree", "it rained")) == "does not agree: it rained"
    assert judged(Claim("a", "b", "agrees", "it rained")) == "agrees"


@pytest.mark.parametrize("depth", DEPTHS[1:])
def test_networks_of_a_depth_fit_one_budget_and_residual_connections_cost_nothing(depth: int) -> None:
    found = [netspec.load(spec, settings=settings(name, depth)).facts for name, spec in NETWORKS.items()]
    assert found[0].parameters == found[1].parameters <= BUDGET.amount
    assert 0.85 * BUDGET.amount < found[2].parameters <= BUDGET.amount
    assert {each.depth for each in found} == {depth}


def test_the_folded_target_has_a_network_of_nineteen_parameters() -> None:
    network = folds()
    assert network.facts.parameters == 19
    assert count(network, box=[(-1, 1)], rational=True).pieces == PIECES
    turns = np.flatnonzero(np.diff(np.sign(np.diff(target("folded").astype(np.float64)))))
    assert X[turns + 1] == pytest.approx(np.linspace(-1, 1, PIECES + 1)[1:-1], abs=2e-3)


def test_the_moved_target_turns_as_often_at_other_places() -> None:
    slopes = np.diff(target(MOVED).astype(np.float64))
    turns = X[1 + np.flatnonzero(np.diff(np.sign(slopes)))]
    assert len(turns) == PIECES - 1
    assert np.abs(turns - np.linspace(-1, 1, PIECES + 1)[1:-1]).max() > 0.02


def test_on_a_segment_a_shallow_network_has_a_region_more_than_joints() -> None:
    """The joints of one hidden layer are where its units are zero, which needs no walk."""
    data, segments = noise(), 5
    trial = Trial(SPECS / "notebook_20_2.yaml", data, 4)
    found = survey(Order(trial, (0,), segments))
    model = trial.network.build(seed=4, dtype="float64")
    beta, Omega = model.parameters["beta_0"], model.parameters["Omega_0"]
    ends = np.random.default_rng(4).permutation(len(data.x))[: 2 * segments].reshape(-1, 2)
    z = data.x.astype(np.float64) @ np.asarray(Omega).T + np.asarray(beta)
    joints = [np.count_nonzero(z[a] * z[b] < 0) for a, b in ends]
    assert found.regions[0] == pytest.approx(1 + np.mean(joints), abs=0.5)


def test_an_experiment_that_there_is_not_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for arguments, words in (
        (["nothing"], "no experiment is called nothing"),
        (["--docs", "--quick"], "--quick is not for the documentation"),
    ):
        monkeypatch.setattr("sys.argv", ["experiments", *arguments])
        with pytest.raises(SystemExit) as ended:
            experiments.main()
        assert ended.value.code == 2
        assert capsys.readouterr().err.endswith(f"error: {words}\n")


@pytest.mark.parametrize("name", experiments.NAMES)
def test_the_documentation_has_what_every_experiment_found(name: str) -> None:
    page = (DOCS / "experiments.md").read_text(encoding="utf-8")
    kept = json.loads((DOCS / "experiments" / f"{name}.json").read_text(encoding="utf-8"))
    assert not kept["quick"]
    assert f"](pictures/experiments/{name}.svg)" in page
    assert f"$ python -m examples.experiments.{name}\n" in page
    assert f"<!-- experiment_{name} -->" in page
    assert (DOCS / "pictures" / "experiments" / f"{name}.svg").exists()
