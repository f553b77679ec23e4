from dataclasses import replace

import numpy as np

from em import Start, Status
from reports.judging.comparison import Comparison
from reports.presenting import facts


def test_the_model_and_its_size_in_words(poisson_comparison: Comparison, plane_comparison: Comparison) -> None:
    assert facts.model_in_words(poisson_comparison.model) == "3 Poisson components, weights free"
    assert facts.model_in_words(plane_comparison.model) == "2 Gaussian components with full covariances, weights free"
    assert facts.size_in_words(poisson_comparison) == "500 observations of count"
    assert facts.size_in_words(plane_comparison) == "600 observations in 300 rows of east, north"


def test_starts_that_reached_the_same_optimum_stand_together_and_collapsed_ones_last(
    plane_comparison: Comparison,
) -> None:
    fit = plane_comparison.mle
    best = fit.climb.objective[-1]

    def ended(objective: float, status: Status, reason: str | None = None) -> Start:
        return Start("random", status, objective, objective, 9, fit.mixture, reason)

    starts = (
        ended(best - 7, Status.CONVERGED),
        ended(best + 80, Status.COLLAPSED, "singular"),
        ended(best - 1e-9, Status.CONVERGED),
        ended(best, Status.CONVERGED),
        ended(best + 50, Status.COLLAPSED, "singular"),
    )
    found = facts.endings(replace(fit, starts=starts))
    assert [(optimum.starts, optimum.status) for optimum in found] == [
        (2, "converged"),
        (1, "converged"),
        (2, "collapsed"),
    ]
    np.testing.assert_allclose([found[0].below, found[1].below], [0, 7], atol=1e-6)


def test_a_fit_that_did_not_converge_is_said_first(plane_comparison: Comparison) -> None:
    climb = replace(plane_comparison.map.climb, status=Status.COLLAPSED, reason="component 2 is empty")
    warned = facts.loud_warnings(replace(plane_comparison, map=replace(plane_comparison.map, climb=climb)))
    assert (
        warned[0]
        == "The maximum-a-posteriori EM did not converge: its best start ended collapsed (component 2 is empty)."
    )
    assert warned[1:] == plane_comparison.posterior.warnings


def test_the_python_call_is_python(plane_comparison: Comparison) -> None:
    call = facts.python_call(plane_comparison)
    compile(call, "call", "exec")
    assert "covariance='full'" in call
    assert "chains=2" in call
    assert "prior" not in call
    conjugate = plane_comparison.model.prior(plane_comparison.data, "conjugate")
    assert "prior='conjugate'" in facts.python_call(replace(plane_comparison, prior=conjugate))
    own = facts.python_call(replace(plane_comparison, prior=replace(conjugate, concentration=3.0)))
    compile(own, "call", "exec")
    assert "import compare, read_prior" in own
    assert "prior=read_prior('report.json')" in own


def test_only_the_derivations_that_the_model_uses_are_shown(poisson_comparison: Comparison) -> None:
    headlines = [headline for headline, _ in facts.derivations(poisson_comparison)]
    assert len(headlines) == 5
    assert "Poisson" in headlines[2]
    conjugate = poisson_comparison.model.prior(poisson_comparison.data, "conjugate")
    assert len(facts.derivations(replace(poisson_comparison, prior=conjugate))) == 4
    equal = replace(poisson_comparison, model=replace(poisson_comparison.model, mixing="equal"))
    assert len(facts.derivations(equal)) == 4
