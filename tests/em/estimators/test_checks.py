"""scikit-learn's checks of an estimator, every one of them."""

from collections.abc import Callable
from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from em.estimators import GaussianMixture, PoissonMixture

# The checks fit few steps to noise.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@parametrize_with_checks([GaussianMixture(), PoissonMixture()])
def test_estimator(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
