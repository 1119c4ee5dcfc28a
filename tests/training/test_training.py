"""Trainings from end to end, on arrays."""

import numpy as np
import pytest

import netspec

X = np.random.default_rng(0).normal(0, 1, (40, 2))


def test_a_layer_that_no_output_needs_is_kept_as_it_was() -> None:
    text = "netspec: 1\ninput: 2\nlayers: [{dense: {width: 2, as: idle}}, {dense: {from: in, width: 1}}]\noutput: 1\n"
    net = netspec.loads(text)
    before = net.build()
    trained = net.train(X, X[:, :1], epochs=2).model
    np.testing.assert_array_equal(trained.parameters["idle.Omega"], before.parameters["idle.Omega"])
    assert (trained.parameters["dense.Omega"] != before.parameters["dense.Omega"]).any()


def test_dropout_in_a_block_trains_in_another_dtype_than_that_of_the_spec() -> None:
    text = """
netspec: 1
input: 2
blocks: {same: {layers: [{dropout: 0.5}]}}
layers: [{dense: {width: 2}}, {same: {as: dropped}}]
output: 2
"""
    assert netspec.loads(text).train(X, X * 2, epochs=1, dtype="float64").model.dtype == "float64"


def test_classes_of_a_single_row_each_leave_none_to_hold_back() -> None:
    net = netspec.loads("netspec: 1\ninput: 2\nwidths: [4]\noutput: 10\n")
    with pytest.raises(netspec.SystemFault) as caught:
        net.train(X[:10], np.arange(10), epochs=1, validation=0.5)
    said = "of 10 rows none can be held back: each class has a single row, which is trained on"
    assert caught.value.headline == said
