"""How a network is trained: what a spec says becomes a recipe, under every setting."""

from pathlib import Path
from typing import Any, get_args

import pytest

from netspec.layers.faults import Path as At
from netspec.network import loads
from netspec.spec import Part
from netspec.spec.expand import expand, expand_text
from netspec.spec.recipe import (
    LEARNING_RATES,
    OPTIMIZERS,
    Clip,
    EarlyStopping,
    Loss,
    LossKind,
    Metric,
    Optimizer,
    OptimizerKind,
    Recipe,
    Schedule,
    ScheduleKind,
)
from netspec.spec.training import Training
from netspec.spec.training_arguments import LOSS_ARGUMENTS, OPTIMIZER_ARGUMENTS, SCHEDULE_ARGUMENTS
from netspec.spec.training_keys import training_keys
from netspec.spec.training_words import (
    BATCH_WORDS,
    LOSS_WORDS,
    METRIC_WORDS,
    OPTIMIZER_WORDS,
    SCHEDULE_WORDS,
    STOPPING_WORDS,
    Words,
)
from netspec.spec.yaml_text import write
from netspec.validation import AS_WRITTEN, Choice, check_file, check_text

BODY = "netspec: 1\nhyperparameters: {depth: 2, rate: 0.5, fast: true}\ninput: 4\nK: depth\nwidths: 8\noutput: 3\n"
TWO = """\
netspec: 1
input: 4
layers:
  - dense: {width: 3, as: class}
  - dense: {from: in, width: 2, as: box}
outputs: {class: 3, box: 2}
"""


def part(text: str, choice: Choice = AS_WRITTEN) -> Part:
    """Return the part that a sound spec is."""
    verdict = check_text(text, choice=choice)
    errors = [fault.headline for fault in verdict.diagnostics if fault.severity == "error"]
    assert errors == []
    assert verdict.part is not None
    return verdict.part


def recipe(training: str, choice: Choice = AS_WRITTEN, body: str = BODY) -> Recipe:
    """Return the recipe of a spec with that training."""
    found = part(f"{body}training: {training}\n", choice).training
    assert found is not None
    return found


def headlines(text: str) -> list[str]:
    """Return the errors of a spec, each with the line and column that it points at."""
    found = [fault for fault in check_text(text).diagnostics if fault.severity == "error"]
    spans = [fault.place.span for fault in found]
    return [
        f"{'' if span is None else f'{span.line}:{span.column} '}{fault.headline}"
        for fault, span in zip(found, spans, strict=True)
    ]


def test_its_keys_are_the_fields_of_the_recipe_and_have_its_defaults() -> None:
    assert set(Training.model_fields) == set(Recipe._fields)
    assert recipe("{}") == Recipe()
    for name, default in Recipe()._asdict().items():
        said = Training.model_fields[name].default
        assert said == default or said is None, name  # what is None is told in the field's description


def test_every_kind_has_its_arguments_and_every_word_is_a_kind() -> None:
    assert tuple(LOSS_ARGUMENTS) == get_args(LossKind) == LOSS_WORDS.known
    assert tuple(OPTIMIZER_ARGUMENTS) == get_args(OptimizerKind) == OPTIMIZER_WORDS.known == tuple(OPTIMIZERS)
    assert tuple(SCHEDULE_ARGUMENTS) == get_args(ScheduleKind) == SCHEDULE_WORDS.known
    assert METRIC_WORDS.known == get_args(Metric)
    assert set(LEARNING_RATES) == set(OPTIMIZERS)
    for kinds, fields in (
        (LOSS_ARGUMENTS, Loss._fields),
        (OPTIMIZER_ARGUMENTS, Optimizer._fields),
        (SCHEDULE_ARGUMENTS, Schedule._fields),
    ):
        assert {name for readers in kinds.values() for name in readers} | {"kind"} == set(fields)


@pytest.mark.parametrize(
    "words", [BATCH_WORDS, LOSS_WORDS, METRIC_WORDS, OPTIMIZER_WORDS, SCHEDULE_WORDS, STOPPING_WORDS]
)
def test_what_others_call_a_word_is_no_word_of_ours(words: Words[Any]) -> None:
    assert set(words.elsewhere.values()) <= set(words.known)
    assert not set(words.elsewhere) & set(words.known)
    assert all(word == word.lower() and word.isalnum() for word in (*words.elsewhere, *words.others))


def test_the_arguments_of_an_optimizer_are_those_of_torch() -> None:
    assert OPTIMIZERS["rmsprop"].beta_2 == 0.99
    assert (OPTIMIZERS["adam"].beta_1, OPTIMIZERS["adam"].beta_2, OPTIMIZERS["adam"].epsilon) == (0.9, 0.999, 1e-8)


