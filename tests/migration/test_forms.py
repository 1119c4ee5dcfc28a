"""A plan in its forms: text, Markdown, JSON that is read again, and what is refused of a plan that was edited."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import netspec.migration
from netspec.diagnostics import SpecError
from netspec.limits import PLAN_BYTES
from netspec.migration.json_plan import render_json
from netspec.migration.markdown import render_markdown
from netspec.migration.reading import check_plan, read_plan
from netspec.migration.telling import rows
from netspec.migration.text import render_text
from netspec.migration.wanted import wanted
from netspec.migration.weights import read_weights
from tests.migration.networks import DENSE, array, known, planned, save

SCHEMA: dict[str, Any] = json.loads((Path(netspec.migration.__file__).parent / "plan.schema.json").read_text("utf-8"))
WIDER = DENSE.replace("width: 3", "width: 5")


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A file for the old network."""
    arrays = {"first.beta": array(3), "first.Omega": array(3, 4), "last.beta": array(2), "last.Omega": array(2, 3)}
    return save(tmp_path / "old.safetensors", arrays)


def checked(path: Path, weights: Path) -> None:
    """Hold a plan in a file against the wider network and a file of weights."""
    network = known(WIDER)
    check_plan(
        str(path),
        read_plan(str(path)),
        network.side.fingerprint,
        wanted(network.member.graph),
        read_weights(str(weights)),
    )


@pytest.mark.parametrize("widen", ["zero", "copy"])
def test_a_plan_is_read_back_as_it_was(tmp_path: Path, weights: Path, widen: Any) -> None:
    plan = planned(WIDER, weights, DENSE, widen=widen)
    text = render_json(plan)
    jsonschema.validate(json.loads(text), SCHEMA, cls=jsonschema.Draft202012Validator)
    path = tmp_path / "plan.json"
    path.write_text(text)
    again = read_plan(str(path))
    assert again.steps == plan.steps
    assert (again.new, again.old, again.dtype, again.weights) == (plan.new, plan.old, plan.dtype, plan.weights)
    assert again.verdict.outcome == plan.verdict.outcome == "keeps"
    checked(path, weights)


def step(document: dict[str, Any], target: str) -> Any:
    """Return the step of a target."""
    return next(each for each in document["steps"] if each["target"] == target)


