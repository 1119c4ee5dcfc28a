"""What overflows in a training: refused in words or told as a divergence, and never a warning."""

import numpy as np
import pytest

import netspec

NETWORK = netspec.loads("netspec: 1\ninput: 2\nwidths: [4]\noutput: 1\n")
X = np.random.default_rng(0).normal(0, 1, (40, 2))
Y = X[:, :1]


def test_weights_of_rows_that_are_infinite_in_the_dtype_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^weights are one number of 0 or more for each of 40 rows$"):
        NETWORK.train(X, Y, epochs=1, weights=np.full(40, 1e300))
