"""scikit-learn's checks of an estimator, every one of them."""

from collections.abc import Callable
from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from em.estimators import GaussianMixture, PoissonMixture

# The checks fit few steps to noise.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# scikit-learn 1.6 lists them in a generator, which pytest takes no longer.
CHECKS = parametrize_with_checks([GaussianMixture(), PoissonMixture()]).mark


@pytest.mark.parametrize(CHECKS.args[0], list(CHECKS.args[1]), **CHECKS.kwargs)
def test_estimator(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
