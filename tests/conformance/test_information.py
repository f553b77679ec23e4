"""EM's covariance of the named parameters against PyTensor's Hessian of the textbook graph, in its own coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pymc.pytensorf import join_nonshared_inputs

from bayes.build import build, point
from bayes.engine import INTERPRETED, Unconstrained
from em import Fit, fit, standard_errors
from models import Array
from tests.bayes.problems import Graph, derivative
from tests.cases import CASES

# The MAP estimate is the mode of the graph's own variables in one dimension only. A graph in more takes half a minute.
slow = pytest.mark.slow
ROWS = [
    pytest.param("poisson", "mle", "free"),
    pytest.param("poisson", "map", "free", marks=slow),
    pytest.param("gaussian-full-1d", "mle", "equal", marks=slow),
    pytest.param("gaussian-full-1d", "map", "free"),
    pytest.param("gaussian-tied-1d", "mle", "free", marks=slow),
    pytest.param("gaussian-full-2d", "mle", "free", marks=slow),
    pytest.param("gaussian-spherical-2d", "mle", "free", marks=slow),
    pytest.param("gaussian-tied-2d", "mle", "free", marks=slow),
]


@pytest.mark.parametrize(("name", "estimate", "mixing"), ROWS)
def test_the_covariance_is_that_of_pytensors_hessian(name, estimate, mixing):
    (case,) = (case for case in CASES if str(case) == name)
    fitted = fit(
        case.data,
        case.family,
        case.components,
        covariance=case.covariance,
        mixing=mixing,
        estimate=estimate,
        # Under the weak prior the mode is taken in another measure than PyMC's.
        prior="conjugate" if estimate == "map" else None,
        starts=10,
        tolerance=1e-11,
    )
    found = standard_errors(fitted)
    assert found.problem is None
    # √(2e-11/share) standard errors from the limit, where the third derivative changes the information as much.
    expected = covariance_by_pytensor(fitted)
    deviations = found.table["standard_error"].to_numpy()
    np.testing.assert_allclose(
        found.covariance / np.outer(deviations, deviations), expected / np.outer(deviations, deviations), atol=2e-4
    )


def covariance_by_pytensor(fitted: Fit) -> Array:
    prior = fitted.prior or fitted.model.prior(fitted.data)
    built = build(fitted.data, fitted.model, prior, "textbook")
    graph = Graph(built, fitted.model)
    centre = Unconstrained(built)(point(fitted.mixture, fitted.model, prior))
    variables = [built["x"], *(built.free_RVs if fitted.prior else [])]
    objective = built.logp(vars=variables, jacobian=False)
    outputs, joined = join_nonshared_inputs(built.initial_point(0), [objective], built.value_vars)
    direction = pt.dvector()
    product: Any = pytensor.grad(pytensor.grad(outputs[0], joined) @ direction, joined)
    times = pytensor.function([joined, direction], product, mode=INTERPRETED)
    information = -np.array([times(centre, unit) for unit in np.eye(len(centre))])

    def named(vector: Array) -> Array:
        return np.array(list(fitted.model.scalars(graph.mixture(vector), fitted.data.columns).values()))

    jacobian = derivative(named, centre).T
    return np.asarray(jacobian @ np.linalg.inv(information) @ jacobian.T)
