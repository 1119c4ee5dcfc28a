"""What operations cost, counted one by one, and which of them bounds on regions may look into."""

import pytest

from netspec.operations import FUNCTIONS, Affine, Cost, Elementwise, Linearity, Operation, OperationFault, Shape
from netspec.operations.adaptive_pool import AdaptivePool
from netspec.operations.attend import Attend
from netspec.operations.batch_norm import BatchNorm
from netspec.operations.concat import Concat
from netspec.operations.convolve import Convolve
from netspec.operations.convolve_transposed import ConvolveTransposed
from netspec.operations.embed import Embed
from netspec.operations.group_norm import GroupNorm
from netspec.operations.index import Index
from netspec.operations.layer_norm import LayerNorm
from netspec.operations.learned import Learned
from netspec.operations.matmul import Matmul
from netspec.operations.merge import Merge
from netspec.operations.pad import Pad
from netspec.operations.pool import Pool
from netspec.operations.positions import Positions
from netspec.operations.prelu import Prelu
from netspec.operations.reduce import Reduce
from netspec.operations.reshape import Reshape
from netspec.operations.rms_norm import RmsNorm
from netspec.operations.rotate import Rotate
from netspec.operations.scan import Scan
from netspec.operations.sinusoidal import Sinusoidal
from netspec.operations.slice import Slice
from netspec.operations.softmax import Softmax
from netspec.operations.stack import Stack
from netspec.operations.transpose import Transpose
from netspec.operations.upsample import Upsample

NONE = ((0, 0),)


@pytest.mark.parametrize(
    ("operation", "operands", "keyword", "linearity", "cost"),
    [
        (Affine(3), [(2, 5)], "affine", "affine", (30, 66)),
        (Convolve(3, (2,), (1,), NONE, (1,)), [(4, 5)], "convolve", "affine", (96, 204)),
        (Convolve(4, (2,), (1,), NONE, (1,), 4, False), [(4, 5)], "convolve", "affine", (32, 64)),
        (
            ConvolveTransposed(3, (2,), (2,), NONE, (0,), (1,)),
            [(4, 5)],
            "convolve_transposed",
            "affine",
            (120, 240 + 30),
        ),
        (Pool("max", (2, 2), (2, 2), NONE * 2, (1, 1)), [(3, 4, 6)], "max_pool", "piecewise linear", (0, 3 * 18)),
        (Pool("average", (2, 2), (2, 2), NONE * 2, (1, 1)), [(3, 4, 6)], "average_pool", "affine", (0, 4 * 18)),
        (AdaptivePool("max", (2,)), [(3, 4)], "adaptive_max_pool", "piecewise linear", (0, 12)),
        (AdaptivePool("average", (2,)), [(3, 4)], "adaptive_average_pool", "affine", (0, 12)),
        (Reduce("mean", (0,)), [(3, 4)], "mean", "affine", (0, 12)),
        (Reduce("sum", (0,)), [(3, 4)], "sum", "affine", (0, 8)),
        (Reduce("max", (0,), True), [(3, 4)], "max", "piecewise linear", (0, 8)),
        (BatchNorm(1e-5), [(3, 4)], "batch_norm", "affine", (0, 24)),
        (LayerNorm(1, 1e-5), [(3, 4)], "layer_norm", "smooth", (0, 84)),
        (LayerNorm(1, 1e-5, True, False), [(3, 4)], "layer_norm", "smooth", (0, 72)),
        (GroupNorm(3, 1e-5, False), [(3, 4)], "group_norm", "smooth", (0, 60)),
        (RmsNorm(1e-6), [(3, 4)], "rms_norm", "smooth", (0, 48)),
        (RmsNorm(1e-6, False), [(3, 4)], "rms_norm", "smooth", (0, 36)),
        (Softmax(0), [(3, 4)], "softmax", "smooth", (0, 60)),
        (Softmax(0, True), [(3, 4)], "log_softmax", "smooth", (0, 60)),
        (Upsample("nearest", (2, 2)), [(1, 3, 4)], "upsample_nearest", "affine", (0, 0)),
        (Upsample("linear", (2, 2)), [(1, 3, 4)], "upsample_linear", "affine", (192, 384)),
        (Attend(2, 1, True, 0.5), [(3, 8), (5, 4), (5, 4)], "attend", "smooth", (240, 480 + 180)),
        (Rotate(2, 1e4), [(3, 4)], "rotate", "affine", (0, 36)),
        (Sinusoidal(), [(3, 4)], "sinusoidal", "affine", (0, 12)),
        (Positions(9), [(3, 4)], "positions", "affine", (0, 12)),
        (Embed(9, 4), [(3,)], "embed", "smooth", (0, 0)),
        (Scan("rnn", 2), [(3, 4)], "rnn", "smooth", (36, 72 + 12 + 6)),
        (Scan("rnn", 2, function="relu", bias=False), [(3, 4)], "rnn", "piecewise linear", (36, 72 + 6)),
        (Scan("lstm", 2), [(3, 4)], "lstm", "smooth", (144, 288 + 48 + 54)),
        (Scan("gru", 2), [(3, 4)], "gru", "smooth", (108, 216 + 36 + 48)),
        (Merge("add"), [(3, 4), (3, 1), (1, 4)], "add", "affine", (0, 24)),
        (Merge("subtract"), [(3, 4), (3, 4)], "subtract", "affine", (0, 12)),
        (Merge("multiply"), [(3, 4), (3, 4)], "multiply", "smooth", (0, 12)),
        (Merge("abs_difference"), [(3, 4), (3, 4)], "abs_difference", "piecewise linear", (0, 24)),
        (Concat(0), [(3, 4), (2, 4)], "concat", "affine", (0, 0)),
        (Stack(0), [(3, 4), (3, 4)], "stack", "affine", (0, 0)),
        (Matmul(True), [(4, 3), (4, 5)], "matmul", "smooth", (60, 120)),
        (Reshape((12,)), [(3, 4)], "reshape", "affine", (0, 0)),
        (Transpose((1, 0)), [(3, 4)], "transpose", "affine", (0, 0)),
        (Pad(NONE * 2), [(3, 4)], "pad", "affine", (0, 0)),
        (Slice(0, 0, 2), [(3, 4)], "slice", "affine", (0, 0)),
        (Index(0, 1), [(3, 4)], "index", "affine", (0, 0)),
        (Learned((3, 4)), [], "learned", "affine", (0, 0)),
        (Prelu(), [(3, 4)], "prelu", "piecewise linear", (0, 12)),
        (Elementwise("gelu"), [(3, 4)], "gelu", "smooth", (0, 12)),
        (Elementwise("soft_shrink", (0.5,)), [(3, 4)], "soft_shrink", "piecewise linear", (0, 12)),
        (Elementwise("hard_shrink", (0.5,)), [(3, 4)], "hard_shrink", "smooth", (0, 12)),
    ],
)
def test_an_operation_says_what_it_costs(
    operation: Operation, operands: list[Shape], keyword: str, linearity: Linearity, cost: tuple[int, int]
) -> None:
    assert operation.keyword == keyword
    assert operation.linearity == linearity
    assert operation.cost(*operands) == Cost(*cost)