EDITS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "another version": (lambda d: d.update(plan=2), "plan: it is not of version 1"),
    "a version that is true": (lambda d: d.update(plan=True), "plan: it is not of version 1"),
    "a key more": (lambda d: step(d, "last.Omega").update(more=1), "steps[3]: it does not have just the keys"),
    "another network": (
        lambda d: d["new"].update(fingerprint="sha256:0"),
        "it leads to another network: the fingerprints differ",
    ),
    "a dtype": (lambda d: d.update(dtype="float16"), "dtype: one of float32, float64 is expected"),
    "no text": (lambda d: d.update(weights=1), "weights: a text is expected"),
    "no list": (lambda d: d.update(steps={}), "steps: a list is expected"),
    "a target twice": (
        lambda d: d["steps"].append(d["steps"][0]),
        "its targets are not the network's tensors, each once",
    ),
    "a tensor that is left out": (lambda d: d["steps"].pop(), "its targets are not the network's tensors, each once"),
    "a source that there is not": (
        lambda d: step(d, "last.beta").update(source="x", act="rename"),
        "steps[2]: the file has no `x` of this shape",
    ),
    "another shape": (
        lambda d: step(d, "last.beta").update(new_shape=[3]),
        "steps[2]: `last.beta` has the shape (2,)",
    ),
    "a shape of no sizes": (
        lambda d: step(d, "last.beta").update(new_shape=[-1]),
        "steps[2].new_shape[0]: it is no size",
    ),
    "another word": (lambda d: step(d, "last.beta").update(act="drop"), "steps[2].act: what it says is to keep"),
    "an axis too many": (
        lambda d: step(d, "last.Omega")["edges"][0].update(axis=2),
        "steps[3]: an edge is of an axis that there is not",
    ),
    "an edge that cuts and fills": (
        lambda d: step(d, "last.Omega").update(
            edges=[{"axis": 1, "old": 3, "new": 5, "fill": None, "block": 1}], act="slice"
        ),
        "steps[3]: axis 1 is filled where it grows, and not where it is cut",
    ),
    "blocks that do not fit": (
        lambda d: step(d, "last.Omega")["edges"][0].update(block=2),
        "steps[3]: axis 1 has no blocks of 2",
    ),
    "a block of nothing": (
        lambda d: step(d, "last.Omega")["edges"][0].update(block=0),
        "steps[3].edges[0].block: it is 1 or more",
    ),
    "edges that lead elsewhere": (
        lambda d: step(d, "last.Omega").update(edges=[], act="keep"),
        "steps[3]: it does not lead to the shape (2, 5)",
    ),
    "axes that are none": (
        lambda d: step(d, "last.Omega").update(axes=[0, 0]),
        "steps[3]: its axes are not those of `last.Omega`",
    ),
    "too many axes": (lambda d: step(d, "last.Omega").update(axes=[0] * 33), "steps[3].axes: it has more than 32 axes"),
    "too many edges": (
        lambda d: step(d, "last.Omega").update(edges=step(d, "last.Omega")["edges"] * 33),
        "steps[3].edges: there are too many",
    ),
    "a way to begin for what is not new": (
        lambda d: step(d, "last.beta").update(begins="zeros"),
        "steps[2].begins: a new tensor begins in some way, and no other does",
    ),
    "a vector that is the identity": (
        lambda d: step(d, "last.beta").update(source=None, begins="identity", act="initialise"),
        "steps[2]: `last.beta` cannot be the identity",
    ),
    "a step of nothing": (
        lambda d: d["steps"].append(
            {**d["steps"][0], "source": None, "target": None, "begins": "zeros", "act": "initialise"}
        ),
        "steps[4]: it is of no tensor",
    ),
    "silence": (
        lambda d: step(d, "last.beta").update(source=None, begins="zeros", act="initialise"),
        "it says nothing of the file's `last.beta`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_a_plan_that_was_edited_is_held_against_network_and_file(tmp_path: Path, weights: Path, name: str) -> None:
    edit, words = EDITS[name]
    document = json.loads(render_json(planned(WIDER, weights, DENSE)))
    edit(document)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(document))
    with pytest.raises(SpecError) as raised:
        checked(path, weights)
    (fault,) = raised.value.diagnostics
    assert fault.code == "bad-plan"
    assert words in fault.headline
    assert fault.place.file == str(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff", "it is no JSON"),
        (b'{"plan": }', "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b"[]", "it does not have just the keys"),
        (b'{"plan": 1, "plan": 1}', "an object has a key twice"),
        (b'{"plan": 1.5}', "it has the number `1.5`, which is no size"),
        (b'{"plan": NaN}', "it has the number `NaN`, which is no size"),
        (b'{"plan": ' + b"9" * 5_000 + b"}", "it has a number that is no size"),
        (b"[" + b"[]," * 800_000 + b"1]", "it has 1,600,001 commas and brackets; at most 1,500,000 are read"),
        (b"[" + b"{}," * 200_000 + b"{}]", "it has more than 200,000 objects"),
        (b'{"a": {' + b",".join(b'"%d": 1' % key for key in range(17)) + b"}}", "an object has 17 keys; at most 16"),
    ],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(data)
    with pytest.raises(SpecError) as raised:
        read_plan(str(path))
    (fault,) = raised.value.diagnostics
    assert fault.code == "bad-plan"
    assert words in fault.headline


def test_a_plan_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    with path.open("wb") as stream:
        stream.truncate(PLAN_BYTES.value + 1)
    with pytest.raises(SpecError) as raised:
        read_plan(str(path))
    assert raised.value.diagnostics[0].code == "file-too-large"


def test_integers_of_a_file_are_no_source_of_a_tensor(tmp_path: Path, weights: Path) -> None:
    arrays = {"first.beta": array(3), "first.Omega": array(3, 4), "last.Omega": array(2, 3)}
    other = save(tmp_path / "ints.safetensors", arrays | {"last.beta": array(2, dtype="int64")})
    path = tmp_path / "plan.json"
    path.write_text(render_json(planned(WIDER, weights, DENSE)))
    with pytest.raises(SpecError, match="`last.beta` holds int64".replace(".", "[.]")):
        checked(path, other)


def test_a_plan_that_drops_a_tensor_is_one_too(tmp_path: Path) -> None:
    arrays = {"first.beta": array(3), "first.Omega": array(3, 4), "last.beta": array(2), "last.Omega": array(2, 3)}
    other = save(tmp_path / "more.safetensors", arrays | {"odd": array(1)})
    path = tmp_path / "plan.json"
    path.write_text(render_json(planned(WIDER, other)))
    checked(path, other)
    assert read_plan(str(path)).steps[-1].act == "drop"


def test_markdown_has_the_verdict_the_proof_and_a_table(weights: Path) -> None:
    assert render_markdown(planned(WIDER, weights, DENSE)).replace(str(weights.parent).replace("_", "\\_"), "") == (
        "### /old.safetensors of old.yaml → new.yaml\n"
        "\n"
        "**It keeps the function.** 1 kept, 3 padded, 0 initialised, 0 dropped.\n"
        "\n"
        "* `last.Omega` multiplies 2 new units by 0\n"
        "\n"
        "| what | tensor | shape | how |\n"
        "|---|---|---|---|\n"
        "| pad | `first.beta` | (3,) → (5,) | 2 elements as built |\n"
        "| pad | `first.Omega` | (3, 4) → (5, 4) | 2 rows drawn |\n"
        "| pad | `last.Omega` | (2, 3) → (2, 5) | 2 columns of zeros |\n"
    )


def test_of_many_tensors_kept_ones_are_left_out_first(tmp_path: Path) -> None:
    text = "netspec: 1\ninput: 2\nK: 70\nwidths: 2\noutput: 2\n"
    arrays = {name: array(*p.shape) for name, p in wanted(known(text).member.graph).tensors.items()}
    path = save(tmp_path / "w.safetensors", arrays)
    lines = render_text(planned(text, path, text)).splitlines()
    assert lines[3:] == ["", "tensors", "  … 142 kept", "", "142 kept, 0 initialised, 0 dropped"][-len(lines[3:]) :]
    deeper = render_text(planned(text.replace("K: 70", "K: 140"), path, text)).splitlines()
    assert deeper[-4:] == ["  … 140 kept", "  … 82 more", "", "140 kept, 2 renamed, 140 initialised, 0 dropped"]


def test_a_hostile_name_is_escaped_in_every_form(tmp_path: Path) -> None:
    path = save(tmp_path / "w.safetensors", {"a\x1b[31m|`\n::error": array(1), "b" * 5_000: array(1)})
    plan = planned(DENSE, path)
    for text in (render_text(plan), render_markdown(plan), render_json(plan)):
        assert "\x1b" not in text
        assert "\n::error" not in text
    assert max(map(len, render_text(plan).splitlines())) < 300


def test_colour_and_a_narrow_terminal(weights: Path) -> None:
    plan = planned(WIDER, weights, DENSE)
    assert "\x1b[32mit keeps the function\x1b[0m" in render_text(plan, colour=True)
    ascii_only = render_text(plan, width=30, encode=lambda text: text.replace("→", "->").replace("β", "beta"))
    assert "->" in ascii_only
    assert "→" not in ascii_only


def test_rounds_that_are_alike_are_told_in_one_and_what_is_dropped_in_the_order_of_the_network(tmp_path: Path) -> None:
    rounds = "netspec: 1\ninput: 2\nlayers:\n  - repeat:\n      times: @\n      layers:\n"
    inner = "        - repeat: {times: 2, layers: [{dense: {width: 2, activation: relu, as: h}}]}\n"
    tail = "  - dense: {width: 2, as: z}\n  - dense: {width: 2, as: b}\noutput: 2\n"
    old = rounds.replace("@", "2") + inner + tail
    arrays = {name: array(*p.shape) for name, p in wanted(known(old).member.graph).tensors.items()}
    path = save(tmp_path / "w.safetensors", arrays)
    deeper = planned(rounds.replace("@", "40") + inner + tail, path, old)
    assert render_text(deeper, width=80).partition("\n")[2] == (
        "it keeps the function\n"
        "  `h.{2…39}.{0…1}` begins as the identity\n"
        "\n"
        "tensors\n"
        "  keep        h.{0…1}.{0…1}.beta    (2,)\n"
        "  keep        h.{0…1}.{0…1}.Omega   (2, 2)\n"
        "  initialise  h.{2…39}.{0…1}.beta   (2,)    as `build` begins it\n"
        "  initialise  h.{2…39}.{0…1}.Omega  (2, 2)  the identity\n"
        "  keep        z.beta                (2,)\n"
        "  keep        z.Omega               (2, 2)\n"
        "  keep        b.beta                (2,)\n"
        "  keep        b.Omega               (2, 2)\n"
        "\n"
        "12 kept, 152 initialised, 0 dropped\n"
    )
    without = planned("netspec: 1\ninput: 2\nlayers: [{dense: {width: 2, as: new}}]\noutput: 2\n", path, old)
    assert [(row.name, row.times) for row in rows(without.steps) if row.act == "drop"] == [
        ("h.{0…1}.{0…1}.beta", 4), ("h.{0…1}.{0…1}.Omega", 4), ("z.beta", 1), ("z.Omega", 1),
    ]  # fmt: skip
