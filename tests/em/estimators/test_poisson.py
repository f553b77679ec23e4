"""``PoissonMixture`` against EM and SciPy."""

from typing import Any

import numpy as np
import pytest
from scipy import special, stats
from sklearn.exceptions import ConvergenceWarning

from em import fit, standard_errors
from em.estimators import PoissonMixture, mixture
from models import Poisson
from tests.known import known


@pytest.fixture(scope="module")
def counts():
    return np.random.default_rng(0).poisson([[3.0], [12.0]], size=(2, 150)).reshape(-1, 1)


@pytest.fixture(scope="module")
def columns():
    rng = np.random.default_rng(0)
    return rng.permutation(np.concatenate([rng.poisson(rates, size=(100, 3)) for rates in ([2, 9, 0], [8, 3, 0.5])]))


def test_it_ends_where_em_ends(counts):
    found = PoissonMixture(2, tol=1e-12, max_iter=10_000, random_state=0).fit(counts)
    best = fit(counts, "poisson", 2, starts=4)
    order = found.rates_[:, 0].argsort()
    # A mean gain of 1e-12 leaves some 1e-9 nats, which are 1e-5 standard errors.
    assert found.rates_[order, 0] == pytest.approx(known(best.mixture.components, Poisson).rates, rel=1e-5)
    assert found.log_likelihood_ == pytest.approx(best.log_likelihood, abs=1e-6)
    table = standard_errors(best).table["standard_error"]
    assert found.standard_errors_["rates"][order, 0] == pytest.approx(
        table[["rates[1]", "rates[2]"]].to_numpy(), rel=1e-4
    )
    assert found.standard_errors_["rates"].shape == (2, 1)
    assert found.bic(counts) == pytest.approx(-2 * found.log_likelihood_ + 3 * np.log(300))


def test_several_columns_are_independent_within_a_component(columns):
    found = PoissonMixture(2, random_state=0).fit(columns)
    assert found.rates_.shape == (2, 3)
    densities = np.array([stats.poisson.logpmf(columns, rates).sum(axis=1) for rates in found.rates_]).T
    expected = special.logsumexp(densities + np.log(found.weights_), axis=1)
    np.testing.assert_allclose(found.score_samples(columns), expected, rtol=1e-10)
    assert found.log_likelihood_ == pytest.approx(expected.sum(), rel=1e-12)
    assert np.diff(found.lower_bounds_).min() >= -1e-12
    order = found.rates_[:, 0].argsort()
    # Within four standard errors of means of a hundred counts.
    assert np.abs(found.rates_[order] - [[2, 9, 0], [8, 3, 0.5]]).max() < 4 * np.sqrt(9 / 100)


def test_standard_errors_and_audit_are_of_all_columns(columns):
    # Components in descending order of their sums, where the package has them ascending.
    start = [[2.0, 9.0, 1.1], [8.0, 3.0, 1.5]]
    # No rate on its edge, zero, where there is no standard error.
    x = columns + np.array([0, 0, 1])
    found = PoissonMixture(2, weights_init=[0.5, 0.5], rates_init=start).fit(x)
    assert found.rates_[0].sum() > found.rates_[1].sum()
    best = fit(x, "poisson-product", 2, starts=4)
    table = standard_errors(best).table["standard_error"]
    names = [[f"rates[{k},x{j}]" for j in (1, 2, 3)] for k in (2, 1)]
    expected = [table[row].to_numpy() for row in names]
    np.testing.assert_allclose(found.standard_errors_["rates"], expected, rtol=1e-4)
    audited = found.audit(starts=3)
    assert audited.atlas.runs == 4
    assert audited.fitted.log_likelihood == pytest.approx(best.log_likelihood, abs=1e-6)


def test_a_comparison_is_of_all_columns(columns, monkeypatch):
    asked: dict[str, Any] = {}
    monkeypatch.setattr(mixture, "compare", lambda *given, **options: asked.update(options, data=given[0]))
    found = PoissonMixture(2, random_state=0).fit(columns)
    found.compare(draws=10)
    assert (asked["family"], asked["components"], asked["draws"]) == ("poisson-product", 2, 10)
    np.testing.assert_array_equal(asked["given"].components.rates, found.rates_)
    np.testing.assert_array_equal(asked["data"].values, columns)


def test_a_step_on_columns_is_the_textbooks(columns):
    start: dict[str, Any] = {"weights_init": [0.4, 0.6], "rates_init": [[1.0, 5.0, 0.2], [5.0, 1.0, 0.1]]}
    with pytest.warns(ConvergenceWarning):
        found = PoissonMixture(2, max_iter=1, **start).fit(columns)
    joint = np.array([stats.poisson.logpmf(columns, rates).sum(axis=1) for rates in start["rates_init"]]).T
    shares = special.softmax(joint + np.log(start["weights_init"]), axis=1)
    np.testing.assert_allclose(found.weights_, shares.mean(axis=0), rtol=1e-10)
    np.testing.assert_allclose(found.rates_, shares.T @ columns / shares.sum(axis=0)[:, None], rtol=1e-10)


@pytest.mark.parametrize("several", [False, True])
def test_a_weight_stands_for_that_many_rows(counts, columns, several):
    x = columns if several else counts
    start: dict[str, Any] = {"weights_init": [0.4, 0.6], "rates_init": x[[0, -1]] + 0.5}
    weights = np.random.default_rng(0).integers(0, 4, len(x))
    weighted = PoissonMixture(2, **start).fit(x, sample_weight=weights)
    repeated = PoissonMixture(2, **start).fit(np.repeat(x, weights, axis=0))
    np.testing.assert_allclose(weighted.rates_, repeated.rates_, rtol=1e-9)
    assert weighted.lower_bounds_ == pytest.approx(repeated.lower_bounds_, rel=1e-10)


def test_draws_follow_the_estimate(columns):
    found = PoissonMixture(2, random_state=0).fit(columns)
    rows, labels = found.sample(4000)
    for component in range(2):
        of_it = rows[labels == component]
        allowed = 5 * np.sqrt(found.rates_[component] / len(of_it)) + 1e-12
        assert (np.abs(of_it.mean(axis=0) - found.rates_[component]) < allowed).all()


def test_what_is_no_count_has_a_quasi_likelihood_and_no_standard_errors(counts):
    found = PoissonMixture(2, random_state=0).fit(counts + 0.5)
    assert np.isfinite(found.log_likelihood_)
    with pytest.raises(ValueError, match="whole numbers from 0 on"):
        _ = found.standard_errors_
    with pytest.raises(ValueError, match="Negative values in data passed to PoissonMixture"):
        found.fit(counts - 5)
