"""The JSON Schema accepts what netspec accepts, and says of a mistake what is wrong with it, and nothing else."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from netspec.cli import main
from netspec.layers.mlp import RELU, Mlp
from netspec.source import read_source
from netspec.spec.hyperparameters import RESERVED
from netspec.spec.schema import schema, schema_text
from netspec.validation import check_text
from tests.spec.test_expand import libraries
from tests.spec.update_schema import PACKAGED

ROOT = Path(__file__).parents[2]
SCHEMA: Any = json.loads(PACKAGED.read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def faults(text: str) -> list[str]:
    """Return what the schema finds in a spec's text, each with its path."""
    source = read_source(text.encode(), "a.yaml")
    assert source.faults == []
    return sorted(f"{'.'.join(map(str, e.absolute_path))}: {e.message}" for e in VALIDATOR.iter_errors(source.data()))


def valid_specs() -> list[Path]:
    """Return the specs of the book, the templates, and those of the cases that netspec accepts."""
    folders = (ROOT / "specs", ROOT / "netspec" / "spec" / "templates", ROOT / "tests" / "cases" / "valid")
    return sorted(path for folder in folders for path in folder.rglob("*.y*ml"))


def within(value: object) -> Iterator[dict[str, Any]]:
    """Yield every mapping in a schema."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from within(inner)


def test_the_packaged_copy_is_what_the_models_say() -> None:
    assert PACKAGED.read_text(encoding="utf-8") == schema_text(), "run `python -m tests.spec.update_schema`"


def test_the_schema_is_one_of_draft_2020_12() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_it_has_no_unions_and_every_reference_leads_somewhere() -> None:
    for part in within(schema()):
        assert not {"oneOf", "anyOf"} & set(part)
        if "$ref" in part:
            assert part["$ref"].removeprefix("#/$defs/") in SCHEMA["$defs"]
        if part.get("type") == "object":
            assert "additionalProperties" in part, "what a mapping may hold is said"


def test_its_default_of_the_activation_is_that_of_the_model() -> None:
    assert Mlp.model_fields["activation"].default is RELU
    assert SCHEMA["properties"]["activation"]["default"] == RELU.name


def test_its_examples_are_valid() -> None:
    for example in SCHEMA["examples"]:
        assert list(VALIDATOR.iter_errors(example)) == []
    found = 0
    for name, definition in SCHEMA["$defs"].items():
        one = VALIDATOR.evolve(schema={"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})
        for example in definition.get("examples", ()):
            assert list(one.iter_errors(example)) == []
            found += 1
    assert found >= 2


@pytest.mark.parametrize("path", valid_specs(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_valid_spec_is_accepted(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


@settings(deadline=None, max_examples=50)
@given(libraries())
def test_random_specs_are_accepted(files: dict[str, str]) -> None:
    for text in files.values():
        assert faults(text) == []


ACCEPTED = {
    "an affine map": "netspec: 1\ninput: 1\nK: 0\noutput: 1\n",
    "a depth by name": "netspec: 1\nhyperparameters: {d: 0}\ninput: 1\nK: d\noutput: 1\n",
    "expressions": "netspec: 1\nhyperparameters: {D: 2}\ninput: D // 2\nK: (D + 1) % 4\nwidths: 2**D\noutput: D\n",
    "no argument": "netspec: 1\ninput: 1\nK: 1\nwidths: 2\noutput: 1\nactivation: {relu: {}}\n",
    "a quotient": "netspec: 1\ninput: 1\nK: 0\noutput: 1\nparameters: {β_0: ['-1 / 2'], Ω_0: [[1e-3]]}\n",
    "a large number": f"netspec: 1\ninput: 1\nK: 0\noutput: 1\nexpect: {{parameters: {{at_most: {10**400}}}}}\n",
    "a part": "netspec: 1\nnetworks: {a: {netspec: 1, checks: [1 < 2], input: 1, K: 0, output: 1}}\ncompose: [a]\n",
    "declarations": "netspec: 1\nhyperparameters: {a: 1, b: 0.5, c: true, d: a + 1, e: {default: 1, max: 2}}\n"
    "checks: [a < d, a == e]\ninput: a\nK: d\nwidths: e\noutput: 1\nactivation: {elu: {alpha: b}}\n",
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_what_netspec_accepts_the_schema_accepts(text: str) -> None:
    assert check_text(text).valid, "the example itself is valid"
    assert faults(text) == []


MISTAKES = {
    "netspec: 1\ninput: 1\nwidhts: [3]\noutput: 1\n": [
        ": 'widths' is a required property",
        ": Additional properties are not allowed ('widhts' was unexpected)",
    ],
    "input: 1\nwidths: [3]\noutput: 1\n": [": 'netspec' is a required property"],
    "netspec: 2\ninput: 1\nwidths: [3]\noutput: 1\n": ["netspec: 1 was expected"],
    "netspec: 1\ninput: 1\nwidths: 3\noutput: 1\n": [": 'K' is a required property"],
    "netspec: 1\ninput: 1\nK: 3\noutput: 1\n": [": 'widths' is a required property"],
    "netspec: 1\nwidths: [3]\n": [": 'input' is a required property", ": 'output' is a required property"],
    "netspec: 1\ninput: 0\nwidths: [3, 2.5]\noutput: 1\n": [
        "input: 0 is less than the minimum of 1",
        "widths.1: 2.5 is not of type 'integer', 'string'",
    ],
    "netspec: 1\ninput: true\nwidths: [3]\noutput: 1\n": ["input: True is not of type 'integer', 'string'"],
    "netspec: 1\ninput: 1\nwidths: [3]\noutput: 1\nactivation: rleu\n": [
        f"activation: 'rleu' is not one of {list(SCHEMA['$defs']['Activation']['else']['enum'])}"
    ],
    "netspec: 1\ninput: 1\nwidths: [3]\noutput: 1\nactivation: [leaky_relu: {slop: 0.1}]\n": [
        "activation.0.leaky_relu: Additional properties are not allowed ('slop' was unexpected)"
    ],
    "netspec: 1\ninput: 1\nwidths: [3]\noutput: 1\nactivation: {relu: {slope: 1}}\n": [
        "activation.relu: Additional properties are not allowed ('slope' was unexpected)"
    ],
    "netspec: 1\ncompose: [a.yaml]\nwidths: [3]\n": [": False schema does not allow [3]"],
    "netspec: 1\ncompose: []\n": ["compose: [] should be non-empty"],
    "netspec: 1\ncompose: [a]\nnetworks: {a: {file: a.txt}}\n": [
        "networks.a.file: 'a.txt' does not match '\\\\.ya?ml$'"
    ],
    "netspec: 1\ncompose: [a]\nnetworks: {a: {file: a.yaml, K: 1}}\n": [
        "networks.a: 'K' is not one of ['file', 'set', 'variant']"
    ],
    "netspec: 1\ncompose: [a]\nnetworks: {a: {input: 1, K: 0, output: 1, variants: {}}}\n": [
        "networks.a: Additional properties are not allowed ('variants' was unexpected)"
    ],
    "netspec: 1\ncompose: [a]\nnetworks: {a: {networks: {b: {K: x}}, compose: [b]}}\n": [
        "networks.a.networks.b: 'input' is a required property",
        "networks.a.networks.b: 'output' is a required property",
    ],
    "netspec: 1\nhyperparameters: {as: 1}\ninput: 1\nK: 0\noutput: 1\n": [
        f"hyperparameters: 'as' should not be valid under {{'enum': {sorted(RESERVED)}}}"
    ],
    "netspec: 1\nhyperparameters: {D: {min: 1}}\ninput: 1\nK: 0\noutput: 1\n": [
        "hyperparameters.D: 'default' is a required property"
    ],
    "netspec: 1\ninput: 1\nK: 0\noutput: 1\nparameters: {init: he_normla, seed: -1}\n": [
        f"parameters.init: 'he_normla' is not one of {SCHEMA['$defs']['Parameters']['properties']['init']['enum']}",
        "parameters.seed: -1 is less than the minimum of 0",
    ],
    "netspec: 1\ninput: 1\nK: 0\noutput: 1\nparameters: {file: a.pt}\n": [
        "parameters.file: 'a.pt' does not match '\\\\.(safetensors|npz)$'"
    ],
    "netspec: 1\ninput: 1\nK: 0\noutput: 1\nparameters: {file: a.npz, seed: 1}\n": [
        "parameters: 'file' was expected",
    ],
    "netspec: 1\ninput: 1\nK: 0\noutput: 1\nparameters: {seed: 1, beta_0: [0]}\n": [
        "parameters: 'beta_0' is not one of ['init', 'seed', 'file']"
    ],
    "netspec: 1\ninput: 1\nK: 0\noutput: 1\nparameters: {beta_0: [true], Omega_0: 1}\n": [
        "parameters.Omega_0: 1 is not of type 'array'",
        "parameters.beta_0.0: True is not of type 'number', 'string', 'array'",
    ],
    "netspec: 1\ninput: 1\nK: 0\noutput: 1\nexpect: {paramters: 1, depth: {at_leat: 1}}\n": [
        "expect.depth: Additional properties are not allowed ('at_leat' was unexpected)",
        "expect: Additional properties are not allowed ('paramters' was unexpected)",
    ],
    "netspec: 1\nhyperparameters: {D: 1}\ninput: D\nK: 0\noutput: 1\nvariants: {small: {D: two}}\n": [
        "variants.small.D: 'two' is not of type 'number', 'boolean'"
    ],
    "netspec: 1\ndtype: float16\nname: a b\ninput: 1\nK: 0\noutput: 1\n": [
        "dtype: 'float16' is not one of ['float32', 'float64']",
        "name: 'a b' does not match '^[A-Za-z][A-Za-z0-9_.-]{0,63}$'",
    ],
    "netspec: 1\ninput: 1\nlayers: [dense: 1]\noutput: 1\nK: 0\n": [": False schema does not allow 0"],
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_refused_by_the_one_rule_that_it_breaks(text: str) -> None:
    assert faults(text) == MISTAKES[text]
    assert not check_text(text).valid


@pytest.mark.parametrize("written", ["'5'", "'1.5'", "${D}", "D, E", "a.b", "''"])
def test_a_text_that_is_no_expression_is_refused(written: str) -> None:
    (found,) = faults(f'netspec: 1\ninput: "{written.strip(chr(39))}"\nK: 0\noutput: 1\n')
    assert found.startswith("input: ")
    assert "does not match" in found


# -- the command -------------------------------------------------------------------------------------------------------


def test_the_command_prints_the_packaged_copy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert capsys.readouterr() == (PACKAGED.read_text(encoding="utf-8"), "")


def test_the_command_builds_no_models() -> None:
    code = "import sys, netspec.cli.schema as s; s.command(); print(*{'pydantic', 'numpy', 'yaml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""
