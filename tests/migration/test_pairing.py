"""Which tensor of a file is which of a network, where nobody says what network the file is of."""

from pathlib import Path

import pytest

from netspec.diagnostics import SystemFault
from netspec.migration import pairing
from netspec.migration.text import render_text
from tests.migration.networks import DENSE, array, planned, save, told

SAME = {"first.beta": array(3), "first.Omega": array(3, 4), "last.beta": array(2), "last.Omega": array(2, 3)}
TORCH = {"weight": "Omega", "bias": "beta"}

DEEP = """netspec: 1
input: 4
widths: [4, 4, 4]
output: 2
"""


def torch(prefixes: list[str], shapes: list[tuple[int, int]]) -> dict[str, object]:
    """Return the state of linear layers as torch names it."""
    found: dict[str, object] = {}
    for prefix, shape in zip(prefixes, shapes, strict=True):
        found |= {f"{prefix}.weight": array(*shape), f"{prefix}.bias": array(shape[0])}
    return found


def test_tensors_of_one_name_are_one(tmp_path: Path) -> None:
    plan = planned(DENSE, save(tmp_path / "w.safetensors", SAME))
    assert plan.empty
    assert {step.grounds for step in plan.steps} == {"by name"}
    assert plan.verdict.outcome == "unknown"
    assert plan.verdict.grounds == ("nobody said of which network the file is: `--from OLD.yaml` does",)


def test_greek_letters_in_names_are_plain_ones(tmp_path: Path) -> None:
    arrays = {name.replace("beta", "β").replace("Omega", "Ω"): each for name, each in SAME.items()}
    plan = planned(DENSE, save(tmp_path / "w.safetensors", arrays))
    assert [step.act for step in plan.steps] == ["rename"] * 4


def test_names_of_torch_are_taken_where_the_layer_is_called_so(tmp_path: Path) -> None:
    plan = planned(DENSE, save(tmp_path / "w.safetensors", torch(["model.first", "model.last"], [(3, 4), (2, 3)])))
    assert told(plan) == [
        ("rename", "model.first.bias", "first.beta", "by name"),
        ("rename", "model.first.weight", "first.Omega", "by name"),
        ("rename", "model.last.bias", "last.beta", "by name"),
        ("rename", "model.last.weight", "last.Omega", "by name"),
    ]


def test_a_layer_that_is_called_so_may_be_wider(tmp_path: Path) -> None:
    plan = planned(DENSE, save(tmp_path / "w.safetensors", torch(["first", "last"], [(2, 4), (2, 2)])))
    assert [step.act for step in plan.steps] == ["pad", "pad", "rename", "pad"]


def test_a_layer_whose_shapes_no_other_has_is_found_by_them(tmp_path: Path) -> None:
    plan = planned(DENSE, save(tmp_path / "w.safetensors", torch(["net.0", "net.2"], [(3, 4), (2, 3)])))
    assert {step.grounds for step in plan.steps} == {"by shape"}
    assert [step.source for step in plan.steps] == ["net.0.bias", "net.0.weight", "net.2.bias", "net.2.weight"]


def test_layers_of_one_shape_are_told_apart_by_the_numbers_in_their_names(tmp_path: Path) -> None:
    shapes = [(4, 4), (4, 4), (4, 4), (2, 4)]
    plan = planned(DEEP, save(tmp_path / "w.safetensors", torch(["n.0", "n.2", "n.10", "n.12"], shapes)))
    assert told(plan) == [
        ("rename", "n.0.bias", "beta_0", "by place"),
        ("rename", "n.0.weight", "Omega_0", "by place"),
        ("rename", "n.2.bias", "beta_1", "by place"),
        ("rename", "n.2.weight", "Omega_1", "by place"),
        ("rename", "n.10.bias", "beta_2", "by place"),
        ("rename", "n.10.weight", "Omega_2", "by place"),
        ("rename", "n.12.bias", "beta_3", "by shape"),
        ("rename", "n.12.weight", "Omega_3", "by shape"),
    ]


def test_what_is_open_is_initialised_and_dropped_and_said(tmp_path: Path) -> None:
    """Words have no order; and of more layers than there are, nothing says which are left out."""
    shapes = [(4, 4), (4, 4), (4, 4), (2, 4)]
    plan = planned(DEEP, save(tmp_path / "w.safetensors", torch(["low", "mid", "high", "out"], shapes)))
    assert [step.act for step in plan.steps] == ["initialise"] * 6 + ["rename"] * 2 + ["drop"] * 6
    assert plan.notes == (
        "`high`, `low`, `mid` of the file may be `Omega_0`, `Omega_1`, `Omega_2` by their shapes, and nothing says "
        "which: `--rename OLD=NEW` does".replace("Omega", "beta"),
    )
    more = torch(["n.0", "n.1", "n.2", "n.3"], [(4, 4)] * 4)
    assert [step.act for step in planned(DEEP, save(tmp_path / "m.safetensors", more)).steps[:6]] == ["initialise"] * 6


