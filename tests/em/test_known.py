"""EM with labels that are known, against closed forms and a maximisation that knows nothing of EM."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import optimize, special, stats

from em import MStep, climb, e_step, explain, fit, standard_errors, textbook_climb
from em.textbook import textbook_e_step
from models import Data, Gaussian, Mixture, Model, Poisson, PoissonProduct
from tests.known import known as of_type

RNG = np.random.default_rng(5)
N = 150
LABELS = RNG.integers(0, 3, N)
NAMES = np.array(["c", "a", "b"], dtype=object)[LABELS]
SEEN = np.where(RNG.random(N) < 0.4, NAMES, "")
X = RNG.normal(np.array([2.0, 0.0, 3.5])[LABELS], 1.0)
EXPOSURE = RNG.uniform(0.5, 3, N)
COUNTS = RNG.poisson(np.array([3.0, 1.0, 6.0])[LABELS] * EXPOSURE)


def test_where_all_labels_are_known_the_estimate_is_each_group_s_own() -> None:
    x = np.column_stack([X, RNG.normal(size=N)])
    found = fit(x, "gaussian", 3, known=NAMES, starts=3)
    components = of_type(found.mixture.components, Gaussian)
    for j, name in enumerate("abc"):
        group = x[name == NAMES]
        assert found.mixture.weights[j] == pytest.approx(len(group) / N, rel=1e-12)
        np.testing.assert_allclose(components.means[j], group.mean(axis=0), rtol=1e-10)
        np.testing.assert_allclose(components.covariances[j], np.cov(group.T, ddof=0), rtol=1e-9)
    assert str(found.status) == "converged"
    # Nothing is unseen: the errors are those of each group by itself.
    errors = standard_errors(found).table["standard_error"]
    n, share = (NAMES == "a").sum(), (NAMES == "a").mean()
    assert errors["weights[1]"] == pytest.approx(np.sqrt(share * (1 - share) / N), rel=1e-6)
    assert errors["means[1,x1]"] == pytest.approx(x[NAMES == "a", 0].std() / np.sqrt(n), rel=1e-6)


def test_where_all_labels_are_known_a_rate_is_events_by_exposure() -> None:
    found = fit(COUNTS, "poisson", 3, known=NAMES, exposure=EXPOSURE, starts=2)
    expected = [COUNTS[name == NAMES].sum() / EXPOSURE[name == NAMES].sum() for name in "abc"]
    np.testing.assert_allclose(of_type(found.mixture.components, Poisson).rates, expected, rtol=1e-10)


def test_where_all_labels_are_known_rates_of_columns_are_means() -> None:
    x = np.column_stack([COUNTS, COUNTS[::-1]])
    found = fit(x, "poisson", 3, known=NAMES, starts=2)
    expected = [x[name == NAMES].mean(axis=0) for name in "abc"]
    np.testing.assert_allclose(of_type(found.mixture.components, PoissonProduct).rates, expected, rtol=1e-10)


def by_scipy(log_density: Any, start: np.ndarray) -> tuple[np.ndarray, float]:
    """The maximum of Σ log p over logarithms of ratios of weights and the rest, with nothing of the suite in it."""
    codes = np.array([{"a": 0, "b": 1, "c": 2}.get(name, -1) for name in SEEN])

    def loss(v: np.ndarray) -> float:
        joint = special.log_softmax(np.append(v[:2], 0.0)) + log_density(v[2:])
        of_rows = np.where(codes < 0, special.logsumexp(joint, axis=1), joint[np.arange(N), np.maximum(codes, 0)])
        return -float(of_rows.sum())

    found = optimize.minimize(loss, start, method="BFGS", options={"gtol": 1e-6})
    return np.asarray(found.x), -float(found.fun)


def test_normals_are_the_maximum_that_scipy_finds() -> None:
    found = fit(X, "gaussian", 3, known=SEEN, starts=10)

    def log_density(v: np.ndarray) -> np.ndarray:
        return np.asarray(stats.norm(v[:3], np.exp(v[3:])).logpdf(X[:, None]))

    at, height = by_scipy(log_density, np.concatenate([[0, 0], [0, 3.5, 2], np.zeros(3)]))
    assert found.log_likelihood == pytest.approx(height, abs=1e-7)
    components = of_type(found.mixture.components, Gaussian)
    # BFGS ends where the slope is below 1e-6: some 1e-6 from the maximum.
    np.testing.assert_allclose(components.means[:, 0], at[2:5], atol=1e-4)
    np.testing.assert_allclose(found.mixture.weights, special.softmax(np.append(at[:2], 0)), atol=1e-4)


def test_exposed_counts_are_the_maximum_that_scipy_finds_and_so_are_their_errors() -> None:
    found = fit(COUNTS, "poisson", 3, known=SEEN, exposure=EXPOSURE, starts=10)

    def log_density(v: np.ndarray) -> np.ndarray:
        return stats.poisson(np.exp(v) * EXPOSURE[:, None]).logpmf(COUNTS[:, None])

    at, height = by_scipy(log_density, np.concatenate([[0, 0], np.log([1, 6, 3])]))
    assert found.log_likelihood == pytest.approx(height, abs=1e-7)
    rates = of_type(found.mixture.components, Poisson).rates
    np.testing.assert_allclose(rates, np.exp(at[2:]), rtol=1e-4)
    codes = np.array([{"a": 0, "b": 1, "c": 2}.get(name, -1) for name in SEEN])

    def value(v: np.ndarray) -> float:
        joint = np.log(np.array([v[0], v[1], 1 - v[0] - v[1]])) + stats.poisson(v[2:] * EXPOSURE[:, None]).logpmf(
            COUNTS[:, None]
        )
        of_rows = np.where(codes < 0, special.logsumexp(joint, axis=1), joint[np.arange(N), np.maximum(codes, 0)])
        return float(of_rows.sum())

    centre, step = np.concatenate([found.mixture.weights[:2], rates]), 1e-3
    unit = step * np.eye(5)
    hessian = [
        [
            (value(centre + a + b) - value(centre + a - b) - value(centre - a + b) + value(centre - a - b))
            / 4
            / step**2
            for b in unit
        ]
        for a in unit
    ]
    expected = np.sqrt(np.diag(np.linalg.inv(-np.array(hessian))))
    errors = standard_errors(found).table["standard_error"]
    named = [errors["weights[1]"], errors["weights[2]"], *(errors[f"rates[{j}]"] for j in (1, 2, 3))]
    # Second differences with this step err by its square times a fourth derivative of a few hundred, relatively.
    np.testing.assert_allclose(named, expected, rtol=1e-3)


@pytest.mark.parametrize(
    ("family", "x", "exposure"),
    [("gaussian", X, None), ("poisson", COUNTS, EXPOSURE), ("poisson", np.column_stack([COUNTS, COUNTS]), None)],
)
def test_fused_e_step_is_the_textbook_one(family: str, x: np.ndarray, exposure: np.ndarray | None) -> None:
    data = Data.of(x, known=SEEN, exposure=exposure)
    model = Model.of(data, family, 3)
    mixture = model.prior(data).sample(np.random.default_rng(3))
    own, textbook = e_step(data, mixture), textbook_e_step(data, mixture)
    assert own.log_likelihood == pytest.approx(textbook.log_likelihood, rel=1e-12)
    np.testing.assert_allclose(own.statistics.counts, textbook.statistics.counts, rtol=1e-10)
    compressed = e_step(data.compress(), mixture)
    assert compressed.log_likelihood == pytest.approx(own.log_likelihood, rel=1e-12)


def test_em_climbs_as_the_textbook_does() -> None:
    data = Data.of(X, known=SEEN)
    model = Model.of(data, "gaussian", 3)
    start = Mixture(np.full(3, 1 / 3), Gaussian(np.array([[0.0], [3.0], [2.0]]), np.ones((3, 1, 1))))
    m_step = MStep(model, data)
    visited = textbook_climb(data, start, m_step, 20)
    own = climb(data, start, m_step, 1e-9, 20)
    np.testing.assert_allclose(own.log_likelihood[:20], [height for _, height in visited[:20]], rtol=1e-12)
    assert (np.diff(own.log_likelihood) >= -1e-9 * abs(own.log_likelihood[-1])).all()


def test_components_come_in_the_order_of_the_labels_and_others_ascend() -> None:
    x = np.concatenate([RNG.normal(m, 0.3, 40) for m in (9.0, 0.0, 6.0, 3.0)])
    known = np.array([None] * 160, dtype=object)
    known[:10], known[40:50] = "late", "early"
    found = fit(x, "gaussian", 4, known=known, starts=20)
    np.testing.assert_allclose(found.mixture.components.location(), [0, 9, 3, 6], atol=0.3)
    assert found.data.labels == ("early", "late")
    assert "component 1 is 'early' (10)" in repr(found)
    assert all(start.mixture.components.location()[1] > 6 for start in found.starts if str(start.status) == "converged")


def test_labels_decide_where_the_likelihood_alone_could_not() -> None:
    # Two groups that the data cannot tell apart, and a label for a few of each.
    found = fit(COUNTS, "poisson", 2, known=np.where(np.arange(N) < 30, "1", np.where(np.arange(N) < 60, "2", "")))
    assert found.mixture.weights.sum() == pytest.approx(1)
    assert found.data.fixed == (0, 1)


def test_a_given_start_may_have_its_components_in_any_order() -> None:
    means, ones = np.array([[0.0], [3.5], [2.0]]), np.ones((3, 1, 1))
    starts = [Mixture(np.full(3, 1 / 3), Gaussian(means[order], ones)) for order in ([0, 1, 2], [2, 0, 1])]
    found = [fit(X, "gaussian", 3, known=SEEN, start=start) for start in starts]
    np.testing.assert_allclose(
        found[0].mixture.components.location(), found[1].mixture.components.location(), rtol=1e-9
    )


def test_without_any_label_nothing_changes() -> None:
    plain, unknown = fit(X, "gaussian", 2, starts=5), fit(X, "gaussian", 2, starts=5, known=[None] * N)
    np.testing.assert_array_equal(plain.mixture.weights, unknown.mixture.weights)
    assert repr(plain) == repr(unknown)


def test_mistakes_are_not_looked_for_where_labels_are_known() -> None:
    data = Data.of(X, known=SEEN)
    model = Model.of(data, "gaussian", 3)
    with pytest.raises(ValueError, match="known does not apply to the search for classic mistakes"):
        explain(model.prior(data).sample(np.random.default_rng(0)), model, data)
