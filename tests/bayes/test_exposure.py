"""The posterior of counts with exposures: PyMC's textbook graph, the compiled model, and the exact posterior."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from bayes import LogLikelihood, build, build_model, compiled_model, exact_posterior
from models import Data, Mixture, Model, Poisson, Prior
from models.priors import Gamma
from tests.cases import exposed

CASE = exposed()
TINY = Data.of([0, 4, 1, 9], exposure=[0.5, 2.0, 1.0, 3.5])


def test_fused_graph_is_the_textbook_one_in_value_and_gradient() -> None:
    model = CASE.model
    prior = model.prior(CASE.data)
    fused, textbook = (
        LogLikelihood(build(CASE.data, model, prior, which), model, prior) for which in ("fused", "textbook")
    )
    own, theirs = fused.with_gradient(CASE.mixture), textbook.with_gradient(CASE.mixture)
    assert own[0] == pytest.approx(theirs[0], rel=1e-12)
    assert own[0] == pytest.approx(
        float(CASE.mixture.log_likelihood(CASE.data.values, None, CASE.data.exposure)), rel=1e-12
    )
    np.testing.assert_allclose(own[1], theirs[1], rtol=1e-9, atol=1e-9)


def test_exposure_is_data_of_the_model() -> None:
    built = build_model([1, 2], "poisson", 1, exposure=[2.0, 3.0])
    np.testing.assert_array_equal(built["exposure"].get_value(), [2, 3])


@pytest.mark.parametrize("called", ["weak", "conjugate"])
def test_compiled_model_has_the_density_of_the_built_one(called: str) -> None:
    model, data = CASE.model, CASE.data
    prior = model.prior(data, called)
    compiled = compiled_model(model, called, True)
    at = [
        compiled.unconstrained(Mixture(CASE.mixture.weights, Poisson(np.array(r))), prior)
        for r in ([0.5, 2.0, 6.0], [1.0, 3.0, 4.0])
    ]
    built = build(data, model, prior, "textbook")
    expected = [
        built.compile_logp()(dict(zip((v.name for v in built.value_vars), (x[:2], x[2:]), strict=True))) for x in at
    ]
    found = [compiled.log_density(data, prior)(x)[0] for x in at]
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_exact_posterior_is_the_sum_over_all_allocations() -> None:
    model = Model("poisson", 2)
    prior = Prior(Gamma(2.0, 0.7), model, concentration=1.5)
    exact = exact_posterior(TINY, "poisson", 2, prior=prior)
    assert TINY.exposure is not None
    terms, rates = [], []
    for labels in itertools.product((0, 1), repeat=4):
        chosen = np.array(labels)
        term = stats.dirichlet_multinomial([1.5, 1.5], 4).pmf(np.bincount(chosen, minlength=2))
        term /= len(list(filter(lambda z: sum(z) == chosen.sum(), itertools.product((0, 1), repeat=4))))
        for j in (0, 1):
            x, e = TINY.values[chosen == j, 0], TINY.exposure[chosen == j]

            def joint(rate: float, x: Any = x, e: Any = e) -> float:
                return float(
                    stats.gamma(2.0, scale=1 / 0.7).pdf(rate) * stats.poisson(np.asarray(e) * rate).pmf(x).prod()
                )

            term *= integrate.quad(joint, 0, 40, epsabs=1e-14, limit=200)[0]
        terms.append(term)
        rates.append(
            sorted((2.0 + TINY.values[chosen == j, 0].sum()) / (0.7 + TINY.exposure[chosen == j].sum()) for j in (0, 1))
        )
    # The quadrature is good to eight digits.
    assert exact.evidence == pytest.approx(np.log(sum(terms)), rel=1e-7)
    total = sum(marginal.mean for name, marginal in exact.marginals.items() if name.startswith("rates"))
    # The sum of the rates knows no labels.
    assert total == pytest.approx(np.average(np.sum(rates, axis=1), weights=terms), rel=1e-6)


def test_one_component_is_a_gamma_distribution() -> None:
    prior = Prior(Gamma(2.0, 0.7), Model("poisson", 1))
    marginal = exact_posterior(TINY, "poisson", 1, prior=prior).marginals["rates[1]"]
    expected = stats.gamma(2.0 + 14, scale=1 / (0.7 + 7.0))
    assert marginal.mean == pytest.approx(expected.mean(), rel=1e-12)
    assert marginal.quantile(0.9) == pytest.approx(expected.ppf(0.9), rel=1e-9)


def test_leave_one_out_is_a_predictive_density_at_the_row_s_own_exposure() -> None:
    exact = exact_posterior(TINY, "poisson", 2, prior="weak")
    assert TINY.exposure is not None
    others = exact_posterior(TINY.take(np.array([0, 1, 2])), "poisson", 2, prior=exact.prior)
    assert exact.leave_one_out[3] == pytest.approx(others.log_density([9.0], np.array([3.5]))[0], rel=1e-9)