@pytest.mark.parametrize(
    ("training", "changed"),
    [
        ("{loss: huber}", {"loss": Loss("huber")}),
        ("{loss: {huber: {delta: rate}}}", {"loss": Loss("huber", delta=0.5)}),
        ("{loss: {huber: {}}}", {"loss": Loss("huber")}),
        ("{loss: {out: huber}}", {"loss": {"out": Loss("huber")}}),
        (
            "{loss: {out: {cross_entropy: {smoothing: 0, weight: 2}}}}",
            {"loss": {"out": Loss("cross_entropy", weight=2)}},
        ),
        ("{optimizer: rmsprop}", {"optimizer": Optimizer("rmsprop", beta_2=0.99)}),
        ("{optimizer: {adamw: {beta_1: 0}}}", {"optimizer": Optimizer("adamw", beta_1=0)}),
        (
            "{optimizer: {sgd: {momentum: rate, nesterov: fast}}}",
            {"optimizer": Optimizer("sgd", momentum=0.5, nesterov=True)},
        ),
        ("{optimizer: {sgd: {momentum: 0, nesterov: false}}}", {"optimizer": Optimizer("sgd")}),
        ("{learning_rate: rate}", {"learning_rate": 0.5}),
        ("{learning_rate: 1}", {"learning_rate": 1.0}),
        ("{schedule: cosine}", {"schedule": Schedule("cosine")}),
        (
            "{schedule: {cosine: {minimum: 1e-2, warm_up: 0.5}}}",
            {"schedule": Schedule("cosine", minimum=0.01, warm_up=0.5)},
        ),
        ("{schedule: {step: {every: depth, factor: rate}}}", {"schedule": Schedule("step", every=2, factor=0.5)}),
        ("{batch: full}", {"batch": None}),
        ("{batch: 8*depth}", {"batch": 16}),
        ("{epochs: 2**depth, seed: depth}", {"epochs": 4, "seed": 2}),
        ("{clip: {norm: 1}}", {"clip": Clip("norm", 1.0)}),
        ("{clip: {value: rate}}", {"clip": Clip("value", 0.5)}),
        ("{shuffle: fast, recompute: fast}", {"shuffle": True, "recompute": True}),
        ("{validation: rate}", {"validation": 0.5}),
        ("{early_stopping: 5*depth}", {"early_stopping": EarlyStopping(10)}),
        ("{early_stopping: {patience: 3, metric: r2}}", {"early_stopping": EarlyStopping(3, "r2")}),
        ("{early_stopping: {patience: 3, metric: loss}}", {"early_stopping": EarlyStopping(3)}),
        ("{standardise: targets}", {"standardise": ("targets",)}),
        ("{standardise: [targets, inputs]}", {"standardise": ("targets", "inputs")}),
        ("{standardise: []}", {}),
        ("{class_weights: balanced}", {"class_weights": "balanced"}),
        ("{class_weights: [1, rate]}", {"class_weights": (1.0, 0.5)}),
        ("{metrics: top_5}", {"metrics": ("top_5",)}),
    ],
)
def test_a_training_becomes_a_recipe(training: str, changed: dict[str, Any]) -> None:
    assert recipe(training) == Recipe()._replace(**changed)


def test_the_outputs_have_a_loss_each() -> None:
    found = recipe("{loss: {box: {huber: {delta: 2, weight: 0.5}}, class: cross_entropy}}", body=TWO).loss
    assert found == {"box": Loss("huber", delta=2.0, weight=0.5), "class": Loss("cross_entropy")}


def test_an_output_may_be_called_like_a_loss() -> None:
    body = "netspec: 1\ninput: 4\nlayers:\n  - dense: {width: 1, as: huber}\noutputs: {huber: 1}\n"
    assert recipe("{loss: {huber: {squared_error: {}}}}", body=body).loss == {"huber": Loss("squared_error")}
    assert recipe("{loss: {huber: squared_error}}", body=body).loss == {"huber": Loss("squared_error")}


def test_a_spec_without_a_training_has_none() -> None:
    assert part(TWO).training is None


VARIANTS = """\
training: {optimizer: sgd, learning_rate: rate, epochs: 10*depth, batch: full}
variants:
  deep: {depth: 3}
  slow: {rate: 0.1, fast: false, training: {optimizer: adam, shuffle: fast}}
"""


def test_a_variant_sets_what_the_training_names() -> None:
    found = part(BODY + VARIANTS, Choice("deep")).training
    assert found == Recipe(optimizer=OPTIMIZERS["sgd"], learning_rate=0.5, epochs=30, batch=None)


