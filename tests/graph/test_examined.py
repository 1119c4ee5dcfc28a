"""Blocks and networks that nothing applies: what is wrong with them whatever comes in is told, and nothing else."""

import pytest

from netspec.validation import check_text


def told(parts: str, layers: str = "[dense: 4]") -> list[tuple[str, str]]:
    """Return code and headline of each diagnostic of a spec with some parts, that they are not used left out."""
    verdict = check_text(f"netspec: 1\nhyperparameters: {{D: 4}}\ninput: 4\n{parts}\nlayers: {layers}\noutput: 4\n")
    return [(found.code, found.headline) for found in verdict.diagnostics if found.code != "unused-name"]


@pytest.mark.parametrize("layers", ["[dense: D]", "[{repeat: {times: 0, layers: [b]}}, dense: D]"])
@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("{layers: [denze: 3]}", ("unknown-layer", "there is no layer `denze`")),
        ("{layers: [dense: {widht: 3}]}", ("unknown-key", "there is no key `widht` here")),
        ("{layers: [dense: {}]}", ("missing-key", "the key `width` is missing")),
        ("{layers: [dense: E]}", ("unknown-size", "no size is called `E` here")),
        ("{layers: [add: [in, other]]}", ("unknown-value", "there is no value `other` here")),
        ("{layers: [dense: 4, add: [dense, in]]}",
         ("unknown-value", "there is no value `dense` here: a layer is read by the name that `as` gives it")),
        ("{layers: [{repeat: {times: 2, layers: [relu], tmes: 3}}]}", ("unknown-key", "there is no key `tmes` here")),
        ("{layers: [{repeat: {times: 2, layers: [add: [in, other]]}}]}",
         ("unknown-value", "there is no value `other` here")),
        ("{layers: [{repeat: {times: 2, from: other, layers: [relu]}}]}",
         ("unknown-value", "there is no value `other` here")),
        ("{blocks: {c: {layers: [denze]}}, layers: [relu]}", ("unknown-layer", "there is no layer `denze`")),
        ("{blocks: {c: {hyperparameters: {w: int}, layers: [relu]}}, layers: [c]}",
         ("hyperparameter-not-given", "the hyperparameter `w` of the block `c` is not given")),
        ("{blocks: {c: {inputs: [x, y], layers: [add: [x, y]]}}, layers: [c: {from: {x: in}}]}",
         ("reads", "`c` reads `x`, `y`, and `y` is not said")),
        ("{compose: [nothing]}", ("unknown-network", "there is no network `nothing`")),
        ("{input: 3, widths: [E], output: 3}", ("unknown-size", "no size is called `E` here")),
    ],
)  # fmt: skip
def test_a_part_that_nothing_applies_is_told_what_is_wrong_whatever_comes_in(
    part: str, expected: tuple[str, str], layers: str
) -> None:
    assert told(f"blocks: {{b: {part}}}", layers) == [expected]


@pytest.mark.parametrize(
    "part",
    [
        "{hyperparameters: {w: int, v: 2*w, s: float}, layers: [dense: v // 2, leaky_relu: s, dropout: s]}",
        "{symbols: [C], input: [C], layers: [dense: {width: C // 4, shape: [C // 4]}, {dense: C}]}",
        "{layers: [{repeat: {times: 3, index: i, layers: [dense: 4 // i, dense: {width: i, as: x}, add: [x, in]]}}]}",
        "{inputs: [x, y], layers: [dense: {width: 4, from: x, as: z}, add: [z, y]]}",
        "{layers: [split: {into: [p, q], as: s}, add: [s.p, s.q]]}",
        "{hyperparameters: {w: int}, compose: [n]}",
        "{hyperparameters: {w: int}, input: w, widths: [w], output: 3}",
        "{hyperparameters: {w: int}, symbols: [C], input: [w, C], layers: [dense: w]}",
        "{layers: [conv: {channels: 4, kernel: 3}, flatten, dense: D]}",
    ],
)
def test_what_hangs_on_what_comes_in_is_not_told(part: str) -> None:
    network = "networks: {n: {input: 4, widths: [4], output: 4}}"
    assert told(f"{network}\nblocks: {{b: {part}}}") == []


def test_a_network_that_takes_what_comes_is_looked_through_where_nothing_applies_it() -> None:
    faulty = [("unknown-layer", "there is no layer `denze`")]
    assert told("networks: {n: {layers: [denze]}}") == faulty
    assert told("networks: {n: {layers: [denze]}}", "[n]") == faulty
    assert told("networks: {n: {input: 4, layers: [denze]}}") == faulty
    assert told("networks: {n: {layers: [dense: 4]}}") == []


def test_a_use_in_no_round_or_behind_a_fault_is_a_use() -> None:
    for layers in ("[{repeat: {times: 0, layers: [b]}}]", "[{repeat: {times: -1, layers: [b]}}]", "[denze, b]"):
        verdict = check_text(f"netspec: 1\ninput: 4\nblocks: {{b: {{layers: [relu]}}}}\nlayers: {layers}\noutput: 4\n")
        assert "unused-name" not in {found.code for found in verdict.diagnostics}


def test_a_shape_that_hangs_on_a_hyperparameter_without_a_value_hides_no_layer() -> None:
    unknown = ("unknown-value", "there is no value `z` here")
    assert told("blocks: {b: {inputs: {x: [D], y: [k]}, hyperparameters: {k: int}, layers: [add: [x, z]]}}") == [
        unknown
    ]
    faulty = ("unknown-layer", "there is no layer `denze`")
    assert told("blocks: {b: {input: [k], hyperparameters: {k: int}, layers: [denze]}}") == [faulty]


def test_so_many_layers_are_looked_through_and_no_more() -> None:
    some = "".join(f"  b{i}: {{layers: [relu, relu]}}\n" for i in range(1_100))
    faulty = [("unknown-layer", "there is no layer `denze`")]
    assert told(f"blocks:\n  a: {{layers: [denze]}}\n{some}") == faulty
    assert told(f"blocks:\n{some}  z: {{layers: [denze]}}\n") == []
