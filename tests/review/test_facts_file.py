"""The file of facts: what it says of a network, whole, and that it says so of any."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

import netspec.review
from netspec.formatting import format_source
from netspec.graph import tensors
from netspec.graph.walk import tensor_count
from netspec.review.beside import Beside, difference
from netspec.review.facts_file import facts_path, facts_text, is_facts, spec_paths
from netspec.review.folded import folded_tensors
from netspec.source import read_source
from netspec.spec.expand import expand_text
from netspec.validation import Family
from tests.review.families import family
from tests.review.test_properties import SPECS, opened, texts

SCHEMA: dict[str, Any] = json.loads((Path(netspec.review.__file__).parent / "facts.schema.json").read_text("utf-8"))

NET = """netspec: 1
name: net
hyperparameters: {D: 3}
input: 1
widths: [D, 3]
activation: relu
output: 1
variants:
  wide: {D: 5}
"""
NET_FACTS = """{
  "netspec_facts": 1,
  "spec": "net.yaml",
  "name": "net",
  "dtype": "float32",
  "inputs": {
    "in": [1]
  },
  "input_dtypes": {},
  "outputs": {
    "out": [1]
  },
  "facts": {
    "parameters": 22,
    "state": 0,
    "capacity": 6,
    "depth": 2,
    "macs": 15,
    "flops": 43,
    "parameter_bytes": 88,
    "activation_bytes": 24,
    "receptive_field": null,
    "regions_at_least": 16,
    "regions_at_most": 16
  },
  "fingerprint": "sha256:FINGERPRINT",
  "tensors": {
    "beta_0": [3],
    "Omega_0": [3, 1],
    "beta_1": [3],
    "Omega_1": [3, 3],
    "beta_2": [1],
    "Omega_2": [1, 3]
  },
  "state": {},
  "variants": {
    "wide": {
      "inputs": {
        "in": [1]
      },
      "outputs": {
        "out": [1]
      },
      "facts": {
        "parameters": 32,
        "state": 0,
        "capacity": 8,
        "depth": 2,
        "macs": 23,
        "flops": 63,
        "parameter_bytes": 128,
        "activation_bytes": 40,
        "receptive_field": null,
        "regions_at_least": 24,
        "regions_at_most": 24
      },
      "fingerprint": "sha256:FINGERPRINT"
    }
  }
}
"""


def unfolded(name: str) -> Iterator[str]:
    """Yield the names that one with ranges of rounds stands for."""
    match = re.search(r"\{(\d+)…(\d+)\}", name)
    if match is None:
        yield name
    else:
        for number in range(int(match[1]), int(match[2]) + 1):
            yield from unfolded(name[: match.start()] + str(number) + name[match.end() :])


def without(text: str, *keys: str) -> dict[str, Any]:
    """Return facts without what the text alone decides."""
    data: dict[str, Any] = json.loads(text)
    return {key: value for key, value in data.items() if key not in keys}


def checked(found: Family) -> str:
    """Return the facts of a spec, which hold what any have to."""
    text = facts_text(found, "a/spec.yaml")
    jsonschema.validate(without(text), SCHEMA)
    assert is_facts(text.encode())
    for each in text.splitlines():
        assert each.strip() in ("{", "}", "},") or re.fullmatch(r' +"[^"]*": (\{|\{\},?|.*[^{}]|"[^\n]*",?)', each), (
            each
        )
    return text


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_facts_have_one_value_a_line() -> None:
    text = facts_text(family(NET), "nets/net.yaml")
    assert re.sub("sha256:[0-9a-f]{64}", "sha256:FINGERPRINT", text) == NET_FACTS


def test_rounds_that_are_alike_are_one_line_and_state_is_apart() -> None:
    text = checked(
        family(
            "netspec: 1\ninput: [3]\nlayers:\n  - repeat:\n      times: 5\n      layers:\n        - dense: 3\n"
            "        - batch_norm\n  - dense: 2\noutput: 2\n"
        )
    )
    found = json.loads(text)
    assert found["tensors"] == {
        "dense.{0…4}.beta": [3],
        "dense.{0…4}.Omega": [3, 3],
        "batch_norm.{0…4}.gamma": [3],
        "batch_norm.{0…4}.beta": [3],
        "dense_2.beta": [2],
        "dense_2.Omega": [2, 3],
    }
    assert found["state"] == {"batch_norm.{0…4}.mean": [3], "batch_norm.{0…4}.variance": [3]}
    assert "dense.{0…4}.beta" in text, "as it is read"


def test_a_million_layers_are_a_few_lines() -> None:
    text = checked(family("netspec: 1\ninput: 1\nK: 1000000\nwidths: 10\nactivation: relu\noutput: 1\n"))
    assert len(text) < 1_300
    assert json.loads(text)["tensors"]["Omega_{1…999999}"] == [10, 10]


def test_large_integers_are_texts_and_bounds_of_more_than_a_thousand_digits_logarithms() -> None:
    found = json.loads(
        checked(family("netspec: 1\ninput: 1\nK: 400\nwidths: 100000000\nactivation: relu\noutput: 1\n"))
    )
    assert found["facts"]["parameters"] == str(2 * 10**8 + 399 * (10**16 + 10**8) + 10**8 + 1)
    assert re.fullmatch(r"10\^[0-9]{4}\.[0-9]{1,6}", found["facts"]["regions_at_least"])
    found = json.loads(checked(family("netspec: 1\ninput: 1\nK: 20\nwidths: 100\nactivation: relu\noutput: 1\n")))
    assert found["facts"]["regions_at_most"] == str(101**20)


def test_what_depends_on_free_sizes_is_an_expression() -> None:
    layers = "layers:\n  - dense: 8\n  - relu\n  - dense: 2\n"
    found = json.loads(checked(family(f"netspec: 1\nsymbols: [T]\ninput: [T, 4]\n{layers}output: [T, 2]\n")))
    assert (found["inputs"], found["outputs"]) == ({"in": ["T", 4]}, {"out": ["T", 2]})
    assert (found["facts"]["parameters"], found["facts"]["capacity"]) == (58, "8*T")
    assert found["facts"]["regions_at_least"] is None


def test_inputs_that_are_integers_say_so() -> None:
    inputs = "inputs: {words: {shape: [T], dtype: int32}}\n"
    layers = "layers:\n  - embedding: {vocabulary: 9, width: 4}\n"
    found = json.loads(checked(family(f"netspec: 1\nsymbols: [T]\n{inputs}{layers}output: [T, 4]\n")))
    assert found["input_dtypes"] == {"words": "int32"}


@pytest.mark.parametrize("path", SPECS)
def test_tensors_of_specs_stand_for_those_of_the_network(path: str) -> None:
    found = opened(path)
    checked(found)
    assert found.written is not None
    graph = found.written.graph
    if tensor_count(graph) > 20_000:
        pytest.skip("too many to be unrolled")
    folded = [(name, each.shape, each.learned) for each in folded_tensors(graph) for name in unfolded(each.name)]
    plain = [(each.name, each.shape, each.parameter.learned) for each in tensors(graph)]
    assert sorted(folded) == sorted(plain)


@settings(max_examples=60, deadline=None)
@given(texts())
def test_facts_are_the_same_however_the_text_is_laid_out(text: str) -> None:
    before = checked(family(text))
    graph = family(text).written
    assert graph is not None
    folded = [name for each in folded_tensors(graph.graph) for name in unfolded(each.name)]
    assert sorted(folded) == sorted(each.name for each in tensors(graph.graph))
    assert checked(family(format_source(read_source(text.encode(), "spec.yaml")))) == before
    long = checked(family(expand_text(graph.part)))
    assert without(long, "variants") == without(before, "variants")
    assert difference("spec.yaml", Beside("spec.facts.json", before.encode()), before) is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("β_Ω é…", "β_Ω é…"),
        ("\U0001fae8", "\\ud83e\\udee8"),
        ("\u0378", "\\u0378"),
        ("a\u00adb", "a\\u00adb"),
        ("鳥", "\\u9ce5"),
    ],
)
def test_letters_on_which_pythons_may_differ_are_escaped(name: str, told: str) -> None:
    assert f'  "spec": "{told}.yaml",\n' in facts_text(family(NET), f"{name}.yaml")


def test_the_name_of_the_file_leaves_yaml_out_and_no_other_suffix() -> None:
    for spec, facts in (
        ("net.yaml", "net.facts.json"),
        ("a/net.yml", "a/net.yml.facts.json"),
        ("net", "net.facts.json"),
        ("net.v2.yaml", "net.v2.facts.json"),
    ):
        assert facts_path(spec) == facts
        assert spec in spec_paths(facts)


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        (b'{\n  "netspec_facts": 1,\n', True),
        (b'{"netspec_facts":2}', True),
        (b'\xef\xbb\xbf{ "netspec_facts": 1}', True),
        (b'{"facts": 1}', False),
        (b'{"a": {"netspec_facts": 1}}', False),
        (b'["netspec_facts"]', False),
        (b"", False),
        (b"<<<<<<< HEAD\n{\n", False),
        (b" " * 100_000 + b'{"netspec_facts": 1}', False),
    ],
)
def test_a_file_of_facts_is_known_by_its_first_key(data: bytes, is_one: bool) -> None:
    assert is_facts(data) is is_one


def test_a_spec_without_a_network_has_no_facts() -> None:
    with pytest.raises(TypeError, match="has no facts"):
        facts_text(Family(None, {}, (), {}), "spec.yaml")