def test_the_keys_of_a_variant_go_before_those_of_the_file() -> None:
    found = part(BODY + VARIANTS, Choice("slow"))
    assert found.training == Recipe(learning_rate=0.1, epochs=20, batch=None, shuffle=False)
    paths: dict[str, At] = {key: found.training_path(key) for key in ("optimizer", "epochs", "clip")}
    assert paths == {
        "optimizer": ("variants", "slow", "training", "optimizer"),
        "epochs": ("training", "epochs"),
        "clip": ("training", "clip"),
    }


def test_a_variant_may_have_the_only_training() -> None:
    text = TWO.replace("outputs", "hyperparameters: {n: 2}\noutputs")
    text += "variants: {longer: {n: 3, training: {epochs: n}}}\n"
    assert part(text).training is None
    assert part(text, Choice("longer")).training == Recipe(epochs=3)
    assert [fault.code for fault in check_text(text).diagnostics] == []


def test_a_setting_reaches_the_training() -> None:
    assert recipe("{epochs: 10*depth}", Choice(settings={"depth": 4})).epochs == 40


def test_a_hyperparameter_that_the_training_alone_uses_is_used() -> None:
    text = BODY + "training: {learning_rate: rate, shuffle: fast}\n"
    assert check_text(text).diagnostics == ()
    unused = [fault.headline for fault in check_text(BODY).diagnostics]
    assert unused == ["nothing uses the hyperparameter `rate`", "nothing uses the hyperparameter `fast`"]


