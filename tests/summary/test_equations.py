"""The lecture's notation."""

from netspec.operations import FUNCTIONS, Elementwise
from netspec.summary.equations import Block, equations, notation
from tests.summary.networks import AFFINE, DEEP, LISTED, MILLION, SHARED, SMOOTH, TWO_LAYER, network


def lines(text: str) -> list[str]:
    """Return the equations of a network without parts."""
    _, graph, _ = network(text)
    (block,) = equations(graph)
    assert block.parts == ("",)
    return list(block.lines)


def test_a_network_of_two_hidden_layers() -> None:
    assert lines(TWO_LAYER) == [
        "h_1 = ReLU[β_0 + Ω_0 x]",
        "h_2 = ReLU[β_1 + Ω_1 h_1]",
        "y = β_2 + Ω_2 h_2",
    ]


def test_equal_layers_are_one_equation() -> None:
    assert lines(DEEP)[1] == "h_{k+1} = ReLU[β_k + Ω_k h_k],  k = 1 … 4"
    assert lines(MILLION)[1:] == [
        "h_{k+1} = ReLU[β_k + Ω_k h_k],  k = 1 … 999,999",
        "y = β_1000000 + Ω_1000000 h_1000000",
    ]


def test_equal_layers_from_the_first_on_say_what_h_0_is() -> None:
    assert lines("{netspec: 1, input: 2, K: 9, widths: 2, activation: identity, output: 2}") == [
        "h_{k+1} = β_k + Ω_k h_k,  k = 0 … 8,  h_0 = x",
        "y = β_9 + Ω_9 h_9",
    ]


def test_two_equal_layers_are_written_out() -> None:
    assert lines("{netspec: 1, input: 2, K: 2, widths: 2, output: 2}") == [
        "h_1 = ReLU[β_0 + Ω_0 x]",
        "h_2 = ReLU[β_1 + Ω_1 h_1]",
        "y = β_2 + Ω_2 h_2",
    ]


def test_an_affine_map() -> None:
    assert lines(AFFINE) == ["y = β_0 + Ω_0 x"]


def test_an_argument_and_an_output_activation() -> None:
    assert lines(SMOOTH)[-3:] == [
        "h_4 = LeakyReLU(slope=0.1)[β_3 + Ω_3 h_3]",
        "h_5 = tanh[β_4 + Ω_4 h_4]",
        "y = sigmoid[β_5 + Ω_5 h_5]",
    ]


def test_the_middle_of_a_long_network_is_left_out() -> None:
    found = lines(LISTED)
    assert len(found) == 12
    assert found[7:] == [
        "h_8 = ReLU[β_7 + Ω_7 h_7]",
        "…",
        "h_29 = ReLU[β_28 + Ω_28 h_28]",
        "h_30 = ReLU[β_29 + Ω_29 h_29]",
        "y = β_30 + Ω_30 h_30",
    ]


def test_a_composition_is_a_function_of_functions() -> None:
    _, graph, _ = network(SHARED)
    assert equations(graph) == [
        Block(("",), ("y = pair[pair[bend[fold[x]]]]",)),
        Block(("fold",), ("h_1 = ReLU[β_0 + Ω_0 x]", "y = β_1 + Ω_1 h_1")),
        Block(
            ("bend",),
            (
                "h_1 = LeakyReLU(slope=0.25)[β_0 + Ω_0 x]",
                "h_2 = LeakyReLU(slope=0.25)[β_1 + Ω_1 h_1]",
                "y = β_2 + Ω_2 h_2",
            ),
        ),
        Block(("pair",), ("y = bend[tilt[bend[x]]]",)),
        Block(("pair.tilt",), ("y = β_0 + Ω_0 x",)),
    ]


def test_a_long_composition_keeps_its_ends() -> None:
    inline = "{netspec: 1, networks: {a: {input: 1, K: 0, output: 1}, b: {input: 1, K: 1, widths: 1, output: 1}}, "
    _, graph, _ = network(f"{inline}compose: [a, b, a, b, a, b]}}")
    assert equations(graph)[0].lines == ("y = b[a[b[a[b[a[x]]]]]]",)
    _, graph, _ = network(f"{inline}compose: [a, b, a, b, a, b, b]}}")
    assert equations(graph)[0].lines == ("y = b[… b[a[x]] …]",)


def test_every_function_has_a_notation_that_its_name_is_known_by() -> None:
    for name, function in FUNCTIONS.items():
        written = notation(Elementwise(name, tuple(argument.default for argument in function.arguments)))
        bare, _, arguments = written.partition("(")
        assert bare.lower().replace("_", "") == name.replace("_", "")
        assert bool(arguments) == bool(function.arguments)