@pytest.mark.parametrize(
    ("operation", "operands", "clause"),
    [
        (Affine(3), [()], "an affine map needs an axis to act on"),
        (BatchNorm(1e-5), [()], "it normalises channels, and there is no axis"),
        (GroupNorm(1, 1e-5), [()], "it normalises groups of channels, and there is no axis"),
        (RmsNorm(1e-5), [()], "it normalises the last axis, and there is none"),
        (Prelu(), [()], "it has a slope for each channel, and there is no axis"),
        (
            Pool("max", (2,), (2,), NONE, (1,)),
            [(3, 4, 5)],
            "it reads (channels, positions …) and 2 axes, and gets [3, 4, 5]",
        ),
        (Reshape((13,)), [(3, 4)], "it reads [3, 4], 12 elements, and 13 has 13"),
        (Transpose((1, 0)), [(3,)], "it puts 2 axes in order, and gets 3"),
        (Pad(NONE), [(3, 4)], "it pads 1 axes, and gets [3, 4]"),
        (Attend(2, 2, False, 1.0), [(3, 8), (5, 4), (5, 4)], "2 heads read 8 features of queries, and a key has 2"),
        (Attend(2, 2, False, 1.0), [(3, 4), (5, 4), (6, 4)], "there are 5 keys and 6 values"),
        (Attend(2, 2, False, 1.0), [(3, 4), (5, 3), (5, 4)], "it reads 3 features, which 2 heads do not divide"),
        (Attend(2, 2, False, 1.0), [(3, 4), (5,), (5, 4)], "it reads (positions, features), and gets 5"),
    ],
)
def test_operands_that_do_not_fit_are_one_clause(operation: Operation, operands: list[Shape], clause: str) -> None:
    with pytest.raises(OperationFault) as raised:
        operation.shape(*operands)
    assert str(raised.value) == clause


def test_a_transposed_convolution_keeps_the_variance_of_what_few_elements_reach() -> None:
    """Windows of 4 that move by 2 reach each position twice: of 4·4 elements of the window, 8 add to a result."""
    _, weight = ConvolveTransposed(3, (4,), (2,), NONE, (0,), (1,)).roles((4, 5))
    assert (weight.fan_in, weight.fan_out) == (8, 12)


def test_arguments_that_were_added_do_not_change_the_record_of_the_function_that_was() -> None:
    assert Elementwise("hard_tanh", (-1.0, 1.0)).record() == "hard_tanh"
    assert Elementwise("hard_tanh", (-1.0, 2.0)).record() == "hard_tanh -1.0 2.0"
    assert Elementwise("leaky_relu", (0.01,)).record() == "leaky_relu 0.01"


def test_an_argument_is_compared_with_one_before_it() -> None:
    for function in FUNCTIONS.values():
        names = [argument.name for argument in function.arguments]
        for i, argument in enumerate(function.arguments):
            assert argument.above_argument in ("", *names[:i])