def test_kernels_of_keras_have_inputs_first_and_change_places(tmp_path: Path) -> None:
    text = """netspec: 1
input: [3, 6, 6]
layers:
  - conv: {channels: 4, kernel: 3, as: conv}
  - flatten
  - dense: {width: 4, as: dense}
output: 4
"""
    arrays = {
        "conv/kernel": array(3, 3, 3, 4), "conv/bias": array(4), "dense/kernel": array(64, 4), "dense/bias": array(4),
    }  # fmt: skip
    plan = planned(text, save(tmp_path / "w.safetensors", arrays))
    assert {step.target: step.axes for step in plan.steps} == {
        "conv.beta": (), "conv.Omega": (3, 2, 0, 1), "dense.beta": (), "dense.Omega": (1, 0),
    }  # fmt: skip
    assert [step.act for step in plan.steps] == ["rename", "permute", "rename", "permute"]


def test_dense_weights_are_turned_where_one_of_them_can_be_nothing_else(tmp_path: Path) -> None:
    text = DENSE.replace("width: 3", "width: 4")
    arrays = {"first.beta": array(4), "first.Omega": array(4, 4), "last.beta": array(2), "last.Omega": array(4, 2)}
    plan = planned(text, save(tmp_path / "w.safetensors", arrays))
    assert [step.axes for step in plan.steps] == [(), (1, 0), (), (1, 0)]
    square = planned(DEEP.replace("output: 2", "output: 4"), save(tmp_path / "s.safetensors", {
        f"{role}_{k}": array(*([4] if role == "beta" else [4, 4])) for k in range(4) for role in ("beta", "Omega")
    }))  # fmt: skip
    assert square.empty


def test_counters_and_other_integers_are_dropped(tmp_path: Path) -> None:
    text = "netspec: 1\ninput: [3, 4]\nlayers:\n  - batch_norm: {as: norm}\noutput: [3, 4]\n"
    arrays = {
        "norm.weight": array(3), "norm.bias": array(3), "norm.running_mean": array(3), "norm.running_var": array(3),
        "norm.num_batches_tracked": array(1, dtype="int64"),
    }  # fmt: skip
    plan = planned(text, save(tmp_path / "w.safetensors", arrays))
    assert {step.source: step.target for step in plan.steps} == {
        "norm.weight": "norm.gamma", "norm.bias": "norm.beta", "norm.running_mean": "norm.mean",
        "norm.running_var": "norm.variance", "norm.num_batches_tracked": None,
    }  # fmt: skip
    assert plan.steps[-1].why == "holds int64"


def test_a_renaming_has_stars_and_goes_before_all_else(tmp_path: Path) -> None:
    path = save(tmp_path / "w.safetensors", torch(["enc.a", "enc.b"], [(3, 4), (2, 3)]))
    plan = planned(DENSE, path, renames=["enc.a.*=first.*", "enc.b.weight=last.Omega", "enc.b.bias=last.beta"])
    assert told(plan) == [
        ("rename", "enc.a.bias", "first.beta", "as told"),
        ("rename", "enc.a.weight", "first.Omega", "as told"),
        ("rename", "enc.b.bias", "last.beta", "as told"),
        ("rename", "enc.b.weight", "last.Omega", "as told"),
    ]


@pytest.mark.parametrize(
    ("rename", "headline"),
    [
        ("first", "--rename: `first` is no renaming"),
        ("=x", "--rename: `=x` is no renaming"),
        ("*=*.*", "--rename: `*=*.*` has too many stars"),
        ("*****=x", "--rename: `*****=x` has too many stars"),
        ("frist.beta=first.beta", "--rename: `frist.beta` is no tensor of the file"),
        ("first.beta=other", "--rename: `first.beta` becomes `other`, which is no tensor of the network"),
    ],
)
def test_a_renaming_that_means_nothing_is_refused(tmp_path: Path, rename: str, headline: str) -> None:
    with pytest.raises(SystemFault) as raised:
        planned(DENSE, save(tmp_path / "w.safetensors", SAME), renames=[rename])
    assert (raised.value.code, raised.value.headline) == ("usage", headline)


def test_a_tensor_of_another_rank_is_not_made_to_fit(tmp_path: Path) -> None:
    plan = planned(DENSE, save(tmp_path / "w.safetensors", SAME | {"first.Omega": array(3, 4, 1)}))
    (step,) = [step for step in plan.steps if step.target == "first.Omega"]
    assert (step.act, step.why) == ("initialise", "the file's has 3 axes")
    assert plan.steps[-1].act == "drop"