def test_the_training_of_a_part_is_read_and_is_not_that_of_the_whole(tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text(f"{BODY}{VARIANTS}")
    path = tmp_path / "whole.yaml"
    path.write_text("netspec: 1\ncompose: [inner.yaml]\n")
    verdict = check_file(str(path))
    assert verdict.valid
    assert verdict.part is not None
    assert verdict.part.training is None
    (inner,) = (each for each in verdict.part.parts() if each is not verdict.part)
    assert inner.training == Recipe(optimizer=OPTIMIZERS["sgd"], learning_rate=0.5, epochs=20, batch=None)
    (tmp_path / "inner.yaml").write_text(f"{BODY}training: {{epochs: 0}}\n")
    found = [fault.headline for fault in check_file(str(path)).diagnostics if fault.severity == "error"]
    assert found == ["`training.epochs` is 0; at least 1 is needed"]


def test_neither_facts_nor_the_fingerprint_hang_on_it() -> None:
    trained = BODY + "training: {epochs: 3, optimizer: sgd}\n"
    one, other = check_text(BODY), check_text(trained)
    assert one.facts is not None
    assert other.facts is not None
    assert one.facts.fingerprint == other.facts.fingerprint
    assert one.facts.parameters == other.facts.parameters


def test_the_long_form_has_every_default_and_means_the_same() -> None:
    text = BODY + VARIANTS + "checks: [depth > 1]\n"
    for name in (None, "deep", "slow"):
        whole = part(text, Choice(name))
        again = part(expand_text(whole))
        assert whole.training is not None
        assert again.training == whole.training._replace(learning_rate=whole.training.rate)
        assert expand_text(again) == expand_text(whole)
    assert "training" not in expand(part(text), parameters=False)
    assert "training" not in expand(part(TWO))


EVERY = Recipe(
    loss={"class": Loss("cross_entropy", smoothing=0.1), "box": Loss("huber", delta=2.0, weight=0.5)},
    optimizer=Optimizer("rmsprop", momentum=0.5, beta_2=0.9, centered=True),
    learning_rate=0.5,
    schedule=Schedule("step", every=3, factor=0.5, warm_up=1.5),
    batch=None,
    epochs=7,
    shuffle=False,
    seed=3,
    weight_decay=0.01,
    clip=Clip("value", 2.0),
    validation=0.25,
    early_stopping=EarlyStopping(4, "accuracy", 0.5),
    standardise=("inputs", "targets"),
    class_weights=(1.0, 2.0, 3.0),
    metrics=("accuracy", "error"),
    recompute=True,
    batch_norm_momentum=0.5,
)


@pytest.mark.parametrize(
    "given",
    [
        EVERY,
        EVERY._replace(loss=Loss("binary_cross_entropy"), class_weights="balanced"),
        EVERY._replace(loss={"class": Loss("huber")}),
        Recipe(learning_rate=0.001),
        *(Recipe(optimizer=each, learning_rate=1.0) for each in OPTIMIZERS.values()),
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_a_recipe_is_written_as_what_it_is_read_from(given: Recipe, whole: bool) -> None:
    written = training_keys(given, whole=whole)
    assert part(TWO + write({"training": written})).training == given


def test_a_word_stands_alone_where_it_has_its_own_arguments() -> None:
    found = training_keys(Recipe(loss=Loss("huber"), optimizer=OPTIMIZERS["rmsprop"]), whole=False)
    assert (found["loss"], found["optimizer"], found["schedule"]) == ("huber", "rmsprop", "constant")
    assert training_keys(Recipe(optimizer=OPTIMIZERS["sgd"]))["optimizer"] == {
        "sgd": {"momentum": 0.0, "nesterov": False}
    }


def test_the_network_gives_its_recipe_in_python() -> None:
    assert loads(TWO + "training: {epochs: 3}\n").part.training == Recipe(epochs=3)


# What is refused


@pytest.mark.parametrize(
    ("training", "told"),
    [
        ("{loss: {}}", "7:18 `training.loss` expects a loss, got an empty mapping"),
        ("{loss: {hubr: {delta: 1}}}", "7:19 there is no loss `hubr`"),
        ("{loss: {out: {hubr: {delta: 1}}}}", "7:19 there is no loss `out`"),
        ("{loss: 3}", "7:18 `training.loss` expects a loss, got the integer 3"),
        ("{clip: {}}", "7:18 `training.clip` expects a bound on the gradient, got an empty mapping"),
        ("{clip: {nrm: 1}}", "7:19 `clip` has no argument `nrm`"),
        ("{class_weights: []}", "7:27 `training.class_weights` expects a weight for each class, got an empty list"),
        ("{metrics: [accuracy, {}]}", "7:32 `training.metrics[1]` expects a metric, got an empty mapping"),
        ("{batch: depths}", "7:19 no size is called `depths` here"),
        ("{batch: All}", "7:19 there is no batch `All`"),
        ("{validation: -rate}", "7:24 `training.validation` expects a number or the name of one, got the text `-rate`"),
        (
            "{optimizer: {sgd: {nesterov: 1}}}",
            "7:40 `training.optimizer.sgd.nesterov` expects `true` or `false`, got the integer 1",
        ),
        ("{validation: rate, seed: -depth}", "7:36 `training.seed` is -2 (`-depth`); at least 0 is needed"),
        ("{optimizer: {sgd: {ALPHA: 1}}}", "7:30 `sgd` has no argument `ALPHA`"),
    ],
)
def test_what_is_refused_has_its_place(training: str, told: str) -> None:
    assert headlines(f"{BODY}training: {training}\n") == [told]


def test_losses_of_what_is_no_output_are_told_to_the_bound_on_faults() -> None:
    losses = ", ".join(f"o{i}: huber" for i in range(300))
    found = headlines(f"{TWO}training: {{loss: {{{losses}}}}}\n")
    assert len(found) == 200
    assert found[-1].endswith("there is no output `o199`")


def test_what_is_refused_in_the_text_is_not_refused_again() -> None:
    inner = ("optimizer: {sgd: ~}", "optimizer: {sgd: {momentum: ~}}", "metrics: [~]", "class_weights: [~]")
    for keys in (*(f"{key}: ~" for key in Training.model_fields), *inner, "clip: {norm: ~}"):
        (told,) = headlines(f"{BODY}training: {{{keys}}}\n")
        assert told.endswith(" `~` stands for no value")
    assert headlines(f"{BODY}training: ~\n") == ["7:11 `~` stands for no value"]


def test_many_values_are_all_read_and_the_first_at_fault_are_told() -> None:
    body = "netspec: 1\ninput: 4\nwidths: [8]\noutput: 450\n"
    weights = [1.5] * 450
    assert recipe(f"{{class_weights: {weights}}}", body=body).class_weights == tuple(weights)
    found = headlines(f"{body}training: {{class_weights: {[0] * 450}}}\n")
    assert len(found) == 200
    assert found[-1].endswith("`training.class_weights[199]` is 0; it must be above 0")


def test_a_name_at_fault_is_not_blamed_again() -> None:
    text = BODY.replace("rate: 0.5", "rate: []") + "training: {learning_rate: rate, class_weights: [rate]}\n"
    assert headlines(text) == [
        "2:35 `hyperparameters.rate` expects a number, a switch or an expression, got an empty list"
    ]


def test_a_body_at_fault_hides_no_fault_of_the_training() -> None:
    found = headlines(BODY.replace("widths: 8", "widths: 0") + "training: {epochs: 0, loss: {other: huber}}\n")
    assert found == [
        "5:9 `widths` is 0; at least 1 is needed",
        "7:20 `training.epochs` is 0; at least 1 is needed",
    ]
