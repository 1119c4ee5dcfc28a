"""The kernel of a convolution is the one that was measured to be the fastest, and exact where it is to be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.compiler.rules import TABLE, Convolution, Kind, convolution_kind, kinds_for

ONE = (1, 1)


@pytest.mark.parametrize(
    ("kernel", "stride", "channels", "high", "size", "kind"),
    [
        (7, 2, (3, 64), 112, 112, "strips"),
        (3, 1, (64, 64), 56, 56, "winograd4"),
        (3, 2, (64, 128), 28, 28, "unfolded"),
        (1, 2, (64, 128), 28, 28, "unfolded"),
        (3, 1, (128, 128), 28, 28, "winograd4"),
        (3, 1, (256, 256), 14, 14, "winograd2"),
        (3, 1, (256, 256), 112, 14, "winograd4"),
        (3, 1, (512, 512), 7, 7, "winograd2"),
        (3, 1, (512, 512), 56, 7, "winograd4"),
        (3, 1, (64, 64), 7, 7, "unfolded"),
        (3, 1, (16, 16), 28, 28, "winograd4"),
        (3, 1, (8, 8), 28, 28, "unfolded"),
        (5, 1, (1, 6), 28, 28, "strips"),
        (1, 1, (16, 96), 112, 112, "unfolded"),
    ],
)
def test_known_convolutions_have_the_fastest_kernel(
    kernel: int, stride: int, channels: tuple[int, int], high: int, size: int, kind: Kind
) -> None:
    square, strides, positions = (kernel, kernel), (stride, stride), (high, size)
    assert convolution_kind(Convolution(square, strides, ONE, 1, *channels, positions, False)) == kind


@pytest.mark.parametrize("kernel", [(3,), (3, 3), (5, 5)])
def test_a_channel_by_itself_has_its_kernel(kernel: tuple[int, ...]) -> None:
    one = (1,) * len(kernel)
    positions = (56,) * len(kernel)
    assert convolution_kind(Convolution(kernel, one, one, 32, 32, 32, positions, True)) == "depthwise"
    assert convolution_kind(Convolution(kernel, one, one, 32, 32, 64, positions, True)) == "unfolded"


def test_three_axes_have_the_general_kernel() -> None:
    one = (1, 1, 1)
    assert convolution_kind(Convolution((3, 3, 3), one, one, 1, 64, 64, (8, 8, 8), False)) == "unfolded"
    assert convolution_kind(Convolution((3, 3, 3), one, one, 8, 8, 8, (8, 8, 8), False)) == "unfolded"


@given(
    st.integers(1, 3).flatmap(
        lambda axes: st.tuples(
            *(st.tuples(*[st.integers(1, most)] * axes) for most in (7, 3, 2, 60)),
        )
    ),
    st.sampled_from([1, 2, 64]),
    st.sampled_from([1, 3, 64, 512]),
    st.booleans(),
)
def test_every_convolution_has_a_kernel_that_can_compute_it(
    sizes: tuple[tuple[int, ...], ...], groups: int, channels: int, exact: bool
) -> None:
    kernel, stride, dilation, positions = sizes
    inputs, outputs = groups * channels, groups * channels
    convolution = Convolution(kernel, stride, dilation, groups, inputs, outputs, positions, exact)
    kind = convolution_kind(convolution)
    assert kind in {row.kind for row in TABLE}
    assert kind in kinds_for(convolution)
    if kind.startswith("winograd"):
        assert not exact
        assert (kernel, stride, dilation, groups) == ((3, 3), ONE, ONE, 1)
    if kind == "strips":
        assert (len(kernel), dilation, groups) == (2, ONE, 1)
    if kind == "depthwise":
        assert groups == inputs == outputs
        assert len(kernel) <= 2