def test_layers_of_a_fully_connected_network_are_known_below_another_name(tmp_path: Path) -> None:
    arrays = {
        f"net.{role}_{k}": array(*shape)
        for k, out in enumerate((4, 4, 4, 2))
        for role, shape in (("beta", (out,)), ("Omega", (out, 4)))
    }
    plan = planned(DEEP, save(tmp_path / "w.safetensors", arrays))
    assert [step.source for step in plan.steps] == [f"net.{role}_{k}" for k in range(4) for role in ("beta", "Omega")]
    assert {step.grounds for step in plan.steps} == {"by place", "by shape"}


def test_a_layer_that_has_a_role_twice_or_one_that_means_nothing_is_not_taken(tmp_path: Path) -> None:
    arrays = torch(["a"], [(3, 4)]) | {"a.kernel": array(4, 3)}
    assert [step.act for step in planned(DENSE, save(tmp_path / "w.safetensors", arrays)).steps[:4]] == [
        "initialise"
    ] * 4
    arrays = torch(["first"], [(3, 4)]) | {"first.momentum": array(3)}
    assert [step.act for step in planned(DENSE, save(tmp_path / "m.safetensors", arrays)).steps[:2]] == [
        "initialise"
    ] * 2


def test_a_counter_that_is_stored_as_a_number_is_passed_over(tmp_path: Path) -> None:
    text = "netspec: 1\ninput: [3, 4]\nlayers:\n  - batch_norm: {as: norm}\noutput: [3, 4]\n"
    arrays = {"x.weight": array(3), "x.bias": array(3), "x.running_mean": array(3), "x.running_var": array(3)}
    plan = planned(text, save(tmp_path / "w.safetensors", arrays | {"x.num_batches_tracked": array(1)}))
    assert [step.grounds for step in plan.steps] == ["by shape"] * 4 + [""]


def test_names_that_differ_in_more_than_a_number_have_no_order(tmp_path: Path) -> None:
    kinds = (["a.1", "b.2", "c.3"], ["a", "a.2", "a.2.b"], ["a.1.1", "a.2.2", "a.3.3"], ["a.1", "a.2.3", "a.4"])
    for prefixes in kinds:
        path = save(tmp_path / "w.safetensors", torch([*prefixes, "out"], [(4, 4)] * 3 + [(2, 4)]))
        assert [step.act for step in planned(DEEP, path).steps[:6]] == ["initialise"] * 6


def test_more_layers_than_can_be_compared_are_left_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "_COMPARED", 3)
    plan = planned(DENSE, save(tmp_path / "w.safetensors", torch(["a", "b"], [(3, 4), (2, 3)])))
    assert plan.notes == ("2 layers of the file and 2 of the network are too many to compare shapes",)


def test_a_plan_says_in_text_what_is_permuted_and_what_is_open(tmp_path: Path) -> None:
    half = array(3, dtype="float16")
    arrays = {"first.kernel": array(4, 3), "first.bias": half, "half": array(2, dtype="float16")}
    text = render_text(planned(DENSE, save(tmp_path / "w.safetensors", arrays)))
    assert "  permute     first.kernel → first.Omega  (4, 3) → (3, 4)  axes 1, 0\n" in text
    assert "\nnote: `first.bias` is float16, and widened to float32\n" in text


@pytest.mark.parametrize("square", [True, False])
def test_weights_that_are_all_square_are_said_to_be_taken_as_they_are(tmp_path: Path, square: bool) -> None:
    width = 4 if square else 3
    text = (
        DENSE.replace("width: 3", f"width: {width}").replace("width: 2", "width: 4").replace("output: 2", "output: 4")
    )
    arrays = {
        "first.beta": array(width), "first.Omega": array(width, 4),
        "last.beta": array(4), "last.Omega": array(4, width),
    }  # fmt: skip
    words = "`first.Omega`, `last.Omega` are square, and taken for (outputs, inputs): no shape says which comes first"
    path = save(tmp_path / "w.safetensors", arrays)
    assert planned(text, path).notes == ((words,) if square else ())
    assert planned(text, path, text).notes == ()
    one = text.replace("  - dense: {width: 4, as: last}\n", "").replace("output: 4", f"output: {width}")
    path = save(tmp_path / "one.safetensors", {name: each for name, each in arrays.items() if "first" in name})
    alone = "`first.Omega` is square, and taken for (outputs, inputs): no shape says which comes first"
    assert planned(one, path).notes == ((alone,) if square else ())
