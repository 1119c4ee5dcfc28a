"""What scikit-learn asks of every estimator, in full."""

from typing import Any

import pytest

pytest.importorskip("sklearn")

from sklearn.utils.estimator_checks import parametrize_with_checks

from netspec.sklearn import NetworkClassifier, NetworkRegressor


@parametrize_with_checks([NetworkClassifier(), NetworkRegressor()])  # type: ignore[untyped-decorator]  # without types
def test_an_estimator_passes_a_check(estimator: Any, check: Any) -> None:
    check(estimator)
